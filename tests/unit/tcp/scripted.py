"""One connection whose peer is the test itself, segment by segment."""

from typing import Any

from firmware.network.counters import Counters
from firmware.tcp import ACK, SYN, Connection, Event, State, TcpConfig, TcpHeader, Transmit
from firmware.tcp.options import Options, parse_options

MS = 1_000_000
SECOND = 1_000_000_000
MASK = 0xFFFFFFFF
PEER_TS = 0xFFFFFF00
"""The peer's first timestamp, soon to wrap."""


class Scripted:
    """Peer's numbers are relative: seq 1 is its first data byte, ack 1 acknowledges our SYN only."""

    def __init__(self, config: TcpConfig | None = None, iss: int = 0xFFFFF000, irs: int = 0x7FFFFF00,
                 peer_window: int = 65535, peer_mss: int | None = 1000, establish: bool = True,
                 peer_options: Options | None = None) -> None:
        """`peer_options` replace those of the peer's SYN-ACK, which has only the MSS; with a timestamp there, every
        segment of the peer has the time as its timestamp, and echoes `ts_ecr` or our last."""
        self.now = 0
        self.timestamps = peer_options is not None and peer_options.ts_val is not None
        self.ts_ecr: int | None = None
        self.our_ts = 0
        self.iss = iss
        self.irs = irs
        self.counters = Counters()
        self.window = peer_window
        self.connection = Connection(config or TcpConfig(), 0, iss, count=self.counters.count, ts_offset=1000)
        self.seen: list[Event] = []
        if establish:
            self.connection.open_active(0)
            self.out()
            self.arrive(0, 1, SYN | ACK, options=peer_options or Options(mss=peer_mss))
            self.out()
            assert self.connection.state is State.ESTABLISHED
            self.events()

    def arrive(self, seq: int, ack: int, flags: int = ACK, payload: Any = b"", window: int | None = None,
               options: Options | None = None, ecn: int = 0, urgent: int = 0) -> None:
        """A segment from the peer."""
        if options is None and self.timestamps:
            options = Options(ts_val=self.peer_ts(), ts_ecr=self.our_ts if self.ts_ecr is None else self.ts_ecr)
        header = TcpHeader(80, 1025, (self.irs + seq) & MASK, (self.iss + ack) & MASK if flags & ACK else 0, flags,
                           self.window if window is None else window, options or Options(), urgent=urgent)
        header.ecn = ecn
        self.connection.segment_arrives(header, payload, self.now)

    def out(self, max_payload: int = 65535) -> list[Transmit]:
        """Everything the connection sends now."""
        sent = []
        while (transmit := self.connection.poll_transmit(self.now, max_payload)) is not None:
            self.connection.transmitted(transmit, self.now)
            sent.append(transmit)
            self.our_ts = self.options(transmit).ts_val or 0
            assert len(sent) < 1000, "the connection never stops sending"
        return sent

    def peer_ts(self) -> int:
        """The peer's timestamp clock, 1 ms."""
        return (PEER_TS + self.now // MS) & MASK

    @staticmethod
    def options(transmit: Transmit) -> Options:
        """The options of what was sent."""
        parsed = parse_options(transmit.options, 0, len(transmit.options))
        assert parsed is not None and len(transmit.options) % 4 == 0
        return parsed

    def advance(self, duration: int) -> None:
        """Time passes; deadlines on the way are served, what they send is in the result of the next `out`."""
        self.now += duration
        self.connection.timeout(self.now)

    def to_deadline(self) -> int:
        """Time passes up to the next deadline; returns how long that took."""
        deadline = self.connection.next_deadline()
        assert deadline is not None, "no deadline is set"
        waited = deadline - self.now
        self.advance(waited)
        return waited

    def events(self) -> list[Event]:
        """Events since the last call."""
        return self.connection.events()

    def seq(self, transmit: Transmit) -> int:
        """Relative sequence number of what was sent."""
        return (transmit.seq - self.iss) & MASK

    def ack(self, transmit: Transmit) -> int:
        """Relative acknowledgment number of what was sent."""
        return (transmit.ack - self.irs) & MASK
