"""Ethernet II headers."""

HEADER_BYTES = 14
MINIMUM_FRAME = 60
"""Without FCS; the MAC pads, software that makes complete frames need not."""

TYPE_IPV4 = 0x0800
TYPE_ARP = 0x0806
TYPE_IPV6 = 0x86DD

BROADCAST = b"\xff" * 6


def build_header(destination: bytes, source: bytes, ethertype: int) -> bytes:
    """The 14 header bytes."""
    return destination + source + ethertype.to_bytes(2, "big")


def mac(text: str | bytes) -> bytes:
    """'02:00:00:00:00:01' (or six bytes) as bytes; ValueError otherwise."""
    value = bytes.fromhex(text.replace(":", "").replace("-", "")) if isinstance(text, str) else bytes(text)
    if len(value) != 6:
        raise ValueError(f"not a MAC address: {text!r}")
    return value
