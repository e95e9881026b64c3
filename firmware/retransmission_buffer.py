"""The retransmission buffer: card memory shared by all connections, holding what was sent until it is acknowledged.

Space is taken as in a ring, onwards from where the last allocation ended and wrapping at the end; what other
connections still hold is stepped over, so that a connection whose peer is silent does not stop the others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

Piece = tuple[int, int]
"""Address and length in bytes."""


class RetransmissionBuffer:
    """Allocator with byte granularity. Bytes are reserved first (a promise that `allocate` will succeed)."""

    def __init__(self, address: int, size: int) -> None:
        if size <= 0:
            raise ValueError(f"retransmission buffer of {size} bytes")
        self.address = address
        self.size = size
        self._begins = [0]
        self._ends = [size]
        self._next = 0
        self._reserved = 0
        self._allocated = 0
        self.largest_piece = 0
        """Bytes that one piece has at most (a packet buffer); 0: no limit."""
        self.wraps = 0
        self.peak = 0

    @property
    def available(self) -> int:
        """Bytes neither allocated nor promised."""
        return self.size - self._allocated - self._reserved

    @property
    def allocated(self) -> int:
        return self._allocated

    def reserve(self, length: int) -> None:
        if length > self.available:
            raise ValueError(f"{length} bytes of retransmission buffer wanted, {self.available} available")
        self._reserved += length
        self.peak = max(self.peak, self._reserved + self._allocated)

    def cancel(self, length: int) -> None:
        """Give a reservation back."""
        assert length <= self._reserved
        self._reserved -= length

    def allocate(self, length: int) -> list[Piece]:
        """Take `length` reserved bytes; in one piece unless the end or another's data lie between."""
        assert length <= self._reserved
        self._reserved -= length
        self._allocated += length
        pieces: list[Piece] = []
        while length:
            # the free extent that holds the ring's position, or the next one, or the first
            index = bisect_right(self._begins, self._next) - 1
            if index < 0 or self._ends[index] <= self._next:
                index += 1
            if index == len(self._begins):
                index, self._next = 0, 0
                self.wraps += 1
            begin, end = max(self._begins[index], self._next), self._ends[index]
            size = min(length, end - begin, self.largest_piece or length)
            self._take(index, begin, begin + size)
            pieces.append((self.address + begin, size))
            length -= size
            self._next = begin + size
        return pieces

    def _take(self, index: int, begin: int, end: int) -> None:
        extent_begin, extent_end = self._begins[index], self._ends[index]
        del self._begins[index], self._ends[index]
        if end < extent_end:
            self._begins.insert(index, end)
            self._ends.insert(index, extent_end)
        if extent_begin < begin:
            self._begins.insert(index, extent_begin)
            self._ends.insert(index, begin)

    def free(self, pieces: list[Piece]) -> None:
        """Give allocated pieces back."""
        for address, length in pieces:
            if not length:
                continue
            begin = address - self.address
            end = begin + length
            index = bisect_left(self._begins, begin)
            before = index > 0 and self._ends[index - 1] == begin
            after = index < len(self._begins) and self._begins[index] == end
            assert index == 0 or self._ends[index - 1] <= begin, "freed twice"
            assert index == len(self._begins) or end <= self._begins[index], "freed twice"
            if before and after:
                self._ends[index - 1] = self._ends[index]
                del self._begins[index], self._ends[index]
            elif before:
                self._ends[index - 1] = end
            elif after:
                self._begins[index] = begin
            else:
                self._begins.insert(index, begin)
                self._ends.insert(index, end)
            self._allocated -= length


def cut(pieces: list[Piece], skip: int, length: int) -> list[Piece]:
    """The part of `pieces` that begins `skip` bytes into them and is `length` bytes long."""
    part: list[Piece] = []
    for address, size in pieces:
        if not length:
            break
        if skip >= size:
            skip -= size
            continue
        taken = min(size - skip, length)
        part.append((address + skip, taken))
        length -= taken
        skip = 0
    assert not length, "pieces end too early"
    return part
