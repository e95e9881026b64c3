"""Host bus: arbitration per burst, bursts and beats, errors; host port: order, BARs, interrupt messages."""

import pytest

from firmware.registers import bridge, messaging, messaging_host
from models import kernel
from models.kernel import NS, US, sleep, spawn
from models.observation.bus_log import longest_run_while_other_waits, read_bus_log
from models.ports import BusError
from tests.unit.card.stimuli import (
    BRIDGE,
    DMA,
    MEMORY,
    MEMORY_BYTES,
    MEMORY_END,
    MESSAGING,
    Rig,
    dma_descriptor,
    on_model,
    stimulus,
)
from tests.unit.card.test_transmit import EOP, IFCS, data

COPY_FROM = 0x123


async def _compete(rig: Rig) -> None:
    """The DMA controller copies 256 KiB from the host while Ethernet reads frames from there."""
    await rig.start_ethernet(entries=64)
    await rig.card.firmware.write(MEMORY + 0x100, dma_descriptor(0, COPY_FROM, MEMORY + 0x40000, 0x40000))
    await rig.dma_start(MEMORY + 0x100)
    await rig.transmit(*(data(0x50000 + 0x2000 * index, 8000, EOP | IFCS) for index in range(20)))
    await rig.dma_status()
    await rig.until(lambda: len(rig.frames) == 20)


@stimulus()
async def test_a_copy_and_frames_from_the_same_pages_share_the_bus(rig: Rig) -> None:
    rig.memory.bytes[:0x4000] = bytes(index * 7 % 253 for index in range(0x4000))
    await rig.start_ethernet(entries=64)
    await rig.card.firmware.write(MEMORY + 0x100, dma_descriptor(0, COPY_FROM, MEMORY + 0x40000, 0x3000))
    await rig.dma_start(MEMORY + 0x100)
    await rig.transmit(*(data(COPY_FROM + 3000 * index, 3000, EOP | IFCS) for index in range(4)))
    await rig.dma_status()
    await rig.until(lambda: len(rig.frames) == 4)
    assert await rig.card.firmware.read(MEMORY + 0x40000, 512) == bytes(rig.memory.bytes[COPY_FROM : COPY_FROM + 512])


def test_ethernet_and_dma_controller_take_turns() -> None:
    rig = on_model(_compete)
    grants = list(rig.card.grants)
    assert {grant.master for grant in grants} == {0, 2}
    assert longest_run_while_other_waits(grants, 2, 0) <= 1
    assert longest_run_while_other_waits(grants, 0, 2) <= 1


def test_fixed_priority_serves_ethernet_first() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.put(BRIDGE + bridge.ARBITER_CONTROL, 0)
        await _compete(rig)

    grants = list(on_model(scenario).card.grants)
    assert longest_run_while_other_waits(grants, 2, 0) == 0
    assert longest_run_while_other_waits(grants, 0, 2) > 1


