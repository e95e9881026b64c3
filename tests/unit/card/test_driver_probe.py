"""What a stock 82544 driver does from probe to traffic: every value it reads is the same on every card."""

import struct

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

from firmware.registers import ethernet
from firmware.registers import ethernet_rx as layout
from models.network.ethernet_fcs import with_fcs
from tests.unit.card.driver_probe import Driver
from tests.unit.card.stimuli import ETHERNET, MEMORY, PEER, STATION, Rig, stimulus, udp
from tests.unit.card.test_transmit import EOP, IFCS, RS, TSE, context, data, legacy, pseudo_sum

TX_RING, RX_RING, BUFFERS, DATA = MEMORY + 0x10000, MEMORY + 0x20000, MEMORY + 0x40000, MEMORY + 0x80000
ENTRIES = 80
STATISTICS = range(ethernet.CRCERRS, ethernet.TSCTFC + 4, 4)
CAUSES = ethernet.IMS_TXDW | ethernet.IMS_RXT0 | ethernet.IMS_RXDMT0 | ethernet.IMS_RXSEQ | ethernet.IMS_LSC


async def _attach(rig: Rig) -> Driver:
    """Reset, EEPROM with checksum, address, PHY, link."""
    driver = Driver(rig)
    await driver.reset()
    words = await driver.read_eeprom(0, 64)
    assert sum(words) & 0xFFFF == 0xBABA
    assert b"".join(word.to_bytes(2, "little") for word in words[:3]) == STATION
    assert await driver.read_eeprom(0x0F) == [words[0x0F]]
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
    await driver.put(ethernet.CTRL, await driver.get(ethernet.CTRL) | ethernet.CTRL_FRCSPD | ethernet.CTRL_FRCDPX
                     | 2 << ethernet.CTRL_SPEED_LSB)  # fmt: skip
    assert await driver.get(ethernet.STATUS) & 0xFF == ethernet.STATUS_FD | ethernet.STATUS_LU | 0x80
    return driver


async def _initialise(driver: Driver) -> None:
    """Flow control, tables, statistics, rings and both units on."""
    for offset, value in (
        (ethernet.FCT, 0x8808), (ethernet.FCAH, 0x0100), (ethernet.FCAL, 0x00C28001), (ethernet.FCTTV, 0x0680),
        (ethernet.FCRTL, 0), (ethernet.FCRTH, 0), (ethernet.VET, 0x8100), (ethernet.PBA, 0x30), (ethernet.WUC, 0),
        (ethernet.ITR, 0), (ethernet.AIT, 0), (ethernet.TIPG, 8 | 8 << 10 | 6 << 20),
    ):  # fmt: skip
        await driver.put(offset, value)
    for index in range(128):
        await driver.put(ethernet.VFTA + 4 * index, 0)
    for index in range(16):
        address = int.from_bytes(STATION, "little") if index == 0 else 0
        await driver.put(ethernet.RA_RAL + 8 * index, address & 0xFFFFFFFF)
        await driver.put(ethernet.RA_RAH + 8 * index, address >> 32 | (ethernet.RA_RAH_AV if index == 0 else 0))
    for index in range(128):
        await driver.put(ethernet.MTA + 4 * index, 0)
    for offset in STATISTICS:
        await driver.get(offset)
    for base, ring in ((ethernet.TDBAL, TX_RING), (ethernet.RDBAL, RX_RING)):
        await driver.put(base + 8, 16 * ENTRIES)
        await driver.put(base + 4, ring >> 32)
        await driver.put(base, ring & 0xFFFFFFFF)
        await driver.put(base + 0x10, 0)
        await driver.put(base + 0x18, 0)
    await driver.put(ethernet.TIDV, 8)
    await driver.put(ethernet.TADV, 32)
    await driver.put(ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP | 15 << 4 | 64 << 12 | ethernet.TCTL_RTLC)
    await driver.put(ethernet.RDTR, 0)
    await driver.put(ethernet.RADV, 8)
    await driver.put(ethernet.RXCSUM, ethernet.RXCSUM_TUOFL | ethernet.RXCSUM_IPOFL)
    await driver.put(ethernet.RCTL, ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_SBP)
    await driver.put(ethernet.IMS, CAUSES)
    await driver.flush()


@stimulus()
async def test_a_stock_driver_attaches_and_passes_traffic(rig: Rig) -> None:
    driver = await _attach(rig)
    await _initialise(driver)
    await driver.put(ethernet.ICS, ethernet.ICS_LSC)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    assert await driver.get(ethernet.ICR) == ethernet.ICR_LSC

    # receive: two frames of a peer
    for index in range(8):
        await rig.card.firmware.write(RX_RING + 16 * index, struct.pack("<QQ", BUFFERS + 2048 * index, 0))
    await driver.put(ethernet.RDT, 8)
    tcp = Ether(dst=STATION, src=PEER) / IP(src="10.0.0.2", dst="10.0.0.1") / TCP(sport=5, dport=6) / (b"in" * 300)
    for index, frame in enumerate((with_fcs(bytes(tcp)), udp(b"datagram"))):
        rig.card.wire.send(frame)
        await rig.poll(ETHERNET + ethernet.RDH, lambda head, index=index: head == index + 1)
        length, _, status = struct.unpack("<HHI", await rig.card.firmware.read(RX_RING + 16 * index + 8, 8))
        assert length == len(frame)
        assert status == layout.STATUS_DD | layout.STATUS_EOP | layout.STATUS_TCPCS | layout.STATUS_IPCS
        assert await rig.card.firmware.read(BUFFERS + 2048 * index, length) == frame
        await rig.until(lambda: rig.card.firmware.irq & 8)
        assert await driver.get(ethernet.ICR) & ethernet.ICR_RXT0

    # transmit: an ARP-like frame, then a segmented send with checksums
    count, mss = 3, 1448
    await rig.card.firmware.write(DATA, PEER + STATION + b"\x08\x06" + bytes(28))
    prototype = bytearray(bytes(Ether(dst=PEER, src=STATION) / IP(src="10.0.0.1", dst="10.0.0.2", id=7)
                                / TCP(sport=6, dport=5, flags="PA", options=[("NOP", None)] * 12)))  # fmt: skip
    prototype[16:18] = prototype[24:26] = b"\0\0"
    prototype[50:52] = pseudo_sum(bytes(prototype[26:34]), 0, 6).to_bytes(2, "big")
    await rig.card.firmware.write(DATA + 0x1000, bytes(prototype))
    payload = bytes(index % 253 for index in range(count * mss))
    rig.memory.bytes[0x3001 : 0x3001 + len(payload)] = payload
    options = EOP | IFCS | RS
    for index, descriptor in enumerate(
        (
            legacy(DATA, 42, options),
            context((14, 24, 33), (34, 50, 0), True, True, True, len(payload), len(prototype), mss),
            data(DATA + 0x1000, len(prototype), TSE | IFCS | RS, options=3),
            data(0x3001, len(payload), TSE | options, options=3),
        )
    ):
        await rig.card.firmware.write(TX_RING + 16 * index, descriptor)
    await driver.put(ethernet.TDT, 4)
    await rig.until(lambda: len(rig.frames) == 1 + count)
    assert await driver.get(ethernet.TDH) == 4
    for number in range(count):
        frame = rig.frames[1 + number][0]
        packet = Ether(frame[:-4])
        assert (packet[IP].id, packet[TCP].seq, packet[IP].len) == (7 + number, number * mss, 52 + mss)
        assert bytes(packet[TCP].payload) == payload[number * mss :][:mss]
        sums = packet[IP].chksum, packet[TCP].chksum
        del packet[IP].chksum, packet[TCP].chksum
        again = Ether(bytes(packet))
        assert sums == (again[IP].chksum, again[TCP].chksum)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    assert await driver.get(ethernet.ICR) & ethernet.ICR_TXDW
    seen = {offset: await driver.get(offset) for offset in STATISTICS}
    assert (seen[ethernet.GPRC], seen[ethernet.GPTC], seen[ethernet.TSCTC]) == (2, 1 + count, 1)
    assert not any([await driver.get(offset) for offset in STATISTICS]), "reading clears"
