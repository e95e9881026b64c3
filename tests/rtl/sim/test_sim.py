"""What stands around the card in a simulation: stoppable clocks, and the driver of the firmware port."""

import pytest

from tests.rtl.runner import run_bench


@pytest.mark.parametrize(
    ("period_fs", "phase_ps"), [(16_000_000, 0), (8_000_000, 1000), (7_999_200, 2346), (8_000_801, 10)]
)
def test_a_stopped_clock_starts_again_on_its_grid(period_fs: int, phase_ps: int) -> None:
    run_bench(
        "stoppable_clock",
        ["hdl/sim/stoppable_clock.v"],
        "bench_stoppable_clock",
        parameters={"PERIOD_FS": period_fs, "PHASE_PS": phase_ps},
    )


def test_firmware_accesses_of_any_address_and_length_cross_once() -> None:
    run_bench(
        "firmware_port_harness",
        ["hdl/sim/firmware_port_driver.v", "hdl/sim/axi_monitor.v", "tests/rtl/sim/firmware_port_harness.v"],
        "bench_firmware_port_driver",
    )


def test_frames_cross_the_gmii_transactor_whole_and_in_chunks() -> None:
    run_bench("gmii_transactor", ["hdl/sim/gmii_transactor.v"], "bench_gmii_transactor", parameters={"CHUNK_BYTES": 64})


def test_tlps_are_played_in_order_and_in_time() -> None:
    run_bench(
        "tlp_player_harness",
        ["hdl/sim/tlp_player.v", "hdl/sim/axis_monitor.v", "tests/rtl/sim/tlp_player_harness.v"],
        "bench_tlp_player",
        parameters={"PUSH_BEATS": 20, "USER_WIDTH": 75, "SOF_BIT": 32},
    )


def test_tlps_are_gathered_whole() -> None:
    run_bench(
        "tlp_gatherer_harness",
        ["hdl/sim/tlp_gatherer.v", "hdl/sim/axis_monitor.v", "tests/rtl/sim/tlp_gatherer_harness.v"],
        "bench_tlp_gatherer",
        parameters={"PAYLOAD_BYTES": 64, "USER_WIDTH": 62},
    )
