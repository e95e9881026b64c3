"""A run depends on its seed and on nothing else, least of all on whether idle clocks are stopped."""

from __future__ import annotations

import json

import pytest

from models.runner import RunResult
from models.scenarios.file_transfer import file_transfer
from tests.system.on_card import ROOT, run

SAME = ("summary.json", "wire.pcapng", "timeline.json")
"""What has the same bytes whenever a run is repeated."""
FILE = ROOT / "docs" / "pictures" / "three-ports.png"


@pytest.fixture
def file(tmp_path) -> str:
    path = tmp_path / "file.png"
    path.write_bytes(FILE.read_bytes()[:16000])
    return str(path)


def carry(name: str, file: str, seed: int, direction: str = "send", **settings: object) -> dict[str, bytes]:
    result: RunResult = run(file_transfer, name, {"file": file, "direction": direction}, seed, **settings)
    assert result.summary["sha256_sent"] == result.summary["sha256_received"]
    return {name: (result.out / name).read_bytes() for name in (*SAME, "bus_grants.txt")}


def test_the_same_seed_gives_the_same_bytes_and_another_one_differs_and_still_delivers(file: str, seed: int) -> None:
    settings = {"loss": 0.02, "delay_us": 20}
    first, again = (carry("same-seed", file, seed, **settings) for _ in range(2))
    for name in SAME:
        assert first[name] == again[name], f"{name} differs from run to run"
    other = carry("other-seed", file, seed + 1, **settings)
    for name in SAME:
        assert first[name] != other[name], f"{name} does not depend on the seed"


def test_clocks_that_never_stop_change_nothing(file: str, seed: int) -> None:
    """A link with pauses in which nothing is under way on the card."""
    stopped, running = (
        carry("clocks", file, seed, delay_us=40, clocks_never_stop=never_stop)
        for never_stop in (False, True)
    )
    assert json.loads(stopped["summary.json"]) == json.loads(running["summary.json"])
    assert stopped == running
