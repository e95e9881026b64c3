"""docs/resets.md, row by row: what each reset clears and what it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware.registers import bridge, dma, ethernet, messaging
from models.kernel import US, now, sleep
from models.ports import BusError
from tests.unit.card.stimuli import BRIDGE, DMA, ETHERNET, MEMORY, MESSAGING, Rig, dma_descriptor, stimulus

PAGE = Path(__file__).resolve().parents[3] / "docs" / "resets.md"
BLOCKS = {"MESSAGING": (MESSAGING, messaging), "DMA": (DMA, dma), "ETHERNET": (ETHERNET, ethernet)}
BLOCKS["BRIDGE"] = (BRIDGE, bridge)
RESETS = ("power-on", "function-level", "CTRL.RST", "firmware")
OUTCOMES = ("cleared", "kept", "undefined")
VALUES = {
    "DMA.CHANNEL_CCR": dma.CHANNEL_CCR_EOC_INTERRUPT,
    "ETHERNET.RCTL": ethernet.RCTL_BAM,
    "ETHERNET.IMS": 0x10,
    "BRIDGE.MASK": 0x1FE,
    "BRIDGE.ARBITER_CONTROL": 0,
}
"""Written to a row's state; a bit pattern that every other of them keeps in part when it is not here."""
PATTERN = 0x0001_2340


@dataclass(frozen=True)
class Row:
    state: str
    outcomes: dict[str, str]

    @property
    def address(self) -> int:
        name, _, register = self.state.partition(".")
        if name.startswith("MEMORY"):
            return MEMORY + int(name.split("+")[1], 0)
        base, registers = BLOCKS[name]
        return base + getattr(registers, register)


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and all(cell in OUTCOMES for cell in cells[2:]):
            found.append(Row(cells[1], dict(zip(RESETS, cells[2:], strict=True))))
    return found


async def do_reset(rig: Rig, reset: str) -> None:
    if reset == "function-level":
        await rig.card.host.function_reset()
    elif reset == "CTRL.RST":
        await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_RST)
        await rig.poll(ETHERNET + ethernet.CTRL, lambda value: not value & ethernet.CTRL_RST)
    await sleep(5 * US)


def test_the_page_has_every_block() -> None:
    states = {row.state.split(".")[0] for row in rows()}
    assert states >= set(BLOCKS) and len(rows()) >= 16


@pytest.mark.parametrize("reset", ["function-level", "CTRL.RST", "firmware"])
@stimulus()
async def test_what_a_reset_clears(rig: Rig, reset: str) -> None:
    table = rows()
    fresh = {row.state: await rig.get(row.address) for row in table if row.outcomes["power-on"] == "cleared"}
    before = {}
    for row in table:
        await rig.put(row.address, VALUES.get(row.state, PATTERN))
        before[row.state] = await rig.get(row.address)
        assert before[row.state] != fresh.get(row.state), f"{row.state}: the value written says nothing"
    await do_reset(rig, reset)
    for row in table:
        after = await rig.get(row.address)
        expected = fresh[row.state] if row.outcomes[reset] == "cleared" else before[row.state]
        assert after == expected, f"{row.state} after {reset}: {after:#x}, {row.outcomes[reset]} in the table"
    await rig.put(MEMORY + 0x1000, 0)
    # the card works: memory, and a message to the host's side
    if reset == "function-level":
        assert await rig.get(BRIDGE + bridge.STATUS) == bridge.STATUS_FUNCTION_RESET
        assert await rig.get(BRIDGE + bridge.FUNCTION_RESETS) == 1
        await rig.put(BRIDGE + bridge.STATUS, bridge.STATUS_FUNCTION_RESET)
    await rig.card.firmware.write(0x2000, b"to the host")
    assert await rig.card.firmware.read(0x2000, 11) == b"to the host"


@stimulus()
async def test_bus_master_enable_off_ends_accesses_with_errors_until_it_is_on(rig: Rig) -> None:
    await rig.card.host.set_bus_master(False)
    await sleep(US)
    for access in (rig.card.firmware.read(0x100, 8), rig.card.firmware.write(0x100, bytes(8))):
        with pytest.raises(BusError):
            await access
    assert await rig.get(BRIDGE + bridge.BUS_MASTER_OFF_DROPS) == 2
    assert await rig.get(BRIDGE + bridge.STATUS) == bridge.STATUS_BUS_MASTER_OFF
    await rig.card.host.set_bus_master(True)
    await sleep(US)
    await rig.card.firmware.write(0x100, b"resumed")
    assert await rig.card.firmware.read(0x100, 7) == b"resumed"


@stimulus()
async def test_a_function_reset_in_the_middle_of_a_transfer(rig: Rig) -> None:
    """A DMA chain from host memory is under way; it is gone, counted, and the channel works again."""
    count = 0x4000
    data = bytes(byte % 251 + 1 for byte in range(count))
    rig.memory.bytes[0x4000 : 0x4000 + count] = data
    chain, destination = MEMORY + 0x3000, MEMORY + 0x8000
    await rig.card.firmware.write(chain, dma_descriptor(0, 0x4000, destination, count))
    await rig.dma_start(chain)
    await sleep(12 * US)
    await rig.card.host.function_reset()
    rig.cut_ps = now()
    await sleep(20 * US)
    assert await rig.get(BRIDGE + bridge.FUNCTION_RESETS) == 1
    assert await rig.get(DMA + dma.CHANNEL_CSR) == 0
    moved = await rig.card.unobserved.firmware.read(destination, count)  # how far it came depends on times
    came = len(moved.rstrip(b"\0"))
    assert 0 < came < count and moved[:came] == data[:came], "a part of it is there, and nothing else"
    rig.memory.bytes[0x4000 : 0x4000 + count] = data[::-1]
    await rig.dma_start(chain)
    assert await rig.dma_status() == dma.CHANNEL_CSR_EOC
    assert await rig.card.firmware.read(destination, count) == data[::-1]
    assert await rig.get(DMA + dma.CHANNEL_DONE) == 1
