"""axi_decoder, axi_arbiter and the bus log under random traffic."""

from pathlib import Path

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/bus/axi_decoder.v",
    "hdl/bus/axi_arbiter.v",
    "hdl/bus/axi_burst_limiter.v",
    "hdl/memory/card_memory.v",
    "hdl/sim/stall.v",
    "hdl/sim/axi_stall.v",
    "hdl/sim/axi_monitor.v",
    "hdl/sim/grant_recorder.v",
    "tests/rtl/bus/traffic_master.v",
    "tests/rtl/bus/bus_harness.v",
]


def run(tmp_path: Path, bursts: int, **parameters: int) -> None:
    log = tmp_path / "grants.txt"
    settings = {"MASTERS": 4, "OUTSTANDING": 8, "HOLD_BURSTS": 1, "HOLD_CLOCKS": 0, "LIMIT": 64, **parameters}
    run_bench(
        "bus_harness",
        SOURCES,
        "bench_bus",
        parameters=settings,
        plusargs=[f"+grants={log}"],
        environment={name: str(value) for name, value in {**settings, "BURSTS": bursts, "GRANTS": log}.items()},
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"HOLD_BURSTS": 8, "HOLD_CLOCKS": 40, "LIMIT": 8},
        pytest.param({"MASTERS": 3, "OUTSTANDING": 1, "LIMIT": 16}, marks=pytest.mark.nightly),
        pytest.param({"MASTERS": 2, "OUTSTANDING": 32, "HOLD_BURSTS": 2}, marks=pytest.mark.nightly),
    ],
    ids=lambda parameters: "-".join(f"{name}_{value}" for name, value in parameters.items()) or "as_in_the_card",
)
def test_bus(parameters: dict[str, int], tmp_path: Path) -> None:
    run(tmp_path, 60, **parameters)


@pytest.mark.nightly
@pytest.mark.parametrize("masters", [6, 4])
def test_bus_with_ten_thousand_bursts(masters: int, tmp_path: Path) -> None:
    run(tmp_path, 1400 if masters == 4 else 900, MASTERS=masters, LIMIT=16)
