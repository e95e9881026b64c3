"""Progress of a long run: a bar on a terminal, a plain line now and then anywhere else.

Rate and time left are of the wall clock; nothing here enters a simulated result.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

# A plain line is written when this much has been done since the last one, or this long after it.
PLAIN_STEP_PERCENT = 10
PLAIN_SECONDS = 5.0

BYTES = "bytes"


def _amount(count: float, unit: str) -> str:
    if unit != BYTES:
        return f"{count:.3g} {unit}"
    for name in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {name}" if name == "B" else f"{count:.1f} {name}"
        count /= 1000
    return f"{count:.1f} GB"


def _time_left(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def _bar(stream: TextIO, clock: Callable[[], float], unit: str) -> Bar:
    """A bar for a terminal. Only a terminal needs rich, which takes as long to load as everything else of a run."""
    from rich import progress as columns
    from rich.console import Console

    return columns.Progress(
        columns.TextColumn("{task.description}"),
        columns.BarColumn(),
        *(
            (columns.DownloadColumn(), columns.TransferSpeedColumn())
            if unit == BYTES
            else (columns.MofNCompleteColumn(),)
        ),
        columns.TimeRemainingColumn(),
        columns.TextColumn("{task.fields[note]}"),
        console=Console(file=stream),
        get_time=clock,
    )


class Progress:
    """How much of `total`, in bytes or another `unit`, is done. Also a context manager."""

    def __init__(
        self,
        title: str,
        total: int,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        unit: str = BYTES,
    ) -> None:
        """`clock` is in seconds."""
        self._unit = unit
        self._title = title
        self._total = total
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._begin = self._last_line = clock()
        self._last_done = 0
        self._closed = False
        self._bar: Bar | None = None
        if self._stream.isatty():
            self._bar = _bar(self._stream, clock, unit)
            self._task = self._bar.add_task(title, total=total, note="")
            self._bar.start()

    def update(self, done: int, note: str = "") -> None:
        """`done` of the total so far; `note` is shown after it."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, note=note)
            return
        now = self._clock()
        step = (done - self._last_done) * 100 >= self._total * PLAIN_STEP_PERCENT
        if (step and done > self._last_done) or now - self._last_line >= PLAIN_SECONDS:
            self._line(done, note, now)

    def close(self) -> None:
        """Takes the bar away; what has been shown stays."""
        if self._bar is not None and not self._closed:
            self._bar.stop()
        self._closed = True

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _amount(self, count: float) -> str:
        return _amount(count, self._unit)

    def _line(self, done: int, note: str, now: float) -> None:
        percent = 100 * done // self._total if self._total else 100
        words = [f"{self._title}: {self._amount(done)} of {self._amount(self._total)} ({percent}%)"]
        elapsed = now - self._begin
        if elapsed > 0 and done:
            rate = done / elapsed
            words.append(f"{self._amount(rate)}/s")
            if done < self._total:
                words.append(f"{_time_left((self._total - done) / rate)} left")
        if note:
            words.append(note)
        print(", ".join(words), file=self._stream, flush=True)
        self._last_line, self._last_done = now, done
