"""Runs the simulation kernel inside an HDL simulator: cocotb moves the time, the kernel's tasks follow.

This is the kernel's only contact with cocotb; pin-level adapters use `from_cocotb` to let a task wait for a cocotb
coroutine, and may set kernel events and queues at any time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import cocotb
from cocotb import _event_loop, simulator
from cocotb.triggers import Event as CocotbEvent
from cocotb.triggers import Timer

from models.kernel.scheduler import Event, Kernel

T = TypeVar("T")

_LOOK_OUT_PS = 10_000_000
"""Paced, and with the HDL at work: so often is the outside asked; and for so long must nothing have happened before the
simulation waits for the outside (models on their way between Python and pins have timers of cocotb's)."""


def simulator_time_ps() -> int:
    """Simulated time; the simulator's precision is 1 ps (timescale of hdl/sim)."""
    high, low = simulator.get_sim_time()
    return (high << 32) | low


class _Driver:
    """Steps a kernel when the simulator has reached its next timer, and when something outside has made a task ready.

    Works with callbacks of cocotb's triggers and event loop: a coroutine of cocotb's costs several times as much.
    """

    def __init__(self, main: Coroutine[Any, Any, T], at_work: Callable[[], bool]) -> None:
        self._at_work = at_work
        self._active_ps = 0
        self._woken = False
        self._alarms: list[int] = []  # times at which the simulator wakes the kernel, the earliest last
        self.ended = CocotbEvent()
        self.failure: BaseException | None = None
        self.kernel = Kernel(outside_time=simulator_time_ps, outside_wake=self._wake)
        Kernel.current = self.kernel
        self.task = self.kernel.spawn(main, "main")

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            _event_loop._inst.schedule(self._advance)

    def _alarm(self) -> None:
        self._alarms.pop()
        self._wake()

    def _advance(self) -> None:
        self._woken = False
        if self.ended.is_set():
            return
        kernel = self.kernel
        now_ps = simulator_time_ps()
        try:
            if kernel.pacer is not None and kernel.deliver(now_ps):
                self._active_ps = now_ps
            kernel.step(now_ps)
        except BaseException as error:  # noqa: BLE001 - raised where the kernel was started
            self.failure = error
        if self.failure is not None or self.task.done:
            self.ended.set()
            return
        next_ps = kernel.next_timer()
        if kernel.pacer is not None:
            next_ps = self._paced(now_ps, next_ps)
        # an alarm that is no longer needed is not taken back: that is slower than a step in vain, and a simulator
        # may keep what was taken back until its time has come
        if next_ps is not None and (not self._alarms or next_ps < self._alarms[-1]):
            self._alarms.append(next_ps)
            Timer(next_ps - now_ps, unit="step")._register(self._alarm)

    def _paced(self, now_ps: int, next_ps: int | None) -> int | None:
        """How far the simulator may go before the kernel is stepped again.

        What the HDL does next is not known. So it is given a little time again and again, until it has come to rest.
        """
        assert self.kernel.pacer is not None
        bounds = [*self._alarms[-1:], *([] if next_ps is None else [next_ps])]
        if now_ps - self._active_ps < _LOOK_OUT_PS or self._at_work():
            bounds.append(now_ps + _LOOK_OUT_PS | 1)
        return self.kernel.pacer.advance(now_ps, min(bounds, default=None))


async def run(main: Coroutine[Any, Any, T], at_work: Callable[[], bool] = lambda: True) -> T:
    """cocotb coroutine: run `main` as the kernel's main task in the simulator's time; returns its result.

    `at_work()` says whether the HDL may do something by itself; only a paced simulation asks.
    """
    driver = _Driver(main, at_work)
    kernel, task = driver.kernel, driver.task
    try:
        await driver.ended.wait()
        if driver.failure is not None:
            raise driver.failure
    except BaseException:
        # the simulator has run out of events, or a task failed: say what everyone was at
        print(f"at {simulator_time_ps()} ps the tasks were at:\n{kernel.waiting()}", file=sys.stderr, flush=True)
        raise
    finally:
        driver.ended.set()
        kernel.close()
        Kernel.current = None
    if task.error is not None:
        raise task.error
    return task.result  # type: ignore[return-value]


async def from_cocotb(coroutine: Coroutine[Any, Any, T]) -> T:
    """Kernel coroutine: run a cocotb coroutine to its end; gives its result or raises its error."""
    done = Event()

    async def carry() -> None:
        try:
            done.set((await coroutine, None))
        except Exception as error:  # noqa: BLE001 - handed to the waiting task
            done.set((None, error))

    cocotb.start_soon(carry())
    result, error = await done
    if error is not None:
        raise error
    return result
