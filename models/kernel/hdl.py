"""Runs the simulation kernel inside an HDL simulator: cocotb moves the time, the kernel's tasks follow.

This is the kernel's only contact with cocotb; pin-level adapters use `from_cocotb` to let a task wait for a cocotb
coroutine, and may set kernel events and queues at any time.
"""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import cocotb
from cocotb import simulator
from cocotb.triggers import Event as CocotbEvent
from cocotb.triggers import Timer

from models.kernel.scheduler import Event, Kernel

T = TypeVar("T")


def simulator_time_ps() -> int:
    """Simulated time; the simulator's precision is 1 ps (timescale of hdl/sim)."""
    high, low = simulator.get_sim_time()
    return (high << 32) | low


async def run(main: Coroutine[Any, Any, T]) -> T:
    """cocotb coroutine: run `main` as the kernel's main task in the simulator's time; returns its result."""
    wake = CocotbEvent()
    alarms: list[int] = []  # times at which the simulator wakes the kernel, the earliest last

    async def alarm(time_ps: int) -> None:
        await Timer(time_ps - simulator_time_ps(), unit="step")
        alarms.pop()
        wake.set()

    kernel = Kernel(outside_time=simulator_time_ps, outside_wake=wake.set)
    Kernel.current = kernel
    task = kernel.spawn(main, "main")
    try:
        while True:
            wake.clear()
            kernel.step(simulator_time_ps())
            if task.done:
                break
            if wake.is_set():
                continue
            next_ps = kernel.next_timer()
            # an alarm that is no longer needed is not taken back: that is slower than a step in vain, and a simulator
            # may keep what was taken back until its time has come
            if next_ps is not None and (not alarms or next_ps < alarms[-1]):
                alarms.append(next_ps)
                cocotb.start_soon(alarm(next_ps))
            await wake.wait()
    except BaseException:
        # the simulator has run out of events, or a task failed: say what everyone was at
        print(f"at {simulator_time_ps()} ps the tasks were at:\n{kernel.waiting()}", file=sys.stderr, flush=True)
        raise
    finally:
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
