"""VLAN tags: inserted, removed, filtered, and passed as they are."""

import struct

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Dot1Q, Ether

from firmware.registers import ethernet
from firmware.registers import ethernet_rx as layout
from models.network.ethernet_fcs import is_good, with_fcs
from tests.unit.card.stimuli import ETHERNET, MEMORY, PEER, STATION, Rig, stimulus
from tests.unit.card.test_transmit import EOP, IFCS, RS, TSE, context, data, legacy, pseudo_sum

DATA, BUFFERS = MEMORY + 0x40000, MEMORY + 0x80000
VLE = 1 << 30
EN_BAM = ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_SECRC
TAG = 0x6123
UP = ethernet.CTRL_FD | ethernet.CTRL_SLU


def with_tag(descriptor: bytes, tag: int = TAG) -> bytes:
    address, command, status = struct.unpack("<QII", descriptor)
    return struct.pack("<QII", address, command | VLE, status | tag << 16)


def tagged(frame: bytes, tag: int = TAG, vlan_type: int = 0x8100) -> bytes:
    return frame[:12] + struct.pack(">HH", vlan_type, tag) + frame[12:]


@pytest.mark.parametrize("length", [8, 12, 13, 14, 16, 17, 20, 55, 56, 57, 64, 65, 1514])
@stimulus()
async def test_a_tag_is_inserted_behind_the_addresses(rig: Rig, length: int) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.CTRL, UP | ethernet.CTRL_VME)
    frame = (PEER + STATION + b"\x88\xb5" + bytes(range(250)) * 7)[:length]
    await rig.card.firmware.write(DATA, frame)
    await rig.transmit(with_tag(legacy(DATA, length, EOP | IFCS | RS)), legacy(DATA, length, EOP | IFCS | RS))
    await rig.until(lambda: len(rig.frames) == 2)
    assert rig.frames[0][0] == with_fcs(tagged(frame) if length > 12 else frame)
    assert rig.frames[1][0] == with_fcs(frame)
    assert await rig.statistic(ethernet.GOTCL) == sum(len(each[0]) for each in rig.frames)


@stimulus()
async def test_no_tag_is_inserted_outside_vlan_mode(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.card.firmware.write(DATA, PEER + STATION + bytes(60))
    await rig.transmit(with_tag(legacy(DATA, 72, EOP | IFCS)))
    await rig.until(lambda: len(rig.frames) == 1)
    assert rig.frames[0][0] == with_fcs(PEER + STATION + bytes(60))


@pytest.mark.parametrize(
    ("mss", "options", "in_memory", "inserted"),
    [(600, 0, False, True), (536, 1, False, True), (601, 2, False, True), (536, 3, False, True), (1001, 4, False, True),
     (800, 0, True, False), (700, 3, True, True)],
)  # fmt: skip
@stimulus()
async def test_segments_get_their_tags(rig: Rig, mss: int, options: int, in_memory: bool, inserted: bool) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.CTRL, UP | ethernet.CTRL_VME)
    await rig.put(ETHERNET + ethernet.VET, 0x88A8 if in_memory else 0x8100)
    link = Ether(dst=PEER, src=STATION) / Dot1Q(vlan=9) if in_memory else Ether(dst=PEER, src=STATION)
    tcp = TCP(sport=6, dport=5, flags="PA", options=[("NOP", None)] * 4 * options)
    prototype = bytearray(bytes(link / IP(src="10.0.0.1", dst="10.0.0.2", id=7) / tcp))
    ip = 18 if in_memory else 14
    prototype[ip + 2 : ip + 4] = prototype[ip + 10 : ip + 12] = b"\0\0"
    prototype[ip + 36 : ip + 38] = pseudo_sum(bytes(prototype[ip + 12 : ip + 20]), 0, 6).to_bytes(2, "big")
    await rig.card.firmware.write(DATA, bytes(prototype))
    payload = bytes(index % 253 for index in range(2 * mss + 7))
    await rig.card.firmware.write(DATA + 0x1003, payload)
    descriptors = [
        data(DATA, len(prototype), TSE | IFCS, options=3),
        data(DATA + 0x1003, len(payload), EOP | TSE | IFCS | RS, options=3),
    ]
    await rig.transmit(
        context((ip, ip + 10, ip + 19), (ip + 20, ip + 36, 0), True, True, True, len(payload), len(prototype), mss),
        *[with_tag(each) if inserted else each for each in descriptors],
    )
    await rig.until(lambda: len(rig.frames) == 3)
    for number, (frame, _, _) in enumerate(rig.frames):
        if inserted:
            assert frame[12:16] == struct.pack(">HH", 0x88A8 if in_memory else 0x8100, TAG)
        assert with_fcs(frame[:-4]) == frame
        plain = frame[:12] + frame[16:-4] if inserted else frame[:-4]
        packet = Ether(plain)
        assert Dot1Q in packet if in_memory else Dot1Q not in packet
        assert bytes(packet[TCP].payload) == payload[number * mss :][:mss]
        del packet[IP].chksum, packet[TCP].chksum
        assert bytes(packet) == plain


@stimulus()
async def test_the_tag_is_that_of_the_last_descriptor(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.CTRL, UP | ethernet.CTRL_VME)
    frame = PEER + STATION + bytes(70)
    await rig.card.firmware.write(DATA, frame)
    await rig.transmit(with_tag(legacy(DATA, 40, 0), 5), with_tag(legacy(DATA + 40, 42, EOP | IFCS | RS), 7))
    await rig.transmit(with_tag(legacy(DATA, 40, 0), 5), legacy(DATA + 40, 42, EOP | IFCS | RS))
    await rig.until(lambda: len(rig.frames) == 2)
    assert [each[0] for each in rig.frames] == [with_fcs(tagged(frame, 7)), with_fcs(frame)]


