"""What a copy between host and card can reach at most: the smaller of streams and link, counted TLP by TLP.

Sources: PG213 (a descriptor of the 64-bit streams is 16 bytes on RQ and 12 on RC, payload follows it directly, each TLP
begins a beat of its own); PCI Express Base Specification 2.1, 2.2 (headers), 3.4 and 3.5 (DLLPs, LCRC), 4.2.7 (skip).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

BEAT = 8
"""Bytes of a beat, and what a Gen 2 x1 link carries each way in a clock of 16 ns: 500 MB/s."""
READ_DESCRIPTOR, REQUEST_DESCRIPTOR = 12, 16
FRAMING = 8
"""Start, sequence number, LCRC and end of a TLP."""
DLLP = 8
COMPLETION_HEADER, REQUEST_HEADER = 12, 12
"""A request's header below 4 GiB."""
SKIP_SHARE = 1 + 4 / 1180
"""A skip ordered set of four symbols after each 1180."""


@dataclass(frozen=True)
class Limit:
    """Bytes a clock; `bound` names what sets it."""

    rate: float
    bound: str


def pieces(size: int, longest: int) -> Iterator[int]:
    """An aligned block cut into pieces of `longest` bytes."""
    for begin in range(0, size, longest):
        yield min(longest, size - begin)


def transfer_limit(size: int, out: bool, *, paced: bool, payload: int, read_request: int) -> Limit:
    """For aligned blocks of `size` bytes, `out` of the card or into it; without `paced` only the streams bound it."""
    beats = {"RQ": 0, "RC": 0}
    up = down = 0.0
    if out:
        for piece in pieces(size, min(payload, 512)):
            beats["RQ"] += ceil((REQUEST_DESCRIPTOR + piece) / BEAT)
            up += REQUEST_HEADER + FRAMING + piece
            down += DLLP  # Ack
    else:
        for request in pieces(size, min(read_request, 512)):
            beats["RQ"] += ceil(REQUEST_DESCRIPTOR / BEAT)
            up += REQUEST_HEADER + FRAMING
            down += 2 * DLLP  # Ack and UpdateFC
            for piece in pieces(request, payload):
                beats["RC"] += ceil((READ_DESCRIPTOR + piece) / BEAT)
                down += COMPLETION_HEADER + FRAMING + piece
                up += DLLP
    clocks: dict[str, float] = {name: float(count) for name, count in beats.items()}
    clocks["memory"] = size / BEAT
    if paced:
        clocks["up"] = up * SKIP_SHARE / BEAT
        clocks["down"] = down * SKIP_SHARE / BEAT
    bound = max(clocks, key=lambda name: clocks[name])
    return Limit(size / clocks[bound], bound)
