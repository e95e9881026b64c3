"""The firmware port of the RTL card: accesses cross to hdl/sim/firmware_port_driver.v once, whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.kernel import Event, Queue, spawn
from models.ports import BusError
from models.rtl.changes import Changes

MAX_ACCESS_BYTES = 512
"""What one crossing carries; longer accesses are made of several."""


class RtlFirmwarePort:
    """FirmwarePort (models/ports.py) on the pins of the simulated card.

    Accesses of all tasks are made one after the other, in the order in which they were asked for, as on the bus of a
    processor with one outstanding access.
    """

    def __init__(self, dut: Any, changes: Changes) -> None:
        self._dut = dut
        self._changes = changes
        self._number = 0
        self._accesses: Queue[tuple[int, int, bytes | None, Event]] = Queue()
        self._done: Queue[None] = Queue()
        self._irq_changed: Callable[[int], None] = lambda levels: None
        self._irq = 0
        dut.fw_command_number.value = 0
        dut.fw_command_write.value = 0
        dut.fw_command_address.value = 0
        dut.fw_command_length.value = 0
        dut.fw_command_data.value = 0

    def start(self) -> None:
        """Begin to serve; the card must be out of reset."""
        self._changes.watch(self._dut.fw_done_number, self._access_done)
        self._changes.watch(self._dut.firmware_irq, self._interrupts)
        spawn(self._serve(), "firmware port")

    def was_reset(self) -> None:
        """The card is held in reset and no access was under way: the driver counts from 0 again."""
        self._number = 0
        self._dut.fw_command_number.value = 0

    def connect(self, irq_changed: Callable[[int], None]) -> None:
        self._irq_changed = irq_changed

    @property
    def irq(self) -> int:
        return self._irq

    async def read(self, address: int, length: int) -> bytes:
        return b"".join([await self._access(at, size, None) for at, size, _ in _pieces(address, length)])

    async def write(self, address: int, data: bytes) -> None:
        for at, size, offset in _pieces(address, len(data)):
            await self._access(at, size, data[offset : offset + size])

    async def _access(self, address: int, length: int, data: bytes | None) -> bytes:
        answer = Event()
        self._accesses.put((address, length, data, answer))
        result = await answer
        if result is None:
            raise BusError(f"{'write' if data is not None else 'read'} of {length} bytes at {address:#018x}")
        return result

    async def _serve(self) -> None:
        dut = self._dut
        while True:
            address, length, data, answer = await self._accesses.get()
            self._number = self._number % 0xFF + 1
            dut.fw_command_write.value = int(data is not None)
            dut.fw_command_address.value = address
            dut.fw_command_length.value = length
            if data is not None:
                dut.fw_command_data.value = int.from_bytes(data, "little")
            dut.fw_command_number.value = self._number
            await self._done.get()
            if dut.fw_error.value:
                answer.set(None)
            elif data is not None:
                answer.set(b"")
            else:
                # the binary string of the handle: `.value` of a wide vector is parsed bit by bit
                handle = dut.fw_read_word if length <= 8 else dut.fw_read_data
                bits = handle._handle.get_signal_val_binstr()
                answer.set(int(bits[-8 * length :].replace("x", "0").replace("X", "0"), 2).to_bytes(length, "little"))

    def _access_done(self) -> None:
        if self._number:  # 0 only between a reset and the first access after it
            self._done.put(None)

    def _interrupts(self) -> None:
        self._irq = int(self._dut.firmware_irq.value)
        self._irq_changed(self._irq)


def _pieces(address: int, length: int) -> list[tuple[int, int, int]]:
    """Cut an access into (address, length, offset) that one crossing carries, at multiples of its size."""
    pieces = []
    offset = 0
    while offset < length:
        size = min(length - offset, MAX_ACCESS_BYTES - (address + offset) % MAX_ACCESS_BYTES)
        pieces.append((address + offset, size, offset))
        offset += size
    return pieces
