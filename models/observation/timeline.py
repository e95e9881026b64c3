"""Writes a timeline as trace-event JSON, which Perfetto (ui.perfetto.dev) and chrome://tracing open.

Format: "Trace Event Format" (Google). Times are picoseconds of simulated time; the file holds microseconds with six
exact decimals. Events go straight to the file; the same events give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

# The order in which the viewer shows the groups of tracks.
PROCESSES = ("host", "firmware", "DMA", "bus", "wire")

Argument = int | float | str | bool


def microseconds(time_ps: int) -> str:
    """A time in picoseconds as a JSON number in microseconds, exactly."""
    sign = "-" if time_ps < 0 else ""
    whole, fraction = divmod(abs(time_ps), 1_000_000)
    return f"{sign}{whole}.{fraction:06d}".rstrip("0").rstrip(".")


class Track:
    """A row of the timeline. Made by Timeline.track()."""

    def __init__(self, timeline: Timeline, process: int, name: str, nested: bool) -> None:
        self._timeline = timeline
        self._process = process
        self._name = name
        self._nested = nested
        # Row number in the viewer and end of its last span, a pair for each row this track has needed so far.
        self._lanes: list[tuple[int, int]] = []
        self._lane(0, 0)

    def span(self, name: str, begin_ps: int, end_ps: int, **arguments: Argument) -> None:
        """Something that lasts. A span that overlaps an earlier one moves to a further row, unless nested.

        Raises ValueError when it ends before it begins.
        """
        if end_ps < begin_ps:
            raise ValueError(f"span {name} ends at {end_ps} ps, before it begins at {begin_ps} ps")
        self._timeline.event(
            "X",
            self._process,
            self._lane(begin_ps, end_ps),
            begin_ps,
            f'"dur":{microseconds(end_ps - begin_ps)},',
            name,
            arguments,
        )

    def instant(self, name: str, time_ps: int, **arguments: Argument) -> None:
        """Something that happens at a moment."""
        self._timeline.event("i", self._process, self._lanes[0][0], time_ps, '"s":"t",', name, arguments)

    def counter(self, time_ps: int, **values: int | float) -> None:
        """New values of quantities that are drawn as a graph under the track's name."""
        self._timeline.event("C", self._process, self._lanes[0][0], time_ps, "", self._name, values)

    def _lane(self, begin_ps: int, end_ps: int) -> int:
        for index, (row, busy_until) in enumerate(self._lanes):
            if self._nested or begin_ps >= busy_until:
                self._lanes[index] = (row, max(end_ps, busy_until))
                return row
        label = self._name if not self._lanes else f"{self._name} ({len(self._lanes) + 1})"
        row = self._timeline.row(self._process, label)
        self._lanes.append((row, end_ps))
        return row


class Timeline:
    """A trace-event file being written. Also a context manager."""

    def __init__(self, path: Path | str, processes: Sequence[str] = PROCESSES) -> None:
        self._file: TextIO = open(path, "w", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by close()
        self._file.write('{"displayTimeUnit":"ns","traceEvents":[')
        self._separator = "\n"
        self._processes: dict[str, int] = {}
        self._tracks: dict[tuple[str, str], Track] = {}
        self._rows = 0
        for name in processes:
            self._process(name)

    def track(self, process: str, name: str, nested: bool = False) -> Track:
        """The track of that name under that process; made at the first call.

        `nested`: its spans lie properly inside each other, as calls do, and share one row.
        """
        key = (process, name)
        if key not in self._tracks:
            self._tracks[key] = Track(self, self._process(process), name, nested)
        return self._tracks[key]

    def observer(self, process: str) -> ProcessObserver:
        """The tracks of one process by name, for code that is given nothing else to report to."""
        return ProcessObserver(self, process)

    def close(self) -> None:
        if not self._file.closed:
            self._file.write("\n]}\n")
            self._file.close()

    def __enter__(self) -> Timeline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def event(
        self, phase: str, process: int, row: int, time_ps: int, extra: str, name: str, arguments: dict[str, Argument]
    ) -> None:
        """One trace event; Track offers the useful ones. `extra` is JSON text with its comma."""
        self._write(
            f'{{"ph":"{phase}","pid":{process},"tid":{row},"ts":{microseconds(time_ps)},{extra}'
            f'"name":{json.dumps(name)}' + (f',"args":{json.dumps(arguments)}' if arguments else "") + "}"
        )

    def row(self, process: int, label: str) -> int:
        """A new row of the viewer."""
        self._rows += 1
        self._metadata("thread_name", process, self._rows, f'"name":{json.dumps(label)}')
        self._metadata("thread_sort_index", process, self._rows, f'"sort_index":{self._rows}')
        return self._rows

    def _process(self, name: str) -> int:
        if name not in self._processes:
            number = self._processes[name] = len(self._processes) + 1
            self._metadata("process_name", number, 0, f'"name":{json.dumps(name)}')
            self._metadata("process_sort_index", number, 0, f'"sort_index":{number}')
        return self._processes[name]

    def _metadata(self, kind: str, process: int, row: int, arguments: str) -> None:
        self._write(f'{{"ph":"M","pid":{process},"tid":{row},"name":"{kind}","args":{{{arguments}}}}}')

    def _write(self, text: str) -> None:
        self._file.write(self._separator + text)
        self._separator = ",\n"


class ProcessObserver:
    """Spans and instants on the tracks of one process, the tracks named at each call."""

    def __init__(self, timeline: Timeline, process: str) -> None:
        self._timeline = timeline
        self._process_name = process

    def span(self, track: str, name: str, begin_ps: int, end_ps: int, **arguments: Argument) -> None:
        self._timeline.track(self._process_name, track).span(name, begin_ps, end_ps, **arguments)

    def instant(self, track: str, name: str, time_ps: int, **arguments: Argument) -> None:
        self._timeline.track(self._process_name, track).instant(name, time_ps, **arguments)
