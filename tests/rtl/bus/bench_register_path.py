"""axi_to_axil and axil_decoder: random accesses of all kinds against a copy of the registers behind them."""

from __future__ import annotations

import os
import random

import cocotb
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiBus, AxiMaster, AxiResp

OPERATIONS = int(os.environ["OPERATIONS"])
WINDOWS = ((0x00000, 0x20000), (0x40000, 0x1000), (0x41000, 0x1000))
HOLES = (0x20000, 0x3F000, 0x42000, 0xFF000)
WORDS = 256
"""Registers of a file; they repeat below offset 800, from there on a file answers with an error."""


def place(address: int) -> tuple[int, int] | None:
    """Register file and offset in it; None: nothing is there."""
    for number, (base, size) in enumerate(WINDOWS):
        if base <= address < base + size:
            return number, (address - base) % 0x1000
    return None


class Bench:
    """The harness with a copy of its registers."""

    def __init__(self, dut) -> None:  # noqa: ANN001 - a simulator handle
        self.dut = dut
        self.random = random.Random(cocotb.RANDOM_SEED)
        self.registers = [bytearray(4 * WORDS) for _ in WINDOWS]
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

    def address(self, half: int) -> int:
        """`half` keeps reads and writes that go at the same time apart."""
        base, size = self.random.choice(WINDOWS) if self.random.random() < 0.85 else (self.random.choice(HOLES), 4096)
        window = self.random.randrange(0, size, 4096)
        high = 0x800 * (self.random.random() < 0.1)
        return base + window + high + 4 * (self.random.randrange(WORDS // 2) + half * WORDS // 2)

    async def one(self, write: bool, half: int) -> None:
        """An access; with luck one that no register can answer: not 32 bits wide, or a burst."""
        rng = self.random
        address = self.address(half)
        kind = rng.choice(("word",) * 6 + ("part", "bytes", "double", "burst"))
        size, length = {"word": (2, 4), "part": (2, 4), "bytes": (rng.choice((0, 1)), 1), "double": (3, 8),
                        "burst": (2, 4 * rng.randrange(2, 9))}[kind]  # fmt: skip
        if kind == "double" or kind == "burst":
            address &= ~0x1F
        begin = address
        if kind == "part":  # some bytes of the word
            length = rng.randrange(1, 4)
            begin = address
        legal = kind in ("word", "part")
        found = place(address)
        if not legal:
            expected = AxiResp.SLVERR
        elif found is None:
            expected = AxiResp.DECERR
        else:
            expected = AxiResp.SLVERR if found[1] & 0x800 else AxiResp.OKAY
        what = f"{'write' if write else 'read'} {kind} at {address:#x}"
        if write:
            data = rng.randbytes(length)
            response = await self.master.write(begin, data, size=size)
            if expected == AxiResp.OKAY:
                at = found[1] % (4 * WORDS)
                self.registers[found[0]][at : at + length] = data
        else:
            response = await self.master.read(begin, length, size=size)
            if expected == AxiResp.OKAY:
                at = found[1] % (4 * WORDS)
                assert response.data == bytes(self.registers[found[0]][at : at + length]), what
        assert response.resp == expected, f"{what}: {response.resp!r}, expected {expected!r}"

    async def finish(self) -> None:
        await ClockCycles(self.dut.clk, 30)
        assert int(self.dut.failed.value) == 0, "see the lines MONITOR"
        assert int(self.dut.idle.value) == 1 and int(self.dut.busy.value) == 0


@cocotb.test(timeout_time=OPERATIONS, timeout_unit="us")
async def accesses_reach_their_register_or_are_answered_with_an_error(dut) -> None:
    bench = Bench(dut)
    for percent in (0, 40, 80):
        await bench.start(percent)
        bench.registers = [bytearray(4 * WORDS) for _ in WINDOWS]

        async def some(half: int) -> None:
            for _ in range(OPERATIONS // 6):
                await bench.one(bench.random.random() < 0.5, half)

        tasks = [cocotb.start_soon(some(half)) for half in (0, 1)]  # reads and writes cross
        for task in tasks:
            await task
        await bench.finish()
