"""Tells of changes of signals in an order that no simulator chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cocotb
from cocotb.triggers import ReadWrite


class Changes:
    """Handlers of signals that change at the same moment are called in the order in which they were registered.

    They are called once every signal has settled: in which order registers change at a clock edge, and through which
    values a signal passes on its way, is different from one simulator to the other.
    """

    def __init__(self) -> None:
        self._handlers: list[Callable[[], None]] = []
        self._changed: set[int] = set()

    def watch(self, signal: Any, handler: Callable[[], None]) -> None:
        """From now on call `handler` when `signal` has changed."""
        self._handlers.append(handler)
        cocotb.start_soon(self._follow(signal.value_change, len(self._handlers) - 1))

    async def _follow(self, change: Any, index: int) -> None:
        while True:
            await change
            if not self._changed:
                cocotb.start_soon(self._tell())
            self._changed.add(index)

    async def _tell(self) -> None:
        await ReadWrite()
        changed, self._changed = sorted(self._changed), set()
        for index in changed:
            self._handlers[index]()
