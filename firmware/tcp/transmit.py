"""One thing to send: a control segment, a data segment, or a run of data segments cut by TSO."""

from .segment import flag_names


class Transmit:
    """Header fields and the place of the payload in the stream.

    seq, ack: wire numbers (32 bits); window: the header field; options: padded bytes.
    offset, length: payload is bytes offset .. offset + length - 1 of our stream.
    mss: payload of one segment; length may be greater, then it leaves as several segments (TSO): flags FIN and PSH
    belong to the last of them, CWR to the first, the rest to all; seq grows by the payload.
    retransmission: the bytes were sent before. ecn: the two ECN bits of the IP header.
    urgent: the urgent pointer field; then it is one segment.
    """

    __slots__ = ("ack", "ecn", "flags", "length", "mss", "offset", "options", "retransmission", "seq", "urgent",
                 "window")

    def __init__(self, seq: int, ack: int, flags: int, window: int, options: bytes, offset: int, length: int, mss: int,
                 retransmission: bool, ecn: int = 0) -> None:
        self.seq = seq
        self.ack = ack
        self.flags = flags
        self.window = window
        self.options = options
        self.offset = offset
        self.length = length
        self.mss = mss
        self.retransmission = retransmission
        self.ecn = ecn
        self.urgent = 0

    @property
    def segments(self) -> int:
        """Number of segments on the wire."""
        return max(1, -(-self.length // self.mss))

    def __repr__(self) -> str:
        return (f"Transmit({flag_names(self.flags)} seq={self.seq} ack={self.ack} window={self.window} "
                f"offset={self.offset} length={self.length}{' again' if self.retransmission else ''})")
