"""Which of two queue sets a received frame is for (hdl/ethernet/receive_steering.v and steering_rule.v)."""

from __future__ import annotations

from firmware.registers import ethernet
from models.card.ethernet_wire import TAG_BYTES, Arrival

OWNER_TOE, OWNER_NIC = 0, 1
_CONTROL_BITS = (
    ethernet.STEERING_OWNER | ethernet.STEERING_DEFAULT | ethernet.STEERING_BROADCAST | ethernet.STEERING_MULTICAST
)
_RULE_WORDS = ethernet.RULE_STRIDE // 4
_RULE_MASKS = {
    ethernet.RULE_MAC_HIGH: 0xFFFF,
    ethernet.RULE_TYPE: ethernet.RULE_TYPE_TYPE | ethernet.RULE_TYPE_PROTOCOL,
    **{ethernet.RULE_BASE + 4 * word: 0 for word in (5, 6, 7)},
}
_HEAD_BYTES = 56
"""A frame that has no more bytes has no headers."""
_TCP, _UDP = 6, 17


class _Headers:
    """What rules look at; addresses of IPv4 are followed by zeros."""

    def __init__(self, plain: bytes, tag_inside: bool) -> None:
        body = plain[12 + (TAG_BYTES if tag_inside else 0) :]
        packet = body[2:]
        self.destination_mac = plain[:6]
        self.ethertype = int.from_bytes(body[:2], "big")
        self.protocol: int | None = None
        self.source = self.destination = b""
        self.ports: bytes | None = None
        version = packet[0] >> 4
        if self.ethertype == 0x0800 and version == 4:
            self.protocol = packet[9]
            self.source, self.destination = packet[12:16] + bytes(12), packet[16:20] + bytes(12)
            if packet[0] & 15 == 5 and not int.from_bytes(packet[6:8], "big") & 0x3FFF:
                self.ports = packet[20:24]
        elif self.ethertype == 0x86DD and version == 6:
            self.protocol = packet[6]
            self.source, self.destination = packet[8:24], packet[24:40]
            self.ports = packet[40:44]
        if self.protocol not in (_TCP, _UDP):
            self.ports = None


class ReceiveSteering:
    """Registers STEERING and RULE."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._control = 0
        self._rules = [0] * (ethernet.RULE_COUNT * _RULE_WORDS)

    @property
    def host_enabled(self) -> bool:
        """The host has a part in the wire."""
        return self._owner != OWNER_TOE

    @property
    def _owner(self) -> int:
        return self._control & ethernet.STEERING_OWNER

    def has(self, offset: int) -> bool:
        return offset == ethernet.STEERING or 0 <= offset - ethernet.RULE_BASE < 4 * len(self._rules)

    def read(self, offset: int) -> int:
        return self._control if offset == ethernet.STEERING else self._rules[offset - ethernet.RULE_BASE >> 2]

    def write(self, offset: int, value: int) -> None:
        if offset == ethernet.STEERING:
            self._control = value & _CONTROL_BITS
            return
        place = offset - ethernet.RULE_BASE
        mask = _RULE_MASKS.get(ethernet.RULE_BASE + place % ethernet.RULE_STRIDE, 0xFFFF_FFFF)
        self._rules[place >> 2] = value & mask

    def sets_of(self, arrival: Arrival) -> tuple[bool, bool]:
        """Whether the frame is for set 0, and for set 1."""
        owner = self._owner
        if owner in (OWNER_TOE, OWNER_NIC):
            return owner == OWNER_TOE, owner == OWNER_NIC
        plain = arrival.plain
        if plain[0] & 1:
            both = ethernet.STEERING_BROADCAST if plain[:6] == b"\xff" * 6 else ethernet.STEERING_MULTICAST
            if self._control & both:
                return True, True
        chosen = self._choose(plain, arrival.tag is not None and not arrival.stripped)
        return not chosen, bool(chosen)

    def _choose(self, plain: bytes, tag_inside: bool) -> int:
        if len(plain) > _HEAD_BYTES:
            headers = _Headers(plain, tag_inside)
            for index in range(ethernet.RULE_COUNT):
                words = self._rules[index * _RULE_WORDS : (index + 1) * _RULE_WORDS]
                if _matches(words, headers):
                    return words[0] & ethernet.RULE_CONTROL_QUEUE
        return int(bool(self._control & ethernet.STEERING_DEFAULT))


def _matches(words: list[int], headers: _Headers) -> bool:
    control = words[0]
    if not control & ethernet.RULE_CONTROL_VALID:
        return False
    mac = (words[2] << 32 | words[1]).to_bytes(6, "little")
    kind = words[3]
    source = b"".join(word.to_bytes(4, "big") for word in words[8:12])
    destination = b"".join(word.to_bytes(4, "big") for word in words[12:16])
    ports = headers.ports
    return all(
        equal
        for bit, equal in (
            (ethernet.RULE_CONTROL_MAC, mac == headers.destination_mac),
            (ethernet.RULE_CONTROL_TYPE, kind & ethernet.RULE_TYPE_TYPE == headers.ethertype),
            (ethernet.RULE_CONTROL_PROTOCOL, kind >> ethernet.RULE_TYPE_PROTOCOL_LSB == headers.protocol),
            (ethernet.RULE_CONTROL_SOURCE, source == headers.source),
            (ethernet.RULE_CONTROL_DESTINATION, destination == headers.destination),
            (ethernet.RULE_CONTROL_SOURCE_PORT, ports is not None and _low(words[4]) == ports[:2]),
            (ethernet.RULE_CONTROL_DESTINATION_PORT, ports is not None and _low(words[4] >> 16) == ports[2:]),
        )
        if control & bit
    )


def _low(word: int) -> bytes:
    return (word & 0xFFFF).to_bytes(2, "big")
