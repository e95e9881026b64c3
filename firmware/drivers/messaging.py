"""The messaging unit (80312): requests from the inbound post queue, replies through the outbound post queue."""

from __future__ import annotations

import errno
import struct
from collections import deque

from firmware.card_memory import CardMemory
from firmware.messages import (
    HEADER_BYTES,
    READY_WORD,
    REPLY_FRAME_BYTES,
    REQUEST_FRAME_BYTES,
    VERSION,
    Message,
    MessageError,
)
from firmware.processor import Bus
from firmware.registers import card, messaging
from firmware.statistics import Statistics
from models.ports import BusError

QUEUE_ENTRIES = 4096
QUEUE_BYTES = QUEUE_ENTRIES * 4
FIRST_READ = 64
"""Bytes of a request read before its length is known: a header and a transfer of three pieces."""
READ_AHEAD = 16
"""Queue entries read in one burst."""


class Messaging:
    """Four queues in card memory; pointers are byte offsets from QBAR, as the hardware keeps them."""

    INBOUND_FREE, INBOUND_POST, OUTBOUND_POST, OUTBOUND_FREE = (index * QUEUE_BYTES for index in range(4))

    def __init__(self, bus: Bus, memory: CardMemory, statistics: Statistics, request_frames: int = 256,
                 first_entry: int = 0) -> None:
        if not 1 <= request_frames < QUEUE_ENTRIES:
            raise ValueError(f"{request_frames} request frames")
        self._bus = bus
        self._statistics = statistics
        self._queues = memory.take("message queues", 4 * QUEUE_BYTES, 4096)
        self._frames = memory.take("request frames", request_frames * REQUEST_FRAME_BYTES, REQUEST_FRAME_BYTES)
        self._count = request_frames
        self._first = first_entry % QUEUE_ENTRIES * 4
        self._free_head = self._post_tail = self._reply_head = self._reply_tail = self._first
        self._reply_frames: deque[int] = deque()
        self._replies: deque[bytes] = deque()
        self.requests = 0
        self.replies = 0

    async def start(self) -> None:
        """Set the queues up, hand the request frames to the host, and say that the firmware is ready."""
        base = card.MESSAGING_BASE
        write = self._bus.write_register
        await write(base + messaging.MUCR, 0)
        await write(base + messaging.QBAR, self._queues.offset)
        frames = struct.pack(f"<{self._count}I", *(self._frames.offset + index * REQUEST_FRAME_BYTES
                                                   for index in range(self._count)))
        first = self._first
        self._free_head = await self._append(self.INBOUND_FREE, first, frames)
        self._post_tail = self._reply_head = self._reply_tail = first
        for register, value in (
            (messaging.IFHPR, self.INBOUND_FREE + self._free_head), (messaging.IFTPR, self.INBOUND_FREE + first),
            (messaging.IPHPR, self.INBOUND_POST + first), (messaging.IPTPR, self.INBOUND_POST + first),
            (messaging.OPHPR, self.OUTBOUND_POST + first), (messaging.OPTPR, self.OUTBOUND_POST + first),
            (messaging.OFHPR, self.OUTBOUND_FREE + first), (messaging.OFTPR, self.OUTBOUND_FREE + first),
        ):
            await write(base + register, value)
        await write(base + messaging.MUCR, messaging.MUCR_ENABLE
                    | messaging.MUCR_QUEUE_SIZE_ENTRIES_4K << messaging.MUCR_QUEUE_SIZE_LSB)
        await write(base + messaging.IISR, 0xFFFFFFFF)
        await write(base + messaging.IIMR, 0xFF & ~(messaging.IISR_IPQ | messaging.IISR_IPQF | messaging.IISR_OFQF))
        await write(base + messaging.OMR0, READY_WORD)

    # ---- requests

    async def take_requests(self) -> list[Message]:
        """Drain the inbound post queue; frames go back to the host as soon as they are read."""
        base = card.MESSAGING_BASE
        status = await self._bus.read_register(base + messaging.IISR)
        overflow = status & (messaging.IISR_IPQF | messaging.IISR_OFQF)
        if overflow:
            await self._bus.write_register(base + messaging.IISR, overflow)
            if overflow & messaging.IISR_IPQF:
                self._statistics.count("inbound_post_queue_full")
            if overflow & messaging.IISR_OFQF:
                self._statistics.count("outbound_free_queue_full")
        pointer = await self._bus.read_register(base + messaging.IPHPR)
        head = pointer - self.INBOUND_POST
        if head % 4 or not 0 <= head < QUEUE_BYTES:
            # the hardware keeps it in its queue; taken as it is, the loop below would never end
            self._statistics.count("inbound_post_pointer_bad")
            return []
        requests: list[Message] = []
        given_back: list[int] = []
        while self._post_tail != head:
            end = head if head > self._post_tail else QUEUE_BYTES
            size = min(end - self._post_tail, READ_AHEAD * 4)
            entries = await self._bus.read(self._queues.address + self.INBOUND_POST + self._post_tail, size)
            self._post_tail = (self._post_tail + size) % QUEUE_BYTES
            for (offset,) in struct.iter_unpack("<I", entries):
                position = offset - self._frames.offset
                if position % REQUEST_FRAME_BYTES or not 0 <= position < self._frames.size or offset in given_back:
                    self._statistics.count("request_frame_unknown")
                    continue
                given_back.append(offset)
                message = await self._read_request(self._frames.address + position)
                if message is not None:
                    requests.append(message)
        if given_back or head != self._post_tail:
            await self._bus.write_register(base + messaging.IPTPR, self.INBOUND_POST + self._post_tail)
            await self._give_back(given_back)
        self.requests += len(requests)
        return requests

    async def _read_request(self, address: int) -> Message | None:
        frame = await self._bus.read(address, FIRST_READ)
        length = int.from_bytes(frame[2:4], "little")
        if FIRST_READ < length <= REQUEST_FRAME_BYTES:
            frame += await self._bus.read(address + FIRST_READ, length - FIRST_READ)
        try:
            return Message.unpack(frame)
        except MessageError:
            self._statistics.count("request_malformed")
            if frame[0] == VERSION:
                # the header can be believed but for its length: whoever waits for this tag is answered
                header = frame[:2] + HEADER_BYTES.to_bytes(2, "little") + frame[4:HEADER_BYTES]
                self.reply(Message.unpack(header).reply(errno.EINVAL))
            return None

    async def _give_back(self, offsets: list[int]) -> None:
        entries = struct.pack(f"<{len(offsets)}I", *offsets)
        self._free_head = await self._append(self.INBOUND_FREE, self._free_head, entries)
        await self._bus.write_register(card.MESSAGING_BASE + messaging.IFHPR, self.INBOUND_FREE + self._free_head)

    async def _append(self, queue: int, head: int, entries: bytes) -> int:
        before_wrap = QUEUE_BYTES - head
        await self._bus.write(self._queues.address + queue + head, entries[:before_wrap])
        if len(entries) > before_wrap:
            await self._bus.write(self._queues.address + queue, entries[before_wrap:])
        return (head + len(entries)) % QUEUE_BYTES

    # ---- replies

    def reply(self, message: Message) -> None:
        """Queue a reply; `post_replies` sends it."""
        packed = message.pack()
        if len(packed) > REPLY_FRAME_BYTES:
            raise ValueError(f"reply of {len(packed)} bytes")
        self._replies.append(packed)

    @property
    def replies_waiting(self) -> int:
        return len(self._replies)

    async def post_replies(self) -> bool:
        """Post the queued replies in order, as far as the host has given frames; True if none is left."""
        posted = bytearray()
        while self._replies:
            if not self._reply_frames:
                await self._fetch_reply_frames()
                if not self._reply_frames:
                    self._statistics.count("replies_waited_for_frame")
                    break
            frame = self._reply_frames.popleft()
            try:
                await self._bus.write(frame, self._replies[0])
            except BusError:
                # perhaps only bus master enable is off: no frame may get lost, another one is tried later
                self._statistics.count("reply_frame_bus_error")
                self._reply_frames.append(frame)
                break
            self._replies.popleft()
            posted += frame.to_bytes(4, "little")
            self.replies += 1
        if posted:
            self._reply_head = await self._append(self.OUTBOUND_POST, self._reply_head, bytes(posted))
            await self._bus.write_register(card.MESSAGING_BASE + messaging.OPHPR, self.OUTBOUND_POST + self._reply_head)
        return not self._replies

    async def _fetch_reply_frames(self) -> None:
        """Take the next entries of the outbound free queue in one burst."""
        base = card.MESSAGING_BASE
        head = await self._bus.read_register(base + messaging.OFHPR) - self.OUTBOUND_FREE
        if head == self._reply_tail:
            return
        end = head if head > self._reply_tail else QUEUE_BYTES
        size = min(end - self._reply_tail, READ_AHEAD * 4)
        entries = await self._bus.read(self._queues.address + self.OUTBOUND_FREE + self._reply_tail, size)
        self._reply_tail = (self._reply_tail + size) % QUEUE_BYTES
        await self._bus.write_register(base + messaging.OFTPR, self.OUTBOUND_FREE + self._reply_tail)
        for (frame,) in struct.iter_unpack("<I", entries):
            if frame % 4 or frame == 0:
                self._statistics.count("reply_frame_unusable")
            else:
                self._reply_frames.append(frame)
