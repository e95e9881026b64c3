"""summary.json and run.json: keys, stable text, the readable table."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from models.observation.summary import Summary, goodput_mbps, print_values, write_run, write_summary

EXAMPLE = Summary(
    scenario="file",
    seed=1,
    card="icarus",
    file_bytes=65536,
    sha256_sent="ab" * 32,
    sha256_received="ab" * 32,
    simulated_ns=1_234_567,
    goodput_mbps=424.67890123,
    frames_sent=50,
    frames_received=26,
    retransmissions=0,
    host_cpu_percent=12.34567,
    bus_beats={"Ethernet data": 8192, "firmware": 0},
    dropped={"bad FCS": 0, "ring full": 2},
    details={"latency_us": {"mean": 1.23456}},
)


def test_the_file_holds_every_value_in_a_fixed_order_and_rounded(tmp_path: Path) -> None:
    write_summary(tmp_path / "summary.json", EXAMPLE)
    values = json.loads((tmp_path / "summary.json").read_text())
    assert list(values) == [
        "scenario",
        "seed",
        "card",
        "file_bytes",
        "sha256_sent",
        "sha256_received",
        "simulated_ns",
        "goodput_mbps",
        "frames_sent",
        "frames_received",
        "retransmissions",
        "host_cpu_percent",
        "bus_beats",
        "dropped",
        "latency_us",
    ]
    assert values["goodput_mbps"] == 424.679
    assert values["latency_us"] == {"mean": 1.235}
    assert values["bus_beats"] == {"Ethernet data": 8192, "firmware": 0}


def test_a_value_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="seed"):
        replace(EXAMPLE, details={"seed": 2}).as_dict()


def test_wall_clock_goes_to_its_own_file(tmp_path: Path) -> None:
    write_run(tmp_path / "run.json", 12.34567, compile_seconds=3.0)
    assert json.loads((tmp_path / "run.json").read_text()) == {"wall_seconds": 12.346, "compile_seconds": 3.0}


def test_goodput_is_payload_bits_over_simulated_time() -> None:
    assert goodput_mbps(125_000, 1_000_000_000) == 1000.0
    assert goodput_mbps(0, 0) == 0.0


@pytest.mark.parametrize(("received", "verdict"), [("ab" * 32, "file: intact"), ("cd" * 32, "file: NOT INTACT")])
def test_the_table_says_whether_the_file_is_intact_and_shows_drops(received: str, verdict: str) -> None:
    stream = io.StringIO()
    print_values(replace(EXAMPLE, sha256_received=received).as_dict(), Console(file=stream, width=100))
    text = stream.getvalue()
    assert verdict in text
    assert "ring full 2" in text
    assert "bad FCS" not in text
    assert "424.679 Mbit/s" in text
    assert (received in text) is True
