"""Causes, timers and throttle of the Ethernet controller's interrupt."""

import pytest

from tests.rtl.runner import run_bench


def _moderation(seed: int, clocks: int, transparent: bool) -> None:
    run_bench(
        "interrupt_moderation",
        ["hdl/ethernet/interrupt_moderation.v"],
        "bench_interrupt_moderation",
        parameters={"UNIT_CYCLES": 1},
        seed=seed,
        defines={"CLOCK_GATES_TRANSPARENT": 1} if transparent else None,
        # Python drives the pins: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(clocks), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )


@pytest.mark.parametrize("transparent", [False, True], ids=["gated", "transparent"])
def test_interrupt_moderation(transparent: bool, seed: int) -> None:
    _moderation(seed, 3000, transparent)


@pytest.mark.nightly
def test_ten_thousand_clocks_of_interrupt_moderation(seed: int) -> None:
    _moderation(seed, 10_000, False)
