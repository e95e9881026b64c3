"""`make checklist`: docs/checklist.md, a line for each requirement with its tests and what came of them."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from models.packetdrill.__main__ import BACKENDS, OUT, OWN_SUITE, ROOT, run_all, scripts_of, write
from models.packetdrill.executor import Result

PAGE = ROOT / "docs" / "checklist.md"
REQUIREMENTS = OWN_SUITE / "requirements.txt"
UNIT_TESTS = ROOT / "tests"
_ID = r"[A-J]\d\d"
_TEST = re.compile(rf"^\s*(?:async )?def (test_((?:{_ID}_)+)\w+)\(", re.MULTILINE)


@dataclass(frozen=True)
class Requirement:
    """One line of the list."""

    identifier: str
    text: str
    source: str


def requirements() -> dict[str, list[Requirement]]:
    """By section's title. ValueError for a line of another form."""
    sections: dict[str, list[Requirement]] = {}
    current: list[Requirement] = []
    for number, line in enumerate(REQUIREMENTS.read_text().splitlines(), 1):
        if line.startswith("## "):
            current = sections.setdefault(line[3:].replace(" | ", ": "), [])
        elif line and not line.startswith("#"):
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 3 or not re.fullmatch(_ID, parts[0]):
                raise ValueError(f"{REQUIREMENTS}:{number}: id | requirement | source expected")
            current.append(Requirement(*parts))
    return sections


def unit_tests() -> dict[str, list[str]]:
    """Tests in Python by id: path and name."""
    found: dict[str, list[str]] = {}
    for path in sorted(UNIT_TESTS.rglob("test_*.py")):
        for name, identifiers in _TEST.findall(path.read_text()):
            for identifier in re.findall(_ID, identifiers):
                found.setdefault(identifier, []).append(f"{path.relative_to(ROOT)}::{name}")
    return found


def scripts() -> dict[str, list[Path]]:
    """Scripts by id."""
    found: dict[str, list[Path]] = {}
    for path in scripts_of(OWN_SUITE):
        if re.match(rf"{_ID}_", path.name):
            found.setdefault(path.name[:3], []).append(path)
    return found


def _outcome(path: Path, results: dict[tuple[str, str], Result] | None) -> str:
    if results is None:
        return "passes"
    failed = [on for on in BACKENDS if results[str(path), on].result != "pass"]
    return f"fails on {', '.join(failed)}" if failed else "passes"


def page(results: list[Result] | None = None) -> str:
    """The page; without results, as it is when every script passes."""
    known = None if results is None else {(result.script, result.on): result for result in results}
    by_script, by_unit = scripts(), unit_tests()
    lines = [
        "# Conformance checklist",
        "",
        "Written by `make checklist`; do not edit. What is asked for stands in `tests/packetdrill/requirements.txt`.",
        "Scripts (`.pkt`, in `tests/packetdrill`) run on the protocol alone and on the functional model of the card,",
        "with `make packetdrill` and within `make test`; the other tests are run by `make test`.",
        "",
    ]
    missing: list[str] = []
    total = 0
    for title, section in requirements().items():
        lines += [f"## {title}", "", "| id | requirement | RFC | test | result |", "|---|---|---|---|---|"]
        for requirement in section:
            total += 1
            tests = []
            outcomes = []
            for path in by_script.get(requirement.identifier, ()):
                tests.append(f"[{path.name}](../{path.relative_to(ROOT)})")
                outcomes.append(_outcome(path, known))
            for test in by_unit.get(requirement.identifier, ()):
                file, name = test.split("::")
                tests.append(f"[{name}](../{file})")
                outcomes.append("`make test`")
            if not tests:
                missing.append(requirement.identifier)
            lines.append(f"| {requirement.identifier} | {requirement.text} | {requirement.source} | "
                         f"{'<br>'.join(tests) or 'none'} | {'<br>'.join(outcomes) or 'not tested under this id'} |")
        lines.append("")
    lines.append(f"{total} requirements, {total - len(missing)} with tests; without: {', '.join(missing) or 'none'}.")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Exit code 1 when a script does not pass."""
    results = run_all(scripts_of(OWN_SUITE), BACKENDS)
    write(results, Path(OUT))
    PAGE.write_text(page(results))
    failed = [result for result in results if result.result != "pass"]
    for result in failed:
        print(f"{result.script}:{result.line}: on {result.on}: {result.result}: {result.message}", file=sys.stderr)
    print(f"{PAGE.relative_to(ROOT)}: {len(results)} runs of scripts, {len(failed)} did not pass")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
