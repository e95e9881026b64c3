"""The kernel of the Linux guest: what it is built from, where `make linux-peer` leaves it, and whether it is there."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE_PACKAGE = "linux-source-6.1"
"""Of Debian 12; the package's archive is the only source of the kernel."""
ARCHIVE = Path("/usr/src") / f"{SOURCE_PACKAGE}.tar.xz"
OPTIONS = Path(__file__).with_name("kernel_build") / "options.config"
PATCH = Path(__file__).with_name("kernel_build") / "simulated_time.patch"
PYTHON = "/usr/bin/python3"
"""The guest runs the machine's own; it must be at the same place everywhere, since runs must not differ."""
COMMAND = "make linux-peer"


class LinuxUnavailable(Exception):
    """There is no kernel to run, or nothing to run in it; one line."""


def place() -> Path:
    """Where the kernel for these options and this patch belongs: outside the project, so that clones share it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = hashlib.sha256(SOURCE_PACKAGE.encode() + OPTIONS.read_bytes() + PATCH.read_bytes()).hexdigest()[:16]
    return cache / "hl-toe" / f"linux-{key}" / "linux"


def why_not() -> str | None:
    """Why there can be no Linux peer; None when there can."""
    if not place().is_file():
        return f"its kernel is not built yet: {COMMAND}"
    if not os.access(PYTHON, os.X_OK):
        return f"the guest needs {PYTHON}"
    if shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin") is None:
        return "the guest needs iproute2"
    return _why_it_does_not_run()


def find() -> Path:
    """The kernel. Raises LinuxUnavailable."""
    reason = why_not()
    if reason is not None:
        raise LinuxUnavailable(reason)
    return place()


_RUNS: dict[Path, str | None] = {}


def _why_it_does_not_run() -> str | None:
    """It is asked for its version: the machine may be of another kind."""
    path = place()
    if path not in _RUNS:
        with tempfile.TemporaryDirectory() as folder:
            ended = subprocess.run(
                [path, "--version"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
        _RUNS[path] = None if ended.returncode == 0 else f"its kernel does not run here ({ended.returncode})"
    return _RUNS[path]
