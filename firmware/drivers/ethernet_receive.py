"""Receive ring of the Ethernet controller: frames land in buffers in card memory and stay there until delivered."""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass

from firmware.card_memory import CardMemory
from firmware.processor import Bus
from firmware.registers import card, ethernet
from firmware.registers import ethernet_rx as descriptor
from firmware.statistics import Statistics

_DESCRIPTOR = struct.Struct("<QII")
DESCRIPTOR_BYTES = descriptor.SIZE_BYTES
READ_AHEAD = 8
"""Descriptors read in one burst."""
HEAD_BYTES = 96
"""Read of a frame before it is known what it is: Ethernet, IP and TCP headers with usual options, 3 cache lines."""


class BufferPool:
    """Receive buffers of one size in card memory."""

    def __init__(self, memory: CardMemory, count: int, size: int) -> None:
        region = memory.take("receive buffers", count * size, 64)
        self.size = size
        self.free = deque(region.address + index * size for index in range(count))


class Buffer:
    """A buffer with a frame in it; it goes back to its pool when nothing refers to it any more.

    Whoever holds a slice of the frame's payload holds the buffer: the reference count is Python's own.
    """

    __slots__ = ("_pool", "address")

    def __init__(self, pool: BufferPool, address: int) -> None:
        self._pool = pool
        self.address = address

    def __del__(self) -> None:
        self._pool.free.append(self.address)


class CardSlice:
    """Bytes in card memory: has a length, can be sliced, and is never read by the protocol."""

    __slots__ = ("buffer", "length", "offset")

    def __init__(self, buffer: Buffer, offset: int, length: int) -> None:
        self.buffer = buffer
        self.offset = offset
        self.length = length

    @property
    def address(self) -> int:
        return self.buffer.address + self.offset

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, part: slice) -> CardSlice:
        begin, end, step = part.indices(self.length)
        assert step == 1
        return CardSlice(self.buffer, self.offset + begin, max(0, end - begin))


@dataclass(slots=True)
class Received:
    """A frame in card memory: its first bytes, and the status word of its descriptor."""

    head: bytes
    frame: CardSlice
    status: int

    @property
    def checksum_ok(self) -> bool | None:
        """What the hardware found of the IP and TCP checksums; None if it did not look."""
        if self.status & descriptor.STATUS_IXSM or not self.status & descriptor.STATUS_TCPCS:
            return None
        return not self.status & (descriptor.STATUS_IPE | descriptor.STATUS_TCPE)


