"""pci_bridge as requester at a completer that makes every mistake; what it posts stays ahead of all that follows."""

from __future__ import annotations

import os
import random

import cocotb
from cocotb.triggers import ClockCycles, Timer
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiLiteSlave, AxiMaster, AxiResp, AxiSlave, Region
from cocotbext.pcie.core.tlp import CplStatus, Tlp, TlpType
from cocotbext.pcie.xilinx.us.tlp import Tlp_us
from stream_block import StreamBlock

from firmware.registers import bridge
from models.host.pcie_completer import WITHOUT_ANSWER, Fault

SEED = int(os.environ.get("COCOTB_RANDOM_SEED", "1"))
OPERATIONS = int(os.environ.get("OPERATIONS", "300"))
MAX_PAYLOAD = int(os.environ.get("MAX_PAYLOAD", "256"))
MAX_READ_REQUEST = int(os.environ.get("MAX_READ_REQUEST", "512"))
HOST_BASE = 0x1_2345_0000
REGION = 0x4000
TASKS = 6


class HostMemory:
    def __init__(self, dice: random.Random) -> None:
        self.data = bytearray(dice.randbytes(REGION * TASKS))

    def read(self, address: int, length: int) -> bytes:
        return bytes(self.data[address - HOST_BASE : address - HOST_BASE + length])

    def write(self, address: int, data: bytes) -> None:
        self.data[address - HOST_BASE : address - HOST_BASE + len(data)] = data


class Doorbells(Region):
    """BAR0; calls `seen` when a register is read."""

    def __init__(self) -> None:
        super().__init__(size=4096)
        self.seen = lambda: None

    async def read(self, addr: int, length: int, **_: object) -> bytes:
        self.seen()
        return bytes(length)

    async def write(self, addr: int, data: bytes, **_: object) -> None:
        pass


class Bench:
    def __init__(self, dut) -> None:  # noqa: ANN001
        self.dut = dut
        self.dice = random.Random(SEED)
        self.memory = HostMemory(self.dice)
        self.block = StreamBlock(dut, self.memory, self.dice, MAX_PAYLOAD, MAX_READ_REQUEST)
        self.card = AxiMaster(AxiBus.from_prefix(dut, "s_axi"), dut.clk, dut.rst, max_burst_len=64)
        self.doorbells = Doorbells()
        self.bar0 = AxiLiteSlave(AxiLiteBus.from_prefix(dut, "m_axil"), dut.clk, dut.rst, target=self.doorbells)
        self.bar1 = AxiSlave(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst, target=Doorbells())
        self.firmware = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)
        for side in (self.card, self.firmware, self.bar0, self.bar1):
            side.write_if.log.setLevel("CRITICAL")
            side.read_if.log.setLevel("CRITICAL")

    async def start(self) -> None:
        percent = self.dice.choice((0, 30, 60))
        self.dut.seed.value = SEED
        self.dut.percent.value = percent
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 5)
        self.dut.rst.value = 0
        await ClockCycles(self.dut.clk, 5)

    async def register(self, offset: int) -> int:
        return await self.firmware.read_dword(offset)

    async def finish(self) -> None:
        for _ in range(2000):
            if self.block.idle() and not int(self.dut.busy.value):
                break
            await ClockCycles(self.dut.clk, 10)
        await Timer(1, "us")
        assert self.block.idle() and not int(self.dut.busy.value), "something never came to rest"
        assert not int(self.dut.card_monitor_failed.value) and int(self.dut.card_monitor_idle.value)
        assert not self.block.malformed


