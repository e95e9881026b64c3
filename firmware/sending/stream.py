"""What one connection has to send: where each byte of its stream is, from SEND until the peer has acknowledged it.

A byte is *accepted* (part of the TCP stream, its place in the retransmission buffer reserved), then *buffered* (its
copy into the retransmission buffer issued), then *copied*, and freed when it is acknowledged. Until it is copied and
Ethernet has read it, it is also in the host's pages, which the SEND request keeps pinned until it is answered.

What is kept for retransmission depends on the way of sending (`Keeping`). Where only the host's pages are, nothing is
reserved, and a SEND is answered when its last byte is acknowledged; one that must not wait for that (`hurry`) is
copied.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from firmware.drivers.dma import Copy
from firmware.messages import Message
from firmware.retransmission_buffer import Piece, RetransmissionBuffer, cut

PAGE_BYTES = 4096
"""Of the host; what a page-per-send way of sending cuts at."""


class Keeping(enum.Enum):
    """Where a connection's unacknowledged bytes are."""

    COPY = enum.auto()
    """Sent from the host's pages; retransmissions come from a copy."""
    COPY_FIRST = enum.auto()
    """Everything is sent from the copy, which therefore comes first."""
    PAGES = enum.auto()
    """In the host's pages alone."""


@dataclass(eq=False, slots=True)
class SendRequest:
    """A SEND in progress: `begin` is its first byte's place in the stream; the first `limit` bytes will be accepted."""

    message: Message
    pieces: list[Piece]
    limit: int
    push: bool = True
    urgent: bool = False
    """MSG_OOB: the last byte is urgent."""
    begin: int = 0
    accepted: int = 0
    references: int = 0
    """Reads of its pages that hardware has not finished."""
    hurry: bool = False
    """Answer soon: copy ahead what the window does not admit."""


@dataclass(eq=False, slots=True)
class Span:
    """A part of the stream in the retransmission buffer."""

    begin: int
    end: int
    pieces: list[Piece]
    copied: bool = False
    references: int = 0
    """Reads of it that Ethernet has not finished."""


@dataclass(slots=True)
class Source:
    """Where the bytes of a transmit are read; `release` when that is over."""

    pieces: list[Piece] = field(default_factory=list)
    requests: list[SendRequest] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    end: int = 0
    """Place in the stream behind the last byte."""


