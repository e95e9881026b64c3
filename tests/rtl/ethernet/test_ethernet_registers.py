"""The Ethernet controller's registers and tables, PHY and EEPROM, seen by software."""

from __future__ import annotations

import pytest

from tests.rtl.ethernet.test_ethernet import SOURCES
from tests.rtl.runner import run_bench


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_ethernet_registers(seed: int) -> None:
    run_bench("ethernet_harness", SOURCES, "bench_ethernet_registers", seed=seed, plusargs=[f"+seed={seed}"])
