"""card_memory: every kind of access against a copy."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/memory/card_memory.v",
    "hdl/sim/stall.v",
    "hdl/sim/axi_stall.v",
    "hdl/sim/axi_monitor.v",
    "tests/rtl/memory/memory_harness.v",
]


@pytest.mark.parametrize("operations", [600, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_card_memory(operations: int) -> None:
    run_bench(
        "memory_harness",
        SOURCES,
        "bench_memory",
        # Python drives pins at the clock edge here: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(operations), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )
