"""How far simulated time may go: parties outside the simulation that pace it, in real time or as recorded.

What comes from outside enters at a time of its own, an odd picosecond like every sleep's end, before whatever else
happens at that time. So a recording of these times is all that an exact repetition needs.
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from models.kernel.scheduler import Event

FOREVER_PS = 1 << 100


class Pacer(Protocol):
    """A party with a time of its own (`kernel.pace`)."""

    horizon_ps: int
    """So far simulated time may go without asking."""

    def advance(self, now_ps: int, next_ps: int | None) -> int | None:
        """Nothing happens between `now_ps` and `next_ps` (None: ever). When does time go on?

        Returns `next_ps`, or an earlier odd time after `now_ps` at which something comes from outside; None: never.
        """

    def deliver(self, time_ps: int) -> None:
        """It is `time_ps`: set the events of what has come from outside by now."""


class RealTime:
    """Simulated time follows the wall clock, and never runs ahead of it by more than `LEAST_WAIT_PS`.

    Before time jumps it waits until the wall clock has got there or a file descriptor is readable, whose event is set
    at that moment. A simulation that is slower than real time falls behind, and does not catch up: a debt would be paid
    by jumping over times at which the outside still had something to say.
    """

    LEAST_WAIT_PS = 100_000_000
    """A shorter wait is not worth a system call's time."""
    LOOK_OUT_PS = 10_000_000
    """So often are the descriptors looked at when there is no time to wait."""

    def __init__(
        self,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        wait: Callable[[Sequence[int], float | None], Sequence[int]] | None = None,
    ) -> None:
        """`wait(descriptors, seconds)` returns those that are readable, none when the time is over."""
        self.horizon_ps = -1
        self._clock_ns = clock_ns
        self._wait = wait or _wait
        self._origin_ns: int | None = None
        self._watched: dict[int, Event] = {}
        self._readable: Sequence[int] = ()
        self._due_ps = 0

    def watch(self, descriptor: int, readable: Event) -> None:
        """Set `readable` when the descriptor is; while it is set the descriptor is left alone."""
        self._watched[descriptor] = readable

    def forget(self, descriptor: int) -> None:
        """Watch it no longer."""
        self._watched.pop(descriptor, None)

    def advance(self, now_ps: int, next_ps: int | None) -> int | None:
        watched = [descriptor for descriptor, readable in self._watched.items() if not readable.is_set]
        if next_ps is None and not watched:
            return None
        wall_ps = self._wall_ps(now_ps)
        if wall_ps > now_ps and self._origin_ns is not None:
            self._origin_ns += (wall_ps - now_ps) // 1000
            wall_ps = now_ps
        wait_ps = None if next_ps is None else next_ps - wall_ps
        seconds = None if wait_ps is None else wait_ps / 1e12 if wait_ps > self.LEAST_WAIT_PS else 0.0
        self._readable = self._wait(watched, seconds) if watched or seconds else ()
        if self._readable:
            self._due_ps = max(self._wall_ps(now_ps), now_ps + 1) | 1
            if next_ps is not None:
                self._due_ps = min(self._due_ps, next_ps)
            return self._due_ps
        assert next_ps is not None
        self.horizon_ps = max(next_ps, now_ps + self.LOOK_OUT_PS)
        return next_ps

    def deliver(self, time_ps: int) -> None:
        if self._readable and time_ps >= self._due_ps:
            readable, self._readable = self._readable, ()
            self.horizon_ps = time_ps
            for descriptor in readable:
                if descriptor in self._watched:
                    self._watched[descriptor].set()

    def _wall_ps(self, now_ps: int) -> int:
        """The wall clock in simulated time."""
        if self._origin_ns is None:
            self._origin_ns = self._clock_ns() - now_ps // 1000
        return (self._clock_ns() - self._origin_ns) * 1000


def _wait(descriptors: Sequence[int], seconds: float | None) -> Sequence[int]:
    return select.select(descriptors, (), (), seconds)[0]


class Recorded:
    """What came from outside comes again, at the same times, and between these time jumps freely."""

    def __init__(self, inputs: Iterable[tuple[int, Event]]) -> None:
        """`inputs`: times in order, and what is set then."""
        self._inputs = deque(inputs)
        self._look_ahead()

    def advance(self, now_ps: int, next_ps: int | None) -> int | None:
        self.deliver(now_ps)  # whoever looked by himself has it already
        if self._inputs and (next_ps is None or self._inputs[0][0] <= next_ps):
            return self._inputs[0][0]
        return next_ps

    def deliver(self, time_ps: int) -> None:
        while self._inputs and self._inputs[0][0] <= time_ps:
            self._inputs.popleft()[1].set()
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.horizon_ps = self._inputs[0][0] - 1 if self._inputs else FOREVER_PS
