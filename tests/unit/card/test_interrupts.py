"""Interrupt causes, masks, delays and throttle of the Ethernet controller."""

from firmware.registers import ethernet
from models import kernel
from models.kernel import NS, US, sleep
from tests.unit.card.stimuli import ETHERNET, MEMORY, Rig, stimulus, udp
from tests.unit.card.test_transmit import EOP, IDE, IFCS, RS, legacy

DATA = MEMORY + 0x40000
UNIT = 1024 * NS


def _rises(rig: Rig, line: int) -> list[int]:
    rises, before = [], 0
    for time_ps, levels in rig.levels:
        if levels & ~before & 1 << line:
            rises.append(time_ps)
        before = levels
    return rises


@stimulus()
async def test_the_line_follows_causes_and_mask(rig: Rig) -> None:
    await rig.put(ETHERNET + ethernet.ICS, ethernet.ICR_LSC)
    assert not rig.card.firmware.irq & 8
    await rig.put(ETHERNET + ethernet.IMS, ethernet.ICR_LSC)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    await rig.put(ETHERNET + ethernet.IMC, ethernet.ICR_LSC)
    await sleep(US)
    assert not rig.card.firmware.irq & 8
    await rig.put(ETHERNET + ethernet.IMS, ethernet.ICR_LSC)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    assert await rig.get(ETHERNET + ethernet.ICR) == ethernet.ICR_LSC
    await sleep(US)
    assert not rig.card.firmware.irq & 8
    assert await rig.get(ETHERNET + ethernet.ICR) == 0


@stimulus()
async def test_the_throttle_keeps_interrupts_apart(rig: Rig) -> None:
    await rig.put(ETHERNET + ethernet.IMS, ethernet.ICR_LSC)
    await rig.put(ETHERNET + ethernet.ITR, 100)
    for number in range(3):
        await rig.put(ETHERNET + ethernet.ICS, ethernet.ICR_LSC)
        await rig.until(lambda number=number: len(_rises(rig, 3)) == number + 1)
        await rig.get(ETHERNET + ethernet.ICR)
    rises = _rises(rig, 3)
    gaps = [later - earlier for earlier, later in zip(rises, rises[1:], strict=False)]
    assert all(100 * 256 * NS <= gap < 101 * 256 * NS for gap in gaps)


@stimulus()
async def test_received_frames_share_an_interrupt_within_the_delay(rig: Rig) -> None:
    await rig.start_ethernet(mask=ethernet.ICR_RXT0)
    await rig.put(ETHERNET + ethernet.RDTR, 20)
    await rig.offer(*(DATA + 0x800 * index for index in range(12)))
    frame = udp(b"x" * 1000)
    for _ in range(5):
        rig.card.wire.send(frame)
    begin_ps = kernel.now()
    await rig.until(lambda: _rises(rig, 3))
    last_ps = begin_ps + 5 * (len(frame) + 20) * 8 * NS
    assert 20 * UNIT <= kernel.now() - last_ps + 12 * 8 * NS < 24 * UNIT
    assert await rig.get(ETHERNET + ethernet.RDH) == 5
    await rig.get(ETHERNET + ethernet.ICR)
    # the absolute delay counts from the first frame
    await rig.put(ETHERNET + ethernet.RADV, 25)
    for _ in range(5):
        rig.card.wire.send(frame)
    begin_ps = kernel.now() + (len(frame) + 8) * 8 * NS
    await rig.until(lambda: len(_rises(rig, 3)) == 2)
    assert 25 * UNIT <= kernel.now() - begin_ps < 30 * UNIT


@stimulus()
async def test_a_flush_ends_the_delay(rig: Rig) -> None:
    await rig.start_ethernet(mask=ethernet.ICR_RXT0)
    await rig.put(ETHERNET + ethernet.RDTR, 1000)
    await rig.offer(DATA)
    rig.card.wire.send(udp(b""))
    await sleep(20 * US)
    assert not _rises(rig, 3)
    await rig.put(ETHERNET + ethernet.RDTR, 1000 | ethernet.RDTR_FPD)
    await sleep(US)
    assert len(_rises(rig, 3)) == 1
    await sleep(1100 * UNIT)
    assert len(_rises(rig, 3)) == 1


@stimulus()
async def test_transmit_interrupts_wait_only_with_ide(rig: Rig) -> None:
    await rig.start_ethernet(mask=ethernet.ICR_TXDW)
    await rig.put(ETHERNET + ethernet.TIDV, 50)
    begin_ps = kernel.now()
    await rig.transmit(legacy(DATA, 64, EOP | IFCS | RS | IDE))
    await rig.until(lambda: len(_rises(rig, 3)) == 1)
    assert 50 * UNIT <= kernel.now() - begin_ps < 55 * UNIT
    await rig.get(ETHERNET + ethernet.ICR)
    begin_ps = kernel.now()
    await rig.transmit(legacy(DATA, 64, EOP | IFCS | RS))
    await rig.until(lambda: len(_rises(rig, 3)) == 2)
    assert kernel.now() - begin_ps < 5 * UNIT


@stimulus()
async def test_few_free_descriptors_interrupt_once_as_they_fall_to_the_threshold(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.offer(*(DATA + 0x800 * index for index in range(10)))
    for expected in (0, ethernet.ICR_RXDMT0, 0):
        rig.card.wire.send(udp(b""))
        await sleep(10 * US)
        assert await rig.get(ETHERNET + ethernet.ICR) & ethernet.ICR_RXDMT0 == expected
