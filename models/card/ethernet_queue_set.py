"""A queue set: the register block in the layout of the 82544, its transmitter and its receiver."""

from __future__ import annotations

from collections.abc import Callable

from firmware.registers import ethernet
from models.card.bus import Buses
from models.card.descriptor_ring import DescriptorRing
from models.card.ethernet_interrupts import EthernetInterrupts
from models.card.ethernet_mac import MacControl
from models.card.ethernet_receive import Receiver
from models.card.ethernet_statistics import BASE as STATISTICS_BASE
from models.card.ethernet_statistics import SIZE_BYTES as STATISTICS_BYTES
from models.card.ethernet_statistics import EthernetStatistics
from models.card.ethernet_transmit import Transmitter
from models.card.timing import CardTiming
from models.kernel import Task, spawn

_STORAGE = (
    ethernet.RCTL, ethernet.TCTL, ethernet.RXCSUM, ethernet.RDBAL, ethernet.RDBAH, ethernet.RDLEN, ethernet.RDT,
    ethernet.TDBAL, ethernet.TDBAH, ethernet.TDLEN, ethernet.TDT,
)  # fmt: skip
"""Registers that read as written (within the mask below)."""
_MASKS = {
    ethernet.RDBAL: ethernet.RDBAL_RDBAL,
    ethernet.RDLEN: ethernet.RDLEN_LEN,
    ethernet.RDT: ethernet.RDT_RDT,
    ethernet.TDBAL: ethernet.TDBAL_TDBAL,
    ethernet.TDLEN: ethernet.TDLEN_LEN,
    ethernet.TDT: ethernet.TDT_TDT,
}
_TIMERS = {
    ethernet.ITR: "itr",
    ethernet.RDTR: "rdtr",
    ethernet.RADV: "radv",
    ethernet.TIDV: "tidv",
    ethernet.TADV: "tadv",
}
_RINGS = (
    (ethernet.RDBAL, ethernet.RDBAH, ethernet.RDLEN, ethernet.RDT),
    (ethernet.TDBAL, ethernet.TDBAH, ethernet.TDLEN, ethernet.TDT),
)
_DESCRIPTOR_BYTES = 16


