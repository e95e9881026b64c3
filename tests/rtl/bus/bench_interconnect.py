"""The interconnect: every master to every slave and to nowhere; each burst, beat and answer held against a copy."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import cocotb
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiBus, AxiMaster, AxiResp
from slaves_of_bench import Burst, Memory, MemorySlave, RegisterSlave, defined, quiet

from firmware.registers import card

OPERATIONS = int(os.environ["OPERATIONS"])
LIMIT = 64
"""Beats of the longest burst on the host bus."""
SLOT = 512
FAULTY_HOST = 1 << 40
"""Host addresses with this bit end with SLVERR, as what the PCI bridge cannot get."""
HOST_BASES = (0, 0x1234_5000, 0x7FFF_FEFF_FFFF_F000, 0x0123_4467_8000_0000)
MEMORY_BASES = (card.MEMORY_BASE, card.MEMORY_BASE + 0x5000, card.MEMORY_BASE + card.MEMORY_SIZE - 0x1000)
BEYOND_MEMORY = card.MEMORY_BASE + card.MEMORY_SIZE
HOLES = (card.REGISTERS_BASE + card.REGISTERS_SIZE, 0x8000_0002_0000_0000, 0xC000_0000_0000_0000,
         0xFFFF_FFFF_FFFF_F000)  # fmt: skip
BLOCKS = {
    "ethernet": (card.ETHERNET_BASE, card.ETHERNET_SIZE),
    "messaging": (card.MESSAGING_BASE, card.MESSAGING_SIZE),
    "dma": (card.DMA_BASE, card.DMA_SIZE),
    "bridge": (card.BRIDGE_BASE, card.BRIDGE_SIZE),
}
REGISTER_HOLES = (card.ETHERNET_HOST_BASE, card.ETHERNET_HOST_BASE + card.ETHERNET_HOST_SIZE - 0x1000,
                  card.RESERVED_BASE, card.REGISTERS_BASE + card.REGISTERS_SIZE - 0x1000)  # fmt: skip
FAULTY_REGISTER = 0x800
STREAMS = 48


class Master(NamedTuple):
    """Its port in the harness, its number on the bus arbiter and on the memory's, what its IDs begin with."""

    port: str
    bus: int | None
    memory: int
    ids: range = range(16)
    longest: int = SLOT
    registers: bool = False


MASTERS = (
    Master("data", 0, 0),
    Master("desc", 1, 1),
    Master("dma0", 2, 2, range(8)),
    Master("dma1", 2, 2, range(8, 16)),
    Master("fw", 3, 3, longest=4 * SLOT, registers=True),
    Master("msg", None, 4),
    Master("win", None, 5),
)


def pieces(address: int, beats: int) -> list[tuple[int, int]]:
    """A burst as the host bus sees it: none longer than LIMIT."""
    first = address // 8
    return [(address if at == 0 else 8 * (first + at), min(LIMIT, beats - at)) for at in range(0, beats, LIMIT)]


