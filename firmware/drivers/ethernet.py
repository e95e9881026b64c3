"""The Ethernet controller (82544 register layout): reset, address, rings and interrupts."""

from __future__ import annotations

from collections.abc import Iterable

from firmware.card_memory import CardMemory
from firmware.drivers.ethernet_receive import ReceiveRing
from firmware.drivers.ethernet_transmit import TransmitRing
from firmware.processor import Bus
from firmware.registers import card, ethernet
from firmware.statistics import Statistics

THROTTLE_UNIT_NS = 256
"""Unit of ITR (82544 SDM, 13.4.18)."""
RECEIVE_CAUSES = ethernet.ICR_RXT0 | ethernet.ICR_RXDMT0 | ethernet.ICR_RXO
CAUSES = RECEIVE_CAUSES | ethernet.ICR_TXDW | ethernet.ICR_LSC
_RESET_READS = 16
"""Reads of CTRL after which a reset that has not ended is a fault."""
_OWN_COUNTERS = {
    "ethernet_transmit_read_errors": ethernet.TXRDERR,
    "ethernet_transmit_bad_descriptors": ethernet.TXBADD,
    "ethernet_receive_write_errors": ethernet.RXWRERR,
    "ethernet_no_receive_descriptor": ethernet.RNBC,
    "ethernet_crc_errors": ethernet.CRCERRS,
    "ethernet_missed_frames": ethernet.MPC,
    "ethernet_receive_errors": ethernet.RXERRC,
    "ethernet_undersize_frames": ethernet.RUC,
    "ethernet_fragments": ethernet.RFC,
    "ethernet_oversize_frames": ethernet.ROC,
    "ethernet_jabbers": ethernet.RJC,
}
"""Statistics of the hardware that tell of lost frames; reading clears them."""


class EthernetError(Exception):
    """The controller does not do what it must."""


class Ethernet:
    """One queue set. Receives into `receive`, sends from `transmit`."""

    def __init__(self, bus: Bus, memory: CardMemory, statistics: Statistics, transmit_ring: int = 256,
                 receive_ring: int = 256, receive_buffers: int = 768, buffer_bytes: int = 2048,
                 header_bytes: int = 32768) -> None:
        self._bus = bus
        self._statistics = statistics
        self.transmit = TransmitRing(bus, memory, transmit_ring, header_bytes)
        self.receive = ReceiveRing(bus, memory, receive_ring, receive_buffers, buffer_bytes, statistics)
        self.link_changes = 0
        self._multicast_table = [0] * ethernet.MTA_COUNT

    async def start(self, throttle_ns: int = 0) -> None:
        """Reset the controller and start its rings; no frame is taken in before `set_address`."""
        base = card.ETHERNET_BASE
        write = self._bus.write_register
        await write(base + ethernet.CTRL, ethernet.CTRL_RST)
        for _ in range(_RESET_READS):
            if not await self._bus.read_register(base + ethernet.CTRL) & ethernet.CTRL_RST:
                break
        else:
            raise EthernetError("CTRL.RST does not clear")
        await write(base + ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
        await write(base + ethernet.IMC, 0xFFFFFFFF)
        await self._bus.read_register(base + ethernet.ICR)
        await self.transmit.start()
        await self.receive.start()
        await write(base + ethernet.ITR, min(0xFFFF, -(-throttle_ns // THROTTLE_UNIT_NS)))
        await write(base + ethernet.IMS, CAUSES)

    async def set_address(self, mac: bytes, groups: Iterable[bytes] = ()) -> None:
        """Receive frames for this station address, broadcasts, and those to these multicast addresses.

        Groups pass by the hash over bits 47:36 of the address (RCTL.MO 0; 82544 SDM, 13.5.1): others may pass too.
        """
        table = [0] * ethernet.MTA_COUNT
        for group in groups:
            value = int.from_bytes(group, "little") >> 36 & 0xFFF
            table[value >> 5] |= 1 << (value & 31)
        for index, word in enumerate(table):
            if word != self._multicast_table[index]:
                await self._bus.write_register(card.ETHERNET_BASE + ethernet.MTA + index * ethernet.MTA_STRIDE, word)
        self._multicast_table = table
        base = card.ETHERNET_BASE + ethernet.RA_BASE
        low = ethernet.RA_RAL - ethernet.RA_BASE
        high = ethernet.RA_RAH - ethernet.RA_BASE
        await self._bus.write_register(base + high, 0)
        await self._bus.write_register(base + low, int.from_bytes(mac[:4], "little"))
        await self._bus.write_register(base + high, int.from_bytes(mac[4:], "little") | ethernet.RA_RAH_AV)

    async def causes(self) -> int:
        """Read and clear the interrupt causes."""
        causes = await self._bus.read_register(card.ETHERNET_BASE + ethernet.ICR)
        if causes & ethernet.ICR_LSC:
            self.link_changes += 1
        if causes & ethernet.ICR_RXO:
            self._statistics.count("ethernet_receive_overruns")
        return causes

    async def read_counters(self) -> None:
        """Add the hardware's counts of lost frames to the statistics."""
        for name, register in _OWN_COUNTERS.items():
            value = await self._bus.read_register(card.ETHERNET_BASE + register)
            if value:
                self._statistics.count(name, value)
