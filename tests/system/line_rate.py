"""Scenarios of tests/system/test_line_rate.py: what happens inside the simulator."""

from __future__ import annotations

import random
import struct
from typing import Any

from firmware.registers import bridge, dma, ethernet
from models.kernel import NS, US, sleep
from tests.rtl.ethernet.reference_segmenter import Headers, segment
from tests.unit.card.stimuli import BRIDGE, DMA, ETHERNET, MEMORY, Rig, dma_descriptor

BYTE_PS = 8 * NS
PAGE = 4096
PREAMBLE, FCS, GAP = 8, 4, 12
MSS = 1460
LARGEST_SEND = 256 << 10
HOST_PAGES = 0x10_0000
HEADERS, CHAIN, COPY = MEMORY + 0x40000, MEMORY + 0x50000, MEMORY + 0x200000
RING = 1024


def context(headers: Headers, paylen: int, mss: int) -> bytes:
    """The context descriptor of a segmented send."""
    link, network = len(headers.link), len(headers.network(0, 0))
    command = paylen | 1 << 29 | 1 << 26 | 1 << 25 | 1 << 24  # DEXT, TSE, IP, TCP
    return struct.pack(
        "<BBHBBHII", link, link + 10, link + network - 1, link + network, link + network + 16, 0, command,
        len(headers.prototype) << 8 | mss << 16,
    )  # fmt: skip


def data(address: int, length: int, last: bool) -> bytes:
    """A data descriptor of a segmented send."""
    command = length | 1 << 20 | 1 << 29 | 1 << 26 | 1 << 25 | (last and 1 << 24 | 1 << 27)
    return struct.pack("<QII", address, command, 0x300)


async def transmit(rig: Rig, size: int, send: int, copies: int, delay_ns: int, seed: int) -> dict[str, Any]:
    """`size` bytes of host pages in consecutive segmented sends, while the DMA controller copies the same pages.

    The host's memory takes `delay_ns` beside what the link takes.
    """
    rig.card.host.pcie.root.completion_delay = lambda: float(delay_ns)
    payload = random.Random(seed).randbytes(size)
    rig.memory.write(HOST_PAGES, payload)
    await rig.start_ethernet(entries=RING, mask=0)
    await rig.put(BRIDGE + bridge.ARBITER_CONTROL, bridge.ARBITER_CONTROL_ROUND_ROBIN)
    ring: list[bytes] = []
    expected: list[bytes] = []
    for number, start in enumerate(range(0, size, send)):
        part = payload[start : start + send]
        headers = Headers(sequence=start, identification=0x100 * number)
        place = HEADERS + 256 * number
        await rig.card.firmware.write(place, headers.prototype)
        ring.append(context(headers, len(part), MSS))
        ring.append(data(place, len(headers.prototype), False))
        for at in range(0, len(part), PAGE):
            ring.append(data(HOST_PAGES + start + at, min(PAGE, len(part) - at), at + PAGE >= len(part)))
        expected += segment(headers, part, MSS)
    assert len(ring) < RING
    for at in range(0, len(ring), 32):
        await rig.card.firmware.write(rig.tx_ring + 16 * at, b"".join(ring[at : at + 32]))
    pages = [(HOST_PAGES + at, COPY + at, min(PAGE, size - at)) for _ in range(copies) for at in range(0, size, PAGE)]
    for n in range(0, len(pages), 16):
        chain = [
            dma_descriptor(CHAIN + 32 * (k + 1) if k + 1 < len(pages) else 0, *pages[k])
            for k in range(n, min(n + 16, len(pages)))
        ]
        await rig.card.firmware.write(CHAIN + 32 * n, b"".join(chain))
    await rig.put(ETHERNET + ethernet.TDT, len(ring))
    if pages:
        await rig.dma_start(CHAIN)
    await rig.until(lambda: len(rig.frames) >= len(expected), limit_ps=100_000 * US)
    ended_early = bool(pages) and not await rig.get(DMA + dma.CHANNEL_CSR) & dma.CHANNEL_CSR_ACTIVE
    gaps: dict[str, list[int]] = {}
    for n, (frame, begin_ps, _) in enumerate(rig.frames):
        assert frame[:-FCS] == expected[n], f"frame {n} is wrong"
        if n:
            before, before_ps, _ = rig.frames[n - 1]
            gap = (begin_ps - before_ps) // BYTE_PS - PREAMBLE - len(before)
            gaps.setdefault(str(gap), []).append(n)
    if pages:
        assert not await rig.dma_status() & ~dma.CHANNEL_CSR_EOC
        for at in range(0, size, 512):
            length = min(512, size - at)
            assert await rig.card.firmware.read(COPY + at, length) == payload[at : at + length], f"copy at {at:#x}"
    await sleep(10 * US)
    assert len(rig.frames) == len(expected)
    return {"frames": len(expected), "gaps": gaps, "copy_ended_before_the_last_frame": ended_early}