class QueueSet:
    """`line` is called with the level of the interrupt line, `reset` for CTRL.RST; `wake` tells the MAC of frames to
    send. `mac` holds what the set's registers say of the MAC; the set that owns the MAC rules it with them."""

    def __init__(
        self,
        timing: CardTiming,
        buses: Buses,
        line: Callable[[bool], None],
        reset: Callable[[], None],
        mac_address: bytes,
        owner: QueueSet | None = None,
    ) -> None:
        self._timing = timing
        self._buses = buses
        self._owns_mac = owner is None
        self.statistics = EthernetStatistics()
        self.interrupts = EthernetInterrupts(line)
        self.mac = MacControl(mac_address, self.interrupts.cause, reset, self._load_address, self._owns_mac)
        self._wake = owner.mac.transmit_wake if owner else self.mac.transmit_wake
        self._vlan_table = [0] * ethernet.VFTA_COUNT
        self._multicast_table = [0] * ethernet.MTA_COUNT
        self._tasks: list[Task] = []
        self.resetting = False
        """Reads as CTRL.RST."""
        self._build()

    def _build(self) -> None:
        self._registers = dict.fromkeys(_STORAGE, 0)
        mac = self.mac
        self.transmitter = Transmitter(self._timing, self._buses, self.interrupts, self.statistics, mac, self._wake)
        self.receiver = Receiver(self._timing, self._buses, self.interrupts, self.statistics, mac, self._owns_mac)
        self.receiver.filter.table = self._multicast_table
        self.receiver.vlan_table = self._vlan_table
        self._load_address()

    def _load_address(self) -> None:
        """RAL0 and RAH0 are loaded from the EEPROM."""
        address = self.mac.mac_address
        self.receiver.filter.write(0, False, int.from_bytes(address[:4], "little"))
        self.receiver.filter.write(0, True, int.from_bytes(address[4:], "little") | ethernet.RA_RAH_AV)

    def start(self) -> None:
        self._tasks = [spawn(task, "Ethernet") for task in (*self.transmitter.tasks(), *self.receiver.tasks())]

    def stop(self) -> None:
        """Nothing new begins; frames of which nothing has left are lost."""
        self.resetting = True
        for task in self._tasks:
            task.cancel()
        self.transmitter.discard_waiting()

    def restart(self) -> None:
        """As after CTRL.RST: everything but MTA and VFTA is new."""
        self.interrupts.reset()
        self.statistics.reset()
        self.mac.reset()
        self._build()
        self.resetting = False
        self.start()

    # ---- registers

    def read(self, offset: int) -> int:
        """What does not exist reads as 0."""
        if offset in self._registers:
            return self._registers[offset]
        if self.mac.has(offset):
            pending = offset == ethernet.CTRL and self.resetting
            return self.mac.read(offset) | (ethernet.CTRL_RST if pending else 0)
        if offset == ethernet.ICR:
            return self.interrupts.read_icr()
        if offset == ethernet.IMS:
            return self.interrupts.ims
        if offset in _TIMERS:
            return getattr(self.interrupts, _TIMERS[offset])
        if offset == ethernet.RDH:
            return self.receiver.ring.head
        if offset == ethernet.TDH:
            return self.transmitter.ring.head
        if STATISTICS_BASE <= offset < STATISTICS_BASE + STATISTICS_BYTES:
            return self.statistics.read(offset)
        index = _index(offset, ethernet.RA_BASE, ethernet.RA_STRIDE // 2, 2 * ethernet.RA_COUNT)
        if index is not None:
            filtered = self.receiver.filter
            return filtered.high[index >> 1] if index & 1 else filtered.low[index >> 1]
        index = _index(offset, ethernet.MTA, ethernet.MTA_STRIDE, ethernet.MTA_COUNT)
        if index is not None:
            return self._multicast_table[index]
        index = _index(offset, ethernet.VFTA, ethernet.VFTA_STRIDE, ethernet.VFTA_COUNT)
        return self._vlan_table[index] if index is not None else 0

    def write(self, offset: int, value: int) -> None:
        """What does not exist ignores writes."""
        interrupts = self.interrupts
        if offset in self._registers:
            self._registers[offset] = value & _MASKS.get(offset, 0xFFFF_FFFF)
            self._apply(offset)
        elif self.mac.has(offset):
            self.mac.write(offset, value)
            self.receiver.watch_pause()
        elif offset == ethernet.ICR:
            interrupts.write_icr(value)
        elif offset == ethernet.ICS:
            interrupts.cause(value)
        elif offset == ethernet.IMS:
            interrupts.set_mask(value)
        elif offset == ethernet.IMC:
            interrupts.clear_mask(value)
        elif offset in _TIMERS:
            setattr(interrupts, _TIMERS[offset], value & 0xFFFF)
            if offset == ethernet.RDTR and value & ethernet.RDTR_FPD:
                interrupts.flush()
        elif offset == ethernet.RDH:
            self.receiver.ring.load_head(value & 0xFFFF)
            self.receiver.watch_threshold()
        elif offset == ethernet.TDH:
            self.transmitter.ring.load_head(value & 0xFFFF)
        else:
            self._write_table(offset, value)

    def _apply(self, offset: int) -> None:
        """Tell the blocks what a register says."""
        registers = self._registers
        receiver, transmitter = self.receiver, self.transmitter
        if offset == ethernet.RDT:
            receiver.ring.tail = registers[offset]
            receiver.ring.poke()
            receiver.watch_threshold()
        elif offset == ethernet.TDT:
            transmitter.ring.tail = registers[offset]
            transmitter.ring.poke()
        elif offset == ethernet.RCTL:
            receiver.rctl = registers[offset]
            receiver.ring.enabled = receiver.enabled
            receiver.ring.poke()
            receiver.watch_threshold()
        elif offset == ethernet.TCTL:
            if registers[offset] & ethernet.TCTL_SWXOFF:
                registers[offset] &= ~ethernet.TCTL_SWXOFF
                receiver.pause.send_xoff()
            transmitter.pad_short = bool(registers[offset] & ethernet.TCTL_PSP)
            transmitter.ring.enabled = bool(registers[offset] & ethernet.TCTL_EN)
            transmitter.ring.poke()
        elif offset == ethernet.RXCSUM:
            receiver.rxcsum = registers[offset]
        elif offset in _RINGS[0]:
            self._set_ring(receiver.ring, *_RINGS[0])
            receiver.watch_threshold()
        elif offset in _RINGS[1]:
            self._set_ring(transmitter.ring, *_RINGS[1])

    def _set_ring(self, ring: DescriptorRing, low: int, high: int, length: int, _tail: int) -> None:
        ring.base = self._registers[high] << 32 | self._registers[low]
        ring.count = self._registers[length] // _DESCRIPTOR_BYTES
        ring.poke()

    def _write_table(self, offset: int, value: int) -> None:
        index = _index(offset, ethernet.RA_BASE, ethernet.RA_STRIDE // 2, 2 * ethernet.RA_COUNT)
        if index is not None:
            self.receiver.filter.write(index >> 1, bool(index & 1), value)
            return
        index = _index(offset, ethernet.MTA, ethernet.MTA_STRIDE, ethernet.MTA_COUNT)
        if index is not None:
            self._multicast_table[index] = value
            return
        index = _index(offset, ethernet.VFTA, ethernet.VFTA_STRIDE, ethernet.VFTA_COUNT)
        if index is not None:
            self._vlan_table[index] = value


def _index(offset: int, base: int, stride: int, count: int) -> int | None:
    """Which entry of a table, or None."""
    index, rest = divmod(offset - base, stride)
    return index if rest == 0 and 0 <= index < count else None
