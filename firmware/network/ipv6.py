"""IPv6 (RFC 8200, RFC 4291): addresses, header building, and the way through the extension headers."""

import hashlib
import ipaddress
import struct

from .ipv4 import MalformedPacket

HEADER = struct.Struct("!IHBB16s16s")
HEADER_BYTES = 40
DEFAULT_HOP_LIMIT = 64
MINIMUM_MTU = 1280
UNSPECIFIED = bytes(16)
LOOPBACK = bytes(15) + b"\x01"
ALL_NODES = bytes.fromhex("ff020000000000000000000000000001")
ALL_ROUTERS = bytes.fromhex("ff020000000000000000000000000002")
_SOLICITED_NODE = bytes.fromhex("ff0200000000000000000001ff")
_LINK_LOCAL = bytes.fromhex("fe80000000000000")

HOP_BY_HOP, TCP, UDP, ROUTING, FRAGMENT, AUTHENTICATION, ICMP, NO_NEXT_HEADER, DESTINATION_OPTIONS = (
    0, 6, 17, 43, 44, 51, 58, 59, 60)

MOST_EXTENSION_HEADERS = 16
"""A packet with more is dropped (RFC 8504 §5.3 lets a host limit them)."""

BAD_FIELD, UNKNOWN_NEXT_HEADER, UNKNOWN_OPTION, INCOMPLETE_HEADER_CHAIN = range(4)
"""Codes of "parameter problem" (RFC 4443 §3.4, RFC 7112 §5)."""


class ParameterProblem(MalformedPacket):
    """A packet to be dropped whose sender is told `code` and `pointer` (bytes from the start of the IPv6 header).

    even_to_group: it is told even if the packet came to a group (RFC 4443 §2.4 (e.3)).
    """

    def __init__(self, counter: str, code: int, pointer: int, even_to_group: bool = False) -> None:
        super().__init__(counter)
        self.code = code
        self.pointer = pointer
        self.even_to_group = even_to_group


class Ipv6Header:
    """What the layers above need of a packet; `payload` and `end` are positions in the frame.

    `protocol` is the header at `payload`, behind all extension headers. `fragment` is the position of the fragment
    header, where the walk ended if there is one; `next_field` the position of the field that names `protocol`.
    """

    __slots__ = ("destination", "ecn", "end", "fragment", "hop_limit", "next_field", "payload", "protocol", "source")

    def __init__(self, source: bytes, destination: bytes, protocol: int, payload: int, end: int, ecn: int,
                 hop_limit: int, next_field: int) -> None:
        self.source = source
        self.destination = destination
        self.protocol = protocol
        self.payload = payload
        self.end = end
        self.ecn = ecn
        self.hop_limit = hop_limit
        self.next_field = next_field
        self.fragment: int | None = None


def address(text: str | bytes) -> bytes:
    """'fe80::1' (or 16 bytes) as bytes; ValueError otherwise."""
    if isinstance(text, bytes | bytearray):
        if len(text) != 16:
            raise ValueError(f"not an IPv6 address: {text!r}")
        return bytes(text)
    return ipaddress.IPv6Address(text).packed


def is_multicast(value: bytes) -> bool:
    """ff00::/8."""
    return value[0] == 0xFF


def is_link_local(value: bytes) -> bool:
    """fe80::/10."""
    return value[0] == 0xFE and value[1] & 0xC0 == 0x80


def solicited_node(value: bytes) -> bytes:
    """The group in which the owner of an address is asked for its link-layer address (RFC 4291 §2.7.1)."""
    return _SOLICITED_NODE + value[13:]


def group_mac(group: bytes) -> bytes:
    """The Ethernet address of a multicast group (RFC 2464 §7)."""
    return b"\x33\x33" + group[12:]


def interface_identifier(mac: bytes) -> bytes:
    """Modified EUI-64 (RFC 4291 appendix A)."""
    return bytes((mac[0] ^ 2,)) + mac[1:3] + b"\xff\xfe" + mac[3:]


def link_local(mac: bytes) -> bytes:
    """The link-local address of an interface."""
    return _LINK_LOCAL + interface_identifier(mac)


def prefix_bits(value: bytes, length: int) -> int:
    """The first `length` bits."""
    return int.from_bytes(value, "big") >> (128 - length)


def parse_header(head: bytes, start: int, frame_bytes: int) -> Ipv6Header:
    """The fixed header at `start` of `head`; `frame_bytes` is the length of the whole frame. Raises MalformedPacket."""
    if len(head) < start + HEADER_BYTES:
        raise MalformedPacket("ipv6_header_truncated")
    first, length, protocol, hop_limit, source, destination = HEADER.unpack_from(head, start)
    if first >> 28 != 6:
        raise MalformedPacket("ipv6_bad_version")
    payload = start + HEADER_BYTES
    if payload + length > frame_bytes:
        raise MalformedPacket("ipv6_truncated")
    return Ipv6Header(source, destination, protocol, payload, payload + length, first >> 20 & 3, hop_limit, start + 6)


def walk(packet: bytes, ip: Ipv6Header, start: int) -> None:
    """Pass the extension headers (RFC 8200 §4) up to a fragment header or what is no extension header.

    `packet` begins with what is before `start`, where the IPv6 header begins. Raises MalformedPacket, and
    ParameterProblem where the sender is told.
    """
    for number in range(MOST_EXTENSION_HEADERS + 1):
        kind = ip.protocol
        if kind not in _EXTENSIONS:
            return
        if number == MOST_EXTENSION_HEADERS:
            raise MalformedPacket("ipv6_too_many_extension_headers")
        if kind == HOP_BY_HOP and number:
            raise ParameterProblem("ipv6_misplaced_hop_by_hop", UNKNOWN_NEXT_HEADER, ip.next_field - start)
        at = ip.payload
        if at + 8 > ip.end:
            raise MalformedPacket("ipv6_extension_header_truncated")
        if kind == FRAGMENT:
            ip.fragment = at
            return
        size = (packet[at + 1] + 2) * 4 if kind == AUTHENTICATION else (packet[at + 1] + 1) * 8
        if at + size > ip.end:
            raise MalformedPacket("ipv6_extension_header_truncated")
        if kind == ROUTING:
            if packet[at + 3]:  # segments left: we are no router, and type 0 is deprecated (RFC 5095)
                raise ParameterProblem("ipv6_routing_header", BAD_FIELD, at + 2 - start)
        elif kind != AUTHENTICATION:
            _options(packet, at + 2, at + size, start)
        ip.protocol = packet[at]
        ip.next_field = at
        ip.payload = at + size


_EXTENSIONS = frozenset((HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS))


def _options(packet: bytes, at: int, end: int, start: int) -> None:
    """Options of a hop-by-hop or destination options header: known are only Pad1 and PadN."""
    while at < end:
        kind = packet[at]
        if kind == 0:
            at += 1
            continue
        if at + 2 > end or at + 2 + packet[at + 1] > end:
            raise ParameterProblem("ipv6_bad_option_length", BAD_FIELD, at - start)
        action = kind >> 6
        if action == 1:
            raise MalformedPacket("ipv6_unknown_option")
        if action > 1:
            raise ParameterProblem("ipv6_unknown_option", UNKNOWN_OPTION, at - start, even_to_group=action == 2)
        at += 2 + packet[at + 1]


def fragments(kind: int, message: bytes, most: int, identification: int) -> list[bytes]:
    """Payloads of packets of the type FRAGMENT, of at most `most` bytes, that carry a message of type `kind`."""
    size = most - 8 & ~7
    return [struct.pack("!BBHI", kind, 0, start | (start + size < len(message)), identification)
            + message[start:start + size] for start in range(0, len(message), size)]


def build_header(source: bytes, destination: bytes, protocol: int, payload_bytes: int,
                 hop_limit: int = DEFAULT_HOP_LIMIT, traffic_class: int = 0, flow_label: int = 0) -> bytes:
    """A header without extension headers."""
    return HEADER.pack(6 << 28 | traffic_class << 20 | flow_label, payload_bytes, protocol, hop_limit, source,
                       destination)


def flow_label(secret: bytes, key: bytes) -> int:
    """That of a connection (RFC 6437 §3): 20 bits that tell nothing; `key` identifies the 4-tuple."""
    digest = hashlib.blake2s(key, key=secret[:32], digest_size=4, person=b"flow").digest()
    return int.from_bytes(digest, "big") & 0xFFFFF or 1
