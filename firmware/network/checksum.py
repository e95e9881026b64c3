"""The Internet checksum (RFC 1071).

The ones' complement sum of 16-bit words equals the number that the bytes make, modulo 0xFFFF, which Python computes
at the speed of C.
"""

PROTOCOL_ICMP = 1
PROTOCOL_TCP = 6
PROTOCOL_UDP = 17


def ones_complement_sum(data: bytes | memoryview, start: int = 0) -> int:
    """Sum of the 16-bit words of `data` (zero-padded to an even length), folded to 16 bits, added to `start`."""
    total = int.from_bytes(data, "big")
    if len(data) & 1:
        total <<= 8
    total += start
    if total == 0:
        return 0
    return total % 0xFFFF or 0xFFFF


def checksum(data: bytes | memoryview, start: int = 0) -> int:
    """The checksum field for `data` (whose own field is zero). `start`: the sum of a pseudo-header.

    Over data that includes a correct field the result is 0.
    """
    return 0xFFFF - ones_complement_sum(data, start)


def pseudo_header_sum(source: bytes, destination: bytes, protocol: int, length: int) -> int:
    """Ones' complement sum of the IPv4 pseudo-header (RFC 9293 §3.1); length 0 gives what TSO hardware wants seeded."""
    total = int.from_bytes(source, "big") + int.from_bytes(destination, "big") + protocol + length
    return total % 0xFFFF or 0xFFFF