class Bench:
    """The harness, a copy of all memories, and what has to reach each slave."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.dice = random.Random(cocotb.RANDOM_SEED)
        self.masters = [AxiMaster(AxiBus.from_prefix(getattr(dut, master.port), "s_axi"), dut.clk, dut.rst)
                        for master in MASTERS]  # fmt: skip
        for master in self.masters:
            quiet(master.write_if, master.read_if)
            defined(master.write_if.aw_channel, master.write_if.w_channel, master.read_if.ar_channel)
        self.host = MemorySlave(dut.host, dut, self.dice,
                                lambda at: AxiResp.SLVERR if at & FAULTY_HOST else AxiResp.OKAY)  # fmt: skip
        self.memory = MemorySlave(dut.memory, dut, self.dice,
                                  lambda at: AxiResp.DECERR if at >= BEYOND_MEMORY else AxiResp.OKAY)  # fmt: skip
        self.blocks = {name: RegisterSlave(getattr(dut, f"{name}_registers"), dut, self.faulty) for name in BLOCKS}

    @staticmethod
    def faulty(address: int) -> bool:
        return bool(address & FAULTY_REGISTER)

    async def start(self, percent: int, round_robin: bool) -> None:
        dut = self.dut
        dut.rst.value = 1
        dut.seed.value = self.dice.getrandbits(32)
        dut.percent.value = percent
        dut.round_robin.value = int(round_robin)
        await ClockCycles(dut.clk, 4)
        for slave in (self.host, self.memory, *self.blocks.values()):
            slave.start()
        self.expected = Memory()
        self.copies = {name: Memory() for name in BLOCKS}
        self.lines = len(log())
        self.open: set[int] = set()
        # by slave, direction, and master: the bursts in their order
        self.bursts: dict[tuple[str, str, int, int], list[Burst]] = {}
        self.register_reads: dict[str, list[int]] = {name: [] for name in BLOCKS}
        self.register_writes: dict[str, list[tuple[int, bytes]]] = {name: [] for name in BLOCKS}
        self.answers: Counter[tuple[str, AxiResp]] = Counter()
        dut.rst.value = 0
        await ClockCycles(dut.clk, 2)

    # ---- one operation

    def place(self, master: Master) -> tuple[int, AxiResp]:
        """The beginning of a slot, and what an access there ends with."""
        dice = self.dice
        where = dice.random()
        slot = SLOT * dice.randrange(0x1000 // SLOT) if master.longest == SLOT else master.longest * dice.randrange(2)
        if master.bus is None or where < 0.4:
            if dice.random() < 0.12:
                return BEYOND_MEMORY + dice.choice((0, 0x7FFF_0000, 0xFEFF_F000)) + slot, AxiResp.DECERR
            return dice.choice(MEMORY_BASES) + slot, AxiResp.OKAY
        if where < 0.9:
            if dice.random() < 0.12:
                return dice.choice(HOST_BASES) | FAULTY_HOST | slot, AxiResp.SLVERR
            return dice.choice(HOST_BASES) + slot, AxiResp.OKAY
        holes = HOLES if master.registers else (*HOLES, *(base for base, _ in BLOCKS.values()))
        return dice.choice(holes) + slot, AxiResp.DECERR

    def expect(self, master: Master, direction: str, id: int, address: int, beats: int) -> None:
        if address >> 63 == 0:
            each = [Burst(master.bus << 4 | id, *piece) for piece in pieces(address, beats)]
            key = "host", direction, master.bus, id >> 3 if master.bus == 2 else 0
        elif address >> 32 == card.MEMORY_BASE >> 32:
            each = [Burst(master.memory << 4 | id, address, beats)]
            key = "memory", direction, master.memory, id >> 3 if master.memory == 2 else 0
        else:
            return
        self.bursts.setdefault(key, []).extend(each)

    async def memory_access(self, number: int, write: bool) -> None:
        master, dice = MASTERS[number], self.dice
        while True:
            base, expected = self.place(master)
            kind = dice.choice(("bytes", "beat", "some", "some", "whole"))
            whole = master.longest if dice.random() < 0.3 else SLOT
            offset = dice.randrange(whole) if kind in ("bytes", "some") else 0
            length = {"bytes": dice.randrange(1, 9), "beat": 8, "some": dice.randrange(1, 200), "whole": whole}[kind]
            address, length = base + offset, min(length, whole - offset)
            slots = set(range(address & -SLOT, address + length, SLOT))
            if not slots & self.open:  # what is under way must not meet
                break
        self.open |= slots
        beats = (address + length - 1) // 8 - address // 8 + 1
        id = dice.choice(master.ids)
        what = f"{'write' if write else 'read'} of {master.port}, ID {id}, {length} bytes at {address:#x}"
        self.expect(master, "W" if write else "R", id, address, beats)
        if write:
            data = dice.randbytes(length)
            response = await self.masters[number].write(address, data, awid=id)
            if expected == AxiResp.OKAY:
                self.expected.write(address, data)
        else:
            response = await self.masters[number].read(address, length, arid=id)
            if expected == AxiResp.OKAY:
                assert response.data == self.expected.read(address, length), what
        assert response.resp == expected, f"{what}: {response.resp!r}, expected {expected!r}"
        self.answers[master.port, response.resp] += 1
        self.open -= slots

    async def register_access(self, number: int, write: bool) -> None:
        """32 bits of a register, or less; with luck what no register answers: too wide, a burst, a hole."""
        dice = self.dice
        name = dice.choice(list(BLOCKS))
        base, size = BLOCKS[name]
        hole = dice.random() < 0.15
        base = dice.choice(REGISTER_HOLES) if hole else base + dice.randrange(0, size, 0x1000)
        address = base + 4 * dice.randrange(64) + FAULTY_REGISTER * (dice.random() < 0.1)
        kind = dice.choice(("word",) * 6 + ("double", "burst", "unaligned"))
        if kind in ("double", "burst"):
            address &= -8
        if {address, address + 4} & self.open:
            return await self.register_access(number, write)
        self.open |= {address, address + 4}
        length = {"word": dice.randrange(1, 5) if write else 4, "double": 8, "burst": 4 * dice.randrange(2, 9),
                  "unaligned": 1}[kind]  # fmt: skip
        begin = address + (dice.randrange(1, 4) if kind == "unaligned" else 0)
        expected = (AxiResp.SLVERR if kind != "word" else AxiResp.DECERR if hole
                    else AxiResp.SLVERR if self.faulty(address) else AxiResp.OKAY)  # fmt: skip
        what = f"{'write' if write else 'read'} of the firmware, {kind} at {address:#x}"
        reaches = kind == "word" and not hole
        offset = address - card.REGISTERS_BASE
        size = 3 if kind == "double" else 2
        if write:
            data = dice.randbytes(length)
            if reaches:
                self.register_writes[name].append((offset, data))
            response = await self.masters[number].write(begin, data, size=size, awid=dice.randrange(16))
            if expected == AxiResp.OKAY:
                self.copies[name].write(offset, data)
        else:
            if reaches:
                self.register_reads[name].append(offset)
            response = await self.masters[number].read(begin, length, size=size, arid=dice.randrange(16))
            if expected == AxiResp.OKAY:
                assert response.data == self.copies[name].read(offset, length), what
        assert response.resp == expected, f"{what}: {response.resp!r}, expected {expected!r}"
        self.answers["registers", response.resp] += 1
        self.open -= {address, address + 4}

    # ---- a stage

    async def traffic(self, operations: int) -> None:
        """All masters at once, each with several reads and writes under way."""

        async def stream(number: int, write: bool) -> None:
            for _ in range(max(1, operations // STREAMS)):
                if MASTERS[number].registers and self.dice.random() < 0.7:
                    await self.register_access(number, write)
                else:
                    await self.memory_access(number, write)

        self.streams = [cocotb.start_soon(stream(number, write)) for number, master in enumerate(MASTERS)
                        for write in (False, True) for _ in range(6 if master.registers else 3)]  # fmt: skip
        for task in self.streams:
            await task

    async def finish(self) -> None:
        dut = self.dut
        await ClockCycles(dut.clk, 40)
        assert int(dut.failed.value) == 0, "see the lines MONITOR"
        assert int(dut.idle.value) == 1 and int(dut.busy.value) == 0
        assert int(dut.slept.value) == 0, "busy fell while a master waited"
        found: dict[tuple[str, str, int, int], list[Burst]] = {}
        for name, slave in (("host", self.host), ("memory", self.memory)):
            for direction, bursts in (("R", slave.reads), ("W", slave.writes)):
                for burst in bursts:
                    number = burst.id >> 4
                    key = name, direction, number, burst.id >> 3 & 1 if number == 2 else 0
                    found.setdefault(key, []).append(burst)
        assert found.keys() == self.bursts.keys()
        for key, bursts in found.items():
            assert bursts == self.bursts[key], key
        for name, slave in self.blocks.items():
            assert slave.reads == self.register_reads[name] and slave.writes == self.register_writes[name], name
            assert slave.registers.pages() == self.copies[name].pages(), name
        for slave in (self.host, self.memory):
            for number, page in slave.memory.pages().items():
                assert page == self.expected.read(4096 * number, 4096), hex(number)
        self.compare_with_bus_log()

    def compare_with_bus_log(self) -> None:
        """What the bus arbiter reports is what the host's memory saw, in its order; beats are counted by master."""
        lines = log()[self.lines :]
        assert all(line.request <= line.grant < line.last for line in lines)
        for direction, bursts in (("R", self.host.reads), ("W", self.host.writes)):
            granted = [(line.master, line.address, line.beats) for line in lines if line.direction == direction]
            assert granted == [(burst.id >> 4, burst.address, burst.beats) for burst in bursts]
        for master in range(4):
            mine = [burst.beats for burst in (*self.host.reads, *self.host.writes) if burst.id >> 4 == master]
            assert int(self.dut.beats.value) >> 32 * master & 0xFFFFFFFF == sum(mine)

    def passed_over(self) -> int:
        """Grants while a requester of higher fixed priority waited: a lower master, or the same one's write."""
        lines = log()[self.lines :][:1000]
        return sum(
            other.request <= line.grant < other.grant and other.rank < line.rank for line in lines for other in lines
        )


