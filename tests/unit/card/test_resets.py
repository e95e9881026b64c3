"""docs/resets.md, row by row: what each reset clears and what it keeps."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from firmware.registers import bridge, dma, ethernet, messaging, messaging_host
from firmware.registers import ethernet_rx as layout
from models.kernel import US, now, sleep
from models.network.ethernet_fcs import with_fcs
from models.ports import BusError
from tests.unit.card.driver_probe import Driver
from tests.unit.card.stimuli import BRIDGE, DMA, ETHERNET, MEMORY, MESSAGING, STATION, Rig, dma_descriptor, stimulus
from tests.unit.card.test_queue_sets import BOTH, HostSet, numbered, rule, steer
from tests.unit.card.test_transmit import EOP, IFCS, legacy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "resets.md"
BLOCKS: dict[str, tuple[int, ModuleType]] = {
    "MESSAGING": (MESSAGING, messaging),
    "DMA": (DMA, dma),
    "DMA1": (DMA + dma.CHANNEL_STRIDE, dma),
    "ETHERNET": (ETHERNET, ethernet),
    "BRIDGE": (BRIDGE, bridge),
    "BAR0": (0, messaging_host),
    "BAR2": (0, ethernet),
}
RESETS = ("power-on", "function-level", "CTRL.RST", "host's CTRL.RST", "firmware")
OUTCOMES = ("cleared", "kept", "undefined")
VALUES = {
    "MESSAGING.MUCR": 2 << messaging.MUCR_QUEUE_SIZE_LSB,
    "BAR0.OIMR": 0xF,
    "DMA.CHANNEL_CCR": dma.CHANNEL_CCR_EOC_INTERRUPT,
    "DMA1.CHANNEL_CCR": dma.CHANNEL_CCR_EOC_INTERRUPT,
    "ETHERNET.RCTL": ethernet.RCTL_BAM,
    "ETHERNET.IMS": 0x10,
    "ETHERNET.EECD": ethernet.EECD_REQ | ethernet.EECD_CS,
    "ETHERNET.STEERING": BOTH | ethernet.STEERING_BROADCAST,
    "BAR2.RCTL": ethernet.RCTL_BAM,
    "BAR2.IMS": 0x10,
    "BRIDGE.MASK": 0x1FE,
    "BRIDGE.ARBITER_CONTROL": 0,
}
"""Written to a row's state; a bit pattern that every other of them keeps in part when it is not here."""
PATTERN = 0x0001_2340
COUNTED = ("ETHERNET.TPT", "BAR2.TPT")
"""One frame was sent before; reading them would clear them."""
RING, OWN_DATA, OWN_BUFFERS = 0x60000, 0xA0000, 0x80000
"""Of the firmware's queue set, in host memory."""


@dataclass(frozen=True)
class Row:
    state: str
    outcomes: dict[str, str]

    @property
    def place(self) -> str:
        return self.state.partition(".")[0]

    @property
    def name(self) -> str:
        return self.state.partition(".")[2]

    @property
    def offset(self) -> int:
        return getattr(BLOCKS[self.place][1], self.name)

    @property
    def address(self) -> int:
        if self.place.startswith("MEMORY"):
            return MEMORY + int(self.place.split("+")[1], 0)
        return BLOCKS[self.place][0] + self.offset


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 + len(RESETS) and all(cell in OUTCOMES for cell in cells[2:]):
            found.append(Row(cells[1], dict(zip(RESETS, cells[2:], strict=True))))
    return found


ROWS = rows()
REGISTERS = [row for row in ROWS if not row.place.endswith("FRAMES")]
POWER_ON_VALUES = {
    row.state: getattr(BLOCKS[row.place][1], f"{row.name}_RESET", 0) if row.place in BLOCKS else 0
    for row in REGISTERS
    if row.outcomes["power-on"] == "cleared"
} | {
    "ETHERNET.RA_RAL": int.from_bytes(STATION[:4], "little"),
    "BAR2.RA_RAL": int.from_bytes(STATION[:4], "little"),
    "PHY.4": 0x01E1,
    "PHY.20": 0x0D60,
}
"""The reset value of the register's description, 0 where there is none."""


