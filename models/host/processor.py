"""The host's processor: what the kernel and the driver do is paid for here in simulated time, by category."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from firmware.observer import Observer
from models import kernel

T = TypeVar("T")

FREQUENCY_HZ = 1_800_000_000
"""Published: 1.8 GHz Intel Xeon."""


class Category(enum.StrEnum):
    """What the time goes to."""

    SYSTEM_CALL = "system_call"
    ADDRESS_TRANSLATION = "address_translation"
    MESSAGE = "message"
    DEVICE_ACCESS = "device_access"
    INTERRUPT = "interrupt"
    WAKE_UP = "wake_up"
    COPY = "copy"
    PROTOCOL = "protocol"
    APPLICATION = "application"


@dataclass(frozen=True)
class Costs:
    """Costs of the kernel and the TOE driver, in cycles of the host's processor.

    All fitted: with utilization published as below 5 % at 54 to 67 us one way, and a round trip holding a send and a
    receive on each host, some 5 to 7 us of host time are left a message; the latencies of Table 3 fit with 4 us from
    the system call to the posted request and 6 us from the interrupt to the woken process. These sums are what is
    fitted; how they divide is judgement (Linux 2.6 on a Xeon of 2002: a system call 0.5 us, an interrupt with its
    entry and exit 1.5 us, a context switch 2 us). Accesses to the card are not in them: they take what the bus takes.
    """

    system_call_entry: int = 900
    """Trap, sys_socketcall, copying its arguments in: 0.5 us."""
    system_call_exit: int = 540
    """0.3 us."""
    socket_lookup: int = 540
    """Descriptor to TOE socket, toe_socketcall: 0.3 us."""
    get_user_pages: int = 720
    """Per call: 0.4 us."""
    translate_page: int = 450
    """Page table walk, pin, kmap, (address, length) pair; per page: 0.25 us."""
    unpin_page: int = 180
    """put_page; per page: 0.1 us."""
    build_message: int = 900
    """Tag, header, parameters, bookkeeping: 0.5 us."""
    interrupt: int = 2700
    """Entry, acknowledge, exit; per interrupt: 1.5 us."""
    reply: int = 900
    """Taking a reply apart, finding whose it is; per reply: 0.5 us."""
    wake_up: int = 4500
    """try_to_wake_up, schedule, context switch: 2.5 us."""
    copy_per_kilobyte: int = 900
    """Copy between user and kernel buffers (not used by the TOE): 2 GB/s."""


class Processor:
    """One hardware thread, which one task has at a time; interrupts go before processes.

    `memory_cycles(touches)` prices memory read or written (a cache model); nothing by default.
    """

    def __init__(
        self,
        frequency_hz: int = FREQUENCY_HZ,
        costs: Costs | None = None,
        memory_cycles: Callable[[Sequence[tuple[int, int]]], int] | None = None,
    ) -> None:
        self.frequency_hz = frequency_hz
        self.costs = costs or Costs()
        self._memory_cycles = memory_cycles
        self.observer = Observer()
        self.busy_ps: dict[str, int] = {}
        self.count: dict[str, int] = {}
        self._taken = False
        self._interrupts_waiting: deque[kernel.Event] = deque()
        self._processes_waiting: deque[kernel.Event] = deque()

    async def charge(
        self, category: str, instructions: int, touches: Sequence[tuple[int, int]] = (), interrupt: bool = False
    ) -> None:
        """Spend `instructions` (one cycle each) and what `touches` (address, length) cost, in `category`."""
        cycles = instructions + (self._memory_cycles(touches) if self._memory_cycles else 0)
        if cycles <= 0:
            return
        if self._taken:
            await self._wait_for_turn(interrupt)
        self._taken = True
        duration_ps = cycles * kernel.S // self.frequency_hz
        try:
            await kernel.sleep(duration_ps)
        finally:
            self._account(category, duration_ps)
            self._give()

    async def access(self, category: str, work: Awaitable[T], interrupt: bool = False) -> T:
        """The processor waits for `work`, an access to a device: it is busy as long as that takes."""
        if self._taken:
            try:
                await self._wait_for_turn(interrupt)
            except BaseException:
                if hasattr(work, "close"):
                    work.close()
                raise
        self._taken = True
        begin_ps = kernel.now()
        try:
            return await work
        finally:
            self._account(category, kernel.now() - begin_ps)
            self._give()

    def _account(self, category: str, duration_ps: int) -> None:
        self.busy_ps[category] = self.busy_ps.get(category, 0) + duration_ps
        self.count[category] = self.count.get(category, 0) + 1
        now_ps = kernel.now()
        self.observer.span("processor", category, now_ps - duration_ps, now_ps)

    async def _wait_for_turn(self, interrupt: bool) -> None:
        waiting = self._interrupts_waiting if interrupt else self._processes_waiting
        turn = kernel.Event()
        waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.is_set:  # it was given to a task that is being cancelled
                self._give()
            else:
                waiting.remove(turn)
            raise

    def _give(self) -> None:
        for waiting in (self._interrupts_waiting, self._processes_waiting):
            if waiting:
                waiting.popleft().set()
                return
        self._taken = False

    @property
    def total_busy_ps(self) -> int:
        return sum(self.busy_ps.values())

    def measure(self) -> Measurement:
        """Begin an interval."""
        return Measurement(self, kernel.now(), dict(self.busy_ps))


@dataclass
class Measurement:
    """Use of the processor since a moment."""

    processor: Processor
    begin_ps: int
    _busy_before: dict[str, int] = field(repr=False)

    def by_category(self) -> dict[str, int]:
        """Picoseconds by category since the beginning."""
        used = {name: busy - self._busy_before.get(name, 0) for name, busy in self.processor.busy_ps.items()}
        return {name: busy for name, busy in used.items() if busy}

    @property
    def busy_ps(self) -> int:
        return sum(self.by_category().values())

    @property
    def utilization(self) -> float:
        """Share of the time so far, 0 to 1."""
        elapsed = kernel.now() - self.begin_ps
        return self.busy_ps / elapsed if elapsed else 0.0
