"""Transmitter: legacy and extended descriptors, checksum insertion, segmentation, padding, errors, line rate."""

import struct

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from firmware.registers import bridge, ethernet
from models.kernel import NS, US, sleep
from models.network.ethernet_fcs import is_good, with_fcs
from tests.unit.card.stimuli import BRIDGE, ETHERNET, MEMORY, MEMORY_END, PEER, STATION, Rig, stimulus

DATA = MEMORY + 0x40000
EOP, IFCS, IC, TSE, RS, RPS, DEXT, IDE = (1 << bit for bit in (24, 25, 26, 26, 27, 28, 29, 31))
FIN, PSH, ACK, CWR = 0x01, 0x08, 0x10, 0x80


def legacy(address: int, length: int, command: int, cso: int = 0, css: int = 0) -> bytes:
    return struct.pack("<QII", address, length | cso << 16 | command, css << 8)


def context(ip: tuple[int, int, int], tu: tuple[int, int, int], tcp: bool, ipv4: bool, tse: bool = False,
            payload: int = 0, header: int = 0, mss: int = 0) -> bytes:  # fmt: skip
    command = payload | tcp << 24 | ipv4 << 25 | tse << 26 | DEXT
    return struct.pack("<BBHBBHIHH", *ip, *tu, command, header << 8, mss)


def data(address: int, length: int, command: int, options: int = 0) -> bytes:
    return struct.pack("<QII", address, length | 1 << 20 | DEXT | command, options << 8)


def pseudo_sum(packet: bytes, length: int, protocol: int) -> int:
    total = sum(struct.unpack(f">{len(packet) // 2}H", packet)) + length + protocol
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@stimulus()
async def test_a_legacy_send_leaves_padded_with_fcs_and_reports_status(rig: Rig) -> None:
    await rig.start_ethernet()
    frame = PEER + STATION + b"\x88\xb5" + b"short"
    await rig.card.firmware.write(DATA + 5, frame)
    await rig.transmit(legacy(DATA + 5, len(frame), EOP | IFCS | RS))
    await rig.until(lambda: len(rig.frames) == 1)
    assert rig.frames[0][0] == with_fcs(frame)
    assert await rig.tx_status(0) == 1
    assert await rig.get(ETHERNET + ethernet.TDH) == 1
    assert await rig.get(ETHERNET + ethernet.ICR) == ethernet.ICR_TXDW | ethernet.ICR_TXQE
    assert await rig.statistic(ethernet.GPTC) == 1


@stimulus()
async def test_without_rs_nothing_is_written_back(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.transmit(legacy(DATA, 64, EOP | IFCS))
    await rig.until(lambda: len(rig.frames) == 1)
    assert await rig.tx_status(0) == 0
    assert await rig.get(ETHERNET + ethernet.ICR) == ethernet.ICR_TXQE


@pytest.mark.parametrize("length", [20, 33])
@stimulus()
async def test_checksums_are_inserted_into_gathered_frames(rig: Rig, length: int) -> None:
    await rig.start_ethernet()
    packet = Ether(dst=PEER, src=STATION) / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=5, dport=6)
    good = bytes(packet / (b"u" * length))
    raw = bytearray(good)
    raw[24:26] = b"\0\0"
    raw[40:42] = pseudo_sum(good[26:34], length + 8, 17).to_bytes(2, "big")
    await rig.card.firmware.write(DATA, bytes(raw[:37]))
    await rig.card.firmware.write(DATA + 0x1001, bytes(raw[37:]))
    await rig.transmit(
        context((14, 24, 33), (34, 40, 0), tcp=False, ipv4=True),
        data(DATA, 37, 0, options=3),
        data(DATA + 0x1001, len(raw) - 37, EOP | IFCS | RS),
    )
    await rig.until(lambda: len(rig.frames) == 1)
    assert rig.frames[0][0] == with_fcs(good)


@pytest.mark.parametrize(("tcp", "expected"), [(False, 0xFFFF), (True, 0)])
@stimulus()
async def test_a_udp_checksum_of_zero_is_sent_as_ones(rig: Rig, tcp: bool, expected: int) -> None:
    await rig.start_ethernet()
    frame = bytearray(60)
    frame[36:38] = b"\xff\xff"
    await rig.card.firmware.write(DATA, bytes(frame))
    await rig.transmit(context((0, 0, 0), (34, 40, 0), tcp=tcp, ipv4=True), data(DATA, 60, EOP | IFCS, options=2))
    await rig.until(lambda: len(rig.frames) == 1)
    assert int.from_bytes(rig.frames[0][0][40:42], "big") == expected


