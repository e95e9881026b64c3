"""The PCI bridge: BAR accesses of the host, interrupt messages to it, its error counters and the arbiter's control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware.registers import bridge
from models.card.bus import HostBus, Master
from models.card.memory import CardMemory
from models.card.messaging import MessagingUnit
from models.card.timing import CardTiming
from models.kernel import Event, now, sleep, sleep_until, spawn
from models.ports import BusError, PhysicalMemory

REGISTERS_BAR = 0
MEMORY_BAR = 1
IO_BAR = 2
QUEUES_BAR = 2
"""Of the TOE with two queue sets."""
MESSAGING_BAR_BYTES = 4096
ETHERNET_BAR_BYTES = 128 << 10
IO_BAR_BYTES = 8
IO_ADDRESS, IO_DATA = 0, 4
RESET_CLOCKS = 14
"""Of a function-level reset when nothing is under way (hdl/pci_bridge/pci_function_reset.v)."""

_COUNTERS = {
    "unsupported request": (bridge.UNSUPPORTED_REQUESTS, bridge.STATUS_UNSUPPORTED_REQUEST),
    "completer abort": (bridge.COMPLETER_ABORTS, bridge.STATUS_COMPLETER_ABORT),
    "completion error": (bridge.COMPLETION_ERRORS, bridge.STATUS_COMPLETION_ERROR),
    "bus master off": (bridge.BUS_MASTER_OFF_DROPS, bridge.STATUS_BUS_MASTER_OFF),
    "posted drop": (bridge.POSTED_DROPS, bridge.STATUS_POSTED_DROP),
    "function reset": (bridge.FUNCTION_RESETS, bridge.STATUS_FUNCTION_RESET),
}
_BEATS = (bridge.BUS_BEATS0, bridge.BUS_BEATS1, bridge.BUS_BEATS2, bridge.BUS_BEATS3)
_ALL = 0xFFFF_FFFF


class Bridge:
    """Error counters and arbiter control as the firmware sees them; `line` is the error interrupt."""

    def __init__(self, bus: HostBus, line: Callable[[bool], None]) -> None:
        self._bus = bus
        self._line = line
        self._status = 0
        self._mask = bridge.MASK_RESET
        self._counters = {offset: 0 for offset in range(bridge.UNSUPPORTED_REQUESTS, bridge.FUNCTION_RESETS + 4, 4)}

    def error(self, kind: str, count: int = 1) -> None:
        """Count `count` errors of a kind named in _COUNTERS."""
        counter, status = _COUNTERS[kind]
        self._counters[counter] = self._counters[counter] + count & _ALL
        self._status |= status
        self._update()

    def _update(self) -> None:
        self._line(bool(self._status & ~self._mask))

    def read(self, offset: int) -> int:
        """Raises BusError for what does not exist."""
        if offset in self._counters:
            return self._counters[offset]
        if offset in _BEATS:
            return self._bus.beats[Master(_BEATS.index(offset))] & _ALL
        if offset == bridge.STATUS:
            return self._status
        if offset == bridge.MASK:
            return self._mask
        if offset == bridge.ARBITER_CONTROL:
            return int(self._bus.round_robin)
        raise BusError(f"no register of the bridge at {offset:#x}")

    def write(self, offset: int, value: int) -> None:
        """Raises BusError beyond the registers."""
        if offset > bridge.BUS_BEATS3:
            raise BusError(f"no register of the bridge at {offset:#x}")
        if offset == bridge.STATUS:
            self._status &= ~value
        elif offset == bridge.MASK:
            self._mask = value & bridge.MASK_BITS
        elif offset == bridge.ARBITER_CONTROL:
            self._bus.round_robin = bool(value & bridge.ARBITER_CONTROL_ROUND_ROBIN)
        self._update()


def _whole(value: int, mask: int) -> int:
    """The Ethernet controller's registers are whole words: raises BusError for a part of one."""
    if mask != _ALL:
        raise BusError(f"bytes {mask:#010x} of a register of the Ethernet controller")
    return value


