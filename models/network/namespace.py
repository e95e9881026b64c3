"""A network namespace of this machine with one TAP interface in it, for the card's wire to end at (iproute2, root)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from models.network.tap import DEVICE, NAMESPACES

NAME = "hl-toe"
MOST = 9
"""So many at a time: hl-toe, hl-toe-2, ..."""
_LOCKS = Path("/run/hl-toe")
_TUN = Path("/dev/net/tun")


class NamespaceUnavailable(Exception):
    """It cannot be made; the text is one line that says why."""


def why_not() -> str | None:
    """Why there can be no namespace here; None if nothing is known to be in the way."""
    if not sys.platform.startswith("linux"):
        return "network namespaces and TAP interfaces are Linux's"
    if os.geteuid() != 0:
        return "root is needed to make a network namespace and a TAP interface (sudo make live)"
    if shutil.which("ip") is None:
        return "the command ip is missing: apt-get install iproute2"
    if not _TUN.exists():
        return f"{_TUN} is missing: modprobe tun"
    try:
        os.close(os.open(_TUN, os.O_RDWR))
    except OSError as error:
        return f"{_TUN}: {error.strerror}"
    return None


@contextlib.contextmanager
def namespace(mac: str, address: str, address6: str | None, mtu: int = 1500) -> Iterator[str]:
    """Make it, give its name, take it away. The TAP interface has these addresses (with prefix length).

    Raises NamespaceUnavailable. What a run that was killed has left is taken away first.
    """
    reason = why_not()
    if reason is not None:
        raise NamespaceUnavailable(reason)
    with contextlib.ExitStack() as stack:
        name = _reserve(stack)
        stack.callback(_remove, name)
        _ip("netns", "add", name)
        _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", name, "tuntap", "add", "dev", DEVICE, "mode", "tap")
        _ip("-n", name, "link", "set", DEVICE, "address", mac, "mtu", str(mtu))
        _ip("-n", name, "address", "add", address, "dev", DEVICE)
        if address6 is not None:
            setting = f"/proc/sys/net/ipv6/conf/{DEVICE}/disable_ipv6"
            with contextlib.suppress(NamespaceUnavailable):  # where it may not be set it is usually right already
                _ip("netns", "exec", name, "sh", "-c", f"echo 0 > {setting}")
            _ip("-n", name, "address", "add", address6, "dev", DEVICE, "nodad")
        _ip("-n", name, "link", "set", DEVICE, "up")
        yield name


def is_in_use(name: str) -> bool:
    """Does a run have this namespace now?"""
    try:
        lock = os.open(_LOCKS / name, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _reserve(stack: contextlib.ExitStack) -> str:
    """A name that no run has and nobody else uses; it is ours until the stack is left."""
    try:
        _LOCKS.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NamespaceUnavailable(f"{_LOCKS}: {error.strerror}") from None
    for number in range(1, MOST + 1):
        name = NAME if number == 1 else f"{NAME}-{number}"
        path = _LOCKS / name
        left_over = path.exists()
        if (NAMESPACES / name).exists() and not left_over:
            continue
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        stack.callback(os.close, lock)
        if not path.exists() or path.stat().st_ino != os.fstat(lock).st_ino:
            continue  # whoever had it has just taken the file away
        stack.callback(path.unlink, missing_ok=True)
        if left_over:
            _remove(name)
        return name
    raise NamespaceUnavailable(f"network namespaces {NAME} to {NAME}-{MOST} are all in use")


def _remove(name: str) -> None:
    """If it is there. The interface goes with it."""
    if (NAMESPACES / name).exists():
        with contextlib.suppress(NamespaceUnavailable):
            _ip("netns", "delete", name)


def _ip(*words: str) -> None:
    """Raises NamespaceUnavailable with what the command said."""
    # in a process group of its own: a CTRL-C that ends the run is not for it
    result = subprocess.run(["ip", *words], capture_output=True, text=True, process_group=0)
    if result.returncode:
        said = (result.stderr or result.stdout).strip().splitlines()
        raise NamespaceUnavailable(f"ip {' '.join(words)}: {said[-1] if said else f'exit code {result.returncode}'}")
