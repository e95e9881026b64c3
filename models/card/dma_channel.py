"""One DMA channel: fetches chained descriptors ahead and carries them out, after hdl/dma/dma_channel.v."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from firmware.registers import dma
from firmware.registers import dma_descriptor as layout
from models.card.bus import Buses, Master
from models.card.timing import CardTiming
from models.card.transfer import Transfer
from models.kernel import Event, Queue, sleep

_ERRORS = dma.CHANNEL_CSR_DESCRIPTOR_ERROR | dma.CHANNEL_CSR_READ_ERROR | dma.CHANNEL_CSR_WRITE_ERROR
_WRITE_TO_CLEAR = _ERRORS | dma.CHANNEL_CSR_EOC | dma.CHANNEL_CSR_EOT
_LOW = 0xFFFF_FFFF


class _Entry:
    """A fetched descriptor."""

    __slots__ = ("address", "control", "destination", "length", "read_error", "source", "write_error")

    def __init__(self, address: int, descriptor: bytes) -> None:
        self.address = address
        self.source = _address(descriptor, layout.SOURCE_LOW)
        self.destination = _address(descriptor, layout.DESTINATION_LOW)
        self.length = _word(descriptor, layout.LENGTH) & layout.LENGTH_COUNT
        self.control = _word(descriptor, layout.CONTROL) & layout.CONTROL_INTERRUPT
        self.read_error = self.write_error = False


class DmaChannel:
    """`line` is called with the level of the interrupt line.

    Up to IN_FLIGHT descriptors are under way. After an error those already under way are still carried out, but not
    counted, and nothing more is fetched.
    """

    IN_FLIGHT = 8

    def __init__(self, timing: CardTiming, buses: Buses, line: Callable[[bool], None]) -> None:
        self._timing = timing
        self._buses = buses
        self._line = line
        self._changed = Event()
        self._enable = self._resume = self._eoc_interrupt = False
        self._status = 0
        self._kick = self._fetching = self._eoc_due = False
        self._ndar = 0
        self._done = 0
        self._last_address: int | None = None
        self._entries: deque[_Entry] = deque()
        self._failed: _Entry | None = None
        self._last_done = _Entry(0, bytes(layout.SIZE_BYTES))
        self._to_read: deque[_Entry] = deque()
        self._has_entries = Event()
        self._writes: Queue[tuple[_Entry, Transfer | None, bool]] = Queue()
        self._unwritten = 0
        self._written = Event()

    # ---- registers

    @property
    def _shown(self) -> _Entry:
        """The failed descriptor, or the oldest under way, or the last one done."""
        return self._failed or (self._entries[0] if self._entries else self._last_done)

    def read(self, offset: int) -> int:
        """`offset` within the channel; what does not exist reads as 0."""
        if offset == dma.CHANNEL_CCR:
            return (
                (dma.CHANNEL_CCR_ENABLE if self._enable else 0)
                | (dma.CHANNEL_CCR_CHAIN_RESUME if self._resume else 0)
                | (dma.CHANNEL_CCR_EOC_INTERRUPT if self._eoc_interrupt else 0)
            )
        if offset == dma.CHANNEL_CSR:
            active = self._fetching or self._entries or self._kick
            return self._status | (dma.CHANNEL_CSR_ACTIVE if active else 0)
        shown = self._shown
        return {
            dma.CHANNEL_DAR_LOW: shown.address & _LOW,
            dma.CHANNEL_DAR_HIGH: shown.address >> 32,
            dma.CHANNEL_NDAR_LOW: self._ndar & _LOW,
            dma.CHANNEL_NDAR_HIGH: self._ndar >> 32,
            dma.CHANNEL_SAR_LOW: shown.source & _LOW,
            dma.CHANNEL_SAR_HIGH: shown.source >> 32,
            dma.CHANNEL_TAR_LOW: shown.destination & _LOW,
            dma.CHANNEL_TAR_HIGH: shown.destination >> 32,
            dma.CHANNEL_BCR: shown.length,
            dma.CHANNEL_DCR: shown.control,
            dma.CHANNEL_DONE: self._done,
        }.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        if offset == dma.CHANNEL_CCR:
            self._enable = bool(value & dma.CHANNEL_CCR_ENABLE)
            self._eoc_interrupt = bool(value & dma.CHANNEL_CCR_EOC_INTERRUPT)
            self._resume = self._resume or bool(value & dma.CHANNEL_CCR_CHAIN_RESUME)
            self._kick = self._kick or self._enable
            self._changed.set()
        elif offset == dma.CHANNEL_CSR:
            self._status &= ~(value & _WRITE_TO_CLEAR)
        elif offset == dma.CHANNEL_NDAR_LOW and not self._fetching:
            self._ndar = self._ndar & ~_LOW | value
        elif offset == dma.CHANNEL_NDAR_HIGH and not self._fetching:
            self._ndar = self._ndar & _LOW | value << 32
        self._update()

    def _update(self) -> None:
        lasting = _ERRORS | dma.CHANNEL_CSR_EOT | (dma.CHANNEL_CSR_EOC if self._eoc_interrupt else 0)
        self._line(bool(self._status & lasting))

    def _raise(self, bits: int) -> None:
        self._status |= bits
        if bits & _ERRORS:
            self._enable = False
        self._update()

    @property
    def _halted(self) -> bool:
        return bool(self._status & _ERRORS) or self._failed is not None

    # ---- descriptors

    async def fetch(self) -> None:
        """Task: follow chains."""
        while True:
            # after an error the rest of the old chain drains before a new one starts
            await self._until(lambda: self._kick and (self._failed is None or not self._entries))
            self._kick = False
            if not self._status & _ERRORS:
                self._failed = None
            if self._status & _ERRORS or not self._enable:
                continue
            self._fetching = True
            if self._ndar:
                await self._fetch_chain()
            elif self._resume and self._last_address is not None:
                if await self._end_of_chain():
                    await self._fetch_chain()
            else:
                self._resume = False
            self._fetching = False

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed

    async def _fetch_chain(self) -> None:
        while True:
            await self._until(lambda: len(self._entries) < self.IN_FLIGHT or self._halted or not self._enable)
            if self._halted or not self._enable:
                return
            address = self._ndar
            if address % layout.SIZE_BYTES:
                self._raise(dma.CHANNEL_CSR_DESCRIPTOR_ERROR)
                return
            transfer = self._buses.read(Master.DMA, address, layout.SIZE_BYTES)
            await transfer.wait()
            bad = transfer.error or bool(_word(transfer.data, layout.LENGTH) & ~layout.LENGTH_COUNT)
            self._last_address = address
            if bad or self._halted:
                self._raise(dma.CHANNEL_CSR_DESCRIPTOR_ERROR if bad else 0)
                self._enable = False
                return
            entry = _Entry(address, transfer.data)
            self._ndar = _address(transfer.data, layout.NEXT_LOW)
            self._eoc_due = True
            self._entries.append(entry)
            self._to_read.append(entry)
            self._has_entries.set()
            if not self._ndar and not await self._end_of_chain():
                return

    async def _end_of_chain(self) -> bool:
        """Wait for the chain to end, or to be resumed: then True, with NDAR the next descriptor."""
        while True:
            await self._until(lambda: self._halted or self._resume or not self._entries)
            if self._halted:
                return False
            if not self._resume:
                if self._eoc_due:
                    self._raise(dma.CHANNEL_CSR_EOC)
                self._eoc_due = False
                return False
            self._resume = False
            again = self._buses.read(Master.DMA, self._last_address, 8)
            await again.wait()
            if again.error:
                self._raise(dma.CHANNEL_CSR_DESCRIPTOR_ERROR)
                return False
            self._ndar = int.from_bytes(again.data, "little")
            if self._ndar:
                return True

    # ---- data

    async def move(self) -> None:
        """Task: reads run ahead of the writes by what the buffer holds, from one descriptor into the next.

        A write is asked for in bursts that end at multiples of the burst size, whatever the alignment of the source:
        what does not fill one yet waits for the next chunk.
        """
        timing, buses = self._timing, self._buses
        reads: deque[tuple[_Entry, Transfer | None, int, bool]] = deque()
        ahead = position = written = 0
        kept = b""
        while True:
            if not (reads or self._to_read):
                self._has_entries.clear()
                await self._has_entries
                if len(self._entries) == 1:
                    await sleep(timing.dma_start_ps)
            while self._to_read and ahead < timing.dma_buffer_bytes:
                entry = self._to_read[0]
                chunk = self._chunk(entry, position)
                transfer = buses.read(Master.DMA, entry.source + position, chunk) if chunk else None
                ahead += chunk
                last = position + chunk == entry.length
                reads.append((entry, transfer, chunk, last))
                position = 0 if last else position + chunk
                if last:
                    self._to_read.popleft()
            entry, transfer, chunk, last = reads.popleft()
            if transfer is not None:
                if not transfer.is_over:
                    await transfer.wait()
                entry.read_error = entry.read_error or transfer.error
                ready = kept + transfer.data if kept else transfer.data
                destination = entry.destination + written
                end = destination + len(ready)
                size = len(ready) if last else max(0, end - end % timing.burst_bytes - destination)
                kept = ready[size:]
                written = 0 if last else written + size
                while self._unwritten >= timing.dma_buffer_bytes:
                    self._written.clear()
                    await self._written
                ahead -= chunk
                transfer = buses.write(Master.DMA, destination, ready[:size] if kept else ready) if size else None
                self._unwritten += size
            self._writes.put((entry, transfer, last))

    def _chunk(self, entry: _Entry, position: int) -> int:
        """Bytes to ask for next: bursts at both ends of a descriptor, where the other direction waits for them."""
        timing = self._timing
        left = entry.length - position
        whole = timing.burst_bytes if not position or left <= 2 * timing.dma_chunk_bytes else timing.dma_chunk_bytes
        return min(left, whole - (entry.source + position) % timing.burst_bytes)

    async def finish(self) -> None:
        """Task: descriptors are done when their writes are."""
        while True:
            entry, transfer, last = await self._writes.get()
            if transfer is not None:
                await transfer.wait()
                entry.write_error = entry.write_error or transfer.error
                self._unwritten -= transfer.length
                self._written.set()
            if last:
                self._complete(entry)

    def _complete(self, entry: _Entry) -> None:
        self._entries.popleft()
        self._last_done = entry
        if self._failed is None:
            if entry.read_error or entry.write_error:
                self._failed = entry
                self._resume = False
                self._raise(dma.CHANNEL_CSR_READ_ERROR if entry.read_error else dma.CHANNEL_CSR_WRITE_ERROR)
            else:
                self._done = self._done + 1 & _LOW
                if entry.control:
                    self._raise(dma.CHANNEL_CSR_EOT)
        self._changed.set()


def _word(descriptor: bytes, offset: int) -> int:
    return int.from_bytes(descriptor[offset : offset + 4], "little")


def _address(descriptor: bytes, offset: int) -> int:
    return int.from_bytes(descriptor[offset : offset + 8], "little")
