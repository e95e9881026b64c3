"""Receive path of the Ethernet controller: delivery, filters, checksum verdicts, bad frames, exhaustion, interrupts."""

from __future__ import annotations

import random

import cocotb
from cocotb.triggers import Timer
from ethernet_bench import CLK_PS, Bench, fcs, legacy
from reference_segmenter import ones_complement_sum
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Raw
from stalls import ethernet_test

from firmware.registers import ethernet, ethernet_rx

OWN = bytes.fromhex("02005e102030")
PEER = bytes.fromhex("020000000002")


async def begin(dut, rctl: int = ethernet.RCTL_SECRC | ethernet.RCTL_BAM, **settings) -> Bench:
    bench = Bench(dut, random.Random(cocotb.RANDOM_SEED))
    await bench.start(rctl=rctl, **settings)
    await own_address(bench)
    return bench


async def own_address(bench: Bench) -> None:
    await bench.write(ethernet.RA_RAL, int.from_bytes(OWN[:4], "little"))
    await bench.write(ethernet.RA_RAH, int.from_bytes(OWN[4:], "little") | ethernet.RA_RAH_AV)


def frame_to(destination: bytes, content: bytes) -> bytes:
    return (destination + PEER + b"\x88\xb5" + content).ljust(60, b"\0")


@ethernet_test()
async def frames_arrive_byte_for_byte(dut):
    bench = await begin(dut)
    await bench.give(12)
    for length in [46, 47, 50, 1499, 1500, *(bench.random.randrange(46, 1501) for _ in range(15))]:
        frame = frame_to(OWN, bench.random.randbytes(length))
        await bench.inject(frame)
        got = await bench.received()
        assert got.data == frame, length
        assert got.errors == 0 and got.status & ethernet_rx.STATUS_EOP and got.descriptors == 1
        assert got.status & ethernet_rx.STATUS_IXSM, "not IP: nothing was verified"
        assert got.checksum == ones_complement_sum(frame) ^ 0xFFFF, "packet checksum from byte 0"
        await bench.give(1)
    await bench.quiet()
    assert await bench.read(ethernet.RDH) == bench.rx_head
    assert await bench.read(ethernet.ICR) & ethernet.ICR_RXT0
    assert await bench.read(ethernet.GPRC) == 20
    low = await bench.read(ethernet.GORCL)
    assert low and await bench.read(ethernet.GORCL) == low, "the low half is cleared with the high one"
    assert await bench.read(ethernet.GORCH) == 0 and await bench.read(ethernet.GORCL) == 0


@ethernet_test()
async def the_fcs_is_delivered_unless_stripped(dut):
    bench = await begin(dut, rctl=ethernet.RCTL_BAM)
    await bench.give(2)
    frame = frame_to(OWN, b"with FCS")
    await bench.inject(frame)
    assert (await bench.received()).data == frame + fcs(frame)


@ethernet_test()
async def packet_checksum_starts_where_told(dut):
    for start in [14, 15, 34]:
        bench = await begin(dut, rxcsum=start)
        await bench.give(4)
        for length in [60, 61, 62, 63, 300]:
            frame = frame_to(OWN, bench.random.randbytes(length))
            await bench.inject(frame)
            got = await bench.received()
            assert got.checksum == ones_complement_sum(frame[start:]) ^ 0xFFFF, (start, length)
            await bench.give(1)


