"""What a stock 82544 driver does from probe to removal, wherever it sits: at the firmware's port of a TOE, or in the
host of the 82544 alone. Every value that it reads is the same on every card."""

from __future__ import annotations

import struct
from typing import Protocol

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

from firmware.registers import ethernet
from firmware.registers import ethernet_rx as layout
from models.network.ethernet_fcs import with_fcs
from tests.unit.card.driver_probe import Driver
from tests.unit.card.stimuli import MEMORY, PEER, STATION, Rig, udp
from tests.unit.card.test_transmit import EOP, IFCS, RS, TSE, context, data, legacy, pseudo_sum

TX_RING, RX_RING, BUFFERS, DATA = 0x10000, 0x20000, 0x40000, 0x80000
"""In the driver's memory."""
ENTRIES = 80
EEPROM_WORDS = 64
TABLE = range(0, 4 * 128, 4)
STATISTICS = range(ethernet.CRCERRS, ethernet.TSCTFC + 4, 4)
CAUSES = ethernet.IMS_TXDW | ethernet.IMS_RXT0 | ethernet.IMS_RXDMT0 | ethernet.IMS_RXSEQ | ethernet.IMS_LSC

READ = (
    ethernet.CTRL, ethernet.STATUS, ethernet.EECD, ethernet.CTRL_EXT, ethernet.MDIC, ethernet.ICR, ethernet.RXCW,
    ethernet.RCTL, ethernet.TCTL, ethernet.RDH, ethernet.TDH, *STATISTICS,
)  # fmt: skip
WRITTEN = (
    ethernet.CTRL, ethernet.EECD, ethernet.CTRL_EXT, ethernet.MDIC, ethernet.FCAL, ethernet.FCAH, ethernet.FCT,
    ethernet.VET, ethernet.ITR, ethernet.ICS, ethernet.IMS, ethernet.IMC, ethernet.RCTL, ethernet.TCTL,
    ethernet.FCTTV, ethernet.TXCW, ethernet.TIPG, ethernet.AIT, ethernet.PBA, ethernet.FCRTL, ethernet.FCRTH,
    ethernet.RDBAL, ethernet.RDBAH, ethernet.RDLEN, ethernet.RDH, ethernet.RDT, ethernet.RDTR, ethernet.RADV,
    ethernet.TDBAL, ethernet.TDBAH, ethernet.TDLEN, ethernet.TDH, ethernet.TDT, ethernet.TIDV, ethernet.TADV,
    ethernet.RXCSUM, ethernet.WUC, ethernet.WUFC,
    *(ethernet.MTA + offset for offset in TABLE), *(ethernet.VFTA + offset for offset in TABLE),
    *range(ethernet.RA_RAL, ethernet.RA_RAL + 8 * 16, 4),
)  # fmt: skip
CHECKLIST = {("read", offset) for offset in READ} | {("write", offset) for offset in WRITTEN}
"""The registers that such a driver touches from probe to removal."""
PHY_CHECKLIST = {0, 1, 2, 3, 4, 5, 9, 10, 16, 17, 20}


class Seat(Protocol):
    """Where the driver sits: its memory begins at `base`."""

    rig: Rig
    driver: Driver
    base: int

    async def read(self, address: int, length: int) -> bytes: ...

    async def write(self, address: int, data: bytes) -> None: ...

    def interrupted(self) -> bool:
        """Level of the line that the driver hears."""


class FirmwareSeat:
    """At the firmware's port; rings, buffers and frames are in card memory."""

    base = MEMORY

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.driver = Driver.of_firmware(rig)
        self.read, self.write = rig.card.firmware.read, rig.card.firmware.write

    def interrupted(self) -> bool:
        return bool(self.rig.card.firmware.irq & 8)


async def replay(seat: Seat, eeprom_words: int = EEPROM_WORDS) -> None:
    """From probe to removal; afterwards all of the checklist has been touched.

    With fewer `eeprom_words` than all their sum is not looked at: bit by bit they take most of the time.
    """
    driver = seat.driver
    await _attach(driver, eeprom_words)
    await _initialise(driver, seat.base)
    await driver.put(ethernet.ICS, ethernet.ICS_LSC)  # so that the driver looks at the link for the first time
    await _watch_link(seat, up=True)
    for up in (False, True):
        seat.rig.card.wire.set_link(up)
        await _watch_link(seat, up)
    await _receive(seat)
    await _transmit(seat)
    seen = {offset: await driver.get(offset) for offset in STATISTICS}
    assert (seen[ethernet.GPRC], seen[ethernet.GPTC], seen[ethernet.TSCTC]) == (2, 4, 1)
    assert not any([await driver.get(offset) for offset in STATISTICS]), "reading clears"
    await _remove(seat)
    assert CHECKLIST <= driver.accesses, sorted(f"{kind} {at:#x}" for kind, at in CHECKLIST - driver.accesses)
    assert driver.phy_registers >= PHY_CHECKLIST


