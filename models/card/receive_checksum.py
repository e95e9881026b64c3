"""What the receiver finds of a frame's checksums: IPv4 header, TCP or UDP over IPv4 and IPv6, packet checksum.

No extension headers, no fragments, one VLAN tag allowed (82544 SDM 3.2.9).
"""

from __future__ import annotations

from typing import NamedTuple

from models.card.checksum import fold, ones_sum

_TCP = 6
_UDP = 17


class Verdict(NamedTuple):
    """None: not checked. `tagged`: there is a VLAN tag."""

    ip_good: bool | None
    tu_good: bool | None
    tagged: bool


def verify(frame: bytes, ip: bool = True, tu: bool = True) -> Verdict:
    """Look at a frame without its FCS; `ip` and `tu` say which checksums are asked for."""
    tagged = frame[12:14] == b"\x81\x00"
    if len(frame) < 56:  # the shortest frame without its tag
        return Verdict(None, None, tagged)
    first = 18 if tagged else 14
    ethertype = frame[first - 2 : first]
    version = frame[first] >> 4
    if ethertype == b"\x08\x00" and version == 4 and frame[first] & 15 >= 5:
        return _verify_ipv4(frame, first, tagged, ip, tu)
    if ethertype == b"\x86\xdd" and version == 6:
        start = first + 40
        end = start + int.from_bytes(frame[first + 4 : first + 6], "big")
        good = _verify_tu(frame, frame[first + 6], first + 8, start, end, False) if tu else None
        return Verdict(None, good, tagged)
    return Verdict(None, None, tagged)


def _verify_ipv4(frame: bytes, first: int, tagged: bool, ip: bool, tu: bool) -> Verdict:
    start = first + 4 * (frame[first] & 15)
    ip_good = ones_sum(frame[first:start]) == 0xFFFF if ip and start <= len(frame) else None
    fragment = int.from_bytes(frame[first + 6 : first + 8], "big") & 0x3FFF
    tu_good = None
    if tu and not fragment:
        end = first + int.from_bytes(frame[first + 2 : first + 4], "big")
        tu_good = _verify_tu(frame, frame[first + 9], first + 12, start, end, True)
    return Verdict(ip_good, tu_good, tagged)


def _verify_tu(frame: bytes, protocol: int, addresses: int, start: int, end: int, zero_allowed: bool) -> bool | None:
    """TCP or UDP from `start` to `end`, the addresses being the bytes from `addresses` (8 of IPv4, 32 of IPv6)."""
    length = end - start
    if end > len(frame) or length < (20 if protocol == _TCP else 8) or protocol not in (_TCP, _UDP):
        return None
    if protocol == _UDP:
        if int.from_bytes(frame[start + 4 : start + 6], "big") != length:
            return None
        if frame[start + 6 : start + 8] == b"\0\0":
            return None if zero_allowed else False
    pseudo = ones_sum(frame[addresses : addresses + (8 if zero_allowed else 32)])
    return fold(ones_sum(frame[start:end]) + pseudo + protocol + length) == 0xFFFF


def packet_checksum(frame: bytes, start: int) -> int:
    """Complement of the sum of a frame without FCS from `start` (RXCSUM.PCSS) on."""
    if start >= len(frame):
        return 0
    return ~(ones_sum(frame[start:]) or 0xFFFF) & 0xFFFF
