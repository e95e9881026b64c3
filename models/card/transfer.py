"""One transfer of a bus master: what it moves, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from types import coroutine

from models.kernel import Event, now, reached
from models.ports import BusError


class Transfer:
    """Moves `length` bytes at `address`; a read's bytes are in `data` when it is over. `error`: some burst failed."""

    __slots__ = ("_timed", "address", "data", "done_ps", "error", "length", "position", "request_ps", "write")

    def __init__(self, address: int, length: int, data: bytes | None, request_ps: int) -> None:
        self.address = address
        self.length = length
        self.data = data
        self.write = data is not None
        self.error = False
        self.request_ps = request_ps
        self.position = 0
        self.done_ps = -1
        self._timed: Event | None = None  # made when somebody waits before the end is known

    def end_at(self, time_ps: int) -> None:
        """It is known when the last response will have come."""
        self.done_ps = time_ps
        if self._timed is not None:
            self._timed.set()

    @property
    def is_over(self) -> bool:
        return 0 <= self.done_ps <= now()

    @coroutine
    def wait(self) -> Generator[Event | int, None, None]:
        """Until the last response has come."""
        if self.done_ps < 0:
            if self._timed is None:
                self._timed = Event()
            yield from self._timed.__await__()
        time_ps = self.done_ps | 1
        if not reached(time_ps):
            yield time_ps

    def perform(self, read: Callable[[int, int], bytes], write: Callable[[int, bytes], None], burst_bytes: int) -> int:
        """Move the bytes; returns how many bursts failed. A read that failed somewhere gives zeros for those bursts."""
        try:
            if self.write:
                write(self.address, self.data)
            else:
                self.data = read(self.address, self.length)
            return 0
        except BusError:
            self.error = True
        failed = 0
        parts = []
        for address, length in bursts(self.address, self.length, burst_bytes):
            begin = address - self.address
            try:
                if self.write:
                    write(address, self.data[begin : begin + length])
                else:
                    parts.append(read(address, length))
            except BusError:
                failed += 1
                parts.append(bytes(length))
        if not self.write:
            self.data = b"".join(parts)
        return failed


def bursts(address: int, length: int, burst_bytes: int) -> Iterator[tuple[int, int]]:
    """Cut a transfer into bursts that end at multiples of `burst_bytes`: (address, length) pairs."""
    end = address + length
    while address < end:
        size = min(end - address, burst_bytes - address % burst_bytes)
        yield address, size
        address += size
