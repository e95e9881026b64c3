"""The same scenario with cocotbext's models, which drive PCIe and GMII pin by pin, in place of the transactors."""

import pytest

from models.bench import Bench
from models.network.impairment import Drop, Rule
from tests.system.connection import connect, tell
from tests.system.on_card import run
from tests.system.segments import data_segments, sent_by_card


async def both_ways(bench: Bench) -> None:
    """With a loss that duplicate ACKs tell of: a timeout would be long for clocks that never stop."""
    data = bench.rng.randbytes(6 * 1460)
    bench.link.a_to_b.impairment.rules = [Rule(data_segments(2), Drop())]
    connection = await connect(bench)
    await connection.host.sendall(data)
    tell(bench, data, await connection.peer.recv_exactly(len(data)))
    await connection.peer.sendall(data)
    tell(bench, data, await connection.host.recv_exactly(len(data)))
    await connection.close()


def test_pin_level_models_and_transactors_see_the_same_card(seed: int) -> None:
    pins, transactors = (
        run(both_ways, f"pins-{kind}", seed=seed, pins=kind, delay_us=20) for kind in ("cocotbext", "transactor")
    )
    streams = [
        [(each.seq, each.payload) for each in sent_by_card(result.out / "wire.pcapng") if each.payload]
        for result in (pins, transactors)
    ]
    assert streams[0] == streams[1]
    for name in ("sha256_received", "retransmissions", "dropped"):
        assert pins.summary[name] == transactors.summary[name], name
    assert pins.summary["bus_beats"]["ethernet_data"] == transactors.summary["bus_beats"]["ethernet_data"]


@pytest.mark.parametrize("kind", [pytest.param("cocotbext", marks=pytest.mark.nightly), "transactor"])
def test_neither_minds_clocks_that_never_stop(kind: str, seed: int) -> None:
    results = [
        run(both_ways, f"clocks-{kind}", seed=seed, pins=kind, delay_us=20, clocks_never_stop=each).summary
        for each in (False, True)
    ]
    assert results[0] == results[1]
    assert results[0]["simulated_ns"] < 10**8, "no timeout"