@ethernet_test()
async def checksum_verdicts(dut):
    bench = await begin(dut)
    await bench.give(14)
    rng = bench.random
    link = Ether(dst=OWN.hex(":"), src=PEER.hex(":"))
    ip_bit, tu_bit, ignore = ethernet_rx.STATUS_IPCS, ethernet_rx.STATUS_TCPCS, ethernet_rx.STATUS_IXSM
    for trial in range(40):
        tagged = rng.random() < 0.3
        v6, udp = rng.random() < 0.4, rng.random() < 0.4
        network = IPv6(src="fe80::1", dst="fe80::2") if v6 else IP(src="10.0.0.1", dst="10.0.0.2")
        if not v6 and rng.random() < 0.2:
            network.options = b"\x94\x04\x00\x00"
        upper = UDP(sport=1, dport=2) if udp else TCP(sport=1, dport=2, seq=5, options=[("MSS", 1460)])
        payload = rng.randbytes(rng.choice([0, 1, 2, 3, 7, 100, 101, 1000]))
        packet = bytearray(bytes((link / Dot1Q(vlan=5) if tagged else link) / network / upper / Raw(payload)))
        start = 18 if tagged else 14
        status, errors = (0 if v6 else ip_bit) | tu_bit, 0
        damage = rng.choice(["none", "none", "ip", "tu", "fragment", "zero"])
        header = 40 if v6 else (packet[start] & 15) * 4
        if damage == "ip" and not v6:
            packet[start + 8] ^= 0x21
            errors |= 0x40
        elif damage == "tu":
            packet[start + header + 3] ^= 0x10
            errors |= 0x20
        elif damage == "fragment" and not v6:
            fragment = IP(src="10.0.0.1", dst="10.0.0.2", flags="MF", proto=6)
            packet = bytearray(bytes((link / Dot1Q(vlan=5) if tagged else link) / fragment / Raw(rng.randbytes(80))))
            status = ip_bit
        elif damage == "zero" and udp and not v6:
            packet[start + header + 6 : start + header + 8] = b"\0\0"
            status = ip_bit
        frame = bytes(packet).ljust(60, b"\xee" if rng.random() < 0.5 else b"\0")  # the padding must not count
        await bench.inject(frame)
        got = await bench.received()
        assert got.data == frame
        seen = got.status & (ip_bit | tu_bit | ignore)
        assert (seen, got.errors) == (status, errors), (
            f"{trial}: {damage} v6={v6} udp={udp} tagged={tagged} payload {len(payload)}: "
            f"status {seen:#x} errors {got.errors:#x}, need {status:#x} {errors:#x}"
        )
        await bench.give(1)


@ethernet_test()
async def headers_that_lie_are_not_verified(dut):
    """Lengths beyond the frame, impossible header lengths, cut headers: delivered, IXSM or no TCP verdict, no hang."""
    bench = await begin(dut)
    await bench.give(14)
    good = bytes(Ether(dst=OWN.hex(":"), src=PEER.hex(":")) / IP(src="1.2.3.4", dst="5.6.7.8") / TCP() / Raw(bytes(40)))
    for at, value in [(14, 0x44), (16, 0xFF), (17, 20), (17, 30), (17, 0), (14, 0x65), (12, 0x86)]:
        frame = bytearray(good)
        frame[at] = value
        await bench.inject(bytes(frame))
        got = await bench.received()
        assert got.data == frame
        assert not got.status & ethernet_rx.STATUS_TCPCS, (at, value)
        await bench.give(1)


@ethernet_test()
async def bad_frames_are_dropped_and_counted(dut):
    bench = await begin(dut)
    await bench.give(8)
    good = frame_to(OWN, b"good")
    await bench.inject(frame_to(OWN, bytes(100)), bad_fcs=True)
    await bench.inject(frame_to(OWN, bytes(100)), error_at=40)
    await bench.inject(frame_to(OWN, b"")[:50])  # a runt with a good FCS
    await bench.inject(frame_to(OWN, b"")[:20], bad_fcs=True)
    await bench.inject(frame_to(OWN, bytes(1505)))
    await bench.inject(frame_to(OWN, bytes(1600)), bad_fcs=True)
    await bench.inject(b"\x55" * 6, raw=True)  # a preamble without a frame
    await bench.inject(b"\x55\x55\x01\x02\x03", raw=True)
    await bench.inject(b"\x55\x55\xd5", raw=True)
    await bench.inject(b"\x55\x55\xd5\x01", raw=True)
    await bench.inject(frame_to(OWN, bytes(9300)))
    await bench.inject(good)
    got = await bench.received(300)
    assert got.data == good
    await bench.quiet()
    expected = {
        "CRCERRS": 1,
        "RXERRC": 1,
        "RUC": 1,
        "RFC": 1,  # what has no whole address is for nobody
        "ROC": 2,
        "RJC": 1,
        "RLEC": 5,
        "GPRC": 1,
        "TPR": 9,
        "MPC": 0,
    }
    counted = {name: await bench.read(getattr(ethernet, name)) for name in expected}
    assert counted == expected
    assert await bench.read(ethernet.RDH) == 1


