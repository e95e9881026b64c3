"""Memory and registers that stall while a test runs, at rates that change meanwhile, and the proof that they did."""

from __future__ import annotations

import functools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import cocotb
from cocotb.handle import SimHandleBase
from cocotb.triggers import Timer

RATES = (0, 40, 100, 160, 220)
"""Of 256: the chance of a pause in each clock and channel."""
LATENCIES = (2, 80, 125)
STEADY_LATENCY = 80
"""Clocks from a read's address to its first data."""
ENOUGH_BEATS = 100
"""Of so many some must have waited."""


def ethernet_test(*, pause: int | None = None) -> Callable[[Callable[[SimHandleBase], Awaitable[None]]], object]:
    """A cocotb test in ethernet_harness, whose buses stall; at its end some have stalled, and no rule was broken.

    A `pause` that is given stays: 0 for tests that measure time on the wire or of a timer.
    """

    def decorate(test: Callable[[SimHandleBase], Awaitable[None]]) -> object:
        @functools.wraps(test)
        async def run(dut: SimHandleBase) -> None:
            await Timer(1, "ps")  # the counters begin at 0 in the first step of the simulation
            before = _Counts.of(dut)
            if pause is not None:
                dut.pause.value, dut.latency.value = pause, STEADY_LATENCY
            else:
                dice = random.Random(f"{cocotb.RANDOM_SEED} {test.__name__}")
                cocotb.start_soon(vary(dut, dice))
            await test(dut)
            if pause != 0:
                after = _Counts.of(dut)
                assert after.register_stalls > before.register_stalls, "no access to a register has stalled"
                some = after.beats - before.beats > ENOUGH_BEATS
                assert after.memory_stalls > before.memory_stalls or not some, "the memory has not stalled"
            assert int(dut.data_port.errors.value) == int(dut.desc_port.errors.value) == 0, "AXI rule broken"
            assert int(dut.monitor_failed.value) == 0, "rule of a bus broken: see the lines MONITOR"

        return cocotb.test()(run)

    return decorate


async def vary(dut: SimHandleBase, dice: random.Random) -> None:
    """Each rate in its turn, in random order, and then none for a while; so a test begins with stalls."""
    rates: list[int] = []
    while True:
        if not rates:
            rates = [0, *dice.sample(RATES[1:], len(RATES) - 1)]
        dut.pause.value = rates.pop()
        dut.latency.value = dice.choice(LATENCIES)
        await Timer(dice.randrange(2000, 12000), "ns")


@dataclass(frozen=True)
class _Counts:
    """What the harness has counted since the simulation began."""

    register_stalls: int
    memory_stalls: int
    beats: int
    """Data of all bursts."""

    @classmethod
    def of(cls, dut: SimHandleBase) -> _Counts:
        beats = (dut.data_read_beats, dut.data_write_beats, dut.desc_read_beats, dut.desc_write_beats)
        return cls(
            sum(int(port.stalls.value) for port in (dut.own_port, dut.host_port)),
            sum(int(port.stalls.value) for port in (dut.data_port, dut.desc_port)),
            sum(int(each.value) for each in beats),
        )
