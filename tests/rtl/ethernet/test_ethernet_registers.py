"""The Ethernet controller's registers and tables, PHY and EEPROM, seen by software."""

from __future__ import annotations

import pytest

from tests.rtl.ethernet.test_ethernet import NIGHTLY_SEED, SOURCES
from tests.rtl.runner import run_bench


@pytest.mark.parametrize("more", [0, NIGHTLY_SEED])
def test_ethernet_registers(more: int, seed: int) -> None:
    seed += more
    run_bench("ethernet_harness", SOURCES, "bench_ethernet_registers", seed=seed, plusargs=[f"+seed={seed}"])
