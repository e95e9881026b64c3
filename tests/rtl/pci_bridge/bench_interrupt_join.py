"""Bench of interrupt_join: each rise of either level is a rise of the line, which is up only while a level is."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge

OPERATIONS = int(os.environ.get("OPERATIONS", "1000"))
"""Changes of levels, in all."""
RATES = ((0.02, 0.02), (0.1, 0.3), (0.5, 0.5), (0.9, 0.05), (1.0, 0.0), (0.0, 1.0))
"""How likely each level changes in a clock by itself; and with what likelihood both do so together."""
TOGETHER = (0.0, 0.1, 0.5)


class Told:
    """Who watches rises of the line alone: for each level, whether its last rise has been seen, or it has fallen."""

    def __init__(self) -> None:
        self.levels = [False, False]
        self.line = False
        self.waiting = [False, False]

    def clock(self, levels: list[bool], line: bool) -> None:
        """One clock: what the levels and the line are in it."""
        rose = [now and not before for now, before in zip(levels, self.levels, strict=True)]
        self.waiting = [
            now and (waits or new) for now, waits, new in zip(levels, self.waiting, rose, strict=True)
        ]  # a level that has fallen needs nobody's attention
        assert not (line and not any(levels)), "the line is up, no level is"
        if any(levels) and not line:
            assert any(rose), "the line is down, and none has risen"
        if line and not self.line:
            self.waiting = [False, False]
        if not any(rose):
            assert line == any(levels), "the line is not what the levels are, which stand"
            assert not any(self.waiting), f"a rise was not told: {self.waiting}, levels {levels}"
        self.levels, self.line = levels, line


def changes(dice: random.Random, own: tuple[float, float], together: float) -> Iterator[list[bool]]:
    levels = [False, False]
    while True:
        both = dice.random() < together
        levels = [level ^ (both or dice.random() < rate) for level, rate in zip(levels, own, strict=True)]
        yield levels


async def reset(dut: Any) -> random.Random:
    dut.rst.value, dut.a.value, dut.b.value = 1, 0, 0
    cocotb.start_soon(Clock(dut.clk, 16, "ns").start())
    for _ in range(4):
        await RisingEdge(dut.clk)
    dut.rst.value = 0
    return random.Random(cocotb.RANDOM_SEED)


async def run(dut: Any, told: Told, levels: list[bool]) -> None:
    """One clock, from edge to edge, with these levels; what is to be seen in it is looked at in its middle."""
    dut.a.value, dut.b.value = map(int, levels)
    changed = levels != told.levels
    await FallingEdge(dut.clk)
    line, busy = bool(dut.joined.value), bool(dut.busy.value)
    told.clock(list(levels), line)
    assert busy == changed, "busy while the levels change, and then alone"
    await RisingEdge(dut.clk)


@cocotb.test()
async def each_rise_of_either_level_is_told(dut: Any) -> None:
    dice = await reset(dut)
    told = Told()
    share = OPERATIONS // (len(RATES) * len(TOGETHER)) + 1
    for own in RATES:
        for together in TOGETHER:
            changed, stream = 0, changes(dice, own, together)
            while changed < share:
                levels = next(stream)
                changed += sum(now != before for now, before in zip(levels, told.levels, strict=True))
                await run(dut, told, levels)
            for levels in ([False, False], [False, False]):
                await run(dut, told, levels)


@cocotb.test()
async def one_rises_as_the_other_falls(dut: Any) -> None:
    """For a clock neither of the two was seen to be down: the line must be."""
    await reset(dut)
    told = Told()
    for first in (0, 1):
        only = [[index == which for index in (0, 1)] for which in (first, 1 - first)]
        for levels in ([False, False], only[0], only[0], only[1], only[1], [True, True], [True, True], [False, False]):
            await run(dut, told, levels)


@cocotb.test()
async def a_level_that_outlasts_a_reset_is_told(dut: Any) -> None:
    await reset(dut)
    for levels in ((1, 0), (0, 1), (1, 1)):
        dut.rst.value, dut.a.value, dut.b.value = 1, 0, 0
        await RisingEdge(dut.clk)
        dut.a.value, dut.b.value = levels
        for _ in range(3):
            await RisingEdge(dut.clk)
        dut.rst.value = 0
        for busy in (1, 0):
            await FallingEdge(dut.clk)
            assert dut.joined.value == 1 and dut.busy.value == busy
        await RisingEdge(dut.clk)