def test_bursts_end_at_their_boundaries_and_beats_are_counted(tmp_path) -> None:
    rig = on_model(_compete)
    rig.card.write_bus_log(tmp_path / "grants")
    grants = list(read_bus_log(tmp_path / "grants"))
    assert grants == list(rig.card.grants)
    copied = [grant for grant in grants if grant.master == 2]
    assert [grant.address for grant in copied] == [COPY_FROM, *range(512, COPY_FROM + 0x40000, 512)]
    assert [grant.beats for grant in copied] == [(512 - COPY_FROM + 7) // 8, *[64] * 511, -(-COPY_FROM // 8)]
    assert sum(grant.beats for grant in copied) == rig.card.bus_beats()["DMA controller"]


def test_a_saturated_bus_moves_what_its_link_carries() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.card.firmware.write(MEMORY + 0x100, dma_descriptor(0, 0, MEMORY + 0x40000, 0x80000))
        begin_ps = kernel.now()
        await rig.dma_start(MEMORY + 0x100)
        await rig.dma_status()
        rate = 0x80000 / (kernel.now() - begin_ps) * 10**6  # MB/s
        assert 440 < rate < 500 * 256 / (256 + 24)

    on_model(scenario)


@stimulus(start_host=False)
async def test_bursts_without_bus_master_enable_are_refused_and_counted(rig: Rig) -> None:
    with pytest.raises(BusError):
        await rig.card.firmware.read(0x100, 1024)
    with pytest.raises(BusError):
        await rig.card.firmware.write(0x200, bytes(8))
    assert await rig.get(BRIDGE + bridge.BUS_MASTER_OFF_DROPS) == 2
    assert await rig.get(BRIDGE + bridge.STATUS) == bridge.STATUS_BUS_MASTER_OFF
    assert not rig.card.firmware.irq & 16
    await rig.put(BRIDGE + bridge.MASK, 0)
    assert rig.card.firmware.irq & 16
    await rig.put(BRIDGE + bridge.STATUS, 0xFF)
    assert not rig.card.firmware.irq & 16


@stimulus()
async def test_firmware_accesses_that_lead_nowhere_raise_an_error(rig: Rig) -> None:
    firmware = rig.card.firmware
    for address, length in (
        (MEMORY_END, 8),
        (MEMORY_END - 4, 8),
        (0x7000_0000, 4),
        (MESSAGING + messaging.QBAR, 8),
        (MESSAGING + 0x100, 4),
        (DMA + 2, 4),
        (BRIDGE + 0x1000, 4),
    ):
        with pytest.raises(BusError):
            await firmware.read(address, length)
    with pytest.raises(BusError):
        await firmware.write(MEMORY_END, b"x")
    await firmware.write(0x7000_0000, b"posted: nobody tells the card")
    assert await firmware.read(MEMORY_END - 8, 8) == bytes(8)
    assert await rig.get(BRIDGE + bridge.COMPLETION_ERRORS) == 1
    await firmware.write(0x2000, b"goes on")
    assert await firmware.read(0x2000, 7) == b"goes on"


@stimulus()
async def test_the_hosts_writes_stay_in_order_and_a_read_pushes_them(rig: Rig) -> None:
    host = rig.card.host
    for number in range(50):
        await host.write(1, 0x100, bytes([number]) * 64)
        await host.write(1, 0x140 + number, b"!")
    assert await host.read(1, 0x100, 64) == bytes([49]) * 64
    assert await rig.card.firmware.read(MEMORY + 0x140, 50) == b"!" * 50


@stimulus()
async def test_a_write_does_not_overtake_a_read(rig: Rig) -> None:
    await rig.host_put(messaging_host.IMR0, 1)
    reading = spawn(rig.host_get(messaging_host.IMR0))
    await sleep(NS)
    await rig.host_put(messaging_host.IMR0, 2)
    assert await reading == 1
    assert await rig.host_get(messaging_host.IMR0) == 2


def test_no_interrupt_passes_the_data_it_tells_of() -> None:
    async def scenario(rig: Rig) -> None:
        firmware = rig.card.firmware
        seen: list[bytes] = []
        times: list[int] = []

        def interrupted(_vector: int) -> None:
            seen.append(bytes(rig.memory.bytes[:8192]))
            times.append(kernel.now())

        rig.card.host.connect(rig.memory, interrupted)
        expected = bytes(range(256)) * 32
        # the firmware's own accesses wait for each other: the controller's write is the one that may be overtaken
        await firmware.write(MEMORY + 0x2000, expected)
        await firmware.write(MEMORY + 0x100, dma_descriptor(0, MEMORY + 0x2000, 0, 8192, True))
        await rig.dma_start(MEMORY + 0x100)
        while len(rig.card.grants) < 16:
            await sleep(10 * NS)
        await rig.put(MESSAGING + messaging.ODR, 1)
        await sleep(5 * US)
        assert seen == [expected]
        assert times[0] > max(grant.last_beat_ps for grant in rig.card.grants)

    on_model(scenario)


@stimulus()
async def test_accesses_of_the_host_that_lead_nowhere_are_errors_or_counted_drops(rig: Rig) -> None:
    host = rig.card.host
    for bar, offset, length in ((0, 0xFFE, 4), (1, MEMORY_BYTES, 4), (3, 0, 4)):  # no address leads there
        with pytest.raises(BusError):
            await host.read(bar, offset, length)
        with pytest.raises(BusError):
            await host.write(bar, offset, bytes(length))
    with pytest.raises(BusError):
        await host.read(0, messaging_host.IMR0, 8)
    await host.write(0, messaging_host.IMR0, bytes(8))
    await rig.host_flush()
    assert await rig.get(BRIDGE + bridge.COMPLETER_ABORTS) == 1
    assert await rig.get(BRIDGE + bridge.POSTED_DROPS) == 1


@stimulus()
async def test_a_part_of_a_register_can_be_written_but_not_posted(rig: Rig) -> None:
    await rig.start_queues()
    await rig.host_put(messaging_host.IMR0, 0x11223344)
    await rig.card.host.write(0, messaging_host.IMR0 + 1, b"\xaa\xbb")
    assert await rig.host_get(messaging_host.IMR0) == 0x11BBAA44
    await rig.card.host.write(0, messaging_host.IQP, b"\1\0")
    await rig.host_flush()
    assert await rig.get(MESSAGING + messaging.INBOUND_POST_DROPS) == 1


def test_two_runs_are_alike() -> None:
    first, second = on_model(_compete), on_model(_compete)
    assert list(first.card.grants) == list(second.card.grants)
    assert first.frames == second.frames
