"""HL-TCP: a standalone TCP/IP stack on the card's I/O processor, without an operating system.

One hardware thread runs one loop: it takes what the interrupt lines tell, lets the stack and the sockets work, issues
what is to be sent, and waits for an interrupt or the stack's next deadline when nothing is left to do.
"""

from __future__ import annotations

import errno
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from firmware.card_memory import CardMemory
from firmware.drivers.bridge import BridgeDriver
from firmware.drivers.dma import Channel, Copy
from firmware.drivers.ethernet import RECEIVE_CAUSES, Ethernet
from firmware.drivers.ethernet_receive import HEAD_BYTES, Buffer, CardSlice, Received
from firmware.drivers.ethernet_transmit import Segmentation
from firmware.drivers.messaging import Messaging
from firmware.endpoint import Endpoint
from firmware.memory_plan import fitted, receive_buffer_bytes
from firmware.messages import (
    Command,
    Configure,
    Configure6,
    Message,
    MessageError,
    Result,
    TransferRequest,
    unpack_pieces,
)
from firmware.observer import Observer
from firmware.processor import FREQUENCY_HZ, Bus, Category, Costs, HardwareThread
from firmware.receiving import Delivery, payload_bytes, renege, verify_checksums
from firmware.retransmission_buffer import Piece, RetransmissionBuffer
from firmware.sending.segmenting import complete_header
from firmware.sending.strategy import Hardware, Sending, SendJob
from firmware.sending.stream import Keeping
from firmware.sending.ways import SENDING
from firmware.sockets import Sockets
from firmware.stack import LARGEST_PAYLOAD, FrameTransmit, Ipv6Config, Stack, needs_whole_frame
from firmware.statistics import NO_DROPS, Statistics
from firmware.tcp.config import TcpConfig
from firmware.tcp.options import TIMESTAMPS_BYTES
from models.kernel import NS, US, Event, Task, after, first, now, spawn
from models.ports import BusError, FirmwarePort

TRACK = "HL-TCP"
IRQ_MESSAGING, IRQ_DMA_0, IRQ_DMA_1, IRQ_ETHERNET, IRQ_BRIDGE = (1 << line for line in range(5))
"""Interrupt lines (docs/architecture.md)."""
REPLY_RETRY_PS = 50 * US
"""Replies that wait for a frame look for one this often: the host giving frames back interrupts nobody."""
REFUSALS_BEFORE_RENEGING = 8
"""So many segments in a row for which there was no receive buffer: give up what lies beyond holes."""
_TCP_IP_HEADER_BYTES = 40


