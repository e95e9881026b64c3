"""RTL against functional model: the same scripted stimuli of each block leave the same behind."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path

import pytest

from models.observation.bus_log import read_bus_log
from models.rtl import simulator
from models.runner import rtl_parameters
from models.settings import BenchSettings
from tests.equivalence.blocks import BLOCKS, Block, stimuli
from tests.equivalence.comparison import differences
from tests.equivalence.on_rtl import REQUEST_VARIABLE
from tests.equivalence.record import Record, on_model

ROOT = Path(__file__).resolve().parents[2]


def run_on_rtl(block: Block, settings: BenchSettings, expected: dict[str, Record], out: Path) -> dict[str, Record]:
    """All stimuli of a block in one simulator process."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / "model.json").write_text(json.dumps(expected))
    request = {
        "block": block.name,
        "seed": settings.seed,
        "settings": dataclasses.asdict(settings),
        "model": str(out / "model.json"),
        "out": str(out / "rtl.json"),
    }
    (out / "request.json").write_text(json.dumps(request))
    folder = simulator.build(settings.card, rtl_parameters(settings), waves=False)
    environment = {
        REQUEST_VARIABLE: str(out / "request.json"),
        "PYTHONWARNINGS": "ignore::DeprecationWarning",
        "COCOTB_RANDOM_SEED": str(settings.seed),
        "COCOTB_LOG_LEVEL": os.environ.get("COCOTB_LOG_LEVEL", "WARNING"),
    }
    plusargs = [f"+grants={out / 'bus_grants.txt'}"]
    simulator.run(settings.card, folder, "tests.equivalence.on_rtl", out, environment, plusargs, waves=False)
    records = json.loads((out / "rtl.json").read_text())
    grants = list(read_bus_log(out / "bus_grants.txt"))
    for record in records.values():
        record["grants"] = [
            [each.master, "W" if each.write else "R", each.address, each.beats]
            for each in grants
            if record["begin_ps"] <= each.grant_ps < record["end_ps"]
        ]
    return records


def compare(block: Block, settings: BenchSettings) -> None:
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


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_icarus_does_what_the_model_does(block: Block, seed: int) -> None:
    compare(block, BenchSettings(card="icarus", seed=seed))
