"""Scenario of tests/system/test_completion_faults.py: every user of the host bus meets a read that goes wrong."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

from cocotbext.pcie.core.tlp import Tlp

from firmware.registers import bridge, dma, ethernet, ethernet_rx
from models.host.pcie_completer import WITHOUT_ANSWER, Fault
from models.kernel import US, sleep
from models.network.ethernet_fcs import with_fcs
from models.ports import BusError
from tests.unit.card.stimuli import BRIDGE, DMA, ETHERNET, MEMORY, PEER, STATION, Rig, dma_descriptor
from tests.unit.card.test_transmit import EOP, IFCS, legacy

BAD, GOOD = 0x4_0000, 0x5_0000
"""Pages of host memory: a read of the first goes wrong once."""
CHAIN, COPY, BUFFERS = MEMORY + 0x1000, MEMORY + 0x20000, MEMORY + 0x30000
HOST_RING = 0x6_0000
FCS = 4
COUNTERS = ("COMPLETION_ERRORS", "COMPLETION_TIMEOUTS", "POISONED_TLPS", "BUS_MASTER_OFF_DROPS")


def counter_of(fault: Fault) -> str:
    """Where the bridge counts it (docs/pci_bridge.md)."""
    if fault in WITHOUT_ANSWER:
        return "COMPLETION_TIMEOUTS"
    return "POISONED_TLPS" if fault is Fault.POISONED else "COMPLETION_ERRORS"


class Faulty:
    """Lets one read of a range go wrong, and watches the bridge's counters."""

    def __init__(self, rig: Rig, fault: Fault) -> None:
        self.rig = rig
        self.fault = fault
        self.range = range(0)
        rig.card.host.pcie.root.read_fault = self._choose

    def _choose(self, tlp: Tlp) -> Fault | None:
        if tlp.address + 4 * tlp.length <= self.range.start or tlp.address >= self.range.stop:
            return None
        self.range = range(0)
        return self.fault

    async def expect(self, start: int, length: int, user: Callable[[], Awaitable[None]]) -> None:
        """Run a user that meets the fault at these addresses; it is counted once and in one place."""
        before = {name: await self.rig.get(BRIDGE + getattr(bridge, name)) for name in COUNTERS}
        self.range = range(start, start + length)
        await user()
        assert self.range == range(0), "nobody read there"
        after = {name: await self.rig.get(BRIDGE + getattr(bridge, name)) for name in COUNTERS}
        changed = {name: after[name] - before[name] for name in COUNTERS if after[name] != before[name]}
        assert changed == {counter_of(self.fault): 1}, f"{self.fault} in {user.__name__}: {changed}"


async def every_user(rig: Rig, faults: list[str], seed: int) -> dict[str, Any]:
    """Each fault at each user of host memory: status and counters, nothing wrong delivered, and the next one works."""
    rng = random.Random(seed)
    for name in faults:
        await _one_fault(rig, Faulty(rig, Fault[name]), rng)
    return {}


