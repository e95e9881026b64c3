"""axil_select: the chosen master has the slave to itself, the other one is answered with DECERR."""

from __future__ import annotations

import os
import random
from typing import Any

import cocotb
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp
from slaves_of_bench import Memory, RegisterSlave, quiet

OPERATIONS = int(os.environ["OPERATIONS"])
SIZE = 1 << 17
FAULTY = 0x800
"""Address bit that the slave answers with SLVERR."""


class Bench:
    """The harness with what each access must do."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.dice = random.Random(cocotb.RANDOM_SEED)
        self.slave = RegisterSlave(dut.slave, dut, lambda address: bool(address & FAULTY))
        self.masters = [AxiLiteMaster(AxiLiteBus.from_prefix(port, "s_axil"), dut.clk, dut.rst)
                        for port in (dut.a, dut.b)]  # fmt: skip
        for master in self.masters:
            quiet(master.write_if, master.read_if)

    async def start(self, select: int, percent: int) -> None:
        """The strap changes at a reset only."""
        dut = self.dut
        dut.rst.value = 1
        dut.seed.value = self.dice.getrandbits(32)
        dut.percent.value = percent
        dut.select.value = select
        await ClockCycles(dut.clk, 4)
        self.slave.start()
        self.expected = Memory()
        self.reads: list[int] = []
        self.writes: list[tuple[int, bytes]] = []
        self.open: set[tuple[int, int]] = set()
        dut.rst.value = 0
        await ClockCycles(dut.clk, 2)

    async def write(self, number: int, chosen: bool, address: int) -> None:
        begin = self.dice.randrange(4)
        data = self.dice.randbytes(self.dice.randrange(1, 5 - begin))
        what = f"write of master {number} at {address + begin:#x}"
        if chosen:
            self.writes.append((address + begin, data))
        response = await self.masters[number].write(address + begin, data)
        self.judge(what, chosen, address, response.resp)
        if chosen and not address & FAULTY:
            self.expected.write(address + begin, data)

    async def read(self, number: int, chosen: bool, address: int) -> None:
        what = f"read of master {number} at {address:#x}"
        if chosen:
            self.reads.append(address)
        response = await self.masters[number].read(address, 4)
        self.judge(what, chosen, address, response.resp)
        if response.resp == AxiResp.OKAY:
            assert response.data == self.expected.read(address, 4), what
        elif not chosen:
            assert response.data == bytes(4), what

    def judge(self, what: str, chosen: bool, address: int, response: AxiResp) -> None:
        expected = AxiResp.DECERR if not chosen else AxiResp.SLVERR if address & FAULTY else AxiResp.OKAY
        assert response == expected, f"{what}: {response!r}, expected {expected!r}"

    async def accesses(self, number: int, chosen: bool, count: int, write: bool) -> None:
        for _ in range(count):
            near = self.dice.random() < 0.7  # often where something was written
            address = 4 * self.dice.randrange(32 if near else SIZE // 4)
            address |= FAULTY * (self.dice.random() < 0.1)
            if (number, address) in self.open:  # a read and a write under way must not meet
                continue
            self.open.add((number, address))
            await (self.write if write else self.read)(number, chosen, address)
            self.open.remove((number, address))
            if self.dice.random() < 0.2:
                await ClockCycles(self.dut.clk, self.dice.randrange(1, 6))

    async def finish(self) -> None:
        await ClockCycles(self.dut.clk, 20)
        assert int(self.dut.failed.value) == 0, "see the lines MONITOR"
        assert int(self.dut.idle.value) == 1
        assert self.slave.reads == self.reads and self.slave.writes == self.writes
        assert self.slave.registers.pages() == self.expected.pages()


@cocotb.test(timeout_time=10 + OPERATIONS, timeout_unit="us")
async def the_chosen_master_alone_reaches_the_slave(dut: Any) -> None:
    bench = Bench(dut)
    settings = [(select, percent) for percent in (0, 40, 80) for select in (0, 1)]
    bench.dice.shuffle(settings)
    for select, percent in settings:
        await bench.start(select, percent)
        tasks = [
            cocotb.start_soon(bench.accesses(number, number == select, OPERATIONS // (8 * len(settings)), write))
            for number in (0, 1)
            for write in (False, True)
            for _ in range(2)  # the next access may come before the answer to the last one
        ]
        for task in tasks:
            await task
        await bench.finish()


@cocotb.test(timeout_time=1, timeout_unit="ms")
async def a_reset_ends_the_answer_to_the_other_master(dut: Any) -> None:
    """A refusal that nobody has taken yet must not meet the next access, whoever has the slave then."""
    bench = Bench(dut)
    for select in (0, 1, 0):
        await bench.start(select, 95)
        other = [cocotb.start_soon(bench.accesses(1 - select, False, 5, write)) for write in (False, True)]
        await ClockCycles(dut.clk, bench.dice.randrange(20, 60))
        for task in other:
            task.cancel()
    await bench.start(1, 0)
    await ClockCycles(dut.clk, 20)
    await bench.accesses(1, True, 10, True)
    await bench.accesses(0, False, 10, False)
    await bench.finish()
