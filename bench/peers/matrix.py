"""One cell of the matrix of peers: a file crosses the card to or from a peer, over a link with one impairment."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.network.peer_names import PEERS as PEERS  # the command line offers the same
from models.network.peer_names import REPLAY
from models.observation import dissect
from models.rtl.simulator import SimulatorError
from models.runner import ScenarioFailed, run_scenario
from models.settings import BenchSettings, RunRequest

IMPAIRMENTS: dict[str, dict[str, float]] = {
    "none": {},
    "loss": {"loss": 0.03},
    "reorder": {"reordering": 0.03},
    "duplication": {"duplication": 0.03},
}
"""Probabilities for each frame, in each direction (fields of BenchSettings)."""
CLK_CYCLE_LIMIT = 500_000_000
"""8 s with running clocks: an RTL run that hangs ends."""


@dataclass(frozen=True)
class Result:
    """What came of it; `retransmissions` are the card's."""

    peer: str
    card: str
    direction: str
    impairment: str
    bytes: int
    intact: bool
    goodput_mbps: float
    retransmissions: int
    seed: int
    failure: str = field(default="")
    """One line when the run did not come to its end, or had something wrong in it; else empty."""
    experiment: str = "transfer"

    @property
    def verdict(self) -> str:
        return self.failure or ("intact" if self.intact else "not intact")


def combinations(
    peers: Sequence[str], directions: Sequence[str], cards: Sequence[str], impairments: Sequence[str]
) -> Iterator[tuple[str, str, str, str]]:
    """(peer, direction, card, impairment), all of them."""
    for card in cards:
        for peer in peers:
            for direction in directions:
                for impairment in impairments:
                    yield peer, direction, card, impairment


def payload(out: Path, size: int, seed: int) -> Path:
    """The file that is carried."""
    path = out / "payload.bin"
    path.write_bytes(random.Random(f"peers {seed}").randbytes(size))
    return path


def run(out: Path, peer: str, direction: str, card: str, impairment: str, seed: int) -> Result:
    """A replay plays what the simulated peer did on the functional model with this impairment."""
    size = (out / "payload.bin").stat().st_size
    folder = out / f"{peer}-{direction}-{card}-{impairment}"
    impaired = IMPAIRMENTS[impairment]
    try:
        if peer == "replay":
            recorded = folder / "recorded"
            _carry(out, recorded, direction, BenchSettings(card="model", seed=seed, **impaired))
            replay = f"{REPLAY}{recorded / 'wire.pcapng'}"
            settings = BenchSettings(card=card, seed=seed, peer=replay, delay_us=0, clk_cycle_limit=CLK_CYCLE_LIMIT)
            summary = _carry(out, folder, direction, settings)
        else:
            settings = BenchSettings(card=card, seed=seed, peer=peer, clk_cycle_limit=CLK_CYCLE_LIMIT, **impaired)
            summary = _carry(out, folder, direction, settings)
    except (ScenarioFailed, SimulatorError) as failure:
        text = (str(failure).splitlines() or ["no reason given"])[0]
        return Result(peer, card, direction, impairment, size, False, 0.0, 0, seed, text)
    failure = _wrong(folder, summary, card == "model")
    return Result(
        peer=peer,
        card=card,
        direction=direction,
        impairment=impairment,
        bytes=size,
        intact=summary["sha256_sent"] == summary["sha256_received"],
        goodput_mbps=summary["goodput_mbps"],
        retransmissions=summary["retransmissions"],
        seed=seed,
        failure=failure,
    )


def _carry(out: Path, folder: Path, direction: str, settings: BenchSettings) -> dict:
    request = RunRequest(
        module="models.scenarios.file_transfer",
        function="file_transfer",
        name="file_transfer",
        out=str(folder),
        settings=settings,
        options={"file": str(out / "payload.bin"), "direction": direction},
    )
    return run_scenario(request).summary


def _wrong(folder: Path, summary: dict, same_card: bool) -> str:
    """What must not be, whatever the peer: frames that no dissector accepts, or whose checksum the peer found wrong."""
    bad = {name: count for name, count in summary["dropped"].items() if name.endswith("_checksum") and count}
    if bad:
        return f"the card sent wrong checksums: {bad}"
    found = dissect.problems(folder / "wire.pcapng")
    if found:
        return f"the card sent: {found[0]}"
    if same_card and summary.get("replay_differences"):  # another card acknowledges at other times
        return f"{summary['replay_differences']} differences from the recording ({folder / 'replay.txt'})"
    return ""
