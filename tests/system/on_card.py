"""Lets a coroutine be a test: it runs as a scenario on a fresh bench, on whatever kind of card is chosen."""

from __future__ import annotations

import dataclasses
import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.observation import dissect
from models.options import waves_window
from models.rtl.simulator import SimulatorError
from models.runner import RunResult, ScenarioFailed, run_scenario
from models.settings import BenchSettings, RunRequest

ROOT = Path(__file__).resolve().parents[2]
CLK_CYCLE_LIMIT = 5_000_000
"""80 ms with running clocks, far more than any test takes: a test that hangs ends."""


def on_card(check: Callable[[RunResult], None] | None = None, /, **settings: Any) -> Callable[[Any], Any]:
    """Decorator for `async def test_...(bench)`; `settings` are fields of BenchSettings.

    Every frame that the card transmitted is shown to an independent dissector afterwards; then `check(result)` is
    called, outside the simulation. Results are kept under out/test/<name> when the test fails or with WAVES=1.
    """

    def decorate(scenario: Any) -> Any:
        @functools.wraps(scenario)
        def test(request: pytest.FixtureRequest, seed: int) -> None:
            result = run(scenario, request.node.name, seed=seed, **settings)
            if check is not None:
                check(result)

        del test.__wrapped__  # pytest would take the scenario's parameter for a fixture
        test.scenario = scenario
        return test

    return decorate


def run(
    scenario: Any,
    name: str,
    options: dict[str, Any] | None = None,
    seed: int = 1,
    dissected: bool = True,
    **settings: Any,
) -> RunResult:
    """Run a scenario on a bench with `settings`; a failure says where its records are and how to repeat it."""
    bench = BenchSettings(
        seed=seed,
        card=os.environ.get("CARD") or "icarus",
        pins=os.environ.get("PINS") or "transactor",
        clk_cycle_limit=CLK_CYCLE_LIMIT,
    )
    request = RunRequest(
        module=scenario.__module__,
        function=scenario.__name__,
        name=name,
        out=str(ROOT / "out" / "test" / re.sub(r"[^\w.-]+", "_", name)),
        settings=dataclasses.replace(bench, **settings),
        options=options or {},
        waves=waves_window(os.environ.get("WAVES") or "0"),
    )
    where = f"records in {os.path.relpath(request.out)}; repeat with: make test K='{name}' SEED={seed} WAVES=1"
    try:
        result = run_scenario(request)
    except ScenarioFailed as failure:
        pytest.fail(f"{failure.detail}\n{where}", pytrace=False)
    except SimulatorError as error:
        pytest.fail(f"{error}\n{where}", pytrace=False)
    if request.settings.monitors:
        lines = (result.out / "simulator.log").read_text(errors="replace").splitlines()
        breaches = [line for line in lines if line.startswith("MONITOR ")]
        if breaches:
            pytest.fail("\n".join(["rules of the card's buses were broken:", *breaches[:20], where]), pytrace=False)
    if dissected:
        found = dissect.problems(result.out / "wire.pcapng")
        if found:
            pytest.fail("\n".join(["the card transmitted:", *found, where]), pytrace=False)
    return result
