"""The card's buses: the host bus with its arbiter, the bus to card memory, and the decoder before them."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from enum import IntEnum

from firmware.registers import card as address_map
from models.card.memory import CardMemory
from models.card.timing import CardTiming
from models.card.transfer import Transfer
from models.kernel import Event, now, sleep_until, spawn
from models.ports import BusError, PhysicalMemory

_CARD = address_map.MEMORY_BASE  # 1 << 63
_REGISTERS_BASE = address_map.REGISTERS_BASE


class Master(IntEnum):
    """Numbers on the bus arbiter (docs/architecture.md)."""

    ETHERNET_DATA = 0
    ETHERNET_DESCRIPTORS = 1
    DMA = 2
    FIRMWARE = 3


_REQUESTERS = 2 * len(Master)


class HostBus:
    """The bus before the PCI bridge: one grant a clock, per burst, for reads and writes together.

    Every master has two requesters, its writes (2 * master) and its reads (2 * master + 1), as in
    hdl/bus/axi_arbiter.v: round robin begins after the requester served last, fixed priority at requester 0.
    """

    def __init__(self, timing: CardTiming, on_error: Callable[[str, int], None]) -> None:
        self._timing = timing
        self._on_error = on_error
        self._queues: tuple[deque[Transfer], ...] = tuple(deque() for _ in range(_REQUESTERS))
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

    def abort(self) -> None:
        """Function-level reset: what waits for the host ends with an error."""
        for queue in self._queues:
            while queue:
                transfer = queue.popleft()
                transfer.error = True
                if not transfer.write:
                    transfer.data = bytes(transfer.length)
                transfer.end_at(now())
        self._waiting = 0
        self.beats = [0] * len(Master)

    async def _serve(self) -> None:
        """Task: grants, as long as there are requests and places for bursts without response."""
        most = self._timing.bus_outstanding
        outstanding = self._outstanding
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake
            time_ps = now()
            while outstanding and outstanding[0] <= time_ps:
                heapq.heappop(outstanding)
            while len(outstanding) < most and self._waiting:
                self._grant(self._pick(), time_ps)
            if self._waiting:
                await sleep_until(outstanding[0])

    def _pick(self) -> int:
        """The requester that is served next; there is one."""
        queues = self._queues
        if not self.round_robin:
            return next(index for index, queue in enumerate(queues) if queue)
        index = self._from
        if not queues[index]:
            self._held = 0
            while not queues[index]:
                index = index + 1 if index + 1 < _REQUESTERS else 0
        self._held += 1
        if self._held >= self._timing.bus_hold_bursts:
            self._held = 0
            self._from = index + 1 if index + 1 < _REQUESTERS else 0
        else:
            self._from = index
        return index

    def _grant(self, requester: int, time_ps: int) -> None:
        timing = self._timing
        clock_ps = timing.clock_ps
        queue = self._queues[requester]
        transfer = queue[0]
        position = transfer.position
        address = transfer.address + position
        length = transfer.length - position
        to_boundary = timing.burst_bytes - address % timing.burst_bytes
        if length > to_boundary:
            length = to_boundary
        count = ((address & 7) + length + 7) >> 3
        grant_ps = time_ps if time_ps > self._next_grant_ps else self._next_grant_ps
        self._next_grant_ps = grant_ps + clock_ps
        payload = timing.max_payload_bytes
        size = 8 * count
        moving_ps = (size - -length // payload * timing.tlp_overhead_bytes) * clock_ps // 8
        first = size if size < payload else payload
        if transfer.write:
            begin_ps = grant_ps + timing.host_write_latency_ps + first * clock_ps // 8
            free_ps = self._write_free_ps
            self._write_free_ps = done_ps = (begin_ps if begin_ps > free_ps else free_ps) + moving_ps
        else:
            first += timing.tlp_overhead_bytes
            begin_ps = grant_ps + timing.host_read_latency_ps + first * clock_ps // 8
            free_ps = self._read_free_ps
            self._read_free_ps = done_ps = (begin_ps if begin_ps > free_ps else free_ps) + moving_ps
        heapq.heappush(self._outstanding, done_ps)
        self.beats[requester >> 1] += count
        if self.grant_log is not None:
            self.grant_log(min(transfer.request_ps, grant_ps), grant_ps, done_ps, requester, address, count)
        position += length
        transfer.position = position
        if position == transfer.length:
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
        transfer = Transfer(address, length, None, now())
        if address & _CARD:
            self._card(transfer)
        else:
            self.host.submit(master, transfer)
        return transfer

    def write(self, master: Master, address: int, data: bytes) -> Transfer:
        """Begin a write; wait() for the transfer."""
        transfer = Transfer(address, len(data), data, now())
        if address & _CARD:
            self._card(transfer)
        else:
            self.host.submit(master, transfer)
        return transfer

    def _card(self, transfer: Transfer) -> None:
        """Card memory moves a beat a clock each way; masters share it in the order in which they ask."""
        timing = self._timing
        address, length = transfer.address, transfer.length
        moving_ps = (((address & 7) + length + 7) >> 3) * timing.clock_ps
        begin_ps = transfer.request_ps
        if transfer.write:
            if begin_ps < self._write_free_ps:
                begin_ps = self._write_free_ps
            self._write_free_ps = begin_ps + moving_ps
            done_ps = self._write_free_ps + timing.card_write_latency_ps
        else:
            begin_ps += timing.card_read_latency_ps
            if begin_ps < self._read_free_ps:
                begin_ps = self._read_free_ps
            self._read_free_ps = done_ps = begin_ps + moving_ps
        memory = self._memory
        if 0 <= address - _CARD <= memory.size - length:
            if transfer.write:
                memory.write(address - _CARD, transfer.data)
            else:
                transfer.data = memory.read(address - _CARD, length)
        else:
            transfer.perform(self._read_memory, self._write_memory, timing.burst_bytes)
        transfer.done_ps = done_ps

    def _read_memory(self, address: int, length: int) -> bytes:
        if address >= _REGISTERS_BASE:
            self._forbid(address)
        return self._memory.read(address - _CARD, length)

    def _write_memory(self, address: int, data: bytes) -> None:
        if address >= _REGISTERS_BASE:
            self._forbid(address)
        self._memory.write(address - _CARD, data)

    @staticmethod
    def _forbid(address: int) -> None:
        raise BusError(f"registers are the firmware's alone: {address:#x}")


class HostBuses(Buses):
    """The same for a master whose addresses the host names: bit 63 is cleared, so that none is card memory."""

    def __init__(self, buses: Buses) -> None:
        self._buses = buses
        self.host = buses.host

    def read(self, master: Master, address: int, length: int) -> Transfer:
        return self._buses.read(master, address & ~_CARD, length)

    def write(self, master: Master, address: int, data: bytes) -> Transfer:
        return self._buses.write(master, address & ~_CARD, data)
