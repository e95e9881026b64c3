"""Scheduler of the simulation kernel: tasks, events, queues and timers on one integer time line (picoseconds)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Generator
from heapq import heapify, heappop, heappush
from pathlib import PurePath
from types import coroutine
from typing import Any, Generic, TypeVar

from models.kernel.pacer import FOREVER_PS, Pacer

T = TypeVar("T")

_FEW_TIMERS = 256
"""So many abandoned timers may always stay on the time line."""


class Cancelled(BaseException):
    """Raised inside a task that is cancelled; only clean-up should catch it."""


class Deadlock(RuntimeError):
    """Nothing is pending, and yet the main task waits."""


class Kernel:
    """One time line with its ready queue and timers.

    `outside_time` tells the time when code outside the scheduler (a pin-level adapter) asks for it, and
    `outside_wake` tells whoever drives the kernel that a task became ready; both are None for virtual time.
    """

    current: Kernel | None = None

    def __init__(
        self, outside_time: Callable[[], int] | None = None, outside_wake: Callable[[], None] | None = None
    ) -> None:
        self._now = 0
        self._ready: deque[tuple[Task, Any, BaseException | None]] = deque()
        self._timers: list[tuple[int, int, Timer | Task]] = []
        """What happens when, by time and then in the order in which it was asked for: timers, and tasks that sleep."""
        self._sequence = 0
        self._abandoned = 0
        self._stepping = False
        self._outside_time = outside_time
        self._outside_wake = outside_wake
        self.failure: BaseException | None = None
        self.task: Task | None = None
        self._live: dict[Task, None] = {}
        self.main: Task | None = None
        """The task that the simulation is about: virtual time ends with it."""
        self.horizon_ps = -1
        """How far the running task may move virtual time by itself when it alone has something to wait for."""
        self.limit_ps = FOREVER_PS
        """Virtual time ends here."""
        self.pacer: Pacer | None = None

    def now(self) -> int:
        if not self._stepping and self._outside_time is not None:
            return self._outside_time()
        return self._now

    def spawn(self, coroutine: Coroutine[Any, Any, T], name: str = "") -> Task[T]:
        task = Task(self, coroutine, name)
        self._live[task] = None
        self._make_ready(task, None, None)
        return task

    def _timer_abandoned(self) -> None:
        """Nobody waits for an armed timer any more: what is far in the future must not pile up until then."""
        self._abandoned += 1
        if self._abandoned > _FEW_TIMERS and 2 * self._abandoned > len(self._timers):
            self._abandoned = 0
            for _, _, timer in self._timers:
                if not timer._waiters:
                    timer.disarm()
            # in place: step() holds on to the list
            self._timers[:] = [entry for entry in self._timers if entry[2]._waiters]
            heapify(self._timers)

    def _sleep_abandoned(self, task: Task) -> None:
        """A task that sleeps is cancelled."""
        self._timers[:] = [entry for entry in self._timers if entry[2] is not task]
        heapify(self._timers)

    def _reach(self, time_ps: int) -> bool:
        """Let time go on at once, without a way through the scheduler, if nobody else could act before."""
        if self._ready or time_ps > self.horizon_ps:
            return False
        timers = self._timers
        while timers:
            earliest_ps, _, waiting = timers[0]
            if earliest_ps > time_ps:
                break
            if waiting._waiters:
                return False
            heappop(timers)
            waiting.disarm()
        self._now = time_ps
        return True

    def pace(self, pacer: Pacer) -> None:
        """From now on time goes on as `pacer` says. Raises RuntimeError if there is one already."""
        if self.pacer is not None:
            raise RuntimeError("simulated time is paced already")
        self.pacer = pacer
        self.horizon_ps = -1

    def advance(self, next_ps: int | None) -> int | None:
        """Virtual time, paced: when it goes on, at most to `next_ps`; what has come from outside by then is there."""
        pacer = self.pacer
        assert pacer is not None
        if next_ps is None or next_ps > pacer.horizon_ps:
            next_ps = pacer.advance(self._now, next_ps)
        if next_ps is not None:
            self._now = next_ps
            pacer.deliver(next_ps)
            self.horizon_ps = min(pacer.horizon_ps, self.limit_ps)
        return next_ps

    def deliver(self, time_ps: int) -> bool:
        """Outside's time, paced: let what has come from outside by `time_ps` be there; has anyone something to do?"""
        assert self.pacer is not None
        self._now = time_ps
        self._stepping = True
        try:
            self.pacer.deliver(time_ps)
        finally:
            self._stepping = False
        next_ps = self.next_timer()
        return bool(self._ready) or (next_ps is not None and next_ps <= time_ps)

    def next_timer(self) -> int | None:
        """Time of the earliest timer that somebody still waits for."""
        timers = self._timers
        while timers and not timers[0][2]._waiters:
            heappop(timers)[2].disarm()
        return timers[0][0] if timers else None

    def quiet_until(self) -> int:
        """Time before which nothing happens unless the running task makes it; now where that is not known."""
        if self._ready or self._outside_time is not None or self.pacer is not None:
            return self.now()
        next_ps = self.next_timer()
        return FOREVER_PS if next_ps is None else next_ps

    def step(self, time_ps: int, go_on: Callable[[], int | None] | None = None) -> None:
        """Advance to `time_ps`, fire the timers that are due and run every ready task until all wait.

        `go_on()` is asked then for the time of another such step; without it, and when it says None, that was all.
        """
        self._now = time_ps
        self._stepping = True
        try:
            timers, ready = self._timers, self._ready
            while True:
                while timers and timers[0][0] <= time_ps:
                    due = heappop(timers)[2]
                    if type(due) is Task:
                        due._waiting_for = None
                        ready.append((due, None, None))
                    else:
                        due.set()
                if not ready:
                    if go_on is None:
                        break
                    next_ps = go_on()
                    if next_ps is None:
                        break
                    self._now = time_ps = next_ps
                    continue
                while ready:
                    task, value, error = ready.popleft()
                    if error is not None:
                        task._throw(error)
                    else:
                        self.task = task
                        try:
                            event = task._send(value)
                        except BaseException as ended:  # noqa: BLE001 - the task's result, or its failure
                            task._end(ended)
                        else:
                            if type(event) is int:
                                task._waiting_for = _SLEEP
                                self._sequence += 1
                                heappush(timers, (event, self._sequence, task))
                            else:
                                task._waiting_for = event
                                event._add(task)
                            continue
                    if self.failure is not None:
                        raise self.failure
        finally:
            self.task = None
            self._stepping = False

    def waiting(self) -> str:
        """What every task waits for, a line a task: for whoever has to explain why nothing happens."""
        return "\n".join(f"  {task.name}: {task.place()}" for task in self._live)

    def close(self) -> None:
        """Cancel whatever still runs (end of a simulation)."""
        self._stepping = True
        self.horizon_ps = -1
        try:
            # clean-up may spawn tasks in its turn (a driver that cancels requests); a few rounds reach their ends
            for _ in range(8):
                for task in list(self._live):
                    task.cancel()
                while self._ready:
                    task, value, error = self._ready.popleft()
                    task._resume(value) if error is None else task._throw(error)
                if not self._live:
                    break
        finally:
            self._stepping = False

    def _make_ready(self, task: Task, value: Any, error: BaseException | None) -> None:
        self._ready.append((task, value, error))
        if not self._stepping and self._outside_wake is not None:
            self._outside_wake()


