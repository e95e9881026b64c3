"""Bench of stoppable_clock: whenever it runs, its edges are those of a clock that was never stopped."""

import random
from bisect import bisect_left, bisect_right

import cocotb
from cocotb.triggers import RisingEdge, Timer
from cocotb.utils import get_sim_time


def grid_edge(number: int, period_fs: int, phase_ps: int) -> int:
    """Time of a rising edge in ps; even."""
    return (phase_ps + number * period_fs // 1000) & ~1


@cocotb.test()
async def edges_stay_on_the_grid(dut):
    period_fs, phase_ps = int(dut.PERIOD_FS.value), int(dut.PHASE_PS.value)
    grid = [grid_edge(number, period_fs, phase_ps) for number in range(200_000)]
    rng = random.Random(cocotb.RANDOM_SEED)
    edges = []

    async def watch():
        while True:
            await RisingEdge(dut.clk)
            edges.append(int(get_sim_time("ps")))

    cocotb.start_soon(watch())
    dut.run.value = 0
    await Timer(1, "ps")  # at time 0 `run` is not known yet in Icarus, and Verilator reports no edge
    edges.clear()
    dut.run.value = 1
    await Timer(100, "ns")
    assert edges == grid[bisect_left(grid, 1) : bisect_right(grid, 100_001)]
    for _ in range(200):
        dut.run.value = 0
        await Timer(rng.randrange(1, 200_000) | 1, "ps")
        stopped = len(edges)
        await Timer(rng.randrange(1, 5_000_000) | 1, "ps")
        assert len(edges) - stopped <= 1, "a stopped clock ticks"
        edges.clear()
        begin = int(get_sim_time("ps"))
        dut.run.value = 1
        await Timer(rng.randrange(20_000, 300_000) | 1, "ps")
        end = int(get_sim_time("ps"))
        assert end < grid[-1]
        assert edges == grid[bisect_left(grid, begin) : bisect_right(grid, end)], f"run from {begin} to {end}"
