"""`make peers`: a file to and from each peer over good and bad links, and HL-TCP measured beside Linux; peers.json."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.peers import contest
from bench.peers.matrix import IMPAIRMENTS, PEERS, Result, combinations, payload, run
from models.network import availability
from models.network.linux.guest_process import GuestError
from models.options import CARDS, DIRECTIONS

EXPERIMENTS = ("transfer", "line_rate", "loss", "fairness")
_DEFAULTS = {
    "EXPERIMENTS": ",".join(EXPERIMENTS),
    "PEERS": ",".join(PEERS),
    "DIRECTIONS": ",".join(DIRECTIONS),
    "CARDS": "model",
    "IMPAIRMENTS": ",".join(IMPAIRMENTS),
    "BYTES": "100000",
    "SEED": "1",
    "SEEDS": "10",
    "OUT": "out/peers",
}
_CHOICES = {
    "EXPERIMENTS": EXPERIMENTS,
    "PEERS": PEERS,
    "DIRECTIONS": DIRECTIONS,
    "CARDS": CARDS,
    "IMPAIRMENTS": tuple(IMPAIRMENTS),
}
MOST_BYTES = 1 << 30
LOSS_BYTES = 8_000_000
"""Payload of one run over a lossy path: 5,500 segments."""
ROUND_TRIPS_MS = (1.0, 10.0)


class _Unfit(ValueError):
    """An option that cannot be taken; one line."""


def main(words: list[str]) -> int:
    """Exit code: 0, 1 when something did not arrive intact or a run failed, 2 for a bad option."""
    try:
        chosen, numbers, out = _options(words)
    except (ValueError, OSError) as wrong:
        print(f"make peers: {str(wrong).splitlines()[0]}", file=sys.stderr)
        return 2
    rows: list[Any] = []

    def keep(row: Any, text: str) -> None:
        rows.append(row)
        (out / "peers.json").write_text(json.dumps([dataclasses.asdict(each) for each in rows], indent=1) + "\n")
        print(text, flush=True)

    if "transfer" in chosen["EXPERIMENTS"]:
        payload(out, numbers["BYTES"], numbers["SEED"])
        names = ("peers", "directions", "cards", "impairments")
        for cell in combinations(**{name: chosen[name.upper()] for name in names}):
            result = run(out, *cell, numbers["SEED"])
            keep(result, f"{' '.join(cell)}: {result.verdict}")
    broken = ""
    try:
        for row in _beside_linux(chosen["EXPERIMENTS"], out, numbers["SEED"], numbers["SEEDS"]):
            keep(row, _words(row))
    except (GuestError, OSError) as wrong:
        broken = str(wrong).splitlines()[0] if str(wrong) else type(wrong).__name__
    transfers = [each for each in rows if isinstance(each, Result)]
    if transfers:
        _show(transfers)
    _show_means([each for each in rows if isinstance(each, contest.Lossy)])
    failed = [each for each in transfers if each.failure or not each.intact]
    for each in failed:
        where = f"{each.peer} {each.direction} {each.card} {each.impairment}"
        print(f"make peers: {where}: {each.verdict}", file=sys.stderr)
    if broken:
        print(f"make peers: beside Linux: {broken}", file=sys.stderr)
    return 1 if failed or broken else 0


def _options(words: list[str]) -> tuple[dict[str, list[str]], dict[str, int], Path]:
    """Choices, numbers and the folder. Raises _Unfit, OSError."""
    options = dict(_DEFAULTS)
    for word in words:
        name, found, value = word.partition("=")
        if not found or name not in options:
            raise _Unfit(f"no option {word!r}; there are {', '.join(options)}")
        options[name] = value or options[name]
    chosen = {name: options[name].split(",") for name in _CHOICES}
    for name, choices in _CHOICES.items():
        for each in chosen[name]:
            if each not in choices:
                raise _Unfit(f"{name}={options[name]}: {each!r} is not one of {', '.join(choices)}")
    numbers = {name: _whole(name, options[name]) for name in ("BYTES", "SEED", "SEEDS")}
    if numbers["BYTES"] > MOST_BYTES:
        raise _Unfit(f"BYTES={options['BYTES']}: at most {MOST_BYTES}")
    for peer in [each for each in chosen["PEERS"] if (availability.why_not(each))]:
        if options["PEERS"] != _DEFAULTS["PEERS"]:
            raise _Unfit(f"PEERS={options['PEERS']}: {peer}: {availability.why_not(peer)}")
        print(f"make peers: without {peer}: {availability.why_not(peer)}", flush=True)
        chosen["PEERS"].remove(peer)
    beside = [each for each in chosen["EXPERIMENTS"] if each != "transfer"]
    if beside and (reason := availability.why_not("linux")):
        if options["EXPERIMENTS"] != _DEFAULTS["EXPERIMENTS"]:
            raise _Unfit(f"EXPERIMENTS={options['EXPERIMENTS']}: {beside[0]}: {reason}")
        print(f"make peers: without {', '.join(beside)}: {reason}", flush=True)
        chosen["EXPERIMENTS"] = ["transfer"]
    out = Path(options["OUT"]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    return chosen, numbers, out


def _beside_linux(experiments: list[str], out: Path, seed: int, seeds: int) -> Iterator[Any]:
    if "line_rate" in experiments:
        for direction in ("send", "receive"):
            for round_trip_ms in (0.1, *ROUND_TRIPS_MS):
                yield contest.line_rate(out, direction, round_trip_ms, seed)
    if "loss" in experiments:
        for loss in contest.LOSSES:
            for number in range(seeds):
                for stack in contest.STACKS:
                    yield contest.lossy(out, stack, loss, seed + number, LOSS_BYTES)
    if "fairness" in experiments:
        for round_trip_ms in ROUND_TRIPS_MS:
            yield contest.fairness(out, round_trip_ms, seed)


def _words(row: Any) -> str:
    match row:
        case contest.LineRate():
            return f"line rate, {row.direction}, round trip {row.round_trip_ms:g} ms: {row.goodput_mbps:.2f} Mb/s"
        case contest.Lossy():
            return f"loss of {row.loss:.1%}, {row.sender} sends, seed {row.seed}: {row.goodput_mbps:.2f} Mb/s"
        case _:
            shares = f"HL-TCP {row.hl_tcp_mbps:.2f}, Linux {row.linux_mbps:.2f} Mb/s, Jain {row.jain:.3f}"
            return f"fairness, round trip {row.round_trip_ms:g} ms: {shares}"


def _whole(name: str, text: str) -> int:
    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value < 2**63:
        raise _Unfit(f"{name}={text[:40]}: must be a whole number, 0 or more")
    return value


def _show(results: list[Result]) -> None:
    table = Table("peer", "direction", "card", "link", "bytes", "intact", "Mbit/s", "sent again", box=box.SIMPLE)
    for each in results:
        table.add_row(
            each.peer, each.direction, each.card, each.impairment, f"{each.bytes:,}", "yes" if each.intact else "NO",
            f"{each.goodput_mbps:.1f}", str(each.retransmissions),
        )  # fmt: skip
    Console().print(table)


def _show_means(results: list[contest.Lossy]) -> None:
    if not results:
        return
    table = Table("frames lost", "HL-TCP sends, Mbit/s", "Linux sends, Mbit/s", box=box.SIMPLE)
    for loss, mean in contest.means(results):
        table.add_row(f"{loss:.1%}", f"{mean['hl_tcp']:.2f}", f"{mean['linux']:.2f}")
    Console().print(table)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("make peers: interrupted", file=sys.stderr)
        sys.exit(130)