class ModelHostPort:
    """HostPort (models/ports.py): BAR0 the messaging unit, BAR1 card memory; one MSI vector.

    In the NIC personality BAR0 is `ethernet`, BAR2 the I/O window on it, and the interrupt is INTx.

    What the host posts and asks for reaches the card in order. Nothing of the card's overtakes its posted writes:
    neither a completion nor an interrupt message.
    """

    def __init__(self, timing: CardTiming, bus: HostBus, memory: CardMemory, nic: bool = False) -> None:
        self._nic = nic
        self._intx: Callable[[bool], None] = lambda level: None
        self._io_address = 0
        self.ethernet: Any = None
        self.queues: Any = None
        """The host's queue set beside the firmware's (BAR2 of the TOE)."""
        self.reset_function: Callable[[], None] = lambda: None
        self._timing = timing
        self._bus = bus
        self._memory = memory
        self._interrupt: Callable[[int], None] = lambda vector: None
        self._link_free_ps = 0
        self._arrived_ps = 0
        self._last: Event | None = None
        self._level = False
        self._levels = [False, False]
        self._told_ps = 0
        self.messaging: MessagingUnit
        self.bridge: Bridge
        self.started = False

    def connect(self, memory: PhysicalMemory, interrupt: Callable[[int], None]) -> None:
        self._bus.memory = memory
        self._interrupt = interrupt

    async def start(self) -> None:
        """Configuration takes no time here; from now on the card may use the bus and interrupt."""
        await self.set_bus_master(True)

    async def set_bus_master(self, enable: bool) -> None:
        """Without it the card's bursts end with errors and interrupt messages wait; INTx needs none."""
        self._bus.bus_master = enable
        resumes = enable and not self.started
        self.started = enable
        if resumes and self._level and not self._nic:
            self._send_interrupt()

    def connect_intx(self, changed: Callable[[bool], None]) -> None:
        self._intx = changed

    async def function_reset(self) -> None:
        """Reset the function and give it back its configuration."""
        await self.set_bus_master(False)
        self._io_address = 0
        self.reset_function()
        await sleep(RESET_CLOCKS * self._timing.clock_ps)
        await self.set_bus_master(True)

    # ---- the host's accesses

    async def write(self, bar: int, offset: int, data: bytes) -> None:
        """Returns when the TLP has left the root complex. Raises BusError outside the BARs."""
        self._check(bar, offset, len(data))
        if bar == IO_BAR and self._nic:
            await self._write_io(offset, data)
            return
        arrival_ps, earlier, done = self._depart(len(data))
        spawn(self._land(bar, offset, bytes(data), arrival_ps, earlier, done), "posted write")
        await sleep_until(self._link_free_ps)

    async def read(self, bar: int, offset: int, length: int) -> bytes:
        self._check(bar, offset, length)
        arrival_ps, earlier, done = self._depart(0)
        await self._arrive(arrival_ps, earlier)
        timing = self._timing
        await sleep(
            timing.bridge_memory_ps + 2 * length * timing.clock_ps // 8
            if bar == MEMORY_BAR
            else timing.bridge_target_ps
        )
        try:
            data = self._read_now(bar, offset, length)
        except BusError:
            self.bridge.error("completer abort")
            data = None
        done.set()
        begin_ps = max(now(), self._bus.posted_until_ps)
        size_ps = (length + timing.tlp_overhead_bytes) * timing.clock_ps // 8
        await sleep_until(begin_ps + timing.host_flight_ps + size_ps)
        if data is None:
            raise BusError(f"read of {length} bytes at {offset:#x} of BAR{bar}")
        return data

    async def _write_io(self, offset: int, data: bytes) -> None:
        """Not posted: takes the round trip. Raises BusError where IOADDR names no register."""
        arrival_ps, earlier, done = self._depart(len(data))
        await self._arrive(arrival_ps, earlier)
        timing = self._timing
        await sleep(timing.bridge_target_ps)
        error: BusError | None = None
        try:
            self._write_now(IO_BAR, offset, data)
        except BusError as refused:
            self.bridge.error("completer abort")
            error = refused
        done.set()
        begin_ps = max(now(), self._bus.posted_until_ps)
        size_ps = timing.tlp_overhead_bytes * timing.clock_ps // 8
        await sleep_until(begin_ps + timing.host_flight_ps + size_ps)
        if error is not None:
            raise error

    def _check(self, bar: int, offset: int, length: int) -> None:
        """No address on the bus leads beyond a BAR."""
        sizes = (
            {REGISTERS_BAR: ETHERNET_BAR_BYTES, IO_BAR: IO_BAR_BYTES}
            if self._nic
            else {REGISTERS_BAR: MESSAGING_BAR_BYTES, MEMORY_BAR: self._memory.size}
            | ({QUEUES_BAR: ETHERNET_BAR_BYTES} if self.queues is not None else {})
        )
        size = sizes.get(bar, 0)
        if offset < 0 or length <= 0 or offset + length > size:
            raise BusError(f"no BAR{bar} bytes {offset:#x} to {offset + length:#x}")

    def _depart(self, payload: int) -> tuple[int, Event | None, Event]:
        """A TLP leaves the host: when it arrives, what comes before it, and what to set when it has been served."""
        timing = self._timing
        size_ps = (payload + timing.tlp_overhead_bytes) * timing.clock_ps // 8
        self._link_free_ps = max(now(), self._link_free_ps) + size_ps
        earlier, self._last = self._last, Event()
        return self._link_free_ps + timing.host_flight_ps, earlier, self._last

    async def _arrive(self, arrival_ps: int, earlier: Event | None) -> None:
        await sleep_until(arrival_ps)
        if earlier is not None:
            await earlier

    async def _land(
        self, bar: int, offset: int, data: bytes, arrival_ps: int, earlier: Event | None, done: Event
    ) -> None:
        await self._arrive(arrival_ps, earlier)
        try:
            self._write_now(bar, offset, data)
        except BusError:
            self.bridge.error("posted drop")
        done.set()

    def _read_now(self, bar: int, offset: int, length: int) -> bytes:
        if bar == MEMORY_BAR:
            return self._memory.read(offset, length)
        first = offset & 3
        if first + length > 4:
            raise BusError(f"{length} bytes at {offset:#x} of BAR{bar}")
        return self._read_register(bar, offset - first).to_bytes(4, "little")[first : first + length]

    def _read_register(self, bar: int, offset: int) -> int:
        if not self._nic:
            return self.queues.read(offset) if bar == QUEUES_BAR else self.messaging.host_read(offset)
        if bar == IO_BAR:
            if offset == IO_ADDRESS:
                return self._io_address
            offset = self._io_register()
        return self.ethernet.read(offset)

    def _io_register(self) -> int:
        if self._io_address >= ETHERNET_BAR_BYTES:
            raise BusError(f"no register at {self._io_address:#x}")
        return self._io_address & ~3

    def _write_register(self, bar: int, offset: int, value: int, mask: int) -> None:
        if not self._nic and bar == QUEUES_BAR:
            self.queues.write(offset, _whole(value, mask))
            return
        if not self._nic:
            self.messaging.host_write(offset, value, mask)
            return
        if bar == IO_BAR:
            if offset == IO_ADDRESS:
                self._io_address = self._io_address & ~mask | value & mask
                return
            offset = self._io_register()
        self.ethernet.write(offset, _whole(value, mask))

    def _write_now(self, bar: int, offset: int, data: bytes) -> None:
        if bar == MEMORY_BAR:
            self._memory.write(offset, data)
            return
        first = offset & 3
        if first + len(data) > 4:
            raise BusError(f"{len(data)} bytes at {offset:#x} of BAR{bar}")
        mask = (1 << 8 * len(data)) - 1 << 8 * first
        self._write_register(bar, offset - first, int.from_bytes(data, "little") << 8 * first, mask)

    # ---- interrupt messages

    def irq(self, level: bool, source: int = 0) -> None:
        """The messaging unit's interrupt to the host, or (source 1) the host's queue set's: a message at each rise."""
        levels = self._levels[:]
        levels[source] = level
        rises = level and not self._levels[source]
        changes = any(levels) != self._level
        self._levels = levels
        self._level = any(levels)
        if self._nic:
            if changes:
                self._send_level(level)
        elif rises and self.started:
            self._send_interrupt()

    def _send_interrupt(self) -> None:
        timing = self._timing
        begin_ps = max(now(), self._bus.posted_until_ps)
        self._told_ps = max(begin_ps + timing.host_flight_ps, self._told_ps)
        spawn(self._deliver(self._told_ps), "interrupt message")

    def _send_level(self, level: bool) -> None:
        begin_ps = max(now(), self._bus.posted_until_ps) if level else now()
        self._told_ps = max(begin_ps + self._timing.host_flight_ps, self._told_ps)
        spawn(self._deliver_level(self._told_ps, level), "INTx message")

    async def _deliver_level(self, time_ps: int, level: bool) -> None:
        await sleep_until(time_ps)
        self._intx(level)

    async def _deliver(self, time_ps: int) -> None:
        await sleep_until(time_ps)
        self._interrupt(0)