class Task(Generic[T]):
    """A running coroutine; awaiting it gives its result or raises its error."""

    __slots__ = ("_coroutine", "_finished", "_kernel", "_send", "_waiting_for", "error", "name", "result")

    _waiters = True
    """On the time line, where only a task that sleeps is: somebody waits for that time."""

    def __init__(self, kernel: Kernel, coroutine: Coroutine[Any, Any, T], name: str) -> None:
        self._kernel = kernel
        self._coroutine = coroutine
        self._send = coroutine.send
        self._finished = Event()
        self._waiting_for: Event | _Sleep | None = None
        self.name = name or getattr(coroutine, "__qualname__", "task")
        self.result: T | None = None
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self._finished.is_set

    def place(self) -> str:
        """Where it waits: file and line of each coroutine, outermost first."""
        places = []
        coroutine: Any = self._coroutine
        while coroutine is not None and getattr(coroutine, "cr_frame", None) is not None:
            code = coroutine.cr_frame.f_code
            places.append(f"{code.co_name} ({PurePath(code.co_filename).name}:{coroutine.cr_frame.f_lineno})")
            coroutine = coroutine.cr_await
        return " > ".join(places)

    def cancel(self) -> None:
        """End the task by raising Cancelled where it waits; no effect on a finished one."""
        if self.done:
            return
        if self._waiting_for is not None:
            self._waiting_for._forget(self)
            self._waiting_for = None
            self._kernel._make_ready(self, None, Cancelled())
        else:
            for index, (task, _, _) in enumerate(self._kernel._ready):
                if task is self:
                    self._kernel._ready[index] = (self, None, Cancelled())

    def _resume(self, value: Any) -> None:
        """Let the coroutine go on; Kernel.step() does the same without the call."""
        self._kernel.task = self
        try:
            event = self._send(value)
        except BaseException as ended:  # noqa: BLE001 - the task's result, or its failure
            self._end(ended)
        else:
            self._wait_for(event)

    def _throw(self, error: BaseException) -> None:
        """Let the coroutine go on with an error where it waits."""
        self._kernel.task = self
        try:
            event = self._coroutine.throw(error)
        except BaseException as ended:  # noqa: BLE001 - the task's result, or its failure
            self._end(ended)
        else:
            self._wait_for(event)

    def _wait_for(self, event: Event | int) -> None:
        """What the coroutine has yielded: an event, or the time until which it sleeps."""
        if type(event) is int:
            kernel = self._kernel
            kernel._sequence += 1
            heappush(kernel._timers, (event, kernel._sequence, self))
            self._waiting_for = _SLEEP
        else:
            self._waiting_for = event
            event._add(self)

    def _end(self, ended: BaseException) -> None:
        """The coroutine is over: it has returned (StopIteration), was cancelled, or failed."""
        if isinstance(ended, StopIteration):
            self.result = ended.value
        else:
            self.error = ended
            # whatever a task raises belongs to whoever awaits it
            if not isinstance(ended, Cancelled) and not self._finished.waited_for:
                self._kernel.failure = ended
        kernel = self._kernel
        if self is kernel.main:
            kernel.horizon_ps = -1
        kernel._live.pop(self, None)
        self._finished.set()

    def __await__(self) -> Generator[Any, Any, T]:
        yield from self._finished.__await__()
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]