@ethernet_test()
async def bad_frames_are_stored_when_asked(dut):
    bench = await begin(dut, rctl=ethernet.RCTL_SECRC | ethernet.RCTL_SBP)
    await bench.give(2)
    frame = frame_to(OWN, bytes(100))
    await bench.inject(frame, bad_fcs=True)
    got = await bench.received()
    assert got.data == frame and got.errors & 1


@ethernet_test()
async def what_is_sent_comes_back_through_the_phy(dut):
    """Its loopback: nothing reaches the wire or comes from there, whatever the receive clock's offset."""
    bench = await begin(dut, rctl=ethernet.RCTL_SECRC | ethernet.RCTL_LPE)
    rng = bench.random
    loopback = ethernet.MDIC_READY | 1 << ethernet.MDIC_OP_LSB | 1 << ethernet.MDIC_PHYADD_LSB | 0x4140
    await bench.write(ethernet.MDIC, loopback)
    await Timer(1, "us")
    on_wire = int(dut.tx_frames.value)
    for _ in range(3):
        frames = [frame_to(OWN, rng.randbytes(size)) for size in (46, 47, 50, rng.randrange(46, 2000), 2034)]
        await bench.give(len(frames))
        for index, frame in enumerate(frames):
            await bench.poke(0x20000 + 0x800 * index, frame)
        await bench.post([legacy(0x20000 + 0x800 * index, len(frame)) for index, frame in enumerate(frames)])
        await bench.inject(frame_to(OWN, b"from outside"))
        for frame in frames:
            got = await bench.received()
            assert got.data == frame and got.errors == 0
    await bench.quiet()
    assert int(dut.tx_frames.value) == on_wire
    assert await bench.read(ethernet.GPRC) == await bench.read(ethernet.GPTC) == 15
    await bench.write(ethernet.MDIC, loopback & ~0x4000)
    await bench.give(1)
    await bench.post([legacy(0x20000, 60)])
    await bench.wire_frame()
    outside = frame_to(OWN, b"from outside")
    await bench.inject(outside)
    assert (await bench.received()).data == outside


