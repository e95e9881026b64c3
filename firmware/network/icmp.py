"""ICMP (RFC 792, RFC 1122 §3.2.2): echo reply, destination unreachable, and what an error means to TCP."""

import errno
import struct
from dataclasses import dataclass

from .checksum import checksum

ECHO_REPLY = 0
DESTINATION_UNREACHABLE = 3
SOURCE_QUENCH = 4
REDIRECT = 5
ECHO_REQUEST = 8
TIME_EXCEEDED = 11
PARAMETER_PROBLEM = 12

PROTOCOL_UNREACHABLE = 2
PORT_UNREACHABLE = 3
FRAGMENTATION_NEEDED = 4
REASSEMBLY_TIME_EXCEEDED = 1

HEADER_BYTES = 8
QUOTED_BYTES = 28
"""IP header without options and 64 bits: what an error quotes at least."""

ERROR_TYPES = frozenset((DESTINATION_UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM))

_UNREACHABLE_ERRNO = {
    0: errno.ENETUNREACH, 1: errno.EHOSTUNREACH, 2: errno.ENOPROTOOPT, 3: errno.ECONNREFUSED, 5: errno.EHOSTUNREACH,
    6: errno.ENETUNREACH, 7: errno.EHOSTUNREACH, 9: errno.ENETUNREACH, 10: errno.EHOSTUNREACH, 11: errno.ENETUNREACH,
    12: errno.EHOSTUNREACH, 13: errno.EHOSTUNREACH,
}
_HARD_CODES = frozenset((2, 3))
"""Protocol and port unreachable (RFC 1122 §4.2.3.9; code 4 is path MTU discovery's)."""


@dataclass(frozen=True, slots=True)
class QuotedError:
    """An error about a TCP segment of ours. `mtu` is set for fragmentation needed (0 if the router did not say)."""

    source: bytes
    destination: bytes
    source_port: int
    destination_port: int
    seq: int
    error: int
    hard: bool
    mtu: int | None = None
    packet_bytes: int = 0
    """Length of the packet that is quoted."""


def echo_reply(request: bytes) -> bytes:
    """The ICMP message that answers an echo request."""
    body = bytes((ECHO_REPLY, 0, 0, 0)) + request[4:]
    return body[:2] + checksum(body).to_bytes(2, "big") + body[4:]


def error(kind: int, code: int, quoted_packet: bytes) -> bytes:
    """An error message that quotes the packet (RFC 1812: as much as fits into 576 bytes)."""
    body = bytes((kind, code)) + bytes(6) + quoted_packet[:576 - 20 - HEADER_BYTES]
    return body[:2] + checksum(body).to_bytes(2, "big") + body[4:]


def parse_error(message: bytes) -> QuotedError | str:
    """An ICMP error (type 3, 4, 11, 12); the name of a counter if it says nothing about a TCP segment of ours."""
    if len(message) < HEADER_BYTES + QUOTED_BYTES:
        return "icmp_error_truncated"
    kind, code = message[0], message[1]
    quoted = message[HEADER_BYTES:]
    header_bytes = (quoted[0] & 15) * 4
    if quoted[0] >> 4 != 4 or header_bytes < 20 or len(quoted) < header_bytes + 8:
        return "icmp_error_bad_quote"
    if quoted[9] != 6:
        return "icmp_error_not_tcp"
    source_port, destination_port, seq = struct.unpack_from("!HHI", quoted, header_bytes)
    mtu = None
    hard = False
    if kind == DESTINATION_UNREACHABLE:
        if code == FRAGMENTATION_NEEDED:
            mtu = message[6] << 8 | message[7]
            error = errno.EMSGSIZE
        elif code in _UNREACHABLE_ERRNO:
            error = _UNREACHABLE_ERRNO[code]
            hard = code in _HARD_CODES
        else:
            return "icmp_error_unknown_code"
    elif kind == TIME_EXCEEDED:
        error = errno.EHOSTUNREACH
    elif kind == PARAMETER_PROBLEM:
        error = errno.EPROTO
    elif kind == REDIRECT:
        error = 0
    else:
        return "icmp_source_quench_ignored"  # MUST-55
    return QuotedError(quoted[12:16], quoted[16:20], source_port, destination_port, seq, error, hard, mtu,
                       quoted[2] << 8 | quoted[3])
