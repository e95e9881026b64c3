"""axi_decoder, axi_arbiter and the bus log under random traffic."""

from pathlib import Path

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/bus/axi_decoder.v",
    "hdl/bus/axi_arbiter.v",
    "hdl/memory/card_memory.v",
    "hdl/sim/stall.v",
    "hdl/sim/axi_stall.v",
    "hdl/sim/axi_monitor.v",
    "hdl/sim/grant_recorder.v",
    "tests/rtl/bus/traffic_master.v",
    "tests/rtl/bus/bus_harness.v",
]


@pytest.mark.parametrize(("masters", "outstanding", "hold"), [(4, 8, 1), (3, 1, 1), (2, 32, 2)])
def test_bus(masters: int, outstanding: int, hold: int, tmp_path: Path) -> None:
    log = tmp_path / "grants.txt"
    run_bench(
        "bus_harness",
        SOURCES,
        "bench_bus",
        parameters={"MASTERS": masters, "OUTSTANDING": outstanding, "HOLD_BURSTS": hold},
        plusargs=[f"+grants={log}"],
        environment={"MASTERS": str(masters), "HOLD_BURSTS": str(hold), "GRANTS": str(log)},
    )