class Event:
    """A flag that tasks wait for: `await event` returns at once while it is set."""

    __slots__ = ("_set", "_waiters", "value")

    def __init__(self) -> None:
        self._set = False
        self._waiters: Task | dict[Any, None] | None = None  # one task, or whoever waits in order
        self.value: Any = None

    @property
    def is_set(self) -> bool:
        return self._set

    @property
    def waited_for(self) -> bool:
        return bool(self._waiters)

    def set(self, value: Any = None) -> None:
        """Set the flag and wake every waiter, each of which gets `value`."""
        if self._set:
            return
        self._set = True
        self.value = value
        waiters = self._waiters
        if not waiters:
            return
        self._waiters = None
        if type(waiters) is Task:
            waiters._waiting_for = None
            kernel = waiters._kernel
            if kernel._stepping:
                kernel._ready.append((waiters, value, None))
            else:
                kernel._make_ready(waiters, value, None)
            return
        for waiter in waiters:
            waiter._waiting_for = None
            waiter._kernel._make_ready(waiter, value, None)

    def clear(self) -> None:
        self._set = False
        self.value = None

    async def wait(self) -> Any:
        return await self

    def __await__(self) -> Generator[Any, Any, Any]:
        if self._set:
            return self.value
        return (yield self)

    def _add(self, task: Any) -> None:
        waiters = self._waiters
        if waiters is None:
            self._waiters = task if type(task) is Task else {task: None}
        elif type(waiters) is Task:
            self._waiters = {waiters: None, task: None}
        else:
            waiters[task] = None

    def _forget(self, task: Any) -> None:
        waiters = self._waiters
        if waiters is task:
            self._waiters = None
        elif type(waiters) is dict:
            waiters.pop(task, None)


