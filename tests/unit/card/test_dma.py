"""DMA controller: chains, alignment, interrupts, resuming, and errors."""

import random

import pytest

from firmware.registers import dma
from models.kernel import US, sleep
from models.ports import BusError
from tests.unit.card.stimuli import DMA, MEMORY, MEMORY_END, Rig, dma_descriptor, stimulus

CHAIN = MEMORY + 0x1000
DONE = dma.CHANNEL_CSR_EOC


def _fill(rig: Rig, seed: int) -> random.Random:
    rng = random.Random(seed)
    rig.memory.bytes[:] = rng.randbytes(len(rig.memory.bytes))
    return rng


async def _chain(rig: Rig, *parts: tuple[int, int, int], interrupt_last: bool = False) -> None:
    for index, (source, destination, count) in enumerate(parts):
        last = index == len(parts) - 1
        following = 0 if last else CHAIN + 32 * (index + 1)
        descriptor = dma_descriptor(following, source, destination, count, last and interrupt_last)
        await rig.card.firmware.write(CHAIN + 32 * index, descriptor)


@stimulus()
async def test_any_alignment_and_length_moves_exactly_its_bytes(rig: Rig, seed: int) -> None:
    rng = _fill(rig, seed)
    for _ in range(30):
        source, offset, count = rng.randrange(5000), rng.randrange(0x20000, 0x28000), rng.randrange(6000)
        await rig.card.firmware.write(MEMORY + offset - 8, bytes(count + 16))
        await _chain(rig, (source, MEMORY + offset, count))
        await rig.dma_start(CHAIN)
        assert await rig.dma_status() == DONE
        await rig.put(DMA + dma.CHANNEL_CSR, DONE)
        moved = await rig.card.firmware.read(MEMORY + offset - 8, count + 16)
        assert moved == bytes(8) + bytes(rig.memory.bytes[source : source + count]) + bytes(8)


@stimulus()
async def test_a_chain_of_twenty_pieces_goes_both_ways_and_ends_with_its_interrupt(rig: Rig, seed: int) -> None:
    rng = _fill(rig, seed)
    data = bytes(rig.memory.bytes[:20000])
    pieces = [(1000 * index, MEMORY + 0x20000 + 1000 * index, 1000) for index in range(20)]
    await _chain(rig, *pieces, interrupt_last=True)
    await rig.dma_start(CHAIN)
    await rig.until(lambda: rig.card.firmware.irq & 2)
    assert await rig.dma_status() == DONE | dma.CHANNEL_CSR_EOT
    assert await rig.card.firmware.read(MEMORY + 0x20000, 20000) == data
    assert await rig.get(DMA + dma.CHANNEL_DONE) == 20
    await rig.put(DMA + dma.CHANNEL_CSR, DONE | dma.CHANNEL_CSR_EOT)
    assert not rig.card.firmware.irq & 2
    back = rng.randrange(0x80000, 0x90000)
    await _chain(rig, *((destination, back + source, count) for source, destination, count in pieces))
    await rig.dma_start(CHAIN, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_EOC_INTERRUPT)
    await rig.until(lambda: rig.card.firmware.irq & 2)
    await rig.host_flush()  # what the card posted is on its way only; no completion overtakes it
    assert bytes(rig.memory.bytes[back : back + 20000]) == data


@stimulus()
async def test_an_appended_descriptor_is_found_by_a_resume(rig: Rig) -> None:
    _fill(rig, 1)
    await _chain(rig, (0, MEMORY + 0x20000, 64))
    await rig.dma_start(CHAIN)
    assert await rig.dma_status() == DONE
    await rig.put(DMA + dma.CHANNEL_CSR, DONE)
    await rig.card.firmware.write(CHAIN + 32, dma_descriptor(0, 64, MEMORY + 0x20040, 64))
    await rig.card.firmware.write(CHAIN, (CHAIN + 32).to_bytes(8, "little"))
    await rig.put(DMA + dma.CHANNEL_CCR, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_CHAIN_RESUME)
    assert await rig.dma_status() == DONE
    assert await rig.card.firmware.read(MEMORY + 0x20000, 128) == bytes(rig.memory.bytes[:128])
    assert await rig.get(DMA + dma.CHANNEL_DONE) == 2
    assert not await rig.get(DMA + dma.CHANNEL_CCR) & dma.CHANNEL_CCR_CHAIN_RESUME


