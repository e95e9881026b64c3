"""ethernet_host_queues in the controller: the host's queue set beside the firmware's."""

from __future__ import annotations

import pytest

from tests.rtl.ethernet.test_ethernet import SOURCES
from tests.rtl.runner import run_bench


@pytest.mark.parametrize(
    ("more", "operations"),
    [(0, 40), *(pytest.param(*each, marks=pytest.mark.nightly) for each in ((1, 40), (2, 10_000)))],
)
def test_host_queues(more: int, operations: int, seed: int) -> None:
    seed += more
    run_bench(
        "ethernet_harness",
        SOURCES,
        "bench_host_queues",
        parameters={"QUEUE_SETS": 2},
        seed=seed,
        plusargs=[f"+seed={seed}"],
        defines={"CLOCK_GATES_TRANSPARENT": 1} if more == 1 else None,
        environment={"OPERATIONS": str(operations)},
    )
