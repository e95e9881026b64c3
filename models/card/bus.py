"""The card's buses: the host bus with its arbiter, the bus to card memory, and the decoder before them."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from enum import IntEnum

from firmware.registers import card as address_map
from models.card.memory import CardMemory
from models.card.timing import CardTiming
from models.card.transfer import Transfer, beats
from models.kernel import Event, now, sleep, spawn
from models.ports import BusError, PhysicalMemory

_CARD = 1 << 63


class Master(IntEnum):
    """Numbers on the bus arbiter (docs/architecture.md)."""

    ETHERNET_DATA = 0
    ETHERNET_DESCRIPTORS = 1
    DMA = 2
    FIRMWARE = 3


class HostBus:
    """The bus before the PCI bridge: one grant a clock, per burst, for reads and writes together.

    Every master has two requesters, its writes (2 * master) and its reads (2 * master + 1), as in
    hdl/bus/axi_arbiter.v: round robin begins after the requester served last, fixed priority at requester 0.
    """

    def __init__(self, timing: CardTiming, on_error: Callable[[str, int], None]) -> None:
        self._timing = timing
        self._on_error = on_error
        self._queues: tuple[deque[Transfer], ...] = tuple(deque() for _ in range(2 * len(Master)))
        self._waiting = 0
        self._wake = Event()
        self._outstanding: list[int] = []
        self._next_grant_ps = 0
        self._read_free_ps = 0
        self._write_free_ps = 0
        self._from = 0
        self._held = 0
        self.round_robin = True
        self.bus_master = False
        """Bus master enable of the host; without it every burst is answered with SLVERR."""
        self.memory: PhysicalMemory | None = None
        self.beats = [0] * len(Master)
        self.lost_writes = 0
        """Posted write bursts for which the host had no memory; the card cannot know."""
        self.grant_log: Callable[[int, int, int, int, int, int], None] | None = None
        """Called with request, grant and last beat (ps), requester, address and beats of each burst."""

    @property
    def posted_until_ps(self) -> int:
        """When the last granted write is on its way; nothing that must stay behind it goes earlier."""
        return self._write_free_ps

    def start(self) -> None:
        spawn(self._serve(), "bus arbiter")

    def submit(self, master: Master, transfer: Transfer) -> None:
        """Ask for the bursts of a transfer, behind the master's earlier ones of the same direction."""
        if transfer.length == 0:
            transfer.end_at(now())
            return
        self._queues[2 * master + (not transfer.write)].append(transfer)
        self._waiting += 1
        self._wake.set()

    async def _serve(self) -> None:
        timing = self._timing
        outstanding = self._outstanding
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake
            time_ps = now()
            while outstanding and outstanding[0] <= time_ps:
                heapq.heappop(outstanding)
            if len(outstanding) >= timing.bus_outstanding:
                await sleep(outstanding[0] - time_ps)
                continue
            self._grant(self._pick(), time_ps)

    def _pick(self) -> int:
        queues = self._queues
        if not self.round_robin:
            return next(index for index, queue in enumerate(queues) if queue)
        index = self._from
        while not queues[index]:
            index = (index + 1) % len(queues)
        if index != self._from:
            self._held = 0
        self._held += 1
        if self._held >= self._timing.bus_hold_bursts:
            self._held = 0
            self._from = (index + 1) % len(queues)
        else:
            self._from = index
        return index

    def _grant(self, requester: int, time_ps: int) -> None:
        timing = self._timing
        queue = self._queues[requester]
        transfer = queue[0]
        address = transfer.address + transfer.position
        length = min(transfer.length - transfer.position, timing.burst_bytes - address % timing.burst_bytes)
        count = beats(address, length)
        grant_ps = time_ps if time_ps > self._next_grant_ps else self._next_grant_ps
        self._next_grant_ps = grant_ps + timing.clock_ps
        payload = timing.max_payload_bytes
        tlps = -(-length // payload)
        size = 8 * count
        moving_ps = (size + tlps * timing.tlp_overhead_bytes) * timing.clock_ps // 8
        first = size if size < payload else payload
        if transfer.write:
            begin_ps = grant_ps + timing.host_write_latency_ps + first * timing.clock_ps // 8
            done_ps = max(begin_ps, self._write_free_ps) + moving_ps
            self._write_free_ps = done_ps
        else:
            first += timing.tlp_overhead_bytes
            begin_ps = grant_ps + timing.host_read_latency_ps + first * timing.clock_ps // 8
            done_ps = max(begin_ps, self._read_free_ps) + moving_ps
            self._read_free_ps = done_ps
        heapq.heappush(self._outstanding, done_ps)
        master = requester >> 1
        self.beats[master] += count
        if self.grant_log is not None:
            self.grant_log(min(transfer.request_ps, grant_ps), grant_ps, done_ps, requester, address, count)
        transfer.position += length
        if transfer.position == transfer.length:
            queue.popleft()
            self._waiting -= 1
            self._perform(transfer)
            transfer.end_at(done_ps)
        else:
            transfer.request_ps = self._next_grant_ps

    def _perform(self, transfer: Transfer) -> None:
        memory = self.memory
        if memory is None or not self.bus_master:
            transfer.error = True
            if not transfer.write:
                transfer.data = bytes(transfer.length)
            burst = self._timing.burst_bytes
            self._on_error("bus master off", (transfer.address % burst + transfer.length + burst - 1) // burst)
            return
        failed = transfer.perform(memory.read, memory.write, self._timing.burst_bytes)
        if failed and transfer.write:
            transfer.error = False
            self.lost_writes += failed
        elif failed:
            self._on_error("completion error", failed)


class Buses:
    """What a bus master of the card sees: card memory and host memory, by address (bit 63 set: the card)."""

    def __init__(self, timing: CardTiming, memory: CardMemory, host: HostBus) -> None:
        self._timing = timing
        self._memory = memory
        self._read_free_ps = 0
        self._write_free_ps = 0
        self.host = host

    def read(self, master: Master, address: int, length: int) -> Transfer:
        """Begin a read; wait() for the transfer."""
        transfer = Transfer(address, length)
        if address & _CARD:
            self._card(transfer)
        else:
            self.host.submit(master, transfer)
        return transfer

    def write(self, master: Master, address: int, data: bytes) -> Transfer:
        """Begin a write; wait() for the transfer."""
        transfer = Transfer(address, len(data), data)
        if address & _CARD:
            self._card(transfer)
        else:
            self.host.submit(master, transfer)
        return transfer

    def _card(self, transfer: Transfer) -> None:
        """Card memory moves a beat a clock each way; masters share it in the order in which they ask."""
        timing = self._timing
        moving_ps = beats(transfer.address, transfer.length) * timing.clock_ps
        if transfer.write:
            begin_ps = max(transfer.request_ps, self._write_free_ps)
            self._write_free_ps = begin_ps + moving_ps
            done_ps = self._write_free_ps + timing.card_write_latency_ps
        else:
            begin_ps = max(transfer.request_ps + timing.card_read_latency_ps, self._read_free_ps)
            self._read_free_ps = done_ps = begin_ps + moving_ps
        transfer.perform(self._read_memory, self._write_memory, timing.burst_bytes)
        transfer.end_at(done_ps)

    def _read_memory(self, address: int, length: int) -> bytes:
        return self._memory.read(self._offset(address), length)

    def _write_memory(self, address: int, data: bytes) -> None:
        self._memory.write(self._offset(address), data)

    def _offset(self, address: int) -> int:
        if address >= address_map.REGISTERS_BASE:
            raise BusError(f"registers are the firmware's alone: {address:#x}")
        return address - address_map.MEMORY_BASE
