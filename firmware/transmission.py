"""What leaves: frames and payload the stack offers, as far as the transmit ring and the host's pages allow."""

from __future__ import annotations

from collections.abc import Callable

from firmware.drivers.dma import Channel, Copy
from firmware.drivers.ethernet_transmit import Segmentation, TransmitRing
from firmware.endpoint import Endpoint
from firmware.observer import TRACK, Observer
from firmware.processor import Bus, Category, HardwareThread
from firmware.retransmission_buffer import Piece
from firmware.sending.segmenting import complete_header
from firmware.sending.strategy import Sending, SendJob
from firmware.sending.stream import Keeping
from firmware.settings import Settings
from firmware.sockets import Sockets
from firmware.stack import LARGEST_PAYLOAD, FrameTransmit, Stack
from firmware.statistics import Statistics
from models.kernel import NS, now
from models.ports import BusError


def _nothing(_: bool) -> None:
    """There is no copy to be done."""


class Transmission:
    """Between the stack and the transmit ring. copies: the DMA channel that fills the retransmission buffer."""

    def __init__(self, settings: Settings, bus: Bus, thread: HardwareThread, statistics: Statistics,
                 observer: Observer, ring: TransmitRing, copies: Channel, sending: Sending, sockets: Sockets) -> None:
        self._settings = settings
        self._costs = settings.costs
        self._bus = bus
        self._thread = thread
        self._statistics = statistics
        self._observer = observer
        self._ring = ring
        self._copies = copies
        self._sending = sending
        self._sockets = sockets

    async def pump(self, stack: Stack) -> None:
        """Send what the stack has to send, as far as there is room; then copy ahead for whom sending is stalled."""
        deferred: set[object] = set()
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
                await self._ring.send_frame(offer.frame)
                self._observer.span(TRACK, f"send {offer.kind}", begin, now())
                continue
            if not await self._make_room(self._ring.most_pieces, offer.header_bytes):
                return
            if not self._settings.segmentation_offload and offer.length > offer.mss:
                most = offer.mss
                continue
            fits = await self._send(stack, offer)
            if fits is None:
                if offer.connection in deferred:
                    break
                deferred.add(offer.connection)
                stack.defer(offer)
            elif fits < offer.length:
                most = fits
            else:
                deferred.clear()
        if self._sockets.sending:
            await self._copy_ahead()

    async def _make_room(self, pieces: int, header_bytes: int) -> bool:
        """Room in the transmit ring; without it the transmit interrupt resumes the pump."""
        if self._ring.room(pieces, header_bytes):
            return True
        await self._ring.reclaim()
        if self._ring.room(pieces, header_bytes):
            return True
        self._statistics.count("transmit_ring_full")
        return False

    async def _send(self, stack: Stack, offer: FrameTransmit) -> int | None:
        """Send payload. None: it has to wait for its copy; less than its length: so much can be sent at once."""
        endpoint: Endpoint = offer.connection.owner
        stream = endpoint.stream
        one_page = self._settings.page_per_send
        source = stream.source(offer.offset, offer.length, offer.retransmission, self._ring.most_pieces, one_page)
        if source is None:
            if offer.retransmission:
                self._statistics.count("retransmissions_waited_for_copy")
            return None
        fits = source.end - offer.offset
        if fits < offer.length:
            if fits < offer.mss and not one_page and stream.copying_from(source.end):
                return None  # the rest of the segment is on its way
            return fits
        begin = now()
        stack.transmitted(offer, now() // NS)
        sent = stream.hold(source)
        copies, copied = ([], _nothing) if self._sending.keeping is Keeping.PAGES else stream.copy_until(source.end)
        if offer.retransmission:
            self._statistics.count("retransmitted_bytes", offer.length)
        if self._settings.segmentation_offload:
            cut = Segmentation(offer.mss, offer.ip_header_bytes, offer.ip_header_bytes != 20)
            job = SendJob(offer.header(tcp_checksum=offer.tcp_seed()), cut, source.pieces, copies, sent, copied)
        else:
            try:
                job = await self._segment(offer, source.pieces, copies, sent, copied)
            except BusError:
                sent()
                copied(False)
                stream.copy_failed = True
                self._sockets.sending[endpoint] = None
                return fits
        await self._sending.send(job)
        self._observer.span(TRACK, "retransmit" if offer.retransmission else "send", begin, now(), bytes=offer.length,
                            segments=offer.segments)
        return fits

    async def _segment(self, offer: FrameTransmit, pieces: list[Piece], copies: list[Copy],
                       sent: Callable[[], None], copied: Callable[[bool], None]) -> SendJob:
        """One segment made by the processor; its checksum, too, where hardware does not insert it."""
        if self._settings.checksum_offload:
            header, start = complete_header(offer, None)
            return SendJob(header, None, pieces, copies, sent, copied, start)
        payload = b"".join([await self._bus.read(address, length) for address, length in pieces])
        self._thread.charge(Category.CHECKSUM, round(self._costs.checksum_byte * len(payload)), tuple(pieces))
        header, _ = complete_header(offer, payload)
        return SendJob(header, None, pieces, copies, sent, copied)

    async def _copy_ahead(self) -> None:
        """Copy what has to wait, so that its SEND can be answered; forget connections that have nothing left.

        Where everything is sent from its copy, all that was accepted is copied as soon as it may be.
        """
        keeping, most = self._sending.keeping, self._settings.copy_ahead_bytes
        sockets = self._sockets
        for endpoint in list(sockets.sending):
            stream = endpoint.stream
            if stream.accepted_end > stream.buffered_end:
                if keeping is Keeping.COPY_FIRST:
                    limit = min(stream.accepted_end, stream.read_end + most) if most else stream.accepted_end
                    while stream.buffered_end < limit:
                        copies, copied = stream.copy_until(min(limit, stream.page_end(stream.buffered_end)))
                        await self._copies.append(copies, copied)
                elif any(request.hurry for request in stream.requests) or (
                        endpoint.stalled if keeping is Keeping.COPY
                        else self._settings.copy_tail and endpoint.tail_only):
                    copies, copied = stream.copy_until(stream.accepted_end)
                    if not copies:
                        continue  # no room: the pages are kept until they are acknowledged
                    self._statistics.count("copied_ahead_bytes", sum(copy.length for copy in copies))
                    await self._copies.append(copies, copied)
            elif not stream.requests and endpoint.closing == endpoint.fin_queued:
                del sockets.sending[endpoint]
