"""`make peers`: a file to and from each peer over good and bad links; writes peers.json, prints a table."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench.peers.matrix import IMPAIRMENTS, PEERS, Result, combinations, payload, run
from models.network.lwip.library import why_not
from models.options import CARDS, DIRECTIONS

_DEFAULTS = {
    "PEERS": ",".join(PEERS),
    "DIRECTIONS": ",".join(DIRECTIONS),
    "CARDS": "model",
    "IMPAIRMENTS": ",".join(IMPAIRMENTS),
    "BYTES": "100000",
    "SEED": "1",
    "OUT": "out/peers",
}
_CHOICES = {"PEERS": PEERS, "DIRECTIONS": DIRECTIONS, "CARDS": CARDS, "IMPAIRMENTS": tuple(IMPAIRMENTS)}
MOST_BYTES = 1 << 30


def main(words: list[str]) -> int:
    """Exit code: 0, 1 when something did not arrive intact or a run failed, 2 for a bad option."""
    options = dict(_DEFAULTS)
    try:
        for word in words:
            name, found, value = word.partition("=")
            if not found or name not in options:
                raise ValueError(f"no option {word!r}; there are {', '.join(options)}")
            options[name] = value or options[name]
        chosen = {name: options[name].split(",") for name in _CHOICES}
        for name, choices in _CHOICES.items():
            for each in chosen[name]:
                if each not in choices:
                    raise ValueError(f"{name}={options[name]}: {each!r} is not one of {', '.join(choices)}")
        numbers = {name: _whole(name, options[name]) for name in ("BYTES", "SEED")}
        if numbers["BYTES"] > MOST_BYTES:
            raise ValueError(f"BYTES={options['BYTES']}: at most {MOST_BYTES}")
        if "lwip" in chosen["PEERS"] and (reason := why_not()):
            raise ValueError(f"PEERS={options['PEERS']}: lwip: {reason}")
        out = Path(options["OUT"]).resolve()
        out.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError) as wrong:
        print(f"make peers: {str(wrong).splitlines()[0]}", file=sys.stderr)
        return 2
    payload(out, numbers["BYTES"], numbers["SEED"])
    results: list[Result] = []
    for peer, direction, card, impairment in combinations(**{name.lower(): chosen[name] for name in _CHOICES}):
        result = run(out, peer, direction, card, impairment, numbers["SEED"])
        results.append(result)
        _write(out, results)
        print(f"{peer} {direction} {card} {impairment}: {result.verdict}", flush=True)
    _show(results)
    failed = [each for each in results if each.failure or not each.intact]
    for each in failed:
        where = f"{each.peer} {each.direction} {each.card} {each.impairment}"
        print(f"make peers: {where}: {each.verdict}", file=sys.stderr)
    return 1 if failed else 0


def _whole(name: str, text: str) -> int:
    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value < 2**63:
        raise ValueError(f"{name}={text[:40]}: must be a whole number, 0 or more")
    return value


def _write(out: Path, results: list[Result]) -> None:
    (out / "peers.json").write_text(json.dumps([dataclasses.asdict(each) for each in results], indent=1) + "\n")


def _show(results: list[Result]) -> None:
    table = Table("peer", "direction", "card", "link", "bytes", "intact", "Mbit/s", "sent again", box=box.SIMPLE)
    for each in results:
        table.add_row(
            each.peer, each.direction, each.card, each.impairment, f"{each.bytes:,}", "yes" if each.intact else "NO",
            f"{each.goodput_mbps:.1f}", str(each.retransmissions),
        )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("make peers: interrupted", file=sys.stderr)
        sys.exit(130)
