"""Random masters on decoders and arbiters: data, order, errors, fairness of the bus log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import cocotb
from cocotb.triggers import ClockCycles, First, RisingEdge, Timer

CLOCK_PS = 16000
MASTERS, LIMIT, HOLD_BURSTS, HOLD_CLOCKS, BURSTS = (
    int(os.environ[name]) for name in ("MASTERS", "LIMIT", "HOLD_BURSTS", "HOLD_CLOCKS", "BURSTS")
)
"""BURSTS: of each kind and master, in the main test; the others take fewer."""


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
    assert await First(ended, Timer(CLOCK_PS * (20_000 + 4000 * bursts), "ps")) is ended, "the bus hangs"
    await ClockCycles(dut.clk, 20)
    assert dut.failed.value == 0, "see the lines MONITOR"
    log = read_log()[before:]
    assert all(grant.beats <= LIMIT for grant in log) and not int(dut.too_long.value)
    return log


def counts(value, width: int = 32) -> list[int]:
    number = int(str(value), 2)
    return [number >> width * master & (1 << width) - 1 for master in range(MASTERS)]


@cocotb.test()
async def every_burst_is_answered_in_order_and_counted(dut) -> None:
    await Timer(1, "ps")  # past the initial values
    for slave, idle in ((0, 0), (40, 0), (20, 90), (80, 50)):
        seen = counts(dut.beats_seen.value)
        log = await traffic(dut, bursts=BURSTS, slave_percent=slave, idle_percent=idle, round_robin=True)
        beats = [now - then for now, then in zip(counts(dut.beats_seen.value), seen, strict=True)]
        assert counts(dut.beats.value) == beats
        assert [sum(g.beats for g in log if g.master == m) for m in range(MASTERS)] == beats
        assert all(g.request <= g.grant < g.last for g in log)
        assert [g.grant for g in log] == sorted(g.grant for g in log)


@cocotb.test()
async def round_robin_serves_a_waiting_requester_within_one_grant_of_every_other(dut) -> None:
    log = await traffic(dut, bursts=100, slave_percent=10, idle_percent=0, round_robin=True)
    waited = 0
    fairness(dut, log, "round robin")
    for index, grant in enumerate(log):
        served: dict[tuple[int, str], int] = {}
        for other in reversed(log[:index]):
            if other.grant < grant.request:
                break
            # what was decided in the clock of the request itself counts too
            served[other.requester] = served.get(other.requester, 0) + 1
        served.pop(grant.requester, None)
        waited += bool(served)
        assert all(times <= HOLD_BURSTS for times in served.values()), f"{grant} waited for {served}"
    assert waited > len(log) // 10, "no contention, nothing shown"


def fairness(dut, log: list[Grant], name: str) -> list[float]:
    """Beats and waits of each master while all of them still ask; returns the shares of the beats."""
    end = min(max(grant.request for grant in log if grant.master == master) for master in range(MASTERS))
    busy = [grant for grant in log if grant.grant <= end]
    beats = [sum(grant.beats for grant in busy if grant.master == master) for master in range(MASTERS)]
    waits = [
        max(((grant.grant - grant.request) // CLOCK_PS for grant in busy if grant.master == master), default=0)
        for master in range(MASTERS)
    ]
    index = sum(beats) ** 2 / (MASTERS * sum(each * each for each in beats))
    shares = [each / sum(beats) for each in beats]
    dut._log.info(
        "FAIRNESS %s: shares of the beats %s, Jain's index %.3f, longest wait in clocks %s",
        name, " ".join(f"{share:.3f}" for share in shares), index, waits,
    )  # fmt: skip
    return shares


@cocotb.test()
async def round_robin_gives_equal_masters_equal_shares(dut) -> None:
    shares = fairness(dut, await traffic(dut, bursts=120, slave_percent=0, idle_percent=0, round_robin=True), "shares")
    index = 1 / (MASTERS * sum(share * share for share in shares))
    assert index > 0.95, "the bursts' lengths are random, the turns are not"


@cocotb.test(skip=HOLD_CLOCKS == 0)
async def a_row_ends_when_it_has_lasted_hold_clocks(dut) -> None:
    """Grants of one requester in a row, while another one asks, begin within HOLD_CLOCKS of the first."""
    log = await traffic(dut, bursts=100, slave_percent=20, idle_percent=0, round_robin=True)
    rows = longest = 0
    first: Grant | None = None
    for grant in log:
        if first is None or grant.requester != first.requester:
            first = grant
            continue
        asked = [other for other in log if other.requester != grant.requester
                 and other.request < grant.grant - CLOCK_PS and other.grant > grant.grant]  # fmt: skip
        if not asked:
            first = grant
            continue
        rows += 1
        longest = max(longest, (grant.grant - first.grant) // CLOCK_PS)
    dut._log.info("longest row of %d: %d clocks", rows, longest)
    assert rows and longest <= HOLD_CLOCKS + 1


@cocotb.test()
async def fixed_priority_never_passes_over_a_higher_requester(dut) -> None:
    log = await traffic(dut, bursts=100, slave_percent=10, idle_percent=50, round_robin=False)
    fairness(dut, log, "fixed priority")
    passed_over = [
        (grant, other)
        for grant in log
        for other in log
        if other.request <= grant.grant < other.grant and other.rank < grant.rank
    ]
    assert not passed_over
