"""Random masters on decoders and arbiters: data, order, errors, fairness of the bus log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import cocotb
from cocotb.triggers import ClockCycles, First, RisingEdge, Timer

CLOCK_PS = 16000
MASTERS = int(os.environ["MASTERS"])


class Grant(NamedTuple):
    """One line of the bus log; times in ps."""

    request: int
    grant: int
    last: int
    master: int
    direction: str
    address: int
    beats: int

    @property
    def requester(self) -> tuple[int, str]:
        return self.master, self.direction

    @property
    def rank(self) -> tuple[int, bool]:
        """Fixed priority, the smallest first: the lowest master, its writes before its reads."""
        return self.master, self.direction == "R"


def read_log() -> list[Grant]:
    lines = Path(os.environ["GRANTS"]).read_text().splitlines()
    rows = (line.split() for line in lines)
    return [Grant(int(a), int(b), int(c), int(m), d, int(x, 16), int(n)) for a, b, c, m, d, x, n in rows]


async def traffic(dut, *, bursts: int, slave_percent: int, idle_percent: int, round_robin: bool) -> list[Grant]:
    """Run the masters to their end; the new lines of the bus log."""
    before = len(read_log())
    dut.rst.value = 1
    dut.seed.value = (cocotb.RANDOM_SEED * 7919 + slave_percent) & 0xFFFFFFFF
    dut.slave_percent.value = slave_percent
    dut.idle_percent.value = idle_percent
    dut.bursts.value = bursts
    dut.round_robin.value = int(round_robin)
    await ClockCycles(dut.clk, 4)
    dut.rst.value = 0
    ended = RisingEdge(dut.finished)
    assert await First(ended, Timer(CLOCK_PS * 300_000, "ps")) is ended, "the bus hangs"
    await ClockCycles(dut.clk, 20)
    assert dut.failed.value == 0, "see the lines MONITOR"
    return read_log()[before:]


def counts(value, width: int = 32) -> list[int]:
    number = int(str(value), 2)
    return [number >> width * master & (1 << width) - 1 for master in range(MASTERS)]


@cocotb.test()
async def every_burst_is_answered_in_order_and_counted(dut) -> None:
    await Timer(1, "ps")  # past the initial values
    for slave, idle in ((0, 0), (40, 0), (20, 90), (80, 50)):
        seen = counts(dut.beats_seen.value)
        log = await traffic(dut, bursts=80, slave_percent=slave, idle_percent=idle, round_robin=True)
        beats = [now - then for now, then in zip(counts(dut.beats_seen.value), seen, strict=True)]
        assert counts(dut.beats.value) == beats
        assert [sum(g.beats for g in log if g.master == m) for m in range(MASTERS)] == beats
        assert all(g.request <= g.grant < g.last for g in log)
        assert [g.grant for g in log] == sorted(g.grant for g in log)


@cocotb.test()
async def round_robin_serves_a_waiting_requester_within_one_grant_of_every_other(dut) -> None:
    hold = int(os.environ["HOLD_BURSTS"])
    log = await traffic(dut, bursts=150, slave_percent=10, idle_percent=0, round_robin=True)
    waited = 0
    for index, grant in enumerate(log):
        served: dict[tuple[int, str], int] = {}
        for other in reversed(log[:index]):
            if other.grant < grant.request:
                break
            # what was decided in the clock of the request itself counts too
            served[other.requester] = served.get(other.requester, 0) + 1
        served.pop(grant.requester, None)
        waited += bool(served)
        assert all(times <= hold for times in served.values()), f"{grant} waited for {served}"
    assert waited > len(log) // 10, "no contention, nothing shown"


@cocotb.test()
async def fixed_priority_never_passes_over_a_higher_requester(dut) -> None:
    log = await traffic(dut, bursts=100, slave_percent=10, idle_percent=50, round_robin=False)
    passed_over = [
        (grant, other)
        for grant in log
        for other in log
        if other.request <= grant.grant < other.grant and other.rank < grant.rank
    ]
    assert not passed_over
