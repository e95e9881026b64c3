"""Bulk transfers end to end: the same byte streams on every card, in the same simulated time within 5 %."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models.runner import RunResult, run_scenario
from models.settings import BenchSettings, RunRequest

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 0.05


def carry(card: str, pins: str, direction: str, size: int, seed: int) -> RunResult:
    """A file of random bytes with an ideal processor, so that hardware sets the pace."""
    out = ROOT / "out" / "test" / f"transfer-{direction}-{size}-{card}-{pins}"
    out.mkdir(parents=True, exist_ok=True)
    file = out / "sent.bin"
    file.write_bytes(random.Random(f"{size} {seed}").randbytes(size))
    settings = BenchSettings(card=card, pins=pins, seed=seed, ideal_processor=True)
    request = RunRequest(
        module="models.scenarios.file_transfer",
        function="file_transfer",
        name=out.name,
        out=str(out),
        settings=settings,
        options={"file": str(file), "direction": direction},
        captures=False,
    )
    return run_scenario(request)


@pytest.mark.parametrize("direction", ["send", "receive"])
@pytest.mark.parametrize(
    ("size", "pins"),
    [
        (1 << 16, "transactor"),
        (1 << 15, "cocotbext"),
        pytest.param(1 << 18, "transactor", marks=pytest.mark.nightly),
        pytest.param(1 << 18, "cocotbext", marks=pytest.mark.nightly),
    ],
)
def test_bulk_transfers_take_as_long_on_the_model_as_in_rtl(direction: str, size: int, pins: str, seed: int) -> None:
    model = carry("model", "transactor", direction, size, seed).summary
    rtl = carry("icarus", pins, direction, size, seed).summary
    assert rtl["sha256_received"] == model["sha256_received"] == model["sha256_sent"]
    assert rtl["retransmissions"] == model["retransmissions"] == 0
    assert model["transfer_ns"] == pytest.approx(rtl["transfer_ns"], rel=TOLERANCE)
