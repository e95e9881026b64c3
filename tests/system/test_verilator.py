"""Icarus and Verilator agree on everything: frames, registers' effects, bus grants, and simulated time to the clock."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.runner import run_scenario
from models.settings import BenchSettings, RunRequest
from tests.system.on_card import ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("g++") is None, reason="g++ is not installed: `make sim CARD=verilator` or apt-get install g++"
)

RECORDS = ("wire.pcapng", "timeline.json", "bus_grants.txt", "received.bin")


def transfer(card: str, file: Path, direction: str, out: str, waves: str = "0", **settings: Any) -> RunRequest:
    return RunRequest(
        module="models.scenarios.file_transfer",
        function="file_transfer",
        name="file_transfer",
        out=str(ROOT / "out" / "test" / "verilator" / out / card),
        settings=BenchSettings(card=card, **settings),
        options={"file": str(file), "direction": direction},
        waves=waves,
    )


def compare(folder: Path, name: str, size: int, direction: str, seed: int, **settings: Any) -> None:
    """Run the same transfer on both; every record must be the same byte by byte."""
    file = folder / "file.bin"
    file.write_bytes(random.Random(f"{seed} {size}").randbytes(size))
    runs = [
        run_scenario(transfer(card, file, direction, name, seed=seed, **settings)) for card in ("icarus", "verilator")
    ]
    icarus, verilator = (json.loads((run.out / "summary.json").read_text()) for run in runs)
    assert (icarus.pop("card"), verilator.pop("card")) == ("icarus", "verilator")
    assert icarus == verilator
    for record in RECORDS:
        one, other = ((run.out / record).read_bytes() for run in runs)
        assert one == other, f"{record} differs, see {runs[0].out.parent}"


@pytest.mark.parametrize("pins", ["transactor", pytest.param("cocotbext", marks=pytest.mark.nightly)])
@pytest.mark.parametrize("loss", [0.0, 0.05])
@pytest.mark.parametrize("direction", ["send", "receive", "echo"])
def test_both_simulators_leave_the_same_records(
    direction: str, loss: float, pins: str, seed: int, tmp_path: Path
) -> None:
    size = 12_000 if pins == "cocotbext" else 30_000
    compare(tmp_path, f"{direction}-{loss}-{pins}", size, direction, seed, loss=loss, pins=pins)


@pytest.mark.parametrize("size", [0, 1, 1461])
def test_both_simulators_leave_the_same_records_of_small_files(size: int, seed: int, tmp_path: Path) -> None:
    compare(tmp_path, f"echo-{size}", size, "echo", seed)


@pytest.mark.parametrize("phase_ps", [1002, 6998])
def test_clock_offset_and_phase_of_the_wire_are_the_same(phase_ps: int, seed: int, tmp_path: Path) -> None:
    compare(tmp_path, f"phase-{phase_ps}", 5_000, "echo", seed, gmii_rx_ppm=50, gmii_rx_phase_ps=phase_ps)


def test_clocks_that_never_stop_change_nothing(seed: int, tmp_path: Path) -> None:
    compare(tmp_path, "never-stop", 3_000, "echo", seed, clocks_never_stop=True)


@pytest.mark.nightly
@pytest.mark.parametrize("direction", ["send", "receive", "echo"])
def test_both_simulators_leave_the_same_records_of_a_long_transfer(
    direction: str, seed: int, tmp_path: Path
) -> None:
    compare(tmp_path, f"long-{direction}", 400_000, direction, seed, loss=0.01)
