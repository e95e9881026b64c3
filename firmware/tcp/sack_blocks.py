"""What we tell the peer of data beyond a hole: SACK blocks (RFC 2018 §4) and duplicates (RFC 2883)."""

import struct

from .options import MOST_OPTION_BYTES, NO_OPERATION, SACK
from .sequence import MASK

Block = tuple[int, int]


class SackBlocks:
    """Blocks in order of arrival, the latest first; extended sequence numbers."""

    __slots__ = ("blocks", "duplicate")

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.duplicate: Block | None = None
        """Received twice and not yet told."""

    def arrived(self, start: int, end: int) -> None:
        """[start, end) is kept beyond a hole; what of it was here already is a duplicate."""
        kept = []
        overlap: Block | None = None
        left, right = start, end
        for block in self.blocks:
            begin, stop = block
            if stop < left or begin > right:
                kept.append(block)
                continue
            if begin < end and stop > start:
                overlap = (max(begin, start), min(stop, end))
            left, right = min(left, begin), max(right, stop)
        self.blocks = [(left, right), *kept]
        if overlap is not None:
            self.duplicate = overlap

    def covered(self, start: int, end: int) -> None:
        """[start, end) is in order; the first part of it that was kept already is a duplicate."""
        overlaps = [(max(begin, start), min(stop, end)) for begin, stop in self.blocks if begin < end and stop > start]
        if overlaps and self.duplicate is None:
            self.duplicate = min(overlaps)

    def advance(self, rcv_nxt: int) -> None:
        """What lies below RCV.NXT is acknowledged otherwise."""
        self.blocks = [block for block in self.blocks if block[1] > rcv_nxt]

    def option(self, room: int = MOST_OPTION_BYTES) -> bytes:
        """The option with two NOPs before it, as many blocks as `room` bytes hold; empty if nothing is to be told."""
        blocks = self.blocks
        if self.duplicate is not None:
            blocks = [self.duplicate, *blocks]
        if not blocks:
            return b""
        count = min(len(blocks), (room - 4) // 8)
        edges = [edge & MASK for block in blocks[:count] for edge in block]
        return struct.pack(f"!BBBB{2 * count}I", NO_OPERATION, NO_OPERATION, SACK, 2 + 8 * count, *edges)
