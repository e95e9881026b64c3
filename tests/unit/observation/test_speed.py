"""`make speed` measures each workload and tells what it was given wrongly."""

import json
from pathlib import Path

import pytest

from bench.speed.__main__ import main

KEYS = {
    "card", "pins", "workload", "payload_bytes", "packets", "process_s", "wall_s", "bytes_per_s", "packets_per_s",
    "simulated_ns_per_s", "peak_rss_mb", "simulated_mbps",
}  # fmt: skip


def test_every_workload_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["CARDS=model", "BYTES=20000", "REQUESTS=3", "RUNS=1", "PROFILE=1", f"OUT={tmp_path}"]
    assert main(words) == 0
    rows = json.loads((tmp_path / "speed.json").read_text())
    assert [(row["card"], row["pins"], row["workload"], row["payload_bytes"]) for row in rows] == [
        ("model", "none", "send", 20_000),
        ("model", "none", "receive", 20_000),
        ("model", "none", "requests", 384),
    ]
    for row in rows:
        assert row.keys() >= KEYS
        assert all(row[key] > 0 for key in KEYS - {"card", "pins", "workload"})
        assert row["profile"]["seconds"]["functional model"] > 0
    assert "functional model" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["CARDS=brick", "WORKLOADS=,", "BYTES=0", "BYTES=x", "PROFILE=2", "LOSS=1"])
def test_a_wrong_option_gives_one_line(word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word, f"OUT={tmp_path}"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
