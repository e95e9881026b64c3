"""A live run as a process of its own, and this machine's programs in its network namespace."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from models.network import namespace
from tests.system.on_card import ROOT

READY_SECONDS = 120
"""Time limit for the card to come up, on a machine that does other things too."""
BUILD_SECONDS = 1800
"""The same when Verilator has to compile it first."""
STOP_SECONDS = 60
TOOLS = ("ping", "curl", "nc", "iperf3")


def why_not() -> str | None:
    """Why the tests cannot run here: what is missing, or what is not permitted when it is tried."""
    reason = namespace.why_not()
    if reason is not None:
        return reason
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    try:
        with namespace.namespace("02:00:00:00:00:02", "10.0.0.2/24", "fd00::2/64"):
            return None
    except namespace.NamespaceUnavailable as error:
        return str(error)


def environment() -> dict[str, str]:
    """Without what a test run sets for its own."""
    hidden = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "SEED", "WAVES", "K", "FILE", "OUT", "CARD", "PINS"}
    return {name: value for name, value in os.environ.items() if name not in hidden}


class LiveRun:
    """`with LiveRun("name", "CARD=model") as live:`; leaving it stops the run and looks for what is left behind."""

    def __init__(self, name: str, *words: str, ready_seconds: float = READY_SECONDS) -> None:
        self._ready_seconds = ready_seconds
        self.out = ROOT / "out" / "test" / f"live-{name}"
        shutil.rmtree(self.out, ignore_errors=True)
        self.words = [*words, f"OUT={self.out}"]
        self.lines: list[str] = []
        self.namespace = ""
        self._coming: queue.Queue[str | None] = queue.Queue()

    def __enter__(self) -> LiveRun:
        command = [sys.executable, "-m", "models.live", *self.words]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._follow, daemon=True).start()
        try:
            self.wait_for("The card is up", self._ready_seconds)
            (self.namespace,) = re.findall(r"network namespace ([\w-]+)\.", self.text)
        except BaseException:
            self._give_up()
            raise
        return self

    def _follow(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._coming.put(line.rstrip("\n"))
        self._coming.put(None)

    @property
    def text(self) -> str:
        """What it has printed and the test has seen."""
        return "\n".join(self.lines)

    def wait_for(self, words: str, seconds: float = 30) -> None:
        """Until it prints a line with these words."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._coming.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"no {words!r} within {seconds} s:\n{self.text}")
            if line is None:
                pytest.fail(f"it has ended without {words!r}:\n{self.text}")
            self.lines.append(line)
            if words in line:
                return

    def inside(self, *command: str, seconds: float = 60, given: bytes | None = None, code: int = 0) -> bytes:
        """Run a program in the namespace; returns its output."""
        result = subprocess.run(
            ["ip", "netns", "exec", self.namespace, *command],
            input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
        )  # fmt: skip
        assert result.returncode == code, f"{' '.join(command)}: {result.returncode}\n{result.stdout.decode()}"
        return result.stdout

    def descendants(self) -> list[int]:
        """Processes that the run has started."""
        found, parents = [], [self.process.pid]
        while parents:
            path = Path(f"/proc/{parents[0]}/task/{parents.pop(0)}/children")
            children = [int(each) for each in path.read_text().split()] if path.exists() else []
            found += children
            parents += children
        return found

    def stop(self, number: int = signal.SIGINT) -> None:
        """Ask it to end: it ends well, says what came of it, and leaves nothing behind."""
        started = self.descendants()
        self.process.send_signal(number)
        assert self.process.wait(STOP_SECONDS) == 0, self.rest()
        assert "Traceback" not in self.rest()
        assert self.text.count("simulated ns") == 1, "one summary"
        self.leaves_nothing(started)

    def rest(self) -> str:
        while (line := self._coming.get(timeout=STOP_SECONDS)) is not None:
            self.lines.append(line)
        self._coming.put(None)
        return self.text

    def leaves_nothing(self, started: list[int]) -> None:
        """No namespace (and so no interface), no process, no pipe."""
        assert not (namespace.NAMESPACES / self.namespace).exists()
        assert not [each for each in started if Path(f"/proc/{each}").exists()]
        assert sorted(each.name for each in self.out.iterdir() if not each.is_file()) == []

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self.process.poll() is None:
            if kind is None:
                self.stop()
            else:
                self._give_up()

    def _give_up(self) -> None:
        """The test has failed already."""
        started = self.descendants()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for each in [self.process.pid, *started]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
