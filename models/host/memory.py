"""Host memory: physical frames with owners and pin counts, and address spaces with page tables over them."""

from __future__ import annotations

import enum
import itertools
import random
from dataclasses import dataclass

from firmware.messages import Piece
from models.ports import BusError

PAGE_BYTES = 4096
PAGE_MASK = PAGE_BYTES - 1

KERNEL_BASE = 0xC000_0000
"""End of user addresses (Linux on IA-32, 3 GiB/1 GiB split)."""
USER_BASE = 0x0804_8000
"""Where user mappings begin."""

MAX_VIOLATIONS_KEPT = 64


class Protection(enum.IntFlag):
    """What a user may do with a page."""

    NONE = 0
    READ = 1
    WRITE = 2


class SegmentationFault(Exception):
    """An access of a process to an address that is not mapped, or not for this (SIGSEGV)."""

    def __init__(self, address: int, access: Protection) -> None:
        super().__init__(f"{access.name.lower() if access.name else access} access to {address:#x}")
        self.address = address
        self.access = access


class OutOfMemory(MemoryError):
    """No free frame, or no user addresses, left."""


@dataclass
class Frame:
    """One 4 KiB frame in use. `contents` is None until first written (it reads as zeros)."""

    owner: str
    mappings: int = 0
    pins: int = 0
    contents: bytearray | None = None


@dataclass(frozen=True)
class Violation:
    """A DMA access to a frame that nobody had pinned: `kind` is "read" or "write"."""

    kind: str
    address: int
    length: int
    owner: str | None