async def _attach(driver: Driver, eeprom_words: int) -> None:
    """Reset, EEPROM with checksum, address, PHY, link."""
    await driver.put(ethernet.TDLEN, 16 * ENTRIES)  # as a driver before this one has left it
    await driver.reset()
    assert await driver.get(ethernet.TDLEN) == 0
    words = await driver.read_eeprom(0, eeprom_words)
    assert b"".join(word.to_bytes(2, "little") for word in words[:3]) == STATION
    (pause_word,) = await driver.read_eeprom(0x0F)
    if eeprom_words == EEPROM_WORDS:
        assert sum(words) & 0xFFFF == 0xBABA and words[0x0F] == pause_word
    await driver.get(ethernet.CTRL_EXT)
    await driver.put(ethernet.CTRL, await driver.get(ethernet.CTRL) | ethernet.CTRL_SLU | ethernet.CTRL_FD)
    await driver.put(ethernet.CTRL, await driver.get(ethernet.CTRL) | ethernet.CTRL_PHY_RST)
    await driver.flush()
    await driver.put(ethernet.CTRL, await driver.get(ethernet.CTRL) & ~ethernet.CTRL_PHY_RST)
    await driver.flush()
    identifier = await driver.read_phy(2) << 16 | await driver.read_phy(3) & 0xFFF0
    assert identifier == 0x01410C30
    await driver.write_phy(20, await driver.read_phy(20) | 0x0070)  # extended control: clock of the MAC
    await driver.write_phy(16, await driver.read_phy(16) & ~0x0060 | 0x0060)  # crossover found by itself
    await driver.write_phy(0, await driver.read_phy(0) | 0x8000)
    assert not await driver.read_phy(0) & 0x8000
    await driver.write_phy(4, 0x0DE1)
    await driver.write_phy(9, await driver.read_phy(9) & ~0x0100 | 0x0200)
    await driver.write_phy(0, await driver.read_phy(0) | 0x1200)
    assert await driver.read_phy(1) & 0x20
    await driver.read_phy(1)
    assert await driver.read_phy(1) & 4
    assert await driver.read_phy(17) & 0xE400 == 0xA400
    await driver.read_phy(5)
    await driver.read_phy(10)
    await driver.put(ethernet.TXCW, 0)  # no code words of a fibre: the link is the PHY's
    await driver.put(ethernet.CTRL, await driver.get(ethernet.CTRL) | ethernet.CTRL_FRCSPD | ethernet.CTRL_FRCDPX
                     | 2 << ethernet.CTRL_SPEED_LSB)  # fmt: skip
    assert await driver.get(ethernet.STATUS) & 0xFF == ethernet.STATUS_FD | ethernet.STATUS_LU | 0x80


async def _initialise(driver: Driver, base: int) -> None:
    """Flow control, tables, statistics, rings and both units on."""
    for offset, value in (
        (ethernet.FCT, 0x8808), (ethernet.FCAH, 0x0100), (ethernet.FCAL, 0x00C28001), (ethernet.FCTTV, 0x0680),
        (ethernet.FCRTL, 0), (ethernet.FCRTH, 0), (ethernet.VET, 0x8100), (ethernet.PBA, 0x30), (ethernet.WUC, 0),
        (ethernet.ITR, 0), (ethernet.AIT, 0), (ethernet.TIPG, 8 | 8 << 10 | 6 << 20),
    ):  # fmt: skip
        await driver.put(offset, value)
    for offset in TABLE:
        await driver.put(ethernet.VFTA + offset, 0)
    for index in range(16):
        address = int.from_bytes(STATION, "little") if index == 0 else 0
        await driver.put(ethernet.RA_RAL + 8 * index, address & 0xFFFFFFFF)
        await driver.put(ethernet.RA_RAH + 8 * index, address >> 32 | (ethernet.RA_RAH_AV if index == 0 else 0))
    for offset in TABLE:
        await driver.put(ethernet.MTA + offset, 0)
    for offset in STATISTICS:
        await driver.get(offset)
    for low, ring in ((ethernet.TDBAL, base + TX_RING), (ethernet.RDBAL, base + RX_RING)):
        await driver.put(low + 8, 16 * ENTRIES)
        await driver.put(low + 4, ring >> 32)
        await driver.put(low, ring & 0xFFFFFFFF)
        await driver.put(low + 0x10, 0)
        await driver.put(low + 0x18, 0)
    await driver.put(ethernet.TIDV, 8)
    await driver.put(ethernet.TADV, 32)
    await driver.put(ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP | 15 << 4 | 64 << 12 | ethernet.TCTL_RTLC)
    await driver.put(ethernet.RDTR, 0)
    await driver.put(ethernet.RADV, 8)
    await driver.put(ethernet.RXCSUM, ethernet.RXCSUM_TUOFL | ethernet.RXCSUM_IPOFL)
    await driver.put(ethernet.RCTL, ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_SBP)
    await driver.put(ethernet.IMS, CAUSES)
    await driver.flush()