class _Sleep:
    """What a task that sleeps waits for."""

    @staticmethod
    def _forget(task: Task) -> None:
        task._kernel._sleep_abandoned(task)


_SLEEP = _Sleep()


class Timer(Event):
    """An event that sets itself at a time, always an odd picosecond; on the time line only while it is waited for."""

    __slots__ = ("_armed", "_kernel", "time_ps")

    def __init__(self, kernel: Kernel, time_ps: int) -> None:
        self._set = False
        self._waiters = None
        self.value = None
        self._kernel = kernel
        self._armed = False
        self.time_ps = time_ps | 1

    @property
    def is_set(self) -> bool:
        return self._set or self._kernel.now() >= self.time_ps

    def __await__(self) -> Generator[Any, Any, Any]:
        kernel, time_ps = self._kernel, self.time_ps
        if self._set or kernel.now() >= time_ps:
            return self.value
        if not self._armed and kernel._reach(time_ps):
            return None
        return (yield self)

    def _add(self, task: Any) -> None:
        super()._add(task)
        if not self._armed:
            self._armed = True
            kernel = self._kernel
            kernel._sequence += 1
            heappush(kernel._timers, (self.time_ps, kernel._sequence, self))
            if not kernel._stepping and kernel._outside_wake is not None:
                kernel._outside_wake()

    def _forget(self, task: Any) -> None:
        super()._forget(task)
        if self._armed and not self._waiters:
            self._kernel._timer_abandoned()

    def disarm(self) -> None:
        self._armed = False


class Queue(Generic[T]):
    """First in, first out; `limit` None means unbounded. `put` returns False when the queue is full."""

    __slots__ = ("_items", "_not_empty", "limit")

    def __init__(self, limit: int | None = None) -> None:
        self._items: deque[T] = deque()
        self._not_empty = Event()
        self.limit = limit

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> bool:
        if self.limit is not None and len(self._items) >= self.limit:
            return False
        self._items.append(item)
        self._not_empty.set()
        return True

    async def get(self) -> T:
        while not self._items:
            await self._not_empty
        return self.get_nowait()

    def get_nowait(self) -> T:
        item = self._items.popleft()
        if not self._items:
            self._not_empty.clear()
        return item

    @property
    def not_empty(self) -> Event:
        """Set while something is queued; for `first`."""
        return self._not_empty


class _First:
    """Stands in for a task among the waiters of several events."""

    __slots__ = ("_events", "_kernel", "_task", "_waiting_for")

    def __init__(self, events: list[Event]) -> None:
        self._kernel = self
        self._waiting_for: Event | None = None
        self._events = events
        self._task: Task | None = None

    def __await__(self) -> Generator[Any, Any, None]:
        yield self

    def _add(self, task: Any) -> None:
        self._task = task
        for event in self._events:
            event._add(self)

    def _forget(self, _task: Any) -> None:
        self._task = None
        for event in self._events:
            event._forget(self)

    def _make_ready(self, _waiter: Any, _value: Any, _error: BaseException | None) -> None:
        task = self._task
        if task is not None:
            self._forget(task)
            task._waiting_for = None
            task._kernel._make_ready(task, None, None)


