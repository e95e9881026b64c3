"""A connection on which nothing happens costs nothing, on every card."""

from __future__ import annotations

import time

import pytest

from models import kernel
from models.bench import Bench
from models.rtl import verilator
from tests.system.connection import connect
from tests.system.on_card import run

SILENCE_PS = 10 * kernel.S
MOST_CYCLES = 300
MOST_STEPS = 20
MOST_SECONDS = 0.1


async def silence(bench: Bench) -> dict[str, float]:
    """Ten seconds without a word on an established connection, which works before and after."""
    connection = await connect(bench)
    await connection.host.sendall(b"before")
    assert await connection.peer.recv_exactly(6) == b"before"
    await kernel.sleep(2 * kernel.S)  # the last acknowledgment is on its way until then

    time_line = kernel.Kernel.current
    step = time_line.step
    steps = 0

    def counted(time_ps: int) -> None:
        nonlocal steps
        steps += 1
        step(time_ps)

    time_line.step = counted
    cycles, seconds = bench.card.clock_cycles(), time.process_time()
    await kernel.sleep(SILENCE_PS)
    cycles, seconds = bench.card.clock_cycles() - cycles, time.process_time() - seconds
    time_line.step = step

    await connection.host.sendall(b"after")
    assert await connection.peer.recv_exactly(5) == b"after"
    await connection.close()
    return {"cycles": cycles, "steps": steps, "seconds": seconds}


@pytest.mark.parametrize(
    ("card", "pins"),
    [("model", "transactor"), ("icarus", "transactor"), ("icarus", "cocotbext"), ("verilator", "transactor")],
)
def test_ten_seconds_of_silence_cost_nothing(card: str, pins: str, seed: int) -> None:
    if card == "verilator" and verilator.missing():
        pytest.skip(f"CARD=verilator needs {' and '.join(verilator.missing())}")
    cost = run(silence, f"silence-{card}-{pins}", seed=seed, card=card, pins=pins).returned
    assert cost["cycles"] <= MOST_CYCLES
    assert cost["steps"] <= MOST_STEPS
    assert cost["seconds"] < MOST_SECONDS
