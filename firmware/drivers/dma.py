"""The DMA controller: chains of copies, appended while the channel runs, with an event when each is done."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from firmware.card_memory import CardMemory
from firmware.observer import Observer
from firmware.processor import Bus, Category
from firmware.registers import card, dma
from firmware.registers import dma_descriptor as descriptor
from firmware.statistics import Statistics
from models.kernel import now

_DESCRIPTOR = struct.Struct("<QQQII")
DESCRIPTOR_BYTES = descriptor.SIZE_BYTES
ERRORS = dma.CHANNEL_CSR_DESCRIPTOR_ERROR | dma.CHANNEL_CSR_READ_ERROR | dma.CHANNEL_CSR_WRITE_ERROR
_EVENTS = ERRORS | dma.CHANNEL_CSR_EOC | dma.CHANNEL_CSR_EOT


class Copy(NamedTuple):
    """`length` bytes from a bus address to another."""

    source: int
    destination: int
    length: int


@dataclass(slots=True)
class _Job:
    """Copies asked for together: `left` of them are not done."""

    left: int
    done: Callable[[bool], None]
    ok: bool = True


class Channel:
    """One channel with a ring of descriptors. Copies are carried out in the order in which they are appended."""

    def __init__(self, bus: Bus, memory: CardMemory, number: int, statistics: Statistics, setup_cost: int = 0,
                 entries: int = 256) -> None:
        self._bus = bus
        self._statistics = statistics
        self._setup_cost = setup_cost
        self._entries = entries
        self._registers = card.DMA_BASE + dma.CHANNEL_BASE + number * dma.CHANNEL_STRIDE
        self._ring = memory.take(f"DMA descriptors of channel {number}", entries * DESCRIPTOR_BYTES, 64)
        self._waiting: deque[tuple[Copy, _Job]] = deque()
        self._issued: deque[_Job] = deque()
        self._tail = 0
        self._clean = 0
        self._chained = False
        """The hardware stands at, or is on its way to, the descriptor before `_tail`."""
        self._done_count = 0
        self.chains = 0
        self.copies = 0
        self.bytes = 0
        self.observer = Observer()
        self._track = f"DMA channel {number}"

    async def start(self) -> None:
        """Bring the channel to rest. Raises BusError if there is none."""
        await self._write(dma.CHANNEL_CCR, 0)
        while await self._read(dma.CHANNEL_CSR) & dma.CHANNEL_CSR_ACTIVE:
            pass  # what earlier firmware has started ends by itself
        await self._write(dma.CHANNEL_CSR, _EVENTS)
        self._done_count = await self._read(dma.CHANNEL_DONE)

    async def append(self, copies: Sequence[Copy], done: Callable[[bool], None]) -> None:
        """Append copies to the chain; `done(ok)` is called when all of them are over. More than fit wait here."""
        if not copies:
            raise ValueError("no copies")
        self._bus.thread.charge(Category.DMA, self._setup_cost)
        begin, size = now(), sum(copy.length for copy in copies)

        def over(ok: bool) -> None:
            self.observer.span(self._track, "copy" if ok else "failed copy", begin, now(), bytes=size)
            done(ok)

        job = _Job(len(copies), over)
        self._waiting.extend((copy, job) for copy in copies)
        self.chains += 1
        self.copies += len(copies)
        self.bytes += size
        await self._issue()

    @property
    def outstanding(self) -> int:
        """Copies that are not done."""
        return len(self._issued) + len(self._waiting)

    def _address(self, index: int) -> int:
        return self._ring.address + index % self._entries * DESCRIPTOR_BYTES

    async def _issue(self) -> None:
        """Chain as many of the waiting copies as the ring has room for (its last descriptor done stays untouched)."""
        count = min(len(self._waiting), self._entries - 1 - (self._tail - self._clean))
        if count <= 0:
            return
        first = self._tail
        packed = bytearray()
        for index in range(first, first + count):
            copy, job = self._waiting.popleft()
            self._issued.append(job)
            last = index == first + count - 1
            interrupt = last or self._waiting[0][1] is not job
            packed += _DESCRIPTOR.pack(0 if last else self._address(index + 1), copy.source, copy.destination,
                                       copy.length, descriptor.CONTROL_INTERRUPT if interrupt else 0)
        self._tail += count
        before_wrap = (self._entries - first % self._entries) * DESCRIPTOR_BYTES
        await self._bus.write(self._address(first), bytes(packed[:before_wrap]))
        if len(packed) > before_wrap:
            await self._bus.write(self._ring.address, bytes(packed[before_wrap:]))
        if self._chained:
            await self._bus.write(self._address(first - 1) + descriptor.NEXT_LOW,
                                  self._address(first).to_bytes(8, "little"))
            await self._write(dma.CHANNEL_CCR, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_CHAIN_RESUME)
        else:
            self._chained = True
            await self._begin_at(first)

    async def _begin_at(self, index: int) -> None:
        address = self._address(index)
        await self._write(dma.CHANNEL_NDAR_LOW, address & 0xFFFFFFFF)
        await self._write(dma.CHANNEL_NDAR_HIGH, address >> 32)
        await self._write(dma.CHANNEL_CCR, dma.CHANNEL_CCR_ENABLE)

    async def interrupt(self) -> None:
        """Take what is done; after an error go on behind the copy that failed (what was under way is done again)."""
        status = await self._read(dma.CHANNEL_CSR)
        if not status & _EVENTS:
            return
        while status & ERRORS and status & dma.CHANNEL_CSR_ACTIVE:
            # descriptors fetched before the error are still carried out, uncounted; they may fail as well
            status = await self._read(dma.CHANNEL_CSR)
        await self._write(dma.CHANNEL_CSR, status & _EVENTS)
        count = await self._read(dma.CHANNEL_DONE)
        finished = (count - self._done_count) & 0xFFFFFFFF
        self._done_count = count
        self._clean += finished
        over = [self._issued.popleft() for _ in range(finished)]
        if status & ERRORS:
            for name, bit in (("dma_descriptor_errors", dma.CHANNEL_CSR_DESCRIPTOR_ERROR),
                              ("dma_read_errors", dma.CHANNEL_CSR_READ_ERROR),
                              ("dma_write_errors", dma.CHANNEL_CSR_WRITE_ERROR)):
                if status & bit:
                    self._statistics.count(name)
            failed = self._issued.popleft()
            failed.ok = False
            over.append(failed)
            self._clean += 1
            if self._clean == self._tail:
                self._chained = False
            else:
                await self._begin_at(self._clean)
        for job in over:
            job.left -= 1
            if not job.left:
                job.done(job.ok)
        await self._issue()

    def _read(self, register: int) -> Coroutine[Any, Any, int]:
        return self._bus.read_register(self._registers + register)

    def _write(self, register: int, value: int) -> Coroutine[Any, Any, None]:
        return self._bus.write_register(self._registers + register, value)
