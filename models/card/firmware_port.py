"""The firmware port of the functional model: memory of card and host, and the register window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from firmware.registers import card as address_map
from models.card.bus import Buses, Master
from models.card.interrupt_lines import InterruptLines
from models.card.timing import CardTiming
from models.card.transfer import bursts
from models.kernel import Event, sleep
from models.ports import BusError

ACCESS_BYTES = 512
"""Longer accesses are made of several, which end at multiples of it; the first error ends them."""
_REGISTERS_BASE = address_map.REGISTERS_BASE
_REGISTERS_END = _REGISTERS_BASE + address_map.REGISTERS_SIZE


_PAGE_BYTES = 4096
"""Windows of blocks begin and end at multiples of it."""


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
        self._blocks = {
            page: (block, window.start)
            for window, block in blocks.items()
            for page in range(window.start // _PAGE_BYTES, window.stop // _PAGE_BYTES)
        }
        self._busy = False
        self._turns: deque[Event] = deque()

    @property
    def irq(self) -> int:
        return self._lines.levels

    def connect(self, irq_changed: Callable[[int], None]) -> None:
        self._lines.changed = irq_changed

    def read(self, address: int, length: int) -> Coroutine[Any, Any, bytes]:
        if address % ACCESS_BYTES + length <= ACCESS_BYTES:
            return self._access(address, length, None)
        return self._read_bursts(address, length)

    async def _read_bursts(self, address: int, length: int) -> bytes:
        _check(address, length)
        return b"".join([await self._access(at, size, None) for at, size in bursts(address, length, ACCESS_BYTES)])

    def write(self, address: int, data: bytes) -> Coroutine[Any, Any, None]:
        length = len(data)
        if address % ACCESS_BYTES + length <= ACCESS_BYTES:
            return self._access(address, length, bytes(data))
        return self._write_bursts(address, bytes(data))

    async def _write_bursts(self, address: int, data: bytes) -> None:
        _check(address, len(data))
        for at, size in bursts(address, len(data), ACCESS_BYTES):
            await self._access(at, size, data[at - address : at - address + size])

    async def _access(self, address: int, length: int, data: bytes | None) -> bytes | None:
        """One access behind those asked for before; `data` None reads."""
        timing = self._timing
        if self._busy:
            await self._wait_for_turn()
        self._busy = True
        try:
            if _REGISTERS_BASE <= address < _REGISTERS_END:
                if data is None:
                    await sleep(timing.register_read_ps + timing.firmware_latency_ps)
                    block, offset = self._register(address, length)
                    return block.read(offset).to_bytes(4, "little")
                await sleep(timing.register_write_ps + timing.firmware_latency_ps)
                block, offset = self._register(address, length)
                block.write(offset, int.from_bytes(data, "little"))
                return None
            if length <= 0 or not 0 <= address < 1 << 64:
                _check(address, length)
            await sleep(timing.firmware_latency_ps)
            if data is None:
                transfer = self._buses.read(Master.FIRMWARE, address, length)
            else:
                transfer = self._buses.write(Master.FIRMWARE, address, data)
            await transfer.wait()
            if transfer.error:
                raise BusError(f"{'read' if data is None else 'write'} of {length} bytes at {address:#018x}")
            return transfer.data if data is None else None
        finally:
            self._next_turn()

    async def _wait_for_turn(self) -> None:
        turn = Event()
        self._turns.append(turn)
        try:
            await turn
        except BaseException:
            if turn.is_set:  # it was given to a task that is being cancelled
                self._next_turn()
            else:
                self._turns.remove(turn)
            raise

    def _next_turn(self) -> None:
        if self._turns:
            self._turns.popleft().set()
        else:
            self._busy = False

    def _register(self, address: int, length: int) -> tuple[RegisterBlock, int]:
        if length != 4 or address & 3:
            raise BusError(f"{length} bytes at {address:#018x}: registers take 32-bit accesses only")
        offset = address - _REGISTERS_BASE
        found = self._blocks.get(offset // _PAGE_BYTES)
        if found is None:
            raise BusError(f"no register at {address:#018x}")
        return found[0], offset - found[1]


def _check(address: int, length: int) -> None:
    if not 0 <= address < 1 << 64 or length <= 0:
        raise BusError(f"{length} bytes at {address:#x}")
