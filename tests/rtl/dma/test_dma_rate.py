"""The DMA controller at line rate, in the whole card and through the streams of its PCI bridge."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rtl.runner import ROOT, run_bench

SOURCES = [
    *(line for line in Path(ROOT / "hdl/card.f").read_text().splitlines() if line and not line.startswith("//")),
    *(f"hdl/sim/{kind}_monitor.v" for kind in ("axi", "axil", "axis", "pcie_stream")),
    "hdl/sim/card_monitors.v",
    "hdl/sim/interconnect_monitors.v",
    "hdl/sim/firmware_port_driver.v",
    "tests/rtl/dma/pcie_host_memory.v",
    "tests/rtl/dma/dma_rate_harness.v",
]


LARGEST = "65536"
ALL = " ".join(str(64 << n) for n in range(11))
"""64 B to 64 KiB."""


def measure(paced: int, latency: int, payload: int, read_request: int, sizes: str, copies: int) -> str:
    """Run the bench; returns its table of rates."""
    name = f"{'link' if paced else 'streams'}_latency_{latency}_payload_{payload}_request_{read_request}.txt"
    table = ROOT / "out" / "test" / "dma_rate" / name
    run_bench(
        "dma_rate_harness",
        SOURCES,
        "bench_dma_rate",
        parameters={
            "PACED": paced,
            "LATENCY": latency,
            "MAX_PAYLOAD": payload.bit_length() - 8,
            "MAX_READ_REQUEST": read_request.bit_length() - 8,
        },
        environment={
            "PACED": str(paced),
            "LATENCY": str(latency),
            "PAYLOAD": str(payload),
            "READ_REQUEST": str(read_request),
            "SIZES": sizes,
            "COPIES": str(copies),
            "TABLE": str(table),
        },
    )
    return table.read_text()


@pytest.mark.parametrize(("paced", "sizes"), [(1, ALL), (0, LARGEST)], ids=["link", "streams"])
def test_dma_moves_64_kib_blocks_within_5_percent_of_the_limit(
    paced: int, sizes: str, record_property: Callable[[str, object], None]
) -> None:
    table = measure(paced, latency=30, payload=256, read_request=512, sizes=sizes, copies=2)
    record_property("measured", table)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("paced", "latency", "payload", "read_request"),
    [(0, 30, 256, 512), (1, 100, 256, 512), (1, 30, 128, 512), (1, 30, 512, 4096), (1, 30, 256, 256)],
)
def test_dma_rates_with_other_hosts(
    paced: int, latency: int, payload: int, read_request: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("measured", measure(paced, latency, payload, read_request, sizes=ALL, copies=300))
