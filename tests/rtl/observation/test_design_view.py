"""The waveform view finds state machines and handshakes in a running design by itself."""

from tests.rtl.runner import run_bench


def test_waveform_view_of_a_running_design() -> None:
    run_bench("example_design", ["tests/rtl/observation/example_design.v"], "bench_design_view", includes=())
