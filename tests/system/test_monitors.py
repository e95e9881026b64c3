"""Connections with protocol monitors on every bus and stream of the card (hdl/sim/card_monitors.v)."""

from __future__ import annotations

import os
from typing import Any

import pytest

from models.bench import Bench
from tests.system.connection import connect, tell
from tests.system.on_card import run

pytestmark = pytest.mark.skipif(os.environ.get("CARD") == "model", reason="the functional model has no buses of wires")


async def both_ways(bench: Bench) -> dict[str, Any]:
    """A connection over which each side sends; Ethernet, DMA controller, messages and interrupts are all at work."""
    connection = await connect(bench)
    sizes = bench.options["sizes"]
    for size in sizes:
        data = bench.rng.randbytes(size)
        address = connection.process.malloc(size)
        connection.process.write(address, data)
        assert await connection.host.send_from(address, size) == size
        tell(bench, data, await connection.peer.recv_exactly(size))
    await connection.close()
    return {}


@pytest.mark.parametrize("pins", ["transactor", "cocotbext"])
def test_no_rule_of_a_bus_is_broken_by_a_connection(pins: str, request: pytest.FixtureRequest, seed: int) -> None:
    run(both_ways, request.node.name, {"sizes": [3000, 1, 7001]}, seed=seed, pins=pins, monitors=True)
