"""pci_bridge against cocotbext-pcie's root complex and UltraScale+ block."""

import pytest

from tests.rtl.runner import run_bench

SOURCES = [
    "hdl/lib/sync_fifo.v",
    "hdl/pci_bridge/rq_framer.v",
    "hdl/pci_bridge/rc_deframer.v",
    "hdl/pci_bridge/cq_deframer.v",
    "hdl/pci_bridge/cc_framer.v",
    "hdl/pci_bridge/pci_order_gate.v",
    "hdl/pci_bridge/pci_write_engine.v",
    "hdl/pci_bridge/pci_read_engine.v",
    "hdl/pci_bridge/pci_target.v",
    "hdl/pci_bridge/pci_function_reset.v",
    "hdl/pci_bridge/pci_intx.v",
    "hdl/pci_bridge/pci_msi.v",
    "hdl/pci_bridge/pci_bridge_registers.v",
    "hdl/pci_bridge/pci_bridge.v",
    "hdl/sim/stall.v",
    "hdl/sim/axi_stall.v",
    "hdl/sim/axi_monitor.v",
    "hdl/sim/axil_monitor.v",
    "hdl/sim/pcie_stream_monitor.v",
    "tests/rtl/pci_bridge/pci_bridge_harness.v",
]


@pytest.mark.parametrize(
    ("payload", "read_request", "queue_sets", "more"),
    [(128, 512, 2, 0), (256, 128, 1, 1), pytest.param(512, 4096, 2, 2, marks=pytest.mark.nightly)],
)
def test_pci_bridge(payload: int, read_request: int, queue_sets: int, more: int, seed: int) -> None:
    run_bench(
        "pci_bridge_harness",
        SOURCES,
        "bench_pci_bridge",
        parameters={"QUEUE_SETS": queue_sets},
        seed=seed + more,
        # Python drives pins at the clock edge here: its writes must not take effect within the edge.
        environment={
            "MAX_PAYLOAD": str(payload),
            "MAX_READ_REQUEST": str(read_request),
            "COCOTB_TRUST_INERTIAL_WRITES": "0",
        },
    )


def _streams(bench: str, payload: int, read_request: int, seed: int, operations: int, queue_sets: int = 2) -> None:
    run_bench(
        "pci_bridge_harness",
        SOURCES,
        bench,
        parameters={"QUEUE_SETS": queue_sets},
        seed=seed,
        environment={
            "MAX_PAYLOAD": str(payload),
            "MAX_READ_REQUEST": str(read_request),
            "OPERATIONS": str(operations),
            "COCOTB_TRUST_INERTIAL_WRITES": "0",
        },
    )


@pytest.mark.parametrize(
    ("payload", "read_request", "more"), [pytest.param(128, 128, 0, marks=pytest.mark.nightly), (256, 512, 1)]
)
def test_faults_of_the_completer_and_starved_credits(payload: int, read_request: int, more: int, seed: int) -> None:
    _streams("bench_pci_faults", payload, read_request, seed + more, 200)


@pytest.mark.parametrize(
    ("payload", "queue_sets", "more"),
    [pytest.param(128, 2, 0, marks=pytest.mark.nightly), (256, 1, 1), (512, 2, 2)],
)
def test_requests_of_the_host_interrupts_and_resets(payload: int, queue_sets: int, more: int, seed: int) -> None:
    _streams("bench_pci_target", payload, 512, seed + more, 200, queue_sets)


@pytest.mark.parametrize(("payload", "more"), [(128, 0), (256, 1)])
def test_posted_requests_of_the_host_pass_those_that_wait(payload: int, more: int, seed: int) -> None:
    _streams("bench_pci_ordering", payload, 512, seed + more, 100)


@pytest.mark.parametrize("payload", [128, 512])
def test_what_was_given_up_is_not_taken_for_what_came_after(payload: int, seed: int) -> None:
    _streams("bench_pci_recovery", payload, 512, seed, 100)


@pytest.mark.nightly
def test_ten_thousand_writes_of_the_host_behind_reads_that_wait(seed: int) -> None:
    _streams("bench_pci_ordering", 256, 512, seed, 10_000)


@pytest.mark.nightly
def test_ten_thousand_requests_of_the_host(seed: int) -> None:
    _streams("bench_pci_target", 256, 512, seed, 10_000)


@pytest.mark.nightly
def test_ten_thousand_operations_at_a_faulty_completer(seed: int) -> None:
    _streams("bench_pci_faults", 256, 512, seed, 10_000)
