"""`make live`: programs of this machine reach the card, the run ends cleanly, and repeats exactly."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import random
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import live as command
from models import simulate
from models.network import namespace
from models.network.peer_checks import checksum_fault
from models.network.tap import recorded_frames
from models.observation import dissect
from tests.interop.live_run import BUILD_SECONDS, READY_SECONDS, STOP_SECONDS, LiveRun, environment, why_not
from tests.system.on_card import ROOT

NEEDS_COMPILER = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed: CARD=verilator needs it")
PICTURE = ROOT / "docs" / "pictures" / "three-ports.png"
FAMILIES = pytest.mark.parametrize(("host", "address"), [("10.0.0.1",) * 2, ("[fd00::1]", "fd00::1")], ids=["4", "6"])


needs_live = pytest.mark.usefixtures("permitted")
"""Set-up installs what is missing where it may; where that or a namespace is not permitted, tests are skipped."""


@pytest.fixture(scope="module")
def permitted() -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(f"live: {reason}")


@pytest.fixture(scope="module")
def live(permitted: None) -> Iterator[LiveRun]:
    """One run for the tests that only talk to it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with LiveRun(f"model-{worker}") as run:
        yield run
        run.stop()
        assert dissect.problems(run.out / "wire.pcapng") == []
        faults = [checksum_fault(frame) for _, frame in recorded_frames(run.out)]
        assert not any(faults), "Linux computes what a real interface of its would"


@needs_live
@FAMILIES
def test_ping(live: LiveRun, host: str, address: str) -> None:
    text = live.inside("ping", "-n", "-c", "3", "-i", "0.2", "-W", "10", address).decode()
    assert "3 received" in text and "DUP!" not in text


@needs_live
@FAMILIES
def test_ping_with_a_payload_that_takes_fragments(live: LiveRun, host: str, address: str) -> None:
    assert "1 received" in live.inside("ping", "-n", "-c", "1", "-W", "10", "-s", "4000", address).decode()


@needs_live
@FAMILIES
def test_curl_gets_a_page_and_a_file_on_one_connection(live: LiveRun, host: str, address: str) -> None:
    urls = [f"http://{host}/", f"http://{host}/three-ports.png"]
    shown = live.inside("curl", "-sS", "-m", "50", "-w", "%{num_connects} %{http_code}\n", "-o", "/dev/null", urls[0],
                        "-o", "/dev/null", urls[1]).decode()  # fmt: skip
    assert shown == "1 200\n0 200\n"
    assert live.inside("curl", "-sS", "-m", "50", urls[1]) == PICTURE.read_bytes()
    assert live.inside("curl", "-sS", "-m", "50", urls[0]).startswith(b"<!DOCTYPE html>")


@needs_live
@FAMILIES
def test_curl_posts_a_megabyte(live: LiveRun, host: str, address: str, seed: int) -> None:
    data = random.Random(seed).randbytes(1_000_000)
    words = ["--data-binary", "@-", "-H", "Expect: 100-continue", f"http://{host}/upload"]
    answer = live.inside("curl", "-sS", "-m", "50", *words, given=data)
    assert json.loads(answer) == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    answer = live.inside("curl", "-sS", "-m", "50", "-T", "-", "-X", "POST", f"http://{host}/upload", given=data)
    assert json.loads(answer)["sha256"] == hashlib.sha256(data).hexdigest(), "in chunks"


@needs_live
@FAMILIES
def test_nc_hears_its_echo(live: LiveRun, host: str, address: str, seed: int) -> None:
    data = random.Random(seed).randbytes(50_000)
    assert live.inside("nc", "-N", "-w", "30", address, "7", given=data) == data


@needs_live
def test_a_port_where_nobody_listens_refuses(live: LiveRun) -> None:
    assert b"refused" in live.inside("nc", "-v", "-w", "10", "10.0.0.1", "9", given=b"", code=1)


@needs_live
@pytest.mark.parametrize("words", [[], ["-R"], ["-P", "2", "--bidir"]], ids=["sends", "receives", "both"])
@FAMILIES
def test_iperf3(live: LiveRun, host: str, address: str, words: list[str]) -> None:
    report = json.loads(live.inside("iperf3", "-J", "-t", "1", *words, "-c", address, seconds=90))
    assert "error" not in report
    end = report["end"]
    assert end["sum_sent"]["bytes"] > 0 and end["sum_received"]["bytes"] > 0
    if words == ["-R"]:
        received = end["sum_received"]["bytes"]
        assert received == pytest.approx(end["sum_sent"]["bytes"], abs=1 << 20)
    live.wait_for("simulated s")


@needs_live
def test_iperf3_that_wants_what_there_is_not_is_told_so(live: LiveRun) -> None:
    text = live.inside("iperf3", "-u", "-t", "1", "-c", "10.0.0.1", code=1).decode()
    assert "not implemented yet" in text


