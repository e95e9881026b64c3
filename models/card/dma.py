"""DMA controller: descriptor chains move bytes between host and card memory (channel 0; channel 1 is reserved)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from firmware.registers import dma
from firmware.registers import dma_descriptor as layout
from models.card.bus import Buses, Master
from models.card.timing import CardTiming
from models.card.transfer import Transfer
from models.kernel import Event, after

_ERRORS = dma.CHANNEL_CSR_DESCRIPTOR_ERROR | dma.CHANNEL_CSR_READ_ERROR | dma.CHANNEL_CSR_WRITE_ERROR
_WRITE_TO_CLEAR = _ERRORS | dma.CHANNEL_CSR_EOC | dma.CHANNEL_CSR_EOT
_LOW = 0xFFFF_FFFF
_OUTSTANDING_CHUNKS = 2


class DmaChannel:
    """One channel; `line` is called with the level of its interrupt line."""

    def __init__(self, timing: CardTiming, buses: Buses, line: Callable[[bool], None]) -> None:
        self._timing = timing
        self._buses = buses
        self._line = line
        self._start = Event()
        self._enable = self._resume = self._eoc_interrupt = False
        self._status = 0
        self._active = False
        self._dar = self._ndar = self._sar = self._tar = 0
        self._count = self._control = self._done = 0

    # ---- registers

    def read(self, offset: int) -> int:
        """`offset` within the channel; what does not exist reads as 0."""
        if offset == dma.CHANNEL_CCR:
            return (
                (dma.CHANNEL_CCR_ENABLE if self._enable else 0)
                | (dma.CHANNEL_CCR_CHAIN_RESUME if self._resume else 0)
                | (dma.CHANNEL_CCR_EOC_INTERRUPT if self._eoc_interrupt else 0)
            )
        if offset == dma.CHANNEL_CSR:
            return self._status | (dma.CHANNEL_CSR_ACTIVE if self._active else 0)
        return {
            dma.CHANNEL_DAR_LOW: self._dar & _LOW,
            dma.CHANNEL_DAR_HIGH: self._dar >> 32,
            dma.CHANNEL_NDAR_LOW: self._ndar & _LOW,
            dma.CHANNEL_NDAR_HIGH: self._ndar >> 32,
            dma.CHANNEL_SAR_LOW: self._sar & _LOW,
            dma.CHANNEL_SAR_HIGH: self._sar >> 32,
            dma.CHANNEL_TAR_LOW: self._tar & _LOW,
            dma.CHANNEL_TAR_HIGH: self._tar >> 32,
            dma.CHANNEL_BCR: self._count,
            dma.CHANNEL_DCR: self._control,
            dma.CHANNEL_DONE: self._done,
        }.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        if offset == dma.CHANNEL_CCR:
            self._enable = bool(value & dma.CHANNEL_CCR_ENABLE)
            self._eoc_interrupt = bool(value & dma.CHANNEL_CCR_EOC_INTERRUPT)
            if value & dma.CHANNEL_CCR_CHAIN_RESUME:
                self._resume = True
            if self._enable and not self._active and not self._status & _ERRORS and (self._ndar or self._resume):
                self._active = True
                self._start.set()
        elif offset == dma.CHANNEL_CSR:
            self._status &= ~(value & _WRITE_TO_CLEAR)
        elif offset == dma.CHANNEL_NDAR_LOW and not self._active:
            self._ndar = self._ndar & ~_LOW | value
        elif offset == dma.CHANNEL_NDAR_HIGH and not self._active:
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

    # ---- chains

    async def run(self) -> None:
        """Task: carry out chains."""
        while True:
            self._start.clear()
            await self._start
            await self._chain()
            self._active = False
            # a resume that came with the last descriptor's end must not be forgotten
            if self._enable and self._resume and not self._status & _ERRORS:
                self._active = True
                self._start.set()

    async def _chain(self) -> None:
        fetch: Transfer | None = None
        while True:
            if fetch is None:
                if not self._ndar and not await self._resumed():
                    return
                if not self._enable:
                    return
                fetch = self._fetch()
            address = self._ndar
            await fetch.wait()
            self._dar = address
            descriptor = fetch.data
            count = _word(descriptor, layout.LENGTH)
            if fetch.error or address % layout.SIZE_BYTES or count & ~layout.LENGTH_COUNT:
                self._raise(dma.CHANNEL_CSR_DESCRIPTOR_ERROR)
                return
            self._ndar = _address(descriptor, layout.NEXT_LOW)
            self._sar = _address(descriptor, layout.SOURCE_LOW)
            self._tar = _address(descriptor, layout.DESTINATION_LOW)
            self._count = count
            self._control = _word(descriptor, layout.CONTROL) & layout.CONTROL_INTERRUPT
            interrupt = self._control
            fetch = self._fetch() if self._ndar and self._enable else None
            error = await self._move(self._sar, self._tar, count)
            if error:
                self._raise(error)
                return
            self._done = self._done + 1 & _LOW
            if interrupt:
                self._raise(dma.CHANNEL_CSR_EOT)

    def _fetch(self) -> Transfer:
        return self._buses.read(Master.DMA, self._ndar, layout.SIZE_BYTES)

    async def _resumed(self) -> bool:
        """The chain's end: with CHAIN_RESUME the last descriptor's next address is read again."""
        if self._resume:
            self._resume = False
            again = self._buses.read(Master.DMA, self._dar, 8)
            await again.wait()
            if again.error:
                self._raise(dma.CHANNEL_CSR_DESCRIPTOR_ERROR)
                return False
            self._ndar = int.from_bytes(again.data, "little")
            if self._ndar:
                return True
        self._raise(dma.CHANNEL_CSR_EOC)
        return False

    async def _move(self, source: int, target: int, left: int) -> int:
        """Copy; reads run ahead of the writes by two chunks. Returns the error bits of CSR."""
        timing, buses = self._timing, self._buses
        reads: deque[Transfer] = deque()
        writes: deque[Transfer] = deque()
        error = 0
        if left:
            await after(timing.dma_start_ps)
        while left or reads:
            while left and len(reads) < _OUTSTANDING_CHUNKS and not error:
                chunk = min(left, timing.dma_chunk_bytes - source % timing.burst_bytes)
                reads.append(buses.read(Master.DMA, source, chunk))
                source += chunk
                left -= chunk
            if not reads:
                break
            read = reads.popleft()
            await read.wait()
            if read.error:
                error |= dma.CHANNEL_CSR_READ_ERROR
            if error:
                continue
            if len(writes) == _OUTSTANDING_CHUNKS:
                error |= await _written(writes.popleft())
            writes.append(buses.write(Master.DMA, target, read.data))
            target += read.length
        for write in writes:
            error |= await _written(write)
        return error


async def _written(write: Transfer) -> int:
    await write.wait()
    return dma.CHANNEL_CSR_WRITE_ERROR if write.error else 0


def _word(descriptor: bytes, offset: int) -> int:
    return int.from_bytes(descriptor[offset : offset + 4], "little")


def _address(descriptor: bytes, offset: int) -> int:
    return int.from_bytes(descriptor[offset : offset + 8], "little")


class DmaController:
    """The register block: channels CHANNEL_STRIDE apart; the reserved one reads as 0."""

    def __init__(self, timing: CardTiming, buses: Buses, line: Callable[[bool], None]) -> None:
        self.channel = DmaChannel(timing, buses, line)

    def read(self, offset: int) -> int:
        return self.channel.read(offset) if offset < dma.CHANNEL_STRIDE else 0

    def write(self, offset: int, value: int) -> None:
        if offset < dma.CHANNEL_STRIDE:
            self.channel.write(offset, value)
