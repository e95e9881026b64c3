"""The firmware port of the functional model: memory of card and host, and the register window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from firmware.registers import card as address_map
from models.card.bus import Buses, Master
from models.card.interrupt_lines import InterruptLines
from models.card.timing import CardTiming
from models.kernel import Event, after
from models.ports import BusError

_CARD = 1 << 63
_REGISTERS_END = address_map.REGISTERS_BASE + address_map.REGISTERS_SIZE


class RegisterBlock(Protocol):
    """A block in the register window; offsets are multiples of 4 within it. Both may raise BusError."""

    def read(self, offset: int) -> int: ...

    def write(self, offset: int, value: int) -> None: ...


class ModelFirmwarePort:
    """FirmwarePort (models/ports.py). Accesses of all tasks are made one after the other, in the order asked for."""

    def __init__(
        self, timing: CardTiming, buses: Buses, lines: InterruptLines, blocks: dict[range, RegisterBlock]
    ) -> None:
        self._timing = timing
        self._buses = buses
        self._lines = lines
        self._blocks = tuple(blocks.items())
        self._last: Event | None = None

    @property
    def irq(self) -> int:
        return self._lines.levels

    def connect(self, irq_changed: Callable[[int], None]) -> None:
        self._lines.changed = irq_changed

    async def read(self, address: int, length: int) -> bytes:
        earlier, self._last = self._last, Event()
        done = self._last
        if earlier is not None and not earlier.is_set:
            await earlier
        try:
            if address_map.REGISTERS_BASE <= address < _REGISTERS_END:
                await after(self._timing.register_latency_ps + self._timing.firmware_latency_ps)
                block, offset = self._register(address, length)
                return block.read(offset).to_bytes(4, "little")
            _check(address, length)
            await after(self._timing.firmware_latency_ps)
            transfer = self._buses.read(Master.FIRMWARE, address, length)
            await transfer.wait()
            if transfer.error:
                raise BusError(f"read of {length} bytes at {address:#018x}")
            return transfer.data
        finally:
            done.set()

    async def write(self, address: int, data: bytes) -> None:
        earlier, self._last = self._last, Event()
        done = self._last
        if earlier is not None and not earlier.is_set:
            await earlier
        try:
            if address_map.REGISTERS_BASE <= address < _REGISTERS_END:
                await after(self._timing.register_latency_ps + self._timing.firmware_latency_ps)
                block, offset = self._register(address, len(data))
                block.write(offset, int.from_bytes(data, "little"))
                return
            _check(address, len(data))
            await after(self._timing.firmware_latency_ps)
            transfer = self._buses.write(Master.FIRMWARE, address, bytes(data))
            await transfer.wait()
            if transfer.error:
                raise BusError(f"write of {len(data)} bytes at {address:#018x}")
        finally:
            done.set()

    def _register(self, address: int, length: int) -> tuple[RegisterBlock, int]:
        if length != 4 or address & 3:
            raise BusError(f"{length} bytes at {address:#018x}: registers take 32-bit accesses only")
        offset = address - address_map.REGISTERS_BASE
        for window, block in self._blocks:
            if offset in window:
                return block, offset - window.start
        raise BusError(f"no register at {address:#018x}")


def _check(address: int, length: int) -> None:
    if not 0 <= address < 1 << 64 or length <= 0:
        raise BusError(f"{length} bytes at {address:#x}")
