"""The firmware port of the functional model: memory of card and host, and the register window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from firmware.registers import card as address_map
from models.card.bus import Buses, Master
from models.card.interrupt_lines import InterruptLines
from models.card.timing import CardTiming
from models.card.transfer import bursts
from models.kernel import Event, sleep
from models.ports import BusError

ACCESS_BYTES = 512
"""Longer accesses are made of several, which end at multiples of it; the first error ends them."""
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
        if address % ACCESS_BYTES + length <= ACCESS_BYTES:
            return await self._access(address, length, None)
        _check(address, length)
        return b"".join([await self._access(at, size, None) for at, size in bursts(address, length, ACCESS_BYTES)])

    async def write(self, address: int, data: bytes) -> None:
        length = len(data)
        if address % ACCESS_BYTES + length <= ACCESS_BYTES:
            await self._access(address, length, bytes(data))
            return
        _check(address, length)
        for at, size in bursts(address, length, ACCESS_BYTES):
            await self._access(at, size, bytes(data[at - address : at - address + size]))

    async def _access(self, address: int, length: int, data: bytes | None) -> bytes:
        """One access behind those asked for before; `data` None reads."""
        timing = self._timing
        earlier, self._last = self._last, Event()
        done = self._last
        if earlier is not None and not earlier.is_set:
            await earlier
        try:
            if address_map.REGISTERS_BASE <= address < _REGISTERS_END:
                register_ps = timing.register_read_ps if data is None else timing.register_write_ps
                await sleep(register_ps + timing.firmware_latency_ps)
                block, offset = self._register(address, length)
                if data is None:
                    return block.read(offset).to_bytes(4, "little")
                block.write(offset, int.from_bytes(data, "little"))
                return b""
            _check(address, length)
            await sleep(timing.firmware_latency_ps)
            if data is None:
                transfer = self._buses.read(Master.FIRMWARE, address, length)
            else:
                transfer = self._buses.write(Master.FIRMWARE, address, data)
            await transfer.wait()
            if transfer.error:
                raise BusError(f"{'read' if data is None else 'write'} of {length} bytes at {address:#018x}")
            return transfer.data
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
