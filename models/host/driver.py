"""The TOE driver: requests into the inbound queue, replies out of the outbound queue of the messaging unit."""

from __future__ import annotations

import errno
import itertools
import os
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from firmware import messages
from firmware.messages import Command, IdKind, Message, MessageError, Piece
from firmware.observer import Observer
from firmware.registers import card
from firmware.registers import messaging_host as registers
from models import kernel
from models.host.memory import PAGE_BYTES, AddressSpace, PhysicalMemory
from models.host.processor import Category, Processor
from models.ports import BusError, HostPort

T = TypeVar("T")

REGISTERS_BAR = 0
MEMORY_BAR = 1
NO_FRAME = 0xFFFF_FFFF
ALL_MASKED = 0xF

FRAME_WAIT_LIMIT_PS = kernel.S
"""How long a request waits for a free message frame before it fails with ENOBUFS."""
FRAME_RETRY_PS = 5 * kernel.US
FRAME_RETRY_MAX_PS = kernel.MS
"""A frame that comes free raises no interrupt: the first in line looks again at every reply and at growing
intervals between these two."""
TAGS_REMEMBERED = 1024
"""How many finished tags are kept to tell a duplicate reply from an unknown one."""


class DriverError(Exception):
    """The card cannot be used: no firmware of this version, or the card does not answer."""


@dataclass
class DriverStatistics:
    """Counters; all but the first five stay 0 as long as card and firmware behave and are not overloaded."""

    requests: int = 0
    replies: int = 0
    interrupts: int = 0
    spurious_interrupts: int = 0
    frame_waits: int = 0
    """Reads of the inbound queue port that found no frame."""
    requests_refused: int = 0
    """ENOBUFS: too many waiting for a frame, or for too long."""
    bad_request_frames: int = 0
    """Frames from the inbound queue port that lie outside card memory."""
    bad_reply_frames: int = 0
    """Frames from the outbound queue port that were not the card's to post."""
    bad_replies: int = 0
    """Frames that hold no reply."""
    unknown_replies: int = 0
    duplicate_replies: int = 0
    bus_errors: int = 0


class Request:
    """A request that has been or is being posted; `done` is set with its reply (None: the card failed)."""

    def __init__(self, message: Message, space: AddressSpace | None, pieces: list[Piece]) -> None:
        self.message = message
        self.done = kernel.Event()
        self.posted_ps = kernel.now()
        self._space = space
        self._pieces = pieces

    def finish(self, reply: Message | None) -> None:
        """Unpin the user's pages and wake the process."""
        if self._space is not None:
            self._space.put_pages(self._pieces)
            self._space = None
        self.done.set(reply)


