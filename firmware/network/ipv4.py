"""IPv4 (RFC 791, RFC 1122): addresses, header parsing and building."""

import ipaddress
import struct

from .checksum import checksum

HEADER = struct.Struct("!BBHHHBBH4s4s")
HEADER_BYTES = 20
DONT_FRAGMENT = 0x4000
MORE_FRAGMENTS = 0x2000
DEFAULT_TTL = 64
LIMITED_BROADCAST = b"\xff" * 4


class MalformedPacket(ValueError):
    """A packet to be dropped; `counter` names the statistics counter."""

    def __init__(self, counter: str) -> None:
        super().__init__(counter)
        self.counter = counter


class Ipv4Header:
    """What the layers above need of a header; `payload` and `end` are positions in the frame."""

    __slots__ = ("destination", "ecn", "end", "fragment", "payload", "protocol", "source")

    def __init__(self, source: bytes, destination: bytes, protocol: int, payload: int, end: int,
                 ecn: int = 0, fragment: int = 0) -> None:
        self.source = source
        self.destination = destination
        self.protocol = protocol
        self.payload = payload
        self.end = end
        self.ecn = ecn
        """The low two bits of the TOS octet (RFC 3168 §5)."""
        self.fragment = fragment
        """Offset in units of 8 bytes and the bit "more fragments" (0x2000); 0 for a whole packet."""


def address(text: str | bytes) -> bytes:
    """'10.0.0.1' (or four bytes) as bytes; ValueError otherwise."""
    if isinstance(text, bytes | bytearray):
        if len(text) != 4:
            raise ValueError(f"not an IPv4 address: {text!r}")
        return bytes(text)
    return ipaddress.IPv4Address(text).packed


def parse_header(head: bytes, start: int, frame_bytes: int, verify: bool = True) -> Ipv4Header:
    """Parse the header at `start` of `head`; `frame_bytes` is the length of the whole frame. Raises MalformedPacket."""
    if len(head) < start + HEADER_BYTES:
        raise MalformedPacket("ip_header_truncated")
    version_ihl, tos, total, _, fragment, _, protocol, _, source, destination = HEADER.unpack_from(head, start)
    if version_ihl >> 4 != 4:
        raise MalformedPacket("ip_bad_version")
    header_bytes = (version_ihl & 15) * 4
    if header_bytes < HEADER_BYTES or total < header_bytes:
        raise MalformedPacket("ip_bad_header_length")
    if start + total > frame_bytes:
        raise MalformedPacket("ip_truncated")
    if start + header_bytes > len(head):
        raise MalformedPacket("ip_header_truncated")
    if verify and checksum(head[start:start + header_bytes]):
        raise MalformedPacket("ip_checksum_error")
    return Ipv4Header(source, destination, protocol, start + header_bytes, start + total, tos & 3, fragment & 0x3FFF)


def build_header(source: bytes, destination: bytes, protocol: int, payload_bytes: int, identification: int,
                 ttl: int = DEFAULT_TTL, tos: int = 0, fragment: int = DONT_FRAGMENT) -> bytes:
    """A header without options, with its checksum; `fragment` is the field with flags and offset."""
    head = HEADER.pack(0x45, tos, HEADER_BYTES + payload_bytes, identification & 0xFFFF, fragment, ttl, protocol,
                       0, source, destination)
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:]


def is_multicast(value: bytes) -> bool:
    """224.0.0.0/4."""
    return value[0] >> 4 == 0xE


class Network:
    """Our address, its prefix and the gateway: which addresses are ours, broadcast, or on the link."""

    __slots__ = ("_mask", "_prefix", "address", "broadcast", "gateway")

    def __init__(self, own: str | bytes, prefix_length: int = 24, gateway: str | bytes | None = None) -> None:
        if not 0 <= prefix_length <= 32:
            raise ValueError(f"prefix length {prefix_length} not in 0..32")
        self.address = address(own)
        self.gateway = None if gateway is None else address(gateway)
        self._mask = (0xFFFFFFFF << (32 - prefix_length)) & 0xFFFFFFFF
        self._prefix = int.from_bytes(self.address, "big") & self._mask
        host_bits = ~self._mask & 0xFFFFFFFF
        self.broadcast = (self._prefix | host_bits).to_bytes(4, "big") if prefix_length < 31 else LIMITED_BROADCAST

    def on_link(self, destination: bytes) -> bool:
        """Is it reached without the gateway?"""
        return int.from_bytes(destination, "big") & self._mask == self._prefix

    def next_hop(self, destination: bytes) -> bytes | None:
        """Whose MAC address a packet needs; None without a route."""
        return destination if self.on_link(destination) else self.gateway

    def is_broadcast(self, value: bytes) -> bool:
        """Limited or directed broadcast of our link."""
        return value == LIMITED_BROADCAST or value == self.broadcast

    def valid_peer(self, value: bytes) -> bool:
        """May it be the source of a packet to us, or the destination of a connection (MUST-46, MUST-57)?"""
        return not (value == self.address or value[0] in (0, 127) or value[0] >= 0xE0 or self.is_broadcast(value))