class ReceiveRing:
    """The ring is refilled in batches, so that a descriptor costs a part of a burst."""

    def __init__(self, bus: Bus, memory: CardMemory, entries: int, buffers: int, buffer_bytes: int,
                 statistics: Statistics) -> None:
        if entries % 8 or entries < 16:
            raise ValueError(f"a receive ring of {entries} descriptors (multiple of 8, at least 16)")
        if buffers < entries:
            raise ValueError(f"{buffers} receive buffers for a ring of {entries}")
        if buffer_bytes not in (2048, 4096, 8192, 16384):
            raise ValueError(f"receive buffers of {buffer_bytes} bytes")
        self._bus = bus
        self._statistics = statistics
        self._entries = entries
        self._batch = min(8, entries // 8)
        self._ring = memory.take("receive descriptors", entries * DESCRIPTOR_BYTES, 128)
        self.pool = BufferPool(memory, buffers, buffer_bytes)
        self._addresses = [0] * entries
        self._next = 0
        self._filled = 0
        self._ahead: deque[tuple[int, int]] = deque()
        self._partial = False
        self.frames = 0

    async def start(self) -> None:
        """Give the ring to the hardware and enable it; the controller must have been reset."""
        base = card.ETHERNET_BASE
        write = self._bus.write_register
        await write(base + ethernet.RDBAL, self._ring.address & 0xFFFFFFFF)
        await write(base + ethernet.RDBAH, self._ring.address >> 32)
        await write(base + ethernet.RDLEN, self._ring.size)
        await write(base + ethernet.RDH, 0)
        await write(base + ethernet.RDT, 0)
        await write(base + ethernet.RXCSUM, ethernet.RXCSUM_IPOFL | ethernet.RXCSUM_TUOFL)
        await self.refill()
        control = ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_SECRC
        if self.pool.size > 2048:
            # BSIZE 1, 2, 3 with BSEX: 16384, 8192, 4096 bytes
            control |= ethernet.RCTL_LPE | ethernet.RCTL_BSEX
            control |= {16384: 1, 8192: 2, 4096: 3}[self.pool.size] << ethernet.RCTL_BSIZE_LSB
        await write(base + ethernet.RCTL, control)

    @property
    def spare(self) -> int:
        """Buffers that are neither in the ring nor hold a frame."""
        return len(self.pool.free)

    @property
    def scarce(self) -> bool:
        """Too few free buffers to fill the ring again."""
        return len(self.pool.free) < self._missing

    @property
    def _missing(self) -> int:
        return self._entries - 1 - (self._filled - self._next)

    @property
    def refillable(self) -> bool:
        """Are there free buffers, and room for them in the ring, for a batch?"""
        batch = self._batch
        return self._entries - 1 - (self._filled - self._next) >= batch and len(self.pool.free) >= batch

    async def refill(self) -> None:
        """Put free buffers into the ring when there are enough for a batch."""
        free = self.pool.free
        count = min(self._missing, len(free))
        if count < self._batch:
            return
        size = self._entries
        first = self._filled
        packed = bytearray()
        for index in range(first, first + count):
            address = free.popleft()
            self._addresses[index % size] = address
            packed += _DESCRIPTOR.pack(address, 0, 0)
        self._filled += count
        slot = first % size
        before_wrap = (size - slot) * DESCRIPTOR_BYTES
        await self._bus.write(self._ring.address + slot * DESCRIPTOR_BYTES, bytes(packed[:before_wrap]))
        if len(packed) > before_wrap:
            await self._bus.write(self._ring.address, bytes(packed[before_wrap:]))
        await self._bus.write_register(card.ETHERNET_BASE + ethernet.RDT, self._filled % size)

    async def take(self) -> Received | None:
        """The next frame, or None when the ring holds no more."""
        while True:
            if not self._ahead:
                await self._look_ahead()
                if not self._ahead:
                    return None
            length, status = self._ahead.popleft()
            slot = self._next % self._entries
            self._next += 1
            buffer = Buffer(self.pool, self._addresses[slot])
            if not status & descriptor.STATUS_EOP or self._partial:
                # buffers hold the largest frame of the MTU: a frame of several is too long to be ours
                self._partial = not status & descriptor.STATUS_EOP
                if not self._partial:
                    self._statistics.count("receive_frame_too_long")
                continue
            if status & (descriptor.STATUS_CE | descriptor.STATUS_SE | descriptor.STATUS_SEQ | descriptor.STATUS_CXE
                         | descriptor.STATUS_RXE):
                self._statistics.count("receive_frame_error")
                continue
            self.frames += 1
            head = await self._bus.read(buffer.address, min(length, HEAD_BYTES)) if length else b""
            return Received(head, CardSlice(buffer, 0, length), status)

    async def _look_ahead(self) -> None:
        """Read the next descriptors in one burst and keep those that are done."""
        size = self._entries
        slot = self._next % size
        count = min(READ_AHEAD, size - slot, self._filled - self._next)
        if count <= 0:
            return
        words = await self._bus.read(self._ring.address + slot * DESCRIPTOR_BYTES, count * DESCRIPTOR_BYTES)
        for index in range(count):
            _, length, status = _DESCRIPTOR.unpack_from(words, index * DESCRIPTOR_BYTES)
            if not status & descriptor.STATUS_DD:
                break
            self._ahead.append((length & descriptor.LENGTH_LENGTH, status))
