"""The TCP header: parsing and building (RFC 9293 §3.1)."""

import struct

from .options import NO_OPTIONS, Options, parse_options

FIN = 0x01
SYN = 0x02
RST = 0x04
PSH = 0x08
ACK = 0x10
URG = 0x20
ECE = 0x40
CWR = 0x80

HEADER = struct.Struct("!HHIIBBHHH")
HEADER_BYTES = 20

_FLAG_NAMES = ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (PSH, "PSH"), (ACK, "ACK"), (URG, "URG"), (ECE, "ECE"),
               (CWR, "CWR"))


class MalformedSegment(ValueError):
    """A header that breaks the format; `counter` names the statistics counter of the drop."""

    def __init__(self, counter: str) -> None:
        super().__init__(counter)
        self.counter = counter


def flag_names(flags: int) -> str:
    """'SYN|ACK' and the like, for messages."""
    return "|".join(name for bit, name in _FLAG_NAMES if flags & bit) or "none"


class TcpHeader:
    """The fields of one header; `seq` and `ack` are 32-bit wire numbers, `header_bytes` is the data offset in bytes."""

    __slots__ = ("ack", "checksum", "destination_port", "ecn", "flags", "header_bytes", "options", "seq", "source_port",
                 "urgent", "window")

    def __init__(self, source_port: int, destination_port: int, seq: int, ack: int, flags: int, window: int,
                 options: Options = NO_OPTIONS, header_bytes: int = HEADER_BYTES, checksum: int = 0,
                 urgent: int = 0) -> None:
        self.source_port = source_port
        self.destination_port = destination_port
        self.seq = seq
        self.ack = ack
        self.flags = flags
        self.window = window
        self.options = options
        self.header_bytes = header_bytes
        self.checksum = checksum
        self.urgent = urgent
        self.ecn = 0
        """ECN bits of the IP header it came with."""

    def __repr__(self) -> str:
        return (f"TcpHeader({self.source_port}->{self.destination_port} {flag_names(self.flags)} seq={self.seq} "
                f"ack={self.ack} window={self.window})")


def parse_header(data: bytes, start: int = 0, segment_bytes: int | None = None) -> TcpHeader:
    """Parse the header at `start` of `data`; `segment_bytes` is header plus payload as IP has it.

    `data` need only reach through the header. Raises MalformedSegment.
    """
    if segment_bytes is None:
        segment_bytes = len(data) - start
    if segment_bytes < HEADER_BYTES or len(data) - start < HEADER_BYTES:
        raise MalformedSegment("tcp_header_truncated")
    source, destination, seq, ack, offset, flags, window, checksum, urgent = HEADER.unpack_from(data, start)
    header_bytes = (offset >> 4) * 4
    options = NO_OPTIONS
    if header_bytes != HEADER_BYTES:
        if header_bytes < HEADER_BYTES or header_bytes > segment_bytes:
            raise MalformedSegment("tcp_bad_data_offset")
        if header_bytes > len(data) - start:
            raise MalformedSegment("tcp_header_truncated")
        parsed = parse_options(data, start + HEADER_BYTES, start + header_bytes)
        if parsed is None:
            raise MalformedSegment("tcp_bad_option_length")
        options = parsed
    return TcpHeader(source, destination, seq, ack, flags, window, options, header_bytes, checksum, urgent)


def build_header(source_port: int, destination_port: int, seq: int, ack: int, flags: int, window: int,
                 options: bytes = b"", checksum: int = 0, urgent: int = 0) -> bytes:
    """Header bytes; `options` is already padded to a multiple of four."""
    return HEADER.pack(source_port, destination_port, seq, ack, (HEADER_BYTES + len(options)) << 2, flags, window,
                       checksum, urgent) + options