async def _watch_link(seat: Seat, up: bool) -> None:
    """The interrupt of a change, and what the driver looks at because of it."""
    driver = seat.driver
    await seat.rig.until(seat.interrupted)
    assert await driver.get(ethernet.ICR) == ethernet.ICR_LSC
    await driver.get(ethernet.CTRL)
    assert bool(await driver.get(ethernet.STATUS) & ethernet.STATUS_LU) is up
    await driver.get(ethernet.RXCW)
    await driver.read_phy(1)  # keeps a link that was lost until it is read
    assert bool(await driver.read_phy(1) & 4) is up
    assert bool(await driver.read_phy(17) & 0x0400) is up
    await driver.put(ethernet.TCTL, await driver.get(ethernet.TCTL))
    await seat.rig.until(lambda: not seat.interrupted())


async def _receive(seat: Seat) -> None:
    """Two frames of a peer."""
    driver, base = seat.driver, seat.base
    for index in range(8):
        await seat.write(base + RX_RING + 16 * index, struct.pack("<QQ", base + BUFFERS + 2048 * index, 0))
    await driver.put(ethernet.RDT, 8)
    tcp = Ether(dst=STATION, src=PEER) / IP(src="10.0.0.2", dst="10.0.0.1") / TCP(sport=5, dport=6) / (b"in" * 300)
    for index, frame in enumerate((with_fcs(bytes(tcp)), udp(b"datagram"))):
        seat.rig.card.wire.send(frame)
        await driver.poll(ethernet.RDH, lambda head, index=index: head == index + 1)
        length, _, status = struct.unpack("<HHI", await seat.read(base + RX_RING + 16 * index + 8, 8))
        assert length == len(frame)
        assert status == layout.STATUS_DD | layout.STATUS_EOP | layout.STATUS_TCPCS | layout.STATUS_IPCS
        assert await seat.read(base + BUFFERS + 2048 * index, length) == frame
        await seat.rig.until(seat.interrupted)
        assert await driver.get(ethernet.ICR) & ethernet.ICR_RXT0


async def _transmit(seat: Seat) -> None:
    """A frame like ARP, then a segmented send with checksums."""
    driver, base, frames = seat.driver, seat.base, seat.rig.frames
    count, mss = 3, 1448
    await seat.write(base + DATA, PEER + STATION + b"\x08\x06" + bytes(28))
    prototype = bytearray(bytes(Ether(dst=PEER, src=STATION) / IP(src="10.0.0.1", dst="10.0.0.2", id=7)
                                / TCP(sport=6, dport=5, flags="PA", options=[("NOP", None)] * 12)))  # fmt: skip
    prototype[16:18] = prototype[24:26] = b"\0\0"
    prototype[50:52] = pseudo_sum(bytes(prototype[26:34]), 0, 6).to_bytes(2, "big")
    await seat.write(base + DATA + 0x1000, bytes(prototype))
    payload = bytes(index % 253 for index in range(count * mss))
    seat.rig.memory.bytes[0x3001 : 0x3001 + len(payload)] = payload
    options = EOP | IFCS | RS
    for index, descriptor in enumerate(
        (
            legacy(base + DATA, 42, options),
            context((14, 24, 33), (34, 50, 0), True, True, True, len(payload), len(prototype), mss),
            data(base + DATA + 0x1000, len(prototype), TSE | IFCS | RS, options=3),
            data(0x3001, len(payload), TSE | options, options=3),
        )
    ):
        await seat.write(base + TX_RING + 16 * index, descriptor)
    await driver.put(ethernet.TDT, 4)
    await seat.rig.until(lambda: len(frames) == 1 + count)
    assert await driver.get(ethernet.TDH) == 4
    for number in range(count):
        frame = frames[1 + number][0]
        packet = Ether(frame[:-4])
        assert (packet[IP].id, packet[TCP].seq, packet[IP].len) == (7 + number, number * mss, 52 + mss)
        assert bytes(packet[TCP].payload) == payload[number * mss :][:mss]
        sums = packet[IP].chksum, packet[TCP].chksum
        del packet[IP].chksum, packet[TCP].chksum
        again = Ether(bytes(packet))
        assert sums == (again[IP].chksum, again[TCP].chksum)
    await seat.rig.until(seat.interrupted)
    assert await driver.get(ethernet.ICR) & ethernet.ICR_TXDW


async def _remove(seat: Seat) -> None:
    """Both units off, no interrupt, no frame wakes the machine."""
    driver = seat.driver
    await driver.put(ethernet.IMC, 0xFFFFFFFF)
    await driver.put(ethernet.RCTL, await driver.get(ethernet.RCTL) & ~ethernet.RCTL_EN)
    await driver.put(ethernet.TCTL, await driver.get(ethernet.TCTL) & ~ethernet.TCTL_EN)
    await driver.put(ethernet.WUC, 0)
    await driver.put(ethernet.WUFC, 0)
    await driver.flush()
    assert not seat.interrupted()
