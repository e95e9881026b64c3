"""axi_to_axil and axil_decoder in a row, as between the firmware and the card's registers."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/bus/axi_to_axil.v",
    "hdl/bus/axil_decoder.v",
    "hdl/sim/stall.v",
    "hdl/sim/axi_stall.v",
    "hdl/sim/axi_monitor.v",
    "hdl/sim/axil_monitor.v",
    "tests/rtl/bus/axil_register_file.v",
    "tests/rtl/bus/register_path_harness.v",
]


@pytest.mark.parametrize("operations", [900, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_register_path(operations: int) -> None:
    run_bench(
        "register_path_harness",
        SOURCES,
        "bench_register_path",
        # Python drives pins at the clock edge here: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(operations), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )
