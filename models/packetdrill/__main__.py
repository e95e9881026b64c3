"""`make packetdrill`: run scripts, show a table, and leave the results in out/packetdrill/results.json."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from models.packetdrill import executor
from models.packetdrill.executor import Result
from models.packetdrill.parser import parse_file
from models.packetdrill.script import ScriptError

BACKENDS = ("protocol", "model")
ROOT = Path(__file__).resolve().parents[2]
OWN_SUITE = ROOT / "tests" / "packetdrill"
OUT = "out/packetdrill"
_COLOURS = {"pass": "green", "fail": "red", "unsupported": "yellow", "error": "red"}


class UsageError(Exception):
    """A mistake on the command line."""


def scripts_of(suite: Path) -> list[Path]:
    """The scripts of a folder, or the one script. Raises UsageError."""
    if suite.is_file():
        return [suite]
    if not suite.is_dir():
        raise UsageError(f"SUITE={suite}: there is no such file or folder")
    found = sorted(suite.rglob("*.pkt"))
    if not found:
        raise UsageError(f"SUITE={suite}: there are no scripts (*.pkt) in it")
    return found


def run_file(path: Path, on: str, linux: bool = False) -> Result:
    """Run one script, with Linux's timers and buffers if `linux`; a text that is no script is the result 'error'."""
    try:
        script = parse_file(path)
    except ScriptError as error:
        line = str(error).removeprefix(f"{path}:").split(":", 1)[0]
        return Result(str(path), on, "error", str(error), int(line) if line.isdigit() else 0)
    return executor.run(script, on, linux)


def run_all(paths: Iterable[Path], backends: Iterable[str], linux: bool = False) -> list[Result]:
    """Every script on every back-end."""
    return [run_file(path, on, linux) for path in paths for on in backends]


def write(results: list[Result], folder: Path) -> Path:
    """Leave the results in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    path.write_text(json.dumps([dataclasses.asdict(result) for result in results], indent=1) + "\n")
    return path


def show(results: list[Result], seconds: float, where: Path) -> None:
    """A table of the scripts, those that did not pass with the reason."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    table = Table("script", "on", "result", "why")
    for result in results:
        colour = _COLOURS[result.result]
        why = result.message if result.result == "error" or not result.message else f"line {result.line}: "
        if result.result != "error" and result.message:
            why += result.message
        table.add_row(_short(result.script), result.on, f"[{colour}]{result.result}[/]", why.replace("[", "\\["))
    console.print(table)
    counts = Counter(result.result for result in results)
    summary = ", ".join(f"{counts[name]} {name}" for name in _COLOURS if counts[name])
    console.print(f"{len(results)} runs: {summary}; {seconds:.1f} s; {where}")


def _short(path: str) -> str:
    try:
        return str(Path(path).resolve().relative_to(ROOT))
    except ValueError:
        return path


def main(words: list[str]) -> int:
    """Exit code: 0, 1 when a script failed or is none, 2 for a mistake on the command line."""
    given = dict(word.partition("=")[::2] for word in words)
    suite = Path(given.pop("SUITE", str(OWN_SUITE)))
    on = given.pop("ON", "protocol")
    out = Path(given.pop("OUT", OUT))
    like = given.pop("LIKE", "")
    try:
        if given:
            raise UsageError(f"no option {next(iter(given))}")
        backends = BACKENDS if on == "both" else (on,)
        if not set(backends) <= set(BACKENDS):
            raise UsageError(f"ON={on}: one of protocol, model, both")
        if like not in ("", "linux"):
            raise UsageError(f"LIKE={like}: only linux")
        paths = scripts_of(suite)
    except UsageError as error:
        print(f"make packetdrill: {error}", file=sys.stderr)
        return 2
    begin = time.perf_counter()
    results = run_all(paths, backends, like == "linux")
    show(results, time.perf_counter() - begin, write(results, out))
    for result in results:
        if result.result == "error":
            print(result.message, file=sys.stderr)
    return int(any(result.result in ("fail", "error") for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
