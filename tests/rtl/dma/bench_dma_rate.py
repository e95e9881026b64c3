"""The DMA controller of the whole card through the PCI bridge's streams: bytes a clock against what these carry."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import cocotb
from cocotb.triggers import ClockCycles, First, RisingEdge, Timer

from firmware.registers import card as address_map
from firmware.registers import dma
from tests.rtl.dma.rate_limit import Limit, transfer_limit

CLOCK_PS = 16_000
PACED = os.environ["PACED"] == "1"
PAYLOAD = int(os.environ["PAYLOAD"])
READ_REQUEST = int(os.environ["READ_REQUEST"])
OUT = Path(os.environ["TABLE"])
LATENCY = int(os.environ["LATENCY"])
SIZES = tuple(int(size) for size in os.environ["SIZES"].split())
COPIES = int(os.environ["COPIES"])
SUSTAINED = 16384
"""Bytes of a chain of small blocks; larger blocks go alone."""
CHAIN = 0x60000
"""Descriptors in card memory, behind the data."""
BASE = 0x10000


class Bench:
    """The harness and the firmware's accesses."""

    def __init__(self, dut) -> None:  # noqa: ANN001 - a simulator handle
        self.dut = dut
        self.random = random.Random(cocotb.RANDOM_SEED)
        self.number = 0

    async def start(self, percent: int = 0) -> None:
        dut = self.dut
        dut.seed.value = cocotb.RANDOM_SEED & 0xFFFF_FFFF
        dut.percent.value = percent
        dut.command_number.value = dut.mark.value = dut.compare.value = dut.out.value = 0
        dut.source.value = dut.destination.value = BASE
        dut.length.value = 0
        dut.rst.value = 1
        self.number = 0
        await ClockCycles(dut.clk, 8)
        dut.rst.value = 0
        await ClockCycles(dut.clk, 8)

    async def write(self, address: int, data: bytes) -> None:
        dut = self.dut
        self.number = (self.number + 1) % 256
        dut.command_write.value = 1
        dut.command_address.value = address
        dut.command_length.value = len(data)
        dut.command_data.value = int.from_bytes(data, "little")
        dut.command_number.value = self.number
        await dut.done_number.value_change
        assert not int(dut.error.value), f"write to {address:#x}"

    async def read_register(self, offset: int, channel: int = 0) -> int:
        dut = self.dut
        self.number = (self.number + 1) % 256
        dut.command_write.value = 0
        dut.command_address.value = address_map.DMA_BASE + channel * dma.CHANNEL_STRIDE + offset
        dut.command_length.value = 4
        dut.command_number.value = self.number
        await dut.done_number.value_change
        return int(dut.read_value.value)

    async def write_register(self, offset: int, value: int, channel: int = 0) -> None:
        address = address_map.DMA_BASE + channel * dma.CHANNEL_STRIDE + offset
        await self.write(address, value.to_bytes(4, "little"))

    async def copy(self, source: int, destination: int, size: int, count: int, out: bool) -> int:
        """`count` blocks of `size` bytes in one chain; returns the clocks it took."""
        dut = self.dut
        dut.out.value = int(out)
        dut.source.value, dut.destination.value, dut.length.value = source, destination, size * count
        await Timer(1, "ps")
        dut.mark.value = 1 - int(dut.mark.value)
        await Timer(1, "ps")
        card_base = address_map.MEMORY_BASE
        source += card_base if out else 0
        destination += 0 if out else card_base
        chain = b"".join(
            b"".join(
                (
                    (card_base + CHAIN + 32 * (n + 1) if n + 1 < count else 0).to_bytes(8, "little"),
                    (source + n * size).to_bytes(8, "little"),
                    (destination + n * size).to_bytes(8, "little"),
                    size.to_bytes(8, "little"),
                )
            )
            for n in range(count)
        )
        for at in range(0, len(chain), 512):
            await self.write(card_base + CHAIN + at, chain[at : at + 512])
        first = card_base + CHAIN
        await self.write_register(dma.CHANNEL_CSR, dma.CHANNEL_CSR_EOC)
        await self.write_register(dma.CHANNEL_NDAR_LOW, first & 0xFFFF_FFFF)
        await self.write_register(dma.CHANNEL_NDAR_HIGH, first >> 32)
        await self.write_register(dma.CHANNEL_CCR, dma.CHANNEL_CCR_ENABLE | dma.CHANNEL_CCR_EOC_INTERRUPT)
        if not int(dut.dma_irq.value):
            end = RisingEdge(dut.dma_irq)
            assert await First(end, Timer(CLOCK_PS * 100_000, "ps")) is end, "the chain does not end"
        await ClockCycles(dut.clk, 100)  # what was posted has arrived
        dut.compare.value = 1 - int(dut.compare.value)
        await Timer(1, "ps")
        assert int(dut.wrong_bytes.value) == 0, f"{size} B x {count} from {source:#x} to {destination:#x}"
        assert await self.read_register(dma.CHANNEL_CSR) == dma.CHANNEL_CSR_EOC
        assert int(dut.failed.value) == 0, "an address outside host memory, or a wrong number of dwords"
        return int(dut.clocks.value)


def limits(size: int, out: bool) -> Limit:
    return transfer_limit(size, out, paced=PACED, payload=PAYLOAD, read_request=READ_REQUEST)


@cocotb.test()
async def blocks_move_at_the_rate_of_the_host_bus(dut) -> None:
    bench = Bench(dut)
    await bench.start()
    lines = []
    rates: dict[tuple[int, bool], tuple[float, float]] = {}
    for size in SIZES:
        row = [f"{size:>7}"]
        for out in (False, True):
            single = size / await bench.copy(BASE, BASE, size, 1, out)
            count = max(1, SUSTAINED // size)
            chained = size * count / await bench.copy(BASE, BASE, size, count, out) if count > 1 else single
            limit = limits(size, out)
            rates[size, out] = chained, limit.rate
            row.append(f"{single:6.2f} {chained:7.2f} {limit.rate:6.2f} {chained / limit.rate:6.1%} {limit.bound:>7}")
        lines.append(" | ".join(row))
    title = f"{'link' if PACED else 'streams'}, payload {PAYLOAD}, read request {READ_REQUEST}; bytes a clock of 16 ns"
    head = " | ".join(["  block", *(f"{way} single chained limit of it bound" for way in ("in:", "out:"))])
    table = "\n".join([title, head, *lines, f"reads in flight, at most: {int(dut.reads_open_most.value)}", ""])
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(table)
    dut._log.info("\n%s", table)
    assert int(dut.reads_open_most.value) * READ_REQUEST > LATENCY * rates[65536, False][1], "too few reads"
    for out in (False, True):
        rate, limit = rates[65536, out]
        assert rate >= 0.95 * limit, f"64 KiB {'out' if out else 'in'}: {rate:.2f} of {limit:.2f} bytes a clock"
        assert rate <= limit, "faster than the limit: the limit is wrong"


def random_copies(rng: random.Random, count: int) -> Iterator[tuple[int, int, int, int, bool]]:
    for _ in range(count):
        size = rng.choice((1, 7, 8, 63, rng.randrange(1, 600), rng.randrange(1, 5000)))
        yield BASE + rng.randrange(4096), BASE + rng.randrange(4096), size, rng.randrange(1, 5), rng.random() < 0.5


@cocotb.test()
async def any_alignment_arrives_under_random_stalls_of_the_streams(dut) -> None:
    for percent in (0, 30, 70):
        bench = Bench(dut)
        await bench.start(percent)
        for source, destination, size, count, out in random_copies(bench.random, COPIES):
            await bench.copy(source, destination, size, count, out)
