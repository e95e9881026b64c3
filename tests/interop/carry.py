"""A file of random bytes to or from a peer, as `make sim` carries it, and what must hold whatever the peer is."""

from __future__ import annotations

import dataclasses
import random
import re
from pathlib import Path
from typing import Any

import pytest

from models.network.availability import why_not
from models.observation import dissect
from models.observation.capture import Capture, CapturedFrame, Direction, read_capture
from models.runner import RunResult, run_scenario
from models.settings import BenchSettings, RunRequest
from tests.system.on_card import ROOT

needs_lwip = pytest.mark.skipif(why_not("lwip") is not None, reason=f"lwIP: {why_not('lwip')}")
"""Set-up installs it where it may."""
needs_linux = pytest.mark.skipif(why_not("linux") is not None, reason=f"Linux peer: {why_not('linux')}")
"""`make linux-peer` builds it."""
DIRECTIONS = ("send", "receive", "echo")
IMPAIRED = {"loss": {"loss": 0.05}, "reorder": {"reordering": 0.05}, "duplication": {"duplication": 0.05}}


def carry(
    name: str, direction: str, size: int, seed: int, captures: bool = True, file: Path | None = None, **settings: Any
) -> RunResult:
    """Run it; what arrived is what was sent, and every frame of the card pleases an independent dissector."""
    out = ROOT / "out" / "test" / re.sub(r"[^\w.-]+", "_", f"interop-{name}")
    out.mkdir(parents=True, exist_ok=True)
    if file is None:
        file = out / "file.bin"
        file.write_bytes(random.Random(f"{seed} {size}").randbytes(size))
    request = RunRequest(
        module="models.scenarios.file_transfer",
        function="file_transfer",
        name="file_transfer",
        out=str(out),
        settings=dataclasses.replace(BenchSettings(card="model", seed=seed, clk_cycle_limit=200_000_000), **settings),
        options={"file": str(file), "direction": direction},
        captures=captures,
    )
    result = run_scenario(request)
    summary = result.summary
    assert summary["file_bytes"] == file.stat().st_size
    assert summary["sha256_sent"] == summary["sha256_received"]
    assert not {cause: count for cause, count in summary["dropped"].items() if cause.endswith("_checksum") and count}
    if captures:
        assert dissect.transmitted_frames(out / "wire.pcapng") > 0
        assert dissect.problems(out / "wire.pcapng") == []
    return result


def frames(result: RunResult) -> list[CapturedFrame]:
    return list(read_capture(result.out / "wire.pcapng"))


def as_seen_by_the_peer(result: RunResult) -> Path:
    """The capture with the directions the other way round: what the peer sent is what was transmitted."""
    swapped = {Direction.INBOUND: Direction.OUTBOUND, Direction.OUTBOUND: Direction.INBOUND}
    path = result.out / "wire-peer.pcapng"
    captured = frames(result)
    with Capture(path, list(dict.fromkeys(each.interface for each in captured))) as capture:
        places = {each: place for place, each in enumerate(dict.fromkeys(each.interface for each in captured))}
        for each in captured:
            capture.write(places[each.interface], each.time_ps, each.data, swapped[each.direction], each.comment)
    return path
