"""The functional model of the card: same registers, descriptors, messages and interrupts as the RTL, and no clock."""

from __future__ import annotations

from pathlib import Path

from firmware.registers import card as address_map
from models.card.bridge import Bridge, ModelHostPort
from models.card.bus import Buses, HostBus, HostBuses
from models.card.dma import DmaController
from models.card.ethernet import EthernetController
from models.card.firmware_port import ModelFirmwarePort
from models.card.grant_log import GrantLog
from models.card.interrupt_lines import InterruptLines, Line
from models.card.memory import CardMemory
from models.card.messaging import MessagingUnit
from models.card.timing import CardTiming
from models.card.wire_port import ModelWirePort
from models.observation import bus_log

MAC_ADDRESS = bytes.fromhex("020000000001")
"""In the EEPROM when nothing else is said."""


class ModelCard:
    """`host`, `firmware` and `wire` are the ports (models/ports.py).

    `seed` is taken so that every kind of card is made alike; nothing in the model is random. Without
    `record_grants` no bus log is kept, which very long runs may want. `nic` is the strap: the host has the Ethernet
    controller's registers, and firmware has not. With two `queue_sets` the TOE's host has one beside the firmware's.
    """

    def __init__(
        self,
        memory_bytes: int = 16 << 20,
        timing: CardTiming | None = None,
        seed: int = 1,
        record_grants: bool = True,
        mac_address: bytes = MAC_ADDRESS,
        nic: bool = False,
        queue_sets: int = 1,
    ) -> None:
        timing = timing or CardTiming()
        self.timing = timing
        self.seed = seed
        self.memory = CardMemory(memory_bytes)
        self.grants = GrantLog()
        self._lines = InterruptLines()
        self._bus = HostBus(timing, lambda kind, count: self._bridge.error(kind, count))
        if record_grants:
            self._bus.grant_log = self.grants.add
        buses = Buses(timing, self.memory, self._bus)
        self._bridge = Bridge(self._bus, lambda level: self._lines.set(Line.BRIDGE, level))
        self.host = ModelHostPort(timing, self._bus, self.memory, nic)
        self.host.reset_function = self._reset_function
        self._messaging = MessagingUnit(
            self.memory,
            (lambda level: None) if nic else self.host.irq,
            lambda level: self._lines.set(Line.MESSAGING, level),
        )
        self.host.bridge = self._bridge
        self.host.messaging = self._messaging
        self._dma = DmaController(
            timing,
            buses,
            (lambda level: self._lines.set(Line.DMA0, level), lambda level: self._lines.set(Line.DMA1, level)),
        )
        self.wire = ModelWirePort()
        self._nic = nic
        self._ethernet = EthernetController(
            timing,
            HostBuses(buses) if nic else buses,
            self._ethernet_irq,
            self.wire.left,
            mac_address,
            (lambda level: self.host.irq(level, 1)) if queue_sets == 2 else None,
        )
        self.host.ethernet = self._ethernet
        self.host.queues = None if nic else self._ethernet.host
        self.wire.enter = self._ethernet.enter
        self.wire.carrier = self._ethernet.mac.set_carrier
        self.firmware = ModelFirmwarePort(
            timing,
            buses,
            self._lines,
            ({} if nic else {_window(address_map.ETHERNET_BASE, address_map.ETHERNET_SIZE): self._ethernet})
            | {
                _window(address_map.MESSAGING_BASE, address_map.MESSAGING_SIZE): self._messaging,
                _window(address_map.DMA_BASE, address_map.DMA_SIZE): self._dma,
                _window(address_map.BRIDGE_BASE, address_map.BRIDGE_SIZE): self._bridge,
            },
        )

    async def start(self) -> None:
        """Out of reset: from here on firmware and host may use the card."""
        self._bus.start()
        self._dma.start()
        self._ethernet.start()

    def _ethernet_irq(self, level: bool) -> None:
        self._lines.set(Line.ETHERNET0, level)
        if self._nic:
            self.host.irq(level)

    def _reset_function(self) -> None:
        """Function-level reset (docs/resets.md)."""
        self._bus.abort()
        self._messaging.reset()
        self._dma.reset()
        self._ethernet.reset_function()
        self._bridge.error("function reset")

    def bus_beats(self) -> dict[str, int]:
        """Data beats on the host bus by master."""
        return {bus_log.master_name(master): beats for master, beats in enumerate(self._bus.beats)}

    def clock_cycles(self) -> int:
        """The model has no clock."""
        return 0

    def write_bus_log(self, path: Path) -> None:
        """Leave the bus log at `path`."""
        self.grants.write(path)

    def write_wave_view(self, out: Path, start_ps: int = 0) -> None:
        """The model has no waveform."""


def _window(base: int, size: int) -> range:
    begin = base - address_map.REGISTERS_BASE
    return range(begin, begin + size)
