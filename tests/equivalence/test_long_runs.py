"""The memory of a run does not grow with its length when captures and waves are off; its progress is told."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from models import kernel
from models.bench import Bench
from models.rtl import verilator
from models.runner import RunResult, run_scenario
from models.settings import BenchSettings, RunRequest
from tests.system.connection import connect

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20
BLOCK = bytes(range(256)) * 256
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

MOST_GROWTH_BYTES = MIB
MOST_NEW_OBJECTS = 1000
"""Between a quarter of the run and its end. One object kept for each packet would be twice as many in 4 MiB."""


async def long_stream(bench: Bench) -> list[list[int]]:
    """Returns resident bytes and live objects of this process at each eighth of the way."""
    size = bench.options["size"]
    connection = await connect(bench)
    from_host = bench.options["direction"] == "send"
    source, sink = (connection.host, connection.peer) if from_host else (connection.peer, connection.host)

    async def send() -> None:
        for _ in range(size // len(BLOCK)):
            await source.sendall(BLOCK)

    bench.transfer_begins(size)
    sending = kernel.spawn(send())
    received = 0
    seen = []
    while received < size:
        piece = await sink.recv(len(BLOCK))
        at = received % len(BLOCK)
        assert piece == (BLOCK + BLOCK)[at : at + len(piece)]
        received += len(piece)
        bench.transferred(len(piece))
        if received * 8 >= size * (len(seen) + 1):
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            seen.append([pages * PAGE_BYTES, len(gc.get_objects())])
    await sending
    bench.transfer_ends()
    await connection.close()
    return seen


def stream(card: str, direction: str, size: int, seed: int) -> tuple[RunResult, list[tuple[int, int, str]]]:
    told: list[tuple[int, int, str]] = []
    request = RunRequest(
        module=__name__,
        function="long_stream",
        name="long_stream",
        out=str(ROOT / "out" / "test" / f"long-{card}-{direction}-{size}"),
        settings=BenchSettings(card=card, seed=seed, ideal_processor=True),
        options={"size": size, "direction": direction},
        captures=False,
        progress=True,
    )
    return run_scenario(request, lambda done, total, note: told.append((done, total, note))), told


@pytest.mark.parametrize("direction", ["send", "receive"])
@pytest.mark.parametrize(
    ("card", "size"),
    [
        ("model", 4 * MIB),
        pytest.param("model", 100 * MIB, marks=pytest.mark.nightly),
        pytest.param("verilator", 8 * MIB, marks=pytest.mark.nightly),
    ],
)
def test_memory_does_not_grow_with_the_length_of_the_run(card: str, size: int, direction: str, seed: int) -> None:
    if card == "verilator" and verilator.missing():
        pytest.skip(f"CARD=verilator needs {' and '.join(verilator.missing())}")
    result, told = stream(card, direction, size, seed)
    seen = result.returned
    assert max(resident for resident, _ in seen[2:]) - seen[1][0] < MOST_GROWTH_BYTES
    assert seen[-1][1] - seen[1][1] < MOST_NEW_OBJECTS
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert len(told) > 40 and told[-1][:2] == (size, size)
    assert not (result.out / "wire.pcapng").exists() and not (result.out / "bus_grants.txt").exists()
