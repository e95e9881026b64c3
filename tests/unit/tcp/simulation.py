"""Two stacks joined by an impaired link in virtual time."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

from firmware.network.checksum import checksum
from firmware.stack import FrameTransmit, Stack, segment_in_software
from firmware.tcp import (
    Acknowledged,
    Closed,
    Connection,
    DataArrived,
    Error,
    Established,
    PeerClosed,
    TcpConfig,
    parse_header,
)

MS = 1_000_000
SECOND = 1_000_000_000


@dataclass
class Impairment:
    """Probabilities per frame; delays in ns."""

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    mark: float = 0.0
    """CE on what is ECT."""
    delay: int = 1 * MS
    reorder_delay: int = 3 * MS


class Application:
    """Sends a byte string, records what arrives; the data source of one connection."""

    def __init__(self, host: "Host", connection: Connection, data: bytes = b"", read: bool = True) -> None:
        self.host = host
        self.connection = connection
        self.data = bytearray(data)
        self.sent = 0
        self.received = bytearray()
        self.unread = 0
        self.read = read
        self.acknowledged = 0
        self.established = self.peer_closed = self.closed = False
        self.established_at: int | None = None
        self.error: int | None = None
        self.close_after = False
        self.answer_close = False

    def send(self, data: bytes, push: bool = True) -> None:
        self.data += data
        self.connection.send(len(data), self.host.network.now, push)

    def read_all(self) -> None:
        unread, self.unread = self.unread, 0
        self.connection.consumed(unread, self.host.network.now)

    def event(self, event: object) -> None:
        now = self.host.network.now
        match event:
            case Established():
                self.established = True
                self.established_at = now
                if self.data:
                    self.connection.send(len(self.data), now)
                if self.close_after:
                    self.connection.close(now)
            case DataArrived(offset, payload):
                assert offset == len(self.received), "stream offsets must be contiguous"
                self.received += payload
                self.unread += len(payload)
                if self.read:
                    self.read_all()
            case Acknowledged(offset):
                assert self.acknowledged <= offset <= len(self.data)
                self.acknowledged = offset
            case PeerClosed(offset):
                assert offset == len(self.received)
                self.peer_closed = True
                if self.answer_close:
                    self.connection.close(now)
            case Error(error, fatal):
                if fatal:
                    self.error = error
            case Closed():
                assert not self.closed, "Closed must come once"
                self.closed = True


class Host:
    """A stack, its applications, and its end of the link."""

    def __init__(self, network: "Network", number: int, config: TcpConfig) -> None:
        self.network = network
        self.address = f"10.0.0.{number}"
        self.stack = Stack(bytes((2, 0, 0, 0, 0, number)), self.address, secret=b"secret",
                           rng=random.Random(number), config=config, deliver=self.deliver)
        self.applications: dict[Connection, Application] = {}
        self.accepted: list[Application] = []
        self.on_accept: Callable[[Application], None] = lambda application: None
        self.max_payload = 65000
        self.hesitation = 0.0
        """Probability that the driver does not take what it polled."""

    def deliver(self, connection: Connection, event: object) -> None:
        application = self.applications.get(connection)
        if application is None:
            assert isinstance(event, Established), "a passive connection appears when it is established"
            application = self.applications[connection] = Application(self, connection)
            self.accepted.append(application)
            self.on_accept(application)
        application.event(event)

    def connect(self, other: "Host", port: int = 80, data: bytes = b"", config: TcpConfig | None = None,
                close_after: bool = False) -> Application:
        connection = self.stack.connect(other.address, port, self.network.now, config=config)
        application = self.applications[connection] = Application(self, connection, data)
        application.close_after = close_after
        return application

    def output(self) -> None:
        now = self.network.now
        while (frame := self.stack.poll_transmit(now, self.max_payload)) is not None:
            if self.hesitation and self.network.random.random() < self.hesitation:
                self.stack.defer(frame)
                if self.network.random.random() < 0.5:
                    self.network.wake(self, self.network.random.randrange(5 * MS))
                    return
                continue
            self.transmit(frame)
            self.stack.transmitted(frame, now)

    def transmit(self, frame: FrameTransmit) -> None:
        payload = b""
        if frame.frame is None:
            payload = bytes(self.applications[frame.connection].data[frame.offset:frame.offset + frame.length])
        for data in segment_in_software(frame, payload):
            self.network.carry(self, data)


def mark(frame: bytes) -> bytes:
    """The frame with CE, as a congested router sends it on."""
    marked = bytearray(frame)
    marked[15] |= 3
    marked[24:26] = bytes(2)
    marked[24:26] = checksum(bytes(marked[14:34])).to_bytes(2, "big")
    return bytes(marked)


@dataclass
class Observed:
    """One frame as it left: the TCP header, payload length, and who sent it when."""

    time: int
    host: Host
    header: object
    length: int
    data: bytes


class Network:
    """Virtual time and the link; `trace` keeps every TCP segment as it was sent."""

    def __init__(self, seed: int = 1, impairment: Impairment | None = None, config: TcpConfig | None = None) -> None:
        self.now = 0
        self.random = random.Random(seed)
        self.impairment = impairment or Impairment()
        self.events: list[tuple[int, int, Host, bytes]] = []
        self.serial = 0
        config = config or TcpConfig()
        self.a = Host(self, 1, config)
        self.b = Host(self, 2, config)
        self.trace: list[Observed] = []
        self.filter: Callable[[Observed], bool] = lambda observed: True

    def other(self, host: Host) -> Host:
        return self.b if host is self.a else self.a

    def carry(self, sender: Host, data: bytes) -> None:
        if data[12:14] == b"\x08\x00" and data[23] == 6:
            header = parse_header(data, 34)
            observed = Observed(self.now, sender, header, len(data) - 34 - header.header_bytes, data)
            self.trace.append(observed)
            if not self.filter(observed):
                return
        # ARP has no checksum and gives up after three tries: it is spared, so that a test is about TCP.
        impairment, draw = self.impairment if data[12:14] == b"\x08\x00" else Impairment(), self.random.random
        if draw() < impairment.drop:
            return
        copies = 2 if draw() < impairment.duplicate else 1
        for _ in range(copies):
            delay = impairment.delay
            if draw() < impairment.reorder:
                delay += int(draw() * impairment.reorder_delay)
            frame = data
            if impairment.mark and data[15] & 3 and draw() < impairment.mark:
                frame = mark(data)
            if draw() < impairment.corrupt:
                position = self.random.randrange(14, len(data))
                corrupted = bytearray(data)
                corrupted[position] ^= 1 << self.random.randrange(8)
                frame = bytes(corrupted)
            self.serial += 1
            heapq.heappush(self.events, (self.now + delay, self.serial, self.other(sender), frame))

    def wake(self, host: Host, delay: int) -> None:
        """The driver of `host` looks again after `delay`."""
        self.serial += 1
        heapq.heappush(self.events, (self.now + delay, self.serial, host, b""))

    def step(self, limit: int) -> bool:
        """Up to the next thing that happens; False when nothing is left before `limit`."""
        self.a.output()
        self.b.output()
        times = [t for t in (self.a.stack.next_deadline(), self.b.stack.next_deadline()) if t is not None]
        if self.events:
            times.append(self.events[0][0])
        if not times or min(times) > limit:
            return False
        self.now = max(self.now, min(times))
        while self.events and self.events[0][0] <= self.now:
            _, _, host, data = heapq.heappop(self.events)
            if data:
                host.stack.frame_arrives(data, memoryview(data), self.now)
            host.output()
        for host in (self.a, self.b):
            deadline = host.stack.next_deadline()
            if deadline is not None and deadline <= self.now:
                host.stack.timeout(self.now)
        return True

    def run(self, until: Callable[[], bool] | None = None, duration: int = 1000 * SECOND) -> None:
        """Until the condition holds (it must, before time is up), or for `duration`."""
        limit = self.now + duration
        while until is None or not until():
            if not self.step(limit):
                if until is not None:
                    raise AssertionError(f"nothing happens any more at {self.now / 1e9} s: "
                                         f"{[*self.a.applications, *self.b.applications]}")
                self.now = limit
                return

    def connected(self, port: int = 80, config: TcpConfig | None = None) -> tuple[Application, Application]:
        """An established connection a -> b."""
        self.b.stack.listen(port, config=config)
        client = self.a.connect(self.b, port, config=config)
        self.run(lambda: client.established and bool(self.b.accepted))
        return client, self.b.accepted[-1]

    def sent_by(self, host: Host) -> list[Observed]:
        return [o for o in self.trace if o.host is host]
