"""Host memory: translation, protection, pins, and what DMA may and may not touch."""

import random

import pytest

from models.host.memory import (
    KERNEL_BASE,
    PAGE_BYTES,
    AddressSpace,
    OutOfMemory,
    PhysicalMemory,
    Protection,
    SegmentationFault,
)
from models.ports import BusError


def test_pages_that_follow_each_other_are_not_contiguous_in_memory(seed):
    memory = PhysicalMemory(seed=seed)
    space = AddressSpace(memory, "p")
    address = space.map(64 * PAGE_BYTES)
    frames = [space.translate(address + index * PAGE_BYTES, Protection.READ) for index in range(64)]
    assert len(set(frames)) == 64
    assert sum(b - a == PAGE_BYTES for a, b in zip(frames, frames[1:], strict=False)) < 4


def test_same_seed_gives_the_same_frames(seed):
    def frames(of_seed):
        memory = PhysicalMemory(seed=of_seed)
        return [memory.allocate_frame("x") for _ in range(20)]

    assert frames(seed) == frames(seed) != frames(seed + 1)


def test_random_reads_and_writes_equal_a_flat_buffer(seed):
    rng = random.Random(seed)
    space = AddressSpace(PhysicalMemory(seed=seed), "p")
    size = 10 * PAGE_BYTES + 100
    base = space.map(size)
    shadow = bytearray(size)
    for _ in range(300):
        start = rng.randrange(size)
        length = rng.randrange(min(3 * PAGE_BYTES, size - start) + 1)
        if rng.random() < 0.5:
            data = rng.randbytes(length)
            space.write(base + start, data)
            shadow[start : start + length] = data
        else:
            assert space.read(base + start, length) == shadow[start : start + length]


def test_pieces_cover_a_buffer_page_by_page(seed):
    memory = PhysicalMemory(seed=seed)
    space = AddressSpace(memory, "p")
    base = space.map(4 * PAGE_BYTES)
    data = random.Random(seed).randbytes(2 * PAGE_BYTES + 10)
    space.write(base + 4000, data)
    pieces = space.get_user_pages(base + 4000, len(data), Protection.READ)
    assert [piece.length for piece in pieces] == [96, 4096, 4010]
    assert b"".join(memory.read(piece.address, piece.length) for piece in pieces) == data
    assert memory.pages_pinned == 3 and memory.unpinned_dma_reads == 0
    space.put_pages(pieces)
    assert memory.pages_pinned == 0


def test_faults():
    space = AddressSpace(PhysicalMemory(), "p")
    base = space.map(PAGE_BYTES, Protection.READ)
    with pytest.raises(SegmentationFault):
        space.write(base, b"x")
    for address in (0, base - 1, base + PAGE_BYTES, KERNEL_BASE, -1):
        with pytest.raises(SegmentationFault):
            space.read(address, 1)
    with pytest.raises(SegmentationFault):
        space.get_user_pages(base, PAGE_BYTES + 1, Protection.READ)
    assert space.memory.pages_pinned == 0, "a translation that faults leaves nothing pinned"


def test_protection_can_be_changed():
    space = AddressSpace(PhysicalMemory(), "p")
    base = space.map(2 * PAGE_BYTES)
    space.protect(base, PAGE_BYTES, Protection.READ)
    space.write(base + PAGE_BYTES, b"ok")
    with pytest.raises(SegmentationFault) as caught:
        space.write(base + 7, b"x")
    assert caught.value.address == base + 7


@pytest.mark.parametrize("address, length", [(1 << 20, 1), ((1 << 20) - 1, 2), (-1, 1), (1 << 40, 8)])
def test_dma_outside_memory_is_a_bus_error(address, length):
    memory = PhysicalMemory(1 << 20)
    with pytest.raises(BusError):
        memory.read(address, length)
    with pytest.raises(BusError):
        memory.write(address, bytes(length))
    assert memory.bus_errors == 2


def test_dma_into_a_hole_is_a_bus_error_and_no_frame_lies_in_it():
    memory = PhysicalMemory(1 << 20, holes=(range(0x10000, 0x80000),))
    with pytest.raises(BusError):
        memory.write(0xFFFF, b"12")
    frames = [memory.allocate_frame("x") for _ in range(200 - 112)]
    assert not [frame for frame in frames if 0x10000 <= frame < 0x80000]


def test_dma_to_an_unpinned_frame_is_counted():
    memory = PhysicalMemory()
    space = AddressSpace(memory, "p")
    base = space.map(PAGE_BYTES)
    pieces = space.get_user_pages(base, 100, Protection.WRITE)
    memory.write(pieces[0].address, b"fine")
    assert memory.unpinned_dma_writes == 0
    space.put_pages(pieces)
    memory.write(pieces[0].address, b"late")
    memory.read(pieces[0].address, 4)
    assert (memory.unpinned_dma_writes, memory.unpinned_dma_reads) == (1, 1)
    assert memory.violations[0].owner == "p"
    assert memory.violations[0].kind == "write"


def test_a_pinned_frame_outlives_its_mapping():
    memory = PhysicalMemory()
    space = AddressSpace(memory, "p")
    base = space.map(2 * PAGE_BYTES)
    pieces = space.get_user_pages(base, PAGE_BYTES, Protection.WRITE)
    space.unmap(base)
    assert memory.frames_in_use == 1
    memory.write(pieces[0].address, b"late data")
    assert memory.unpinned_dma_writes == 0
    space.put_pages(pieces)
    assert memory.frames_in_use == 0


def test_two_pins_need_two_unpins():
    memory = PhysicalMemory()
    space = AddressSpace(memory, "p")
    base = space.map(PAGE_BYTES)
    once, twice = (space.get_user_pages(base, 10, Protection.READ) for _ in range(2))
    space.put_pages(once)
    assert memory.pages_pinned == 1
    space.put_pages(twice)
    assert memory.pages_pinned == 0
    with pytest.raises(ValueError, match="not pinned"):
        space.put_pages(twice)


def test_memory_that_is_full_says_so_and_keeps_nothing():
    memory = PhysicalMemory(16 * PAGE_BYTES)
    space = AddressSpace(memory, "p")
    with pytest.raises(OutOfMemory):
        space.map(17 * PAGE_BYTES)
    assert memory.frames_in_use == 0
    base = space.map(15 * PAGE_BYTES)
    space.unmap(base)
    assert memory.frames_in_use == 0
