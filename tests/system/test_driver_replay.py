"""A stock 82544 driver in the host of the 82544 alone: registers through BAR0, the reset through I/O space, rings in
host memory, INTA."""

from __future__ import annotations

from typing import Any

import pytest

from firmware.registers import ethernet
from tests.system.bare_card import run_on_bare_card
from tests.unit.card.driver_probe import Driver
from tests.unit.card.driver_replay import EEPROM_WORDS, replay
from tests.unit.card.stimuli import Rig

CARDS = (
    pytest.param("model", EEPROM_WORDS, id="model"),
    pytest.param("icarus", 4, id="icarus"),
    pytest.param("icarus", EEPROM_WORDS, id="icarus, all of the EEPROM", marks=pytest.mark.nightly),
    pytest.param("verilator", EEPROM_WORDS, id="verilator", marks=pytest.mark.nightly),
)
REGISTERS, IO = 0, 2
IOADDR, IODATA = 0, 4


class HostDriver(Driver):
    """At the BARs of the host."""

    def __init__(self, host: Any) -> None:
        super().__init__(self._from_bar, self._to_bar)
        self._host = host
        self.resets_through_io_space = 0

    async def _from_bar(self, offset: int) -> int:
        return int.from_bytes(await self._host.read(REGISTERS, offset, 4), "little")

    async def _to_bar(self, offset: int, value: int) -> None:
        await self._host.write(REGISTERS, offset, (value & 0xFFFF_FFFF).to_bytes(4, "little"))

    async def write_reset(self, ctrl: int) -> None:
        """A write through memory space might be lost in the reset."""
        await self._host.write(IO, IOADDR, ethernet.CTRL.to_bytes(4, "little"))
        await self._host.write(IO, IODATA, ctrl.to_bytes(4, "little"))
        self.resets_through_io_space += 1


class HostSeat:
    """In the host; rings, buffers and frames are in host memory."""

    base = 0

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.driver = HostDriver(rig.card.unobserved.host)
        self.level = False
        rig.card.host.connect_intx(self._level)

    def _level(self, level: bool) -> None:
        self.level = level
        self.rig.changed.set()

    async def read(self, address: int, length: int) -> bytes:
        return self.rig.memory.read(address, length)

    async def write(self, address: int, data: bytes) -> None:
        self.rig.memory.write(address, data)

    def interrupted(self) -> bool:
        return self.level


async def replay_in_host(rig: Rig, eeprom_words: int) -> int:
    seat = HostSeat(rig)
    await replay(seat, eeprom_words)
    assert not rig.interrupts, "INTA alone: no message"
    return seat.driver.resets_through_io_space


@pytest.mark.parametrize(("card", "eeprom_words"), CARDS)
def test_a_stock_driver_attaches_and_passes_traffic(card: str, eeprom_words: int, seed: int) -> None:
    options = {"eeprom_words": eeprom_words}
    assert run_on_bare_card(__name__, replay_in_host.__name__, options, seed=seed, card=card, nic=True) == 1