@ethernet_test()
async def filters(dut):
    bench = await begin(dut, rctl=ethernet.RCTL_SECRC)
    await bench.give(14)
    second = bytes.fromhex("020102030405")
    multicast = bytes.fromhex("01005e0000fb")
    other = bytes.fromhex("01005e7ffffa")
    stranger = bytes.fromhex("02fffffffff0")
    broadcast = b"\xff" * 6
    every = [OWN, second, multicast, other, stranger, broadcast]
    await bench.write(ethernet.RA_RAL + 15 * ethernet.RA_STRIDE, int.from_bytes(second[:4], "little"))
    await bench.write(
        ethernet.RA_RAH + 15 * ethernet.RA_STRIDE, int.from_bytes(second[4:], "little") | ethernet.RA_RAH_AV
    )
    assert await bench.read(ethernet.RA_RAH + 15 * ethernet.RA_STRIDE) == 0x80000504

    async def passing(extra: int) -> list[bytes]:
        await bench.write(ethernet.RCTL, ethernet.RCTL_EN | ethernet.RCTL_SECRC | extra)
        for each in every:
            await bench.inject(frame_to(each, b"filter"))
        await bench.quiet()
        through = []
        while bench.rx_head != await bench.read(ethernet.RDH):
            through.append((await bench.received()).data[:6])
            await bench.give(1)
        return through

    assert await passing(0) == [OWN, second]
    assert await passing(ethernet.RCTL_BAM) == [OWN, second, broadcast]
    assert await passing(ethernet.RCTL_UPE) == [OWN, second, stranger]
    assert await passing(ethernet.RCTL_MPE) == [OWN, second, multicast, other, broadcast]
    for offset in range(4):
        shift = [4, 3, 2, 0][offset]
        value = ((multicast[4] | multicast[5] << 8) >> shift) & 0xFFF
        await bench.write(ethernet.MTA + 4 * (value >> 5), 1 << (value & 31))
        got = await passing(offset << ethernet.RCTL_MO_LSB)
        assert multicast in got and stranger not in got, offset
        await bench.write(ethernet.MTA + 4 * (value >> 5), 0)
    assert await passing(0) == [OWN, second]

    # PIF: the address was let through by the hash alone, the driver has to look at it
    await bench.write(ethernet.MTA + 4 * (value >> 5), 1 << (value & 31))
    await bench.write(ethernet.RCTL, ethernet.RCTL_EN | ethernet.RCTL_SECRC | 3 << ethernet.RCTL_MO_LSB)
    for exact in (False, True):
        if exact:
            await bench.write(ethernet.RA_RAL + ethernet.RA_STRIDE, int.from_bytes(multicast[:4], "little"))
            await bench.write(
                ethernet.RA_RAH + ethernet.RA_STRIDE, int.from_bytes(multicast[4:], "little") | ethernet.RA_RAH_AV
            )
        for destination, inexact in ((multicast, not exact), (OWN, False)):
            await bench.inject(frame_to(destination, b"filter"))
            got = await bench.received()
            assert got.data[:6] == destination
            assert bool(got.status & ethernet_rx.STATUS_PIF) == inexact, (exact, destination)
            await bench.give(1)