async def look(rig: Rig, row: Row) -> int:
    if row.place == "PHY":
        return await Driver.of_firmware(rig).read_phy(int(row.name))
    if row.place == "BAR0":
        return await rig.host_get(row.offset)
    if row.place == "BAR2":
        return await HostSet(rig).get(row.offset)
    return await rig.get(row.address)


async def look_at_all(rig: Rig, reset: str) -> dict[str, int]:
    """What is defined after a reset. The host has its queue set only as long as STEERING says so: it comes last."""
    defined = [row for row in REGISTERS if row.outcomes[reset] != "undefined"]
    seen = {row.state: await look(rig, row) for row in defined if row.place != "BAR2"}
    await steer(rig, BOTH)
    return seen | {row.state: await look(rig, row) for row in defined if row.place == "BAR2"}


async def change(rig: Rig, row: Row) -> None:
    """Make a row's state another one than after power-on."""
    value = VALUES.get(row.state, PATTERN)
    if row.place == "PHY":
        await Driver.of_firmware(rig).write_phy(int(row.name), value & 0xFFFF)
    elif row.place == "BAR0":
        await rig.host_put(row.offset, value)
        await rig.host_flush()
    elif row.place == "BAR2":
        await HostSet(rig).put(row.offset, value)
    elif row.state == "MESSAGING.IAR":
        await rig.host_put(messaging_host.INDEX, value)
        await rig.host_flush()
    elif row.state == "MESSAGING.INBOUND_POST_DROPS":  # the queues are not enabled
        await rig.host_put(messaging_host.IQP, value)
        await rig.host_flush()
    elif row.state == "BRIDGE.COMPLETER_ABORTS":  # two registers at once
        with pytest.raises(BusError):
            await rig.card.host.read(0, messaging_host.IMR0, 8)
    elif row.state == "BRIDGE.BUS_BEATS3":
        await rig.card.firmware.write(0x2000, bytes(64))
    else:
        await rig.put(row.address, value)


async def do_reset(rig: Rig, reset: str) -> None:
    if reset == "power-on":
        await rig.power_on()
    elif reset == "function-level":
        await rig.card.host.function_reset()
    elif reset == "CTRL.RST":
        await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_RST)
        await rig.poll(ETHERNET + ethernet.CTRL, lambda value: not value & ethernet.CTRL_RST)
    elif reset == "host's CTRL.RST":
        host = HostSet(rig)
        await host.put(ethernet.CTRL, ethernet.CTRL_RST)
        await sleep(5 * US)
        assert not await host.get(ethernet.CTRL) & ethernet.CTRL_RST
    await sleep(5 * US)


def test_the_page_has_every_block() -> None:
    places = {row.place for row in ROWS}
    assert places >= {*BLOCKS, "PHY", "FRAMES", "HOST_FRAMES"} and len(ROWS) >= 44


def own_received(rig: Rig) -> list[bytes]:
    """By the firmware's queue set, into host memory."""
    frames = []
    for index in range(4):
        length, _, status = struct.unpack("<HHI", rig.memory.read(RING + 0x10008 + 16 * index, 8))
        if status & layout.STATUS_DD:
            frames.append(rig.memory.read(OWN_BUFFERS + 0x800 * index, length))
    return frames


async def send_a_frame(rig: Rig) -> None:
    """Of each queue set."""
    await rig.start_ethernet(ring=RING, mask=0)
    await steer(rig, BOTH)
    host = HostSet(rig)
    await host.start()
    rig.memory.write(OWN_DATA, numbered(0, 60))
    await rig.transmit(legacy(OWN_DATA, 60, EOP | IFCS))
    await host.transmit(numbered(1, 60))
    await rig.until(lambda: len(rig.frames) == 2)
    await sleep(5 * US)


