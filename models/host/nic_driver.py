"""The NIC driver: Ethernet frames through one queue set of the card, with rings and buffers in host memory."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from firmware.registers import ethernet
from firmware.registers import ethernet_rx as rx_layout
from firmware.registers import ethernet_tx_legacy as tx_layout
from models import kernel
from models.host.memory import PhysicalMemory
from models.host.processor import Category, Processor
from models.ports import BusError, HostPort

T = TypeVar("T")

DESCRIPTOR_BYTES = 16
BUFFER_BYTES = 2048
"""RCTL.BSIZE 0."""
RECEIVE_CAUSES = ethernet.ICR_RXT0 | ethernet.ICR_RXO
CAUSES = RECEIVE_CAUSES | ethernet.ICR_TXDW
_KIBIBYTE = 1024


@dataclass
class NicStatistics:
    """Counters; the last four stay 0 as long as the card behaves and the queue set is the host's."""

    interrupts: int = 0
    """With causes of this queue set; of a line that is shared others have some too."""
    frames_sent: int = 0
    frames_received: int = 0
    ring_waits: int = 0
    """Frames that found the transmit ring full."""
    receive_overruns: int = 0
    receive_errors: int = 0
    long_frames: int = 0
    """In more than one buffer: dropped."""
    bus_errors: int = 0
    """Interrupts at which the registers did not answer."""


class NicDriver:
    """Use: `await start(mac)`; then `await transmit(frame)`, and `arrived` is called with each frame (none with FCS).

    `bar` leads to the registers of the queue set: 0 in the NIC personality, `HOST_QUEUES_BAR` of a TOE, where the
    firmware must have given the host its part in the wire. Whoever takes the card's interrupt calls `interrupted`.
    It offers what `models.network.peer.Peer` takes for its wire.
    """

    def __init__(
        self, port: HostPort, memory: PhysicalMemory, processor: Processor, bar: int, entries: int = 32
    ) -> None:
        self.statistics = NicStatistics()
        self.arrived: Callable[[bytes], None] = lambda frame: None
        self.entries = entries
        self._port = port
        self._memory = memory
        self._processor = processor
        self._bar = bar
        self._interrupt = kernel.Event()
        self._room = kernel.Event()
        self._tx_next = self._tx_oldest = self._rx_next = 0
        self.transmit_ring, self.receive_ring = self._allocate(), self._allocate()
        self._tx_buffers = [self._allocate() for _ in range(entries)]
        self._rx_buffers = [self._allocate() for _ in range(entries)]

    def _allocate(self) -> int:
        """A page for the card's DMA."""
        page = self._memory.allocate_frame("nic driver")
        self._memory.pin(page)
        return page

    async def start(self, mac: bytes) -> None:
        """Bring the queue set up and serve its interrupts. Raises BusError."""
        await self.bring_up(mac, CAUSES)
        kernel.spawn(self._serve_interrupts(), "nic interrupt handler")

    async def bring_up(self, mac: bytes, causes: int) -> None:
        """Address, empty transmit ring, receive ring full of buffers, interrupts by `causes`; link up."""
        await self.put(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
        await self.put(ethernet.IMC, 0xFFFF_FFFF)
        await self.get(ethernet.ICR)
        await self.put(ethernet.RA_RAL, int.from_bytes(mac[:4], "little"))
        await self.put(ethernet.RA_RAH, int.from_bytes(mac[4:], "little") | ethernet.RA_RAH_AV)
        for low, high, length, head, base in (
            (ethernet.TDBAL, ethernet.TDBAH, ethernet.TDLEN, ethernet.TDH, self.transmit_ring),
            (ethernet.RDBAL, ethernet.RDBAH, ethernet.RDLEN, ethernet.RDH, self.receive_ring),
        ):
            await self.put(low, base)
            await self.put(high, 0)
            await self.put(length, DESCRIPTOR_BYTES * self.entries)
            await self.put(head, 0)
        self._tx_next = self._tx_oldest = self._rx_next = 0
        for index in range(self.entries):
            self._offer(index)
        await self.put(ethernet.IMS, causes)
        await self.put(ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP)
        await self.put(ethernet.RCTL, ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_SECRC)
        await self.put(ethernet.RDT, self.entries - 1)

    # Registers: the processor waits for them.

    async def get(self, register: int, interrupt: bool = False) -> int:
        """Read a register. Raises BusError."""
        return int.from_bytes(await self._access(self._port.read(self._bar, register, 4), interrupt), "little")

    async def put(self, register: int, value: int, interrupt: bool = False) -> None:
        """Write a register, posted."""
        await self._access(self._port.write(self._bar, register, value.to_bytes(4, "little")), interrupt)

    async def _access(self, work: Awaitable[T], interrupt: bool) -> T:
        return await self._processor.access(Category.DEVICE_ACCESS, work, interrupt)

    # Sending.

    async def transmit(self, frame: bytes) -> None:
        """Hand a frame to the card; waits while the ring is full. Raises ValueError, BusError."""
        if not 14 <= len(frame) <= BUFFER_BYTES:
            raise ValueError(f"a frame of {len(frame)} bytes")
        self.statistics.ring_waits += self._full
        while self._full:
            self._room.clear()
            await self._room
        index = self._tx_next
        self._tx_next = self._following(index)
        self._memory.poke(self._tx_buffers[index], frame)
        command = tx_layout.COMMAND_EOP | tx_layout.COMMAND_IFCS | tx_layout.COMMAND_RS
        self._memory.poke(
            self.transmit_ring + DESCRIPTOR_BYTES * index,
            struct.pack("<QII", self._tx_buffers[index], command | len(frame), 0),
        )
        self.statistics.frames_sent += 1
        await self._copied(len(frame))
        await self.put(ethernet.TDT, self._tx_next)

    @property
    def _full(self) -> bool:
        return self._following(self._tx_next) == self._tx_oldest

    def _reclaim(self) -> None:
        """Take back what the card has sent."""
        while self._tx_oldest != self._tx_next:
            if not self.sent(self._tx_oldest):
                return
            self._tx_oldest = self._following(self._tx_oldest)
            self._room.set()

    def sent(self, index: int) -> bool:
        """Whether the card is done with a transmit descriptor."""
        status = self._memory.peek(self.transmit_ring + DESCRIPTOR_BYTES * index + 12, 1)[0]
        return bool(status & tx_layout.STATUS_DD)

    # Receiving.

    def interrupted(self, _vector: int = 0) -> None:
        """The card has interrupted."""
        self._interrupt.set()

    async def _serve_interrupts(self) -> None:
        while True:
            await self._interrupt
            self._interrupt.clear()
            await self._processor.charge(Category.INTERRUPT, self._processor.costs.interrupt, interrupt=True)
            try:
                causes = await self.get(ethernet.ICR, interrupt=True)
                if causes:
                    await self._serve(causes)
            except BusError:
                self.statistics.bus_errors += 1

    async def _serve(self, causes: int) -> None:
        self.statistics.interrupts += 1
        self.statistics.receive_overruns += bool(causes & ethernet.ICR_RXO)
        self._reclaim()
        oldest = self._rx_next
        for frame in self.take():
            await self._copied(len(frame), interrupt=True)
            self.arrived(frame)
        if self._rx_next != oldest:
            await self.give_back()

    def take(self) -> Iterator[bytes]:
        """The frames that have come, in order; their buffers are offered again, the card learns of it later."""
        while True:
            index = self._rx_next
            descriptor = self._memory.peek(self.receive_ring + DESCRIPTOR_BYTES * index, DESCRIPTOR_BYTES)
            _, length, _, status = struct.unpack("<QHHI", descriptor)
            if not status & rx_layout.STATUS_DD:
                return
            frame = self._memory.peek(self._rx_buffers[index], min(length, BUFFER_BYTES))
            self._rx_next = self._following(index)
            self._offer(index)
            if not status & rx_layout.STATUS_EOP:
                self.statistics.long_frames += 1
            elif status & rx_layout.STATUS_RXE:
                self.statistics.receive_errors += 1
            else:
                self.statistics.frames_received += 1
                yield frame

    async def give_back(self) -> None:
        """Tell the card of the buffers that are offered."""
        await self.put(ethernet.RDT, (self._rx_next - 1) % self.entries, interrupt=True)

    def _offer(self, index: int) -> None:
        self._memory.poke(
            self.receive_ring + DESCRIPTOR_BYTES * index, struct.pack("<QQ", self._rx_buffers[index], 0)
        )

    def _following(self, index: int) -> int:
        return (index + 1) % self.entries

    async def _copied(self, length: int, interrupt: bool = False) -> None:
        """Between the frame's buffer and its user's."""
        cycles = self._processor.costs.copy_per_kilobyte * length // _KIBIBYTE
        await self._processor.charge(Category.COPY, cycles, interrupt=interrupt)
