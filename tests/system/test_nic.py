"""The NIC personality: the host has the 82544 to itself, rings in host memory, INTx, I/O window; no firmware."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from firmware.registers import ethernet
from models import kernel
from models.bench import PEER_ADDRESS
from models.host.nic_driver import NicDriver
from models.host.pcie_personality import VERILOG, nic_personality, verilog_text
from models.ports import BusError
from tests.system.on_card import run

CARDS = (
    pytest.param({"card": "model"}, id="model"),
    pytest.param({"card": "icarus"}, id="icarus"),
    pytest.param({"card": "icarus", "pins": "cocotbext"}, id="cocotbext pins"),
    pytest.param({"card": "verilator"}, id="verilator", marks=pytest.mark.nightly),
)
STATION = bytes.fromhex("020000000001")
REGISTERS, WINDOW = 0, 2
ENTRIES = 8


class Nic:
    """The driver's parts one by one, and what the card tells of by itself."""

    def __init__(self, bench: Any) -> None:
        self.host = bench.card.host
        self.memory = bench.host.memory
        self.driver = NicDriver(self.host, self.memory, bench.host.processor, REGISTERS, entries=ENTRIES)
        self.get, self.put = self.driver.get, self.driver.put
        self.levels: list[bool] = []
        self.changed = kernel.Event()
        self.messages: list[int] = []
        self.host.connect(self.memory, self.messages.append)
        self.host.connect_intx(self._level)

    def _level(self, level: bool) -> None:
        self.levels.append(level)
        self.changed.set()

    async def reset_through_io_space(self) -> None:
        await self.host.write(WINDOW, 0, ethernet.CTRL.to_bytes(4, "little"))
        await self.host.write(WINDOW, 4, ethernet.CTRL_RST.to_bytes(4, "little"))
        for _ in range(100):
            if not await self.get(ethernet.CTRL) & ethernet.CTRL_RST:
                return
            await kernel.sleep(kernel.US)
        raise AssertionError("CTRL.RST does not clear itself")

    async def bring_up(self) -> None:
        await self.driver.bring_up(STATION, ethernet.ICR_RXT0)

    async def until(self, level: bool) -> None:
        limit = kernel.after(1000 * kernel.US)
        while not self.levels or self.levels[-1] is not level:
            self.changed.clear()
            await kernel.first(self.changed, limit)
            assert not limit.is_set, f"INTA never became {level}"


def arp_request() -> bytes:
    addresses = STATION + bytes((10, 0, 0, 1)) + bytes(6) + bytes(map(int, PEER_ADDRESS.split(".")))
    return b"\xff" * 6 + STATION + struct.pack(">HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + addresses + bytes(18)


async def exchange(bench: Any) -> None:
    nic = Nic(bench)
    await nic.put(ethernet.TIPG, 0x123)
    await nic.reset_through_io_space()
    assert await nic.get(ethernet.TIPG) == 0
    await nic.bring_up()
    for number in range(3):
        await nic.driver.transmit(arp_request())
        await nic.until(True)
        # The descriptor and the frame were written before INTA was asserted: they are there.
        answers = list(nic.driver.take())
        assert len(answers) == 1, "the interrupt came before the descriptor"
        assert answers[0][:6] == STATION and answers[0][12:14] == b"\x08\x06"
        assert answers[0][28:32] == bytes(map(int, PEER_ADDRESS.split(".")))
        assert nic.driver.sent(number), "transmit descriptor done"
        assert await nic.get(ethernet.ICR) & ethernet.ICR_RXT0
        await nic.until(False)
    assert nic.levels == [True, False] * 3 and not nic.messages
    # the I/O window reads what the memory BAR reads, and refuses what is no register
    await nic.host.write(WINDOW, 0, ethernet.RA_RAL.to_bytes(4, "little"))
    assert await nic.host.read(WINDOW, 0, 4) == ethernet.RA_RAL.to_bytes(4, "little")
    assert await nic.host.read(WINDOW, 4, 4) == STATION[:4]
    await nic.host.write(WINDOW, 0, (0x20000).to_bytes(4, "little"))
    with pytest.raises(BusError):
        await nic.host.read(WINDOW, 4, 4)
    with pytest.raises(BusError):
        await nic.host.write(WINDOW, 4, bytes(4))
    with pytest.raises(BusError):
        await nic.host.read(1, 0, 4)
    # a function-level reset takes the interrupt back and clears the part
    await nic.put(ethernet.ICS, ethernet.ICR_RXT0)
    await nic.until(True)
    await nic.host.function_reset()
    await nic.until(False)
    await kernel.sleep(5 * kernel.US)
    assert await nic.get(ethernet.TDLEN) == 0 and await nic.get(ethernet.IMS) == 0
    await nic.bring_up()
    assert await nic.get(ethernet.TDLEN) == 16 * ENTRIES
    # no address of the host's is card memory, whatever its bit 63 says
    await nic.put(ethernet.TDBAH, 1 << 31)
    await nic.driver.transmit(arp_request())
    await nic.until(True)
    assert len(list(nic.driver.take())) == 1 and nic.driver.sent(0)


@pytest.mark.parametrize("settings", CARDS)
def test_a_host_drives_the_82544_alone(settings: dict[str, str], request: pytest.FixtureRequest, seed: int) -> None:
    run(exchange, request.node.name, seed=seed, nic=True, dissected=False, **settings)


def test_identity_of_the_82544() -> None:
    personality = nic_personality()
    assert (personality.vendor_id, personality.device_id) == (0x8086, 0x100C)
    assert [(bar.number, bar.size, bar.io) for bar in personality.bars] == [(0, 128 << 10, False), (2, 8, True)]
    assert personality.interrupt_pin == 1 and personality.msi_vectors == 0


def test_the_rtl_has_the_table_of_bars() -> None:
    assert VERILOG.read_text() == verilog_text(), "run `python -m models.host.pcie_personality`"
