"""Messaging unit: queues, ports, messages, doorbells, index registers and both interrupts."""

import struct

import pytest

from firmware.registers import messaging, messaging_host
from models.kernel import US, sleep
from tests.unit.card.stimuli import MESSAGING, Rig, stimulus

QUEUE_BYTES = 0x4000
BASE = 0x40000
NONE = 0xFFFF_FFFF


async def _place(rig: Rig, queue: int, *entries: int) -> None:
    packed = struct.pack(f"<{len(entries)}I", *entries)
    await rig.card.firmware.write((1 << 63) + BASE + queue * QUEUE_BYTES, packed)


@stimulus()
async def test_free_frames_come_in_order_and_then_none(rig: Rig) -> None:
    await rig.start_queues(BASE)
    assert await rig.host_get(messaging_host.IQP) == NONE
    await _place(rig, 0, 0x100, 0x200)
    await rig.put(MESSAGING + messaging.IFHPR, 8)
    assert [await rig.host_get(messaging_host.IQP) for _ in range(3)] == [0x100, 0x200, NONE]
    assert await rig.get(MESSAGING + messaging.IFTPR) == 8


@stimulus()
async def test_a_tail_moved_by_the_firmware_voids_what_was_prefetched(rig: Rig) -> None:
    await rig.start_queues(BASE)
    await _place(rig, 0, 0x100, 0x200, 0x300)
    await rig.put(MESSAGING + messaging.IFHPR, 12)
    await rig.put(MESSAGING + messaging.IFTPR, 8)
    assert [await rig.host_get(messaging_host.IQP) for _ in range(2)] == [0x300, NONE]


@stimulus()
async def test_a_posted_frame_is_in_memory_and_interrupts_the_firmware_until_it_is_taken(rig: Rig) -> None:
    await rig.start_queues(BASE)
    await rig.host_put(messaging_host.IQP, 0x1234)
    await rig.until(lambda: rig.card.firmware.irq & 1)
    assert await rig.get(MESSAGING + messaging.IISR) == messaging.IISR_IPQ
    assert await rig.get(MESSAGING + messaging.IPHPR) == QUEUE_BYTES + 4
    assert await rig.card.firmware.read((1 << 63) + BASE + QUEUE_BYTES, 4) == (0x1234).to_bytes(4, "little")
    await rig.put(MESSAGING + messaging.IPTPR, 4)
    assert not rig.card.firmware.irq & 1


@stimulus()
async def test_a_reply_interrupts_the_host_once_and_again_after_the_queue_was_empty(rig: Rig) -> None:
    await rig.start_queues(BASE)
    await _place(rig, 2, 0xA, 0xB, 0xC)
    await rig.put(MESSAGING + messaging.OPHPR, 4)
    await rig.until(lambda: len(rig.interrupts) == 1)
    await rig.put(MESSAGING + messaging.OPHPR, 8)
    await sleep(5 * US)
    assert len(rig.interrupts) == 1
    assert [await rig.host_get(messaging_host.OQP) for _ in range(3)] == [0xA, 0xB, NONE]
    await rig.put(MESSAGING + messaging.OPHPR, 12)
    await rig.until(lambda: len(rig.interrupts) == 2)
    assert await rig.host_get(messaging_host.OQP) == 0xC


@stimulus()
async def test_a_masked_reply_interrupts_when_it_is_unmasked(rig: Rig) -> None:
    await rig.start_queues(BASE)
    await rig.host_put(messaging_host.OIMR, messaging_host.OIMR_OPQ)
    await rig.host_flush()
    await _place(rig, 2, 0xA)
    await rig.put(MESSAGING + messaging.OPHPR, 4)
    await sleep(5 * US)
    assert not rig.interrupts
    await rig.host_put(messaging_host.OIMR, 0)
    await rig.until(lambda: len(rig.interrupts) == 1)


@stimulus()
async def test_the_outbound_free_queue_reports_that_it_is_full_and_refuses_the_next(rig: Rig) -> None:
    await rig.start_queues(BASE)
    await rig.put(MESSAGING + messaging.OFTPR, 8)  # one entry is used: head 0, room until 4
    await rig.host_put(messaging_host.OQP, 0x77)
    await rig.until(lambda: rig.card.firmware.irq & 1)
    assert await rig.get(MESSAGING + messaging.IISR) == messaging.IISR_OFQF
    assert await rig.get(MESSAGING + messaging.OUTBOUND_FREE_DROPS) == 0
    await rig.put(MESSAGING + messaging.IISR, messaging.IISR_OFQF)
    await rig.host_put(messaging_host.OQP, 0x78)
    await rig.host_flush()
    assert await rig.get(MESSAGING + messaging.OUTBOUND_FREE_DROPS) == 1
    assert await rig.get(MESSAGING + messaging.IISR) == messaging.IISR_OFQF
    assert await rig.get(MESSAGING + messaging.OFHPR) == 3 * QUEUE_BYTES + 4


