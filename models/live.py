"""`make live`: the card with its services, on a wire to this machine's own Linux, in real time; and its repetition."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from models.bench import HOST_ADDRESS, HOST_ADDRESS_IPV6, PEER_ADDRESS, PEER_ADDRESS_IPV6, PEER_MAC
from models.live_options import LiveOptions, options_from
from models.network import tap
from models.network.live_wire import FolderInUse, live_wire
from models.network.namespace import NamespaceUnavailable
from models.observation.summary import print_values, write_run
from models.options import OptionError
from models.rtl.simulator import SimulatorError
from models.runner import RunResult, ScenarioFailed, run_scenario
from models.scenarios.live import READY
from models.settings import RunRequest

MACHINE_ADDRESSES = (f"{PEER_ADDRESS}/24", f"{PEER_ADDRESS_IPV6}/64")
CAPTURE_FILE = "wire.pcapng"
RUN_FILE = "run.json"


def main(words: list[str]) -> int:
    """Exit code: 0, 1 when the run failed or a repetition differs, 2 for a bad option."""
    try:
        return _run(options_from(words))
    except (OptionError, FolderInUse) as error:
        print(f"make live: {error}", file=sys.stderr)
        return 2


def _run(options: LiveOptions) -> int:
    """Raises FolderInUse."""
    request = options.request
    try:
        return _repeat(options) if options.replay is not None else _live(request)
    except NamespaceUnavailable as error:
        print(f"make live: {error}", file=sys.stderr)
    except ScenarioFailed as failure:
        print(failure.detail, file=sys.stderr)
        print(f"make live: {failure} (what was recorded is in {request.out})", file=sys.stderr)
    except SimulatorError as error:
        print(f"make live: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"make live: interrupted (what was recorded is in {request.out})", file=sys.stderr)
        return 130
    return 1


def _live(request: RunRequest) -> int:
    out = Path(request.out).resolve()
    begin = time.perf_counter()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_own_terminal())
        was_stopped = stack.enter_context(_stopping(out))
        request, name = stack.enter_context(live_wire(request, PEER_MAC, MACHINE_ADDRESSES))
        card = request.settings.card
        print(f"The card ({card}) comes up; its wire ends in the network namespace {name}.", flush=True)
        if was_stopped():
            tap.stop(out)

        def show(done: int, total: int, note: str) -> None:
            with contextlib.suppress(BrokenPipeError):  # nobody reads any more: no reason to end
                print(_what_to_type(name, request) if note == READY else note, flush=True)

        try:
            result = run_scenario(request, show)
        except SimulatorError:
            if was_stopped():  # before it had begun to listen
                print("stopped before the card was up")
                return 0
            raise
    write_run(result.out / RUN_FILE, time.perf_counter() - begin)
    _print_results(request, result)
    return 0


def _what_to_type(name: str, request: RunRequest) -> str:
    inside = f"{'sudo ' if 'SUDO_USER' in os.environ else ''}ip netns exec {name}"
    file = request.options["file"]
    path = Path(file).name if file else "three-ports.png"
    user = os.environ.get("SUDO_USER", "USER")
    lines = [
        "The card is up. In another terminal, as root:",
        f"  {inside} ping {HOST_ADDRESS}",
        f"  {inside} curl http://{HOST_ADDRESS}/",
        f"  {inside} curl -O http://{HOST_ADDRESS}/{path}",
        f"  {inside} curl --data-binary @FILE http://{HOST_ADDRESS}/upload",
        f"  {inside} nc {HOST_ADDRESS} 7          (what you type comes back)",
        f"  {inside} iperf3 -c {HOST_ADDRESS}     (-R: the card sends; -P 4, --bidir)",
        f"  {inside} runuser -u {user} -- firefox --no-remote http://{HOST_ADDRESS}/",
        f"IPv6 is {HOST_ADDRESS_IPV6} (curl 'http://[{HOST_ADDRESS_IPV6}]/'). CTRL-C ends it.",
    ]
    return "\n".join(lines)


def _repeat(options: LiveOptions) -> int:
    request, recording = options.request, options.replay
    assert recording is not None
    begin = time.perf_counter()
    result = run_scenario(request, lambda done, total, note: None if note == READY else print(note, flush=True))
    write_run(result.out / RUN_FILE, time.perf_counter() - begin)
    _print_results(request, result)
    now = (result.out / CAPTURE_FILE).read_bytes()
    with contextlib.suppress(FileNotFoundError):
        then = (recording / CAPTURE_FILE).read_bytes()
        if not tap.has_ended(recording):
            print(f"{recording} is of a run that did not end: its capture cannot be compared")
        elif then == now:
            print(f"the capture is that of {recording}, byte for byte")
        else:
            print(f"make live: the capture differs from {recording / CAPTURE_FILE}", file=sys.stderr)
            return 1
    return 0


_FILES = (
    ("summary.json", "these values"),
    (CAPTURE_FILE, "every frame, before and after the link (Wireshark)"),
    ("waves.fst", "every signal (make waves OUT=)"),
    ("timeline.json", "host, firmware, DMA, bus and wire on one time axis (ui.perfetto.dev)"),
    (tap.INPUTS_FILE, "what came from this machine, for make live REPLAY="),
)


def _print_results(request: RunRequest, result: RunResult) -> None:
    values: dict[str, Any] = dict(result.summary)
    print_values(values)
    for name, meaning in _FILES:
        if (result.out / name).exists():
            print(f"  {Path(request.out) / name}: {meaning}")


@contextlib.contextmanager
def _stopping(out: Path) -> Iterator[Callable[[], bool]]:
    """The first CTRL-C or SIGTERM asks the run to end; another CTRL-C interrupts. Gives whether one has come."""
    stopped = False

    def handler(number: int, frame: object) -> None:
        nonlocal stopped
        if stopped and number == signal.SIGINT:
            raise KeyboardInterrupt
        stopped = True
        tap.stop(out)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, handler) for number in numbers]
    try:
        yield lambda: stopped
    finally:
        for number, previous in zip(numbers, before, strict=True):
            signal.signal(number, previous)


@contextlib.contextmanager
def _own_terminal() -> Iterator[None]:
    """On a terminal: CTRL-C reaches this process, and not the make that has started it, which would fail."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield
        return
    group = os.getpgrp()
    ignored = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    stopped = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    takes = group != os.getpid() and os.tcgetpgrp(terminal) == group
    try:
        if takes:
            os.setpgid(0, 0)
            os.tcsetpgrp(terminal, os.getpid())
        yield
    finally:
        if takes:
            os.setpgid(0, group)
            os.tcsetpgrp(terminal, group)
        signal.signal(signal.SIGTTOU, ignored)
        signal.signal(signal.SIGTSTP, stopped)
        os.close(terminal)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