class SendStream:
    """Send side of a connection. `answer(request, error)` is called once for each request (error 0: sent)."""

    def __init__(self, buffer: RetransmissionBuffer, answer: Callable[[SendRequest, int], None],
                 keeping: Keeping = Keeping.COPY) -> None:
        self._buffer = buffer
        self.keeping = keeping
        self._answer = answer
        self.requests: deque[SendRequest] = deque()
        self._spans: deque[Span] = deque()
        self.accepted_end = 0
        self.buffered_end = 0
        self.read_end = 0
        """Below it Ethernet has read everything once."""
        self.acknowledged = 0
        self.error = 0
        self.ended = False
        """The connection is gone: nothing more is accepted, everything is given back as hardware lets go of it."""
        self.copy_failed = False

    # ---- accepting

    @property
    def held(self) -> int:
        """Bytes of the retransmission buffer that are taken or promised; of the host's pages where those are kept."""
        if self.keeping is Keeping.PAGES:
            return self.accepted_end - self.acknowledged
        return self.accepted_end - (self._spans[0].begin if self._spans else self.buffered_end)

    def add(self, request: SendRequest) -> None:
        """Queue a SEND."""
        self.requests.append(request)

    def next_to_accept(self) -> SendRequest | None:
        """The first request with bytes that are not accepted yet."""
        for request in self.requests:
            if request.accepted < request.limit:
                return request
        return None

    def accept(self, request: SendRequest, length: int) -> None:
        """Make `length` bytes of `request` part of the stream; there must be room in the buffer."""
        if self.keeping is not Keeping.PAGES:
            self._buffer.reserve(length)
        if not request.accepted:
            request.begin = self.accepted_end
        request.accepted += length
        self.accepted_end += length

    # ---- sources and copies

    def source(self, offset: int, length: int, again: bool, most_pieces: int, one_page: bool = False) -> Source | None:
        """Where Ethernet reads bytes from `offset` on; as many of `length` as `most_pieces` pieces hold.

        From the buffer what is copied; from the host's pages what is sent for the first time. None: a retransmission
        of bytes whose copy is not done (or a first transmission that may only come from a copy), which has to wait.
        With `one_page` no more than the rest of a page.
        """
        source = Source()
        end = offset + length
        if one_page and not again:
            end = min(end, self.page_end(offset))
        begin = offset
        from_host = self.keeping is Keeping.PAGES or not (again or self.keeping is Keeping.COPY_FIRST)
        for span in self._spans:
            if span.end <= offset or offset >= end:
                continue
            if span.begin > offset:
                break
            part = min(end, span.end) - offset
            if span.copied:
                source.pieces += cut(span.pieces, offset - span.begin, part)
                source.spans.append(span)
            elif not from_host:
                # what is ready may go; the rest waits
                break
            else:
                self._from_host(source, offset, part)
            offset += part
        if offset < end and from_host:
            self._from_host(source, offset, end - offset)
        del source.pieces[most_pieces:]
        source.end = begin + sum(size for _, size in source.pieces)
        return source if source.pieces else None

    def page_end(self, offset: int) -> int:
        """Place in the stream where the page with the byte at `offset` ends; of a copy, where the copy does."""
        for span in self._spans:
            if span.begin <= offset < span.end:
                return span.end
        for request in self.requests:
            if request.begin <= offset < request.begin + request.accepted:
                at = request.begin
                for address, size in request.pieces:
                    if offset < at + size:
                        address += offset - at
                        return min(at + size, offset + PAGE_BYTES - address % PAGE_BYTES)
                    at += size
        return offset

    def _from_host(self, source: Source, offset: int, length: int) -> None:
        for request in self.requests:
            if not length:
                return
            end = request.begin + request.accepted
            if not request.accepted or end <= offset:
                continue
            part = min(length, end - offset)
            source.pieces += cut(request.pieces, offset - request.begin, part)
            source.requests.append(request)
            offset += part
            length -= part
        assert not length, "bytes are neither in the buffer nor in the host's pages"

    def hold(self, source: Source) -> Callable[[], None]:
        """Ethernet is about to read `source`; call what is returned when it has."""
        for request in source.requests:
            request.references += 1
        for span in source.spans:
            span.references += 1

        def sent() -> None:
            for request in source.requests:
                request.references -= 1
            for span in source.spans:
                span.references -= 1
            if source.end > self.read_end:
                self.read_end = source.end
            self.settle()

        return sent

    def copying_from(self, offset: int) -> bool:
        """Is the copy of the byte at `offset` issued and not done?"""
        return any(not span.copied and span.begin <= offset < span.end for span in self._spans)

    def copy_until(self, end: int) -> tuple[list[Copy], Callable[[bool], None]]:
        """Copies that bring the accepted stream below `end` into the buffer; none if it is there.

        They must be issued, in this order; call what is returned when they are done.
        """
        if self.keeping is Keeping.PAGES:
            # if there is room for all of it; what cannot be copied stays in the pages
            wanted = min(end, self.accepted_end) - self.buffered_end
            if 0 < wanted <= self._buffer.available:
                self._buffer.reserve(wanted)
            else:
                end = self.buffered_end
        begin, length = self.buffered_end, min(end, self.accepted_end) - self.buffered_end
        copies: list[Copy] = []
        spans: list[Span] = []
        requests: list[SendRequest] = []
        if length > 0:
            host = Source()
            self._from_host(host, begin, length)
            requests = host.requests
            pieces = self._buffer.allocate(length)
            copies = pair(host.pieces, pieces)
            self.buffered_end += length
            spans = [Span(begin, self.buffered_end, pieces)]
            self._spans += spans
            for request in requests:
                request.references += 1

        def copied(ok: bool) -> None:
            for span in spans:
                span.copied = True
            for request in requests:
                request.references -= 1
            if not ok:
                self.copy_failed = True
            self.settle()

        return copies, copied

    # ---- the end of bytes

    def acknowledge(self, offset: int) -> None:
        """The peer has everything below `offset`."""
        self.acknowledged = max(self.acknowledged, offset)
        if self.keeping is Keeping.PAGES:
            self.buffered_end = max(self.buffered_end, offset)  # needs no copy any more
        self.settle()

    def truncate(self, request: SendRequest) -> None:
        """Accept no more of `request`, and answer it soon with what was accepted."""
        request.limit = request.accepted
        request.hurry = True
        self.settle()

    def end(self, error: int) -> None:
        """The connection is gone; requests are answered with `error` when hardware has let go of their pages."""
        if self.ended:
            return
        self.ended = True
        self.error = error
        if self.keeping is not Keeping.PAGES:
            self._buffer.cancel(self.accepted_end - self.buffered_end)
        self.buffered_end = self.accepted_end
        self.settle()

    def settle(self) -> None:
        """Free what is acknowledged and answer what is done."""
        spans = self._spans
        while spans:
            span = spans[0]
            if not span.copied or span.references:
                break
            done = span.end if self.ended else min(self.acknowledged, span.end)
            if done <= span.begin:
                break
            length = done - span.begin
            self._buffer.free(cut(span.pieces, 0, length))
            if done == span.end:
                spans.popleft()
                continue
            span.pieces = cut(span.pieces, length, span.end - done)
            span.begin = done
            break
        requests = self.requests
        while requests:
            request = requests[0]
            if request.references:
                break
            if not self.ended:
                if request.accepted < request.limit:
                    break
                if request.accepted and self.buffered_end < request.begin + request.accepted:
                    break
            requests.popleft()
            self._answer(request, self.error if self.ended else 0)


def pair(sources: list[Piece], destinations: list[Piece]) -> list[Copy]:
    """The copies from pieces to pieces; as long as the shorter side."""
    copies: list[Copy] = []
    left, right = list(reversed(sources)), list(reversed(destinations))
    while left and right:
        (source, available), (destination, room) = left.pop(), right.pop()
        size = min(available, room)
        copies.append(Copy(source, destination, size))
        if available > size:
            left.append((source + size, available - size))
        if room > size:
            right.append((destination + size, room - size))
    return copies
