"""Statistics of the Ethernet controller."""

import pytest

from tests.rtl.runner import run_bench


def _statistics(seed: int, clocks: int, transparent: bool = False) -> None:
    run_bench(
        "ethernet_statistics",
        ["hdl/ethernet/ethernet_statistics.v"],
        "bench_ethernet_statistics",
        seed=seed,
        defines={"CLOCK_GATES_TRANSPARENT": 1} if transparent else None,
        # Python drives the pins: its writes must not take effect within the edge.
        environment={"OPERATIONS": str(clocks), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )


@pytest.mark.parametrize("transparent", [False, True], ids=["gated", "transparent"])
def test_ethernet_statistics(transparent: bool, seed: int) -> None:
    _statistics(seed, 2000, transparent)


@pytest.mark.nightly
def test_ten_thousand_clocks_of_ethernet_statistics(seed: int) -> None:
    _statistics(seed, 10_000)
