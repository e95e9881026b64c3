"""Layout of card memory: regions are taken from the bottom up at start, each with a name."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.registers import card


class CardMemoryExhausted(ValueError):
    """The regions asked for do not fit into card memory."""


@dataclass(frozen=True)
class Region:
    """A part of card memory; `offset` is from the start of card memory (what BAR1 and QBAR use)."""

    name: str
    offset: int
    size: int

    @property
    def address(self) -> int:
        """Bus address."""
        return card.MEMORY_BASE + self.offset

    def __contains__(self, address: int) -> bool:
        return self.address <= address < self.address + self.size


class CardMemory:
    """Allocator of regions; nothing is ever given back (start again instead)."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.regions: list[Region] = []
        self._next = 0

    @property
    def free(self) -> int:
        """Bytes not yet taken."""
        return self.size - self._next

    def take(self, name: str, size: int, alignment: int = 64) -> Region:
        """Raises CardMemoryExhausted."""
        offset = -(-self._next // alignment) * alignment
        if offset + size > self.size:
            raise CardMemoryExhausted(f"{name}: {size} bytes wanted, {max(0, self.size - offset)} left of {self.size}")
        self._next = offset + size
        region = Region(name, offset, size)
        self.regions.append(region)
        return region
