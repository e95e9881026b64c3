"""TCP in IPv4 or IPv6 in Ethernet: headers for segmentation hardware, and complete frames made in software."""

from ..tcp import segment
from . import ethernet, ipv4, ipv6
from .checksum import PROTOCOL_TCP, checksum, pseudo_header_sum

TCP_CHECKSUM_OFFSET = 16
"""Place of the checksum field in the TCP header."""


class FrameTransmit:
    """Something for Ethernet: a complete frame, or TCP payload with the fields of its headers.

    kind: 'tcp', 'arp', 'neighbor' (its discovery over IPv6), 'icmp' or 'reset' (a RST of no connection).
    frame: the complete frame if there is no payload (pure ACK, SYN, RST, ARP, ICMP), else None.
    connection, transmit: the connection and its Transmit for kind 'tcp', else None.
    offset, length: payload, bytes of the connection's stream; mss: payload of one frame; retransmission: sent before.
    source_mac, destination_mac, source, destination, source_port, destination_port, identification, ttl, dscp (in its
    place in the octet), flow_label: header fields. Addresses of 4 bytes are IPv4's, of 16 bytes IPv6's.
    """

    __slots__ = ("connection", "destination", "destination_mac", "destination_port", "dscp", "flow_label", "frame",
                 "identification", "kind", "length", "mss", "offset", "retransmission", "source", "source_mac",
                 "source_port", "transmit", "ttl")

    def __init__(self, kind: str, frame: bytes | None = None) -> None:
        self.kind = kind
        self.frame = frame
        self.connection = None
        self.transmit = None
        self.offset = self.length = self.mss = 0
        self.retransmission = False

    @property
    def segments(self) -> int:
        """Frames on the wire."""
        return 1 if self.transmit is None else self.transmit.segments

    def header(self, ip_length: int = 0, ip_checksum: bool = False, tcp_checksum: int = 0) -> bytes:
        """Ethernet, IP and TCP header as the prototype of the segments to be cut.

        Fields that hardware fills per segment are as given: the IP length, IPv4's checksum (zero unless wanted) and
        the TCP checksum (`tcp_seed()` where the hardware starts from the pseudo-header's sum).
        """
        t = self.transmit
        if len(self.source) == 16:
            kind = ethernet.TYPE_IPV6
            ip = ipv6.build_header(self.source, self.destination, PROTOCOL_TCP, ip_length, self.ttl, self.dscp | t.ecn,
                                   self.flow_label)
        else:
            kind = ethernet.TYPE_IPV4
            ip = ipv4.HEADER.pack(0x45, self.dscp | t.ecn, ip_length, self.identification, ipv4.DONT_FRAGMENT,
                                  self.ttl, PROTOCOL_TCP, 0, self.source, self.destination)
            if ip_checksum:
                ip = ip[:10] + checksum(ip).to_bytes(2, "big") + ip[12:]
        return (ethernet.build_header(self.destination_mac, self.source_mac, kind) + ip
                + segment.build_header(self.source_port, self.destination_port, t.seq, t.ack, t.flags, t.window,
                                       t.options, tcp_checksum, t.urgent))

    def tcp_seed(self, tcp_length: int = 0) -> int:
        """Ones' complement sum of the pseudo-header; with length 0 as TSO wants it, else for one segment."""
        return pseudo_header_sum(self.source, self.destination, PROTOCOL_TCP, tcp_length)

    @property
    def header_bytes(self) -> int:
        """Bytes of the three headers."""
        return ethernet.HEADER_BYTES + self.ip_header_bytes + segment.HEADER_BYTES + len(self.transmit.options)

    @property
    def ip_header_bytes(self) -> int:
        """Bytes of the IP header; it has neither options nor extension headers."""
        return ipv6.HEADER_BYTES if len(self.source) == 16 else ipv4.HEADER_BYTES


def build_frame(destination_mac: bytes, source_mac: bytes, source: bytes, destination: bytes, source_port: int,
                destination_port: int, seq: int, ack: int, flags: int, window: int, options: bytes = b"",
                payload: bytes | memoryview = b"", identification: int = 0, tos: int = 0,
                urgent: int = 0, ttl: int = ipv4.DEFAULT_TTL, flow_label: int = 0) -> bytes:
    """One complete frame with both checksums, without FCS and padding."""
    length = segment.HEADER_BYTES + len(options) + len(payload)
    tcp = bytearray(segment.build_header(source_port, destination_port, seq, ack, flags, window, options,
                                         urgent=urgent))
    tcp += payload
    total = checksum(tcp, pseudo_header_sum(source, destination, PROTOCOL_TCP, length))
    tcp[TCP_CHECKSUM_OFFSET] = total >> 8
    tcp[TCP_CHECKSUM_OFFSET + 1] = total & 0xFF
    if len(source) == 16:
        return (ethernet.build_header(destination_mac, source_mac, ethernet.TYPE_IPV6)
                + ipv6.build_header(source, destination, PROTOCOL_TCP, length, ttl, tos, flow_label) + tcp)
    return (ethernet.build_header(destination_mac, source_mac, ethernet.TYPE_IPV4)
            + ipv4.build_header(source, destination, PROTOCOL_TCP, length, identification, ttl, tos) + tcp)


def segment_in_software(frame: FrameTransmit, payload: bytes | memoryview = b"") -> list[bytes]:
    """The complete frames of one transmit; `payload` is its `length` bytes of the stream."""
    if frame.frame is not None:
        return [frame.frame]
    t = frame.transmit
    if len(payload) != t.length:
        raise ValueError(f"payload of {len(payload)} bytes for a transmit of {t.length}")
    frames = []
    view = memoryview(payload)
    last_only = segment.FIN | segment.PSH
    for index, start in enumerate(range(0, t.length, t.mss)):
        flags = t.flags if start + t.mss >= t.length else t.flags & ~last_only
        if index:
            flags &= ~segment.CWR
        frames.append(build_frame(
            frame.destination_mac, frame.source_mac, frame.source, frame.destination, frame.source_port,
            frame.destination_port, (t.seq + start) & 0xFFFFFFFF, t.ack, flags, t.window, t.options,
            view[start:start + t.mss], frame.identification + index, frame.dscp | t.ecn, t.urgent,
            frame.ttl, frame.flow_label))
    return frames