@cocotb.test()
async def every_fault_of_a_completer_has_its_outcome(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block, dice = bench.block, bench.dice
    block.pause(dice.choice((0, 20, 50)))
    block.report_clocks = lambda: dice.choice((0, 0, 3, 30))
    time_out = int(dut.COMPLETION_TIMEOUT_CYCLES.value)
    expected = {name: 0 for name in ("timeout", "poisoned", "error", "unexpected")}
    faulty: dict[int, set[object]] = {}  # by task, what its read met
    kinds = list(Fault)

    def task_of(tlp: Tlp) -> int:
        return (tlp.address - HOST_BASE) // REGION

    def fault(tlp: Tlp) -> Fault | None:
        if dice.random() > 0.12:
            return None
        kind = dice.choice(kinds)
        # Time-outs take long: fewer of them.
        if kind in WITHOUT_ANSWER and dice.random() < 0.7:
            return None
        faulty.setdefault(task_of(tlp), set()).add(kind)
        return kind

    outcomes: dict[Fault | None, int] = {}

    spoiled: list[Fault | None] = [None]

    def chosen(tlp: Tlp) -> Fault | None:
        kind = spoiled[0] = fault(tlp)
        outcomes[kind] = outcomes.get(kind, 0) + 1
        if kind in WITHOUT_ANSWER:
            expected["timeout"] += 1
        elif kind is Fault.POISONED:
            expected["poisoned"] += 1
        return kind

    def late(tlp: Tlp) -> int:
        # Behind the time-out by less than the time in which its tag may come up again
        if spoiled[0] is not None or dice.random() > 0.01:
            return 0
        faulty.setdefault(task_of(tlp), set()).add("late")
        outcomes["late"] = outcomes.get("late", 0) + 1
        return dice.randrange(9 * time_out, 10 * time_out)

    block.fault, block.late_clocks = chosen, late
    done = [0]

    async def traffic(task: int) -> None:
        own = random.Random(SEED * 100 + task)
        base = task * REGION
        copy = bytearray(bench.memory.data[base : base + REGION])
        while done[0] < OPERATIONS:
            done[0] += 1
            length = own.choice((1, 2, 4, 8, 64, 500, own.randrange(1, 3000)))
            place = own.randrange(REGION - length)
            if own.random() < 0.3:
                data = own.randbytes(length)
                copy[place : place + length] = data
                assert (await bench.card.write(HOST_BASE + base + place, data)).resp == AxiResp.OKAY
                continue
            faulty.pop(task, None)
            response = await bench.card.read(HOST_BASE + base + place, length)
            met = faulty.get(task, set())
            # A sole completion that comes twice has done its duty with the first.
            if met - {Fault.REPEATED} or (met and response.resp != AxiResp.OKAY):
                assert response.resp == AxiResp.SLVERR, f"task {task}: {met} went unnoticed"
            else:
                assert response.resp == AxiResp.OKAY, f"task {task}: error without a fault"
                assert response.data == bytes(copy[place : place + length]), f"task {task}: wrong data"
        block.fault = lambda tlp: None
        block.late_clocks = lambda tlp: 0
        await bench.card.read(HOST_BASE + base, 8)
        while block.posted:
            await ClockCycles(dut.clk, 10)
        assert bench.memory.data[base : base + REGION] == copy

    for task in [cocotb.start_soon(traffic(k)) for k in range(TASKS)]:
        await task
    while not block.idle():
        await ClockCycles(dut.clk, 100)
    await ClockCycles(dut.clk, 20)
    dut._log.info("seed %d, %d operations, %d reads: %s", SEED, done[0], len(block.reads), outcomes)
    assert await bench.register(bridge.POISONED_TLPS) == expected["poisoned"]
    assert await bench.register(bridge.COMPLETION_TIMEOUTS) == expected["timeout"] + outcomes.get("late", 0)
    errors = await bench.register(bridge.COMPLETION_ERRORS)
    certain = (Fault.UNSUPPORTED_REQUEST, Fault.COMPLETER_ABORT, Fault.RETRY, Fault.SHORT, Fault.LONG)
    assert errors >= sum(outcomes.get(kind, 0) for kind in certain)
    status = await bench.register(bridge.STATUS)
    assert bool(status & bridge.STATUS_COMPLETION_TIMEOUT) == bool(await bench.register(bridge.COMPLETION_TIMEOUTS))
    assert bool(status & bridge.STATUS_UNEXPECTED_COMPLETION) == bool(
        await bench.register(bridge.UNEXPECTED_COMPLETIONS)
    )
    await bench.finish()


async def card_writes(bench: Bench, task: int, rounds: int, told: list[tuple[int, int, bytes]]) -> None:
    """Writes whose responses are noted in `told` as (time, place, data); each place is written once."""
    own = random.Random(SEED * 77 + task)
    place = task * REGION
    for _ in range(rounds):
        length = own.choice((1, 8, 64, 200, 700))
        if place + length > (task + 1) * REGION:
            break
        data = own.randbytes(length)
        response = await bench.card.write(HOST_BASE + place, data)
        assert response.resp == AxiResp.OKAY
        told.append((get_sim_time("ps"), place, data))
        place += length
        await ClockCycles(bench.dut.clk, own.choice((1, 1, 40)))


@cocotb.test()
async def nothing_passes_a_posted_write(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block, dice = bench.block, bench.dice
    block.report_clocks = lambda: dice.choice((0, 5, 60, 300))
    told: list[tuple[int, int, bytes]] = []
    rises: list[int] = []
    sampled: list[int] = []
    passed: list[str] = []

    def check(what: str, before: int) -> None:
        for time, place, data in told:
            if time <= before and bench.memory.data[place : place + len(data)] != data:
                passed.append(f"{what} passed the write at {place:#x}")

    block.on_interrupt = lambda: check("interrupt", rises[-1])
    block.on_completion = lambda tlp: check("completion", sampled[-1])
    bench.doorbells.seen = lambda: sampled.append(get_sim_time("ps"))
    rounds = max(20, OPERATIONS // 12)
    writers = [cocotb.start_soon(card_writes(bench, k, rounds, told)) for k in range(3)]

    async def starvation() -> None:
        while not all(writer.done() for writer in writers):
            block.starve(True)
            await ClockCycles(dut.clk, dice.choice((10, 100, 600)))
            block.starve(False)
            await ClockCycles(dut.clk, dice.choice((5, 50, 300)))
        block.starve(False)

    async def interrupts() -> None:
        while not all(writer.done() for writer in writers):
            await ClockCycles(dut.clk, dice.randrange(1, 200))
            count = len(block.interrupts)
            rises.append(get_sim_time("ps"))
            dut.host_irq.value = 1
            while len(block.interrupts) == count:
                await ClockCycles(dut.clk, 5)
            dut.host_irq.value = 0

    async def reads() -> None:
        while not all(writer.done() for writer in writers):
            await ClockCycles(dut.clk, dice.randrange(1, 100))
            answer = await block.ask(read_request(0x40))
            assert answer[0].status == CplStatus.SC

    for task in [cocotb.start_soon(starvation()), cocotb.start_soon(interrupts()), cocotb.start_soon(reads())]:
        await task
    assert not passed, passed[:5]
    assert len(block.interrupts) > 3 and len(sampled) > 3
    await bench.finish()


def read_request(offset: int, bar: int = 0, tag: int = 1) -> Tlp_us:
    tlp = Tlp_us()
    tlp.fmt_type = TlpType.MEM_READ
    tlp.set_addr_be(0xE000_0000 + offset, 4)
    tlp.tag, tlp.bar_id, tlp.bar_aperture = tag, bar, 12
    return tlp


@cocotb.test()
async def without_credits_everything_waits_and_nothing_is_lost(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block = bench.block
    block.starve(True)
    data = bench.dice.randbytes(900)
    writing = cocotb.start_soon(bench.card.write(HOST_BASE + 3, data))
    await ClockCycles(dut.clk, 40)
    dut.host_irq.value = 1
    block.post(read_request(0x30))
    await ClockCycles(dut.clk, 3000)
    assert not block.interrupts, "the interrupt passed the write"
    assert not block.completions, "the completion passed the write"
    assert not writing.done()
    block.report_clocks = lambda: 500
    block.starve(False)
    await ClockCycles(dut.clk, 350)
    assert writing.done(), "the stream took all of it"
    assert not block.interrupts and not block.completions, "handed over is not on its way"
    await ClockCycles(dut.clk, 600)
    assert len(block.interrupts) == 1 and len(block.completions[1]) == 1
    assert bench.memory.read(HOST_BASE + 3, 900) == data
    dut.host_irq.value = 0
    await bench.finish()
