"""A breach that a protocol monitor reports fails a bench that does not look at the monitor."""

import pytest

from tests.rtl.runner import run_bench

KINDS = ("axi", "axil", "axis", "pcie_stream")


def run(breach: int) -> None:
    monitors = [f"hdl/sim/{kind}_monitor.v" for kind in KINDS]
    run_bench(
        "breach_harness",
        [*monitors, "tests/rtl/sim/breach_harness.v"],
        "bench_breach",
        parameters={"BREACH": breach},
        includes=(),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_breach_fails_the_bench(kind: str) -> None:
    with pytest.raises(AssertionError, match=rf"MONITOR breach_harness\.{kind}\S* at \d+ ps: .*changed while waiting"):
        run(1 << KINDS.index(kind))


def test_without_a_breach_the_same_bench_passes() -> None:
    run(0)
