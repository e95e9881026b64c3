"""The simulation kernel: the only way in which firmware and models wait, spawn and tell the time.

Times are integers in picoseconds. One scheduler runs every task, whoever moves the time: a virtual-time loop
(`run`) when there is no HDL simulator, the simulator itself under cocotb (`models.kernel.hdl`).

Sleeps end on odd picoseconds and clock edges fall on even ones, so that software never races a clock edge:
a run with its clocks stopped while idle and one with its clocks running see the same order of events.

When nothing is pending time jumps to the next event, unless a party outside the simulation paces it (`pace`,
`models.kernel.pacer`).
"""

from models.kernel.scheduler import (
    Cancelled,
    Deadlock,
    Event,
    Kernel,
    Queue,
    Task,
    after,
    first,
    now,
    pace,
    quiet_until,
    reached,
    run,
    sleep,
    sleep_until,
    spawn,
)

PS, NS, US, MS, S = 1, 10**3, 10**6, 10**9, 10**12
"""Units of time, in picoseconds."""

__all__ = [
    "MS",
    "NS",
    "PS",
    "US",
    "Cancelled",
    "Deadlock",
    "Event",
    "Kernel",
    "Queue",
    "S",
    "Task",
    "after",
    "first",
    "now",
    "pace",
    "quiet_until",
    "reached",
    "run",
    "sleep",
    "sleep_until",
    "spawn",
]
