"""The Ethernet controller against a memory with latency and pauses, and whole frames on GMII."""

from __future__ import annotations

import pytest

from tests.rtl.runner import ROOT, run_bench

SOURCES = [
    *sorted(path.relative_to(ROOT) for path in (ROOT / "hdl" / "ethernet").glob("*.v")),
    *(f"hdl/lib/{name}.v" for name in ("async_fifo", "sync_fifo", "synchronizer", "axi_read_mover", "axi_write_mover")),
    *(f"hdl/sim/{name}_monitor.v" for name in ("axi", "axi_pair", "axil", "axis")),
    "hdl/bus/axil_select.v",
    "hdl/bus/axi_pair.v",
    "tests/rtl/ethernet/axi_memory_port.v",
    "tests/rtl/ethernet/register_port.v",
    "tests/rtl/ethernet/ethernet_harness.v",
]


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_ethernet_transmit(seed: int) -> None:
    run_bench("ethernet_harness", SOURCES, "bench_ethernet_transmit", seed=seed, plusargs=[f"+seed={seed}"])


@pytest.mark.parametrize(
    ("seed", "phase", "half_period"), [(1, 1234, 4001), pytest.param(2, 3999, 3999, marks=pytest.mark.nightly)]
)
def test_ethernet_receive(seed: int, phase: int, half_period: int) -> None:
    parameters = {"RX_PHASE": phase, "RX_HALF_PERIOD": half_period}
    run_bench(
        "ethernet_harness",
        SOURCES,
        "bench_ethernet_receive",
        parameters=parameters,
        seed=seed,
        plusargs=[f"+seed={seed}"],
    )


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_ethernet_features(seed: int) -> None:
    run_bench(
        "ethernet_harness",
        SOURCES,
        "bench_ethernet_features",
        seed=seed,
        plusargs=[f"+seed={seed}"],
        defines={"CLOCK_GATES_TRANSPARENT": 1} if seed == 2 else None,
    )


def test_ethernet_frames_of_33_kib() -> None:
    run_bench(
        "ethernet_harness",
        SOURCES,
        "bench_ethernet_features",
        parameters={
            "MAX_FRAME_BYTES": 33792,
            "LONGEST": 34000,
            "TX_BUFFER_BYTES": 65536,
            "RX_BUFFER_BYTES": 65536,
        },
        testcase="the_longest_frame_passes_both_ways",
    )


@pytest.mark.parametrize(
    ("seed", "frames"),
    [(1, 400), *(pytest.param(*each, marks=pytest.mark.nightly) for each in ((2, 400), (3, 400), (4, 3400)))],
)
def test_merger_and_steering_of_two_queue_sets(seed: int, frames: int) -> None:
    sources = [f"hdl/ethernet/{name}.v" for name in ("transmit_merger", "receive_steering", "steering_rule")]
    run_bench(
        "queue_join_harness",
        [*sources, "hdl/sim/axis_monitor.v", "tests/rtl/ethernet/queue_join_harness.v"],
        "bench_queue_join",
        seed=seed,
        defines={"CLOCK_GATES_TRANSPARENT": 1} if seed == 2 else None,
        environment={"OPERATIONS": str(frames)},
    )
