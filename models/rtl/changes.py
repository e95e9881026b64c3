"""Tells of changes of signals in an order that no simulator chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
        index = len(self._handlers)
        self._handlers.append(handler)
        change = signal.value_change

        # Callbacks of the triggers themselves, not coroutines that await them: those cost several times as much.
        def changed() -> None:
            change._register(changed)
            if not self._changed:
                _SETTLED._register(self._tell)
            self._changed.add(index)

        change._register(changed)

    def _tell(self) -> None:
        changed, self._changed = sorted(self._changed), set()
        for index in changed:
            self._handlers[index]()


_SETTLED = ReadWrite()
