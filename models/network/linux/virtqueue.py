"""The device's side of a split virtqueue in the guest's memory (virtio 1.1 §2.6)."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_DESCRIPTOR = struct.Struct("<QIHH")
_HALF = struct.Struct("<H")
_USED_ELEMENT = struct.Struct("<II")
_NEXT, _WRITE, _INDIRECT = 1, 2, 4
_NO_INTERRUPT = 1
_ONES = 0xFFFF


class GuestFault(Exception):
    """The guest's driver did what the standard forbids."""


@dataclass(frozen=True)
class Region:
    """A piece of the guest's memory, mapped here."""

    guest_address: int
    size: int
    view: memoryview


class GuestMemory:
    """What a device may reach of the guest's memory."""

    def __init__(self, regions: list[Region]) -> None:
        self._regions = regions

    @classmethod
    def map(cls, described: list[tuple[int, int, int, int]]) -> GuestMemory:
        """From (guest address, size, offset in the file, file descriptor) of each region. Raises OSError."""
        return cls(
            [
                Region(address, size, memoryview(mmap.mmap(fd, size, offset=offset)))
                for address, size, offset, fd in described
            ]
        )

    def view(self, address: int, length: int) -> memoryview:
        """Raises GuestFault outside memory."""
        for region in self._regions:
            offset = address - region.guest_address
            if 0 <= offset and offset + length <= region.size:
                return region.view[offset : offset + length]
        raise GuestFault(f"address {address:#x} with {length} bytes is outside the guest's memory")


@dataclass(frozen=True)
class Chain:
    """Buffers of one entry: to be read by the device, and to be written by it."""

    head: int
    readable: list[memoryview]
    writable: list[memoryview]


class Virtqueue:
    """Takes what the driver made available, and gives it back used.

    With `event_idx` (VIRTIO_F_EVENT_IDX) both sides say at which index they want to be told.
    """

    def __init__(
        self, memory: GuestMemory, size: int, desc: int, avail: int, used: int, base: int, event_idx: bool
    ) -> None:
        """`desc`, `avail` and `used` are guest addresses, `base` the first index. Raises GuestFault."""
        if size <= 0 or size & (size - 1) or size > 1 << 15:
            raise GuestFault(f"a virtqueue of {size} entries")
        self._memory = memory
        self._size = size
        self._descriptors = memory.view(desc, 16 * size)
        self._avail = memory.view(avail, 6 + 2 * size)
        self._used = memory.view(used, 6 + 8 * size)
        self._event_idx = event_idx
        self._next_avail = base
        self._next_used = base
        self._told = base
        self.ask_for_kick()

    def ask_for_kick(self) -> None:
        """Be told of the next entry that is made available."""
        if self._event_idx:
            _HALF.pack_into(self._used, 4 + 8 * self._size, self._next_avail)

    def take(self) -> Chain | None:
        """The next available entry; None when there is none. Raises GuestFault."""
        if _HALF.unpack_from(self._avail, 2)[0] == self._next_avail:
            return None
        head = _HALF.unpack_from(self._avail, 4 + 2 * (self._next_avail & (self._size - 1)))[0]
        self._next_avail = (self._next_avail + 1) & _ONES
        readable: list[memoryview] = []
        writable: list[memoryview] = []
        for view, is_writable in self._buffers(head):
            (writable if is_writable else readable).append(view)
        return Chain(head, readable, writable)

    def give(self, chain: Chain, written: int) -> None:
        """Give an entry back, with `written` bytes in its writable buffers."""
        place = 4 + 8 * (self._next_used & (self._size - 1))
        _USED_ELEMENT.pack_into(self._used, place, chain.head, written)
        self._next_used = (self._next_used + 1) & _ONES
        _HALF.pack_into(self._used, 2, self._next_used)

    def interrupt_is_wanted(self) -> bool:
        """Does the driver want to know of what was given since this was last asked?"""
        told, self._told = self._told, self._next_used
        if not self._event_idx:
            return told != self._next_used and not _HALF.unpack_from(self._avail, 0)[0] & _NO_INTERRUPT
        event = _HALF.unpack_from(self._avail, 4 + 2 * self._size)[0]
        return (self._next_used - event - 1) & _ONES < (self._next_used - told) & _ONES

    def _buffers(self, head: int) -> Iterator[tuple[memoryview, bool]]:
        table, size, index = self._descriptors, self._size, head
        for _ in range(self._size + 1):
            if index >= size:
                raise GuestFault(f"descriptor {index} of {size}")
            address, length, flags, following = _DESCRIPTOR.unpack_from(table, 16 * index)
            if flags & _INDIRECT:
                table, size, index = self._memory.view(address, length), length // 16, 0
                continue
            yield self._memory.view(address, length), bool(flags & _WRITE)
            if not flags & _NEXT:
                return
            index = following
        raise GuestFault("a chain of descriptors without an end")
