"""Runs the simulation kernel inside an HDL simulator: cocotb moves the time, the kernel's tasks follow.

This is the kernel's only contact with cocotb; pin-level adapters use `from_cocotb` to let a task wait for a cocotb
coroutine, and may set kernel events and queues at any time.
"""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import cocotb
from cocotb import _event_loop, simulator
from cocotb.triggers import Event as CocotbEvent
from cocotb.triggers import Timer

from models.kernel.scheduler import Event, Kernel

T = TypeVar("T")


def simulator_time_ps() -> int:
    """Simulated time; the simulator's precision is 1 ps (timescale of hdl/sim)."""
    high, low = simulator.get_sim_time()
    return (high << 32) | low


class _Driver:
    """Steps a kernel when the simulator has reached its next timer, and when something outside has made a task ready.

    Works with callbacks of cocotb's triggers and event loop: a coroutine of cocotb's costs several times as much.
    """

    def __init__(self, main: Coroutine[Any, Any, T]) -> None:
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
            kernel.step(now_ps)
        except BaseException as error:  # noqa: BLE001 - raised where the kernel was started
            self.failure = error
        if self.failure is not None or self.task.done:
            self.ended.set()
            return
        next_ps = kernel.next_timer()
        # an alarm that is no longer needed is not taken back: that is slower than a step in vain, and a simulator
        # may keep what was taken back until its time has come
        if next_ps is not None and (not self._alarms or next_ps < self._alarms[-1]):
            self._alarms.append(next_ps)
            Timer(next_ps - now_ps, unit="step")._register(self._alarm)


async def run(main: Coroutine[Any, Any, T]) -> T:
    """cocotb coroutine: run `main` as the kernel's main task in the simulator's time; returns its result."""
    driver = _Driver(main)
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
