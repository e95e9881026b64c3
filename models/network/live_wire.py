"""What a run on this machine's own Linux needs around it: namespace, stop pipe, and the settings for a repetition."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.network import tap
from models.network.namespace import namespace
from models.network.peer_names import TAP
from models.settings import BenchSettings, RunRequest

SETTINGS_FILE = "live.json"
"""In the folder of a run: what a repetition needs beside the inputs."""


class FolderInUse(Exception):
    """Another run writes where this one would; the text is one line."""


@contextlib.contextmanager
def live_wire(request: RunRequest, mac: str, addresses: tuple[str, str]) -> Iterator[tuple[RunRequest, str]]:
    """Makes the namespace, whose end of the wire has `mac` and the addresses (IPv4 and IPv6, with prefix length).

    Gives the request to run and the name of the namespace. Raises NamespaceUnavailable, FolderInUse.
    """
    out = Path(request.out).resolve()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_alone_in(out))
        name = stack.enter_context(namespace(mac, *addresses, mtu=request.settings.mtu))
        request = dataclasses.replace(request, settings=dataclasses.replace(request.settings, peer=f"{TAP}{name}"))
        save_request(request)
        stack.enter_context(_stop_pipe(out))
        yield request, name


def save_request(request: RunRequest) -> None:
    """Leave it in the run's folder."""
    saved = {name: value for name, value in dataclasses.asdict(request).items() if name != "out"}
    (Path(request.out) / SETTINGS_FILE).write_text(json.dumps(saved, indent=1) + "\n")


def saved_request(folder: Path, out: str, **changes: Any) -> RunRequest:
    """The request of a recorded run, with its results elsewhere. Raises OSError, and ValueError for another file."""
    saved = json.loads((folder / SETTINGS_FILE).read_text())
    try:
        settings = BenchSettings(**saved.pop("settings"))
        return dataclasses.replace(RunRequest(**saved, settings=settings, out=out), **changes)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not the settings of a run: {error}") from None


@contextlib.contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """No other live run writes there. Raises FolderInUse."""
    folder = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise FolderInUse(f"another run is writing to {out}; give another OUT=") from None
    finally:
        os.close(folder)


@contextlib.contextmanager
def _stop_pipe(out: Path) -> Iterator[None]:
    """The pipe through which the run is asked to end; it stays open, so that nothing written to it is lost."""
    path = out / tap.STOP_PIPE
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield
    finally:
        os.close(descriptor)
        path.unlink(missing_ok=True)
