"""`make speed`: times the workloads on each card; writes speed.json and prints a table."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.speed.workloads import REQUEST_BYTES, WORKLOADS, payload_bytes
from models.options import CARDS, PINS
from models.rtl.simulator import SimulatorError, build
from models.runner import RTL_CARDS, rtl_parameters
from models.settings import BenchSettings, RunRequest

_DEFAULTS = {
    "CARDS": ",".join(CARDS),
    "PINS": PINS[0],
    "WORKLOADS": ",".join(WORKLOADS),
    "BYTES": str(1 << 20),
    "REQUESTS": "1000",
    "RUNS": "3",
    "PROFILE": "0",
    "OUT": "out/speed",
}


class OptionError(ValueError):
    """A word that cannot be taken; the text is one line."""


def main(words: list[str]) -> int:
    try:
        options = _options(words)
        cards = _several("CARDS", options["CARDS"], CARDS)
        pins = _several("PINS", options["PINS"], PINS)
        workloads = _several("WORKLOADS", options["WORKLOADS"], WORKLOADS)
        size, count, runs = (_whole(name, options[name]) for name in ("BYTES", "REQUESTS", "RUNS"))
    except OptionError as error:
        print(f"make speed: {error}", file=sys.stderr)
        return 2
    out = Path(options["OUT"])
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    try:
        for card in cards:
            for each in pins if card in RTL_CARDS else ("none",):
                for kind in workloads:
                    rows.append(_measure(out, card, each, kind, size, count, runs, options["PROFILE"] == "1"))
                    (out / "speed.json").write_text(json.dumps(rows, indent=1) + "\n")
    except (SimulatorError, subprocess.CalledProcessError) as error:
        print(f"make speed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make speed: interrupted", file=sys.stderr)
        return 130
    _show(rows)
    print(f"  {out / 'speed.json'}: these values")
    return 0


def _options(words: list[str]) -> dict[str, str]:
    options = dict(_DEFAULTS)
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in options:
            raise OptionError(f"unknown option {word!r}; the options are {', '.join(f'{each}=' for each in options)}")
        options[name] = value or _DEFAULTS[name]
    if options["PROFILE"] not in ("0", "1"):
        raise OptionError(f"PROFILE={options['PROFILE']}: must be 0 or 1")
    return options


def _several(name: str, text: str, known: tuple[str, ...]) -> list[str]:
    chosen = text.replace(",", " ").split()
    unknown = [each for each in chosen if each not in known]
    if unknown or not chosen:
        raise OptionError(f"{name}={text}: must be some of {', '.join(known)}")
    return chosen


def _whole(name: str, text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise OptionError(f"{name}={text}: must be a whole number from 1")
    return int(text)


def _measure(
    out: Path, card: str, pins: str, kind: str, size: int, count: int, runs: int, profile: bool
) -> dict[str, Any]:
    """The run with the median time of `runs`; with `profile`, one more tells where the time goes."""
    settings = BenchSettings(card=card, ideal_processor=True, **({} if pins == "none" else {"pins": pins}))
    if card in RTL_CARDS:
        build(card, rtl_parameters(settings))
    what = f"{card}, {pins}, {kind}"
    measured = []
    for number in range(1, runs + 1):
        print(f"{what}: run {number} of {runs}", file=sys.stderr, flush=True)
        measured.append(_run(out, settings, what, kind, size, count, profile=False))
    median_s = statistics.median_low(each["wall_s"] for each in measured)
    chosen = next(each for each in measured if each["wall_s"] == median_s)
    payload = payload_bytes(kind, size, count)
    row = {
        "card": card,
        "pins": pins,
        "workload": kind,
        "payload_bytes": payload,
        "packets": chosen["packets"],
        "wall_s": chosen["wall_s"],
        "cpu_s": chosen["cpu_s"],
        "process_s": chosen["process_s"],
        "bytes_per_s": round(payload / chosen["wall_s"], 1),
        "packets_per_s": round(chosen["packets"] / chosen["wall_s"], 1),
        "simulated_ns_per_s": round(chosen["simulated_ns"] / chosen["wall_s"]),
        "peak_rss_mb": max(each["peak_rss_mb"] for each in measured),
        "simulated_mbps": round(8e3 * payload / chosen["simulated_ns"], 3),
        "runs": runs,
    }
    if profile:
        print(f"{what}: profile", file=sys.stderr, flush=True)
        row["profile"] = _run(out, settings, what, kind, size, count, profile=True)["profile"]
    return row


def _run(
    out: Path, settings: BenchSettings, what: str, kind: str, size: int, count: int, profile: bool
) -> dict[str, Any]:
    folder = out / "run"
    folder.mkdir(exist_ok=True)
    request = RunRequest(
        module="bench.speed.workloads",
        function="workload",
        name=what,
        out=str(folder),
        settings=settings,
        options={"workload": kind, "bytes": size, "count": count, "profile": profile},
        captures=False,
        progress=True,
    )
    path = folder / "to_run.json"
    request.save(path)
    begin_s = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bench.speed.run_one", str(path)], check=True)
    process_s = round(time.perf_counter() - begin_s, 4)
    return json.loads((folder / "measured.json").read_text()) | {"process_s": process_s}


def _show(rows: list[dict[str, Any]]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)  # a file takes the whole table
    table = Table(title=f"simulation speed; requests are of {REQUEST_BYTES} bytes, and so are responses")
    for name in ("card", "pins", "workload"):
        table.add_column(name)
    for name in ("payload B", "packets", "s in all", "wall s", "kB/s", "packets/s", "sim. us/s", "MB RSS", "sim. Mb/s"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row["card"],
            row["pins"],
            row["workload"],
            f"{row['payload_bytes']:,}",
            f"{row['packets']:,}",
            f"{row['process_s']:.2f}",
            f"{row['wall_s']:.2f}",
            f"{row['bytes_per_s'] / 1000:,.1f}",
            f"{row['packets_per_s']:,.0f}",
            f"{row['simulated_ns_per_s'] / 1000:,.0f}",
            f"{row['peak_rss_mb']:.0f}",
            f"{row['simulated_mbps']:.1f}",
        )
    console.print(table)
    for row in rows:
        if "profile" not in row:
            continue
        seconds = row["profile"]["seconds"]
        total = sum(seconds.values())
        what = f"{row['card']}, {row['pins']}, {row['workload']}"
        table = Table(title=f"{what}: CPU time under the profiler", min_width=64)
        table.add_column("where")
        table.add_column("s", justify="right")
        table.add_column("%", justify="right")
        for name, spent in sorted(seconds.items(), key=lambda item: -item[1]):
            table.add_row(name, f"{spent:.2f}", f"{100 * spent / total:.0f}")
        console.print(table)
        for spent, calls, name in row["profile"]["functions"]:
            print(f"  {spent:8.3f} s {calls:9,} calls  {name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
