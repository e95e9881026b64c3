"""Which destinations the receiver accepts: exact addresses, multicast hash, broadcast, promiscuous (SDM 3.2.1)."""

from __future__ import annotations

from firmware.registers import ethernet

BROADCAST = b"\xff" * 6
_HASH_SHIFTS = (36, 35, 34, 32)
"""Lowest bit of the destination that RCTL.MO 0 to 3 take into the hash."""


class ReceiveFilter:
    """RAL/RAH and MTA as software wrote them."""

    def __init__(self) -> None:
        self.low = [0] * ethernet.RA_COUNT
        self.high = [0] * ethernet.RA_COUNT
        self.table = [0] * ethernet.MTA_COUNT
        self._exact: frozenset[bytes] = frozenset()

    def reset(self) -> None:
        """The table is software's: no reset clears it."""
        self.low = [0] * ethernet.RA_COUNT
        self.high = [0] * ethernet.RA_COUNT
        self._exact = frozenset()

    def write(self, index: int, is_high: bool, value: int) -> None:
        if is_high:
            self.high[index] = value & (ethernet.RA_RAH_RAH | ethernet.RA_RAH_AS | ethernet.RA_RAH_AV)
        else:
            self.low[index] = value
        self._exact = frozenset(
            ((high & ethernet.RA_RAH_RAH) << 32 | low).to_bytes(6, "little")
            for low, high in zip(self.low, self.high, strict=True)
            if high & (ethernet.RA_RAH_AS | ethernet.RA_RAH_AV) == ethernet.RA_RAH_AV
        )

    def accept(self, destination: bytes, rctl: int) -> tuple[bool, bool]:
        """(accepted, accepted by the hash only)."""
        if destination == BROADCAST:
            return bool(destination in self._exact or rctl & (ethernet.RCTL_BAM | ethernet.RCTL_MPE)), False
        exact = destination in self._exact
        if not destination[0] & 1:
            return bool(exact or rctl & ethernet.RCTL_UPE), False
        shift = _HASH_SHIFTS[(rctl & ethernet.RCTL_MO) >> ethernet.RCTL_MO_LSB]
        value = int.from_bytes(destination, "little") >> shift & 0xFFF
        hashed = bool(self.table[value >> 5] >> (value & 31) & 1)
        return bool(exact or hashed or rctl & ethernet.RCTL_MPE), hashed and not exact
