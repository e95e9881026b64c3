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
    run(wr_half, rd_half, phase, 200)


@pytest.mark.nightly
@pytest.mark.parametrize("phase", [0, 1234, 5678])
@pytest.mark.parametrize(("wr_half", "rd_half"), [(4000, 8000), (8000, 4000), (4000, 4001), (8000, 3999)])
def test_fifos_with_ten_thousand_words(wr_half: int, rd_half: int, phase: int) -> None:
    run(wr_half, rd_half, phase, 10_000)


def run(wr_half: int, rd_half: int, phase: int, words: int) -> None:
    parameters = {"WR_HALF": wr_half, "RD_HALF": rd_half, "PHASE": phase}
    run_bench("fifos_harness", SOURCES, "bench_fifos", parameters=parameters, environment={"WORDS": str(words)})
