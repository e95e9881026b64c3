"""Keeps the grants of the bus arbiter, compactly, and writes them in the form of models/observation/bus_log.py."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

from models.observation.bus_log import Grant

_WORDS = 6


class GrantLog:
    """Six 64-bit words a grant."""

    def __init__(self) -> None:
        self._words = array("Q")

    def __len__(self) -> int:
        return len(self._words) // _WORDS

    def add(self, request_ps: int, grant_ps: int, done_ps: int, requester: int, address: int, beats: int) -> None:
        """`requester` is 2 * master for its writes and 2 * master + 1 for its reads."""
        self._words.extend((request_ps, grant_ps, done_ps, requester, address, beats))

    def __iter__(self) -> Iterator[Grant]:
        words = self._words
        for at in range(0, len(words), _WORDS):
            request_ps, grant_ps, done_ps, requester, address, count = words[at : at + _WORDS]
            yield Grant(request_ps, grant_ps, done_ps, requester >> 1, not requester & 1, address, count)

    def write(self, path: Path) -> None:
        """One line a grant: request_ps grant_ps last_beat_ps master R|W address_hex beats."""
        with open(path, "w", encoding="ascii") as file:
            for grant in self:
                kind = "W" if grant.write else "R"
                file.write(
                    f"{grant.request_ps} {grant.grant_ps} {grant.last_beat_ps} {grant.master} {kind} "
                    f"{grant.address:x} {grant.beats}\n"
                )
