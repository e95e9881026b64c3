"""What single accesses and transfers take, measured through the ports; models/card/timing.py is calibrated by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from firmware.registers import dma, ethernet, messaging, messaging_host
from models import kernel
from models.kernel import NS, US, sleep
from tests.unit.card.stimuli import DMA, ETHERNET, MEMORY, MESSAGING, Rig, dma_descriptor, stimulus, udp
from tests.unit.card.test_transmit import EOP, IFCS, legacy

REPETITIONS = 4
_PLACE = MEMORY + 0x20000
_CHAIN = MEMORY + 0x1000
_APART_PS = 2 * US + 5 * NS
"""Between measurements: everything is at rest, and they begin at different places of the clock's period."""


async def _mean(rig: Rig, name: str, access: Callable[[], Awaitable[Any]]) -> None:
    """Put the mean duration of an access under `name`."""
    total = 0
    for _ in range(REPETITIONS):
        await sleep(_APART_PS)
        begin_ps = kernel.now()
        await access()
        total += kernel.now() - begin_ps
    rig.measured[name] = total // REPETITIONS


@stimulus()
async def test_accesses(rig: Rig) -> None:
    firmware, host = rig.card.firmware, rig.card.host
    await _mean(rig, "firmware reads a register", lambda: rig.get(DMA + dma.CHANNEL_CSR))
    await _mean(rig, "firmware writes a register", lambda: rig.put(DMA + dma.CHANNEL_NDAR_HIGH, 0))
    await _mean(rig, "firmware reads an Ethernet register", lambda: rig.get(ETHERNET + ethernet.STATUS))
    for count in (8, 512):
        await _mean(rig, f"firmware reads {count} B of card memory", lambda n=count: firmware.read(_PLACE, n))
        await _mean(rig, f"firmware writes {count} B of card memory", lambda n=count: firmware.write(_PLACE, bytes(n)))
        await _mean(rig, f"firmware reads {count} B of host memory", lambda n=count: firmware.read(0x4000, n))
        await _mean(rig, f"firmware writes {count} B of host memory", lambda n=count: firmware.write(0x4000, bytes(n)))
    await _mean(rig, "host reads a register", lambda: rig.host_get(messaging_host.OISR))
    for count in (4, 256):
        await _mean(rig, f"host reads {count} B of card memory", lambda n=count: host.read(1, 0x20000, n))


@stimulus()
async def test_interrupts(rig: Rig) -> None:
    async def doorbell() -> None:
        await rig.host_put(messaging_host.IDR, 1)
        await rig.until(lambda: rig.card.firmware.irq & 1)

    async def message() -> None:
        before = len(rig.interrupts)
        await rig.put(MESSAGING + messaging.ODR, 1)
        await rig.until(lambda: len(rig.interrupts) > before)

    total = {"a doorbell of the host interrupts the firmware": doorbell, "a doorbell interrupts the host": message}
    for name, access in total.items():
        spent = 0
        for _ in range(REPETITIONS):
            await sleep(_APART_PS)
            begin_ps = kernel.now()
            await access()
            spent += kernel.now() - begin_ps
            await rig.put(MESSAGING + messaging.IDR, 0xFFFF_FFFF)
            await rig.host_put(messaging_host.ODR, 0xFFFF_FFFF)
            await rig.host_flush()
        rig.measured[name] = spent // REPETITIONS


@stimulus()
async def test_copies(rig: Rig) -> None:
    for size in (64, 1024, 16384):
        for name, source, destination in (("in", 0x4000, _PLACE), ("out", _PLACE, 0x4000)):
            await rig.card.firmware.write(_CHAIN, dma_descriptor(0, source, destination, size))
            await sleep(_APART_PS)
            await rig.dma_start(_CHAIN, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_EOC_INTERRUPT)
            begin_ps = kernel.now()
            await rig.until(lambda: rig.card.firmware.irq & 2)
            rig.measured[f"DMA controller copies {size} B {name}"] = kernel.now() - begin_ps
            await rig.put(DMA + dma.CHANNEL_CSR, 0xFFFF_FFFF)
            await sleep(US)
    pieces = [dma_descriptor(_CHAIN + 32 * (n + 1) if n < 15 else 0, 0x4000, _PLACE, 64) for n in range(16)]
    await rig.card.firmware.write(_CHAIN, b"".join(pieces))
    await rig.dma_start(_CHAIN, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_EOC_INTERRUPT)
    begin_ps = kernel.now()
    await rig.until(lambda: rig.card.firmware.irq & 2)
    rig.measured["DMA controller copies 16 pieces of 64 B in"] = kernel.now() - begin_ps


@stimulus()
async def test_frames(rig: Rig) -> None:
    await rig.start_ethernet(entries=32)
    for size in (60, 1500):
        for name, source in (("card", _PLACE), ("host", 0x4000)):
            left = len(rig.frames)
            await sleep(_APART_PS)
            await rig.transmit(legacy(source, size, EOP | IFCS))
            begin_ps = kernel.now()
            await rig.until(lambda left=left: len(rig.frames) > left)
            rig.measured[f"a frame of {size} B in {name} memory begins to leave"] = rig.frames[-1][1] - begin_ps
            await rig.get(ETHERNET + ethernet.ICR)
    for size in (18, 1400):
        for name, buffer in (("card", _PLACE), ("host", 0x4000)):
            await rig.offer(buffer)
            await sleep(_APART_PS)
            await rig.get(ETHERNET + ethernet.ICR)
            await rig.put(ETHERNET + ethernet.IMC, 0xFFFF_FFFF)
            await rig.put(ETHERNET + ethernet.IMS, ethernet.ICR_RXT0)
            await sleep(_APART_PS)
            frame = udp(bytes(size))
            begin_ps = kernel.now()
            rig.card.wire.send(frame)
            await rig.until(lambda: rig.card.firmware.irq & 8)
            on_wire_ps = (8 + len(frame)) * 8 * NS
            name = f"a frame of {len(frame)} B has come and is told of, buffer in {name} memory"
            rig.measured[name] = kernel.now() - begin_ps - on_wire_ps
