"""Sequence number arithmetic modulo 2**32 (RFC 9293 §3.4).

On the wire a sequence number is 32 bits and wraps. Inside a connection it is an *extended* number: an ordinary integer
whose low 32 bits are the wire's. `extend` makes one from the other, given a number that is known to be less than
2**31 away; afterwards comparisons are plain and no wrap can be forgotten.
"""

MASK = 0xFFFFFFFF


def difference(a: int, b: int) -> int:
    """a - b as a signed distance in -2**31 .. 2**31 - 1."""
    return (((a - b) & MASK) ^ 0x80000000) - 0x80000000


def extend(wire: int, near: int) -> int:
    """The extended number with the low 32 bits of `wire` that is closest to `near`."""
    return near + (((wire - near) & MASK) ^ 0x80000000) - 0x80000000


def less_than(a: int, b: int) -> bool:
    """a < b for 32-bit numbers less than 2**31 apart."""
    return difference(a, b) < 0