async def _one_fault(rig: Rig, faulty: Faulty, rng: random.Random) -> None:
    bad, good = rng.randbytes(512), rng.randbytes(512)
    rig.memory.write(BAD, bad)
    rig.memory.write(GOOD, good)

    async def firmware_reads() -> None:
        try:
            data = await rig.card.firmware.read(BAD, 64)
        except BusError:
            pass
        else:
            raise AssertionError(f"read {data.hex()} in spite of {faulty.fault}")
        assert await rig.card.firmware.read(BAD, 64) == bad[:64]

    async def dma_copies() -> None:
        await rig.card.firmware.write(COPY, bytes(512))
        await rig.card.firmware.write(CHAIN, dma_descriptor(0, BAD, COPY, 512))
        await rig.dma_start(CHAIN)
        assert await rig.dma_status() & ~dma.CHANNEL_CSR_EOC == dma.CHANNEL_CSR_READ_ERROR
        await rig.put(DMA + dma.CHANNEL_CSR, 0xFFFF_FFFF)
        await rig.dma_start(CHAIN)
        assert await rig.dma_status() == dma.CHANNEL_CSR_EOC
        await rig.put(DMA + dma.CHANNEL_CSR, 0xFFFF_FFFF)
        assert await rig.card.firmware.read(COPY, 512) == bad

    async def dma_fetches() -> None:
        rig.memory.write(HOST_RING, dma_descriptor(0, GOOD, COPY, 512))
        await rig.dma_start(HOST_RING)
        assert await rig.dma_status() == dma.CHANNEL_CSR_DESCRIPTOR_ERROR
        await rig.put(DMA + dma.CHANNEL_CSR, 0xFFFF_FFFF)
        await rig.dma_start(HOST_RING)
        assert await rig.dma_status() == dma.CHANNEL_CSR_EOC
        await rig.put(DMA + dma.CHANNEL_CSR, 0xFFFF_FFFF)
        assert await rig.card.firmware.read(COPY, 512) == good

    async def frames_leave(expected: bytes) -> None:
        await rig.until(lambda: bool(rig.frames))
        await sleep(20 * US)
        assert [frame[:-FCS] for frame, _, _ in rig.frames] == [expected]
        rig.frames.clear()

    async def ethernet_reads() -> None:
        await rig.transmit(legacy(BAD, 512, EOP | IFCS), legacy(GOOD, 512, EOP | IFCS))
        await frames_leave(good)
        assert await rig.statistic(ethernet.TXRDERR) == 1

    async def ethernet_fetches_to_send() -> None:
        await rig.transmit(legacy(GOOD, 100, EOP | IFCS))
        await rig.poll(ETHERNET + ethernet.TDH, lambda head: head == rig.tx_next)
        # what follows may be the rest of the packet that was not seen, and goes up to its end
        await rig.transmit(legacy(GOOD, 200, EOP | IFCS), legacy(GOOD, 300, EOP | IFCS))
        await frames_leave(good[:300])
        assert await rig.statistic(ethernet.TXDESCERR) == 1 and await rig.statistic(ethernet.TXBADD) == 1

    async def ethernet_fetches_to_receive() -> None:
        frame = STATION + PEER + b"\x88\xb5" + rng.randbytes(300)
        slot = rig.rx_next
        await rig.offer(BUFFERS)
        await sleep(20 * US)
        rig.card.wire.send(with_fcs(frame))
        await rig.poll(ETHERNET + ethernet.RDH, lambda head: head == rig.rx_next)
        await rig.offer(BUFFERS + 0x1000)
        await rig.poll(ETHERNET + ethernet.RDH, lambda head: head == rig.rx_next)
        await sleep(5 * US)
        _, _, status = await rig.rx_descriptor((slot + 1) % rig.entries)
        assert status & ethernet_rx.STATUS_DD and status & ethernet_rx.STATUS_EOP
        assert await rig.card.firmware.read(BUFFERS + 0x1000, len(frame)) == frame
        assert await rig.card.firmware.read(BUFFERS, 8) == bytes(8), "nothing is written where nobody said"
        assert await rig.statistic(ethernet.RXDESCERR) == 1 and await rig.statistic(ethernet.GPRC) == 1

    await rig.card.firmware.write(BUFFERS, bytes(512))
    await faulty.expect(BAD, 64, firmware_reads)
    await faulty.expect(BAD, 512, dma_copies)
    await faulty.expect(HOST_RING, 32, dma_fetches)
    await _restart_ethernet(rig, MEMORY + 0x10000)
    await faulty.expect(BAD, 512, ethernet_reads)
    await _restart_ethernet(rig, HOST_RING)
    await faulty.expect(rig.tx_ring, 16, ethernet_fetches_to_send)
    await faulty.expect(rig.rx_ring, 16, ethernet_fetches_to_receive)


async def _restart_ethernet(rig: Rig, ring: int) -> None:
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_RST)
    await rig.poll(ETHERNET + ethernet.CTRL, lambda value: not value & ethernet.CTRL_RST)
    await rig.start_ethernet(entries=16, ring=ring, mask=0)
