"""A file of any size crosses the card in each direction and arrives intact, as `make sim` carries it."""

import hashlib
import json
import os
import random
import re
from pathlib import Path

import pytest

from models.observation import dissect
from models.options import request_from
from models.runner import run_scenario
from tests.system.on_card import ROOT

KEYS = {
    "scenario", "seed", "card", "file_bytes", "sha256_sent", "sha256_received", "simulated_ns", "goodput_mbps",
    "frames_sent", "frames_received", "retransmissions", "host_cpu_percent", "bus_beats", "dropped",
}  # fmt: skip
"""What summary.json holds at least."""
DIRECTIONS = ("send", "receive", "echo")


@pytest.mark.parametrize("size", [0, 1, 1460, 1461, 7000])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_file_arrives_intact(direction: str, size: int, seed: int, tmp_path: Path) -> None:
    carry(direction, size, seed, tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_file_of_one_mebibyte_arrives_intact(direction: str, seed: int, tmp_path: Path) -> None:
    carry(direction, 1 << 20, seed, tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_file_that_ships_with_the_project_arrives_intact_over_a_bad_link(direction: str, seed: int) -> None:
    request = request_from([f"DIRECTION={direction}", "LOSS=0.02", f"SEED={seed}", *words(f"shipped-{direction}")])
    result = run_scenario(request, lambda done, total, note: None)
    assert result.summary["sha256_sent"] == result.summary["sha256_received"]
    assert dissect.problems(result.out / "wire.pcapng") == []


def words(name: str) -> list[str]:
    out = ROOT / "out" / "test" / re.sub(r"[^\w.-]+", "_", f"file_transfer-{name}")
    return [f"OUT={out}", f"WAVES={os.environ.get('WAVES') or '0'}", f"CARD={os.environ.get('CARD') or 'icarus'}"]


def carry(direction: str, size: int, seed: int, folder: Path) -> None:
    data = random.Random(f"{seed} {size}").randbytes(size)
    file = folder / "file.bin"
    file.write_bytes(data)
    request = request_from([f"FILE={file}", f"DIRECTION={direction}", f"SEED={seed}", *words(f"{direction}-{size}")])
    progress: list[tuple[int, int, str]] = []
    result = run_scenario(request, lambda *news: progress.append(news))

    summary = json.loads((result.out / "summary.json").read_text())
    assert summary == result.summary
    assert summary.keys() >= KEYS
    assert (summary["scenario"], summary["seed"], summary["card"]) == ("file_transfer", seed, request.settings.card)
    assert summary["file_bytes"] == size
    assert summary["sha256_sent"] == summary["sha256_received"] == hashlib.sha256(data).hexdigest()
    assert (result.out / "received.bin").read_bytes() == data
    assert summary["retransmissions"] == 0
    assert not any(summary["dropped"].values()), summary["dropped"]

    carried = size * (2 if direction == "echo" else 1)
    assert not size or progress[-1][:2] == (carried, carried)
    beats = -(-size // 8)  # the host bus is 64 bits wide; what pages or segments cut takes more
    assert bool(summary["bus_beats"]["ethernet_data"]) == (size > 0 and direction != "receive")
    assert summary["bus_beats"]["dma_controller"] >= beats * (2 if direction == "echo" else 1)
    assert dissect.transmitted_frames(result.out / "wire.pcapng") == 2 * summary["frames_sent"] > 0
    assert dissect.problems(result.out / "wire.pcapng") == []
    assert json.loads((result.out / "timeline.json").read_text())