@pytest.mark.parametrize("reset", RESETS)
@stimulus(queue_sets=2)
async def test_what_a_reset_clears(rig: Rig, reset: str) -> None:
    for state, value in (await look_at_all(rig, "power-on")).items():
        assert value == POWER_ON_VALUES[state], f"{state} after power-on: {value:#x}"
    await send_a_frame(rig)
    before = {}
    for row in REGISTERS:
        if row.state in COUNTED:
            before[row.state] = 1
            continue
        await change(rig, row)
        before[row.state] = await look(rig, row)
        if row.outcomes["power-on"] == "cleared":
            assert before[row.state] != POWER_ON_VALUES[row.state], f"{row.state}: the value written says nothing"
    await do_reset(rig, reset)
    outcomes = {row.state: row.outcomes[reset] for row in REGISTERS}
    for state, value in (await look_at_all(rig, reset)).items():
        expected = POWER_ON_VALUES[state] if outcomes[state] == "cleared" else before[state]
        assert value == expected, f"{state} after {reset}: {value:#x}, {outcomes[state]} in the table"
    await rig.put(MEMORY + 0x1000, 0)
    # the card works: memory, and a message to the host's side
    if reset == "function-level":
        assert await rig.get(BRIDGE + bridge.STATUS) & bridge.STATUS_FUNCTION_RESET
        assert await rig.get(BRIDGE + bridge.FUNCTION_RESETS) == 1
        await rig.put(BRIDGE + bridge.STATUS, bridge.STATUS_FUNCTION_RESET)
    await rig.card.firmware.write(0x2000, b"to the host")
    assert await rig.card.firmware.read(0x2000, 11) == b"to the host"


@pytest.mark.parametrize("reset", RESETS)
@stimulus(queue_sets=2)
async def test_which_frames_a_reset_discards(rig: Rig, reset: str) -> None:
    """One waits in each packet buffer: to be sent for want of a link, received ones for want of a descriptor."""

    async def start(own: bool, hosts: bool) -> None:
        if own:
            await rig.start_ethernet(ring=RING, mask=0)
            await steer(rig, BOTH)
            valid = ethernet.RULE_CONTROL_VALID | ethernet.RULE_CONTROL_TYPE | ethernet.RULE_CONTROL_QUEUE
            await rule(rig, 0, {ethernet.RULE_CONTROL: valid, ethernet.RULE_TYPE: 0x88B6})
        if hosts:
            host.rx_next = host.tx_next = 0
            await host.start()

    def for_host(frame: bytes) -> bytes:
        return frame[:13] + b"\xb6" + frame[14:]

    host = HostSet(rig)
    await start(own=True, hosts=True)
    received, received_by_host = numbered(1, 100), for_host(numbered(2, 100))
    for frame in (received, received_by_host):
        rig.card.wire.send(with_fcs(frame))
    await sleep(20 * US)
    rig.card.wire.set_link(False)
    sent, sent_by_host = numbered(3, 100), for_host(numbered(4, 100))
    rig.memory.write(OWN_DATA, sent)
    await rig.transmit(legacy(OWN_DATA, 100, EOP | IFCS))
    await host.transmit(sent_by_host)
    await sleep(20 * US)
    assert not rig.frames
    await do_reset(rig, reset)
    rig.card.wire.set_link(False)  # the partner is no part of the card
    outcomes = {row.state: row.outcomes[reset] for row in ROWS if row.place.endswith("FRAMES")}
    cleared = {state for state, outcome in outcomes.items() if outcome == "cleared"}
    await start(own=bool(cleared & {"FRAMES.TRANSMIT"}), hosts=bool(cleared & {"HOST_FRAMES.TRANSMIT"}))
    rig.card.wire.set_link(True)
    for index in range(4):
        rig.memory.write(RING + 0x10000 + 16 * index, (OWN_BUFFERS + 0x800 * index).to_bytes(16, "little"))
    await rig.put(ETHERNET + ethernet.RDT, 4)
    await host.offer(4)
    await host.get(ethernet.RDT)
    await sleep(20 * US)

    def expected(state: str, frame: bytes) -> list[bytes]:
        return [] if state in cleared else [frame]

    out = expected("FRAMES.TRANSMIT", sent) + expected("HOST_FRAMES.TRANSMIT", sent_by_host)
    assert [frame for frame, _, _ in rig.frames] == [with_fcs(frame) for frame in out]
    assert own_received(rig) == expected("FRAMES.RECEIVE", received)
    assert host.received() == expected("HOST_FRAMES.RECEIVE", received_by_host)
    # what comes now goes its way
    rig.card.wire.send(with_fcs(numbered(5, 100)))
    rig.card.wire.send(with_fcs(for_host(numbered(6, 100))))
    await sleep(20 * US)
    assert own_received(rig)[-1] == numbered(5, 100)
    assert host.received()[-1] == for_host(numbered(6, 100))


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
