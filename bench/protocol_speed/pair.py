"""Two connections of firmware/tcp that hand each other segments as header bytes and payload, in a time of their own."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from firmware.tcp.config import TcpConfig
from firmware.tcp.connection import Connection
from firmware.tcp.events import DataArrived, Error
from firmware.tcp.segment import build_header, parse_header
from firmware.tcp.states import State

ONE_WAY_NS = 20_000
SEGMENT_NS = 12_000
"""Time on the wire between two segments of one end: a full frame at 1 Gb/s."""
_PORTS = ((40000, 5001), (5001, 40000))
_BYTES = memoryview(bytes(65536))


class End:
    """One connection, the wire that leaves it, and what has come to it."""

    def __init__(self, pair: Pair, number: int, config: TcpConfig) -> None:
        self._pair = pair
        self._ports = _PORTS[number]
        self._free_ns = 0
        self.other: End = self
        self.connection = Connection(config, 0, iss=1 + number)
        self.segments = 0
        """Segments sent, those without data included."""
        self.data_segments = 0
        self.received = 0
        """Bytes of payload delivered in order."""
        self.sent = 0

    def send(self, count: int, now: int) -> None:
        """The application writes."""
        self.sent += count
        self.connection.send(count, now)

    def transmit(self, now: int) -> None:
        """Send what the connection has to send, a segment at a time."""
        connection = self.connection
        source, destination = self._ports
        while (transmit := connection.poll_transmit(now, connection.negotiated.send_mss)) is not None:
            connection.transmitted(transmit, now)
            header = build_header(source, destination, transmit.seq, transmit.ack, transmit.flags, transmit.window,
                                  transmit.options)
            length = transmit.length
            self.segments += 1
            self.data_segments += length > 0
            self._free_ns = max(self._free_ns, now) + (SEGMENT_NS if length else 0)
            self._pair.carry(self.other, self._free_ns + ONE_WAY_NS, header, _BYTES[:length])

    def arrives(self, header: bytes, payload: memoryview, now: int) -> None:
        """A segment has come: take it in, read what it brought, answer."""
        connection = self.connection
        connection.segment_arrives(parse_header(header, 0, len(header) + len(payload)), payload, now)
        self.take_events(now)
        self.transmit(now)

    def take_events(self, now: int) -> None:
        connection = self.connection
        for event in connection.events():
            if type(event) is DataArrived:
                size = len(event.payload)
                self.received += size
                connection.consumed(size, now)
            elif type(event) is Error and event.fatal:
                raise RuntimeError(f"the connection failed with errno {event.errno} at {now} ns")


class Pair:
    """`lost(number)` says of the number-th segment with data, counted from 1, whether it is lost on the way."""

    def __init__(self, config: TcpConfig | None = None, lost: Callable[[int], bool] | None = None) -> None:
        config = config or TcpConfig()
        self.now = 0
        self._lost = lost
        self._with_data = 0
        self._serial = 0
        self._on_the_way: list[tuple[int, int, End, bytes, memoryview]] = []
        self.client, self.server = End(self, 0, config), End(self, 1, config)
        self.client.other, self.server.other = self.server, self.client
        self.server.connection.open_passive()
        self.client.connection.open_active(0)
        self.client.transmit(0)
        self.run(lambda: self.server.connection.state is State.ESTABLISHED)

    def carry(self, to: End, time_ns: int, header: bytes, payload: memoryview) -> None:
        if payload and self._lost is not None:
            self._with_data += 1
            if self._lost(self._with_data):
                return
        self._serial += 1
        heapq.heappush(self._on_the_way, (time_ns, self._serial, to, header, payload))

    def run(self, done: Callable[[], Any]) -> None:
        """Go on until `done()`; time jumps from arrival to arrival and to the connections' deadlines."""
        waiting = self._on_the_way
        while not done():
            deadlines = [(deadline, end) for end in (self.client, self.server)
                         if (deadline := end.connection.next_deadline()) is not None]
            deadline, end = min(deadlines, key=lambda each: each[0]) if deadlines else (None, self.client)
            if waiting and (deadline is None or waiting[0][0] <= deadline):
                self.now, _, to, header, payload = heapq.heappop(waiting)
                to.arrives(header, payload, self.now)
            elif deadline is not None:
                self.now = max(self.now, deadline)
                end.connection.timeout(self.now)
                end.take_events(self.now)
                end.transmit(self.now)
            else:
                raise RuntimeError(f"nothing is under way at {self.now} ns")