@pytest.mark.parametrize(
    ("source", "destination", "error"),
    [
        (0x7000_0000, MEMORY + 0x20000, dma.CHANNEL_CSR_READ_ERROR),
        (0, MEMORY_END, dma.CHANNEL_CSR_WRITE_ERROR),
        (MEMORY_END, MEMORY + 0x20000, dma.CHANNEL_CSR_READ_ERROR),
    ],
)
@stimulus()
async def test_an_error_stops_the_channel_at_the_descriptor_that_failed(
    rig: Rig, source: int, destination: int, error: int
) -> None:
    await _chain(rig, (0, MEMORY + 0x20000, 8), (source, destination, 600), (0, MEMORY + 0x20000, 8))
    await rig.dma_start(CHAIN)
    await rig.until(lambda: rig.card.firmware.irq & 2)
    assert await rig.dma_status() & ~DONE == error
    assert await rig.get(DMA + dma.CHANNEL_DAR_LOW) == CHAIN + 32 & 0xFFFF_FFFF
    assert await rig.get(DMA + dma.CHANNEL_DONE) == 1
    assert not await rig.get(DMA + dma.CHANNEL_CCR) & dma.CHANNEL_CCR_ENABLE
    await rig.put(DMA + dma.CHANNEL_CSR, 0xFFFF_FFFF)
    await _chain(rig, (0, MEMORY + 0x20000, 8))
    await rig.dma_start(CHAIN)
    assert await rig.dma_status() == DONE


@pytest.mark.parametrize("first", [CHAIN + 16, MEMORY_END, 0x7000_0000])
@stimulus()
async def test_a_descriptor_that_cannot_be_is_an_error(rig: Rig, first: int) -> None:
    await rig.dma_start(first)
    await rig.until(lambda: rig.card.firmware.irq & 2)
    assert await rig.dma_status() == dma.CHANNEL_CSR_DESCRIPTOR_ERROR


@stimulus()
async def test_after_a_descriptor_error_ndar_names_it_and_dar_the_last_one_done(rig: Rig) -> None:
    await _chain(rig, (0, MEMORY + 0x20000, 8), (0, MEMORY + 0x20000, 1 << 24))
    await rig.dma_start(CHAIN)
    await rig.until(lambda: rig.card.firmware.irq & 2)
    assert await rig.dma_status() == dma.CHANNEL_CSR_DESCRIPTOR_ERROR
    assert await rig.get(DMA + dma.CHANNEL_NDAR_LOW) == CHAIN + 32 & 0xFFFF_FFFF
    assert await rig.get(DMA + dma.CHANNEL_DAR_LOW) == CHAIN & 0xFFFF_FFFF
    assert await rig.get(DMA + dma.CHANNEL_DONE) == 1
    await rig.put(DMA + dma.CHANNEL_CSR, 0xFFFF_FFFF)
    rig.memory.bytes[0x100:0x108] = b"goes on!"
    await _chain(rig, (0x100, MEMORY + 0x20000, 8))
    await rig.dma_start(CHAIN)
    assert await rig.dma_status() == DONE
    assert await rig.card.firmware.read(MEMORY + 0x20000, 8) == b"goes on!"


@stimulus()
async def test_a_resume_written_early_does_not_take_from_what_an_error_leaves(rig: Rig) -> None:
    """Firmware appends while the channel runs; the good descriptor in flight is done and counted all the same."""
    _fill(rig, 1)
    resume = dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_CHAIN_RESUME
    await rig.card.firmware.write(CHAIN, dma_descriptor(CHAIN + 32, 0, MEMORY + 0x20000, 60000, True))
    await rig.card.firmware.write(CHAIN + 32, dma_descriptor(0, 0, MEMORY + 0x40000, 1 << 24))
    await rig.dma_start(CHAIN)
    await rig.put(DMA + dma.CHANNEL_CCR, resume)
    assert await rig.dma_status() == dma.CHANNEL_CSR_DESCRIPTOR_ERROR | dma.CHANNEL_CSR_EOT
    assert await rig.get(DMA + dma.CHANNEL_DONE) == 1
    assert await rig.get(DMA + dma.CHANNEL_DAR_LOW) == CHAIN & 0xFFFF_FFFF
    assert await rig.card.firmware.read(MEMORY + 0x20000, 60000) == bytes(rig.memory.bytes[:60000])


