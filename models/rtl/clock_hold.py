"""Keeps the card's clocks running while Python holds work for its pins."""

from __future__ import annotations

from typing import Any


class ClockHold:
    """Drives `clock_hold` of hdl/sim/toe_sim.v: high while any holder needs the clocks."""

    def __init__(self, signal: Any) -> None:
        self._signal = signal
        signal.value = 0
        self._holders: set[int] = set()

    def need(self, holder: object) -> None:
        if not self._holders:
            self._signal.value = 1
        self._holders.add(id(holder))

    def release(self, holder: object) -> None:
        self._holders.discard(id(holder))
        if not self._holders:
            self._signal.value = 0
