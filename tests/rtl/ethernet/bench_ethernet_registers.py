"""Registers that other benches leave alone: storage, VLAN filter table, PHY, EEPROM, TADV, octets sent, moved heads."""

from __future__ import annotations

import struct

from bench_ethernet_receive import OWN, begin, frame_to
from cocotb.triggers import Timer
from ethernet_bench import Bench, legacy
from stalls import ethernet_test

from firmware.registers import ethernet

UP = ethernet.CTRL_FD | ethernet.CTRL_SLU
PHY = 1 << 21
PHY_WRITE, PHY_READ = 1 << 26, 2 << 26


@ethernet_test()
async def registers_keep_what_is_written_and_only_that(dut):
    bench = await begin(dut)
    kept = {  # and the bits that are kept
        ethernet.CTRL_EXT: ~ethernet.CTRL_EXT_EE_RST,
        ethernet.VET: 0xFFFF,
        ethernet.TXCW: ~0,
        ethernet.AIT: 0xFFFF,
        ethernet.WUC: ~0,
        ethernet.WUFC: ~0,
        ethernet.TADV: 0xFFFF,
        ethernet.FCAL: ~0,
        ethernet.FCRTH: 0xFFF8,
    }
    written = {address: bench.random.getrandbits(32) & mask & 0xFFFFFFFF for address, mask in kept.items()}
    for address, value in written.items():
        await bench.write(address, value)
    for address in bench.random.sample(list(written), len(written)):
        assert await bench.read(address) == written[address], hex(address)
    for receive in (48, 16, bench.random.randrange(1, 64)):
        await bench.write(ethernet.PBA, receive)
        assert await bench.read(ethernet.PBA) == (64 - receive) << 16 | receive, "both share 64 KiB"


@ethernet_test()
async def the_vlan_table_says_which_tags_are_taken(dut):
    bench = await begin(dut, rx_size=64)
    rng = bench.random
    table = [rng.getrandbits(32) for _ in range(128)]
    for index, bits in enumerate(table):
        await bench.write(ethernet.VFTA + 4 * index, bits)
    for index in rng.sample(range(128), 128):
        assert await bench.read(ethernet.VFTA + 4 * index) == table[index]
    await bench.give(63)
    on = ethernet.RCTL_SECRC | ethernet.RCTL_EN | ethernet.RCTL_VFE
    for more, cfi in ((0, None), (ethernet.RCTL_CFIEN, 0), (ethernet.RCTL_CFIEN | ethernet.RCTL_CFI, 1)):
        await bench.write(ethernet.RCTL, on | more)
        expected = []
        for number in range(16):
            tag = rng.randrange(1 << 16)
            frame = frame_to(OWN, bytes([number]) + rng.randbytes(60))
            if number != 3:
                frame = frame[:12] + struct.pack(">HH", 0x8100, tag) + frame[12:]
            await bench.inject(frame)
            wanted = table[tag >> 5 & 0x7F] >> (tag & 31) & 1 and cfi in (None, tag >> 12 & 1)
            if wanted or number == 3:
                expected.append(frame)
        for frame in expected:
            assert (await bench.received()).data == frame
    await Timer(10, "us")
    await bench.quiet()
    assert await bench.read(ethernet.RDH) == bench.rx_head, "no other frame was delivered"


async def phy(bench: Bench, register: int, value: int | None = None) -> int:
    """Write a register of the PHY, or read it."""
    await bench.write(ethernet.MDIC, PHY | register << 16 | (PHY_READ if value is None else PHY_WRITE | value))
    answer = await bench.read(ethernet.MDIC)
    assert answer & ethernet.MDIC_READY and not answer & ethernet.MDIC_ERROR
    return answer & 0xFFFF


@ethernet_test()
async def the_phy_is_written_reset_and_powered_down(dut):
    bench = await begin(dut)
    resets = {4: 0x01E1, 9: 0x0F00, 16: 0x0068, 18: 0, 20: 0x0D60}
    written = {register: bench.random.randrange(1 << 16) for register in resets}
    assert {register: await phy(bench, register) for register in resets} == resets
    for register, value in written.items():
        await phy(bench, register, value)
    await phy(bench, 2, 0x5A5A)  # read-only
    assert {register: await phy(bench, register) for register in written} == written
    assert await phy(bench, 2) == 0x0141 and await phy(bench, 31) == 0
    await phy(bench, 1)
    with_link = {1: 0x796D, 5: 0x41E1, 6: 5, 10: 0x3800, 15: 0x3000, 17: 0xAC08}
    without = {1: 0x7949, 5: 0, 6: 4, 10: 0, 15: 0x3000, 17: 0x0008}
    assert {register: await phy(bench, register) for register in with_link} == with_link
    await bench.read(ethernet.ICR)
    await phy(bench, 0, 0x1940)  # power-down
    await Timer(1, "us")
    assert {register: await phy(bench, register) for register in without} == without
    assert not await bench.read(ethernet.STATUS) & ethernet.STATUS_LU
    assert await bench.read(ethernet.ICR) & ethernet.ICR_LSC
    await phy(bench, 0, 0x1340)  # up; the restart of autonegotiation is over at once
    assert await phy(bench, 0) == 0x1140
    assert await phy(bench, 1) == 0x7969, "a lost link is told once, though it is back"
    assert await phy(bench, 1) == 0x796D
    await bench.write(ethernet.MDIC, PHY | PHY_READ | 2 << 16 | ethernet.MDIC_I)
    assert await bench.read(ethernet.ICR) & ethernet.ICR_MDAC
    await phy(bench, 2)
    assert not await bench.read(ethernet.ICR) & ethernet.ICR_MDAC
    await phy(bench, 0, 0x8000)
    assert {register: await phy(bench, register) for register in resets} == resets


@ethernet_test()
async def eeprom_words_follow_one_another_and_a_write_changes_nothing(dut):
    bench = await begin(dut)
    cs, sk, di, do = ethernet.EECD_CS, ethernet.EECD_SK, ethernet.EECD_DI, ethernet.EECD_DO

    async def shift(bits: str) -> None:
        for bit in bits:
            level = cs | (di if bit == "1" else 0)
            await bench.write(ethernet.EECD, level | sk)
            await bench.write(ethernet.EECD, level)

    async def word(address: int) -> int:
        await bench.write(ethernet.EERD, address << 8 | ethernet.EERD_START)
        value = await bench.read(ethernet.EERD)
        assert value & ethernet.EERD_DONE
        return value >> 16

    words = [await word(address) for address in range(64)]
    assert sum(words) & 0xFFFF == 0xBABA and await word(64) == words[0]
    await bench.write(ethernet.EECD, cs)
    await shift("101" + f"{3:06b}" + f"{0x1234:016b}")
    assert await bench.read(ethernet.EECD) & do, "a write is over at once"
    await bench.write(ethernet.EECD, 0)
    await bench.write(ethernet.EECD, cs)
    await shift("110" + f"{62:06b}")
    for address in (62, 63, 0, 1):
        value = 0
        for _ in range(16):
            await shift("0")
            value = value << 1 | bool(await bench.read(ethernet.EECD) & do)
        assert value == words[address], address
    await bench.write(ethernet.EECD, 0)


@ethernet_test(pause=0)
async def the_absolute_delay_limits_how_long_sent_frames_stay_untold(dut):
    bench = await begin(dut)
    await bench.poke(0x20000, bytes(100))
    await bench.write(ethernet.TIDV, 40)  # units of 1.024 us
    for absolute, told in ((0, False), (60, True)):
        await bench.write(ethernet.TADV, absolute)
        await bench.read(ethernet.ICR)
        causes = []
        for _ in range(5):  # each starts TIDV anew, so that it never expires
            await bench.post([legacy(0x20000, 100, ide=True)])
            await Timer(20, "us")
            causes.append(bool(await bench.read(ethernet.ICR) & ethernet.ICR_TXDW))
        assert causes == [False, False, False, told, False], causes
        await Timer(60, "us")
        assert await bench.read(ethernet.ICR) & ethernet.ICR_TXDW, "TIDV after the last"
        await bench.quiet()


@ethernet_test()
async def octets_sent_are_counted_and_cleared_with_the_high_half(dut):
    bench = await begin(dut)
    lengths = [bench.random.randrange(60, 1515) for _ in range(4)]
    for index, length in enumerate(lengths):
        await bench.poke(0x20000 + 0x800 * index, bytes(length))
    await bench.post([legacy(0x20000 + 0x800 * index, length) for index, length in enumerate(lengths)])
    for _ in lengths:
        await bench.wire_frame()
    await bench.quiet()
    for low, high in ((ethernet.GOTCL, ethernet.GOTCH), (ethernet.TOTL, ethernet.TOTH)):
        assert await bench.read(low) == sum(lengths) + 4 * len(lengths)
        assert await bench.read(high) == 0
        assert await bench.read(low) == 0


@ethernet_test(pause=0)
async def descriptors_under_way_when_the_head_moves_are_not_used(dut):
    bench = await begin(dut)
    dut.latency.value = 120
    frames = [bench.random.randbytes(100) for _ in range(4)]
    for index, frame in enumerate(frames):
        await bench.poke(0x20000 + 0x800 * index, frame)
    await bench.post([legacy(0x20000 + 0x800 * index, 100) for index in range(4)])
    await bench.write(ethernet.TDH, 2)
    assert [(await bench.wire_frame()).data for _ in range(2)] == frames[2:]
    await bench.quiet()
    assert not bench.frames and await bench.read(ethernet.TDH) == 4
    await bench.give(6)
    await bench.write(ethernet.RDH, 3)
    bench.rx_head = 3
    frame = frame_to(OWN, bench.random.randbytes(80))
    await bench.inject(frame)
    assert (await bench.received()).data == frame
    await bench.quiet()
    assert await bench.read(ethernet.RDH) == 4
