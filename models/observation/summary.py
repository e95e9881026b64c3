"""The result of a run: summary.json (simulated values only), run.json (wall clock) and a table on the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Decimals kept of every fractional value, so that the text does not hang on the last bit of a float.
DECIMALS = 3


def goodput_mbps(payload_bytes: int, duration_ps: int) -> float:
    """Megabits of payload a second of simulated time; 0 when no time has passed."""
    return round(payload_bytes * 8 * 1e6 / duration_ps, DECIMALS) if duration_ps > 0 else 0.0


@dataclass(frozen=True)
class Summary:
    """What a run has shown. Nothing here depends on the wall clock.

    simulated_ns: length of the run; goodput_mbps: payload; bus_beats: data beats by bus master; dropped: frames and
    messages by cause; details: further values of the scenario, by name, written after these.
    """

    scenario: str
    seed: int
    card: str
    file_bytes: int
    sha256_sent: str
    sha256_received: str
    simulated_ns: int
    goodput_mbps: float
    frames_sent: int
    frames_received: int
    retransmissions: int
    host_cpu_percent: float
    bus_beats: Mapping[str, int]
    dropped: Mapping[str, int]
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        return self.sha256_sent == self.sha256_received

    def as_dict(self) -> dict[str, object]:
        """All values by name, in the order in which they are written. Raises ValueError for a name used twice."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "details"}
        twice = sorted(values.keys() & self.details.keys())
        if twice:
            raise ValueError(f"summary value given twice: {', '.join(twice)}")
        return {name: _stable(value) for name, value in {**values, **self.details}.items()}


def _stable(value: object) -> object:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, Mapping):
        return {str(key): _stable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_stable(item) for item in value]
    return value


def _write_json(path: Path | str, value: Mapping[str, object]) -> None:
    Path(path).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_summary(path: Path | str, summary: Summary) -> None:
    """Writes summary.json; the same run gives the same bytes."""
    _write_json(path, summary.as_dict())


def write_run(path: Path | str, wall_seconds: float, **values: object) -> None:
    """Writes run.json: how long the run took, and whatever else belongs to the machine and not to the simulation."""
    _write_json(path, {"wall_seconds": round(wall_seconds, DECIMALS), **{k: _stable(v) for k, v in values.items()}})


_UNITS = {"simulated_ns": "ns", "goodput_mbps": "Mbit/s", "file_bytes": "bytes", "host_cpu_percent": "%"}


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)) and name not in ("seed",):
        number = f"{value:,}"
        return f"{number} {_UNITS[name]}" if name in _UNITS else number
    return str(value)


def print_values(values: Mapping[str, Any], console: Console | None = None) -> None:
    """The readable form of summary.json: one line a value; of values by name those that are not zero."""
    from rich import console as terminal  # takes as long to load as everything else of a short run
    from rich.table import Table

    console = console or terminal.Console()
    intact = values["sha256_sent"] == values["sha256_received"]
    carried = bool(values["sha256_sent"])
    title = values["scenario"] + ((": intact" if intact else ": NOT INTACT") if carried else "")
    table = Table(title=title, title_justify="left")
    table.add_column("what", no_wrap=True)
    table.add_column("value", overflow="fold")
    for name, value in values.items():
        if name == "scenario" or (name == "sha256_received" and intact):
            continue
        if not carried and name in ("file_bytes", "sha256_sent"):
            continue
        label = name.replace("_", " ")
        if isinstance(value, dict):
            shown = [f"{key} {_text(key, item)}" for key, item in value.items() if item]
            table.add_row(label, ", ".join(shown) or "none")
        else:
            table.add_row(label, _text(name, value))
    console.print(table)
