"""A run in which nothing happens any more ends, and says what everyone waits for."""

from __future__ import annotations

import os

import pytest

from models import kernel
from models.bench import Bench
from tests.system import on_card

MODEL = os.environ.get("CARD") == "model"


async def waits_for_ever(bench: Bench) -> None:
    await kernel.Event()


@pytest.mark.skipif(MODEL, reason="the functional model has no clocks")
def test_clocks_that_never_stop_end_a_hung_run_at_its_limit(seed, request):
    with pytest.raises(pytest.fail.Exception, match=r"waits_for_ever \(test_halts.py:\d+\)"):
        on_card.run(waits_for_ever, request.node.name, seed=seed, clocks_never_stop=True, clk_cycle_limit=20_000)


def test_a_run_in_which_nothing_is_pending_ends_and_says_where_each_task_waits(seed, request):
    with pytest.raises(pytest.fail.Exception, match=r"waits_for_ever \(test_halts.py:\d+\)"):
        on_card.run(waits_for_ever, request.node.name, seed=seed)
