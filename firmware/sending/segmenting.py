"""Segments that the processor makes: the header of one, complete but for a checksum that hardware inserts."""

from __future__ import annotations

from firmware.network import ethernet
from firmware.network.checksum import PROTOCOL_TCP, checksum, pseudo_header_sum
from firmware.network.tcp_frame import TCP_CHECKSUM_OFFSET, FrameTransmit
from firmware.tcp import segment

_IPV6_HEADER_BYTES = 40


def complete_header(offer: FrameTransmit, payload: bytes | None) -> tuple[bytes, int]:
    """The header of `offer`, which is one segment, and where in it the TCP header begins.

    The TCP checksum is that of the segment with `payload`; with None it is the sum of the pseudo-header, from which
    hardware goes on.
    """
    tcp_header = segment.HEADER_BYTES + len(offer.transmit.options)
    start = offer.header_bytes - tcp_header
    ip_header = start - ethernet.HEADER_BYTES
    tcp_bytes = tcp_header + offer.length
    # IPv6 counts what follows its header, IPv4 the whole packet
    ip_length = tcp_bytes if ip_header == _IPV6_HEADER_BYTES else ip_header + tcp_bytes
    if payload is None:
        return offer.header(ip_length, ip_checksum=True, tcp_checksum=offer.tcp_seed(tcp_bytes)), start
    header = bytearray(offer.header(ip_length, ip_checksum=True))
    seed = pseudo_header_sum(offer.source, offer.destination, PROTOCOL_TCP, tcp_bytes)
    total = checksum(header[start:] + payload, seed)
    header[start + TCP_CHECKSUM_OFFSET : start + TCP_CHECKSUM_OFFSET + 2] = total.to_bytes(2, "big")
    return bytes(header), start
