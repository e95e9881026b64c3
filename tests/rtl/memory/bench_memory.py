"""card_memory: narrow, unaligned and strobed accesses, reads and writes at the same time, errors, against a copy."""

from __future__ import annotations

import os
import random

import cocotb
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiBus, AxiMaster, AxiResp

OPERATIONS = int(os.environ["OPERATIONS"])
SIZE = 8192
BASE = 1 << 63


class Bench:
    """The harness with a copy of the memory."""

    def __init__(self, dut) -> None:  # noqa: ANN001 - a simulator handle
        self.dut = dut
        self.random = random.Random(cocotb.RANDOM_SEED)
        self.copy = bytearray(SIZE)
        self.master = AxiMaster(AxiBus.from_prefix(dut, "s_axi"), dut.clk, dut.rst)
        for part in (self.master.write_if, self.master.read_if):
            part.log.setLevel("CRITICAL")

    async def start(self, percent: int) -> None:
        dut = self.dut
        dut.seed.value = cocotb.RANDOM_SEED & 0xFFFF_FFFF
        dut.percent.value = percent
        dut.rst.value = 1
        await ClockCycles(dut.clk, 4)
        dut.rst.value = 0
        await ClockCycles(dut.clk, 4)

    async def one(self, region: int, regions: int) -> None:
        """A random access within a part of the memory that is this task's alone."""
        rng, part = self.random, SIZE // regions
        size = rng.choice((0, 1, 2, 3, 3, 3))
        length = rng.choice((1, 2, 8, rng.randrange(1, 40), rng.randrange(1, 600)))
        begin = rng.randrange(part - length) + region * part
        if rng.random() < 0.5:
            data = rng.randbytes(length)
            response = await self.master.write(BASE + begin, data, size=size)
            self.copy[begin : begin + length] = data
        else:
            response = await self.master.read(BASE + begin, length, size=size)
            assert response.data == bytes(self.copy[begin : begin + length]), f"{length} B at {begin:#x}, size {size}"
        assert response.resp == AxiResp.OKAY

    async def beyond(self) -> None:
        """Bursts that begin outside are refused and change nothing."""
        rng = self.random
        begin = BASE + SIZE * rng.choice((1, 2, 64, 1 << 20)) + rng.randrange(SIZE - 64)
        if rng.random() < 0.5:
            response = await self.master.write(begin, rng.randbytes(rng.randrange(1, 64)))
        else:
            response = await self.master.read(begin, rng.randrange(1, 64))
        assert response.resp == AxiResp.DECERR

    async def finish(self) -> None:
        await ClockCycles(self.dut.clk, 30)
        memory = b"".join(int(word.value).to_bytes(8, "little") for word in self.dut.memory.mem)
        words = len(memory) // 8
        assert words * 8 == SIZE
        in_order = memory if self.dut.memory.mem.range.left == 0 else b"".join(
            memory[8 * (words - 1 - n) : 8 * (words - n)] for n in range(words)
        )
        assert in_order == bytes(self.copy)
        assert int(self.dut.failed.value) == 0, "see the lines MONITOR"
        assert int(self.dut.idle.value) == 1 and int(self.dut.busy.value) == 0


@cocotb.test(timeout_time=1000, timeout_unit="us")
async def every_byte_lane_is_written_and_read_alone(dut) -> None:
    bench = Bench(dut)
    await bench.start(20)
    for size in range(4):
        for begin in range(9):
            for length in range(1, 10):
                data = bench.random.randbytes(length)
                assert (await bench.master.write(BASE + begin, data, size=size)).resp == AxiResp.OKAY
                bench.copy[begin : begin + length] = data
        assert (await bench.master.read(BASE, 24, size=size)).data == bytes(bench.copy[:24])
    await bench.finish()


@cocotb.test(timeout_time=5 * OPERATIONS, timeout_unit="us")
async def reads_and_writes_at_the_same_time_do_not_disturb_each_other(dut) -> None:
    bench = Bench(dut)
    bench.copy[:] = b"".join(int(dut.memory.mem[n].value).to_bytes(8, "little") for n in range(SIZE // 8))
    for percent in (0, 40, 80):
        await bench.start(percent)

        async def some(region: int) -> None:
            for _ in range(OPERATIONS // 12):
                await bench.one(region, 4)
                if bench.random.random() < 0.1:
                    await bench.beyond()

        tasks = [cocotb.start_soon(some(region)) for region in range(4)]
        for task in tasks:
            await task
        await bench.finish()
