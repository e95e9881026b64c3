"""The bus arbiter during simultaneous send and copy, read off its recorded grants."""

from __future__ import annotations

from models.bench import Bench
from models.observation.bus_log import MASTERS, Grant, longest_run_while_other_waits, read_bus_log
from models.runner import RunResult
from tests.system.connection import connect, tell
from tests.system.on_card import on_card, run

ETHERNET_DATA, DMA = MASTERS.index("Ethernet data"), MASTERS.index("DMA controller")
SEGMENTS = 10
"""What the initial congestion window lets leave in one send (RFC 6928)."""


async def one_send(bench: Bench) -> dict:
    """A single large send: Ethernet and the copy read the same pages. Returns these pages."""
    data = bench.rng.randbytes(SEGMENTS * 1448)
    connection = await connect(bench)
    address = connection.process.malloc(len(data))
    connection.process.write(address, data)
    assert await connection.host.send_from(address, len(data)) == len(data)
    tell(bench, data, await connection.peer.recv_exactly(len(data)))
    await connection.close()
    return {}


def reads(result: RunResult, *masters: int) -> list[Grant]:
    return [each for each in read_bus_log(result.out / "bus_grants.txt") if each.master in masters and not each.write]


def waited_for(grants: list[Grant], master: int, other: int) -> int:
    """How often `master` was granted a burst while `other` was asking."""
    waits = [(each.request_ps, each.grant_ps) for each in grants if each.master == other]
    return sum(
        any(asked < each.grant_ps < granted for asked, granted in waits) for each in grants if each.master == master
    )


def check_alternation(result: RunResult) -> None:
    grants = reads(result, ETHERNET_DATA, DMA)
    assert waited_for(grants, ETHERNET_DATA, DMA) > 10 and waited_for(grants, DMA, ETHERNET_DATA) > 10
    assert longest_run_while_other_waits(grants, ETHERNET_DATA, DMA) == 1
    assert longest_run_while_other_waits(grants, DMA, ETHERNET_DATA) == 1


@on_card(check_alternation)
async def test_ethernet_and_dma_take_turns_burst_by_burst_while_both_ask(bench: Bench) -> dict:
    return await one_send(bench)


def check_priority(result: RunResult) -> None:
    grants = reads(result, ETHERNET_DATA, DMA)
    assert waited_for(grants, ETHERNET_DATA, DMA) > 10
    assert longest_run_while_other_waits(grants, ETHERNET_DATA, DMA) > 3
    assert longest_run_while_other_waits(grants, DMA, ETHERNET_DATA) <= 1, "no one goes before the first in rank"


@on_card(check_priority, round_robin=False)
async def test_with_fixed_priority_ethernet_goes_first_and_nobody_alternates(bench: Bench) -> dict:
    return await one_send(bench)


def copy_ends_ps(result: RunResult) -> int:
    """From the first burst of the send to the last of the copy."""
    begin = reads(result, ETHERNET_DATA)[0].request_ps
    copied = reads(result, DMA)
    assert sum(each.beats for each in copied) >= SEGMENTS * 1448 // 8
    return copied[-1].last_beat_ps - begin


def test_simultaneous_copy_ends_earlier_than_a_copy_after_the_send(seed: int) -> None:
    simultaneous = run(one_send, "copy-simultaneous", seed=seed, sending="simultaneous")
    sequential = run(one_send, "copy-sequential", seed=seed, sending="sequential")
    sent_ps = reads(sequential, ETHERNET_DATA)[-1].last_beat_ps
    assert reads(sequential, DMA)[0].request_ps > sent_ps, "sequential: not before the last packet was fetched"
    assert copy_ends_ps(simultaneous) < 0.95 * copy_ends_ps(sequential)
