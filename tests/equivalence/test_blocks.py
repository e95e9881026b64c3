"""RTL against functional model: the same scripted stimuli of each block leave the same behind."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models.rtl import simulator
from models.settings import BenchSettings
from tests.equivalence.blocks import BLOCKS, Block, stimuli
from tests.equivalence.comparison import differences
from tests.equivalence.record import on_model
from tests.equivalence.rtl_process import run_on_rtl

ROOT = Path(__file__).resolve().parents[2]


def compare(block: Block, settings: BenchSettings) -> None:
    settings = replace(settings, queue_sets=block.queue_sets, max_frame_bytes=block.max_frame_bytes)
    chosen = stimuli(block, settings.seed)
    expected = {each.name: on_model(each, block) for each in chosen}
    out = ROOT / "out" / "test" / f"equivalence-{block.name}-{settings.card}-{settings.pins}"
    try:
        records = run_on_rtl(block, settings, expected, out)
    except simulator.SimulatorError as error:
        if "please install" in str(error):
            pytest.skip(str(error))
        pytest.fail(str(error), pytrace=False)
    report = []
    for each in chosen:
        if each.name not in records:
            report.append(f"{each.name}: did not come to its end")
            continue
        found = differences(expected[each.name], records[each.name])
        report += [f"{each.name}: {line}" for line in found]
    if report:
        text = "\n".join(["model and RTL differ (model first):", *report, f"records in {os.path.relpath(out)}"])
        pytest.fail(text, pytrace=False)
    shutil.rmtree(out)


every_block = pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)


@every_block
def test_icarus_does_what_the_model_does(block: Block, seed: int) -> None:
    compare(block, BenchSettings(card="icarus", seed=seed))


# Verilator leaves the records that Icarus leaves (tests/system/test_verilator.py): by day a block of each kind, of the
# card as simulations build it.
BY_DAY_ON_VERILATOR = (
    "messaging_unit",
    "dma_controller",
    "ethernet_transmit",
    "ethernet_receive",
    "bridge_and_arbiter",
)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=block.name, marks=() if block.name in BY_DAY_ON_VERILATOR else pytest.mark.nightly)
        for block in BLOCKS
    ],
)
def test_verilator_does_what_the_model_does(block: Block, seed: int) -> None:
    compare(block, BenchSettings(card="verilator", seed=seed))


@pytest.mark.nightly
@every_block
def test_pin_by_pin_the_card_does_what_the_model_does(block: Block, seed: int) -> None:
    compare(block, BenchSettings(card="icarus", pins="cocotbext", seed=seed))
