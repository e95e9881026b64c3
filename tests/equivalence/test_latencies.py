"""Times of single accesses, copies and frames: the functional model's are those of the RTL it was calibrated from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.settings import BenchSettings
from tests.equivalence.blocks import LATENCIES, stimuli
from tests.equivalence.record import on_model
from tests.equivalence.rtl_process import run_on_rtl

ROOT = Path(__file__).resolve().parents[2]
CLOCK_PS = 16_000
TOLERANCE = {"transactor": 0.03, "cocotbext": 0.08}
"""Beside a clock. cocotbext's link model passes single TLPs up to a clock earlier in each direction."""


@pytest.mark.parametrize("pins", TOLERANCE)
def test_latencies_of_the_model_are_those_of_the_rtl(pins: str, seed: int) -> None:
    chosen = stimuli(LATENCIES, seed)
    expected = {each.name: on_model(each, LATENCIES) for each in chosen}
    out = ROOT / "out" / "test" / f"equivalence-latencies-icarus-{pins}"
    records = run_on_rtl(LATENCIES, BenchSettings(pins=pins, seed=seed), expected, out)
    wrong = []
    for each in chosen:
        assert records[each.name]["error"] is None and expected[each.name]["error"] is None
        for name, measured_ps in records[each.name]["measured"].items():
            model_ps = expected[each.name]["measured"][name]
            if abs(model_ps - measured_ps) > CLOCK_PS + TOLERANCE[pins] * measured_ps:
                wrong.append(f"{name}: {model_ps / 1000:.0f} ns on the model, {measured_ps / 1000:.0f} ns in RTL")
    assert not wrong, "\n".join(wrong)
    shutil.rmtree(out)
