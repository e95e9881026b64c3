"""`make protocol-speed` carries what it says it carries, and tells what it was given wrongly."""

import json
from pathlib import Path

import pytest

from bench.protocol_speed.__main__ import main
from bench.protocol_speed.workloads import LOST_EACH, REQUEST_BYTES, run


def test_every_workload_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["SEGMENTS=300", "RUNS=1", "PROFILE=1", f"OUT={tmp_path}"]) == 0
    rows = json.loads((tmp_path / "protocol_speed.json").read_text())
    assert [row["workload"] for row in rows] == ["stream", "losses", "requests"]
    for row in rows:
        assert row["segments"] >= 300 and row["segments_per_s"] > 0
        assert row["profile"]["functions"]
    told = capsys.readouterr().out
    for row in rows:
        assert f"{row['workload']}: {row['segments_per_s']:,} segments a second" in told


def test_a_stream_is_full_segments_and_an_ack_for_every_other() -> None:
    measured = run("stream", 3000)
    acks = measured.segments - measured.data_segments
    assert measured.retransmissions == 0
    assert measured.payload_bytes > 1400 * measured.data_segments
    assert 0.4 < acks / measured.data_segments < 0.6


def test_lost_segments_are_sent_again() -> None:
    measured = run("losses", 3000)
    assert measured.retransmissions >= measured.data_segments // LOST_EACH - 1


def test_a_response_carries_the_acknowledgment_of_its_request() -> None:
    measured = run("requests", 200)
    assert measured.payload_bytes == REQUEST_BYTES * measured.data_segments
    assert measured.segments == measured.data_segments


def test_the_same_run_sends_the_same_segments() -> None:
    one, other = run("losses", 1000), run("losses", 1000)
    assert (one.segments, one.simulated_ns) == (other.segments, other.simulated_ns)


@pytest.mark.parametrize("word", ["SEGMENTS=0", "SEGMENTS=x", "WORKLOADS=,", "PROFILE=2", "LOSS=1"])
def test_a_wrong_option_gives_one_line(word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word, f"OUT={tmp_path}"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