@dataclass(frozen=True)
class Settings:
    """Everything about the firmware that is chosen; sizes in bytes."""

    card_memory_bytes: int = 1 << 22
    retransmission_buffer_bytes: int = 1 << 19
    transmit_ring: int = 256
    transmit_headers: int = 32768
    """Ring for headers and for frames without payload."""
    receive_ring: int = 256
    receive_buffers: int = 768
    largest_mtu: int = 1500
    request_frames: int = 256
    first_queue_entry: int = 0
    """Where the message queues begin; near their end they wrap soon."""
    dma_channels: int = 1
    """With two, copies to the retransmission buffer use channel 0 and deliveries to the host channel 1."""
    sending: str = "simultaneous"
    """A key of SENDING: copy, zero_copy, sequential or simultaneous."""
    page_per_send: bool = False
    """One request to Ethernet for each page of the host, whose last segment may be small, as published; False: pages
    are joined, and every segment but the last is full."""
    copy_ahead_bytes: int = 0
    """Copy and send: most that is copied and not yet read by Ethernet (one page: a copy is never hidden behind the
    sending of another); 0: no limit but the send buffer."""
    copy_tail: bool = False
    """Zero-copy: the last two segments of what is to be sent are copied, so that a SEND does not wait for an ACK that
    its peer delays; False: nothing is kept but the host's pages, as published."""
    packet_buffer: int = 0
    """Size of a packet buffer: copies to card memory are cut into such pieces; 0: they are as long as there is room."""
    segmentation_offload: bool = True
    """TSO; False: the processor makes every segment. It needs checksum_offload."""
    checksum_offload: bool = True
    """CSO; False: the processor reads and sums what is sent and received."""
    delayed_ack: bool = True
    """An ACK for two segments, as far as `tcp` says; False: for each."""
    mss: int = 0
    """Largest payload of a segment, both ways; 0: what the MTU admits."""
    driver_copy: bool = False
    """The processor copies every received frame out of the driver's buffer (published: lwIP before its improvement)."""
    round_robin: bool = True
    """Policy of the bus arbiter; False is fixed priority."""
    drain_receive_ring: bool = False
    """False: one interrupt a frame, as published without coalescing; True: an interrupt takes all frames there are."""
    throttle_ns: int = 0
    """Interrupt coalescing: least time between Ethernet interrupts (ITR); with it an interrupt takes all frames."""
    receive_buffer: int = 65535
    send_buffer: int = 1 << 17
    """Most of the retransmission buffer that one connection holds."""
    most_sockets: int = 1024
    ideal_processor: bool = False
    frequency_hz: int = FREQUENCY_HZ
    costs: Costs = field(default_factory=Costs)
    tcp: TcpConfig = field(default_factory=TcpConfig)

    def __post_init__(self) -> None:
        if self.sending not in SENDING:
            raise ValueError(f"sending {self.sending!r} is none of {', '.join(SENDING)}")
        if self.segmentation_offload and not self.checksum_offload:
            raise ValueError("segmentation in hardware needs checksums in hardware")
        if self.packet_buffer and self.packet_buffer < 64:
            raise ValueError(f"packet buffers of {self.packet_buffer} bytes (at least 64)")
        if self.mss and not 64 <= self.mss <= 65495:
            raise ValueError(f"MSS {self.mss} (64 to 65495)")
        if self.copy_ahead_bytes < 0:
            raise ValueError(f"copy_ahead_bytes {self.copy_ahead_bytes}")

    @classmethod
    def for_bench(cls, bench: Any) -> Settings:
        """From the settings of a bench: what has the same name there is taken over."""
        own = {each.name for each in fields(cls)}
        given = {each.name: getattr(bench, each.name) for each in fields(bench) if each.name in own}
        return cls(**given, largest_mtu=max(1500, bench.mtu))


def _nothing(_: bool) -> None:
    """There is no copy to be done."""


