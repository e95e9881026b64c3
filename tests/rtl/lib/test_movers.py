"""axi_read_mover and axi_write_mover: data, errors and rate."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/lib/sync_fifo.v",
    "hdl/lib/axi_read_mover.v",
    "hdl/lib/axi_write_mover.v",
    "hdl/memory/card_memory.v",
    "hdl/sim/stall.v",
    "hdl/sim/axi_stall.v",
    "hdl/sim/axi_monitor.v",
    "hdl/sim/axis_monitor.v",
    "tests/rtl/lib/movers_harness.v",
]


def run(burst: int, buffer: int, latency: int, rounds: int = 1) -> None:
    run_bench(
        "movers_harness",
        SOURCES,
        "bench_movers",
        parameters={"MAX_BURST_BYTES": burst, "BUFFER_BYTES": buffer, "READ_LATENCY": latency},
        environment={"MAX_BURST_BYTES": str(burst), "READ_LATENCY": str(latency), "ROUNDS": str(rounds)},
    )


@pytest.mark.parametrize(("burst", "buffer", "latency"), [(512, 2048, 0), (128, 1024, 60), (2048, 4096, 0)])
def test_movers(burst: int, buffer: int, latency: int) -> None:
    run(burst, buffer, latency)


@pytest.mark.nightly
def test_movers_with_ten_thousand_packets() -> None:
    run(512, 2048, 20, rounds=34)