@stimulus()
async def test_a_resume_while_an_error_stands_does_not_hide_what_failed(rig: Rig) -> None:
    await _chain(rig, (0x7000_0000, MEMORY + 0x20000, 8), (0, MEMORY + 0x20000, 8))
    await rig.dma_start(CHAIN)
    assert await rig.dma_status() & ~DONE == dma.CHANNEL_CSR_READ_ERROR
    await rig.put(DMA + dma.CHANNEL_CCR, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_CHAIN_RESUME)
    assert await rig.dma_status() & ~DONE == dma.CHANNEL_CSR_READ_ERROR
    assert await rig.get(DMA + dma.CHANNEL_DAR_LOW) == CHAIN & 0xFFFF_FFFF
    assert await rig.get(DMA + dma.CHANNEL_DONE) == 0


@stimulus()
async def test_both_channels_work_at_the_same_time_each_with_its_registers_and_interrupt(rig: Rig, seed: int) -> None:
    rng = _fill(rig, seed)
    data = rng.randbytes(9000)
    await rig.card.firmware.write(MEMORY + 0x30000, data)
    inward = bytes(rig.memory.bytes[0x101 : 0x101 + 9000])
    second, other = DMA + dma.CHANNEL_STRIDE, MEMORY + 0x2000
    await _chain(rig, (0x101, MEMORY + 0x20003, 9000))
    await rig.card.firmware.write(other, dma_descriptor(0, MEMORY + 0x30000, 0x80005, 9000, True))
    await rig.put(second + dma.CHANNEL_NDAR_LOW, other & 0xFFFF_FFFF)
    await rig.put(second + dma.CHANNEL_NDAR_HIGH, other >> 32)
    await rig.put(second + dma.CHANNEL_CCR, dma.CHANNEL_CCR_ENABLE)
    await rig.dma_start(CHAIN, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_EOC_INTERRUPT)
    await rig.until(lambda: rig.card.firmware.irq & 6 == 6)
    await rig.host_flush()
    assert await rig.card.firmware.read(MEMORY + 0x20003, 9000) == inward
    assert bytes(rig.memory.bytes[0x80005 : 0x80005 + 9000]) == data
    assert await rig.get(DMA + dma.CHANNEL_DONE) == await rig.get(second + dma.CHANNEL_DONE) == 1
    await rig.put(DMA + dma.CHANNEL_CSR, 0xFFFF_FFFF)
    assert rig.card.firmware.irq & 6 == 4
    assert await rig.get(second + dma.CHANNEL_CSR) == dma.CHANNEL_CSR_EOC | dma.CHANNEL_CSR_EOT
    await rig.put(second + dma.CHANNEL_CSR, 0xFFFF_FFFF)
    assert not rig.card.firmware.irq & 6


@stimulus()
async def test_an_error_of_one_channel_does_not_stop_the_other(rig: Rig, seed: int) -> None:
    _fill(rig, seed)
    second, other = DMA + dma.CHANNEL_STRIDE, MEMORY + 0x2000
    await rig.card.firmware.write(other, dma_descriptor(0, MEMORY_END, MEMORY + 0x40000, 600))
    await _chain(rig, *((1000 * n, MEMORY + 0x20000 + 1000 * n, 1000) for n in range(6)))
    await rig.dma_start(CHAIN, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_EOC_INTERRUPT)
    await rig.put(second + dma.CHANNEL_NDAR_LOW, other & 0xFFFF_FFFF)
    await rig.put(second + dma.CHANNEL_NDAR_HIGH, other >> 32)
    await rig.put(second + dma.CHANNEL_CCR, dma.CHANNEL_CCR_ENABLE)
    await rig.until(lambda: rig.card.firmware.irq & 6 == 6)
    assert await rig.dma_status() == DONE
    assert await rig.get(DMA + dma.CHANNEL_DONE) == 6
    assert await rig.get(second + dma.CHANNEL_CSR) == dma.CHANNEL_CSR_READ_ERROR
    assert await rig.get(second + dma.CHANNEL_DAR_LOW) == other & 0xFFFF_FFFF
    assert await rig.card.firmware.read(MEMORY + 0x20000, 6000) == bytes(rig.memory.bytes[:6000])


@stimulus()
async def test_a_channel_that_does_not_exist_answers_with_an_error(rig: Rig) -> None:
    with pytest.raises(BusError):
        await rig.get(DMA + dma.CHANNEL_COUNT * dma.CHANNEL_STRIDE)
    await sleep(US)
