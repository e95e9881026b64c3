"""Messages of neighbor discovery (RFC 4861 §4): parsing with the checks of §6.1 and §7.1, and building. Not sealed."""

import struct
from dataclasses import dataclass, field

from . import ipv6
from .icmpv6 import NEIGHBOR_ADVERTISEMENT, NEIGHBOR_SOLICITATION, ROUTER_SOLICITATION
from .ipv4 import MalformedPacket

SOURCE_ADDRESS, TARGET_ADDRESS, PREFIX, REDIRECTED, MTU = range(1, 6)
"""Options."""
HOP_LIMIT = 255
"""Of every such message: it has passed no router."""
INFINITE = 0xFFFFFFFF
_LEAST_BYTES = {133: 8, 134: 16, 135: 24, 136: 24, 137: 40}
_PREFIX_OPTION = struct.Struct("!BBII4x16s")


@dataclass(frozen=True)
class Prefix:
    """A prefix information option; lifetimes in seconds."""

    prefix: bytes
    length: int
    on_link: bool
    autonomous: bool
    valid: int
    preferred: int


@dataclass
class Options:
    """The options of one message that are understood."""

    source_mac: bytes | None = None
    target_mac: bytes | None = None
    mtu: int | None = None
    prefixes: list[Prefix] = field(default_factory=list)


def parse(message: bytes, ip: ipv6.Ipv6Header) -> Options:
    """The options of a message that passes the general checks; raises MalformedPacket."""
    kind = message[0]
    if ip.hop_limit != HOP_LIMIT:
        raise MalformedPacket("discovery_bad_hop_limit")
    if message[1]:
        raise MalformedPacket("discovery_bad_code")
    at = _LEAST_BYTES[kind]
    if len(message) < at:
        raise MalformedPacket("discovery_truncated")
    options = Options()
    while at < len(message):
        size = message[at + 1] * 8 if at + 2 <= len(message) else 0
        if not size or at + size > len(message):
            raise MalformedPacket("discovery_bad_option_length")
        _take(options, message[at:at + size])
        at += size
    return options


def _take(options: Options, option: bytes) -> None:
    kind = option[0]
    if kind in (SOURCE_ADDRESS, TARGET_ADDRESS) and len(option) == 8:
        mac = option[2:8]
        if mac[0] & 1 or not any(mac):
            raise MalformedPacket("discovery_bad_link_address")
        if kind == SOURCE_ADDRESS:
            options.source_mac = mac
        else:
            options.target_mac = mac
    elif kind == MTU and len(option) == 8:
        options.mtu = int.from_bytes(option[4:8], "big")
    elif kind == PREFIX and len(option) == 32:
        length, flags, valid, preferred, prefix = _PREFIX_OPTION.unpack(option[2:])
        if length <= 128 and not ipv6.is_link_local(prefix) and not ipv6.is_multicast(prefix):
            options.prefixes.append(Prefix(prefix, length, bool(flags & 0x80), bool(flags & 0x40), valid, preferred))


def _link_address(kind: int, mac: bytes) -> bytes:
    return bytes((kind, 1)) + mac


def neighbor_solicitation(target: bytes, source_mac: bytes | None) -> bytes:
    """§4.3; without a link-layer address for duplicate address detection."""
    option = _link_address(SOURCE_ADDRESS, source_mac) if source_mac is not None else b""
    return bytes((NEIGHBOR_SOLICITATION, 0, 0, 0, 0, 0, 0, 0)) + target + option


def neighbor_advertisement(target: bytes, mac: bytes, solicited: bool) -> bytes:
    """§4.4, from a host, with the override flag."""
    return (bytes((NEIGHBOR_ADVERTISEMENT, 0, 0, 0, 0x60 if solicited else 0x20, 0, 0, 0)) + target
            + _link_address(TARGET_ADDRESS, mac))


def router_solicitation(source_mac: bytes | None) -> bytes:
    """§4.1."""
    option = _link_address(SOURCE_ADDRESS, source_mac) if source_mac is not None else b""
    return bytes((ROUTER_SOLICITATION, 0, 0, 0, 0, 0, 0, 0)) + option
