"""The Ethernet controller against a memory with latency and pauses, and whole frames on GMII."""

from __future__ import annotations

from typing import Any

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


NIGHTLY_SEED = pytest.param(1, marks=pytest.mark.nightly)


@pytest.mark.parametrize("more", [0, NIGHTLY_SEED])
def test_ethernet_transmit(more: int, seed: int) -> None:
    _run("bench_ethernet_transmit", seed + more)


@pytest.mark.parametrize(
    ("more", "phase", "half_period"), [(0, 1234, 4001), pytest.param(1, 3999, 3999, marks=pytest.mark.nightly)]
)
def test_ethernet_receive(more: int, phase: int, half_period: int, seed: int) -> None:
    _run("bench_ethernet_receive", seed + more, parameters={"RX_PHASE": phase, "RX_HALF_PERIOD": half_period})


@pytest.mark.parametrize("more", [0, NIGHTLY_SEED])
def test_ethernet_features(more: int, seed: int) -> None:
    _run("bench_ethernet_features", seed + more, defines={"CLOCK_GATES_TRANSPARENT": 1} if more else None)


def test_ethernet_frames_of_33_kib(seed: int) -> None:
    parameters = {"MAX_FRAME_BYTES": 33792, "LONGEST": 34000, "TX_BUFFER_BYTES": 65536, "RX_BUFFER_BYTES": 65536}
    _run("bench_ethernet_features", seed, parameters=parameters, testcase="the_longest_frame_passes_both_ways")


@pytest.mark.parametrize(
    ("more", "operations", "phase"),
    [
        (0, 60, 1234),
        pytest.param(1, 200, 3999, marks=pytest.mark.nightly, id="transparent"),
        pytest.param(2, 10_000, 2500, marks=pytest.mark.nightly),
    ],
)
def test_random_sends_and_arrivals(more: int, operations: int, phase: int, seed: int) -> None:
    _run(
        "bench_ethernet_random",
        seed + more,
        parameters={"MAX_FRAME_BYTES": 1536, "LONGEST": 1600, "RX_PHASE": phase},
        defines={"CLOCK_GATES_TRANSPARENT": 1} if more == 1 else None,
        environment={"OPERATIONS": str(operations)},
    )


def _run(bench: str, seed: int, **settings: Any) -> None:
    run_bench("ethernet_harness", SOURCES, bench, seed=seed, plusargs=[f"+seed={seed}"], **settings)


@pytest.mark.parametrize(
    ("more", "frames"),
    [(0, 400), *(pytest.param(*each, marks=pytest.mark.nightly) for each in ((1, 400), (2, 400), (3, 5000)))],
)
def test_merger_and_steering_of_two_queue_sets(more: int, frames: int, seed: int) -> None:
    sources = [f"hdl/ethernet/{name}.v" for name in ("transmit_merger", "receive_steering", "steering_rule")]
    run_bench(
        "queue_join_harness",
        [*sources, "hdl/sim/axis_monitor.v", "tests/rtl/ethernet/queue_join_harness.v"],
        "bench_queue_join",
        seed=seed + more,
        defines={"CLOCK_GATES_TRANSPARENT": 1} if more == 1 else None,
        environment={"OPERATIONS": str(frames)},
    )
