"""The card's interconnect between masters and slaves that a bench plays."""

from pathlib import Path

import pytest

from tests.rtl.runner import ROOT, run_bench

SOURCES = [
    *sorted(path.relative_to(ROOT) for path in (ROOT / "hdl" / "bus").glob("*.v")),
    *(
        f"hdl/sim/{name}.v"
        for name in ("stall", "axi_stall", "axi_monitor", "axil_monitor", "interconnect_monitors", "grant_recorder")
    ),
    *(f"tests/rtl/bus/{name}_port.v" for name in ("axi_master", "axi_slave", "axil_slave")),
    "tests/rtl/bus/interconnect_harness.v",
]


@pytest.mark.parametrize("operations", [600, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_interconnect(operations: int, tmp_path: Path) -> None:
    log = tmp_path / "grants.txt"
    run_bench(
        "interconnect_harness",
        SOURCES,
        "bench_interconnect",
        defines={"INTERCONNECT": "dut"},
        plusargs=[f"+grants={log}"],
        # Python drives pins at the clock edge here: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(operations), "GRANTS": str(log), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )
