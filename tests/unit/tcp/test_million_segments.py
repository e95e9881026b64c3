"""A million segments between two connections over a link that does all that a network may do to them.

Payload is taken from a pattern by its place in the stream, so that every byte delivered can be checked by itself.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from firmware.network.checksum import checksum
from firmware.tcp.config import TcpConfig
from firmware.tcp.connection import Connection
from firmware.tcp.events import Acknowledged, Closed, DataArrived, Error, PeerClosed
from firmware.tcp.segment import ACK, HEADER_BYTES, SYN, build_header, parse_header
from firmware.tcp.sequence import MASK
from firmware.tcp.states import State

MICROSECOND = 1_000
SEGMENT = 12 * MICROSECOND
"""Time on the wire between two segments of one end: a full frame at 1 Gb/s."""
PATTERN_BYTES = 65_521
PATTERN = memoryview(random.Random(65_521).randbytes(PATTERN_BYTES) * 2)
CHECKSUM_FIELD = slice(16, 18)


@dataclass(frozen=True)
class Path:
    """Probabilities per segment; times in ns. With reordering, a segment comes up to `reorder_delay` late."""

    drop: float = 0.01
    duplicate: float = 0.01
    reorder: float = 0.02
    corrupt: float = 0.005
    delay: int = 50 * MICROSECOND
    jitter: int = 5 * MICROSECOND
    reorder_delay: int = 300 * MICROSECOND


@dataclass(frozen=True)
class Case:
    """Settings of both ends and what the path does."""

    name: str
    config: TcpConfig
    path: Path = field(default_factory=Path)


CASES = (
    Case("as it comes", TcpConfig()),
    Case("no SACK, no timestamps", TcpConfig(sack=False, timestamps=False, congestion="reno")),
    Case("BIC, a large buffer", TcpConfig(congestion="bic", receive_buffer=1 << 20), Path(reorder=0.1)),
    Case("SACK without timestamps", TcpConfig(timestamps=False, hystart=False), Path(duplicate=0.1, jitter=0)),
    Case("unscaled small buffer", TcpConfig(window_scaling=False, receive_buffer=9_000), Path(drop=0.005)),
    Case("small segments", TcpConfig(mss=536, minshall=False, delayed_ack_segments=1), Path(corrupt=0.02)),
    Case("a far peer", TcpConfig(receive_buffer=1 << 20), Path(0.002, 0.002, 0.002, 0.001, 5_000 * MICROSECOND)),
    Case("a bad path", TcpConfig(), Path(drop=0.05, duplicate=0.05, reorder=0.2, corrupt=0.02)),
)


class End:
    """One connection, its application, and its end of the link."""

    def __init__(self, link: Link, config: TcpConfig, random_source: random.Random) -> None:
        self.link = link
        self.random = random_source
        # Sequence numbers and timestamps that wrap soon.
        self.connection = Connection(config, 0, iss=(1 << 32) - random_source.randrange(1, 1_000_000),
                                     ts_offset=(1 << 32) - random_source.randrange(1, 20_000))
        self.other = self
        self.free = 0
        self.sent = self.received = self.unread = self.acknowledged = 0
        self.peer_closed = self.closed = False
        self.edge = 0
        """The furthest that we have allowed the other end to send, as an offset into its stream."""

    def event(self, event: object, now: int) -> None:
        match event:
            case DataArrived(offset, payload):
                assert offset == self.received, "in order, once"
                place = offset % PATTERN_BYTES
                assert payload == PATTERN[place:place + len(payload)], f"other bytes than were sent at {offset}"
                self.received += len(payload)
                self.unread += len(payload)
                assert self.received <= self.other.sent
            case Acknowledged(offset):
                assert self.acknowledged <= offset <= self.other.received
                self.acknowledged = offset
            case PeerClosed(offset):
                assert offset == self.received == self.other.sent
                self.peer_closed = True
            case Error(number, fatal):
                assert not fatal, f"the connection failed with errno {number}"
            case Closed():
                self.closed = True

    def work(self, now: int) -> None:
        """The application reads and writes, mostly at once; then the connection sends."""
        connection = self.connection
        for event in connection.events():
            self.event(event, now)
        if self.unread and (self.random.random() < 0.8 or self.unread > 4_000):
            taken, self.unread = self.unread, 0
            connection.consumed(taken, now)
        if self.link.writing and self.sent - self.acknowledged < 100_000 and connection.state is State.ESTABLISHED:
            count = self.random.choice((1, 100, 1_460, 20_000, 60_000))
            self.sent += count
            connection.send(count, now, push=self.random.random() < 0.5)
        while (t := connection.poll_transmit(now, connection.negotiated.send_mss)) is not None:
            connection.transmitted(t, now)
            if t.length:
                assert t.length <= connection.negotiated.send_mss
                assert t.offset + t.length <= self.sent
                # One byte may be a probe of a closed window.
                assert t.offset + t.length <= max(self.other.edge, t.offset + 1), "more than the peer ever allowed"
            if t.flags & ACK:
                shift = 0 if t.flags & SYN else connection.negotiated.rcv_wind_shift
                taken = (t.ack - self.other.connection.iss - 1) & 0xFFFFFFFF
                self.edge = max(self.edge, taken + (t.window << shift))
            place = t.offset % PATTERN_BYTES
            self.link.carry(self, build_header(40_000, 5_001, t.seq, t.ack, t.flags, t.window, t.options),
                            PATTERN[place:place + t.length], now)


class Link:
    """Two ends and the path between them, in a time of their own."""

    def __init__(self, case: Case, seed: int) -> None:
        self.random = random.Random(seed)
        self.path = case.path
        self.done: Counter[str] = Counter()
        self.segments = 0
        self.writing = True
        self.now = 0
        self._serial = 0
        self._under_way: list[tuple[int, int, End, bytes, memoryview]] = []
        self.client, self.server = End(self, case.config, self.random), End(self, case.config, self.random)
        self.client.other, self.server.other = self.server, self.client
        self.server.connection.open_passive()
        self.client.connection.open_active(0)
        self.client.work(0)

    def carry(self, sender: End, header: bytes, payload: memoryview, now: int) -> None:
        self.segments += 1
        sender.free = max(sender.free, now) + (SEGMENT if payload else SEGMENT // 20)
        path, draw = self.path, self.random.random
        if draw() < path.drop:
            self.done["dropped"] += 1
            return
        if draw() < path.corrupt:
            self.done["corrupted"] += 1
            self._corrupt(header, payload)
            return
        copies = 1
        if draw() < path.duplicate:
            self.done["duplicated"] += 1
            copies = 2
        for _ in range(copies):
            arrival = sender.free + path.delay + int(draw() * path.jitter)
            if draw() < path.reorder:
                self.done["reordered"] += 1
                arrival += int(draw() * path.reorder_delay)
            self._serial += 1
            heapq.heappush(self._under_way, (arrival, self._serial, sender.other, header, payload))

    def _corrupt(self, header: bytes, payload: memoryview) -> None:
        """One bit falls over on the way: the checksum tells, and the segment never reaches a connection."""
        segment = bytearray(header + payload)
        segment[CHECKSUM_FIELD] = checksum(segment).to_bytes(2, "big")
        assert checksum(segment) == 0
        segment[self.random.randrange(len(segment))] ^= 1 << self.random.randrange(8)
        assert checksum(segment) != 0

    def step(self) -> None:
        """Up to the next arrival or deadline."""
        deadline, late = None, self.client
        for end in (self.client, self.server):
            due = end.connection.next_deadline()
            if due is not None and (deadline is None or due < deadline):
                deadline, late = due, end
        if self._under_way and (deadline is None or self._under_way[0][0] <= deadline):
            self.now, _, end, header, payload = heapq.heappop(self._under_way)
            assert len(header) >= HEADER_BYTES
            end.connection.segment_arrives(parse_header(header, 0, len(header) + len(payload)), payload, self.now)
            end.work(self.now)
        else:
            assert deadline is not None, f"nothing is under way at {self.now} ns"
            self.now = max(self.now, deadline)
            late.connection.timeout(self.now)
            late.work(self.now)

    def finish(self) -> None:
        """Both streams end, both ways, and the connections with them."""
        self.writing = False
        ends = self.client, self.server
        while not all(end.acknowledged == end.sent for end in ends):
            self._read_all()
            self.step()
        for end in ends:
            end.connection.close(self.now)
            end.work(self.now)
        while not all(end.closed for end in ends):
            self._read_all()
            self.step()
        for end in ends:
            assert end.peer_closed and end.received == end.other.sent
            assert end.connection.state is State.CLOSED
            assert end.connection.next_deadline() is None

    def _read_all(self) -> None:
        for end in (self.client, self.server):
            if end.unread:
                end.connection.consumed(end.unread, self.now)
                end.unread = 0
                end.work(self.now)


def carry_segments(case: Case, segments: int, seed: int) -> Link:
    link = Link(case, seed)
    while link.segments < segments:
        link.step()
    link.finish()
    assert link.client.connection.iss + link.client.sent > MASK or segments < 20_000, "sequence numbers have wrapped"
    for what in ("dropped", "corrupted", "duplicated", "reordered"):
        assert link.done[what], f"nothing was {what}"
    return link


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_some_thousand_segments_over_a_path_that_does_everything(case: Case) -> None:
    carry_segments(case, 3_000, seed=1)


@pytest.mark.nightly
def test_a_million_segments_over_paths_that_do_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Each settings in turn, again and again with another seed: 25 connections of 40,000 segments each."""
    total, done = 0, Counter()
    for seed in range(25):
        case = CASES[seed % len(CASES)]
        link = carry_segments(case, 40_000, seed)
        total += link.segments
        done += link.done
        with capsys.disabled():
            print(f"\n{total:9,} segments, {case.name}, seed {seed}: {link.client.received + link.server.received:,} "
                  f"bytes in {link.now / 1e9:.1f} s of simulated time", end="", flush=True)
    with capsys.disabled():
        print("\n" + ", ".join(f"{count:,} {what}" for what, count in sorted(done.items())))
    assert total >= 1_000_000
