"""pci_bridge: poisoned register writes, registers that answer with an error, and the bridge's own registers."""

from __future__ import annotations

import cocotb
from bench_pci_target import BAR0, REGISTERS, Bench, request
from cocotb.triggers import Timer
from cocotbext.axi import AxiResp, Region
from cocotbext.pcie.core.tlp import CplStatus, TlpType
from stream_block import StreamBlock

from firmware.registers import bridge
from models.ports import BusError

IO_BAR, IO_BASE = 2, 0xC000


class Refusing(Region):
    """Registers none of which exists."""

    def __init__(self) -> None:
        super().__init__(size=1 << 17)

    async def read(self, addr: int, length: int, **_: object) -> bytes:
        raise BusError(f"no register at {addr:#x}")

    async def write(self, addr: int, data: bytes, **_: object) -> None:
        raise BusError(f"no register at {addr:#x}")


async def post(block: StreamBlock, address: int, data: bytes, poisoned: bool = False) -> None:
    tlp = request(TlpType.MEM_WRITE, address, 1, 0xF, 0, REGISTERS, 1)
    tlp.set_data(data)
    tlp.discontinue = poisoned
    block.post(tlp)
    await Timer(2, "us")


async def io(block: StreamBlock, offset: int, data: bytes | None = None, poisoned: bool = False) -> CplStatus:
    tlp = request(TlpType.IO_READ if data is None else TlpType.IO_WRITE, IO_BASE + offset, 1, 0xF, 0, IO_BAR, 9)
    if data is not None:
        tlp.set_data(data)
    tlp.discontinue = poisoned
    (answer,) = await block.ask(tlp)
    return answer.status


@cocotb.test()
async def a_poisoned_write_changes_no_register(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start(nic=True)
    block, dice = bench.block, bench.dice
    address = 4 * dice.randrange(1 << 10)
    kept = dice.randbytes(4)
    await post(block, BAR0 + address, kept)
    await post(block, BAR0 + address, dice.randbytes(4), poisoned=True)
    assert bench.registers.read(address, 4) == kept
    assert await io(block, 0, address.to_bytes(4, "little")) == CplStatus.SC
    assert await io(block, 0, (address + 4).to_bytes(4, "little"), poisoned=True) == CplStatus.CA
    assert await io(block, 4, dice.randbytes(4), poisoned=True) == CplStatus.CA
    assert bench.registers.read(address, 8) == kept + bytes(4)
    last = dice.randbytes(4)
    assert await io(block, 4, last) == CplStatus.SC
    assert bench.registers.read(address, 8) == last + bytes(4), "the window's address moved"
    assert await bench.register(bridge.POISONED_TLPS) == 3
    await bench.finish()


@cocotb.test()
async def an_error_of_a_register_reaches_the_host(dut) -> None:  # noqa: ANN001
    bench = Bench(dut, Refusing())
    await bench.start(nic=True)
    block = bench.block
    (answer,) = await block.ask(request(TlpType.MEM_READ, BAR0 + 64, 1, 0xF, 0, REGISTERS, 4))
    assert answer.status == CplStatus.CA and not answer.data
    await post(block, BAR0 + 64, b"gone")
    assert await io(block, 0, (64).to_bytes(4, "little")) == CplStatus.SC
    assert await io(block, 4, b"gone") == CplStatus.CA
    assert await io(block, 4) == CplStatus.CA
    assert await bench.register(bridge.COMPLETER_ABORTS) == 3
    assert await bench.register(bridge.POSTED_DROPS) == 1
    await bench.finish()


@cocotb.test()
async def the_bridge_has_these_registers_and_no_others(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    mask = bench.dice.randrange(1 << 9)
    await bench.firmware.write_dword(bridge.MASK, mask)
    assert await bench.register(bridge.MASK) == mask
    await bench.firmware.write_dword(bridge.COMPLETER_ABORTS, 1)  # read-only
    assert await bench.register(bridge.COMPLETER_ABORTS) == 0
    beyond = bridge.BUS_BEATS3 + 4
    assert (await bench.firmware.read(beyond, 4)).resp == AxiResp.SLVERR
    assert (await bench.firmware.write(beyond, bytes(4))).resp == AxiResp.SLVERR
    await bench.finish()
