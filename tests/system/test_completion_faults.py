"""The whole card when the host answers a read wrongly or not at all: what counts it, and that the card goes on."""

from __future__ import annotations

import os

import pytest

from models.host.pcie_completer import WITHOUT_ANSWER, Fault
from tests.system.bare_card import run_on_bare_card

pytestmark = pytest.mark.skipif(os.environ.get("CARD") == "model", reason="the functional model sends no TLPs")
ANSWERED = [fault.name for fault in Fault if fault not in WITHOUT_ANSWER and fault is not Fault.REPEATED]


def test_every_user_of_the_host_bus_survives_a_read_that_goes_wrong(seed: int) -> None:
    run_on_bare_card("tests.system.completion_faults", "every_user", {"faults": ANSWERED, "seed": seed})


def test_every_user_of_the_host_bus_survives_a_read_without_an_answer(seed: int) -> None:
    run_on_bare_card("tests.system.completion_faults", "every_user", {"faults": ["LOST"], "seed": seed})


@pytest.mark.nightly
@pytest.mark.parametrize("monitors", [False, True])
def test_every_fault_at_every_user(monitors: bool, seed: int) -> None:
    faults = [*ANSWERED, *(fault.name for fault in WITHOUT_ANSWER)] * 3
    options = {"faults": sorted(faults), "seed": seed}
    run_on_bare_card("tests.system.completion_faults", "every_user", options, card="verilator", monitors=monitors)
