"""The EEPROM behind EECD and EERD: 64 words that answer the Microwire protocol of a 93C46 (82544 SDM 5.3 to 5.6)."""

from __future__ import annotations

from firmware.registers import ethernet

WORDS = 64
CHECKSUM = 0xBABA
_CONTROL1, _SUBSYSTEM, _VENDOR, _DEVICE, _CONTROL2 = 0x4008, 0x100C, 0x8086, 0x100C, 0x3000
_READ = 0b10


def content(mac_address: bytes) -> list[int]:
    """The words: address, words 0A to 0F, and the last one that makes their sum 0xBABA."""
    words = [0] * WORDS
    words[0:3] = [int.from_bytes(mac_address[at : at + 2], "little") for at in (0, 2, 4)]
    words[0x0A:0x10] = [_CONTROL1, _SUBSYSTEM, _VENDOR, _DEVICE, _VENDOR, _CONTROL2]
    words[-1] = (CHECKSUM - sum(words)) & 0xFFFF
    return words


class Eeprom:
    """Its content does not change: commands that write are taken and have no effect."""

    def __init__(self, mac_address: bytes) -> None:
        self._words = content(mac_address)
        self.reset()

    def reset(self) -> None:
        self._clock = False
        self._begin()

    def _begin(self) -> None:
        self.data_out = True
        self._started = False
        self._bits: list[bool] = []
        self._out: list[bool] | None = None
        self._address = 0

    def word(self, address: int) -> int:
        return self._words[address % WORDS]

    def drive(self, eecd: int) -> None:
        """EECD was written: CS, SK and DI have these levels."""
        select, clock, data = (bool(eecd & bit) for bit in (ethernet.EECD_CS, ethernet.EECD_SK, ethernet.EECD_DI))
        rise = select and clock and not self._clock
        self._clock = clock and select
        if not select:
            self._begin()
        elif rise:
            self._shift(data)

    def _shift(self, data: bool) -> None:
        if not self._started:
            self._started = data
        elif len(self._bits) < 8:
            self._bits.append(data)
            if len(self._bits) == 8:
                command = int("".join("01"[bit] for bit in self._bits), 2)
                self.data_out = command >> 6 != _READ
                if command >> 6 == _READ:
                    self._address = command % WORDS
                    self._load()
        elif self._out is not None:
            self.data_out = self._out.pop(0)
            if not self._out:  # the words follow one another as long as SK runs
                self._address += 1
                self._load()

    def _load(self) -> None:
        word = self.word(self._address)
        self._out = [bool(word >> bit & 1) for bit in range(15, -1, -1)]
