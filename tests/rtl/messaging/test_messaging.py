"""messaging_unit against a reference of its registers and queues."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/lib/sync_fifo.v",
    "hdl/messaging/messaging_queue_pointers.v",
    "hdl/messaging/messaging_queues.v",
    "hdl/messaging/messaging_unit.v",
    "hdl/sim/stall.v",
    "hdl/sim/axi_stall.v",
    "hdl/sim/axi_monitor.v",
    "hdl/sim/axil_monitor.v",
    "tests/rtl/messaging/messaging_harness.v",
]


@pytest.mark.parametrize(
    ("seed", "operations"),
    [(0, 400), (1, 400), pytest.param(2, 10_000, marks=pytest.mark.nightly)],
    indirect=["seed"],
)
def test_messaging_unit(seed: int, operations: int) -> None:
    run_bench(
        "messaging_harness",
        SOURCES,
        "bench_messaging",
        seed=seed,
        # Python drives pins at the clock edge here: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(operations), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )
