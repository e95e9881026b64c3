"""Scripts on the protocol alone: HL-TCP's sockets, stack and TCP under the host's system calls, without a card.

Messages, transfers and frames take no time: what a script sees is the protocol's own timing.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable

from firmware.drivers.dma import Copy
from firmware.drivers.ethernet_receive import CardSlice
from firmware.endpoint import Endpoint
from firmware.messages import Command, Message
from firmware.receiving import Delivery, verify_checksums
from firmware.retransmission_buffer import RetransmissionBuffer
from firmware.sockets import Sockets
from firmware.stack import FrameTransmit, Ipv6Config, Stack, needs_whole_frame, segment_in_software
from firmware.tcp.config import TcpConfig
from models import kernel
from models.host.driver import Request, ToeDriver
from models.host.memory import PhysicalMemory
from models.host.processor import Costs, Processor
from models.host.sockets import Process
from models.packetdrill.backend import LOCAL_MAC
from models.packetdrill.settings import IPV6_PREFIX_LENGTH, Options

CARD = 1 << 63
"""Addresses from here on are not the host's."""
BUFFER_BYTES = 4 << 20
SEND_BUFFER = 1 << 20
RECEIVED = CARD | 1 << 40
"""Where frames that came in stand, one after the other."""
FREE = Costs(**{name: 0 for name in Costs.__dataclass_fields__})
PID = 7654


class _Memory:
    """Host memory, the retransmission buffer and received frames in one address space."""

    def __init__(self, host: PhysicalMemory) -> None:
        self._host = host
        self._buffer = bytearray(BUFFER_BYTES)
        self._received = bytearray()

    def take_in(self, frame: bytes) -> CardSlice:
        """Keep a received frame."""
        self.address = RECEIVED + len(self._received)
        self._received += frame
        return CardSlice(_At(self.address), 0, len(frame))

    def read(self, address: int, length: int) -> bytes:
        if address >= RECEIVED:
            return bytes(self._received[address - RECEIVED:address - RECEIVED + length])
        if address >= CARD:
            return bytes(self._buffer[address - CARD:address - CARD + length])
        return self._host.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        if address >= CARD:
            self._buffer[address - CARD:address - CARD + len(data)] = data
        else:
            self._host.write(address, data)


class _At:
    """Stands in for a receive buffer: it has an address."""

    __slots__ = ("address",)

    def __init__(self, address: int) -> None:
        self.address = address


class _Copier:
    """Stands in for a DMA channel: copies at once."""

    def __init__(self, memory: _Memory) -> None:
        self._memory = memory

    async def append(self, copies: list[Copy], done: Callable[[bool], None]) -> None:
        for copy in copies:
            self._memory.write(copy.destination, self._memory.read(copy.source, copy.length))
        done(True)


class _Driver(ToeDriver):
    """The TOE driver with a direct way to the firmware's sockets instead of a card."""

    def __init__(self, memory: PhysicalMemory, processor: Processor, request: Callable[[Message], None]) -> None:
        super().__init__(None, memory, processor)
        self._request = request

    async def _post(self, request: Request) -> None:
        if request.message.command == Command.SOCKET:
            self._creating[request.message.identifier] = request
            self._creation_ended[request.message.identifier] = kernel.Event()
        else:
            self._requests[request.message.tag] = request
        self._request(request.message)

    def reply(self, message: Message) -> None:
        """The firmware answers."""
        self._take_reply(message.pack())


class Protocol:
    """`models.packetdrill.backend.Backend`."""

    settle_ps = 10
    slack_ns = 0

    def __init__(self, config: TcpConfig, options: Options) -> None:
        memory = PhysicalMemory()
        processor = Processor(costs=FREE)
        self._memory = _Memory(memory)
        self._driver = _Driver(memory, processor, self._take_request)
        self.process = Process(PID, memory, processor, self._driver)
        self.sent: Callable[[bytes], None] = lambda frame: None
        rng = random.Random(1)
        self._buffer = RetransmissionBuffer(CARD, BUFFER_BYTES)
        self.sockets = Sockets(self._buffer, self._driver.reply, self._now_ns, config.receive_buffer, SEND_BUFFER)
        four, six = (Options(), options) if options.ipv6 else (options, None)
        self.stack = self.sockets.stack = Stack(
            LOCAL_MAC, ipaddress.IPv4Address(four.local_address).packed, 24,
            ipaddress.IPv4Address(four.gateway).packed, secret=rng.randbytes(16), rng=rng, config=config,
            deliver=self.sockets.event,
            ipv6=None if six is None else Ipv6Config(
                six.local_address, IPV6_PREFIX_LENGTH, six.gateway, duplicate_address_detections=0,
                router_solicitations=0))
        self._copier = _Copier(self._memory)
        self._delivery = Delivery(self.sockets, self._copier, self._driver.reply, self._now_ns)
        self._changed = kernel.Event()

    async def start(self) -> None:
        """Begin to work."""
        kernel.spawn(self._run(), "protocol")

    @property
    def counters(self) -> dict[str, int]:
        return self.stack.counters

    @staticmethod
    def _now_ns() -> int:
        return kernel.now() // kernel.NS

    def _take_request(self, message: Message) -> None:
        self.sockets.request(message)
        self._changed.set()

    def arrive(self, frame: bytes) -> None:
        """A frame without FCS."""
        if needs_whole_frame(frame):
            self.stack.frame_arrives(frame, frame, self._now_ns())
        else:
            held = self._memory.take_in(frame)
            self.stack.frame_arrives(frame, held, self._now_ns(), verify_checksums(frame))
        self._changed.set()

    async def _run(self) -> None:
        while True:
            deadline = self.stack.next_deadline()
            if deadline is None:
                await self._changed
            elif (wait_ps := deadline * kernel.NS - kernel.now()) > 0:
                await kernel.first(self._changed, kernel.after(wait_ps))
            self._changed.clear()
            deadline = self.stack.next_deadline()
            if deadline is not None and deadline <= self._now_ns():
                self.stack.timeout(self._now_ns())
            await self._work()

    async def _work(self) -> None:
        sockets = self.sockets
        while True:
            while sockets.dirty:
                for socket in list(sockets.dirty):
                    del sockets.dirty[socket]
                    sockets.settle(socket)
                    await self._delivery.serve(socket)
            for endpoint in list(sockets.sending):
                endpoint.accept_bytes(sockets.room, self._now_ns())
            await self._transmit()
            for endpoint in list(sockets.sending):
                await self._copy_ahead(endpoint)
            if not sockets.dirty:
                return

    async def _transmit(self) -> None:
        while (offer := self.stack.poll_transmit(self._now_ns())) is not None:
            payload = await self._payload(offer) if offer.length else b""
            frames = segment_in_software(offer, payload)
            self.stack.transmitted(offer, self._now_ns())
            for frame in frames:
                self.sent(frame)

    async def _payload(self, offer: FrameTransmit) -> bytes:
        stream = offer.connection.owner.stream
        copies, copied = stream.copy_until(offer.offset + offer.length)
        await self._copier.append(copies, copied)
        source = stream.source(offer.offset, offer.length, offer.retransmission, 1 << 20)
        return b"".join(self._memory.read(address, length) for address, length in source.pieces)

    async def _copy_ahead(self, endpoint: Endpoint) -> None:
        """Everything that was accepted is copied at once, so that a SEND returns as soon as there is room for it."""
        stream = endpoint.stream
        if stream.accepted_end > stream.buffered_end:
            copies, copied = stream.copy_until(stream.accepted_end)
            await self._copier.append(copies, copied)
        elif not stream.requests and endpoint.closing == endpoint.fin_queued:
            self.sockets.sending.pop(endpoint, None)
