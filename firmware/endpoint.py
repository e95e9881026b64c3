"""One TCP connection as the sockets see it: what arrived and was not read, what is being sent, and how it stands."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable
from typing import Any

from firmware.drivers.ethernet_receive import CardSlice
from firmware.retransmission_buffer import RetransmissionBuffer
from firmware.sending.stream import Keeping, SendRequest, SendStream
from firmware.tcp.connection import CallError, Connection
from firmware.tcp.events import Acknowledged, Closed, DataArrived, Error, Established, Event, PeerClosed, UrgentData
from firmware.tcp.states import CAN_SEND, State


class Endpoint:
    """State beside a connection. Lives until the connection is closed and hardware has let go of everything."""

    def __init__(self, connection: Connection, buffer: RetransmissionBuffer, listening: Any,
                 answer: Callable[[SendRequest, int], None], keeping: Keeping = Keeping.COPY) -> None:
        self.connection = connection
        self.listening = listening
        """The listening socket until the connection is accepted."""
        self.socket: Any = None
        self.stream = SendStream(buffer, answer, keeping)
        self.received: deque[CardSlice] = deque()
        self.received_bytes = 0
        self.arrived_end = 0
        self.urgent_at: int | None = None
        """Offset of the latest urgent byte, until it has arrived."""
        self.until_mark: int | None = None
        """Bytes to read before the urgent byte; None once it was read over."""
        self.urgent_byte: Any = None
        """The urgent byte, taken out of the stream (without SO_OOBINLINE)."""
        self.established = False
        self.end_of_stream = False
        self.closed = False
        self.error = 0
        self.closing = False
        """SHUTDOWN of writing: FIN follows what was accepted."""
        self.fin_queued = False

    def event(self, event: Event) -> None:
        """Take in what the connection tells."""
        kind = type(event)
        if kind is DataArrived:
            payload = event.payload
            self.arrived_end = event.offset + len(payload)
            if self.urgent_at is not None and event.offset <= self.urgent_at < self.arrived_end:
                payload = self._take_urgent(payload, self.urgent_at - event.offset)
            if len(payload):
                self.received.append(payload)
                self.received_bytes += len(payload)
        elif kind is Acknowledged:
            self.stream.acknowledge(event.offset)
        elif kind is UrgentData:
            self.urgent_at = event.offset - 1
            self.until_mark = self.urgent_at - (self.arrived_end - self.received_bytes)
            self.urgent_byte = None
        elif kind is PeerClosed:
            self.end_of_stream = True
        elif kind is Established:
            self.established = True
        elif kind is Error:
            if event.fatal:
                self.error = event.errno
        elif kind is Closed:
            self.closed = True
            self.end_of_stream = True
            self.stream.end(self.error or errno.EPIPE)

    def _take_urgent(self, payload: Any, position: int) -> Any:
        """The urgent byte is here; without SO_OOBINLINE it leaves the stream, so that only MSG_OOB reads it."""
        self.urgent_at = None
        if self.connection.config.oob_inline:
            return payload
        self.urgent_byte = payload[position:position + 1]
        self.connection.consumed(1, self.connection.last_heard)
        before, after = payload[:position], payload[position + 1:]
        if not len(before):
            return after
        if len(after):
            self.received.append(before)
            self.received_bytes += len(before)
            return after
        return before

    @property
    def can_send(self) -> bool:
        """May the application send?"""
        return (not self.closed and not self.closing and self.established
                and CAN_SEND[self.connection.state] and not self.stream.ended)

    @property
    def connecting(self) -> bool:
        return not self.closed and not self.established

    def take_error(self) -> int:
        """The pending error, which is reported once (SO_ERROR)."""
        error, self.error = self.error, 0
        return error

    def consume(self, length: int, now_ns: int) -> None:
        """The application has been given the oldest `length` bytes (already taken off `received`)."""
        if self.connection.state is not State.CLOSED and not self.connection.released:
            self.connection.consumed(length, now_ns)

    def accept_bytes(self, room: Callable[[Endpoint], int], now_ns: int) -> None:
        """Make SEND requests part of the stream as far as `room(self)` says; less than a segment only if it must be.

        Raises nothing: a connection that takes no more ends the stream.
        """
        stream = self.stream
        while (request := stream.next_to_accept()) is not None:
            if not self.can_send and not self.fin_queued:
                if not self.closing:
                    stream.end(self.error or errno.EPIPE)
                    return
            wanted = request.limit - request.accepted
            length = min(wanted, room(self))
            if length <= 0 or (length < wanted and length < self.connection.snd_mss and stream.held):
                break
            if length < wanted:  # no small segment in the middle of a stream only because the buffer was full
                connection = self.connection
                odd = (connection.snd_end - connection.snd_nxt + length) % connection.snd_mss
                length -= odd if odd < length else 0
            last = request.accepted + length == request.limit
            try:
                stream.accept(request, length)
                self.connection.send(length, now_ns, push=not last or request.push,
                                     urgent=last and request.urgent)
            except CallError as refused:
                stream.end(refused.errno)
                return
        if self.closing and not self.fin_queued and stream.next_to_accept() is None:
            self.fin_queued = True
            self.connection.close(now_ns)

    @property
    def tail_only(self) -> bool:
        """Is everything sent, and not more in flight than the peer may leave unacknowledged for a while?"""
        connection = self.connection
        return (connection.snd_nxt == connection.snd_end and self.stream.next_to_accept() is None
                and connection.snd_nxt - connection.snd_una <= 2 * connection.snd_mss)

    @property
    def stalled(self) -> bool:
        """Does what was accepted have to wait for more than the acknowledgment of full segments in flight?

        A closed window, Nagle's algorithm, silly window avoidance, or an unanswered address resolution.
        """
        connection = self.connection
        in_flight = connection.snd_nxt - connection.snd_una
        unsent = connection.snd_end - connection.snd_nxt
        if unsent <= 0:
            return False
        if connection.snd_wnd == 0 or in_flight <= 0:
            return True
        return unsent < connection.snd_mss and self.stream.next_to_accept() is None
