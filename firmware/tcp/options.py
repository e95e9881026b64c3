"""TCP options: the codec, and what is negotiated with them (RFC 9293 §3.2).

Only the maximum segment size is negotiated so far. Window scale, timestamps and SACK belong here: their fields in
`Options`, their codec in `parse_options`, the offer in `syn_options` and the outcome in `Negotiated`.
"""

from dataclasses import dataclass

END_OF_LIST = 0
NO_OPERATION = 1
MAXIMUM_SEGMENT_SIZE = 2

DEFAULT_SEND_MSS = 536
"""IPv4, when the peer sends no MSS option (MUST-15)."""
MINIMUM_SEND_MSS = 64
"""A peer's MSS below this is raised to it, so that an absurd option cannot make us send one byte a segment."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one segment that we understand; None where absent."""

    mss: int | None = None


NO_OPTIONS = Options()


def parse_options(data: bytes, start: int, end: int) -> Options | None:
    """Parse data[start:end]. Unknown ones are skipped by length (MUST-6); None upon an illegal length (MUST-7)."""
    mss = None
    while start < end:
        kind = data[start]
        if kind == END_OF_LIST:
            break
        if kind == NO_OPERATION:
            start += 1
            continue
        if start + 1 >= end:
            return None
        length = data[start + 1]
        if length < 2 or start + length > end:
            return None
        if kind == MAXIMUM_SEGMENT_SIZE:
            if length != 4:
                return None
            mss = data[start + 2] << 8 | data[start + 3]
        start += length
    return Options(mss) if mss is not None else NO_OPTIONS


def pad(options: bytes) -> bytes:
    """Zero padding to a 32-bit boundary (MUST-69)."""
    return options + bytes(-len(options) % 4)


def syn_options(mss: int) -> bytes:
    """Options of our SYN or SYN-ACK."""
    return pad(bytes((MAXIMUM_SEGMENT_SIZE, 4, mss >> 8, mss & 0xFF)))


class Negotiated:
    """What both ends agreed on in their SYNs."""

    __slots__ = ("rcv_wind_shift", "segment_option_bytes", "send_mss", "snd_wind_shift")

    def __init__(self) -> None:
        self.send_mss = DEFAULT_SEND_MSS
        self.snd_wind_shift = 0
        self.rcv_wind_shift = 0
        self.segment_option_bytes = 0
        """Bytes of options in every segment after the SYN; they come off the segment's payload (MUST-16)."""

    def peer_syn(self, options: Options, link_mss: int) -> None:
        """Take the options of the peer's SYN; `link_mss` is the most that our side can send in a segment."""
        peer = DEFAULT_SEND_MSS if options.mss is None else max(options.mss, MINIMUM_SEND_MSS)
        self.send_mss = min(peer, link_mss) - self.segment_option_bytes

    def segment_options(self) -> bytes:
        """Options of every segment after the SYN."""
        return b""
