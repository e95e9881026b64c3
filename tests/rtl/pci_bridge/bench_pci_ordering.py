"""pci_bridge between two directions that wait for each other: the host's posted writes do not wait for the card's.

A read of the host waits for the card's posted writes; while these get no credits, the host's writes behind the read are
performed all the same (PCI Express Base Specification, transaction ordering: acceptance of a posted request must not
depend on what the same device can transmit).
"""

from __future__ import annotations

import os
from typing import Any

import cocotb
from bench_pci_target import BAR0, BAR1, MAX_PAYLOAD, MEMORY, REGISTERS, STEP, WINDOW, Bench, request
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.pcie.core.tlp import CplStatus, TlpType
from stalls import RATES

from firmware.registers import bridge

OPERATIONS = int(os.environ.get("OPERATIONS", "300"))
WRITES = 12
"""Of the host, behind each pair of reads."""
HOST = 0x4000


@cocotb.test()
async def posted_writes_pass_reads_that_wait(dut: Any) -> None:
    bench = Bench(dut)
    await bench.start()
    block, dice = bench.block, bench.dice
    memory, registers = bytearray(dice.randbytes(WINDOW)), bytearray(4096)
    bench.window.data[:] = memory
    for number in range(max(len(RATES), OPERATIONS // WRITES)):
        bench.stalls.progress(number, max(1, STEP // WRITES))
        block.starve(True)
        card = cocotb.start_soon(bench.card.write(HOST, dice.randbytes(dice.randrange(1, 400))))
        await ClockCycles(dut.clk, 80)  # the bridge has taken it
        # a read whose data is there, waits to be answered; the others are not even delivered
        place = 4 * dice.randrange(MAX_PAYLOAD // 4)
        dwords = dice.randrange(1, (MAX_PAYLOAD - place) // 4 + 1)
        base = dice.randrange(16) * 0x800
        before = bytes(memory[base + place : base + place + 4 * dwords])
        first = request(TlpType.MEM_READ_64, BAR1 + base + place, dwords, 0xF, 0xF if dwords > 1 else 0, MEMORY, 1)
        second = request(TlpType.MEM_READ, BAR0 + 4 * dice.randrange(64), 1, 0xF, 0, REGISTERS, 2)
        third = request(TlpType.MEM_READ, BAR0, 1, 0xF, 0, 5, 3)  # no such BAR: its answer waits too
        block.completions.clear()
        reads = [first, third] if number % 3 == 2 else [third, second] if number % 3 else [first, second]
        for tlp in reads:
            block.post(tlp)
        await ClockCycles(dut.clk, dice.randrange(120))
        for _ in range(WRITES):
            if dice.random() < 0.3:
                address = 4 * dice.randrange(64)
                tlp = request(TlpType.MEM_WRITE, BAR0 + address, 1, 0xF, 0, REGISTERS, 0)
                data, copy = dice.randbytes(4), registers
            else:
                size = dice.choice((4, 8, 12, MAX_PAYLOAD, 4 * dice.randrange(1, MAX_PAYLOAD // 4 + 1)))
                address = base + 4 * dice.randrange((0x800 - size) // 4)
                tlp = request(TlpType.MEM_WRITE_64, BAR1 + address, size // 4, 0xF, 0xF if size > 4 else 0, MEMORY, 0)
                data, copy = dice.randbytes(size), memory
            tlp.set_data(data)
            copy[address : address + len(data)] = data
            block.post(tlp)
        for _ in range(200):
            await ClockCycles(dut.clk, 100)
            if bench.window.data == memory and bench.registers.read(0, 4096) == bytes(registers):
                break
        else:
            raise AssertionError("a write waits")
        await ClockCycles(dut.clk, 200)
        assert not block.completions, "a completion passed the card's write"
        block.starve(False)
        for _ in range(3000):
            if all(tlp.tag in block.completions for tlp in reads):
                break
            await RisingEdge(dut.clk)
        answers = {tag: pieces[0] for tag, pieces in block.completions.items()}
        assert set(answers) == {tlp.tag for tlp in reads}, "no answer"
        if reads[0] is first:
            assert bytes(answers[1].data) == before, "it was read before the writes"
        if second in reads:
            address = second.address - BAR0
            assert bytes(answers[2].data) == registers[address : address + 4], "it came after the writes"
        if third in reads:
            assert answers[3].status == CplStatus.UR
        await card
        while not block.idle():
            await RisingEdge(dut.clk)
    assert await bench.register(bridge.POSTED_DROPS) == 0
    bench.stalls.check("card", "memory", "rq", "cq", "cc", "host_registers")
    await bench.finish()


@cocotb.test()
async def non_posted_requests_are_asked_for_one_by_one(dut: Any) -> None:
    """After power-on one, and one for each that is answered, resets of the function included."""
    bench = Bench(dut)
    await bench.start(stalls=False)
    block = bench.block
    asked = 0

    async def count() -> None:
        nonlocal asked
        while True:
            await RisingEdge(dut.clk)
            asked += int(dut.pcie_cq_np_req.value)

    cocotb.start_soon(count())
    await ClockCycles(dut.clk, 20)
    asked = 0  # the first one was asked for at the end of the reset
    for tag in range(8):
        answer = await block.ask(request(TlpType.MEM_READ, BAR0, 1, 0xF, 0, REGISTERS, tag))
        assert answer[0].status == CplStatus.SC
        await ClockCycles(dut.clk, 4)
        assert asked == tag + 1
    # one that a reset of the function discards is over too
    block.report_clocks = lambda: 1500
    await bench.card.write(HOST, bytes(64))
    block.completions.clear()
    block.post(request(TlpType.MEM_READ, BAR0, 1, 0xF, 0, REGISTERS, 9))
    await ClockCycles(dut.clk, 100)
    assert asked == 8 and not block.completions
    block.set_bus_master(False)
    dut.firmware_quiet.value = 1
    dut.cfg_flr_in_process.value = 1
    for _ in range(500):
        await RisingEdge(dut.clk)
        if int(dut.cfg_flr_done.value):
            break
    else:
        raise AssertionError("function-level reset has no end")
    dut.cfg_flr_in_process.value = 0
    block.set_bus_master(True)
    await ClockCycles(dut.clk, 20)
    assert asked == 9 and not block.completions
    assert (await block.ask(request(TlpType.MEM_READ, BAR0, 1, 0xF, 0, REGISTERS, 10)))[0].status == CplStatus.SC
    block.completions.clear()
    await bench.finish()
