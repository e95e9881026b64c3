"""axi_address_hold: a master that always has the next access ready comes to rest, and loses nothing by it."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from cocotbext.axi import AxiBus, AxiMaster, AxiRam
from slaves_of_bench import quiet

OPERATIONS = int(os.environ["OPERATIONS"])
TASKS = 6
REGION = 0x1000
LONGEST_CLOCKS = 1500
"""Of what is outstanding when the hold begins, with stalls of up to 60 %."""


def stalls(dice: random.Random, percent: int) -> Iterator[bool]:
    while True:
        yield dice.randrange(100) < percent


@cocotb.test()
async def a_busy_master_comes_to_rest_and_goes_on(dut: Any) -> None:
    dice = random.Random(cocotb.RANDOM_SEED)
    master = AxiMaster(AxiBus.from_prefix(dut, "s_axi"), dut.clk, dut.rst, max_burst_len=16)
    memory = AxiRam(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst, size=REGION * TASKS)
    quiet(master.write_if, master.read_if, memory.write_if, memory.read_if)
    channels = [memory.write_if.aw_channel, memory.write_if.w_channel, memory.write_if.b_channel]
    channels += [memory.read_if.ar_channel, memory.read_if.r_channel, master.write_if.w_channel]
    await ClockCycles(dut.clk, 4)
    dut.rst.value = 0
    await ClockCycles(dut.clk, 4)
    done = 0

    async def accesses(task: int) -> None:
        nonlocal done
        content = bytearray(REGION)
        while done < OPERATIONS:
            at = dice.randrange(REGION - 300)
            if dice.random() < 0.5:
                data = dice.randbytes(dice.randrange(1, 300))
                await master.write(REGION * task + at, data)
                content[at : at + len(data)] = data
            else:
                length = dice.randrange(1, 300)
                response = await master.read(REGION * task + at, length)
                assert response.data == content[at : at + length]
            done += 1

    running = [cocotb.start_soon(accesses(task)) for task in range(TASKS)]
    rounds = 0
    while not all(task.done() for task in running):
        for channel in channels:
            channel.set_pause_generator(stalls(random.Random(dice.getrandbits(32)), dice.choice((0, 20, 60))))
        await ClockCycles(dut.clk, dice.randrange(1, 200))
        dut.drain.value = 1
        passed = {"aw": 0, "ar": 0}
        for _ in range(LONGEST_CLOCKS):
            await ReadOnly()
            for channel in passed:
                valid, ready = getattr(dut, f"m_axi_{channel}valid"), getattr(dut, f"m_axi_{channel}ready")
                passed[channel] += int(valid.value) and int(ready.value)
            if int(dut.quiet.value):
                break
            await RisingEdge(dut.clk)
        else:
            raise AssertionError("it never comes to rest")
        assert int(dut.idle.value), "a burst is not over"
        assert max(passed.values()) <= 1, "an address that was not offered yet passed"
        before = done
        await RisingEdge(dut.clk)
        dut.drain.value, dut.hold.value = 0, 1
        for _ in range(dice.randrange(1, 30)):
            await RisingEdge(dut.clk)
            await ReadOnly()
            assert not int(dut.m_axi_awvalid.value) and not int(dut.m_axi_arvalid.value)
        await RisingEdge(dut.clk)
        assert done <= before + TASKS, "nothing but what had just ended"
        dut.hold.value = 0
        rounds += 1
    for task in running:
        await task
    assert rounds > OPERATIONS // 200
    assert not int(dut.failed.value), "an address was withdrawn"
