"""The join of the two interrupt levels of the TOE's host side."""

import pytest

from tests.rtl.runner import run_bench


def _join(seed: int, operations: int, transparent: bool) -> None:
    run_bench(
        "interrupt_join",
        ["hdl/pci_bridge/interrupt_join.v"],
        "bench_interrupt_join",
        seed=seed,
        defines={"CLOCK_GATES_TRANSPARENT": 1} if transparent else None,
        # Python drives the levels: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(operations), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )


@pytest.mark.parametrize("transparent", [False, True], ids=["gated", "transparent"])
def test_interrupt_join(transparent: bool, seed: int) -> None:
    _join(seed, 1000, transparent)


@pytest.mark.nightly
def test_ten_thousand_changes_of_interrupts(seed: int) -> None:
    _join(seed, 10_000, False)
