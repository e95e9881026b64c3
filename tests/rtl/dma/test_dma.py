"""The DMA controller: data, chains, errors, rate."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/lib/sync_fifo.v",
    "hdl/lib/axi_read_mover.v",
    "hdl/lib/axi_write_mover.v",
    "hdl/bus/axi_channels_decoder.v",
    "hdl/bus/axi_decoder.v",
    "hdl/bus/axi_pair.v",
    "hdl/memory/card_memory.v",
    "hdl/dma/dma_channel.v",
    "hdl/dma/dma_controller.v",
    "hdl/sim/stall.v",
    "hdl/sim/axi_stall.v",
    "hdl/sim/axi_monitor.v",
    "tests/rtl/dma/dma_harness.v",
]


@pytest.mark.parametrize(("channels", "latency"), [(1, 0), (2, 0), (1, 60)])
def test_dma(channels: int, latency: int) -> None:
    run_bench(
        "dma_harness",
        SOURCES,
        "bench_dma",
        parameters={"CHANNELS": channels, "HOST_LATENCY": latency},
        environment={"CHANNELS": str(channels), "HOST_LATENCY": str(latency)},
    )
