"""Frames for the tests of this folder, built with scapy."""

import struct
import zlib

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw


def with_fcs(frame: bytes) -> bytes:
    padded = frame.ljust(60, b"\0")
    return padded + struct.pack("<I", zlib.crc32(padded))


def segment(payload: bytes = b"payload", port: int = 5001) -> bytes:
    """A TCP segment in an Ethernet frame with FCS."""
    packet = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="10.0.0.1", dst="10.0.0.2")
    return with_fcs(bytes(packet / TCP(sport=40000, dport=port, seq=1, flags="PA") / Raw(payload)))


def flipped(frame: bytes, byte: int) -> bytes:
    """The frame with one bit changed and its FCS left as it was."""
    changed = bytearray(frame)
    changed[byte] ^= 1
    return bytes(changed)


def flipped_before_fcs(frame: bytes, byte: int) -> bytes:
    """The frame with one bit changed and the FCS right again."""
    return with_fcs(flipped(frame, byte)[:-4])
