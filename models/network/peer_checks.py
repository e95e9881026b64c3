"""Checks of frames that a peer makes for itself, whatever its stack does: checksums of IPv4, TCP, UDP and ICMP."""

from __future__ import annotations

import struct

_IPV4, _IPV6 = 0x0800, 0x86DD
_TCP, _UDP = 6, 17
_ICMP, _ICMP6 = 1, 58
_NAMES = {_TCP: "tcp", _UDP: "udp", _ICMP: "icmp", _ICMP6: "icmp6"}


def _is_zero(data: bytes) -> bool:
    """Is the one's complement sum of `data` all ones (RFC 1071)? Data that is zero throughout does not occur."""
    return int.from_bytes(data if len(data) % 2 == 0 else data + b"\0", "big") % 0xFFFF == 0


def checksum_fault(frame: bytes) -> str | None:
    """Name of the protocol whose checksum is wrong in `frame` (without FCS); None if none is, or none is known."""
    ethertype = int.from_bytes(frame[12:14], "big")
    if ethertype == _IPV4 and len(frame) >= 34:
        header = (frame[14] & 15) * 4
        total = int.from_bytes(frame[16:18], "big")
        if not _is_zero(frame[14 : 14 + header]):
            return "ip"
        if int.from_bytes(frame[20:22], "big") & 0x3FFF or total > len(frame) - 14:
            return None  # a fragment; or cut short, which the stack sees
        protocol, addresses, upper = frame[23], frame[26:34], frame[14 + header : 14 + total]
    elif ethertype == _IPV6 and len(frame) >= 54:
        protocol, addresses = frame[20], frame[22:54]
        upper = frame[54 : 54 + int.from_bytes(frame[18:20], "big")]
    else:
        return None
    if protocol not in _NAMES or (protocol == _UDP and upper[6:8] == b"\0\0"):
        return None
    pseudo = b"" if protocol == _ICMP else addresses + struct.pack(">II", len(upper), protocol)
    return None if _is_zero(pseudo + upper) else _NAMES[protocol]