async def first(*awaitables: Event | Task | Queue) -> Event | Task | Queue:
    """Wait until one of the events, tasks or queues (not empty) is there; returns the first such in argument order."""
    events = [each if isinstance(each, Event) else _event_of(each) for each in awaitables]
    for position, event in enumerate(events):
        if event.is_set:
            return awaitables[position]
    await _First(events)
    for position, event in enumerate(events):
        if event.is_set:
            return awaitables[position]
    raise AssertionError("an event was cleared before its waiter ran; use a Queue where that can happen")


def _event_of(each: Task | Queue) -> Event:
    return each._finished if isinstance(each, Task) else each.not_empty


_NOT_RUNNING = "no simulation is running"


def _kernel() -> Kernel:
    if Kernel.current is None:
        raise RuntimeError(_NOT_RUNNING)
    return Kernel.current


def now() -> int:
    """Simulated time in picoseconds."""
    kernel = Kernel.current
    if kernel is None:
        raise RuntimeError(_NOT_RUNNING)
    return kernel._now if kernel._stepping or kernel._outside_time is None else kernel._outside_time()


def quiet_until() -> int:
    """Time before which nothing happens unless the caller makes it, in picoseconds; now where that is not known."""
    return _kernel().quiet_until()


def spawn(coroutine: Coroutine[Any, Any, T], name: str = "") -> Task[T]:
    """Run a coroutine beside the caller."""
    return _kernel().spawn(coroutine, name)


def after(duration_ps: int) -> Timer:
    """An event that is set `duration_ps` from now; it costs nothing once nobody waits for it."""
    return Timer(Kernel.current or _kernel(), now() + duration_ps)


@coroutine
def sleep(duration_ps: int) -> Generator[int, None, None]:
    """Let `duration_ps` of simulated time pass."""
    kernel = Kernel.current or _kernel()
    time_ps = kernel._now + duration_ps | 1
    if time_ps > kernel._now and not kernel._reach(time_ps):
        yield time_ps


def reached(time_ps: int) -> bool:
    """Is the time there, or can it come at once? If not, a generator that is a coroutine sleeps by yielding the time.

    For what is awaited so often that another coroutine would be too many; everything else uses `sleep_until`. The time
    must be odd.
    """
    kernel = Kernel.current or _kernel()
    return time_ps <= kernel._now or kernel._reach(time_ps)


@coroutine
def sleep_until(time_ps: int) -> Generator[int, None, None]:
    """Sleep until a time; returns at once if that is over."""
    kernel = Kernel.current or _kernel()
    time_ps |= 1
    if time_ps > kernel._now and not kernel._reach(time_ps):
        yield time_ps


def pace(pacer: Pacer) -> None:
    """From now on simulated time goes on as a party outside the simulation allows."""
    _kernel().pace(pacer)


def run(main: Coroutine[Any, Any, T], limit_ps: int | None = None) -> T:
    """Run `main` in virtual time to its end, jumping from event to event; returns its result.

    Raises Deadlock when nothing is pending and TimeoutError past `limit_ps`.
    """
    kernel = Kernel()
    outer, Kernel.current = Kernel.current, kernel
    try:
        task = kernel.main = kernel.spawn(main, "main")
        kernel.horizon_ps = kernel.limit_ps = limit_ps if limit_ps is not None else FOREVER_PS
        finished, timers = task._finished, kernel._timers

        def go_on() -> int | None:
            if finished._set:
                return None
            time_ps = timers[0][0] if timers and timers[0][2]._waiters else kernel.next_timer()
            if kernel.pacer is not None:
                time_ps = kernel.advance(time_ps)
            if time_ps is None:
                raise Deadlock(f"nothing is pending at {kernel.now()} ps, and every task waits:\n{kernel.waiting()}")
            if limit_ps is not None and time_ps > limit_ps:
                raise TimeoutError(f"{task.name} is not done after {limit_ps} ps of simulated time")
            return time_ps

        kernel.step(0, go_on)
        if task.error is not None:
            raise task.error
        return task.result  # type: ignore[return-value]
    finally:
        kernel.close()
        Kernel.current = outer
