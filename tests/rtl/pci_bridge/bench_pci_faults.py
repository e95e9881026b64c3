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
from stalls import RATES
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
STEP = max(1, min(OPERATIONS // len(RATES), 200))
"""Operations from one rate of stalls to the next."""
LIMIT_US = 1000 + 10 * OPERATIONS
"""Of simulated time, several times what a test takes."""


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
        self.card = AxiMaster(AxiBus.from_prefix(dut, "s_axi"), dut.clk, dut.rst, max_burst_len=64)
        self.doorbells = Doorbells()
        self.bar0 = AxiLiteSlave(AxiLiteBus.from_prefix(dut, "m_axil"), dut.clk, dut.rst, target=self.doorbells)
        self.bar1 = AxiSlave(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst, target=Doorbells())
        self.firmware = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)
        for side in (self.card, self.firmware, self.bar0, self.bar1):
            side.write_if.log.setLevel("CRITICAL")
            side.read_if.log.setLevel("CRITICAL")
        self.block = StreamBlock(dut, self.memory, self.dice, MAX_PAYLOAD, MAX_READ_REQUEST, self.bar0, self.firmware)
        self.stalls = self.block.stalls

    async def start(self) -> None:
        self.dut.seed.value = SEED
        self.stalls.of_seed(SEED)
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
        assert int(self.dut.registers_idle.value) == 0b11
        assert not self.block.malformed


@cocotb.test(timeout_time=LIMIT_US, timeout_unit="us")
async def every_fault_of_a_completer_has_its_outcome(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block, dice = bench.block, bench.dice
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
        # Behind the time-out, however many requests are before it
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
            bench.stalls.progress(done[0], STEP)
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
    bench.stalls.check("card", "rq", "rc")
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


async def _nothing_passes_a_posted_write(bench: Bench, msi: bool) -> None:
    dut, block, dice = bench.dut, bench.block, bench.dice
    await bench.start()
    block.set_msi(msi)
    block.report_clocks = lambda: dice.choice((0, 5, 60, 300))
    told: list[tuple[int, int, bytes]] = []
    rises: list[int] = []
    sampled: list[int] = []
    passed: list[str] = []
    told_of: list[int] = []

    def check(what: str, before: int) -> None:
        for time, place, data in told:
            if time <= before and bench.memory.data[place : place + len(data)] != data:
                passed.append(f"{what} passed the write at {place:#x}")

    def interrupted() -> None:
        told_of.append(get_sim_time("ps"))
        check("interrupt", rises[-1])

    block.on_interrupt = interrupted
    block.on_completion = lambda tlp: check("completion", sampled[-1])
    bench.doorbells.seen = lambda: sampled.append(get_sim_time("ps"))
    rounds = max(20, OPERATIONS // 12)
    writers = [cocotb.start_soon(card_writes(bench, k, rounds, told)) for k in range(3)]

    async def starvation() -> None:
        while not all(writer.done() for writer in writers):
            bench.stalls.progress(len(told), 3 * min(rounds, 80) // len(RATES))  # more have no room
            block.starve(True)
            await ClockCycles(dut.clk, dice.choice((10, 100, 600)))
            block.starve(False)
            await ClockCycles(dut.clk, dice.choice((5, 50, 300)))
        block.starve(False)

    async def interrupts() -> None:
        while not all(writer.done() for writer in writers):
            await ClockCycles(dut.clk, dice.randrange(1, 200))
            count = len(told_of)
            rises.append(get_sim_time("ps"))
            dut.host_irq.value = 1
            while len(told_of) == count:
                await ClockCycles(dut.clk, 5)
            dut.host_irq.value = 0
            while not msi and len(block.intx) < 2 * len(told_of):  # taken back at once, whatever waits
                await ClockCycles(dut.clk, 1)

    async def reads() -> None:
        while not all(writer.done() for writer in writers):
            await ClockCycles(dut.clk, dice.randrange(1, 100))
            answer = await block.ask(read_request(0x40))
            assert answer[0].status == CplStatus.SC

    for task in [cocotb.start_soon(starvation()), cocotb.start_soon(interrupts()), cocotb.start_soon(reads())]:
        await task
    assert not passed, passed[:5]
    assert len(told_of) > 3 and len(sampled) > 3
    assert block.intx == ([] if msi else [True, False] * len(told_of))
    assert len(block.interrupts) == (len(told_of) if msi else 0)
    bench.stalls.check("card", "rq", "host_registers")
    await bench.finish()


@cocotb.test(timeout_time=LIMIT_US, timeout_unit="us")
async def nothing_passes_a_posted_write(dut) -> None:  # noqa: ANN001
    await _nothing_passes_a_posted_write(Bench(dut), msi=True)


@cocotb.test(timeout_time=LIMIT_US, timeout_unit="us")
async def nothing_passes_a_posted_write_with_intx(dut) -> None:  # noqa: ANN001
    await _nothing_passes_a_posted_write(Bench(dut), msi=False)


def read_request(offset: int, bar: int = 0, tag: int = 1) -> Tlp_us:
    tlp = Tlp_us()
    tlp.fmt_type = TlpType.MEM_READ
    tlp.set_addr_be(0xE000_0000 + offset, 4)
    tlp.tag, tlp.bar_id, tlp.bar_aperture = tag, bar, 12
    return tlp


async def _without_credits_everything_waits(bench: Bench, msi: bool) -> None:
    dut, block = bench.dut, bench.block
    await bench.start()
    block.set_msi(msi)
    interrupts: list[int] = []
    block.on_interrupt = lambda: interrupts.append(get_sim_time("ps"))
    block.starve(True)
    data = bench.dice.randbytes(900)
    writing = cocotb.start_soon(bench.card.write(HOST_BASE + 3, data))
    await ClockCycles(dut.clk, 40)
    dut.host_irq.value = 1
    block.post(read_request(0x30))
    await ClockCycles(dut.clk, 3000)
    assert not interrupts, "the interrupt passed the write"
    assert not block.completions, "the completion passed the write"
    assert not writing.done()
    block.report_clocks = lambda: 500
    block.starve(False)
    await ClockCycles(dut.clk, 350)
    assert writing.done(), "the stream took all of it"
    assert not interrupts and not block.completions, "handed over is not on its way"
    await ClockCycles(dut.clk, 600)
    assert len(interrupts) == 1 and len(block.completions[1]) == 1
    assert bench.memory.read(HOST_BASE + 3, 900) == data
    dut.host_irq.value = 0
    await bench.finish()
    assert (len(block.interrupts), block.intx) == ((1, []) if msi else (0, [True, False]))


@cocotb.test()
async def without_credits_everything_waits_and_nothing_is_lost(dut) -> None:  # noqa: ANN001
    await _without_credits_everything_waits(Bench(dut), msi=True)


@cocotb.test()
async def without_credits_intx_waits_too(dut) -> None:  # noqa: ANN001
    await _without_credits_everything_waits(Bench(dut), msi=False)


@cocotb.test()
async def a_completion_that_comes_twice_is_counted(dut) -> None:  # noqa: ANN001
    """Behind the last of its request nothing waits for it; before, it and those that follow do not fit."""
    bench = Bench(dut)
    await bench.start()
    block = bench.block
    block.split_dice, block.completion_bytes = None, 64
    faults: list[Fault | None] = []
    block.fault = lambda tlp: faults.pop() if faults else None
    for first, length in ((0x40, 64), (0x40, 4), (0x45, 3)):
        faults.append(Fault.REPEATED)
        response = await bench.card.read(HOST_BASE + first, length)
        assert response.resp == AxiResp.OKAY and response.data == bytes(bench.memory.data[first : first + length])
        while not block.idle():
            await ClockCycles(dut.clk, 10)
    await ClockCycles(dut.clk, 20)
    assert await bench.register(bridge.UNEXPECTED_COMPLETIONS) == 3
    assert await bench.register(bridge.COMPLETION_ERRORS) == 0
    assert await bench.register(bridge.STATUS) == bridge.STATUS_UNEXPECTED_COMPLETION
    # two completions: the first one again, then the second one, which is not what is waited for any longer
    for first, length in ((0x20, 64), (0x3C, 8), (0x3B, 10)):
        faults.append(Fault.REPEATED)
        assert (await bench.card.read(HOST_BASE + first, length)).resp == AxiResp.SLVERR
        while not block.idle():
            await ClockCycles(dut.clk, 10)
        assert (await bench.card.read(HOST_BASE + first, length)).resp == AxiResp.OKAY
    await ClockCycles(dut.clk, 20)
    assert await bench.register(bridge.COMPLETION_ERRORS) == 3 * 2
    assert await bench.register(bridge.UNEXPECTED_COMPLETIONS) == 3
    for offset in (bridge.COMPLETION_TIMEOUTS, bridge.POISONED_TLPS):
        assert await bench.register(offset) == 0
    await bench.finish()
