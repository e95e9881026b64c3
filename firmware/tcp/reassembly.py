"""The out-of-order queue: slices of payload, sorted by sequence number, never overlapping, never copied."""

from bisect import bisect_right
from typing import Any


class ReassemblyQueue:
    """Pieces of the peer's stream beyond RCV.NXT; extended sequence numbers.

    Where pieces overlap, the one that came first is kept. The receive window bounds the bytes (the caller trims);
    `limit` bounds the number of pieces.
    """

    __slots__ = ("_ends", "_payloads", "_starts", "buffered", "limit")

    def __init__(self, limit: int) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._payloads: list[Any] = []
        self.limit = limit
        self.buffered = 0

    def __len__(self) -> int:
        return len(self._starts)

    def insert(self, seq: int, payload: Any) -> bool:
        """Keep those parts of the payload that are not here yet; False if some were refused for want of room."""
        starts, ends, payloads = self._starts, self._ends, self._payloads
        base, end = seq, seq + len(payload)
        index = bisect_right(starts, seq)
        if index and ends[index - 1] > seq:
            seq = ends[index - 1]
        while seq < end:
            stop = min(end, starts[index]) if index < len(starts) else end
            if stop > seq:
                if len(starts) >= self.limit:
                    return False
                starts.insert(index, seq)
                ends.insert(index, stop)
                payloads.insert(index, payload[seq - base:stop - base])
                self.buffered += stop - seq
                index += 1
            if index >= len(starts):
                break
            seq = max(stop, ends[index])
            index += 1
        return True

    def pop(self, rcv_nxt: int) -> Any | None:
        """The payload that starts exactly at `rcv_nxt`, trimmed of what was already received, or None."""
        while self._starts and self._starts[0] <= rcv_nxt:
            start, end = self._starts.pop(0), self._ends.pop(0)
            payload = self._payloads.pop(0)
            self.buffered -= end - start
            if end > rcv_nxt:
                return payload if start == rcv_nxt else payload[rcv_nxt - start:]
        return None

    def clear(self) -> None:
        """Forget everything."""
        self._starts.clear()
        self._ends.clear()
        self._payloads.clear()
        self.buffered = 0
