"""Cuts a TCP or UDP send into frames in plain Python: what the controller's segmentation is compared with."""

from __future__ import annotations

import struct
from dataclasses import dataclass


def ones_complement_sum(data: bytes) -> int:
    """16-bit one's-complement sum, big-endian halves (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum(data: bytes) -> int:
    return ones_complement_sum(data) ^ 0xFFFF


@dataclass(frozen=True)
class Headers:
    """Fields of a send's prototype header; `ip_options` and `tcp_options` are multiples of four bytes."""

    version: int = 4
    vlan: bool = False
    identification: int = 0x1234
    sequence: int = 0xFFFFF000
    flags: int = 0x18
    tcp: bool = True
    ip_options: bytes = b""
    tcp_options: bytes = b""

    @property
    def link(self) -> bytes:
        tag = bytes.fromhex("81000005") if self.vlan else b""
        kind = bytes.fromhex("0800" if self.version == 4 else "86dd")
        return bytes.fromhex("001b21000001001b21000002") + tag + kind

    @property
    def addresses(self) -> bytes:
        return bytes([10, 1, 2, 3, 10, 4, 5, 6]) if self.version == 4 else bytes(range(0x20, 0x40))

    @property
    def protocol(self) -> int:
        return 6 if self.tcp else 17

    def network(self, identification: int, length: int) -> bytes:
        """IP header for `length` bytes behind it; its checksum field is zero."""
        if self.version == 6:
            return struct.pack(">IHBB", 0x60000000, length, self.protocol, 64) + self.addresses
        words = 5 + len(self.ip_options) // 4
        return (
            struct.pack(">BBHHHBBH", 0x40 | words, 0, 4 * words + length, identification, 0x4000, 64, self.protocol, 0)
            + self.addresses
            + self.ip_options
        )

    def transport(self, sequence: int, flags: int, value: int, payload_length: int) -> bytes:
        """TCP or UDP header with this value in the checksum field."""
        if not self.tcp:
            return struct.pack(">HHHH", 4000, 5001, 8 + payload_length, value)
        words = 5 + len(self.tcp_options) // 4
        return (
            struct.pack(">HHIIBBHHH", 4000, 5001, sequence, 77, words << 4, flags, 0x8000, value, 0) + self.tcp_options
        )

    def pseudo(self, length: int) -> bytes:
        return self.addresses + struct.pack(">II", length, self.protocol)

    @property
    def prototype(self) -> bytes:
        """Header as a driver hands it over: no lengths, the pseudo-header's sum without length in the checksum."""
        network = self.network(self.identification, 0)
        at = 2 if self.version == 4 else 4
        network = network[:at] + b"\0\0" + network[at + 2 :]
        seed = ones_complement_sum(self.pseudo(0))
        transport = self.transport(self.sequence, self.flags, seed, 0)
        if not self.tcp:
            transport = transport[:4] + b"\0\0" + transport[6:]
        return self.link + network + transport

    def frame(self, index: int, offset: int, payload: bytes, first: bool, last: bool) -> bytes:
        """The frame of one segment, computed from scratch."""
        flags = self.flags
        if not last:
            flags &= ~0x09
        if not first:
            flags &= ~0x80
        sequence = (self.sequence + offset) & 0xFFFFFFFF
        bare = self.transport(sequence, flags, 0, len(payload)) + payload
        value = checksum(self.pseudo(len(bare)) + bare)
        if not self.tcp and value == 0:
            value = 0xFFFF
        network = self.network((self.identification + index) & 0xFFFF, len(bare))
        if self.version == 4:
            network = network[:10] + struct.pack(">H", checksum(network)) + network[12:]
        return self.link + network + self.transport(sequence, flags, value, len(payload)) + payload


def segment(headers: Headers, payload: bytes, mss: int) -> list[bytes]:
    """All frames of a send."""
    starts = range(0, len(payload), mss)
    return [
        headers.frame(n, at, payload[at : at + mss], n == 0, at + mss >= len(payload)) for n, at in enumerate(starts)
    ]
