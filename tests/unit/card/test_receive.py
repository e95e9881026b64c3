"""Receiver: filters, descriptors, checksums, errors and the statistics about them."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

from firmware.registers import ethernet
from firmware.registers import ethernet_rx as layout
from models.kernel import US, sleep
from models.network.ethernet_fcs import fcs, with_fcs
from tests.unit.card.stimuli import ETHERNET, MEMORY, MEMORY_END, PEER, STATION, Rig, stimulus, udp

BUFFERS = MEMORY + 0x40000
EN_BAM = ethernet.RCTL_EN | ethernet.RCTL_BAM
DD_EOP = layout.STATUS_DD | layout.STATUS_EOP


async def _received(rig: Rig, index: int) -> tuple[int, int, int]:
    await rig.poll(ETHERNET + ethernet.RDH, lambda head: head != index)
    return await rig.rx_descriptor(index)


@pytest.mark.parametrize("strip", [True, False])
@stimulus()
async def test_a_frame_lands_in_its_buffer_and_its_descriptor_tells_its_length(rig: Rig, strip: bool) -> None:
    await rig.start_ethernet(rctl=EN_BAM | (ethernet.RCTL_SECRC if strip else 0))
    await rig.offer(BUFFERS + 3)
    frame = udp(b"payload" * 50)
    rig.card.wire.send(frame)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    length, _, status = await rig.rx_descriptor(0)
    assert length == len(frame) - (4 if strip else 0)
    assert status == DD_EOP | layout.STATUS_IXSM
    assert await rig.card.firmware.read(BUFFERS + 3, length) == frame[:length]
    assert await rig.get(ETHERNET + ethernet.RDH) == 1
    assert await rig.get(ETHERNET + ethernet.ICR) & ethernet.ICR_RXT0
    assert not rig.card.firmware.irq & 8


@stimulus()
async def test_a_long_frame_is_spread_over_small_buffers(rig: Rig) -> None:
    await rig.start_ethernet(rctl=EN_BAM | ethernet.RCTL_SECRC | 2 << ethernet.RCTL_BSIZE_LSB)
    await rig.offer(BUFFERS, BUFFERS + 0x1000, BUFFERS + 0x2000)
    frame = udp(bytes(range(256)) * 5)
    rig.card.wire.send(frame)
    await _received(rig, 0)
    await _received(rig, 1)
    await _received(rig, 2)
    parts, statuses = [], []
    for index in range(3):
        length, _, status = await rig.rx_descriptor(index)
        parts.append(await rig.card.firmware.read(BUFFERS + 0x1000 * index, length))
        statuses.append(status & DD_EOP)
    assert b"".join(parts) == frame[:-4]
    assert statuses == [layout.STATUS_DD, layout.STATUS_DD, DD_EOP]


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (None, layout.STATUS_IPCS | layout.STATUS_TCPCS),
        (24, layout.STATUS_IPCS | layout.STATUS_IPE | layout.STATUS_TCPCS),
        (50, layout.STATUS_IPCS | layout.STATUS_TCPCS | layout.STATUS_TCPE),
    ],
)
@stimulus()
async def test_checksums_are_verified(rig: Rig, damage: int | None, expected: int) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.RXCSUM, ethernet.RXCSUM_IPOFL | ethernet.RXCSUM_TUOFL)
    await rig.offer(BUFFERS)
    frame = bytearray(udp(b"x" * 31)[:-4])
    if damage is not None:
        frame[damage] ^= 1
        if damage == 24:
            frame[24] ^= 1
            frame[22] ^= 1  # TTL: not in the pseudo-header
    rig.card.wire.send(with_fcs(bytes(frame)))
    _, _, status = await _received(rig, 0)
    assert status == DD_EOP | expected


@stimulus()
async def test_udp_without_checksum_and_fragments_are_not_verified(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.RXCSUM, ethernet.RXCSUM_TUOFL)
    await rig.offer(BUFFERS, BUFFERS + 0x800)
    frame = bytearray(udp(b"x" * 31)[:-4])
    frame[40:42] = b"\0\0"
    rig.card.wire.send(with_fcs(bytes(frame)))
    frame = bytearray(udp(b"x" * 31)[:-4])
    frame[20] |= 0x20  # more fragments
    rig.card.wire.send(with_fcs(bytes(frame)))
    assert (await _received(rig, 0))[2] == DD_EOP | layout.STATUS_IXSM
    assert (await _received(rig, 1))[2] == DD_EOP | layout.STATUS_IXSM


@stimulus()
async def test_filters_decide_by_the_destination(rig: Rig) -> None:
    multicast = bytes.fromhex("0100 5e00 0005".replace(" ", ""))

    await rig.start_ethernet()
    await rig.offer(*(BUFFERS + 0x800 * index for index in range(8)))
    stranger = bytes.fromhex("020000000099")
    for destination in (STATION, stranger, b"\xff" * 6, multicast):
        rig.card.wire.send(udp(b"", destination))
    await sleep(20 * US)
    assert await rig.get(ETHERNET + ethernet.RDH) == 2
    hashed = int.from_bytes(multicast, "little") >> 36
    await rig.put(ETHERNET + ethernet.MTA + 4 * (hashed >> 5), 1 << (hashed & 31))
    rig.card.wire.send(udp(b"", multicast))
    _, _, status = await _received(rig, 2)
    assert status & layout.STATUS_PIF
    await rig.put(ETHERNET + ethernet.RCTL, EN_BAM | ethernet.RCTL_UPE)
    rig.card.wire.send(udp(b"", stranger))
    await _received(rig, 3)
    assert await rig.statistic(ethernet.TPR) == 6
    assert await rig.statistic(ethernet.GPRC) == 4
    assert await rig.statistic(ethernet.BPRC) == 1
    assert await rig.statistic(ethernet.MPRC) == 1
    assert await rig.statistic(ethernet.MPRC) == 0


@stimulus()
async def test_bad_frames_are_counted_and_dropped(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.offer(BUFFERS)
    good = udp(b"x" * 100)
    rig.card.wire.send(good[:-1] + bytes([good[-1] ^ 1]))
    rig.card.wire.send(with_fcs(good[:20] + bytes(1500)))
    rig.card.wire.send(good[:30])
    rig.card.wire.send(good[:30] + fcs(good[:30]))
    rig.card.wire.send(good[:3])
    await sleep(40 * US)
    assert await rig.get(ETHERNET + ethernet.RDH) == 0
    assert await rig.statistic(ethernet.CRCERRS) == 1
    assert await rig.statistic(ethernet.ROC) == 1
    assert await rig.statistic(ethernet.RFC) == 1
    assert await rig.statistic(ethernet.RUC) == 1
    assert await rig.statistic(ethernet.RLEC) == 3, "what has no whole address is for nobody"
    assert await rig.statistic(ethernet.TPR) == 5


@stimulus()
async def test_errors_of_frames_for_others_are_not_counted(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.offer(BUFFERS)
    other = b"\x02" + bytes(4) + b"\x99" + udp(b"x" * 100)[6:-4]
    rig.card.wire.send(other + bytes(4))
    rig.card.wire.send(other[:30] + fcs(other[:30]))
    rig.card.wire.send(with_fcs(other + bytes(1500)))
    await sleep(40 * US)
    for counter in (ethernet.CRCERRS, ethernet.RLEC, ethernet.RUC, ethernet.ROC, ethernet.GPRC):
        assert await rig.statistic(counter) == 0
    assert await rig.statistic(ethernet.TPR) == 3


@stimulus()
async def test_1522_bytes_are_no_long_packet_with_a_tag_or_without(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.offer(BUFFERS)
    head = udp(b"")[:12] + b"\x88\x47"
    for octets in (1522, 1523):
        rig.card.wire.send(with_fcs(head + bytes(octets - 18)))
    length, _, status = await _received(rig, 0)
    assert length == 1518 and status & DD_EOP == DD_EOP
    await sleep(20 * US)
    assert await rig.statistic(ethernet.GPRC) == 1 and await rig.statistic(ethernet.ROC) == 1


@stimulus()
async def test_store_bad_packets_keeps_short_and_long_ones_too(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.RCTL, await rig.get(ETHERNET + ethernet.RCTL) | ethernet.RCTL_SBP)
    await rig.offer(BUFFERS, BUFFERS + 0x800, BUFFERS + 0x1000, BUFFERS + 0x1800)
    good = udp(b"x" * 100)
    bad = [good[:20] + fcs(good[:20]), with_fcs(good[:20] + bytes(1700)), good[:-1] + bytes([good[-1] ^ 1]), good[:10]]
    rig.card.wire.send(good[:9])
    for frame in bad:
        rig.card.wire.send(frame)
    for index, frame in enumerate(bad):
        length, _, status = await _received(rig, index)
        assert length == len(frame) - 4 and bool(status & layout.STATUS_CE) == (index >= 2)
        assert await rig.card.firmware.read(BUFFERS + 0x800 * index, length) == frame[:-4]
    assert await rig.statistic(ethernet.RUC) == 1 and await rig.statistic(ethernet.ROC) == 1
    assert await rig.statistic(ethernet.CRCERRS) == 1 and await rig.statistic(ethernet.RFC) == 1
    assert await rig.statistic(ethernet.RLEC) == 3
    assert await rig.statistic(ethernet.GPRC) == 0 and await rig.statistic(ethernet.TPR) == 5


@stimulus()
async def test_a_frame_waits_for_a_descriptor_and_is_counted_once(rig: Rig) -> None:
    await rig.start_ethernet()
    frame = udp(b"early")
    rig.card.wire.send(frame)
    await sleep(20 * US)
    assert await rig.statistic(ethernet.RNBC) == 1
    await rig.offer(BUFFERS)
    await _received(rig, 0)
    assert await rig.card.firmware.read(BUFFERS, 30) == frame[:30]
    assert await rig.statistic(ethernet.RNBC) == 0


@stimulus()
async def test_an_overrun_is_reported_and_what_was_stored_survives(rig: Rig) -> None:
    await rig.start_ethernet()
    for number in range(60):
        rig.card.wire.send(udp(bytes([number]) * 1400))
    await sleep(800 * US)
    missed = await rig.statistic(ethernet.MPC)
    assert 0 < missed < 30
    assert await rig.get(ETHERNET + ethernet.ICR) & ethernet.ICR_RXO
    await rig.offer(*(BUFFERS + 0x800 * (index % 15) for index in range(15)))
    await sleep(100 * US)
    assert await rig.get(ETHERNET + ethernet.RDH) == 15
    assert await rig.card.firmware.read(BUFFERS + 0x800 * 14 + 42, 1400) == bytes([14]) * 1400
    for number in range(30):
        rig.card.wire.send(udp(bytes([number]) * 1400))
    await sleep(400 * US)
    # what was taken out has made room for as many again
    assert await rig.statistic(ethernet.MPC) == 15


@stimulus()
async def test_buffers_outside_memory_are_reported_in_their_descriptor(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.offer(MEMORY_END, 0, BUFFERS)
    rig.card.wire.send(udp(b"lost"))
    rig.card.wire.send(udp(b"kept"))
    _, _, status = await _received(rig, 0)
    assert status & layout.STATUS_RXE
    assert await _received(rig, 1) == (0, 0, layout.STATUS_DD)
    _, _, status = await _received(rig, 2)
    assert status == DD_EOP | layout.STATUS_IXSM
    assert await rig.statistic(ethernet.RXWRERR) == 1


@stimulus()
async def test_descriptors_outside_memory_are_counted_and_their_frame_goes_to_the_next(rig: Rig) -> None:
    await rig.start_ethernet()
    high = await rig.get(ETHERNET + ethernet.RDBAH)
    await rig.put(ETHERNET + ethernet.RDBAH, 0x8000_0002)
    await rig.put(ETHERNET + ethernet.RDT, 1)
    frame = udp(b"x")
    rig.card.wire.send(frame)
    await sleep(20 * US)
    assert await rig.statistic(ethernet.RXDESCERR) == 1
    assert await rig.statistic(ethernet.WBERR) == 1
    assert await rig.get(ETHERNET + ethernet.RDH) == 1, "given back"
    await rig.put(ETHERNET + ethernet.RDBAH, high)
    rig.rx_next = 1
    await rig.offer(BUFFERS)
    length, _, status = await _received(rig, 1)
    assert status == DD_EOP | layout.STATUS_IXSM
    assert await rig.card.firmware.read(BUFFERS, length) == frame[:-4]
    assert await rig.statistic(ethernet.GPRC) == 1 and await rig.statistic(ethernet.WBERR) == 0


LIES = {
    "header too short": ((14, 0x44),),
    "packet longer than the frame": ((16, 0xFF),),
    "packet of a header alone": ((17, 20),),
    "packet that ends in the TCP header": ((17, 30),),
    "packet of no length": ((17, 0),),
    "another version": ((14, 0x65),),
    "header longer than the frame": ((14, 0x4F), (17, 60)),
    "IPv6 by type only": ((12, 0x86), (13, 0xDD)),
}


@stimulus()
async def test_headers_that_lie_are_delivered_unverified(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.put(ETHERNET + ethernet.RXCSUM, ethernet.RXCSUM_TUOFL)
    await rig.offer(*(BUFFERS + 0x800 * index for index in range(len(LIES) + 1)))
    good = bytes(Ether(dst=STATION, src=PEER) / IP(src="1.2.3.4", dst="5.6.7.8") / TCP() / bytes(8))
    frames = [(bytearray(good), layout.STATUS_IXSM) for _ in LIES] + [(bytearray(good), layout.STATUS_TCPCS)]
    for (frame, _), changes in zip(frames, LIES.values(), strict=False):
        for at, value in changes:
            frame[at] = value
    for index, (frame, verdict) in enumerate(frames):
        rig.card.wire.send(with_fcs(bytes(frame)))
        length, _, status = await _received(rig, index)
        assert status == DD_EOP | verdict, [*LIES, "none"][index]
        assert await rig.card.firmware.read(BUFFERS + 0x800 * index, length) == frame
