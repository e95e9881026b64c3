"""One connection whose peer is the test itself, segment by segment."""

from typing import Any

from firmware.network.counters import Counters
from firmware.tcp import ACK, SYN, Connection, Event, State, TcpConfig, TcpHeader, Transmit
from firmware.tcp.options import Options

MS = 1_000_000
SECOND = 1_000_000_000
MASK = 0xFFFFFFFF


class Scripted:
    """Peer's numbers are relative: seq 1 is its first data byte, ack 1 acknowledges our SYN only."""

    def __init__(self, config: TcpConfig | None = None, iss: int = 0xFFFFF000, irs: int = 0x7FFFFF00,
                 peer_window: int = 65535, peer_mss: int | None = 1000, establish: bool = True) -> None:
        self.now = 0
        self.iss = iss
        self.irs = irs
        self.counters = Counters()
        self.window = peer_window
        self.connection = Connection(config or TcpConfig(), 0, iss, count=self.counters.count)
        self.seen: list[Event] = []
        if establish:
            self.connection.open_active(0)
            self.out()
            self.arrive(0, 1, SYN | ACK, options=Options(mss=peer_mss))
            self.out()
            assert self.connection.state is State.ESTABLISHED
            self.events()

    def arrive(self, seq: int, ack: int, flags: int = ACK, payload: Any = b"", window: int | None = None,
               options: Options | None = None) -> None:
        """A segment from the peer."""
        header = TcpHeader(80, 1025, (self.irs + seq) & MASK, (self.iss + ack) & MASK if flags & ACK else 0, flags,
                           self.window if window is None else window, options or Options())
        self.connection.segment_arrives(header, payload, self.now)

    def out(self, max_payload: int = 65535) -> list[Transmit]:
        """Everything the connection sends now."""
        sent = []
        while (transmit := self.connection.poll_transmit(self.now, max_payload)) is not None:
            self.connection.transmitted(transmit, self.now)
            sent.append(transmit)
            assert len(sent) < 1000, "the connection never stops sending"
        return sent

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