class PhysicalMemory:
    """Frames of 4 KiB from physical address 0, kept only where used; what the card's DMA reads and writes.

    Frames are handed out in a seeded random order, so that pages that follow each other in an address space do not
    in memory. A frame stays in use while it is mapped or pinned. DMA to a frame that is not pinned works, as in
    hardware, but is counted: on a correct card with a correct driver the counts stay 0. `holes` are physical
    addresses where there is no memory; frame 0 is never handed out.
    """

    def __init__(self, size: int = 512 << 20, seed: int = 1, holes: tuple[range, ...] = ()) -> None:
        if size <= 0 or size % PAGE_BYTES:
            raise ValueError(f"memory of {size} bytes is no whole number of pages")
        self.size = size
        self._frames: dict[int, Frame] = {}
        self._random = random.Random(f"host memory {seed}")
        self._holes = holes
        self.dma_reads = 0
        self.dma_writes = 0
        self.dma_bytes_read = 0
        self.dma_bytes_written = 0
        self.unpinned_dma_reads = 0
        self.unpinned_dma_writes = 0
        self.bus_errors = 0
        self.violations: list[Violation] = []

    @property
    def frames_in_use(self) -> int:
        return len(self._frames)

    @property
    def pages_pinned(self) -> int:
        return sum(1 for frame in self._frames.values() if frame.pins)

    # The host port's side: what DMA does.

    def read(self, address: int, length: int) -> bytes:
        """DMA read. Raises BusError outside memory."""
        offset = address & PAGE_MASK
        frame = self._frames.get(address // PAGE_BYTES)
        if frame is not None and frame.pins and frame.contents is not None and offset + length <= PAGE_BYTES:
            # as below, for the usual case: a frame in use is memory
            self.dma_reads += 1
            self.dma_bytes_read += length
            return bytes(frame.contents[offset : offset + length])
        self._check(address, length)
        self.dma_reads += 1
        self.dma_bytes_read += length
        self.unpinned_dma_reads += self._audit("read", address, length)
        return self.peek(address, length)

    def write(self, address: int, data: bytes) -> None:
        """DMA write. Raises BusError outside memory."""
        length, offset = len(data), address & PAGE_MASK
        frame = self._frames.get(address // PAGE_BYTES)
        if frame is not None and frame.pins and frame.contents is not None and offset + length <= PAGE_BYTES:
            self.dma_writes += 1
            self.dma_bytes_written += length
            frame.contents[offset : offset + length] = data
            return
        self._check(address, len(data))
        self.dma_writes += 1
        self.dma_bytes_written += len(data)
        self.unpinned_dma_writes += self._audit("write", address, len(data))
        self.poke(address, data)

    def _check(self, address: int, length: int) -> None:
        if address < 0 or address + length > self.size or self._in_hole(address, length):
            self.bus_errors += 1
            raise BusError(f"no host memory at {address:#x}, {length} bytes")

    def _in_hole(self, address: int, length: int) -> bool:
        return any(address < hole.stop and hole.start < address + length for hole in self._holes)

    def _audit(self, kind: str, address: int, length: int) -> int:
        if not length:
            return 0
        bad = 0
        for number in range(address // PAGE_BYTES, (address + length - 1) // PAGE_BYTES + 1):
            frame = self._frames.get(number)
            if frame is None or not frame.pins:
                bad = 1
                if len(self.violations) < MAX_VIOLATIONS_KEPT:
                    self.violations.append(Violation(kind, address, length, frame.owner if frame else None))
        return bad

    # The kernel's side.

    def peek(self, address: int, length: int) -> bytes:
        """Read by the host's processor; frames not in use read as zeros."""
        parts = []
        while length > 0:
            offset = address & PAGE_MASK
            part = min(length, PAGE_BYTES - offset)
            frame = self._frames.get(address // PAGE_BYTES)
            if frame is None or frame.contents is None:
                parts.append(bytes(part))
            else:
                parts.append(bytes(frame.contents[offset : offset + part]))
            address += part
            length -= part
        return b"".join(parts)

    def poke(self, address: int, data: bytes) -> None:
        """Write by the host's processor (or by DMA that has been let through)."""
        position = 0
        while position < len(data):
            offset = address & PAGE_MASK
            part = min(len(data) - position, PAGE_BYTES - offset)
            frame = self._frames.get(address // PAGE_BYTES)
            if frame is not None:  # what is written to a frame that nobody uses is lost
                if frame.contents is None:
                    frame.contents = bytearray(PAGE_BYTES)
                frame.contents[offset : offset + part] = data[position : position + part]
            address += part
            position += part

    def allocate_frame(self, owner: str) -> int:
        """A free frame, below 4 GiB; returns its physical address. Raises OutOfMemory."""
        total = min(self.size, 1 << 32) // PAGE_BYTES
        for number in itertools.chain((self._random.randrange(total) for _ in range(16)), range(total)):
            if number and number not in self._frames and not self._in_hole(number * PAGE_BYTES, PAGE_BYTES):
                self._frames[number] = Frame(owner)
                return number * PAGE_BYTES
        raise OutOfMemory(f"all {total} frames are in use")

    def frame(self, address: int) -> Frame | None:
        """The frame in use at a physical address."""
        return self._frames.get(address // PAGE_BYTES)

    def map_frame(self, address: int) -> None:
        self._frames[address // PAGE_BYTES].mappings += 1

    def unmap_frame(self, address: int) -> None:
        """One mapping less; the frame is freed with the last mapping and pin."""
        frame = self._frames[address // PAGE_BYTES]
        frame.mappings -= 1
        self._free_unused(address, frame)

    def pin(self, address: int) -> None:
        """get_page: the frame neither moves nor goes while pinned."""
        self._frames[address // PAGE_BYTES].pins += 1

    def unpin(self, address: int) -> None:
        """put_page."""
        frame = self._frames.get(address // PAGE_BYTES)
        if frame is None or frame.pins == 0:
            raise ValueError(f"frame at {address:#x} is not pinned")
        frame.pins -= 1
        self._free_unused(address, frame)

    def _free_unused(self, address: int, frame: Frame) -> None:
        if frame.mappings == 0 and frame.pins == 0:
            del self._frames[address // PAGE_BYTES]


@dataclass
class _Page:
    frame: int
    protection: int
    """Protection as a plain number: operations of flags take many times as long."""


class AddressSpace:
    """User virtual addresses of a process: a page table over physical memory."""

    def __init__(self, memory: PhysicalMemory, owner: str) -> None:
        self.memory = memory
        self.owner = owner
        self._pages: dict[int, _Page] = {}
        self._lengths: dict[int, int] = {}
        self._top = USER_BASE

    def map(self, length: int, protection: Protection = Protection.READ | Protection.WRITE) -> int:
        """Map `length` bytes of new zeroed pages; returns the virtual address. An unmapped page follows."""
        if length <= 0:
            raise ValueError(f"cannot map {length} bytes")
        count = -(-length // PAGE_BYTES)
        address = self._top
        if address + (count + 1) * PAGE_BYTES > KERNEL_BASE:
            raise OutOfMemory("no user addresses left")
        frames: list[int] = []
        try:
            for _ in range(count):
                frames.append(self.memory.allocate_frame(self.owner))
        except OutOfMemory:
            for frame in frames:
                self.memory.map_frame(frame)
                self.memory.unmap_frame(frame)
            raise
        for index, frame in enumerate(frames):
            self.memory.map_frame(frame)
            self._pages[address // PAGE_BYTES + index] = _Page(frame, int(protection))
        self._lengths[address] = count
        self._top = address + (count + 1) * PAGE_BYTES
        return address

    def unmap(self, address: int) -> None:
        """Undo `map`; frames that are pinned live on until unpinned."""
        count = self._lengths.pop(address, None)
        if count is None:
            raise ValueError(f"nothing was mapped at {address:#x}")
        for number in range(address // PAGE_BYTES, address // PAGE_BYTES + count):
            self.memory.unmap_frame(self._pages.pop(number).frame)

    def unmap_all(self) -> None:
        """End of the process."""
        for address in list(self._lengths):
            self.unmap(address)

    def protect(self, address: int, length: int, protection: Protection) -> None:
        """mprotect, by whole pages."""
        for number in _page_numbers(address, length):
            self._pages[number].protection = int(protection)

    def translate(self, address: int, access: Protection) -> int:
        """Physical address behind a virtual one. Raises SegmentationFault."""
        page = self._pages.get(address // PAGE_BYTES)
        if page is None or address < 0 or int(access) & ~page.protection:
            raise SegmentationFault(address, access)
        return page.frame + (address & PAGE_MASK)

    def read(self, address: int, length: int) -> bytes:
        """Read as the process does. Raises SegmentationFault."""
        return b"".join(
            self.memory.peek(self.translate(start, Protection.READ), part) for start, part in _parts(address, length)
        )

    def write(self, address: int, data: bytes) -> None:
        """Write as the process does; the pages before a fault are written. Raises SegmentationFault."""
        position = 0
        for start, part in _parts(address, len(data)):
            self.memory.poke(self.translate(start, Protection.WRITE), data[position : position + part])
            position += part

    def get_user_pages(self, address: int, length: int, access: Protection) -> list[Piece]:
        """Pin the pages of a user's buffer and translate it: one piece of physical memory a page, in order.

        Raises SegmentationFault, with nothing pinned.
        """
        pieces = [Piece(self.translate(start, access), part) for start, part in _parts(address, length)]
        for piece in pieces:
            self.memory.pin(piece.address)
        return pieces

    def put_pages(self, pieces: list[Piece]) -> None:
        """Unpin what `get_user_pages` gave."""
        for piece in pieces:
            self.memory.unpin(piece.address)


def page_count(address: int, length: int) -> int:
    """How many pages a buffer touches."""
    return len(_page_numbers(address, length))


def _page_numbers(address: int, length: int) -> range:
    if length <= 0:
        return range(0)
    return range(address // PAGE_BYTES, (address + length - 1) // PAGE_BYTES + 1)


def _parts(address: int, length: int) -> list[tuple[int, int]]:
    """A buffer cut at page boundaries: (address, length) pairs."""
    end = address + length
    parts = []
    while address < end:
        following = (address | PAGE_MASK) + 1
        parts.append((address, (following if following < end else end) - address))
        address = following
    return parts