class HlTcp:
    """The firmware of one card. `start()` it once; the host sees READY_WORD when it takes requests."""

    def __init__(self, port: FirmwarePort, settings: Settings | None = None, seed: int = 1,
                 observer: Observer | None = None, transfer_observer: Observer | None = None) -> None:
        """`observer` is told what the processor does, `transfer_observer` what it has the hardware transfer."""
        self.settings = settings = fitted(settings or Settings())
        self.statistics = Statistics()
        self.observer = observer or Observer()
        self.thread = HardwareThread("hl-tcp 0", settings.ideal_processor, settings.frequency_hz)
        self._port = port
        self._random = random.Random(seed)
        self._costs = costs = settings.costs
        self._stack_costs = {"tcp_input": costs.receive, "ack_input": costs.take_ack, "tcp_output": costs.send,
                             "ack_output": costs.make_ack}
        self._bus = bus = Bus(port, self.thread)
        self.memory = memory = CardMemory(settings.card_memory_bytes)
        self._bridge = BridgeDriver(bus, self.statistics)
        self.messaging = Messaging(bus, memory, self.statistics, settings.request_frames,
                                   settings.first_queue_entry)
        buffer_bytes = receive_buffer_bytes(settings.largest_mtu)
        self.ethernet = Ethernet(bus, memory, self.statistics, settings.transmit_ring, settings.receive_ring,
                                 settings.receive_buffers, buffer_bytes, settings.transmit_headers)
        self.channels = [Channel(bus, memory, number, self.statistics, self._costs.dma_setup)
                         for number in range(settings.dma_channels)]
        if transfer_observer is not None:
            for driver in (self.ethernet.transmit, *self.channels):
                driver.observer = transfer_observer
        region = memory.take("retransmission buffer", settings.retransmission_buffer_bytes)
        self.retransmission_buffer = RetransmissionBuffer(region.address, region.size)
        self.retransmission_buffer.largest_piece = settings.packet_buffer
        self._sending: Sending = SENDING[settings.sending](
            Hardware(self.ethernet.transmit, self.channels[0]))
        self.sockets = Sockets(self.retransmission_buffer, self._reply, self._now_ns, settings.receive_buffer,
                               settings.send_buffer, settings.most_sockets, self._sending.keeping)
        self._delivery = Delivery(self.sockets, self.channels[-1], self._reply, self._now_ns)
        self.stack: Stack | None = None
        self._reassembled: deque[bytes] = deque()
        """Frames made of fragments, which are not in a receive buffer yet."""
        self._interrupted = Event()
        self._receiving = False
        self._refused = 0
        """Segments refused one after the other for want of receive buffers."""
        self._touched: tuple[tuple[int, int], ...] = ()
        """Memory that the frame being taken in makes the processor read."""
        self._task: Task | None = None

    # ---- life

    def start(self) -> None:
        """Run the firmware on its hardware thread."""
        if self._task is not None:
            raise RuntimeError("HL-TCP is started already")
        self._port.connect(self._irq_changed)
        self._task = spawn(self._run(), self.thread.name)

    def stop(self) -> None:
        """Halt the processor where it waits. The hardware is left as it is."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @staticmethod
    def _now_ns() -> int:
        return now() // NS

    def _irq_changed(self, levels: int) -> None:
        if levels:
            self._interrupted.set()

    async def _run(self) -> None:
        await self._bridge.start(self.settings.round_robin)
        await self.ethernet.start(self.settings.throttle_ns)
        for channel in self.channels:
            await channel.start()
        await self.messaging.start()
        while True:
            if await self._round():
                continue
            await self.thread.spend()
            if self._port.irq:
                continue
            await self._idle()

    async def _idle(self) -> None:
        """Wait for an interrupt, the stack's next deadline, or a frame for the replies that wait."""
        wait: int | None = None
        if self.stack is not None and (deadline := self.stack.next_deadline()) is not None:
            wait = deadline * NS - now()
            if wait <= 0:
                return
        if self.messaging.replies_waiting:
            wait = min(wait, REPLY_RETRY_PS) if wait is not None else REPLY_RETRY_PS
        self._interrupted.clear()
        if self._port.irq:
            return
        if wait is None:
            await self._interrupted
        else:
            await first(self._interrupted, after(wait))

    async def _round(self) -> bool:
        """One pass over everything; True if there was something to do."""
        busy = False
        levels = self._port.irq
        if levels:
            busy = await self._interrupts(levels)
        if self._receiving:
            busy = True
            await self._receive()
        stack = self.stack
        if stack is not None:
            deadline = stack.next_deadline()
            if deadline is not None and deadline <= now() // NS:
                busy = True
                self.thread.charge(Category.TIMER, self._costs.timer)
                stack.timeout(now() // NS)
            if self.sockets.dirty or self.sockets.sending or self._sending.waits:
                busy |= await self._work()
            if stack.may_send or self.sockets.sending:
                await self._pump()
        if self.messaging.replies_waiting:
            await self.messaging.post_replies()
        if self.ethernet.receive.refillable:
            await self.ethernet.receive.refill()
        return busy

    # ---- interrupts

    async def _interrupts(self, levels: int) -> bool:
        """Serve the lines that are up; True if any was one of ours."""
        busy = False
        if levels & IRQ_MESSAGING:
            busy = True
            await self._requests()
        for channel, line in zip(self.channels, (IRQ_DMA_0, IRQ_DMA_1), strict=False):
            if levels & line:
                busy = True
                self.thread.charge(Category.DMA, self._costs.dma_done)
                await channel.interrupt()
        if levels & IRQ_BRIDGE:
            busy = True
            await self._bridge.interrupt()
        if levels & IRQ_ETHERNET:
            busy = True
            await self._ethernet_interrupt()
        return busy

    async def _requests(self) -> None:
        begin = now()
        requests = await self.messaging.take_requests()
        for message in requests:
            self.thread.charge(Category.MESSAGE, self._costs.message)
            if message.command == Command.CONFIGURE:
                await self._configure(message)
            elif message.command == Command.STATISTICS:
                await self._send_statistics(message)
            else:
                self.sockets.request(message)
        self.observer.span(TRACK, "requests", begin, now(), requests=len(requests))

    def _reply(self, message: Message) -> None:
        self.thread.charge(Category.MESSAGE, self._costs.message)
        self.messaging.reply(message)

    async def _ethernet_interrupt(self) -> None:
        causes = await self.ethernet.causes()
        if causes & RECEIVE_CAUSES:
            self._receiving = True
            if self._drains:
                self.thread.charge(Category.INTERRUPT, self._costs.interrupt)
        if self.ethernet.transmit.outstanding:
            done = await self.ethernet.transmit.reclaim()
            if done:
                self.thread.charge(Category.ETHERNET, self._costs.transmit_done)

    @property
    def _drains(self) -> bool:
        return self.settings.drain_receive_ring or self.settings.throttle_ns > 0

    async def _receive(self) -> None:
        """Take in one frame, or all there are."""
        while True:
            begin = now()
            received = await self.ethernet.receive.take()
            if received is None:
                self._receiving = False
                return
            if not self._drains:
                self.thread.charge(Category.INTERRUPT, self._costs.interrupt)
            await self._frame(received)
            self.observer.span(TRACK, "receive frame", begin, now(), bytes=len(received.frame))
            if not self._drains:
                return

    async def _frame(self, received: Received) -> None:
        stack = self.stack
        if stack is None:
            self.statistics.count("receive_not_configured")
            return
        head, frame = received.head, received.frame
        if self.settings.driver_copy:
            self.thread.charge(Category.COPY, round(self._costs.copy_byte * len(frame)),
                               ((frame.address, len(frame)),))
        self._touched = ((frame.address, len(head)),)
        payload = payload_bytes(head)
        if payload > 0 and self.ethernet.receive.scarce:
            # the ring must stay filled for segments that acknowledge and close
            self.statistics.count("receive_buffers_exhausted")
            self._refused += 1
            if self._refused >= REFUSALS_BEFORE_RENEGING:
                self._refused = 0
                self.statistics.count("receive_data_reneged", renege(stack.connections))
            return
        if payload > 0:
            self._refused = 0
        checksum_ok = received.checksum_ok if self.settings.checksum_offload else None
        if needs_whole_frame(head) or checksum_ok is None:
            whole = head
            if len(frame) > len(head):
                whole += await self._bus.read(frame.address + len(head), len(frame) - len(head))
            if needs_whole_frame(head):
                self.thread.charge(Category.PROTOCOL, self._costs.other_frame)
                stack.frame_arrives(whole, frame, self._now_ns())
                while self._reassembled:
                    await self._take_reassembled(self._reassembled.popleft())
                return
            self.statistics.count("receive_checksums_in_software")
            self.thread.charge(Category.CHECKSUM, round(self._costs.checksum_byte * len(whole)))
            head, checksum_ok = whole, verify_checksums(whole)
        elif len(head) == HEAD_BYTES and head[12:14] == b"\x86\xdd" and (missing := _missing_head(head)) > 0:
            head += await self._bus.read(frame.address + HEAD_BYTES, min(missing, len(frame) - HEAD_BYTES))
        stack.frame_arrives(head, frame, now() // NS, checksum_ok)

    async def _take_reassembled(self, frame: bytes) -> None:
        """Its fragments' payload was never together in one buffer: put a segment into one, as if it had come so."""
        pool = self.ethernet.receive.pool
        if needs_whole_frame(frame):
            self.stack.frame_arrives(frame, frame, self._now_ns())
        elif len(frame) > pool.size:
            self.statistics.count("reassembled_segment_too_long")
        elif self.ethernet.receive.scarce or not pool.free:
            self.statistics.count("receive_buffers_exhausted")
        else:
            place = CardSlice(Buffer(pool, pool.free.popleft()), 0, len(frame))
            await self._bus.write(place.address, frame)
            self.thread.charge(Category.CHECKSUM, round(self._costs.checksum_byte * len(frame)))
            self.stack.frame_arrives(frame, place, self._now_ns())

    def _charge_stack(self, what: str, count: int) -> None:
        instructions = self._stack_costs.get(what)
        if instructions is not None:
            touches = self._touched if what in ("tcp_input", "ack_input") else ()
            self.thread.charge(Category.PROTOCOL, instructions * count, touches)

    # ---- work that completions, requests and events have made possible

    async def _work(self) -> bool:
        sockets = self.sockets
        busy = False
        while sockets.dirty:
            busy = True
            for socket in list(sockets.dirty):
                del sockets.dirty[socket]
                sockets.settle(socket)
                await self._delivery.serve(socket)
        await self._sending.work()
        if sockets.sending:
            for endpoint in list(sockets.sending):
                endpoint.accept_bytes(sockets.room, now() // NS)
                self._check_copies(endpoint)
        return busy

    def _check_copies(self, endpoint: Endpoint) -> None:
        """A host page could not be read: the stream has a hole, so the connection cannot go on."""
        stream = endpoint.stream
        if stream.copy_failed and not stream.ended:
            self.statistics.count("send_pages_unreadable")
            endpoint.error = errno.EFAULT
            endpoint.connection.abort(self._now_ns())

    # ---- sending

    async def _pump(self) -> None:
        """Send what the stack has to send, as far as there is room; then copy ahead for whom sending is stalled."""
        stack = self.stack
        deferred: set[object] = set()
        ring = self.ethernet.transmit
        most = LARGEST_PAYLOAD
        while True:
            offer = stack.poll_transmit(now() // NS, most)
            most = LARGEST_PAYLOAD
            if offer is None:
                break
            if offer.frame is not None:
                if not await self._make_room(0, len(offer.frame)):
                    return
                begin = now()
                stack.transmitted(offer, now() // NS)
                await ring.send_frame(offer.frame)
                self.observer.span(TRACK, f"send {offer.kind}", begin, now())
                continue
            if not await self._make_room(ring.most_pieces, offer.header_bytes):
                return
            if not self.settings.segmentation_offload and offer.length > offer.mss:
                most = offer.mss
                continue
            fits = await self._send(offer)
            if fits is None:
                if offer.connection in deferred:
                    break
                deferred.add(offer.connection)
                stack.defer(offer)
            elif fits < offer.length:
                most = fits
            else:
                deferred.clear()
        if self.sockets.sending:
            await self._copy_ahead()

    async def _make_room(self, pieces: int, header_bytes: int) -> bool:
        """Room in the transmit ring; without it the transmit interrupt resumes the pump."""
        ring = self.ethernet.transmit
        if ring.room(pieces, header_bytes):
            return True
        await ring.reclaim()
        if ring.room(pieces, header_bytes):
            return True
        self.statistics.count("transmit_ring_full")
        return False

    async def _send(self, offer: FrameTransmit) -> int | None:
        """Send payload. None: it has to wait for its copy; less than its length: so much can be sent at once."""
        endpoint: Endpoint = offer.connection.owner
        stream = endpoint.stream
        one_page = self.settings.page_per_send
        source = stream.source(offer.offset, offer.length, offer.retransmission, self.ethernet.transmit.most_pieces,
                               one_page)
        if source is None:
            if offer.retransmission:
                self.statistics.count("retransmissions_waited_for_copy")
            return None
        fits = source.end - offer.offset
        if fits < offer.length:
            if fits < offer.mss and not one_page and stream.copying_from(source.end):
                return None  # the rest of the segment is on its way
            return fits
        begin = now()
        self.stack.transmitted(offer, self._now_ns())
        sent = stream.hold(source)
        copies, copied = ([], _nothing) if self._sending.keeping is Keeping.PAGES else stream.copy_until(source.end)
        if offer.retransmission:
            self.statistics.count("retransmitted_bytes", offer.length)
        if self.settings.segmentation_offload:
            cut = Segmentation(offer.mss, offer.ip_header_bytes, offer.ip_header_bytes != 20)
            job = SendJob(offer.header(tcp_checksum=offer.tcp_seed()), cut, source.pieces, copies, sent, copied)
        else:
            try:
                job = await self._segment(offer, source.pieces, copies, sent, copied)
            except BusError:
                sent()
                copied(False)
                stream.copy_failed = True
                self.sockets.sending[endpoint] = None
                return fits
        await self._sending.send(job)
        self.observer.span(TRACK, "retransmit" if offer.retransmission else "send", begin, now(), bytes=offer.length,
                           segments=offer.segments)
        return fits

    async def _segment(self, offer: FrameTransmit, pieces: list[Piece], copies: list[Copy],
                       sent: Callable[[], None], copied: Callable[[bool], None]) -> SendJob:
        """One segment made by the processor; its checksum, too, where hardware does not insert it."""
        if self.settings.checksum_offload:
            header, start = complete_header(offer, None)
            return SendJob(header, None, pieces, copies, sent, copied, start)
        payload = b"".join([await self._bus.read(address, length) for address, length in pieces])
        self.thread.charge(Category.CHECKSUM, round(self._costs.checksum_byte * len(payload)), tuple(pieces))
        header, _ = complete_header(offer, payload)
        return SendJob(header, None, pieces, copies, sent, copied)

    async def _copy_ahead(self) -> None:
        """Copy what has to wait, so that its SEND can be answered; forget connections that have nothing left.

        Where everything is sent from its copy, all that was accepted is copied as soon as it may be.
        """
        keeping, most = self._sending.keeping, self.settings.copy_ahead_bytes
        sockets = self.sockets
        for endpoint in list(sockets.sending):
            stream = endpoint.stream
            if stream.accepted_end > stream.buffered_end:
                if keeping is Keeping.COPY_FIRST:
                    limit = min(stream.accepted_end, stream.read_end + most) if most else stream.accepted_end
                    while stream.buffered_end < limit:
                        copies, copied = stream.copy_until(min(limit, stream.page_end(stream.buffered_end)))
                        await self.channels[0].append(copies, copied)
                elif any(request.hurry for request in stream.requests) or (
                        endpoint.stalled if keeping is Keeping.COPY
                        else self.settings.copy_tail and endpoint.tail_only):
                    copies, copied = stream.copy_until(stream.accepted_end)
                    if not copies:
                        continue  # no room: the pages are kept until they are acknowledged
                    self.statistics.count("copied_ahead_bytes", sum(copy.length for copy in copies))
                    await self.channels[0].append(copies, copied)
            elif not stream.requests and endpoint.closing == endpoint.fin_queued:
                del sockets.sending[endpoint]

    # ---- commands that need the bus

    async def _configure(self, message: Message) -> None:
        """Give the interface its addresses; refused while sockets exist."""
        try:
            configure, rest = Configure.unpack(message.parameters)
            ipv6 = _ipv6_config(rest, configure.mtu)
            mac = configure.mac.to_bytes(8, "big")
            if mac[:2] != bytes(2) or mac[2] & 1 or not any(mac) or configure.prefix_length > 32:
                raise MessageError("no station address or prefix")
            if not 576 <= configure.mtu <= self.settings.largest_mtu:
                raise MessageError(f"MTU {configure.mtu}")
            if not configure.address:
                raise MessageError("no address")
        except (MessageError, ValueError):
            self._reply(message.reply(errno.EINVAL))
            return
        if len(self.sockets) or (self.stack is not None and self.stack.connections):
            self._reply(message.reply(errno.EBUSY))
            return
        mss = configure.mtu - _TCP_IP_HEADER_BYTES
        config = replace(self.settings.tcp, mss=min(mss, self.settings.mss) if self.settings.mss else mss,
                         receive_buffer=self.settings.receive_buffer, unequal_segments=self.settings.page_per_send)
        if not self.settings.delayed_ack:
            config = replace(config, delayed_ack_segments=1)
        spare = self.settings.receive_buffers - self.settings.receive_ring  # the ring itself must stay filled
        self.sockets.most_receive_buffer = max(self.settings.receive_buffer, spare * (config.mss - TIMESTAMPS_BYTES))
        self.stack = self.sockets.stack = Stack(
            mac[2:], configure.address.to_bytes(4, "big"), configure.prefix_length,
            configure.gateway.to_bytes(4, "big") if configure.gateway else None,
            secret=self._random.randbytes(16), rng=self._random, config=config, deliver=self.sockets.event,
            charge=self._charge_stack, ipv6=ipv6, now=self._now_ns(), reassembled=self._reassembled.append)
        layer = self.stack.ipv6
        await self.ethernet.set_address(mac[2:], () if layer is None else layer.group_macs)
        self._reply(message.reply(0, Result(0).pack()))

    async def read_counters(self) -> None:
        """Add the hardware's counts of lost frames to the statistics."""
        await self.ethernet.read_counters()

    @property
    def retransmissions(self) -> int:
        """Segments sent again."""
        return 0 if self.stack is None else self.stack.counters["tcp_retransmissions"]

    def drops(self) -> dict[str, int]:
        """What was lost or refused, by cause."""
        counters = self.statistics.counters | (self.stack.counters if self.stack is not None else {})
        return {name: count for name, count in counters.items() if name not in NO_DROPS}

    async def report(self) -> dict[str, int]:
        """Every counter: of the firmware, of the stack, of the hardware."""
        await self.ethernet.read_counters()
        report = dict(self.statistics.counters)
        if self.stack is not None:
            report.update(self.stack.counters)
        report.update({f"instructions_{category}": count for category, count in self.thread.instructions.items()})
        report["requests"] = self.messaging.requests
        report["replies"] = self.messaging.replies
        report["sends"] = self.ethernet.transmit.sends
        report["frames_received"] = self.ethernet.receive.frames
        report["bytes_delivered"] = self._delivery.bytes
        return report

    async def _send_statistics(self, message: Message) -> None:
        """Write the report as lines "name value" into the pieces given; the result is its length, cut or not."""
        try:
            transfer, rest = TransferRequest.unpack(message.parameters)
            pieces = unpack_pieces(rest, transfer.pieces)
        except MessageError:
            self._reply(message.reply(errno.EINVAL))
            return
        text = "".join(f"{name} {value}\n" for name, value in sorted((await self.report()).items())).encode()
        position = 0
        try:
            for piece in pieces:
                part = text[position : position + piece.length]
                if piece.address + piece.length > 1 << 63:
                    raise BusError("not host memory")
                if part:
                    await self._bus.write(piece.address, part)
                position += len(part)
        except BusError:
            self._reply(message.reply(errno.EFAULT))
            return
        self._reply(message.reply(0, Result(len(text)).pack()))


def _missing_head(head: bytes) -> int:
    """Bytes of TCP's header over IPv6 beyond this head."""
    return 54 + (head[66] >> 4) * 4 - len(head)


def _ipv6_config(parameters: bytes, mtu: int) -> Ipv6Config | None:
    """What follows Configure. Raises MessageError."""
    if not parameters:
        return None
    block, _ = Configure6.unpack(parameters)
    if block.prefix_length > 128 or mtu < 1280 or block.address[0] == 0xFF or block.address == bytes(15) + b"\x01":
        raise MessageError("no address, prefix or MTU for IPv6")
    return Ipv6Config(block.address if any(block.address) else None, block.prefix_length,
                      block.gateway if any(block.gateway) else None)