@stimulus()
async def test_pointers_wrap_inside_their_queue(rig: Rig) -> None:
    await rig.start_queues(BASE)
    for pointer in (messaging.IPHPR, messaging.IPTPR):
        await rig.put(MESSAGING + pointer, QUEUE_BYTES - 4)
    await rig.host_put(messaging_host.IQP, 1)
    await rig.host_put(messaging_host.IQP, 2)
    await rig.host_flush()
    assert await rig.get(MESSAGING + messaging.IPHPR) == QUEUE_BYTES + 4
    assert await rig.card.firmware.read((1 << 63) + BASE + 2 * QUEUE_BYTES - 4, 4) == b"\1\0\0\0"
    assert await rig.card.firmware.read((1 << 63) + BASE + QUEUE_BYTES, 4) == b"\2\0\0\0"


@stimulus()
async def test_queues_without_memory_behind_them_drop_and_count(rig: Rig) -> None:
    await rig.start_queues(0x4000_0000)
    await rig.host_put(messaging_host.IQP, 1)
    await rig.host_flush()
    assert await rig.get(MESSAGING + messaging.INBOUND_POST_DROPS) == 1
    assert await rig.get(MESSAGING + messaging.MEMORY_ERRORS) == 1
    assert await rig.get(MESSAGING + messaging.IISR) == messaging.IISR_IPQF
    await rig.put(MESSAGING + messaging.IFHPR, 4)
    assert await rig.host_get(messaging_host.IQP) == NONE
    assert await rig.get(MESSAGING + messaging.MEMORY_ERRORS) == 2


@stimulus()
async def test_messages_and_doorbells_cross_both_ways(rig: Rig) -> None:
    await rig.host_put(messaging_host.IMR1, 0x55)
    await rig.host_put(messaging_host.IDR, 0x8000_0001)
    await rig.host_flush()
    expected = messaging.IISR_IM1 | messaging.IISR_ID | messaging.IISR_EID
    assert await rig.get(MESSAGING + messaging.IISR) == expected
    assert await rig.get(MESSAGING + messaging.IMR1) == 0x55
    await rig.put(MESSAGING + messaging.IDR, 0x8000_0000)
    await rig.put(MESSAGING + messaging.IISR, messaging.IISR_IM1)
    assert await rig.get(MESSAGING + messaging.IISR) == messaging.IISR_ID
    await rig.put(MESSAGING + messaging.OMR0, 0x99)
    await rig.put(MESSAGING + messaging.ODR, 4)
    await rig.until(lambda: len(rig.interrupts) == 1)
    assert await rig.host_get(messaging_host.OISR) == messaging_host.OISR_OM0 | messaging_host.OISR_OD
    assert await rig.host_get(messaging_host.OMR0) == 0x99
    await rig.host_put(messaging_host.OISR, messaging_host.OISR_OM0)
    await rig.host_put(messaging_host.ODR, 4)
    assert await rig.host_get(messaging_host.OISR) == 0


@stimulus()
async def test_index_writes_queue_with_their_data_and_the_ninth_is_counted_as_lost(rig: Rig) -> None:
    for number in range(9):
        await rig.host_put(messaging_host.INDEX + 4 * number, 100 + number)
    await rig.host_flush()
    for number in range(8):
        assert await rig.get(MESSAGING + messaging.IISR) == messaging.IISR_IR
        assert await rig.get(MESSAGING + messaging.IAR) == messaging_host.INDEX + 4 * number
        assert await rig.get(MESSAGING + messaging.INDEX_DATA) == 100 + number
        await rig.put(MESSAGING + messaging.IISR, messaging.IISR_IR)
    assert await rig.get(MESSAGING + messaging.IISR) == 0
    assert await rig.get(MESSAGING + messaging.INDEX_DROPS) == 1
    # of a part of a word the other bytes are 0
    await rig.card.host.write(0, messaging_host.INDEX + 5, b"\xaa\xbb")
    await rig.host_flush()
    assert await rig.get(MESSAGING + messaging.INDEX_DATA) == 0x00BBAA00


