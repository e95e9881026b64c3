"""Fragments put together again (RFC 791 §3.2, RFC 815, RFC 8200 §4.5), within bounds.

As RFC 5722 has it for IPv6, fragments that overlap end their datagram, for IPv4 too: no honest sender makes them. A
fragment that came already is but ignored.
"""

from collections.abc import Callable
from dataclasses import dataclass

SECOND = 1_000_000_000


@dataclass(frozen=True)
class ReassemblyConfig:
    """Times in ns, sizes in bytes."""

    lifetime: int = 60 * SECOND
    """From a datagram's first fragment on (RFC 1122 §3.3.2: 60 s to 120 s; RFC 8200 §4.5: 60 s)."""
    most_bytes: int = 1 << 18
    """Of all incomplete datagrams; beyond, the oldest are given up."""
    most_datagrams: int = 64
    most_fragments: int = 64
    """Of one datagram: 64 KiB in pieces of a kilobyte."""


class _Datagram:
    __slots__ = ("bytes", "deadline", "first", "parts", "total")

    def __init__(self, deadline: int) -> None:
        self.deadline = deadline
        self.parts: dict[int, bytes] = {}
        """By offset; they do not overlap."""
        self.bytes = 0
        self.total: int | None = None
        """Known with the last fragment."""
        self.first: bytes | None = None
        """Everything before the data, of the fragment with offset 0."""


class Reassembler:
    """`expired(first, data)` is called for a datagram whose time is over and whose first fragment has come."""

    __slots__ = ("_bytes", "_config", "_count", "_datagrams", "_expired", "_prefix")

    def __init__(self, config: ReassemblyConfig, count: Callable[[str], None], prefix: str,
                 expired: Callable[[bytes, bytes], None]) -> None:
        self._config = config
        self._count = count
        self._prefix = prefix
        self._expired = expired
        self._datagrams: dict[bytes, _Datagram] = {}
        self._bytes = 0

    @property
    def held_bytes(self) -> int:
        """Data of incomplete datagrams."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._datagrams)

    def fragment(self, key: bytes, offset: int, more: bool, before: bytes, data: bytes,
                 now: int) -> tuple[bytes, bytes] | None:
        """Take a fragment; what was before the data in the first one, and all data, when the datagram is complete.

        Every fragment is counted under one name: kept, completing, repeated, overlapping, or one of the limits.
        """
        end = offset + len(data)
        datagram = self._datagrams.get(key)
        if datagram is None:
            datagram = self._datagrams[key] = _Datagram(now + self._config.lifetime)
        if offset in datagram.parts and datagram.parts[offset] == data and more == (end != datagram.total):
            self._count(f"{self._prefix}_fragments_repeated")
            return None
        for begin, part in datagram.parts.items():
            if begin < end and offset < begin + len(part):
                return self._give_up(key, "fragments_overlapping")
        if not more and datagram.total is not None or datagram.total is not None and end > datagram.total:
            return self._give_up(key, "fragments_inconsistent")
        if not more:
            if any(begin + len(part) > end for begin, part in datagram.parts.items()):
                return self._give_up(key, "fragments_inconsistent")
            datagram.total = end
        if len(datagram.parts) >= self._config.most_fragments:
            return self._give_up(key, "fragments_too_many")
        datagram.parts[offset] = data
        datagram.bytes += len(data)
        self._bytes += len(data)
        if not offset:
            datagram.first = before
        if datagram.bytes == datagram.total:
            self._forget(key)
            self._count(f"{self._prefix}_fragments_completing")
            return datagram.first, b"".join(datagram.parts[begin] for begin in sorted(datagram.parts))
        self._count(f"{self._prefix}_fragments_kept")
        while self._bytes > self._config.most_bytes or len(self._datagrams) > self._config.most_datagrams:
            self._forget(next(iter(self._datagrams)))
            self._count(f"{self._prefix}_reassemblies_evicted")
        return None

    def _give_up(self, key: bytes, counter: str) -> None:
        self._forget(key)
        self._count(f"{self._prefix}_{counter}")

    def _forget(self, key: bytes) -> _Datagram:
        datagram = self._datagrams.pop(key)
        self._bytes -= datagram.bytes
        return datagram

    def next_deadline(self) -> int | None:
        """When `timeout` must be called: datagrams stand in the order in which they began."""
        return next(iter(self._datagrams.values())).deadline if self._datagrams else None

    def timeout(self, now: int) -> None:
        """Give up what is too old."""
        while self._datagrams:
            key, datagram = next(iter(self._datagrams.items()))
            if now < datagram.deadline:
                return
            self._forget(key)
            self._count(f"{self._prefix}_reassembly_timeouts")
            if datagram.first is not None:
                self._expired(datagram.first, datagram.parts[0])
