"""Scripted stimuli for any card behind the three ports of models/ports.py, and what they observe.

A stimulus is a test on the functional model; tests/equivalence runs the same ones on the RTL and compares.
"""

from __future__ import annotations

import functools
import inspect
import struct
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from firmware.registers import card as address_map
from firmware.registers import dma, ethernet, messaging, messaging_host
from models import kernel
from models.card import CardTiming, ModelCard
from models.kernel import US, Event, sleep
from models.network.ethernet_fcs import with_fcs
from models.ports import BusError
from tests.unit.card.observed_card import ObservedCard

MEMORY_BYTES = 1 << 22
MEMORY = address_map.MEMORY_BASE
MEMORY_END = MEMORY + MEMORY_BYTES
ETHERNET = address_map.ETHERNET_BASE
MESSAGING = address_map.MESSAGING_BASE
DMA = address_map.DMA_BASE
BRIDGE = address_map.BRIDGE_BASE

STATION = bytes.fromhex("020000000001")
PEER = bytes.fromhex("020000000002")


class FlatMemory:
    """Host memory: `size` bytes from 0."""

    def __init__(self, size: int = 1 << 20) -> None:
        self.bytes = bytearray(size)

    def read(self, address: int, length: int) -> bytes:
        if address + length > len(self.bytes):
            raise BusError(hex(address))
        return bytes(self.bytes[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        if address + len(data) > len(self.bytes):
            raise BusError(hex(address))
        self.bytes[address : address + len(data)] = data


@dataclass
class Rig:
    """A card with host memory, and everything that came out of it; `trace` is what was read through its ports."""

    card: Any
    memory: FlatMemory = field(default_factory=FlatMemory)
    frames: list[tuple[bytes, int, int]] = field(default_factory=list)
    """Frames that left: (frame with FCS, begin, end)."""
    interrupts: list[int] = field(default_factory=list)
    """Times of interrupt messages to the host (ps)."""
    levels: list[tuple[int, int]] = field(default_factory=list)
    """Changes of the firmware's interrupt lines: (time, levels)."""
    start_host: bool = True
    trace: list[list[Any]] = field(default_factory=list)
    measured: dict[str, int] = field(default_factory=dict)
    """Durations that a stimulus measures, by name (ps)."""
    cut_ps: int = 0
    """When a reset has come into the middle of something (ps): how far that was depends on times."""
    another: Callable[[], Any] | None = None
    """Makes a card as after power-on, where no line resets this one: on the functional model."""

    def __post_init__(self) -> None:
        self.card = ObservedCard(self.card, self.trace)

    async def start(self) -> None:
        self.changed = Event()
        self.card.host.connect(self.memory, self._interrupted)
        self.card.firmware.connect(self._irq_changed)
        self.card.wire.connect(self._left)
        await self.card.start()
        if self.start_host:
            await self.card.host.start()

    async def power_on(self) -> None:
        """Reset the card by its power-on line; host memory stays."""
        if self.another is not None:
            if self.card.firmware.irq:
                self._irq_changed(0)
            self.card = ObservedCard(self.another(), self.trace)
        await self.start()
        self.cut_ps = kernel.now()

    def _interrupted(self, _vector: int) -> None:
        self.interrupts.append(kernel.now())
        self.changed.set()

    def _irq_changed(self, levels: int) -> None:
        self.levels.append((kernel.now(), levels))
        self.changed.set()

    def _left(self, frame: bytes, begin_ps: int, end_ps: int) -> None:
        self.frames.append((frame, begin_ps, end_ps))
        self.changed.set()

    async def until(self, condition: Callable[[], bool], limit_ps: int = 10_000 * US) -> None:
        """Wait for something that the card tells of by itself."""
        end = kernel.after(limit_ps)
        while not condition():
            self.changed.clear()
            await kernel.first(self.changed, end)
            assert not end.is_set, "nothing came"

    # The firmware's side.

    async def get(self, address: int) -> int:
        return int.from_bytes(await self.card.firmware.read(address, 4), "little")

    async def put(self, address: int, value: int) -> None:
        await self.card.firmware.write(address, (value & 0xFFFF_FFFF).to_bytes(4, "little"))

    async def poll(self, address: int, condition: Callable[[int], bool]) -> int:
        """Read a register every microsecond until its value is right; what is read meanwhile depends on times."""
        for _ in range(10_000):
            value = int.from_bytes(await self.card.unobserved.firmware.read(address, 4), "little")
            if condition(value):
                return value
            await sleep(US)
        raise AssertionError(f"{address:#x} does not change")

    # The host's side.

    async def host_get(self, offset: int) -> int:
        return int.from_bytes(await self.card.host.read(0, offset, 4), "little")

    async def host_put(self, offset: int, value: int) -> None:
        await self.card.host.write(0, offset, value.to_bytes(4, "little"))

    async def host_flush(self) -> None:
        """What the host has written has arrived."""
        await self.host_get(messaging_host.OISR)

    # Ethernet.

    async def start_ethernet(
        self,
        entries: int = 16,
        rctl: int = ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_SECRC,
        ring: int = MEMORY + 0x10000,
        mask: int = 0xFFFF_FFFF,
    ) -> None:
        """Transmit ring at `ring`, receive ring 64 KiB behind it with no buffers yet; the station's address is set."""
        self.entries = entries
        self.tx_ring, self.rx_ring = ring, ring + 0x10000
        self.tx_next = self.rx_next = 0
        await self.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
        await self.put(ETHERNET + ethernet.ICR, ethernet.ICR_LSC)
        await self.put(ETHERNET + ethernet.RA_RAL, int.from_bytes(STATION[:4], "little"))
        await self.put(ETHERNET + ethernet.RA_RAH, int.from_bytes(STATION[4:], "little") | ethernet.RA_RAH_AV)
        for low, high, length, head, base in (
            (ethernet.TDBAL, ethernet.TDBAH, ethernet.TDLEN, ethernet.TDH, self.tx_ring),
            (ethernet.RDBAL, ethernet.RDBAH, ethernet.RDLEN, ethernet.RDH, self.rx_ring),
        ):
            await self.put(ETHERNET + low, base & 0xFFFF_FFFF)
            await self.put(ETHERNET + high, base >> 32)
            await self.put(ETHERNET + length, 16 * entries)
            await self.put(ETHERNET + head, 0)
        await self.put(ETHERNET + ethernet.IMS, mask)
        await self.put(ETHERNET + ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP)
        await self.put(ETHERNET + ethernet.RCTL, rctl)

    async def transmit(self, *descriptors: bytes) -> None:
        """Put descriptors on the ring and write TDT once."""
        for descriptor in descriptors:
            await self.card.firmware.write(self.tx_ring + 16 * self.tx_next, descriptor)
            self.tx_next = (self.tx_next + 1) % self.entries
        await self.put(ETHERNET + ethernet.TDT, self.tx_next)

    async def tx_status(self, index: int) -> int:
        return (await self.card.firmware.read(self.tx_ring + 16 * index + 12, 1))[0]

    async def offer(self, *addresses: int) -> None:
        """Give receive buffers."""
        for address in addresses:
            await self.card.firmware.write(self.rx_ring + 16 * self.rx_next, struct.pack("<QQ", address, 0))
            self.rx_next = (self.rx_next + 1) % self.entries
        await self.put(ETHERNET + ethernet.RDT, self.rx_next)

    async def rx_descriptor(self, index: int) -> tuple[int, int, int]:
        """(length, packet checksum, status word)."""
        data = await self.card.firmware.read(self.rx_ring + 16 * index + 8, 8)
        return struct.unpack("<HHI", data)

    async def statistic(self, offset: int) -> int:
        return await self.get(ETHERNET + offset)

    # DMA controller.

    async def dma_start(self, first: int, control: int = dma.CHANNEL_CCR_ENABLE) -> None:
        await self.put(DMA + dma.CHANNEL_NDAR_LOW, first & 0xFFFF_FFFF)
        await self.put(DMA + dma.CHANNEL_NDAR_HIGH, first >> 32)
        await self.put(DMA + dma.CHANNEL_CCR, control)

    async def dma_status(self) -> int:
        """CSR once the channel is idle."""
        await self.poll(DMA + dma.CHANNEL_CSR, lambda status: not status & dma.CHANNEL_CSR_ACTIVE)
        return await self.get(DMA + dma.CHANNEL_CSR)

    # Messaging unit.

    async def start_queues(self, base: int = 0x40000) -> None:
        """Four queues of 4 Ki entries at `base` in card memory."""
        await self.put(MESSAGING + messaging.QBAR, base)
        await self.put(MESSAGING + messaging.MUCR, messaging.MUCR_ENABLE | 1 << messaging.MUCR_QUEUE_SIZE_LSB)


def dma_descriptor(next_: int, source: int, destination: int, count: int, interrupt: bool = False) -> bytes:
    return struct.pack("<QQQII", next_, source, destination, count, interrupt)


def on_model(
    scenario: Callable[[Rig], Coroutine[Any, Any, None]],
    timing: CardTiming | None = None,
    start_host: bool = True,
    queue_sets: int = 1,
    max_frame_bytes: int = 9234,
) -> Rig:
    """Run a scenario on the functional model; without `start_host` the card may not be bus master."""
    timing = timing or CardTiming.with_frames_of(max_frame_bytes)
    card = functools.partial(ModelCard, memory_bytes=MEMORY_BYTES, timing=timing, queue_sets=queue_sets)
    rig = Rig(card(), start_host=start_host, another=card)

    async def main() -> None:
        await rig.start()
        await scenario(rig)

    kernel.run(main(), limit_ps=kernel.S)
    return rig


def stimulus(
    start_host: bool = True, queue_sets: int = 1, max_frame_bytes: int = 9234
) -> Callable[[Any], Callable[..., None]]:
    """Decorator that makes a test on the functional model of `async def test_...(rig, ...)`.

    The test carries the stimulus as `.stimulus`, for other cards, and `start_host` beside it.
    """

    def decorate(scenario: Any) -> Callable[..., None]:
        @functools.wraps(scenario)
        def test(**arguments: Any) -> None:
            on_model(
                lambda rig: scenario(rig, **arguments),
                start_host=start_host,
                queue_sets=queue_sets,
                max_frame_bytes=max_frame_bytes,
            )

        del test.__wrapped__  # pytest would take `rig` for a fixture
        signature = inspect.signature(scenario)
        test.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
        test.stimulus = scenario
        test.start_host = start_host
        return test

    return decorate


def udp(payload: bytes, destination: bytes = STATION) -> bytes:
    """A good UDP frame with FCS from the peer."""
    from scapy.layers.inet import IP, UDP
    from scapy.layers.l2 import Ether

    frame = Ether(dst=destination, src=PEER) / IP(src="10.0.0.2", dst="10.0.0.1") / UDP(sport=1, dport=2) / payload
    return with_fcs(bytes(frame))
