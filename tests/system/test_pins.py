"""A bulk transfer takes the same simulated time through the transactors and through cocotbext's pin-level models."""

import hashlib

import pytest

from models.bench import Bench
from tests.system.connection import connect, tell
from tests.system.on_card import run

BYTES = 16 * 1460
"""Enough for the windows to open, so that the link sets the pace."""
TOLERANCE = 0.05


async def bulk_from_the_host(bench: Bench) -> None:
    data = bench.rng.randbytes(BYTES)
    connection = await connect(bench)
    bench.transfer_begins(len(data))
    await connection.host.sendall(data)
    received = await connection.peer.recv_exactly(len(data))
    bench.transferred(len(received))
    bench.transfer_ends()
    tell(bench, data, received)
    await connection.close()


async def bulk_to_the_host(bench: Bench) -> None:
    data = bench.rng.randbytes(BYTES)
    connection = await connect(bench)
    bench.transfer_begins(len(data))
    await connection.peer.sendall(data)
    received = await connection.host.recv_exactly(len(data))
    bench.transferred(len(received))
    bench.transfer_ends()
    tell(bench, data, received)
    await connection.close()


@pytest.mark.parametrize("scenario", [bulk_from_the_host, bulk_to_the_host])
def test_bulk_takes_the_same_time_with_both_kinds_of_pins(scenario, seed: int) -> None:
    summaries = [
        run(scenario, f"{scenario.__name__}-{pins}", seed=seed, pins=pins, ideal_processor=True).summary
        for pins in ("transactor", "cocotbext")
    ]
    digest = {summary["sha256_received"] for summary in summaries}
    assert len(digest) == 1 and len(digest.pop()) == hashlib.sha256().digest_size * 2
    transactor_ns, cocotbext_ns = (summary["transfer_ns"] for summary in summaries)
    assert transactor_ns == pytest.approx(cocotbext_ns, rel=TOLERANCE)
