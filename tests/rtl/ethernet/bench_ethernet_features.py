"""VLAN tags, pause frames, link, EEPROM, PHY and the gap, under random latency and pauses of the memory."""

from __future__ import annotations

import struct

from bench_ethernet_receive import OWN, PEER, begin, frame_to
from cocotb.triggers import Timer
from ethernet_bench import Bench, legacy, tagged, with_tag
from stalls import ethernet_test

from firmware.registers import ethernet, ethernet_rx

UP = ethernet.CTRL_FD | ethernet.CTRL_SLU
PAUSE = bytes.fromhex("0180c2000001")


@ethernet_test()
async def tags_come_and_go_in_any_mixture(dut):
    bench = await begin(dut, rx_size=32)
    rng = bench.random
    await bench.write(ethernet.CTRL, UP | ethernet.CTRL_VME)
    await bench.give(31)
    sent, received = [], []
    for number in range(30):
        length = rng.choice([14, 15, 19, 20, 46, 56, 57, 60, 61, 64, 200, rng.randrange(14, 1515), 1514])
        frame = rng.randbytes(12) + b"\x88\xb5" + rng.randbytes(length - 14)
        address = 0x20000 + 0x800 * (number % 16) + rng.randrange(8)
        await bench.poke(address, frame)
        tag = rng.randrange(1 << 16) if rng.random() < 0.6 else None
        cut = rng.randrange(1, length)
        parts = [legacy(address, cut, eop=False), legacy(address + cut, length - cut)]
        if rng.random() < 0.5:
            parts = [legacy(address, length)]
        await bench.post([each if tag is None else with_tag(each, tag) for each in parts])
        sent.append((frame if tag is None else tagged(frame, tag)).ljust(60, b"\0"))
        incoming = frame_to(OWN, rng.randbytes(rng.choice([46, 47, 49, 50, 51, 53, rng.randrange(46, 1501)])))
        tag = rng.randrange(1 << 16) if rng.random() < 0.6 else None
        await bench.inject(incoming if tag is None else tagged(incoming, tag), gap=rng.choice([1, 12, 200]))
        received.append((incoming, tag))
        if number % 8 == 7:
            for expected in sent:
                assert (await bench.wire_frame()).data == expected
            for expected, tag in received:
                got = await bench.received()
                assert got.data == expected and got.errors == 0 and got.special == (tag or 0)
                assert bool(got.status & ethernet_rx.STATUS_VP) == (tag is not None)
                assert got.checksum == 0xFFFF ^ _sum(expected)
            await bench.give(len(received))
            sent.clear()
            received.clear()
    await bench.quiet()


def _sum(data: bytes) -> int:
    total = sum(struct.unpack(f">{len(data + bytes(len(data) & 1)) // 2}H", data + bytes(len(data) & 1)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


async def flow_control(bench: Bench, ctrl: int) -> None:
    await bench.write(ethernet.FCAL, int.from_bytes(PAUSE[:4], "little"))
    await bench.write(ethernet.FCAH, int.from_bytes(PAUSE[4:], "little"))
    await bench.write(ethernet.FCT, 0x8808)
    await bench.write(ethernet.FCTTV, 0xABCD)
    await bench.write(ethernet.CTRL, UP | ctrl)


def control(time: int, opcode: int = 1) -> bytes:
    return (PAUSE + PEER + b"\x88\x08" + struct.pack(">HH", opcode, time)).ljust(60, b"\0")


@ethernet_test(pause=0)
async def nothing_leaves_during_a_pause_and_all_of_it_afterwards(dut):
    bench = await begin(dut)
    await flow_control(bench, ethernet.CTRL_RFCE)
    rng = bench.random
    frames = [rng.randbytes(rng.choice([300, 800, 1500])) for _ in range(24)]
    for index, frame in enumerate(frames):
        await bench.poke(0x20000 + 0x800 * index, frame)
    await bench.post([legacy(0x20000 + 0x800 * index, len(frame)) for index, frame in enumerate(frames)])
    for _ in range(5):
        await Timer(rng.randrange(3000, 20000), "ns")
        await bench.inject(control(200))  # 102 us
        await Timer(15, "us")  # the frame under way
        before = int(dut.tx_frames.value)
        assert await bench.read(ethernet.STATUS) & ethernet.STATUS_TXOFF
        await Timer(rng.randrange(1, 80), "us")
        assert int(dut.tx_frames.value) == before
        await bench.inject(control(0))
    for frame in frames:
        assert (await bench.wire_frame()).data == frame
    assert await bench.read(ethernet.XOFFRXC) == 5 and await bench.read(ethernet.XONRXC) == 5
    await bench.quiet()
    # a pause is over when it shall no longer be obeyed
    await bench.inject(control(0xFFFF))  # 33 ms
    await Timer(5, "us")
    await bench.post([legacy(0x20000, 300)])
    await Timer(20, "us")
    assert not bench.frames
    await flow_control(bench, 0)
    assert (await bench.wire_frame()).data == frames[0][:300]


@ethernet_test(pause=0)
async def a_buffer_that_fills_and_empties_sends_pairs_of_pause_frames(dut):
    bench = await begin(dut, rx_size=64)
    await flow_control(bench, ethernet.CTRL_TFCE)
    await bench.write(ethernet.FCRTL, 2048 | ethernet.FCRTL_XONE)
    await bench.write(ethernet.FCRTH, 8192)
    rng = bench.random
    data = rng.randbytes(700)
    await bench.poke(0x20000, data)
    for _ in range(3):
        for _ in range(9):
            await bench.inject(frame_to(OWN, rng.randbytes(1000)))
            await bench.post([legacy(0x20000, len(data))])
        await Timer(20, "us")
        await bench.give(9)
        for _ in range(9):
            await bench.received()
        await bench.quiet()
    out = [bench.frames.popleft().data for _ in range(len(bench.frames))]
    pauses = [frame for frame in out if frame[:6] == PAUSE]
    head = PAUSE + OWN + b"\x88\x08\x00\x01"
    assert pauses == [(head + time).ljust(60, b"\0") for _ in range(3) for time in (b"\xab\xcd", b"\0\0")]
    assert [frame for frame in out if frame[:6] != PAUSE] == [data] * 27
    assert await bench.read(ethernet.XOFFTXC) == 3 and await bench.read(ethernet.XONTXC) == 3
    assert await bench.read(ethernet.GPTC) == 27


@ethernet_test()
async def frames_wait_for_the_link_and_are_not_lost(dut):
    bench = await begin(dut)
    rng = bench.random
    frames = [rng.randbytes(rng.choice([60, 300, 1500])) for _ in range(30)]
    for index, frame in enumerate(frames):
        await bench.poke(0x20000 + 0x800 * index, frame)
    await bench.post([legacy(0x20000 + 0x800 * index, len(frame)) for index, frame in enumerate(frames)])
    for _ in range(4):
        await Timer(rng.randrange(2000, 20000), "ns")
        await bench.read(ethernet.ICR)
        dut.wire_link.value = 0
        await Timer(15, "us")
        assert not await bench.read(ethernet.STATUS) & ethernet.STATUS_LU
        before = int(dut.tx_frames.value)
        await Timer(25, "us")
        assert int(dut.tx_frames.value) == before
        await bench.quiet(40)  # waiting for the link is no work
        assert await bench.read(ethernet.ICR) & ethernet.ICR_LSC
        dut.wire_link.value = 1
        await Timer(1, "us")
        assert await bench.read(ethernet.STATUS) & ethernet.STATUS_LU
    for frame in frames:
        assert (await bench.wire_frame()).data == frame
    await bench.quiet()


@ethernet_test()
async def the_eeprom_and_the_phy_answer(dut):
    bench = await begin(dut)
    cs, sk, di, do = ethernet.EECD_CS, ethernet.EECD_SK, ethernet.EECD_DI, ethernet.EECD_DO

    async def word(address: int) -> int:
        await bench.write(ethernet.EECD, cs)
        for bit in f"110{address:06b}":
            level = cs | (di if bit == "1" else 0)
            await bench.write(ethernet.EECD, level)
            await bench.write(ethernet.EECD, level | sk)
            await bench.write(ethernet.EECD, level)
        value = 0
        for _ in range(16):
            await bench.write(ethernet.EECD, cs | sk)
            value = value << 1 | bool(await bench.read(ethernet.EECD) & do)
            await bench.write(ethernet.EECD, cs)
        await bench.write(ethernet.EECD, 0)
        return value

    words = [await word(address) for address in range(64)]
    assert sum(words) & 0xFFFF == 0xBABA
    assert b"".join(each.to_bytes(2, "little") for each in words[:3]) == OWN
    for register, expected in ((2, 0x0141), (3, 0x0C30), (17, 0xAC08)):
        await bench.write(ethernet.MDIC, 2 << 26 | 1 << 21 | register << 16)
        assert await bench.read(ethernet.MDIC) & (ethernet.MDIC_DATA | ethernet.MDIC_READY) == 1 << 28 | expected
    await bench.write(ethernet.MDIC, 2 << 26 | 3 << 21)
    assert await bench.read(ethernet.MDIC) & ethernet.MDIC_ERROR


@ethernet_test(pause=0)
async def the_gap_is_what_tipg_says_but_never_shorter_than_twelve(dut):
    bench = await begin(dut)
    await bench.poke(0x20000, bytes(200))
    for ipgt, expected in ((0, 12), (8, 12), (9, 13), (10, 14), (40, 44), (1023, 1027)):
        await bench.write(ethernet.TIPG, ipgt)
        await bench.post([legacy(0x20000, 200)] * 4)
        gaps = [(await bench.wire_frame()).gap for _ in range(4)]
        assert gaps[1:] == [expected] * 3, (ipgt, gaps)


@ethernet_test()
async def the_longest_frame_passes_both_ways(dut):
    longest = int(dut.MAX_FRAME_BYTES.value)
    bench = await begin(dut, rctl=ethernet.RCTL_SECRC | ethernet.RCTL_LPE, rx_size=32)
    await bench.give(30)
    frame = frame_to(OWN, bench.random.randbytes(longest - 18))
    await bench.inject(frame + b"!")
    await bench.inject(frame)
    got = await bench.received(1000)
    assert got.data == frame and got.descriptors == -(-len(frame) // 2048)
    await bench.poke(0x60000, frame)
    await bench.post([legacy(0x60000, len(frame))])
    assert (await bench.wire_frame(1000)).data == frame
    await bench.post([legacy(0x60000, len(frame) + 1)])
    await bench.quiet()
    assert await bench.read(ethernet.ROC) == await bench.read(ethernet.RLEC) == 1
    assert await bench.read(ethernet.TXBADD) == 1
    assert await bench.read(ethernet.GPRC) == await bench.read(ethernet.GPTC) == 1
    assert await bench.read(ethernet.GOTCL) == longest


@ethernet_test(pause=0)
async def pause_frames_go_between_frames_that_wait(dut):
    bench = await begin(dut)
    await flow_control(bench, ethernet.CTRL_TFCE)
    rng = bench.random
    frames = [rng.randbytes(rng.choice([60, 100, 200, 300])) for _ in range(60)]
    for index, frame in enumerate(frames):
        await bench.poke(0x20000 + 0x200 * index, frame)
    await bench.post([legacy(0x20000 + 0x200 * index, len(frame)) for index, frame in enumerate(frames)])
    asked = 20
    for _ in range(asked):
        await bench.write(ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP | ethernet.TCTL_SWXOFF)
        await Timer(rng.randrange(5000, 7000), "ns")
    await bench.quiet()
    out = [bench.frames.popleft().data for _ in range(len(bench.frames))]
    assert [frame for frame in out if frame[:6] != PAUSE] == frames
    pauses = [frame for frame in out if frame[:6] == PAUSE]
    assert pauses == [(PAUSE + OWN + b"\x88\x08\x00\x01\xab\xcd").ljust(60, b"\0")] * asked
    assert await bench.read(ethernet.XOFFTXC) == asked
