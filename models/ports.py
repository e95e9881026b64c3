"""The card's three ports, as its surroundings see them; every kind of card offers these.

Addresses are as in docs/architecture.md; times are picoseconds of simulated time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class BusError(Exception):
    """An access over a bus was answered with an error (SLVERR, DECERR, unsupported request, no answer)."""


class PhysicalMemory(Protocol):
    """Host memory as the card sees it over the host port; addresses are physical."""

    def read(self, address: int, length: int) -> bytes:
        """Raises BusError outside memory."""

    def write(self, address: int, data: bytes) -> None:
        """Raises BusError outside memory."""


class HostPort(Protocol):
    """PCI: BAR accesses towards the card, DMA and interrupts from it."""

    async def start(self) -> None:
        """Enumerate the bus, assign BARs, enable bus mastering and interrupts."""

    async def read(self, bar: int, offset: int, length: int) -> bytes:
        """Read from a BAR; takes the round trip. Raises BusError."""

    async def write(self, bar: int, offset: int, data: bytes) -> None:
        """Write to a BAR, posted: returns when the write is on its way; writes stay in order."""

    def connect(self, memory: PhysicalMemory, interrupt: Callable[[int], None]) -> None:
        """What answers the card's DMA, and what is called with the vector number at each interrupt message."""


class FirmwarePort(Protocol):
    """The I/O processor's bus: bursts to card memory, card registers and host memory, and interrupt lines."""

    async def read(self, address: int, length: int) -> bytes:
        """Read `length` bytes (any alignment in memory, 4 aligned bytes in the register window). Raises BusError."""

    async def write(self, address: int, data: bytes) -> None:
        """Write; returns when the write response has come. Raises BusError."""

    @property
    def irq(self) -> int:
        """Levels of the interrupt lines now, one bit a line."""

    def connect(self, irq_changed: Callable[[int], None]) -> None:
        """Call `irq_changed(levels)` at each change of the interrupt lines."""


class WirePort(Protocol):
    """Ethernet frames without preamble, with FCS."""

    def send(self, frame: bytes) -> None:
        """Queue a frame (with FCS) to enter the card's receive pins, in order, at line rate."""

    def connect(self, receive: Callable[[bytes, int, int], None]) -> None:
        """Call `receive(frame, begin_ps, end_ps)` for each frame that left the card's transmit pins."""

    def set_link(self, up: bool) -> None:
        """Tell the card's PHY that its partner is there (as after the start) or gone."""
