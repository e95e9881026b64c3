"""What arrives: each received frame goes to the stack, with no more of it read than the stack must see."""

from __future__ import annotations

from collections import deque

from firmware.drivers.ethernet_receive import HEAD_BYTES, Buffer, CardSlice, Received, ReceiveRing
from firmware.observer import TRACK, Observer
from firmware.processor import Bus, Category, HardwareThread
from firmware.receiving import payload_bytes, renege, verify_checksums
from firmware.settings import Settings
from firmware.stack import Stack, needs_whole_frame
from firmware.statistics import Statistics
from models.kernel import NS, now

REFUSALS_BEFORE_RENEGING = 8
"""So many segments in a row for which there was no receive buffer: give up what lies beyond holes."""


class Reception:
    """Between the receive ring and the stack."""

    def __init__(self, settings: Settings, bus: Bus, thread: HardwareThread, statistics: Statistics,
                 observer: Observer, ring: ReceiveRing) -> None:
        self._settings = settings
        self._costs = settings.costs
        self._bus = bus
        self._thread = thread
        self._statistics = statistics
        self._observer = observer
        self._ring = ring
        self.pending = False
        """There may be frames in the ring."""
        self.reassembled: deque[bytes] = deque()
        """Frames made of fragments, which are not in a receive buffer yet."""
        self.touched: tuple[tuple[int, int], ...] = ()
        """Memory that the frame being taken in makes the processor read."""
        self._refused = 0
        """Segments refused one after the other for want of receive buffers."""

    @property
    def drains(self) -> bool:
        """Does an interrupt take all frames that there are?"""
        return self._settings.drain_receive_ring or self._settings.throttle_ns > 0

    async def take(self, stack: Stack | None) -> None:
        """Take in one frame, or all there are; `pending` tells whether there may be more."""
        while True:
            begin = now()
            received = await self._ring.take()
            if received is None:
                self.pending = False
                return
            if not self.drains:
                self._thread.charge(Category.INTERRUPT, self._costs.interrupt)
            await self._frame(stack, received)
            self._observer.span(TRACK, "receive frame", begin, now(), bytes=len(received.frame))
            if not self.drains:
                return

    async def _frame(self, stack: Stack | None, received: Received) -> None:
        if stack is None:
            self._statistics.count("receive_not_configured")
            return
        head, frame = received.head, received.frame
        if self._settings.driver_copy:
            self._thread.charge(Category.COPY, round(self._costs.copy_byte * len(frame)),
                                ((frame.address, len(frame)),))
        self.touched = ((frame.address, len(head)),)
        payload = payload_bytes(head)
        if payload > 0 and self._ring.scarce:
            # the ring must stay filled for segments that acknowledge and close
            self._statistics.count("receive_buffers_exhausted")
            self._refused += 1
            if self._refused >= REFUSALS_BEFORE_RENEGING:
                self._refused = 0
                self._statistics.count("receive_data_reneged", renege(stack.connections))
            return
        if payload > 0:
            self._refused = 0
        checksum_ok = received.checksum_ok if self._settings.checksum_offload else None
        if needs_whole_frame(head) or checksum_ok is None:
            whole = head
            if len(frame) > len(head):
                whole += await self._bus.read(frame.address + len(head), len(frame) - len(head))
            if needs_whole_frame(head):
                self._thread.charge(Category.PROTOCOL, self._costs.other_frame)
                stack.frame_arrives(whole, frame, now() // NS)
                while self.reassembled:
                    await self._take_reassembled(stack, self.reassembled.popleft())
                return
            self._statistics.count("receive_checksums_in_software")
            self._thread.charge(Category.CHECKSUM, round(self._costs.checksum_byte * len(whole)))
            head, checksum_ok = whole, verify_checksums(whole)
        elif len(head) == HEAD_BYTES and head[12:14] == b"\x86\xdd" and (missing := _missing_head(head)) > 0:
            head += await self._bus.read(frame.address + HEAD_BYTES, min(missing, len(frame) - HEAD_BYTES))
        stack.frame_arrives(head, frame, now() // NS, checksum_ok)

    async def _take_reassembled(self, stack: Stack, frame: bytes) -> None:
        """Its fragments' payload was never together in one buffer: put a segment into one, as if it had come so."""
        pool = self._ring.pool
        if needs_whole_frame(frame):
            stack.frame_arrives(frame, frame, now() // NS)
        elif len(frame) > pool.size:
            self._statistics.count("reassembled_segment_too_long")
        elif self._ring.scarce or not pool.free:
            self._statistics.count("receive_buffers_exhausted")
        else:
            place = CardSlice(Buffer(pool, pool.free.popleft()), 0, len(frame))
            await self._bus.write(place.address, frame)
            self._thread.charge(Category.CHECKSUM, round(self._costs.checksum_byte * len(frame)))
            stack.frame_arrives(frame, place, now() // NS)


def _missing_head(head: bytes) -> int:
    """Bytes of TCP's header over IPv6 beyond this head."""
    return 54 + (head[66] >> 4) * 4 - len(head)
