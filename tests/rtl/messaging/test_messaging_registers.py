"""messaging_unit's registers from both sides, and queues in memory that answers with errors."""

import pytest

from tests.rtl.messaging.test_messaging import SOURCES
from tests.rtl.runner import run_bench


@pytest.mark.parametrize("seed", [0, 1], indirect=True)
def test_messaging_registers(seed: int) -> None:
    run_bench(
        "messaging_harness",
        SOURCES,
        "bench_messaging_registers",
        seed=seed,
        # Python drives pins at the clock edge here: its writes must not take effect within the edge.
        environment={"OPERATIONS": "0", "COCOTB_TRUST_INERTIAL_WRITES": "0"},
    )
