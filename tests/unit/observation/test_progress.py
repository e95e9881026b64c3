"""Progress: plain lines where there is no terminal, a bar where there is one."""

import io

from models.observation.progress import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_lines_come_at_each_tenth_with_rate_and_time_left() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress("file", 1_000_000, stream, clock) as progress:
        for step in range(1, 101):
            clock.now += 0.1
            progress.update(step * 10_000, f"simulated {step} ms")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[4] == "file: 500.0 kB of 1.0 MB (50%), 100.0 kB/s, 5 s left, simulated 50 ms"
    assert "left" not in lines[-1]


def test_a_slow_run_still_says_something_every_few_seconds() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress("file", 1_000_000, stream, clock)
    for _ in range(12):
        clock.now += 1.0
        progress.update(0)
    assert len(stream.getvalue().splitlines()) == 2


def test_an_empty_file_is_no_division_by_zero() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress("file", 0, stream, clock)
    clock.now = 6.0
    progress.update(0)
    assert "(100%)" in stream.getvalue()


def test_a_terminal_gets_a_bar() -> None:
    stream, clock = Terminal(), Clock()
    with Progress("file", 1000, stream, clock) as progress:
        clock.now = 1.0
        progress.update(1000, "simulated 5 ms")
    text = stream.getvalue()
    assert "file" in text and "━" in text and "simulated 5 ms" in text


def test_what_is_counted_may_be_another_thing_than_bytes() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress("compiling", 34, stream, clock, unit="files") as progress:
        clock.now = 10.0
        progress.update(17)
    assert stream.getvalue() == "compiling: 17 files of 34 files (50%), 1.7 files/s, 10 s left\n"
    with Progress("compiling", 34, Terminal(), clock, unit="files") as progress:
        progress.update(34)