@pytest.mark.parametrize("first", [True, False])
@stimulus()
async def test_segments_have_the_tag_of_the_first_descriptor_and_an_fcs(rig: Rig, first: bool) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.CTRL, UP | ethernet.CTRL_VME)
    head, rest = data(DATA, 54, TSE), data(DATA + 54, 250, EOP | TSE | RS)
    await rig.transmit(
        context((14, 24, 33), (34, 50, 0), True, True, True, 250, 54, 100),
        with_tag(head) if first else head,
        rest if first else with_tag(rest),
    )
    await rig.until(lambda: len(rig.frames) == 3)
    for frame, _, _ in rig.frames:
        assert (frame[12:16] == struct.pack(">HH", 0x8100, TAG)) == first == is_good(frame)


async def _receive(rig: Rig, index: int, frame: bytes) -> tuple[bytes, int]:
    rig.card.wire.send(frame)
    await rig.poll(ETHERNET + ethernet.RDH, lambda head: head == index + 1)
    length, _, status = await rig.rx_descriptor(index)
    return await rig.card.firmware.read(BUFFERS + 0x800 * index, length), status


@pytest.mark.parametrize("payload", [*range(18, 36), 1000, 1468])
@stimulus()
async def test_a_tag_is_taken_out_and_told(rig: Rig, payload: int) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.CTRL, UP | ethernet.CTRL_VME)
    await rig.put(ETHERNET + ethernet.RXCSUM, ethernet.RXCSUM_IPOFL | ethernet.RXCSUM_TUOFL | 14)
    await rig.offer(*[BUFFERS + 0x800 * index for index in range(4)])
    ip = IP(src="10.0.0.2", dst="10.0.0.1") / UDP(sport=1, dport=2) / bytes(index % 251 for index in range(payload))
    plain = bytes(Ether(dst=STATION, src=PEER) / ip)
    checked = layout.STATUS_IPCS | layout.STATUS_TCPCS
    done = layout.STATUS_DD | layout.STATUS_EOP
    content, status = await _receive(rig, 0, with_fcs(tagged(plain)))
    assert content == plain.ljust(56, b"\0")
    assert status == TAG << 16 | layout.STATUS_VP | checked | done
    content, status = await _receive(rig, 1, with_fcs(plain))
    assert content == plain.ljust(60, b"\0") and status == checked | done
    other = tagged(plain, vlan_type=0x9100)
    content, status = await _receive(rig, 2, with_fcs(other))
    assert content == other.ljust(60, b"\0") and status == layout.STATUS_IXSM | done
    await rig.put(ETHERNET + ethernet.CTRL, UP)
    content, status = await _receive(rig, 3, with_fcs(tagged(plain)))
    assert content == tagged(plain).ljust(60, b"\0") and status == checked | done
    assert await rig.statistic(ethernet.GORCL) == 3 * max(len(plain) + 8, 64) + max(len(plain) + 4, 64)


@stimulus()
async def test_a_tagged_frame_may_be_longer_and_a_bad_one_is_no_better(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.CTRL, UP | ethernet.CTRL_VME)
    await rig.offer(BUFFERS, BUFFERS + 0x800)
    longest = STATION + PEER + b"\x88\xb5" + bytes(1500)
    rig.card.wire.send(with_fcs(tagged(longest + b"!")))
    rig.card.wire.send(tagged(longest) + bytes(4))
    rig.card.wire.send(with_fcs(tagged(longest)[:30])[:20])
    content, _ = await _receive(rig, 0, with_fcs(tagged(longest)))
    assert content == longest
    assert await rig.statistic(ethernet.ROC) == 1
    assert await rig.statistic(ethernet.CRCERRS) == 1
    assert await rig.statistic(ethernet.RFC) == 1


@stimulus()
async def test_frames_of_other_vlans_are_filtered(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.offer(*[BUFFERS + 0x800 * index for index in range(8)])
    plain = STATION + PEER + b"\x88\xb5" + bytes(60)
    await rig.put(ETHERNET + ethernet.VFTA + 4 * (0x123 >> 5), 1 << (0x123 & 31))

    async def passing(rctl: int, ctrl: int) -> list[int]:
        await rig.put(ETHERNET + ethernet.RCTL, EN_BAM | rctl)
        await rig.put(ETHERNET + ethernet.CTRL, UP | ctrl)
        first = await rig.get(ETHERNET + ethernet.GPRC)
        assert first == 0
        counts = []
        for frame in (plain, tagged(plain, 0x0123), tagged(plain, 0x1123), tagged(plain, 0x0122)):
            rig.card.wire.send(with_fcs(frame))
            await rig.poll(ETHERNET + ethernet.TPR, bool)
            counts.append(await rig.statistic(ethernet.GPRC))
        return counts

    vfe, cfien, cfi = ethernet.RCTL_VFE, ethernet.RCTL_CFIEN, ethernet.RCTL_CFI
    assert await passing(vfe, 0) == [1, 1, 1, 0]
    assert await passing(vfe | cfien, ethernet.CTRL_VME) == [1, 1, 0, 0]
    assert await passing(vfe | cfien | cfi, 0) == [1, 0, 1, 0]
    assert await passing(cfien, 0) == [1, 1, 1, 1]