class Line(NamedTuple):
    """A line of the bus log (hdl/sim/grant_recorder.v)."""

    request: int
    grant: int
    last: int
    master: int
    direction: str
    address: int
    beats: int

    @property
    def rank(self) -> tuple[int, bool]:
        return self.master, self.direction == "R"


def log() -> list[Line]:
    rows = (line.split() for line in Path(os.environ["GRANTS"]).read_text().splitlines())
    return [Line(int(a), int(b), int(c), int(m), d, int(x, 16), int(n)) for a, b, c, m, d, x, n in rows]


@cocotb.test(timeout_time=100 + 2 * OPERATIONS, timeout_unit="us")
async def each_burst_and_beat_gets_where_its_address_says(dut: Any) -> None:
    bench = Bench(dut)
    stages = [(percent, round_robin) for percent in (0, 30, 70) for round_robin in (True, False)]
    answers: Counter[tuple[str, AxiResp]] = Counter()
    in_turns = 0
    for percent, round_robin in stages:
        await bench.start(percent, round_robin)
        await bench.traffic(OPERATIONS // len(stages))
        await bench.finish()
        in_turns += bench.passed_over() if round_robin else 0
        assert round_robin or not bench.passed_over(), "not by fixed priority"
        answers += bench.answers
    assert in_turns, "not in turns"
    cocotb.log.info("answers: %s", {f"{port} {answer.name}": count for (port, answer), count in answers.items()})
    for master in MASTERS:
        assert answers[master.port, AxiResp.OKAY] and answers[master.port, AxiResp.DECERR], master
    assert sum(answers[master.port, AxiResp.SLVERR] for master in MASTERS)
    assert all(answers["registers", answer] for answer in (AxiResp.OKAY, AxiResp.SLVERR, AxiResp.DECERR))


@cocotb.test(timeout_time=1, timeout_unit="ms")
async def a_reset_forgets_what_was_open(dut: Any) -> None:
    bench = Bench(dut)
    for _ in range(3):
        await bench.start(30, True)
        running = cocotb.start_soon(bench.traffic(10 * STREAMS))
        await ClockCycles(dut.clk, bench.dice.randrange(30, 200))
        running.cancel()
        for stream in bench.streams:
            stream.cancel()
    await bench.start(30, True)
    await bench.traffic(2 * STREAMS)
    await bench.finish()
