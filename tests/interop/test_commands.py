"""`make sim PEER=` and `make peers`: a mistake gets one line, and what went wrong is not passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.peers import __main__ as peers
from bench.peers import contest, matrix
from models import simulate
from models.network import availability
from models.network.linux import image
from models.network.linux.guest_process import GuestError
from models.network.lwip import library
from setup import environment
from tests.interop.carry import needs_lwip


@pytest.mark.parametrize(
    ("words", "tells"),
    [
        (["PEER=nobody"], "PEER=nobody: must be one of simulated, lwip, linux, card, tap, or replay:file.pcapng"),
        (["PEER=replay"], "PEER=replay: must be one of"),
        (["PEER=replay:"], "PEER=replay:"),
        (["PEER=tap"], "PEER=tap: this machine has no sockets for file_transfer"),
        (["PEER=replay:no/such.pcapng"], "PEER=replay:no/such.pcapng: No such file or directory"),
        (["PEER=replay:x\ny"], "PEER=replay:x"),
        (["PEER=replay:x", "LOSS=0.1"], "LOSS=0.1: what the link did is in the recording"),
        (["PEER=replay:x", "DELAY_US=3"], "DELAY_US=3: what the link did is in the recording"),
    ],
    ids=lambda value: value[0].encode("unicode_escape").decode() if isinstance(value, list) else "",
)
def test_a_peer_that_cannot_be_had_gives_one_line(
    words: list[str], tells: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate.main([*words, "CARD=model", f"OUT={tmp_path}"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"make sim: {tells}") and len(shown.splitlines()) == 1


def test_without_lwip_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(library, "INCLUDE", tmp_path)
    assert simulate.main(["PEER=lwip", f"OUT={tmp_path}"]) == 2
    shown = capsys.readouterr().err
    assert shown == "make sim: PEER=lwip: the library lwIP with its headers missing: " \
        f"apt-get install {library.PACKAGES}\n"


def test_without_the_linux_kernel_one_line_says_how_to_build_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert simulate.main(["PEER=linux", f"OUT={tmp_path}"]) == 2
    assert capsys.readouterr().err == "make sim: PEER=linux: its kernel is not built yet: make linux-peer\n"
    for words in (["PEERS=linux"], ["EXPERIMENTS=loss"]):
        assert peers.main([*words, f"OUT={tmp_path}"]) == 2
        shown = capsys.readouterr().err
        assert shown.endswith("its kernel is not built yet: make linux-peer\n") and len(shown.splitlines()) == 1
    words = ["DIRECTIONS=send", "IMPAIRMENTS=none", "BYTES=10", f"OUT={tmp_path}"]
    assert peers.main(words) == 0, "what is there is run by default"
    assert image.COMMAND in capsys.readouterr().out


def test_a_guest_that_fails_beside_hl_tcp_gives_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise GuestError("the guest hangs\nlast words")

    monkeypatch.setattr(availability, "why_not", lambda peer: "")
    monkeypatch.setattr(contest, "line_rate", fails)
    assert peers.main(["EXPERIMENTS=line_rate", f"OUT={tmp_path}"]) == 1
    assert capsys.readouterr().err == "make peers: beside Linux: the guest hangs\n"


def test_the_source_that_set_up_installs_is_the_one_that_is_built() -> None:
    assert environment.LINUX_SOURCE == image.SOURCE_PACKAGE


def test_a_replay_does_not_overwrite_its_recording_and_tells_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_bytes(bytes(3000))
    other.write_bytes(bytes(2999) + b"x")
    words = ["CARD=model", f"FILE={file}"]
    assert simulate.main([*words, f"OUT={tmp_path / 'one'}"]) == 0
    recording = tmp_path / "one" / "wire.pcapng"
    capsys.readouterr()
    assert simulate.main([*words, f"PEER=replay:{recording}", f"OUT={tmp_path / 'one'}"]) == 2
    assert "give another OUT=" in capsys.readouterr().err and recording.exists()
    words = ["CARD=model", f"PEER=replay:{recording}", f"OUT={tmp_path / 'two'}"]
    assert simulate.main([*words, "DIRECTION=receive"]) == 2
    assert "DIRECTION=receive: no connection of the recording is opened by the peer" in capsys.readouterr().err
    assert simulate.main([*words, f"FILE={file}"]) == 0
    capsys.readouterr()
    assert simulate.main([*words, f"FILE={other}"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len([line for line in lines if "of the recording is TCP" in line]) == 1
    assert lines[-1] == "make sim: 1 differences from the recording"


@needs_lwip
def test_the_matrix_is_written_with_every_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["BYTES=20000", "SEED=3", "IMPAIRMENTS=none,loss", "EXPERIMENTS=transfer", f"OUT={tmp_path}"]
    assert peers.main(words) == 0
    rows = json.loads((tmp_path / "peers.json").read_text())
    available = [peer for peer in matrix.PEERS if availability.why_not(peer) is None]
    assert len(rows) == len(available) * 3 * 2 and all(row["intact"] and not row["failure"] for row in rows)
    assert {(row["bytes"], row["card"], row["seed"]) for row in rows} == {(20000, "model", 3)}
    assert all(row["goodput_mbps"] > 0 for row in rows)
    keys = {"peer", "card", "direction", "impairment", "bytes", "intact", "goodput_mbps", "retransmissions", "seed"}
    assert rows[0].keys() >= keys
    assert capsys.readouterr().err == ""


def test_a_cell_that_fails_ends_the_command_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(matrix.IMPAIRMENTS, "loss", {"loss": 2.0})
    words = ["EXPERIMENTS=transfer", "PEERS=simulated", "DIRECTIONS=send", "BYTES=1000", f"OUT={tmp_path}"]
    assert peers.main([*words, "IMPAIRMENTS=none,loss"]) == 1
    assert capsys.readouterr().err == "make peers: simulated send model loss: ValueError: loss 2.0 is no probability\n"
    assert [row["intact"] for row in json.loads((tmp_path / "peers.json").read_text())] == [True, False]


@pytest.mark.parametrize(
    ("words", "tells"),
    [
        (["PEERS=nobody"], "PEERS=nobody: 'nobody' is not one of simulated, lwip, linux, card, replay"),
        (["DIRECTIONS=up"], "DIRECTIONS=up: 'up' is not one of"),
        (["CARDS=paper"], "CARDS=paper: 'paper' is not one of"),
        (["IMPAIRMENTS=rain"], "IMPAIRMENTS=rain: 'rain' is not one of"),
        (["BYTES=many"], "BYTES=many: must be a whole number"),
        (["BYTES=99999999999"], "BYTES=99999999999: at most"),
        (["SEED=-1"], "SEED=-1: must be a whole number"),
        (["EXPERIMENTS=chemistry"], "EXPERIMENTS=chemistry: 'chemistry' is not one of transfer, line_rate"),
        (["SEEDS=few"], "SEEDS=few: must be a whole number"),
        (["OUT=Makefile/below", "PEERS=card"], ""),
        (["PEER=lwip"], "no option 'PEER=lwip'"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_bad_option_of_the_matrix_gives_one_line(
    words: list[str], tells: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    assert peers.main(words) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"make peers: {tells}") and len(shown.splitlines()) == 1