@ethernet_test()
async def long_frames_span_descriptors(dut):
    size = 512
    rctl = ethernet.RCTL_SECRC | ethernet.RCTL_LPE | 2 << ethernet.RCTL_BSIZE_LSB
    bench = await begin(dut, rctl=rctl, rx_size=32)
    await bench.give(31, size)
    for length in [498, 499, 1500, 9000 - 14, 1010]:
        frame = frame_to(OWN, bench.random.randbytes(length))
        await bench.inject(frame)
        got = await bench.received(400)
        assert got.data == frame, length
        assert got.descriptors == -(-len(frame) // size)
        await bench.give(got.descriptors, size)
    await bench.inject(frame_to(OWN, bytes(9300)))
    await bench.quiet()
    assert await bench.read(ethernet.ROC) == 1, "beyond the longest frame even with LPE"


@ethernet_test()
async def the_ring_wraps_under_back_to_back_frames(dut):
    bench = await begin(dut, rx_size=8)
    await bench.give(7)
    frames = [frame_to(OWN, bench.random.randbytes(bench.random.choice([46, 46, 46, 200, 1500]))) for _ in range(40)]

    async def sender() -> None:
        for frame in frames:
            await bench.inject(frame, gap=bench.random.choice([1, 8, 12]))

    task = cocotb.start_soon(sender())
    for frame in frames:
        assert (await bench.received()).data == frame
        await bench.give(1)
    await task
    assert await bench.read(ethernet.MPC) == 0


@ethernet_test()
async def without_descriptors_frames_wait_and_then_are_missed(dut):
    bench = await begin(dut, rx_size=64)
    frames = [frame_to(OWN, bench.random.randbytes(1500)) for _ in range(14)]
    for frame in frames:
        await bench.inject(frame)
    await Timer(20, "us")
    missed = await bench.read(ethernet.MPC)
    assert 1 <= missed <= 5, "16 KiB hold ten or eleven frames"
    assert await bench.read(ethernet.RNBC) == 1, "the first that waits, once; those behind it have not asked yet"
    assert await bench.read(ethernet.ICR) & ethernet.ICR_RXO
    await bench.poke(0x20000, bytes(100))
    await bench.post([legacy(0x20000, 100)])
    assert (await bench.wire_frame()).data == bytes(100), "transmission is not disturbed"
    await bench.quiet(20)  # waiting for descriptors is no work
    await bench.give(20)
    for frame in frames[: 14 - missed]:
        assert (await bench.received()).data == frame
    last = frame_to(OWN, b"and on")
    await bench.inject(last)
    assert (await bench.received()).data == last


@ethernet_test()
async def failed_writes_are_reported_and_counted(dut):
    bench = await begin(dut)
    await bench.give(1, fault=True)
    await bench.give(3)
    await bench.inject(frame_to(OWN, b"lost"))
    frame = frame_to(OWN, b"fine")
    await bench.inject(frame)
    assert (await bench.received()).errors & 0x80
    got = await bench.received()
    assert got.errors == 0 and got.data == frame
    assert await bench.read(ethernet.RXWRERR) == 1


@ethernet_test()
async def null_descriptors_are_given_back_empty(dut):
    bench = await begin(dut)
    await bench.poke(0x3000, bytes(16))
    bench.rx_tail, bench.rx_buffers[0] = 1, 0x40000
    await bench.give(2)
    frame = frame_to(OWN, b"second descriptor")
    await bench.inject(frame)
    got = await bench.received()
    assert got.data == frame and got.descriptors == 2


@ethernet_test(pause=0)
async def receive_interrupts_are_delayed(dut):
    bench = await begin(dut)
    await bench.give(12)
    await bench.write(ethernet.IMS, ethernet.IMS_RXT0)
    await bench.read(ethernet.ICR)
    await bench.write(ethernet.RDTR, 20)
    await bench.write(ethernet.RADV, 50)
    for _ in range(4):  # each frame restarts the delay, so the absolute timer ends it
        await bench.inject(frame_to(OWN, b"delay"))
        await Timer(11, "us")
        assert int(dut.irq.value) == 0
    await Timer(15, "us")
    assert int(dut.irq.value) == 1
    assert await bench.read(ethernet.ICR) & ethernet.ICR_RXT0
    await bench.inject(frame_to(OWN, b"delay"))
    await Timer(15, "us")
    assert int(dut.irq.value) == 0
    await bench.write(ethernet.RDTR, 20 | ethernet.RDTR_FPD)
    await Timer(2 * CLK_PS, "ps")
    assert int(dut.irq.value) == 1, "FPD flushes"
    causes = await bench.read(ethernet.ICR)
    assert causes & ethernet.ICR_RXT0


@ethernet_test()
async def the_minimum_threshold_raises_its_cause_once(dut):
    bench = await begin(dut, rx_size=16)
    await bench.give(10)
    await bench.read(ethernet.ICR)
    seen = []
    for n in range(5):
        await bench.inject(frame_to(OWN, bytes([n])))
        await bench.received()
        await bench.quiet()
        seen.append(bool(await bench.read(ethernet.ICR) & ethernet.ICR_RXDMT0))
    assert seen == [False, True, False, False, False], "half of 16 reached with the second frame"


@ethernet_test()
async def a_reset_while_receiving(dut):
    bench = await begin(dut)
    for delay in [1, 4, 9, 13]:
        await bench.give(8)
        for _ in range(3):
            await bench.inject(frame_to(OWN, bench.random.randbytes(1000)))
        await Timer(delay, "us")
        await bench.write(ethernet.CTRL, ethernet.CTRL_RST)
        for _ in range(100):
            if not await bench.read(ethernet.CTRL) & ethernet.CTRL_RST:
                break
            await Timer(1, "us")
        else:
            raise AssertionError("CTRL.RST does not clear itself")
        await Timer(20, "us")  # what is on the wire goes by
        await bench.set_up(ethernet.RCTL_SECRC)
        await own_address(bench)
        await bench.give(4)
        frame = frame_to(OWN, b"after reset")
        await bench.inject(frame)
        assert (await bench.received()).data == frame
