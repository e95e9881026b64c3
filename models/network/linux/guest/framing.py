"""Calls and their answers between simulation and guest: one Ethernet frame each, on an interface of their own.

Standard library only: the guest's side imports it as well.
"""

import json
import struct

ETHERTYPE = 0x88B5
"""For local experiments (IEEE 802 §9.2.3)."""
SIMULATION, GUEST = b"\x02\x00\x00\x00\x01\x00", b"\x02\x00\x00\x00\x01\x01"
"""MAC addresses of the two ends."""
MTU = 16384
"""So long that a piece of data goes in one frame, so short that the guest has room for it in one piece of memory."""
PIECE_BYTES = 12288
"""Most data in one call or answer."""
_LENGTHS = struct.Struct("!HI")
"""Of the words and of the data."""
HEADER_BYTES = 14 + _LENGTHS.size


def pack(source: bytes, destination: bytes, words: dict, data: bytes = b"") -> bytes:
    """A frame without FCS: what is said, and data that belong to it."""
    text = json.dumps(words, separators=(",", ":")).encode()
    return destination + source + ETHERTYPE.to_bytes(2, "big") + _LENGTHS.pack(len(text), len(data)) + text + data


def unpack(frame: bytes) -> "tuple[dict, bytes] | None":
    """What is said and its data; None for a frame that is not ours."""
    if len(frame) < HEADER_BYTES or int.from_bytes(frame[12:14], "big") != ETHERTYPE:
        return None
    words, data = _LENGTHS.unpack_from(frame, 14)
    end = HEADER_BYTES + words
    return json.loads(frame[HEADER_BYTES:end]), frame[end : end + data]
