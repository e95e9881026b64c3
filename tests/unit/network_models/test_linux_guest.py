"""The owner of a guest's clock, against a process that says what a script tells it to say."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from models.network.linux import guest_process
from models.network.linux.guest_process import Guest, GuestError

HEAD = f"""#!{sys.executable}
import os, socket, struct, sys
MESSAGE = struct.Struct("<IIQ")
ACK, START, REQUEST, WAIT, GET, UPDATE, RUN, FREE_UNTIL = range(8)
calendar = socket.socket(socket.AF_UNIX)
calendar.connect("calendar")
got = []
def take():
    op, seq, time = MESSAGE.unpack(calendar.recv(16, socket.MSG_WAITALL))
    if op != ACK:
        got.append((op, time))
        calendar.sendall(MESSAGE.pack(ACK, seq, 0))
    return op, time
def say(op, time=0, seq=[0]):
    seq[0] += 1
    calendar.sendall(MESSAGE.pack(op, seq[0], time))
    while True:
        answer, serial, time = MESSAGE.unpack(calendar.recv(16, socket.MSG_WAITALL))
        if answer == ACK:
            assert serial == seq[0], (serial, seq)
            return time
        got.append((answer, time))
        calendar.sendall(MESSAGE.pack(ACK, serial, 0))
def until_run():
    while take()[0] != RUN: pass
say(START, 1)
"""


class Clock:
    """Time of a test's own."""

    def __init__(self) -> None:
        self.now = 0
        self.quiet = 0

    def now_ns(self) -> int:
        return self.now

    def quiet_until_ns(self) -> int:
        return self.quiet


@pytest.fixture
def clock() -> Clock:
    return Clock()


def guest(tmp_path: Path, clock: Clock, script: str) -> Guest:
    image = tmp_path / "kernel"
    image.write_text(HEAD + script)
    image.chmod(0o755)
    return Guest(image, clock, [], ["/init"], seed=5, console=tmp_path / "console")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_guest_runs_when_its_time_has_come_and_not_before(tmp_path: Path, clock: Clock) -> None:
    found = guest(tmp_path, clock, "say(REQUEST, 1000); say(WAIT); until_run(); say(REQUEST, 2500); say(WAIT); take()")
    found.boot()
    assert found.next_ns == 1000
    clock.now = 999
    found.run()
    assert found.next_ns == 1000
    clock.now = 1000
    found.run()
    assert found.next_ns == 2500
    found.close()


def test_the_last_request_counts_and_one_for_never_is_none(tmp_path: Path, clock: Clock) -> None:
    found = guest(tmp_path, clock, "say(REQUEST, 70); say(REQUEST, 50); say(WAIT); until_run(); "
                                   "say(REQUEST, 2**63 - 1); say(WAIT); take()")  # fmt: skip
    found.boot()
    assert found.next_ns == 50
    clock.now = 60
    found.run()
    assert found.next_ns is None
    found.close()


def test_a_guest_that_may_run_ahead_tells_its_time(tmp_path: Path, clock: Clock) -> None:
    """It is told before it runs; asked for the time later, the simulation never says one that the guest has passed."""
    found = guest(
        tmp_path,
        clock,
        "say(REQUEST, 10); say(WAIT); until_run(); assert got == [(FREE_UNTIL, 40), (RUN, 10)], got\n"
        "say(UPDATE, 25); time = say(GET); say(REQUEST, time + 1); say(WAIT); take()",
    )
    found.boot()
    clock.now, clock.quiet = 12, 40
    found.run()
    assert found.now_ns == 25
    assert found.next_ns == 41
    found.close()


def test_the_seed_and_little_else_reaches_the_process(tmp_path: Path, clock: Clock) -> None:
    found = guest(
        tmp_path,
        clock,
        "say(REQUEST, int(os.environ.pop('SIMULATION_SEED')))\n"
        "assert set(os.environ) <= {'PATH', 'HOME', 'LC_CTYPE'}, os.environ\nsay(WAIT); take()",
    )
    found.boot()
    assert found.next_ns == 5
    found.close()


@pytest.mark.parametrize(
    ("script", "tells"),
    [
        ("print('Kernel panic - not syncing: no root', flush=True); sys.exit(3)", "Kernel panic - not syncing: no"),
        ("print('first'); print('last words', flush=True); calendar.close()", "last words"),
        ("calendar.sendall(MESSAGE.pack(99, 1, 0)); take()", "99"),
    ],
    ids=["panic", "end", "nonsense"],
)
def test_a_guest_that_fails_is_told_in_one_line(script: str, tells: str, tmp_path: Path, clock: Clock) -> None:
    found = guest(tmp_path, clock, script)
    with pytest.raises(GuestError) as failure:
        found.boot()
    assert tells in str(failure.value) and len(str(failure.value).splitlines()) == 1


def test_a_kernel_that_does_not_run_at_all_is_told(tmp_path: Path, clock: Clock) -> None:
    image = tmp_path / "kernel"
    image.write_text("#!/bin/sh\necho no such machine\nexit 9\n")
    image.chmod(0o755)
    with pytest.raises(GuestError, match="ended at once, with 9.*no such machine"):
        Guest(image, clock, [], ["/init"], 1, tmp_path / "console").boot()


def test_a_guest_that_hangs_is_ended(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guest_process, "SILENCE_S", 0.05)
    found = guest(tmp_path, clock, "say(UPDATE, os.getpid())\nimport time\nwhile True: time.sleep(1)")
    with pytest.raises(GuestError, match="not said a word"):
        found.boot()
    assert not alive(found.now_ns), "its process is gone"


def test_closing_ends_the_process_and_takes_its_folder_away(tmp_path: Path, clock: Clock) -> None:
    found = guest(tmp_path, clock, "say(REQUEST, os.getpid()); open('here', 'w').write(os.getcwd()); say(WAIT); take()")
    found.boot()
    pid = found.next_ns
    assert pid is not None and alive(pid)
    folder = Path(os.readlink(f"/proc/{pid}/cwd"))
    assert (folder / "here").exists()
    found.close()
    found.close()
    assert not alive(pid) and not folder.exists()
