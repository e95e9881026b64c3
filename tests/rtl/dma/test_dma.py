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
    "hdl/sim/axil_monitor.v",
    "hdl/sim/axis_monitor.v",
    "tests/rtl/dma/dma_harness.v",
]


def run(channels: int, latency: int, **options: str) -> None:
    run_bench(
        "dma_harness",
        SOURCES,
        "bench_dma",
        parameters={"CHANNELS": channels, "HOST_LATENCY": latency},
        environment={"CHANNELS": str(channels), "HOST_LATENCY": str(latency), **options},
    )


@pytest.mark.parametrize(("channels", "latency"), [(1, 0), (2, 60), pytest.param(1, 60, marks=pytest.mark.nightly)])
def test_dma(channels: int, latency: int) -> None:
    run(channels, latency)


@pytest.mark.nightly
@pytest.mark.parametrize(("channels", "latency"), [(1, 60), (2, 20)])
def test_dma_with_ten_thousand_descriptors(channels: int, latency: int) -> None:
    run(channels, latency, DESCRIPTORS_MOVED="10000")
