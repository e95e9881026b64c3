"""axi_burst_limiter alone, with errors in any piece."""

import pytest

from tests.rtl.runner import run_bench


def _limit(beats: int, bursts: int, seed: int, transparent: bool = False) -> None:
    run_bench(
        "burst_limiter_harness",
        ["hdl/bus/axi_burst_limiter.v", "hdl/sim/axi_monitor.v", "tests/rtl/bus/burst_limiter_harness.v"],
        "bench_burst_limiter",
        parameters={"MAX_BEATS": beats},
        seed=seed,
        defines={"CLOCK_GATES_TRANSPARENT": 1} if transparent else None,
        # Python drives the pins: its writes must not take effect within the edge.
        environment={"MAX_BEATS": str(beats), "OPERATIONS": str(bursts), "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )


@pytest.mark.parametrize(("beats", "transparent"), [(4, False), (16, True)])
def test_burst_limiter(beats: int, transparent: bool, seed: int) -> None:
    _limit(beats, 15, seed, transparent)


@pytest.mark.nightly
def test_burst_limiter_with_ten_thousand_bursts(seed: int) -> None:
    _limit(8, 1250, seed)