@stimulus()
async def test_a_legacy_checksum_is_inserted_at_its_offset(rig: Rig) -> None:
    await rig.start_ethernet()
    good = bytes(Ether(dst=PEER, src=STATION) / IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=5, dport=6) / b"abc")
    raw = bytearray(good)
    raw[50:52] = pseudo_sum(good[26:34], 23, 6).to_bytes(2, "big")
    await rig.card.firmware.write(DATA, bytes(raw))
    await rig.transmit(legacy(DATA, len(raw), EOP | IFCS | IC, cso=50, css=34))
    await rig.until(lambda: len(rig.frames) == 1)
    assert rig.frames[0][0] == with_fcs(good)


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize(("payload", "mss"), [(5000, 1460), (2920, 1460), (100, 1460), (1461, 536), (3, 1)])
@stimulus()
async def test_segments_are_those_a_stack_would_have_sent(rig: Rig, version: int, payload: int, mss: int) -> None:
    content = bytes(index * 7 % 251 for index in range(payload))

    def segment(number: int, part: bytes, first: bool, last: bool) -> bytes:
        flags = ACK | (CWR if first else 0) | (PSH | FIN if last else 0)
        ip = IP(src="10.0.0.1", dst="10.0.0.2", id=0xFFFF + number & 0xFFFF) if version == 4 else IPv6(src="::1")
        tcp = TCP(sport=5, dport=6, seq=0xFFFF_FF00 + number * mss & 0xFFFF_FFFF, flags=flags)
        return bytes(Ether(dst=PEER, src=STATION) / ip / tcp / part)

    await rig.start_ethernet()
    tcp_at = 34 if version == 4 else 54
    prototype = bytearray(segment(0, b"", True, True)[: tcp_at + 20])
    addresses = prototype[26:34] if version == 4 else prototype[22:54]
    if version == 4:
        prototype[16:18] = prototype[24:26] = b"\0\0"
    else:
        prototype[18:20] = b"\0\0"
    prototype[tcp_at + 16 : tcp_at + 18] = pseudo_sum(bytes(addresses), 0, 6).to_bytes(2, "big")
    # header in card memory, payload in host memory in two pieces
    await rig.card.firmware.write(DATA, bytes(prototype))
    cut = payload // 3
    rig.memory.bytes[0x801 : 0x801 + cut] = content[:cut]
    rig.memory.bytes[0x9000 : 0x9000 + payload - cut] = content[cut:]
    ip = (14, 24, 33) if version == 4 else (14, 0, 0)
    await rig.transmit(
        context(ip, (tcp_at, tcp_at + 16, 0), True, version == 4, True, payload, len(prototype), mss),
        data(DATA, len(prototype), TSE | IFCS, options=3 if version == 4 else 2),
        data(0x801, cut, TSE | IFCS),
        data(0x9000, payload - cut, EOP | TSE | IFCS | RS),
    )
    count = -(-payload // mss)
    await rig.until(lambda: len(rig.frames) == count)
    for number in range(count):
        part = content[number * mss : (number + 1) * mss]
        expected = segment(number, part, number == 0, number == count - 1)
        assert rig.frames[number][0] == with_fcs(expected), number
    assert await rig.tx_status(3) == 1
    assert await rig.statistic(ethernet.TSCTC) == 1


@stimulus()
async def test_frames_leave_back_to_back_at_line_rate(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.transmit(*(legacy(DATA, 1000 + index, EOP | IFCS) for index in range(10)))
    await rig.until(lambda: len(rig.frames) == 10)
    for index, (frame, begin_ps, end_ps) in enumerate(rig.frames):
        assert len(frame) == 1004 + index and is_good(frame)
        assert end_ps - begin_ps == (8 + len(frame)) * 8 * NS
        if index:
            assert begin_ps - rig.frames[index - 1][2] == 12 * 8 * NS


@stimulus()
async def test_the_ring_wraps(rig: Rig) -> None:
    await rig.start_ethernet(entries=8)
    for index in range(50):
        await rig.card.firmware.write(DATA + 64 * (index % 7), bytes([index]) * 60)
        await rig.transmit(legacy(DATA + 64 * (index % 7), 60, EOP | IFCS | RS))
        await rig.until(lambda index=index: len(rig.frames) == index + 1)
        assert rig.frames[index][0] == with_fcs(bytes([index]) * 60)
    assert await rig.get(ETHERNET + ethernet.TDH) == 50 % 8
    # several at a time across the end of the ring
    await rig.card.firmware.write(rig.tx_ring, bytes(16 * 8 + 16))
    done_at_once = bytearray(context((0, 0, 0), (0, 0, 0), tcp=True, ipv4=True))
    done_at_once[11] |= RS >> 24
    await rig.transmit(*[bytes(done_at_once)] * 7)
    await sleep(20 * US)
    assert [await rig.tx_status(index) for index in range(8)] == [1, 0, 1, 1, 1, 1, 1, 1]
    assert await rig.get(ETHERNET + ethernet.TDH) == 57 % 8


@stimulus()
async def test_sends_that_cannot_be_are_dropped_and_the_next_one_leaves(rig: Rig) -> None:
    await rig.start_ethernet(entries=32)
    await rig.transmit(
        data(DATA, 100, EOP | TSE | IFCS | RS),  # no context for segmentation
        struct.pack("<QII", DATA, 60 | 5 << 20 | DEXT | EOP | RS, 0),  # reserved type
        legacy(DATA, 0, EOP | IFCS | RS),  # nothing
        data(DATA, 20000, EOP | IFCS | RS),  # too long
        legacy(0x7000_0000, 100, EOP | IFCS | RS),  # no such memory
        legacy(DATA, 60, IFCS),
        legacy(MEMORY_END, 60, EOP | IFCS | RS),
        legacy(DATA, 77, EOP | IFCS | RS),
    )
    await rig.until(lambda: len(rig.frames) == 1)
    await sleep(10 * US)
    assert [len(frame) for frame, _, _ in rig.frames] == [81]
    assert [await rig.tx_status(index) for index in range(8)] == [1, 1, 1, 1, 1, 0, 1, 1]
    assert await rig.statistic(ethernet.TXBADD) == 4
    assert await rig.statistic(ethernet.TSCTFC) == 1
    assert await rig.statistic(ethernet.TXRDERR) == 2
    assert await rig.get(ETHERNET + ethernet.TDH) == 8


@stimulus()
async def test_a_segmented_send_stops_where_its_data_end(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.card.firmware.write(DATA, bytes(54))
    await rig.transmit(
        context((14, 24, 33), (34, 50, 0), True, True, True, 3000, 54, 1000),
        data(DATA, 54, TSE | IFCS),
        data(DATA, 1500, TSE | IFCS),
        data(0x7000_0000, 1500, EOP | TSE | IFCS | RS),
    )
    await rig.until(lambda: len(rig.frames) == 1)
    await sleep(50 * US)
    assert len(rig.frames) == 1
    assert await rig.statistic(ethernet.TXRDERR) == 1
    assert await rig.tx_status(3) == 1


@stimulus()
async def test_a_segmented_send_that_falls_short_of_its_payload_is_one_that_failed(rig: Rig) -> None:
    await rig.start_ethernet()
    for payload, sent in ((300, 250), (250, 300), (300, 300)):
        await rig.transmit(
            context((14, 24, 33), (34, 50, 0), True, True, True, payload, 54, 100),
            data(DATA, 54, TSE | IFCS),
            data(DATA + 54, sent, EOP | TSE | IFCS | RS),
        )
    await rig.until(lambda: len(rig.frames) == 9)
    assert await rig.statistic(ethernet.TSCTFC) == 1 and await rig.statistic(ethernet.TSCTC) == 2


@pytest.mark.parametrize("first", [True, False])
@stimulus()
async def test_segments_have_an_fcs_if_the_first_descriptor_says_so(rig: Rig, first: bool) -> None:
    await rig.start_ethernet()
    await rig.transmit(
        context((14, 24, 33), (34, 50, 0), True, True, True, 250, 54, 100),
        data(DATA, 54, TSE | (IFCS if first else 0)),
        data(DATA + 54, 250, EOP | TSE | RS | (0 if first else IFCS)),
    )
    await rig.until(lambda: len(rig.frames) == 3)
    assert [is_good(frame) for frame, _, _ in rig.frames] == [first] * 3
    assert [len(frame) for frame, _, _ in rig.frames] == [54 + part + 4 * first for part in (100, 100, 50)]


@stimulus()
async def test_an_early_report_is_a_report(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.transmit(legacy(DATA, 100, EOP | IFCS | RPS))
    await rig.until(lambda: len(rig.frames) == 1)
    await rig.poll(ETHERNET + ethernet.TDH, bool)
    assert await rig.tx_status(0) == 1


@stimulus()
async def test_checksums_at_the_ends_of_what_an_offset_can_say(rig: Rig) -> None:
    await rig.start_ethernet()
    frame = PEER + STATION + b"\x88\xb5" + bytes(442)
    await rig.card.firmware.write(DATA, frame)
    await rig.transmit(
        legacy(DATA, 456, EOP | IFCS | IC, cso=255, css=14),
        legacy(DATA, 100, EOP | IFCS | IC, cso=50, css=100),  # nothing to sum: no checksum (SDM 3.3.3)
        legacy(DATA, 100, EOP | IFCS | IC, cso=50, css=99),
    )
    await rig.until(lambda: len(rig.frames) == 3)
    expected = [frame[:255] + b"\xff\xff" + frame[257:], frame[:100], frame[:50] + b"\xff\xff" + frame[52:100]]
    assert [each for each, _, _ in rig.frames] == [with_fcs(each) for each in expected]


@stimulus()
async def test_a_frame_that_leaves_too_short_is_not_counted_as_good(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.TCTL, ethernet.TCTL_EN)
    await rig.transmit(legacy(DATA, 40, EOP | IFCS), legacy(DATA, 59, EOP | IFCS), legacy(DATA, 60, EOP | IFCS))
    await rig.until(lambda: len(rig.frames) == 3)
    assert [len(frame) for frame, _, _ in rig.frames] == [44, 63, 64]
    assert await rig.statistic(ethernet.TPT) == 3 and await rig.statistic(ethernet.TOTL) == 44 + 63 + 64
    assert await rig.statistic(ethernet.GPTC) == 1 and await rig.statistic(ethernet.GOTCL) == 64
    assert await rig.statistic(ethernet.PTC64) == 1


@stimulus()
async def test_a_ring_outside_memory_is_counted(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.TDBAH, 0x8000_0002)
    await rig.put(ETHERNET + ethernet.TDT, 1)
    await sleep(10 * US)
    assert await rig.statistic(ethernet.TXDESCERR) == 1
    assert await rig.get(ETHERNET + ethernet.TDH) == 1
    assert not rig.frames


@stimulus()
async def test_a_reset_ends_by_itself_and_leaves_nothing_behind(rig: Rig) -> None:
    await rig.start_ethernet()
    # all fetched when the first has left, the others in the packet buffer
    await rig.transmit(*(legacy(DATA, 1500, EOP | IFCS | RS) for _ in range(3)))
    await rig.until(lambda: len(rig.frames) == 1)
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_RST)
    assert await rig.get(ETHERNET + ethernet.CTRL) & ethernet.CTRL_RST
    await sleep(20 * US)
    assert await rig.get(ETHERNET + ethernet.CTRL) == ethernet.CTRL_RESET
    for register in (ethernet.TDT, ethernet.TDH, ethernet.TCTL, ethernet.IMS, ethernet.ICR, ethernet.GPTC):
        assert await rig.get(ETHERNET + register) == 0
    left = len(rig.frames)
    assert all(is_good(frame) for frame, _, _ in rig.frames)
    await rig.start_ethernet()
    await rig.transmit(legacy(DATA, 70, EOP | IFCS | RS))
    await rig.until(lambda: len(rig.frames) == left + 1)


@stimulus()
async def test_a_status_that_cannot_be_written_back_is_counted(rig: Rig) -> None:
    """The ring is in host memory, and bus mastering ends while the data are read from card memory."""
    ring = 0x8000
    await rig.start_ethernet(ring=ring)
    frame = bytes(range(250)) * 32
    await rig.card.firmware.write(DATA, frame)
    for index in range(2):
        rig.memory.bytes[ring + 16 * index : ring + 16 * index + 16] = legacy(DATA, len(frame), EOP | IFCS | RS)
    await rig.put(ETHERNET + ethernet.TDT, 1)
    await sleep(8 * US)
    await rig.card.host.set_bus_master(False)
    await rig.until(lambda: len(rig.frames) == 1)
    assert await rig.statistic(ethernet.WBERR) == 1
    assert await rig.get(BRIDGE + bridge.BUS_MASTER_OFF_DROPS) == 1
    await rig.card.host.set_bus_master(True)
    await sleep(US)
    await rig.put(ETHERNET + ethernet.TDT, 2)
    await rig.until(lambda: len(rig.frames) == 2)
    await rig.host_flush()
    assert [sent for sent, _, _ in rig.frames] == [with_fcs(frame)] * 2
    assert [rig.memory.bytes[ring + 16 * index + 12] for index in range(2)] == [0, 1]
    assert await rig.statistic(ethernet.WBERR) == 0
    assert await rig.get(ETHERNET + ethernet.TDH) == 2