@pytest.mark.parametrize("code", [1, 2, 4, 8, 16])
@stimulus()
async def test_queues_of_every_size_lie_behind_each_other_and_wrap_at_their_end(rig: Rig, code: int) -> None:
    size = code * QUEUE_BYTES
    await rig.put(MESSAGING + messaging.QBAR, BASE)
    await rig.put(MESSAGING + messaging.MUCR, messaging.MUCR_ENABLE | code << messaging.MUCR_QUEUE_SIZE_LSB)
    for pointer in (messaging.IPHPR, messaging.IPTPR, messaging.OFHPR, messaging.OFTPR):
        await rig.put(MESSAGING + pointer, size - 4)
    for queue in (0, 2):
        await rig.card.firmware.write((1 << 63) + BASE + (queue + 1) * size - 4, (0x10 + queue).to_bytes(4, "little"))
        await rig.card.firmware.write((1 << 63) + BASE + queue * size, (0x20 + queue).to_bytes(4, "little"))
    # the last entry is there as soon as the tail stands before it, and is prefetched
    for pointer in (messaging.IFTPR, messaging.OPTPR):
        await rig.put(MESSAGING + pointer, size - 4)
    for pointer in (messaging.IFHPR, messaging.OPHPR):
        await rig.put(MESSAGING + pointer, 4)
    assert [await rig.host_get(messaging_host.IQP) for _ in range(3)] == [0x10, 0x20, NONE]
    assert [await rig.host_get(messaging_host.OQP) for _ in range(3)] == [0x12, 0x22, NONE]
    for port in (messaging_host.IQP, messaging_host.OQP):
        await rig.host_put(port, 0x33)
        await rig.host_put(port, 0x44)
    await rig.host_flush()
    for queue, head in ((1, messaging.IPHPR), (3, messaging.OFHPR)):
        assert await rig.get(MESSAGING + head) == queue * size + 4
        assert await rig.card.firmware.read((1 << 63) + BASE + (queue + 1) * size - 4, 4) == b"\x33\0\0\0"
        assert await rig.card.firmware.read((1 << 63) + BASE + queue * size, 4) == b"\x44\0\0\0"


@stimulus()
async def test_a_full_inbound_post_queue_refuses_counts_and_interrupts(rig: Rig) -> None:
    await rig.start_queues(BASE)
    await rig.put(MESSAGING + messaging.IPTPR, 8)  # one entry is free
    await rig.put(MESSAGING + messaging.IIMR, 0xFF & ~messaging.IISR_IPQF)
    await rig.host_put(messaging_host.IQP, 1)
    await rig.host_flush()
    assert not rig.card.firmware.irq & 1
    for number in range(3):
        await rig.host_put(messaging_host.IQP, 2 + number)
    await rig.until(lambda: rig.card.firmware.irq & 1)
    await rig.host_flush()
    assert await rig.get(MESSAGING + messaging.INBOUND_POST_DROPS) == 3
    assert await rig.get(MESSAGING + messaging.IPHPR) == QUEUE_BYTES + 4
    await rig.put(MESSAGING + messaging.IISR, messaging.IISR_IPQF)
    assert not rig.card.firmware.irq & 1


@stimulus()
async def test_a_disabled_unit_gives_no_frames_and_takes_none(rig: Rig) -> None:
    await rig.start_queues(BASE)
    await _place(rig, 0, 0x100)
    await rig.put(MESSAGING + messaging.IFHPR, 4)
    await rig.put(MESSAGING + messaging.MUCR, 1 << messaging.MUCR_QUEUE_SIZE_LSB)
    assert await rig.host_get(messaging_host.IQP) == await rig.host_get(messaging_host.OQP) == NONE
    await rig.host_put(messaging_host.IQP, 1)
    await rig.host_put(messaging_host.OQP, 1)
    await rig.host_flush()
    assert await rig.get(MESSAGING + messaging.INBOUND_POST_DROPS) == 1
    assert await rig.get(MESSAGING + messaging.OUTBOUND_FREE_DROPS) == 1
    await rig.put(MESSAGING + messaging.MUCR, messaging.MUCR_ENABLE | 1 << messaging.MUCR_QUEUE_SIZE_LSB)
    assert await rig.host_get(messaging_host.IQP) == 0x100


@stimulus()
async def test_masks_of_both_sides_keep_each_source_back(rig: Rig) -> None:
    await rig.put(MESSAGING + messaging.IIMR, 0xFF)
    await rig.host_put(messaging_host.OIMR, 0xF)
    await rig.host_put(messaging_host.IMR0, 1)
    await rig.host_put(messaging_host.IMR1, 2)
    await rig.host_put(messaging_host.IDR, 0xFFFF_FFFF)
    await rig.host_put(messaging_host.INDEX, 3)
    await rig.host_flush()
    for bit in (messaging.IISR_IM0, messaging.IISR_IM1, messaging.IISR_ID, messaging.IISR_EID, messaging.IISR_IR):
        assert not rig.card.firmware.irq & 1
        await rig.put(MESSAGING + messaging.IIMR, 0xFF & ~bit)
        assert rig.card.firmware.irq & 1
        await rig.put(MESSAGING + messaging.IIMR, 0xFF)
    for number, offset in enumerate((messaging.OMR0, messaging.OMR1, messaging.ODR)):
        await rig.put(MESSAGING + offset, 1)
        await sleep(2 * US)
        assert len(rig.interrupts) == number
        await rig.host_put(messaging_host.OIMR, 0xF & ~(1 << number))
        await rig.until(lambda number=number: len(rig.interrupts) == number + 1)
        await rig.host_put(messaging_host.OIMR, 0xF)
        await rig.host_flush()
