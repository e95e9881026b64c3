"""Reads the record of bursts granted on the bus arbiter, counts with it, and draws it on the timeline.

The simulation writes one line a granted burst: request_ps grant_ps last_beat_ps master R|W address_hex beats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.observation.timeline import Timeline

# Masters of the bus arbiter by their number (docs/architecture.md).
MASTERS = ("Ethernet data", "Ethernet descriptors", "DMA controller", "firmware")


class BusLogError(ValueError):
    """A line of the log that is not a grant."""


@dataclass(frozen=True)
class Grant:
    """One burst: when it was asked for, granted and finished (ps), who, which way, where, how many beats."""

    request_ps: int
    grant_ps: int
    last_beat_ps: int
    master: int
    write: bool
    address: int
    beats: int

    @property
    def wait_ps(self) -> int:
        return self.grant_ps - self.request_ps


def parse_grant(line: str) -> Grant:
    """Raises BusLogError."""
    words = line.split()
    if len(words) != 7 or words[4] not in ("R", "W"):
        raise BusLogError(f"not a grant: {line.strip()!r}")
    try:
        times = [int(word) for word in words[:3]]
        grant = Grant(times[0], times[1], times[2], int(words[3]), words[4] == "W", int(words[5], 16), int(words[6]))
    except ValueError:
        raise BusLogError(f"not a grant: {line.strip()!r}") from None
    if not grant.request_ps <= grant.grant_ps <= grant.last_beat_ps or grant.beats < 1:
        raise BusLogError(f"impossible grant: {line.strip()!r}")
    return grant


def read_bus_log(path: Path | str) -> Iterator[Grant]:
    """The grants of a log in the file's order. Raises BusLogError naming the line."""
    with open(path, encoding="ascii", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield parse_grant(line)
            except BusLogError as error:
                raise BusLogError(f"{path}:{number}: {error}") from None


def master_name(master: int) -> str:
    return MASTERS[master] if 0 <= master < len(MASTERS) else f"master {master}"


def beats_per_master(grants: Iterable[Grant]) -> dict[str, int]:
    """Data beats by master, every known master included."""
    beats = dict.fromkeys(MASTERS, 0)
    for grant in grants:
        name = master_name(grant.master)
        beats[name] = beats.get(name, 0) + grant.beats
    return beats


def longest_run_while_other_waits(grants: Sequence[Grant], master: int, other: int) -> int:
    """Most bursts that `master` got in succession while `other` had been asking; 1 under round robin.

    `other` counts as asking when a burst of it was requested before that moment and granted after it. Give grants of
    one direction only when reads and writes are arbitrated apart.
    """
    ordered = sorted(grants, key=lambda g: g.grant_ps)
    waiting = [(g.request_ps, g.grant_ps) for g in ordered if g.master == other]
    longest = run = index = 0
    for grant in ordered:
        if grant.master == other:
            run = 0
        elif grant.master == master:
            while index < len(waiting) and waiting[index][1] <= grant.grant_ps:
                index += 1
            asked = index < len(waiting) and waiting[index][0] < grant.grant_ps
            run = run + 1 if asked else 0
            longest = max(longest, run)
    return longest


def draw(grants: Iterable[Grant], timeline: Timeline) -> None:
    """Puts each burst on the timeline's bus tracks, one a master, and the time it waited on a track beside it."""
    for grant in grants:
        name = master_name(grant.master)
        label = f"{'write' if grant.write else 'read'} {grant.beats} beats"
        timeline.track("bus", name).span(
            label, grant.grant_ps, grant.last_beat_ps, address=f"{grant.address:#018x}", beats=grant.beats
        )
        if grant.wait_ps:
            timeline.track("bus", f"{name}: waiting").span("waiting", grant.request_ps, grant.grant_ps)
