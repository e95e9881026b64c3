"""Poisoned and refused register accesses through the PCI bridge, and its own registers."""

import pytest

from tests.rtl.pci_bridge.test_pci_bridge import SOURCES
from tests.rtl.runner import run_bench


@pytest.mark.parametrize("more", [0, 1])
def test_registers_behind_and_of_the_bridge(more: int, seed: int) -> None:
    run_bench(
        "pci_bridge_harness",
        SOURCES,
        "bench_pci_registers",
        seed=seed + more,
        environment={"COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )
