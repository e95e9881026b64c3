"""axi_address_hold and axi_quiet between a master and a memory."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/bus/axi_address_hold.v",
    "hdl/ethernet/axi_quiet.v",
    "hdl/sim/axi_monitor.v",
    "tests/rtl/bus/address_hold_harness.v",
]


@pytest.mark.parametrize("operations", [300, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_address_hold(operations: int) -> None:
    run_bench(
        "address_hold_harness",
        SOURCES,
        "bench_address_hold",
        # Python drives pins at the clock edge here: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(operations), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )
