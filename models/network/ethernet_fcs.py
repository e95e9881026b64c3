"""Frame check sequence and padding of Ethernet frames (IEEE 802.3 §3.2.8, §3.2.9)."""

from __future__ import annotations

import zlib

MIN_FRAME_BYTES = 60
"""Shortest frame without FCS."""
FCS_BYTES = 4
RESIDUE = 0x2144DF1C
"""CRC of every frame with its right FCS."""
OVERHEAD_BYTES = 8 + 12
"""Preamble with SFD, and inter-frame gap."""


class FcsError(ValueError):
    """A frame whose FCS does not match."""


def fcs(frame: bytes) -> bytes:
    """The four bytes that follow `frame` on the wire."""
    return zlib.crc32(frame).to_bytes(4, "little")


def pad(frame: bytes) -> bytes:
    """Zeros up to the shortest frame."""
    return frame if len(frame) >= MIN_FRAME_BYTES else frame + bytes(MIN_FRAME_BYTES - len(frame))


def with_fcs(frame: bytes) -> bytes:
    """A frame as it goes on the wire: padded, FCS appended."""
    padded = pad(frame)
    return padded + fcs(padded)


def is_good(frame: bytes) -> bool:
    """Does a frame with FCS have the right one, and the least length?"""
    return len(frame) >= MIN_FRAME_BYTES + FCS_BYTES and zlib.crc32(frame) == RESIDUE


def without_fcs(frame: bytes) -> bytes:
    """Raises FcsError for a damaged or short frame."""
    if not is_good(frame):
        raise FcsError(f"damaged frame of {len(frame)} bytes")
    return frame[:-FCS_BYTES]


def wire_bytes(frame_with_fcs: bytes) -> int:
    """What the frame takes of the wire, preamble and gap included."""
    return len(frame_with_fcs) + OVERHEAD_BYTES
