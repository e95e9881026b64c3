"""HL-TCP: a standalone TCP/IP stack on the card's I/O processor, without an operating system.

One hardware thread runs one loop: it takes what the interrupt lines tell, lets the stack and the sockets work, issues
what is to be sent, and waits for an interrupt or the stack's next deadline when nothing is left to do.
"""

from __future__ import annotations

import errno
import random
from dataclasses import replace

from firmware.card_memory import CardMemory
from firmware.drivers.bridge import BridgeDriver
from firmware.drivers.dma import Channel
from firmware.drivers.ethernet import RECEIVE_CAUSES, Ethernet
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
from firmware.observer import TRACK, Observer
from firmware.processor import Bus, Category, HardwareThread
from firmware.receiving import Delivery
from firmware.reception import Reception
from firmware.retransmission_buffer import RetransmissionBuffer
from firmware.sending.strategy import Hardware, Sending
from firmware.sending.ways import SENDING
from firmware.settings import Settings
from firmware.sockets import Sockets
from firmware.stack import Ipv6Config, Stack
from firmware.statistics import NO_DROPS, Statistics
from firmware.tcp.options import TIMESTAMPS_BYTES
from firmware.transmission import Transmission
from models.kernel import NS, US, Event, Task, after, first, now, spawn
from models.ports import BusError, FirmwarePort

IRQ_MESSAGING, IRQ_DMA_0, IRQ_DMA_1, IRQ_ETHERNET, IRQ_BRIDGE = (1 << line for line in range(5))
"""Interrupt lines (docs/architecture.md)."""
REPLY_RETRY_PS = 50 * US
"""Replies that wait for a frame look for one this often: the host giving frames back interrupts nobody."""
_TCP_IP_HEADER_BYTES = 40


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
        self._sending: Sending = SENDING[settings.sending](Hardware(self.ethernet.transmit, self.channels[0]))
        self.sockets = Sockets(self.retransmission_buffer, self._reply, self._now_ns, settings.receive_buffer,
                               settings.send_buffer, settings.most_sockets, self._sending.keeping)
        self._delivery = Delivery(self.sockets, self.channels[-1], self._reply, self._now_ns)
        self._reception = Reception(settings, bus, self.thread, self.statistics, self.observer, self.ethernet.receive)
        self._transmission = Transmission(settings, bus, self.thread, self.statistics, self.observer,
                                          self.ethernet.transmit, self.channels[0], self._sending, self.sockets)
        self.stack: Stack | None = None
        self._interrupted = Event()
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
        if self._reception.pending:
            busy = True
            await self._reception.take(self.stack)
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
                await self._transmission.pump(stack)
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
            self._reception.pending = True
            if self._reception.drains:
                self.thread.charge(Category.INTERRUPT, self._costs.interrupt)
        if self.ethernet.transmit.outstanding:
            done = await self.ethernet.transmit.reclaim()
            if done:
                self.thread.charge(Category.ETHERNET, self._costs.transmit_done)

    def _charge_stack(self, what: str, count: int) -> None:
        instructions = self._stack_costs.get(what)
        if instructions is not None:
            touches = self._reception.touched if what in ("tcp_input", "ack_input") else ()
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
            charge=self._charge_stack, ipv6=ipv6, now=self._now_ns(), reassembled=self._reception.reassembled.append)
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


def _ipv6_config(parameters: bytes, mtu: int) -> Ipv6Config | None:
    """What follows Configure. Raises MessageError."""
    if not parameters:
        return None
    block, _ = Configure6.unpack(parameters)
    if block.prefix_length > 128 or mtu < 1280 or block.address[0] == 0xFF or block.address == bytes(15) + b"\x01":
        raise MessageError("no address, prefix or MTU for IPv6")
    return Ipv6Config(block.address if any(block.address) else None, block.prefix_length,
                      block.gateway if any(block.gateway) else None)