@needs_live
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_is_repeated_exactly(number: int, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """With losses on the link, too: without the machine, in virtual time, byte for byte."""
    with LiveRun("recorded", f"SEED={seed}", "LOSS=0.01") as run:
        run.inside("ping", "-n", "-c", "2", "-i", "0.2", "fd00::1", code=0)
        run.inside("curl", "-sS", "-m", "50", "http://10.0.0.1/three-ports.png")
        run.inside("iperf3", "-n", "200K", "-c", "10.0.0.1")
        run.inside("iperf3", "-R", "-n", "200K", "-c", "fd00::1")
        run.stop(number)
    out = ROOT / "out" / "test" / "live-repeated"
    assert command.main([f"REPLAY={run.out}", f"OUT={out}"]) == 0
    assert "byte for byte" in capsys.readouterr().out
    for name in ("wire.pcapng", "summary.json"):
        assert (out / name).read_bytes() == (run.out / name).read_bytes()
    summary = json.loads((out / "summary.json").read_text())
    assert summary["web_requests"] == 1 and summary["iperf3_tests"] == 2
    # a repetition that differs is told
    (run.out / "wire.pcapng").write_bytes((run.out / "wire.pcapng").read_bytes()[:-4])
    assert command.main([f"REPLAY={run.out}", f"OUT={out}"]) == 1
    assert "the capture differs from" in capsys.readouterr().err


@needs_live
def test_a_recording_without_its_end_is_repeated_as_far_as_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    """As after a kill; and the next run takes away what that one has left."""
    with LiveRun("killed") as run:
        run.inside("curl", "-sS", "http://10.0.0.1/")
        run.process.kill()
        run.process.wait()
    with LiveRun("after-the-kill"):  # takes the name, unless another run was quicker
        users = [path.name for path in namespace._LOCKS.iterdir() if namespace.is_in_use(path.name)]
        assert run.namespace in users
    out = ROOT / "out" / "test" / "live-killed-repeated"
    assert command.main([f"REPLAY={run.out}", f"OUT={out}"]) == 0
    shown = capsys.readouterr().out
    assert "did not end" in shown and json.loads((out / "summary.json").read_text())["web_requests"] == 1


@needs_live
def test_on_the_rtl_and_repeated_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveRun("icarus", "CARD=icarus") as run:
        assert "2 received" in run.inside("ping", "-n", "-c", "2", "-i", "0.2", "-W", "20", "10.0.0.1").decode()
        assert run.inside("curl", "-sS", "-m", "60", "http://[fd00::1]/").startswith(b"<!DOCTYPE html>")
        run.stop()
    assert command.main([f"REPLAY={run.out}", f"OUT={ROOT / 'out' / 'test' / 'live-icarus-repeated'}"]) == 0
    assert "byte for byte" in capsys.readouterr().out


@needs_live
@pytest.mark.nightly
@pytest.mark.parametrize("card", ["icarus", pytest.param("verilator", marks=NEEDS_COMPILER)])
def test_every_program_on_the_rtl(card: str, seed: int) -> None:
    data = random.Random(seed).randbytes(100_000)
    with LiveRun(f"all-{card}", f"CARD={card}", ready_seconds=BUILD_SECONDS) as run:
        answer = run.inside("curl", "-sS", "-m", "300", "--data-binary", "@-", "http://10.0.0.1/upload", seconds=310,
                            given=data)  # fmt: skip
        assert json.loads(answer)["sha256"] == hashlib.sha256(data).hexdigest()
        assert run.inside("nc", "-N", "-w", "60", "fd00::1", "7", given=data[:5000], seconds=120) == data[:5000]
        for words in ([], ["-R"]):
            run.inside("iperf3", "-n", "100K", *words, "-c", "10.0.0.1", seconds=300)


@needs_live
def test_an_idle_run_does_not_burn_a_processor(live: LiveRun) -> None:
    """Over a second of which the machine's own clock tells: what a ping costs beside."""
    def used_s() -> float:
        fields = Path(f"/proc/{live.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    live.inside("ping", "-n", "-c", "1", "10.0.0.1")
    before = used_s()
    live.inside("ping", "-n", "-c", "2", "-i", "1", "10.0.0.1")
    assert used_s() - before < 0.3


@needs_live
def test_a_scenario_of_ones_own_on_the_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """make sim PEER=tap: real time passes as simulated time does, and the run repeats like any live run."""
    file = tmp_path / "wait.py"
    file.write_text("from models import kernel\nasync def scenario(bench):\n    await kernel.sleep(kernel.S)\n")
    begin = time.monotonic()
    assert simulate.main(["PEER=tap", f"SCENARIO={file}", "CARD=model", f"OUT={tmp_path / 'one'}"]) == 0
    assert time.monotonic() - begin >= 1
    assert command.main([f"REPLAY={tmp_path / 'one'}", f"OUT={tmp_path / 'two'}"]) == 0
    assert "byte for byte" in capsys.readouterr().out


@needs_live
def test_two_runs_side_by_side(live: LiveRun, capsys: pytest.CaptureFixture[str]) -> None:
    with LiveRun("second") as other:
        assert other.namespace != live.namespace
        assert "1 received" in other.inside("ping", "-n", "-c", "1", "10.0.0.1").decode()
        assert "1 received" in live.inside("ping", "-n", "-c", "1", "10.0.0.1").decode()
        assert command.main([f"OUT={other.out}"]) == 2
        shown = capsys.readouterr().err
        assert "another run is writing to" in shown and len(shown.splitlines()) == 1


@needs_live
def test_it_ends_by_itself_after_the_seconds_given(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveRun("seconds", "SECONDS=2") as run:
        assert run.process.wait(STOP_SECONDS) == 0
        assert "Traceback" not in run.rest()
    assert command.main([f"REPLAY={run.out}", f"OUT={ROOT / 'out' / 'test' / 'live-seconds-repeated'}"]) == 0
    assert "byte for byte" in capsys.readouterr().out


@needs_live
def test_control_c_on_a_terminal_ends_make_with_0() -> None:
    """make itself gets no signal: the run has the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        out = ROOT / "out" / "test" / "live-terminal"
        os.execvpe("make", ["make", "--no-print-directory", "live", f"OUT={out}"], environment())
    shown = _until(terminal, b"The card is up", READY_SECONDS)
    os.write(terminal, b"\x03")
    shown += _until(terminal, None, STOP_SECONDS)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown.decode(errors="replace")
    assert shown.count(b"simulated ns") == 1 and b"***" not in shown


def _until(terminal: int, words: bytes | None, seconds: float) -> bytes:
    """What appears on the terminal until these words do; None: until it is closed."""
    shown, end = b"", time.monotonic() + seconds
    while words is None or words not in shown:
        if not select.select([terminal], [], [], max(0.0, end - time.monotonic()))[0]:
            pytest.fail(f"no {words!r}:\n{shown.decode(errors='replace')}")
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            piece = b""
        if not piece:
            break
        shown += piece
    return shown


@pytest.mark.parametrize(
    ("words", "tells"),
    [
        (["FAMILY=ipv6"], "unknown option 'FAMILY=ipv6'"),
        (["CARD=paper"], "CARD=paper: must be one of icarus, verilator, model"),
        (["SECONDS=soon"], "SECONDS=soon: must be a number"),
        (["LOSS=2"], "LOSS=2: must be from 0 to 0.9"),
        (["FILE=no/such"], "FILE=no/such: no such file"),
        (["REPLAY=no/such"], "REPLAY=no/such: no/such is not the folder of a live run"),
        (["REPLAY=out", "SEED=2"], "SEED=2: a repetition has the settings of its recording"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_mistake_gives_one_line(
    words: list[str], tells: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = [] if "REPLAY=" in words[0] else [f"OUT={tmp_path}"]
    assert command.main([*words, *out]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"make live: {tells}") and len(shown.splitlines()) == 1


@pytest.mark.parametrize(
    ("files", "tells"),
    [
        ({"inputs.pcapng": b"text, not frames" * 9}, "is not a recording"),
        ({"inputs.pcapng": b""}, "live.json: No such file"),
        ({"inputs.pcapng": b"", "summary.json": b"[]"}, "summary.json is not the summary of a live run"),
        ({"inputs.pcapng": b"", "live.json": b"{}"}, "live.json is not the settings"),
        ({"inputs.pcapng": b"", "live.json": b'{"settings": {"what": 1}, "options": {}}'}, "is not the settings"),
    ],
    ids=["no capture", "no settings", "other summary", "empty settings", "other settings"],
)
def test_what_is_no_recording_gives_one_line(
    files: dict[str, bytes], tells: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert command.main([f"REPLAY={tmp_path}", f"OUT={tmp_path / 'out'}"]) == 2
    shown = capsys.readouterr().err
    assert tells in shown and len(shown.splitlines()) == 1


def test_without_root_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(namespace.os, "geteuid", lambda: 1000)
    assert command.main([f"OUT={tmp_path}"]) == 1
    shown = capsys.readouterr().err
    assert "root is needed" in shown and len(shown.splitlines()) == 1


def test_without_tools_or_tun_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(namespace.os, "geteuid", lambda: 0)
    monkeypatch.setattr(namespace.shutil, "which", lambda name: None)
    assert command.main([f"OUT={tmp_path}"]) == 1
    assert "apt-get install iproute2" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(namespace.os, "geteuid", lambda: 0)
    monkeypatch.setattr(namespace.shutil, "which", lambda name: "/usr/sbin/ip")
    monkeypatch.setattr(namespace, "_TUN", tmp_path / "tun")
    assert command.main([f"OUT={tmp_path}"]) == 1
    shown = capsys.readouterr().err
    assert "modprobe tun" in shown and len(shown.splitlines()) == 1


def test_a_namespace_that_is_not_permitted_gives_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(words, 1, "", 'mount --make-shared /run/netns failed: Not permitted\n')

    monkeypatch.setattr(namespace, "why_not", lambda: None)
    monkeypatch.setattr(namespace, "_LOCKS", tmp_path / "locks")
    monkeypatch.setattr(namespace.subprocess, "run", refuse)
    assert command.main([f"OUT={tmp_path}"]) == 1
    shown = capsys.readouterr().err
    assert "Not permitted" in shown and len(shown.splitlines()) == 1
