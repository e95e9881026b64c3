"""The interrupt lines to the firmware: levels, one bit a line."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum


class Line(IntEnum):
    """Numbers of the lines (docs/architecture.md)."""

    MESSAGING = 0
    DMA0 = 1
    DMA1 = 2
    ETHERNET0 = 3
    BRIDGE = 4


class InterruptLines:
    """Tells the firmware of each change."""

    def __init__(self) -> None:
        self.levels = 0
        self.changed: Callable[[int], None] = lambda levels: None

    def set(self, line: Line, level: bool) -> None:
        levels = self.levels | 1 << line if level else self.levels & ~(1 << line)
        if levels != self.levels:
            self.levels = levels
            self.changed(levels)
