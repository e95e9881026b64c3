"""axil_select between two masters and a slave."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/bus/axil_select.v",
    "hdl/sim/stall.v",
    "hdl/sim/axil_monitor.v",
    "tests/rtl/bus/axil_master_port.v",
    "tests/rtl/bus/axil_slave_port.v",
    "tests/rtl/bus/axil_select_harness.v",
]


@pytest.mark.parametrize("operations", [1000, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_axil_select(operations: int) -> None:
    run_bench(
        "axil_select_harness",
        SOURCES,
        "bench_axil_select",
        # Python drives pins at the clock edge here: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(operations), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )
