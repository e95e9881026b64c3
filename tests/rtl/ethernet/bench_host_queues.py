"""The host's queue set beside the firmware's: registers, rings, steering, interrupts and resets of each are its own."""

from __future__ import annotations

import os
import random
from collections import deque
from dataclasses import dataclass
from typing import Any

from bench_ethernet_receive import PEER, begin
from cocotb.triggers import Timer
from ethernet_bench import Bench, legacy
from stalls import ethernet_test

from firmware.drivers.steering import Rule
from firmware.registers import ethernet

OPERATIONS = int(os.environ["OPERATIONS"])
FIRMWARE, HOST, BOTH = range(3)
MACS = (bytes.fromhex("02005e102030"), bytes.fromhex("02005e102031"))
BROADCAST = b"\xff" * 6
CARD = 1 << 63
"""Address bit of card memory: the host may write it anywhere, and never gets there."""
DECERR = 3
RX_BUFFERS, TX_BUFFERS = (0x40000, 0x80000), (0x20000, 0xC0000)
SLOTS = 32
ON = ethernet.RCTL_SECRC | ethernet.RCTL_BAM | ethernet.RCTL_UPE
STORAGE = (ethernet.TXCW, ethernet.WUC, ethernet.WUFC, ethernet.FCAL)
"""Registers that only keep what is written, all of it."""
STEERING = (ethernet.STEERING, *(ethernet.RULE_BASE + 4 * word for word in range(13)))


@dataclass
class Sets:
    """The drivers of both queue sets on one memory and one wire, and what has to arrive."""

    benches: tuple[Bench, Bench]
    dut: Any
    dice: random.Random
    expected: tuple[deque[bytes], deque[bytes]]
    sent: tuple[deque[bytes], deque[bytes]]

    async def own(self, owner: int) -> None:
        await self.benches[0].write(ethernet.STEERING, owner | ethernet.STEERING_BROADCAST)

    async def refused(self, address: int, write: bool) -> bool:
        host = self.benches[1]
        await host._access(address, self.dice.getrandbits(32), write)
        return int(host.port.access_response.value) == DECERR

    async def give(self, which: int, count: int) -> None:
        base = RX_BUFFERS[which] | CARD * self.dice.getrandbits(1)
        await self.benches[which].give(count, base=base)

    def content(self, destination: bytes, source: bytes) -> bytes:
        length = self.dice.choice((46, 47, 61, self.dice.randrange(46, 600), 1500))
        return destination + source + b"\x88\xb5" + self.dice.randbytes(length)

    async def send(self, which: int) -> None:
        bench = self.benches[which]
        frame = self.content(PEER, MACS[which])
        address = TX_BUFFERS[which] + 2048 * (bench.tx_tail % SLOTS) + self.dice.randrange(8)
        await bench.poke(address, frame)
        self.sent[which].append(frame)
        await bench.post([legacy(address | CARD * self.dice.getrandbits(1), len(frame))])

    async def arrive(self, owner: int) -> None:
        destination = self.dice.choice((*MACS, BROADCAST))
        frame = self.content(destination, PEER)
        if owner != BOTH:
            sets = (owner,)
        else:
            sets = (FIRMWARE, HOST) if destination == BROADCAST else (MACS.index(destination),)
        for which in sets:
            self.expected[which].append(frame)
        await self.benches[0].inject(frame, gap=self.dice.choice((12, 12, 100)))

    async def drain(self) -> None:
        """Everything that was sent or expected, in its order, byte for byte."""
        for which, bench in enumerate(self.benches):
            while self.expected[which]:
                frame, got = self.expected[which].popleft(), await bench.received()
                assert got.data == frame and got.errors == 0 and got.descriptors == 1, f"set {which}"
        while any(self.sent):
            frame = (await self.benches[0].wire_frame()).data
            which = MACS.index(frame[6:12])
            assert frame == self.sent[which].popleft(), f"set {which}"

    async def reset_host(self) -> None:
        """CTRL.RST, and the set up again as soon as it is over."""
        host = self.benches[HOST]
        await host.write(ethernet.CTRL, ethernet.CTRL_RST)
        while await host.read(ethernet.CTRL) & ethernet.CTRL_RST:
            pass
        assert await host.read(ethernet.TDLEN) == await host.read(ethernet.RCTL) == 0
        for address in range(0, 16 * 64, 64):
            await host.poke(host.rx_ring + address, bytes(64))
        await host.set_up(ON)
        await self.give(HOST, 24)

    async def finish(self) -> None:
        dut = self.dut
        await self.benches[0].quiet()
        assert not self.benches[0].frames, "a frame left twice"
        for bench in self.benches:
            assert await bench.read(ethernet.RDH) == bench.rx_head, "a frame was delivered to the wrong set"
            assert await bench.read(ethernet.TDH) == bench.tx_tail
        assert int(dut.host_bursts.value) > 0
        assert int(dut.host_strays.value) == 0, "the host's set left the host's memory"


async def begin_both(dut: Any) -> Sets:
    """Both sets up; frames by the destination's address, group frames to both."""
    own = await begin(dut, rctl=ON, tx_size=64, rx_size=64)
    host = Bench(dut, own.random, tx_ring=0x5000, rx_ring=0x7000, tx_size=64, rx_size=64, frames=own.frames,
                 arrived=own.arrived, port=dut.host_port)  # fmt: skip
    sets = Sets((own, host), dut, own.random, (deque(), deque()), (deque(), deque()))
    for address, value in Rule(HOST, mac=MACS[HOST]).registers().items():
        await own.write(address, value)
    await sets.own(BOTH)
    await host.set_up(ON)
    for which in (FIRMWARE, HOST):
        await sets.give(which, 24)
    return sets


@ethernet_test()
async def registers_of_the_host_are_its_own_and_open_with_its_part_in_the_wire(dut: Any) -> None:
    sets = await begin_both(dut)
    own, host = sets.benches
    steering = {address: await own.read(address) for address in STEERING}
    for owner in (BOTH, FIRMWARE, HOST, FIRMWARE, BOTH):
        await sets.own(owner)
        steering[ethernet.STEERING] = await own.read(ethernet.STEERING)
        kept: dict[tuple[int, int], int] = {}
        for _ in range(20):
            which = sets.dice.choice((FIRMWARE, HOST))
            address, value = sets.dice.choice(STORAGE), sets.dice.getrandbits(32)
            if which == HOST and owner == FIRMWARE:
                assert await sets.refused(address, write=bool(sets.dice.getrandbits(1)))
                continue
            await sets.benches[which].write(address, value)
            if which == HOST:
                assert int(host.port.access_response.value) == 0
            kept[which, address] = value
        for (which, address), value in kept.items():
            assert await sets.benches[which].read(address) == value, f"set {which}, {address:#x}"
        if owner != FIRMWARE:  # what rules the wire is out of the host's reach
            for address in STEERING:
                await host.write(address, sets.dice.getrandbits(32))
            await host.write(ethernet.CTRL, ethernet.CTRL_SLU | ethernet.CTRL_VME | ethernet.CTRL_TFCE)
        assert {address: await own.read(address) for address in STEERING} == steering
    assert not await own.read(ethernet.CTRL) & (ethernet.CTRL_VME | ethernet.CTRL_TFCE)
    await sets.send(HOST)
    await sets.arrive(BOTH)
    await sets.drain()
    await sets.finish()


@ethernet_test()
async def frames_of_both_sets_come_and_go_in_their_order(dut: Any) -> None:
    sets = await begin_both(dut)
    done = 0
    while done < OPERATIONS:
        owner = sets.dice.choice((FIRMWARE, HOST, BOTH, BOTH))
        await sets.own(owner)
        present = (FIRMWARE,) if owner == FIRMWARE else (FIRMWARE, HOST)
        for _ in range(sets.dice.randrange(4, 16)):
            kind = sets.dice.choice(("send", "send", "arrive", "arrive", "register"))
            which = sets.dice.choice(present)
            if kind == "send":
                await sets.send(which)
            elif kind == "arrive":
                await sets.arrive(owner)
            elif which == HOST or owner != FIRMWARE:
                assert await sets.benches[which].read(ethernet.TDLEN) == 16 * 64
            else:
                assert await sets.refused(ethernet.TDLEN, write=False)
            done += 1
        counts = [len(frames) for frames in sets.expected]
        await sets.drain()
        await sets.own(BOTH)
        for which, count in enumerate(counts):
            await sets.give(which, count)
    await sets.finish()


@ethernet_test()
async def each_set_raises_its_own_interrupt(dut: Any) -> None:
    sets = await begin_both(dut)
    lines = (dut.irq, dut.host_irq)
    for bench in sets.benches:
        await bench.read(ethernet.ICR)
        await bench.write(ethernet.IMS, ethernet.ICR_RXT0)
    for _ in range(6):
        which = sets.dice.choice((FIRMWARE, HOST))
        frame = sets.content(MACS[which], PEER)
        sets.expected[which].append(frame)
        await sets.benches[0].inject(frame)
        await sets.drain()
        await Timer(2, "us")
        assert int(lines[which].value) == 1 and int(lines[1 - which].value) == 0
        assert not await sets.benches[1 - which].read(ethernet.ICR) & ethernet.ICR_RXT0
        assert int(lines[which].value) == 1, "the other set's ICR is another one"
        assert await sets.benches[which].read(ethernet.ICR) & ethernet.ICR_RXT0
        await Timer(1, "us")
        assert int(lines[which].value) == 0
    await sets.benches[HOST].write(ethernet.IMC, ethernet.ICR_RXT0)
    await sets.arrive(BOTH)
    await sets.drain()
    await Timer(2, "us")
    assert int(dut.host_irq.value) == 0, "masked"
    await sets.finish()


@ethernet_test()
async def the_host_s_filters_judge_what_is_steered_to_it(dut: Any) -> None:
    sets = await begin_both(dut)
    own, host = sets.benches
    await own.write(ethernet.STEERING, BOTH | ethernet.STEERING_DEFAULT)
    await host.write(ethernet.RCTL, ON & ~ethernet.RCTL_UPE | ethernet.RCTL_EN)
    await host.write(ethernet.RA_RAL, int.from_bytes(MACS[HOST][:4], "little"))
    await host.write(ethernet.RA_RAH, int.from_bytes(MACS[HOST][4:], "little") | ethernet.RA_RAH_AV)
    for destination in (MACS[HOST], MACS[FIRMWARE], MACS[HOST]):
        frame = sets.content(destination, PEER)
        if destination == MACS[HOST]:
            sets.expected[HOST].append(frame)
        await own.inject(frame)
    await sets.drain()
    await sets.finish()


@ethernet_test()
async def a_reset_of_the_host_s_set_leaves_the_firmware_s_alone(dut: Any) -> None:
    sets = await begin_both(dut)
    own, host = sets.benches
    for _ in range(2):
        for _ in range(sets.dice.randrange(3)):
            await sets.send(HOST)
        await sets.send(FIRMWARE)
        await own.inject(sets.content(MACS[HOST], PEER))
        await sets.reset_host()
        frame = sets.content(MACS[FIRMWARE], PEER)
        sets.expected[FIRMWARE].append(frame)
        await own.inject(frame)
        await sets.send(FIRMWARE)
        await Timer(60, "us")
        assert await own.read(ethernet.TDLEN) == 16 * 64 and await own.read(ethernet.STEERING) & 3 == BOTH
        # what the host's set had not handed over is lost; what left did so whole
        gone = [each for each in own.frames if each.data[6:12] == MACS[HOST]]
        assert [each.data for each in gone] == list(sets.sent[HOST])[: len(gone)]
        for each in gone:
            own.frames.remove(each)
        sets.sent[HOST].clear()
        await sets.drain()
        await sets.give(FIRMWARE, 1)
        for which in (FIRMWARE, HOST):
            await sets.send(which)
        frame = sets.content(MACS[HOST], PEER)
        sets.expected[HOST].append(frame)
        await own.inject(frame)
        await sets.drain()
    await sets.finish()


@ethernet_test()
async def a_frame_that_comes_while_the_host_s_set_is_reset_is_lost(dut: Any) -> None:
    sets = await begin_both(dut)
    own = sets.benches[FIRMWARE]
    for _ in range(4):
        await Timer(20, "us")
        await own.inject(MACS[HOST] + PEER + b"\x88\xb5" + sets.dice.randbytes(1500))
        await Timer(sets.dice.randrange(1000, 4000), "ns")
        await sets.reset_host()
        whole = sets.content(MACS[HOST], PEER)
        sets.expected[HOST].append(whole)
        await own.inject(whole)
        await sets.drain()
    await sets.finish()


@ethernet_test()
async def a_reset_of_the_firmware_s_set_closes_the_host_s(dut: Any) -> None:
    sets = await begin_both(dut)
    own, host = sets.benches
    await host.write(ethernet.IMS, ethernet.ICR_RXT0)
    await sets.arrive(BOTH)
    await sets.drain()
    await own.write(ethernet.CTRL, ethernet.CTRL_RST)
    await Timer(20, "us")
    assert int(dut.host_irq.value) == 0
    assert await own.read(ethernet.STEERING) == 0
    assert await sets.refused(ethernet.TDLEN, write=False) and await sets.refused(ethernet.RCTL, write=True)
    await sets.own(BOTH)
    assert await host.read(ethernet.TDLEN) == await host.read(ethernet.IMS) == await host.read(ethernet.RCTL) == 0
    await own.quiet()
    assert int(dut.host_strays.value) == 0
