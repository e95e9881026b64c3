"""Bench of firmware_port_driver: random accesses against an AXI memory that makes it wait, and errors."""

import itertools
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiBus, AxiRam

REGISTERS = 0x8000_0001_0000_0000
SIZE = 1 << 16


class Driver:
    """Makes accesses as a program outside the simulator does."""

    def __init__(self, dut) -> None:
        self.dut = dut
        self.number = 0

    async def access(self, address: int, length: int, data: bytes | None = None) -> tuple[bytes, bool]:
        """What was read, and whether a response was an error."""
        dut = self.dut
        self.number = (self.number + 1) & 0xFF
        dut.command_write.value = int(data is not None)
        dut.command_address.value = address
        dut.command_length.value = length
        if data is not None:
            dut.command_data.value = int.from_bytes(data, "little")
        dut.command_number.value = self.number
        await dut.done_number.value_change
        error = bool(int(dut.error.value))
        bits = str(dut.read_data.value).lower().replace("x", "0")
        return int(bits, 2).to_bytes(512, "little")[:length], error


def stalls(rng: random.Random):
    return itertools.cycle([rng.random() < 0.4 for _ in range(997)])


async def start(dut) -> tuple[Driver, AxiRam, random.Random]:
    rng = random.Random(cocotb.RANDOM_SEED)
    cocotb.start_soon(Clock(dut.clk, 16, "ns").start())
    dut.command_number.value = 0
    dut.rst.value = 1
    ram = AxiRam(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst, size=SIZE)
    for _ in range(4):
        await RisingEdge(dut.clk)
    dut.rst.value = 0
    for channel in (
        ram.write_if.aw_channel,
        ram.write_if.w_channel,
        ram.write_if.b_channel,
        ram.read_if.ar_channel,
        ram.read_if.r_channel,
    ):
        channel.set_pause_generator(stalls(rng))
    return Driver(dut), ram, rng


@cocotb.test()
async def memory_holds_what_was_written(dut):
    driver, ram, rng = await start(dut)
    image = bytearray(rng.randbytes(SIZE))
    ram.write(0, bytes(image))
    for _ in range(60):
        length = rng.choice([1, 2, 3, 4, 7, 8, 9, 64, rng.randrange(1, 513), 512])
        address = rng.randrange(0, SIZE - length)
        if rng.random() < 0.5:
            data = rng.randbytes(length)
            image[address : address + length] = data
            _, error = await driver.access(address, length, data)
        else:
            read, error = await driver.access(address, length)
            assert read == image[address : address + length], f"{length} bytes at {address:#x}"
        assert not error
    assert ram.read(0, SIZE) == bytes(image)
    assert int(dut.monitor_idle.value) == 1


@cocotb.test()
async def registers_are_accessed_one_word_at_a_time(dut):
    driver, ram, rng = await start(dut)
    sizes = []

    async def watch():
        while True:
            await RisingEdge(dut.clk)
            for valid, ready, size, beats in (
                (dut.m_axi_awvalid, dut.m_axi_awready, dut.m_axi_awsize, dut.m_axi_awlen),
                (dut.m_axi_arvalid, dut.m_axi_arready, dut.m_axi_arsize, dut.m_axi_arlen),
            ):
                if int(valid.value) and int(ready.value):
                    sizes.append((int(size.value), int(beats.value)))

    cocotb.start_soon(watch())
    data = rng.randbytes(32)
    await driver.access(REGISTERS + 0x44, 32, data)
    read, _ = await driver.access(REGISTERS + 0x44, 32)
    assert read == data
    read, _ = await driver.access(REGISTERS + 0x4C, 4)
    assert read == data[8:12]
    assert sizes == [(2, 0)] * 17
