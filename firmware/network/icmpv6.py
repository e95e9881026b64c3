"""ICMPv6 (RFC 4443): messages with their checksum, and what an error means to TCP."""

import errno
import struct

from .checksum import checksum, pseudo_header_sum
from .icmp import QuotedError
from .ipv6 import HEADER_BYTES as IP_HEADER_BYTES
from .ipv6 import ICMP, MINIMUM_MTU, TCP

DESTINATION_UNREACHABLE = 1
PACKET_TOO_BIG = 2
TIME_EXCEEDED = 3
PARAMETER_PROBLEM = 4
FIRST_INFORMATIONAL = 128
ECHO_REQUEST = 128
ECHO_REPLY = 129
ROUTER_SOLICITATION = 133
ROUTER_ADVERTISEMENT = 134
NEIGHBOR_SOLICITATION = 135
NEIGHBOR_ADVERTISEMENT = 136
REDIRECT = 137

PORT_UNREACHABLE = 4
REASSEMBLY_TIME_EXCEEDED = 1
HEADER_BYTES = 8

_UNREACHABLE_ERRNO = {0: errno.ENETUNREACH, 1: errno.EACCES, 2: errno.EHOSTUNREACH, 3: errno.EHOSTUNREACH,
                      4: errno.ECONNREFUSED, 5: errno.EACCES, 6: errno.EACCES}
_HARD_CODES = frozenset((1, 4))
"""Administratively prohibited and port unreachable (RFC 9293 §3.9.2.2, RFC 5461)."""


def sealed(message: bytes, source: bytes, destination: bytes) -> bytes:
    """`message` (checksum field zero) with its checksum (RFC 4443 §2.3)."""
    total = checksum(message, pseudo_header_sum(source, destination, ICMP, len(message)))
    return message[:2] + total.to_bytes(2, "big") + message[4:]


def is_intact(message: bytes, source: bytes, destination: bytes) -> bool:
    """Is its checksum right?"""
    return not checksum(message, pseudo_header_sum(source, destination, ICMP, len(message)))


def echo_reply(request: bytes) -> bytes:
    """The message that answers an echo request; not sealed."""
    return bytes((ECHO_REPLY, 0, 0, 0)) + request[4:]


def error(kind: int, code: int, argument: int, quoted_packet: bytes) -> bytes:
    """An error message that quotes as much as fits into the minimum MTU; not sealed."""
    return (struct.pack("!BBHI", kind, code, 0, argument)
            + quoted_packet[:MINIMUM_MTU - IP_HEADER_BYTES - HEADER_BYTES])


def parse_error(message: bytes) -> QuotedError | str:
    """An error (type 1 to 4); the name of a counter if it says nothing about a TCP segment of ours."""
    kind, code = message[0], message[1]
    quoted = message[HEADER_BYTES:]
    if len(quoted) < IP_HEADER_BYTES + 8 or quoted[0] >> 4 != 6:
        return "icmpv6_error_bad_quote"
    if quoted[6] != TCP:  # what we send has no extension headers
        return "icmpv6_error_not_tcp"
    source_port, destination_port, seq = struct.unpack_from("!HHI", quoted, IP_HEADER_BYTES)
    mtu = None
    hard = False
    if kind == DESTINATION_UNREACHABLE:
        if code not in _UNREACHABLE_ERRNO:
            return "icmpv6_error_unknown_code"
        number, hard = _UNREACHABLE_ERRNO[code], code in _HARD_CODES
    elif kind == PACKET_TOO_BIG:
        number, mtu = errno.EMSGSIZE, int.from_bytes(message[4:8], "big")
        if mtu < MINIMUM_MTU:  # RFC 8201 §4
            return "icmpv6_packet_too_big_below_minimum"
    elif kind == TIME_EXCEEDED:
        number = errno.EHOSTUNREACH
    elif kind == PARAMETER_PROBLEM:
        number = errno.EPROTO
        hard = code == 1  # unknown next header: like protocol unreachable
    else:
        return "icmpv6_error_unknown_type"
    return QuotedError(quoted[8:24], quoted[24:40], source_port, destination_port, seq, number, hard, mtu,
                       IP_HEADER_BYTES + (quoted[4] << 8 | quoted[5]))
