"""Steering of received frames between the firmware's queue set and the host's (82544 layout, registers of our own)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from firmware.processor import Bus
from firmware.registers import card, ethernet

FIRMWARE, HOST = 0, 1
"""Queue sets."""
_ADDRESS_BYTES = 16


class Owner(enum.IntEnum):
    """Who has the wire."""

    FIRMWARE = 0
    HOST = 1
    BOTH = 2


@dataclass(frozen=True)
class Rule:
    """Frames with these fields are for queue set `queue`; what is None may be anything.

    `mac` is the destination's, addresses are of IPv4 (4 bytes) or IPv6 (16), ports of TCP and UDP.
    """

    queue: int
    mac: bytes | None = None
    ethertype: int | None = None
    protocol: int | None = None
    source: bytes | None = None
    destination: bytes | None = None
    source_port: int | None = None
    destination_port: int | None = None

    def registers(self) -> dict[int, int]:
        """Words of the rule by register of rule 0."""
        mac = self.mac or bytes(6)
        control = ethernet.RULE_CONTROL_VALID | self.queue * ethernet.RULE_CONTROL_QUEUE
        for asked, bit in (
            (self.mac, ethernet.RULE_CONTROL_MAC),
            (self.ethertype, ethernet.RULE_CONTROL_TYPE),
            (self.protocol, ethernet.RULE_CONTROL_PROTOCOL),
            (self.source, ethernet.RULE_CONTROL_SOURCE),
            (self.destination, ethernet.RULE_CONTROL_DESTINATION),
            (self.source_port, ethernet.RULE_CONTROL_SOURCE_PORT),
            (self.destination_port, ethernet.RULE_CONTROL_DESTINATION_PORT),
        ):
            control |= bit if asked is not None else 0
        words = {
            ethernet.RULE_MAC_LOW: int.from_bytes(mac[:4], "little"),
            ethernet.RULE_MAC_HIGH: int.from_bytes(mac[4:], "little"),
            ethernet.RULE_TYPE: (self.ethertype or 0) | (self.protocol or 0) << ethernet.RULE_TYPE_PROTOCOL_LSB,
            ethernet.RULE_PORTS: (self.source_port or 0)
            | (self.destination_port or 0) << ethernet.RULE_PORTS_DESTINATION_LSB,
        }
        for address, first in (
            (self.source, ethernet.RULE_SOURCE0),
            (self.destination, ethernet.RULE_DESTINATION0),
        ):
            padded = (address or b"").ljust(_ADDRESS_BYTES, b"\0")
            words |= {first + at: int.from_bytes(padded[at : at + 4], "big") for at in range(0, _ADDRESS_BYTES, 4)}
        return words | {ethernet.RULE_CONTROL: control}


class Steering:
    """Who gets what is received; a reset of the controller gives all of it to the firmware."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def share(
        self, owner: Owner, default: int = FIRMWARE, broadcast: bool = False, multicast: bool = False
    ) -> None:
        """Who has the wire; with both: whose frames are that no rule names, and whether both get group frames."""
        value = int(owner) | default * ethernet.STEERING_DEFAULT
        value |= broadcast * ethernet.STEERING_BROADCAST | multicast * ethernet.STEERING_MULTICAST
        await self._bus.write_register(card.ETHERNET_BASE + ethernet.STEERING, value)

    async def set_rule(self, index: int, rule: Rule | None) -> None:
        """Put a rule at its place, of which the lowest that matches counts; None: no rule there."""
        place = card.ETHERNET_BASE + index * ethernet.RULE_STRIDE
        await self._bus.write_register(place + ethernet.RULE_CONTROL, 0)  # a rule half written steers nothing
        if rule is not None:
            for register, word in rule.registers().items():
                await self._bus.write_register(place + register, word)
