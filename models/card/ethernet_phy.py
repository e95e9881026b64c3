"""The PHY behind MDIC: the registers of an M88E1000 as a driver sees them (IEEE 802.3 clause 22; 82544 SDM 11)."""

from __future__ import annotations

ADDRESS = 1
_RESET, _LOOPBACK, _POWER_DOWN, _RESTART = 0x8000, 0x4000, 0x0800, 0x0200
_STATUS, _DONE, _LINK = 0x7949, 0x0020, 0x0004
_STORED = {0: 0x1140, 4: 0x01E1, 9: 0x0F00, 16: 0x0068, 18: 0, 20: 0x0D60}
"""Registers that read as written, with their values after a reset."""
_FIXED = {2: 0x0141, 3: 0x0C30, 15: 0x3000}
_BY_LINK = {5: (0, 0x41E1), 6: (4, 5), 10: (0, 0x3800), 17: (0x0008, 0xAC08)}
"""Values without and with a link."""


class Phy:
    """1000 Mb/s full duplex whenever there is a partner; autonegotiation takes no time."""

    def __init__(self, loops: bool = True) -> None:
        self._loops = loops
        self._carrier = True
        self.reset()

    def reset(self) -> None:
        """As after power-on; the wire's partner stays what it is."""
        self._registers = dict(_STORED)
        self._lost = False
        self._held = False
        self._latch()

    @property
    def link(self) -> bool:
        return (self._carrier or self.loopback) and not self._held and not self._registers[0] & _POWER_DOWN

    @property
    def loopback(self) -> bool:
        """What is sent comes back; a link to itself, whoever is on the wire. Not of a PHY that is a copy."""
        return self._loops and bool(self._registers[0] & _LOOPBACK)

    def set_carrier(self, carrier: bool) -> None:
        self._carrier = carrier
        self._latch()

    def hold_in_reset(self, held: bool) -> None:
        """CTRL.PHY_RST."""
        self._held = held
        if held:
            self._registers = dict(_STORED)
        self._latch()

    def _latch(self) -> None:
        self._lost |= not self.link

    def read(self, register: int) -> int:
        if register == 1:
            value = _STATUS | (_DONE if self.link else 0) | (_LINK if self.link and not self._lost else 0)
            self._lost = not self.link
            return value
        if register in _BY_LINK:
            return _BY_LINK[register][self.link]
        return self._registers.get(register, _FIXED.get(register, 0))

    def write(self, register: int, value: int) -> None:
        if self._held or register not in self._registers:
            return
        if register == 0 and value & _RESET:
            self._registers = dict(_STORED)
            return
        self._registers[register] = value & ~_RESTART if register == 0 else value
        self._latch()
