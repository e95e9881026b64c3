"""Runs a coroutine on the RTL of the whole card alone: registers, rings and memory at hand, no firmware, no peer."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import re
from pathlib import Path
from typing import Any

import cocotb
import pytest

from models import kernel
from models.card import ModelCard
from models.kernel import hdl
from models.rtl import simulator
from models.rtl.card import RtlCard
from models.runner import rtl_parameters
from models.settings import BenchSettings
from tests.unit.card.stimuli import FlatMemory, Rig

ROOT = Path(__file__).resolve().parents[2]
REQUEST_VARIABLE = "TOE_BARE_CARD"
HOST_MEMORY_BYTES = 1 << 23
CLK_CYCLE_LIMIT = 5_000_000
"""80 ms with running clocks: a test that hangs ends."""


def run_on_bare_card(
    module: str,
    function: str,
    options: dict[str, Any] | None = None,
    seed: int = 1,
    parameters: dict[str, int] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Run `async def function(rig, **options)` of `module` in the simulator; returns what it returned.

    `settings` are fields of BenchSettings; CARD in the environment chooses the simulator unless they do.
    `parameters` are more parameters of hdl/sim/toe_sim.v.
    """
    bench = BenchSettings(seed=seed, card=os.environ.get("CARD") or "icarus", clk_cycle_limit=CLK_CYCLE_LIMIT)
    bench = dataclasses.replace(bench, **settings)
    if bench.card == "model":
        return _run_on_model(module, function, options or {}, bench)
    test = os.environ.get("PYTEST_CURRENT_TEST", function).split("::")[-1].split(" ")[0]
    out = ROOT / "out" / "test" / re.sub(r"[^\w.-]+", "_", test)
    out.mkdir(parents=True, exist_ok=True)
    request, result = out / "request.json", out / "result.json"
    result.unlink(missing_ok=True)
    request.write_text(
        json.dumps(
            {
                "module": module,
                "function": function,
                "options": options or {},
                "settings": dataclasses.asdict(bench),
                "result": str(result),
            }
        )
    )
    parameters = {**rtl_parameters(bench), **(parameters or {})}
    folder = simulator.build(bench.card, parameters, waves=False)
    environment = {
        REQUEST_VARIABLE: str(request),
        "PYTHONWARNINGS": "ignore::DeprecationWarning",
        "COCOTB_RANDOM_SEED": str(seed),
        "COCOTB_LOG_LEVEL": os.environ.get("COCOTB_LOG_LEVEL", "WARNING"),
    }
    plusargs = [f"+{name}={parameters[name]}" for name in simulator.CLOCK_PARAMETERS]
    plusargs += [f"+clk_cycle_limit={bench.clk_cycle_limit}"]
    try:
        simulator.run(bench.card, folder, "tests.system.bare_card", out, environment, plusargs, waves=False)
    except simulator.SimulatorError as error:
        log = (out / "simulator.log").read_text(errors="replace")
        pytest.fail(f"{log[-3000:]}\n{error} (seed {seed})", pytrace=False)
    breaches = [line for line in (out / "simulator.log").read_text().splitlines() if line.startswith("MONITOR ")]
    if breaches:
        pytest.fail("\n".join([*breaches[:20], f"of {len(breaches)} (seed {seed})"]), pytrace=False)
    return json.loads(result.read_text())


def _run_on_model(module: str, function: str, options: dict[str, Any], settings: BenchSettings) -> dict[str, Any]:
    scenario = getattr(importlib.import_module(module), function)
    card = ModelCard(memory_bytes=settings.card_memory_bytes, nic=settings.nic)
    rig = Rig(card, memory=FlatMemory(HOST_MEMORY_BYTES))
    results = []

    async def main() -> None:
        await rig.start()
        results.append(await scenario(rig, **options))

    kernel.run(main(), limit_ps=kernel.S)
    return results[0]


@cocotb.test()
async def run_request(dut: Any) -> None:
    """What the simulator process runs."""
    request = json.loads(Path(os.environ[REQUEST_VARIABLE]).read_text())
    scenario = getattr(importlib.import_module(request["module"]), request["function"])
    rig = Rig(RtlCard(dut, BenchSettings(**request["settings"])), memory=FlatMemory(HOST_MEMORY_BYTES))

    async def main() -> None:
        await rig.start()
        Path(request["result"]).write_text(json.dumps(await scenario(rig, **request["options"])))
        await kernel.sleep(kernel.US)

    await hdl.run(main())
