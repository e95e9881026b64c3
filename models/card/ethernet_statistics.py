"""Statistics registers of the Ethernet controller (82544 SDM 13.7): cleared by reading, never wrapping."""

from __future__ import annotations

from bisect import bisect_left

from firmware.registers import ethernet

BASE = ethernet.CRCERRS
SIZE_BYTES = 0x200
_MOST = 0xFFFF_FFFF
_OCTETS = (ethernet.GORCL, ethernet.GOTCL, ethernet.TORL, ethernet.TOTL)
_SIZES = (64, 127, 255, 511, 1023)


class EthernetStatistics:
    """Counters by their register's offset; octet counters have 64 bits, cleared by reading their high half."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._counters: dict[int, int] = {}
        self._octets = dict.fromkeys(_OCTETS, 0)

    def read(self, offset: int) -> int:
        if offset in self._octets:
            return self._octets[offset] & _MOST
        if offset - 4 in self._octets:
            value = self._octets[offset - 4] >> 32
            self._octets[offset - 4] = 0
            return value
        return self._counters.pop(offset, 0)

    def count(self, offset: int) -> None:
        count = self._counters.get(offset, 0)
        if count < _MOST:
            self._counters[offset] = count + 1

    def sent(self, octets: int, destination: bytes) -> None:
        """A frame starts to leave; `octets` with FCS."""
        count = self.count
        count(ethernet.TPT)
        self._octets[ethernet.TOTL] += octets
        if octets < _SIZES[0]:  # sent without padding: none that counts
            return
        count(ethernet.GPTC)
        count(ethernet.PTC64 + 4 * _size_class(octets))
        self._octets[ethernet.GOTCL] += octets
        if destination[0] & 1:
            self.count(ethernet.BPTC if destination == b"\xff" * 6 else ethernet.MPTC)

    def seen(self, octets: int) -> None:
        """A frame came, good or bad."""
        self.count(ethernet.TPR)
        self._octets[ethernet.TORL] += octets

    def good(self, octets: int, destination: bytes) -> None:
        """It was good, wanted and stored."""
        self.count(ethernet.GPRC)
        self.count(ethernet.PRC64 + 4 * _size_class(octets))
        self._octets[ethernet.GORCL] += octets
        if destination[0] & 1:
            self.count(ethernet.BPRC if destination == b"\xff" * 6 else ethernet.MPRC)


def _size_class(octets: int) -> int:
    return bisect_left(_SIZES, octets)
