"""The wire port of the RTL card: whole frames cross to hdl/sim/gmii_transactor.v once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from models.kernel.hdl import simulator_time_ps
from models.rtl.changes import Changes

_DATA_LSB = 32


class TransactorWirePort:
    """WirePort (models/ports.py) on hdl/sim/gmii_transactor.v; nothing here wakes except for a frame."""

    def __init__(self, dut: Any, changes: Changes) -> None:
        self._dut = dut
        self._changes = changes
        self._frame = bytearray()
        self._chunk_bytes = (len(dut.wire_rx_push) - _DATA_LSB) // 8
        self._number = 0
        self._chunks: deque[tuple[bytes, bool]] = deque()
        self._crossing = False
        self._receive: Callable[[bytes, int, int], None] = lambda frame, begin_ps, end_ps: None
        dut.wire_rx_push.value = 0

    def start(self) -> None:
        """Begin to move frames; the card must be out of reset."""
        self._changes.watch(self._dut.wire_tx_number, self._transmitted)
        self._changes.watch(self._dut.wire_rx_taken, self._push)

    def connect(self, receive: Callable[[bytes, int, int], None]) -> None:
        self._receive = receive

    def set_link(self, up: bool) -> None:
        self._dut.wire_link_down.value = int(not up)

    def send(self, frame: bytes) -> None:
        size = self._chunk_bytes
        for offset in range(0, len(frame), size):
            self._chunks.append((frame[offset : offset + size], offset + size >= len(frame)))
        if not self._crossing:
            self._push()

    def _push(self) -> None:
        """Hand over the next chunk."""
        self._crossing = bool(self._chunks)
        if not self._crossing:
            return
        data, last = self._chunks.popleft()
        self._number = (self._number + 1) & 0xFF
        self._dut.wire_rx_push.value = (
            int.from_bytes(data, "little") << _DATA_LSB | last << 24 | len(data) << 8 | self._number
        )

    def _transmitted(self) -> None:
        dut = self._dut
        length = _value_of(dut.wire_tx_length)
        bits = dut.wire_tx_data._handle.get_signal_val_binstr()
        self._frame += int(bits[-8 * length :], 2).to_bytes(length, "little") if length else b""
        if not _value_of(dut.wire_tx_last):
            return
        frame, self._frame = bytes(self._frame), bytearray()
        if not _value_of(dut.wire_tx_error):
            self._receive(frame, _value_of(dut.wire_tx_begin_ps), simulator_time_ps())


def _value_of(handle: Any) -> int:
    # the binary string of the handle: `.value` of a wide vector is parsed bit by bit
    return int(handle._handle.get_signal_val_binstr(), 2)