class ToeDriver:
    """One card's driver. `start` once; then `request` from any number of tasks.

    It waits for the firmware, whichever starts first: the ready word in outbound message register 0, whose writing
    interrupts the host. It polls nothing.
    """

    def __init__(
        self,
        port: HostPort,
        memory: PhysicalMemory,
        processor: Processor,
        reply_frames: int = 128,
        waiting_limit: int = 1024,
        card_memory_bytes: int = card.MEMORY_SIZE,
    ) -> None:
        self.statistics = DriverStatistics()
        self.observer = Observer()
        self.interrupt_shared_with: list[Callable[[int], None]] = []
        """Handlers of others that the card's one interrupt may be for: each is called with the vector, each time."""
        self._port = port
        self._memory = memory
        self._processor = processor
        self._reply_frame_count = reply_frames
        self._waiting_limit = waiting_limit
        self._card_memory_bytes = card_memory_bytes
        self._interrupted = kernel.Event()
        self._ready = kernel.Event()
        self._failure: DriverError | None = None
        self._requests: dict[int, Request] = {}
        self._finished: deque[int] = deque(maxlen=TAGS_REMEMBERED)
        self._tags = itertools.count(1)
        self._line: deque[kernel.Event] = deque()
        self._replied = kernel.Event()
        self._with_card: set[int] = set()
        self._creating: dict[int, Request] = {}
        self._creation_ended: dict[int, kernel.Event] = {}

    @property
    def outstanding(self) -> int:
        """Requests without a reply yet."""
        return len(self._requests) + len(self._creating)

    async def start(self) -> None:
        """Bring the card up and wait until its firmware takes requests. Raises DriverError, BusError."""
        self._port.connect(self._memory, self._on_interrupt)
        await self._port.start()
        kernel.spawn(self._serve_interrupts(), "toe interrupt handler")
        await self._write_register(registers.OIMR, ALL_MASKED & ~registers.OIMR_OM0)
        # A word written before the mask was opened has raised no interrupt.
        word = await self._read_register(registers.OMR0)
        if word == 0 and not self._ready.is_set:
            await self._ready
        elif not self._ready.is_set:
            self._check_ready(word)
        if self._failure is not None:
            raise self._failure
        # From here on the outbound post queue is the only source, so that the interrupt line is seen to fall when
        # the queue is empty and to rise with the next reply.
        await self._write_register(registers.OIMR, ALL_MASKED)
        await self._write_register(registers.OISR, registers.OISR_OM0)
        for frame in self._allocate_reply_frames():
            await self._give_reply_frame(frame)
        await self._write_register(registers.OIMR, ALL_MASKED & ~registers.OIMR_OPQ)

    def _allocate_reply_frames(self) -> list[int]:
        frames: list[int] = []
        while len(frames) < self._reply_frame_count:
            page = self._memory.allocate_frame("toe driver")
            self._memory.pin(page)
            frames.extend(range(page, page + PAGE_BYTES, messages.REPLY_FRAME_BYTES))
        return frames[: self._reply_frame_count]

    def _check_ready(self, word: int) -> None:
        if word != messages.READY_WORD:
            self._failure = DriverError(f"firmware says {word:#010x}, {messages.READY_WORD:#010x} expected")
        self._ready.set()

    # Requests.

    async def post(
        self,
        command: Command,
        id_kind: IdKind,
        identifier: int,
        parameters: bytes = b"",
        flags: int = 0,
        pinned: tuple[AddressSpace, list[Piece]] | None = None,
    ) -> Request:
        """Post a request; `pinned` pages are unpinned with the reply, or at once if it cannot be posted.

        Raises OSError: ENOBUFS (no message frame), EIO (the card does not answer).
        """
        request = Request(
            Message(command, id_kind, identifier, next(self._tags) & 0xFFFF_FFFF, flags, 0, parameters),
            *(pinned or (None, [])),
        )
        try:
            await self._post(request)
        except BaseException:
            self._forget(request)
            request.finish(None)
            raise
        return request

    async def _post(self, request: Request) -> None:
        frame_bytes = request.message.pack()
        if len(frame_bytes) > messages.REQUEST_FRAME_BYTES:
            raise ValueError(f"a message of {len(frame_bytes)} bytes does not fit its frame")
        self._check_alive()
        await self._processor.charge(Category.MESSAGE, self._processor.costs.build_message)
        # The PID names a request only while it is the only one of its process (SOCKET).
        identifier = request.message.identifier
        if request.message.command == Command.SOCKET:
            while identifier in self._creating:
                await self._creation_ended[identifier]
            self._creating[identifier] = request
            self._creation_ended[identifier] = kernel.Event()
        frame = await self._take_frame()
        if request.message.command != Command.SOCKET:
            self._requests[request.message.tag] = request
        padding = bytes(-len(frame_bytes) % 4)
        try:
            await self._access(self._port.write(MEMORY_BAR, frame, frame_bytes + padding))
            await self._write_register(registers.IQP, frame)
        except BusError as error:
            self.statistics.bus_errors += 1
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from error
        self.statistics.requests += 1

    async def wait(self, request: Request, timeout_ps: int | None = None) -> Message:
        """The reply of a request. Past `timeout_ps` the request is cancelled, and what it then answers returned.

        A task that is itself cancelled here leaves a request behind whose pages stay pinned until its reply.
        """
        try:
            if timeout_ps is not None:
                expiry = kernel.after(timeout_ps)
                if await kernel.first(request.done, expiry) is expiry:
                    await self.cancel(request)
            reply = await request.done
        except kernel.Cancelled:
            self.abandon(request)
            raise
        if reply is None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return reply

    async def cancel(self, request: Request) -> None:
        """Ask the firmware to answer a request now; the request's own reply says what became of it."""
        old = request.message
        parameters = messages.CancelRequest(old.tag).pack()
        await (await self.post(Command.CANCEL, IdKind(old.id_kind), old.identifier, parameters)).done

    def abandon(self, request: Request) -> None:
        """Nobody waits for this request any more: have it cancelled, in a task of its own."""
        if not request.done.is_set:
            kernel.spawn(self._cancel_quietly(request), "cancel request")

    async def _cancel_quietly(self, request: Request) -> None:
        try:
            await self.cancel(request)
        except OSError:
            pass  # counted where it happened; the card or its frames are gone, and nobody waits

    async def call(
        self, command: Command, id_kind: IdKind = IdKind.NONE, identifier: int = 0, parameters: bytes = b""
    ) -> Message:
        """Post a request and wait for its reply. Raises OSError with the reply's status."""
        reply = await self.wait(await self.post(command, id_kind, identifier, parameters))
        if reply.status:
            raise OSError(reply.status, os.strerror(reply.status))
        return reply

    async def configure(
        self,
        mac: int,
        address: int,
        prefix_length: int,
        gateway: int = 0,
        mtu: int = 1500,
        ipv6: messages.Configure6 | None = None,
    ) -> None:
        """Give the card its addresses (integers, as in `messages.Configure`); with `ipv6` it has IPv6 too."""
        block = messages.Configure(mac, address, prefix_length, gateway, mtu).pack()
        await self.call(Command.CONFIGURE, parameters=block + (ipv6.pack() if ipv6 is not None else b""))

    async def _take_frame(self) -> int:
        """A free message frame of the card, first come first served."""
        if len(self._line) >= self._waiting_limit:
            self.statistics.requests_refused += 1
            raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
        give_up_ps = kernel.now() + FRAME_WAIT_LIMIT_PS
        interval_ps = FRAME_RETRY_PS
        turn = kernel.Event()
        self._line.append(turn)
        try:
            if self._line[0] is not turn:
                await turn
            while True:
                self._check_alive()
                self._replied.clear()
                frame = await self._read_register(registers.IQP)
                if frame == NO_FRAME:
                    self.statistics.frame_waits += 1
                elif frame % 4 or frame + messages.REQUEST_FRAME_BYTES > self._card_memory_bytes:
                    self.statistics.bad_request_frames += 1
                else:
                    return frame
                if kernel.now() >= give_up_ps:
                    self.statistics.requests_refused += 1
                    raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
                await kernel.first(self._replied, kernel.after(interval_ps))
                interval_ps = min(2 * interval_ps, FRAME_RETRY_MAX_PS)
        except BusError as error:
            self.statistics.bus_errors += 1
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from error
        finally:
            self._line.remove(turn)
            if self._line:
                self._line[0].set()

    def _check_alive(self) -> None:
        if self._failure is not None:
            raise OSError(errno.EIO, str(self._failure))

    # Replies.

    def _on_interrupt(self, vector: int) -> None:
        self.statistics.interrupts += 1
        self._interrupted.set()
        for handler in self.interrupt_shared_with:
            handler(vector)

    async def _serve_interrupts(self) -> None:
        while True:
            await self._interrupted
            self._interrupted.clear()
            await self._processor.charge(Category.INTERRUPT, self._processor.costs.interrupt, interrupt=True)
            try:
                if self._ready.is_set:
                    await self._drain()
                else:
                    word = await self._read_register(registers.OMR0, interrupt=True)
                    await self._write_register(registers.OISR, registers.OISR_OM0, interrupt=True)
                    if not self._ready.is_set and word:
                        self._check_ready(word)
            except BusError as error:
                self.statistics.bus_errors += 1
                self._fail(DriverError(f"the card does not answer: {error}"))

    async def _drain(self) -> None:
        empty = True
        while (frame := await self._read_register(registers.OQP, interrupt=True)) != NO_FRAME:
            empty = False
            if frame not in self._with_card:
                self.statistics.bad_reply_frames += 1
                continue
            content = self._memory.peek(frame, messages.REPLY_FRAME_BYTES)
            self._with_card.remove(frame)
            await self._give_reply_frame(frame, interrupt=True)
            await self._processor.charge(Category.INTERRUPT, self._processor.costs.reply, interrupt=True)
            self._take_reply(content)
        self.statistics.spurious_interrupts += empty

    def _take_reply(self, content: bytes) -> None:
        try:
            reply = Message.unpack(content)
        except MessageError:
            self.statistics.bad_replies += 1
            return
        if not reply.flags & messages.Flag.REPLY:
            self.statistics.bad_replies += 1
            return
        self._replied.set()
        if reply.command == Command.SOCKET:
            request = self._creating.get(reply.identifier)
        else:
            request = self._requests.get(reply.tag)
        if request is None or request.message.tag != reply.tag or request.message.command != reply.command:
            if reply.tag in self._finished:
                self.statistics.duplicate_replies += 1
            else:
                self.statistics.unknown_replies += 1
            return
        self.statistics.replies += 1
        self._finished.append(reply.tag)
        self.observer.span(
            "requests",
            _command_name(reply.command),
            request.posted_ps,
            kernel.now(),
            identifier=reply.identifier,
            tag=reply.tag,
            status=reply.status,
        )
        self._forget(request)
        request.finish(reply)

    def _forget(self, request: Request) -> None:
        message = request.message
        self._requests.pop(message.tag, None)
        if self._creating.get(message.identifier) is request:
            del self._creating[message.identifier]
            self._creation_ended.pop(message.identifier).set()

    def _fail(self, failure: DriverError) -> None:
        """The card is gone: whatever is outstanding ends with EIO."""
        self._failure = self._failure or failure
        for request in [*self._requests.values(), *self._creating.values()]:
            self._forget(request)
            request.finish(None)
        self._ready.set()

    # Accesses to the card: the processor waits for them.

    async def _give_reply_frame(self, frame: int, interrupt: bool = False) -> None:
        self._with_card.add(frame)
        await self._write_register(registers.OQP, frame, interrupt)

    async def _read_register(self, offset: int, interrupt: bool = False) -> int:
        data = await self._access(self._port.read(REGISTERS_BAR, offset, 4), interrupt)
        return int.from_bytes(data, "little")

    async def _write_register(self, offset: int, value: int, interrupt: bool = False) -> None:
        await self._access(self._port.write(REGISTERS_BAR, offset, value.to_bytes(4, "little")), interrupt)

    async def _access(self, work: Awaitable[T], interrupt: bool = False) -> T:
        return await self._processor.access(Category.DEVICE_ACCESS, work, interrupt)


def _command_name(command: int) -> str:
    """For the timeline; a request may carry a command that does not exist."""
    try:
        return Command(command).name
    except ValueError:
        return f"command {command}"
