"""Starts the simulator process that runs a block's stimuli on the RTL, and collects what it recorded."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path

from models.observation.bus_log import read_bus_log
from models.rtl import simulator
from models.runner import rtl_parameters
from models.settings import BenchSettings
from tests.equivalence.blocks import Block
from tests.equivalence.on_rtl import REQUEST_VARIABLE
from tests.equivalence.record import Record, add_grants


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
        begin_ps, end_ps = record["begin_ps"], record["end_ps"]
        add_grants(record, [each for each in grants if begin_ps <= each.grant_ps < end_ps])
    return records
