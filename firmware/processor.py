"""The modelled I/O processor: instructions are charged to the hardware thread that runs and paid for in simulated time.

An access over a bus takes the time that the bus takes; it is never charged here. What is charged is paid when the
thread next touches a bus or goes idle (`Bus`, `HardwareThread.spend`), so that the outside sees effects at the time at
which the processor would have come to them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from models.kernel import S, now, sleep
from models.ports import FirmwarePort

FREQUENCY_HZ = 600_000_000
"""XScale core of the IOP310 chipset (published: HL-TCP, section 3)."""
INSTRUCTIONS_PER_US = FREQUENCY_HZ // 1_000_000
"""At one instruction a cycle; the figures below are times at this rate."""


class Category(enum.StrEnum):
    """What instructions are spent on."""

    INTERRUPT = "interrupt"
    PROTOCOL = "protocol"
    MESSAGE = "message"
    DMA = "dma"
    ETHERNET = "ethernet"
    COPY = "copy"
    CHECKSUM = "checksum"
    TIMER = "timer"


def _us(microseconds: float) -> int:
    return round(microseconds * INSTRUCTIONS_PER_US)


@dataclass(frozen=True)
class Costs:
    """Instructions of HL-TCP's paths.

    Sources: *fitted* values come from the fit of the eighteen published values of HL-TCP's tables 2 and 3 (bandwidth
    and latency), in which HL-TCP's protocol paths take about a quarter of lwIP's; *assumed* ones are not separately
    visible in any published figure and are kept small beside the fitted ones.
    """

    interrupt: int = _us(7)
    """Taking one Ethernet receive interrupt. Fitted: 345 -> 453 Mb/s when interrupts are coalesced (table 3)."""
    send: int = _us(12)
    """One send with its header, window and descriptors. Fitted: a quarter of lwIP's 47 us (tables 2 and 3)."""
    receive: int = _us(5)
    """One received segment with payload. Fitted: a quarter of lwIP's 19 us."""
    make_ack: int = _us(11)
    """One segment without payload made. Fitted: a quarter of lwIP's 43 us (table 2, delayed ACK)."""
    take_ack: int = _us(3)
    """One segment without payload taken in. Fitted: a quarter of lwIP's 12 us."""
    message: int = _us(3.5)
    """One request or reply through the messaging unit. Fitted: a quarter of lwIP's 14 us (latencies)."""
    dma_setup: int = _us(3)
    """One chain for the DMA controller. Fitted: 306 -> 350 Mb/s, copy and send against zero-copy (table 3)."""
    dma_done: int = _us(0.5)
    """End of a chain taken. Assumed; its set-up is the fitted part."""
    transmit_done: int = _us(0.5)
    """Sent descriptors taken back. Assumed; part of send in the fit."""
    timer: int = _us(1)
    """One expired timer of the stack. Assumed; timers are rare."""
    checksum_byte: float = 0.018 * INSTRUCTIONS_PER_US
    """One byte of a checksum in software. Fitted: TSO and CSO save lwIP 36 us a segment (table 2)."""
    copy_byte: float = 0.106 * INSTRUCTIONS_PER_US
    """One byte copied out of a receive buffer, uncached. Fitted: 43 -> 107 Mb/s without the driver's copy (table 2)."""
    other_frame: int = _us(5)
    """A frame that is not TCP (ARP, ICMP). Assumed: as a received segment."""


class HardwareThread:
    """One hardware thread of the processor: what it is charged adds up until it is spent."""

    def __init__(self, name: str = "thread 0", ideal: bool = False, frequency_hz: int = FREQUENCY_HZ,
                 record: Callable[[str, Category, Iterable[tuple[int, int]]], None] | None = None) -> None:
        """`record(thread, category, touches)` receives the memory that charged work touches (for a cache model)."""
        self.name = name
        self.ideal = ideal
        self._record = record
        self._ps_numerator = S
        self._frequency_hz = frequency_hz
        self.owes = 0
        self._remainder = 0
        self.instructions: dict[Category, int] = dict.fromkeys(Category, 0)
        self.busy_ps = 0

    def charge(self, category: Category, instructions: int, touches: Iterable[tuple[int, int]] = ()) -> None:
        """Charge instructions; `touches` are the (address, length) pieces of memory read or written."""
        self.instructions[category] += instructions
        if not self.ideal:
            self.owes += instructions
        if self._record is not None and touches:
            self._record(self.name, category, touches)

    async def spend(self) -> None:
        """Let the time pass that the charged instructions take."""
        if not self.owes:
            return
        duration, self._remainder = divmod(self.owes * self._ps_numerator + self._remainder, self._frequency_hz)
        self.owes = 0
        self.busy_ps += duration
        await sleep(duration)


class Bus:
    """The thread's way to the firmware port: what is owed is spent first, then the bus takes its own time."""

    def __init__(self, port: FirmwarePort, thread: HardwareThread) -> None:
        self._port = port
        self.thread = thread
        self.stalled_ps = 0
        self.accesses = 0

    async def read(self, address: int, length: int) -> bytes:
        """Read a burst. Raises BusError."""
        if self.thread.owes:
            await self.thread.spend()
        begin = now()
        self.accesses += 1
        try:
            return await self._port.read(address, length)
        finally:
            self.stalled_ps += now() - begin

    async def write(self, address: int, data: bytes) -> None:
        """Write a burst; returns with its response. Raises BusError."""
        if self.thread.owes:
            await self.thread.spend()
        begin = now()
        self.accesses += 1
        try:
            await self._port.write(address, data)
        finally:
            self.stalled_ps += now() - begin

    async def read_register(self, address: int) -> int:
        """Read a 32-bit register."""
        return int.from_bytes(await self.read(address, 4), "little")

    def write_register(self, address: int, value: int) -> Coroutine[Any, Any, None]:
        """Write a 32-bit register."""
        return self.write(address, value.to_bytes(4, "little"))
