"""`make linux-peer`: build the kernel of the Linux guest, once for each machine; a few minutes."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from models.network.linux import image

_MAKE = ("make", "ARCH=um", "SUBARCH=x86_64")
_REPRODUCIBLE = {
    "KBUILD_BUILD_TIMESTAMP": "Thu Jan  1 00:00:00 UTC 1970",
    "KBUILD_BUILD_USER": "hl-toe",
    "KBUILD_BUILD_HOST": "hl-toe",
    "KBUILD_BUILD_VERSION": "1",
}
"""The kernel's name is in its random pool: built anywhere, a kernel of the same source runs the same."""
_STEPS_ABOUT = 650
"""Files that are compiled, for the progress that is shown."""


class BuildError(Exception):
    """The kernel cannot be built; one line."""


def main() -> int:
    """Exit code: 0, 1 when it cannot be built."""
    target = image.place()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (target.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of two builds at a time the second finds all done
            if not target.is_file():
                _build(target)
        reason = image.why_not()
        if reason is not None:
            raise BuildError(reason)
    except (BuildError, OSError) as error:
        print(f"make linux-peer: {error}", file=sys.stderr)
        return 1
    print(f"Linux peer: {target}")
    return 0


def _build(target: Path) -> None:
    if not image.ARCHIVE.is_file():
        raise BuildError(f"please install: {image.SOURCE_PACKAGE} (Debian 12 has it); there is no {image.ARCHIVE}")
    with tempfile.TemporaryDirectory(prefix="linux-peer-build-") as folder:
        print(f"unpacking {image.ARCHIVE}", flush=True)
        _run(["tar", "-xf", str(image.ARCHIVE), "--strip-components=1"], Path(folder))
        _run(["patch", "-p1", "-s", "-i", str(image.PATCH)], Path(folder))
        _run([*_MAKE, "tinyconfig"], Path(folder))
        _run(["scripts/kconfig/merge_config.sh", "-m", ".config", str(image.OPTIONS)], Path(folder))
        _run([*_MAKE, "olddefconfig"], Path(folder))
        _check_options(Path(folder) / ".config")
        _compile(Path(folder))
        _run(["strip", "-o", "linux.stripped", "linux"], Path(folder))
        partial = target.with_suffix(".partial")
        shutil.copy2(Path(folder) / "linux.stripped", partial)
        partial.rename(target)


def _check_options(config: Path) -> None:
    """Options whose dependencies are missing are dropped without a word: say so."""
    got = set(config.read_text().splitlines())
    for line in image.OPTIONS.read_text().splitlines():
        if line.startswith("CONFIG_") and line not in got:
            raise BuildError(f"this kernel does not take {line}")


def _compile(folder: Path) -> None:
    log = folder / "build.log"
    command = [*_MAKE, f"-j{os.cpu_count() or 1}", "linux"]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
        )
        assert process.stdout is not None
        done, told, begin = 0, 0, time.monotonic()
        for line in process.stdout:
            output.write(line)
            done += line.startswith("  CC ")
            percent = min(99, 100 * done // _STEPS_ABOUT)
            if percent >= told + 5:
                told = percent
                print(f"compiling: {percent} %, {time.monotonic() - begin:.0f} s", flush=True)
        process.wait()
    if process.returncode != 0:
        lines = log.read_text(errors="replace").splitlines()
        errors = [line for line in lines if re.search(r"error|Error|missing|not found", line)] or lines
        raise BuildError(f"make: {(errors or ['no output'])[0][:200]}")


def _run(command: list[str], folder: Path) -> None:
    try:
        ended = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
        )
    except FileNotFoundError:
        raise BuildError(f"there is no {command[0]}") from None
    if ended.returncode != 0:
        lines = ended.stdout.strip().splitlines() or [f"ended with {ended.returncode}"]
        raise BuildError(f"{command[0]}: {lines[-1][:200]}")


def _environment() -> dict[str, str]:
    """Nothing of the caller's make: its options are not the kernel's."""
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return {**kept, **_REPRODUCIBLE, "LC_ALL": "C"}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("make linux-peer: interrupted; run it again to begin anew", file=sys.stderr)
        sys.exit(130)
