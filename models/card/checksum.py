"""One's-complement sums of 16-bit words (RFC 1071)."""

from __future__ import annotations


def ones_sum(data: bytes) -> int:
    """Folded sum of the big-endian 16-bit words; an odd last byte is the high half of a word.

    2^16 is 1 modulo 65535, so the remainder of the whole number is the folded sum; a sum that is not zero and leaves
    no remainder is FFFF.
    """
    value = int.from_bytes(data, "big")
    if len(data) & 1:
        value <<= 8
    return value % 0xFFFF or (0xFFFF if value else 0)


def fold(value: int) -> int:
    """Fold a sum of folded sums."""
    return value % 0xFFFF or (0xFFFF if value else 0)
