"""Card memory: bytes behind offsets, with an end."""

from __future__ import annotations

from models.ports import BusError


class CardMemory:
    """`size` bytes of zeros; offsets count from card.MEMORY_BASE. Accesses outside raise BusError (DECERR)."""

    def __init__(self, size: int) -> None:
        if size < 4096 or size & (size - 1):
            raise ValueError(f"card memory of {size} bytes: must be a power of two, at least 4096")
        self.size = size
        self._bytes = bytearray(size)
        self._view = memoryview(self._bytes)

    def read(self, offset: int, length: int) -> bytes:
        end = offset + length
        if offset < 0 or end > self.size:
            raise BusError(f"no card memory at {offset:#x}, {length} bytes")
        return bytes(self._view[offset:end])

    def write(self, offset: int, data: bytes) -> None:
        end = offset + len(data)
        if offset < 0 or end > self.size:
            raise BusError(f"no card memory at {offset:#x}, {len(data)} bytes")
        self._view[offset:end] = data
