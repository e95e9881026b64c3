"""sync_fifo and async_fifo at several clock ratios and phases."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/lib/synchronizer.v",
    "hdl/lib/sync_fifo.v",
    "hdl/lib/async_fifo.v",
    "tests/rtl/lib/fifos_harness.v",
]


@pytest.mark.parametrize(("wr_half", "rd_half", "phase"), [(4000, 8000, 0), (8000, 4000, 1234), (4000, 4001, 2500)])
def test_fifos(wr_half: int, rd_half: int, phase: int) -> None:
    parameters = {"WR_HALF": wr_half, "RD_HALF": rd_half, "PHASE": phase}
    run_bench("fifos_harness", SOURCES, "bench_fifos", parameters=parameters)
