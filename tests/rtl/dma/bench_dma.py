"""The DMA controller on two memories: chains, alignment, resume, errors, rate."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field

import cocotb
from cocotb.triggers import ClockCycles, First, ReadOnly, RisingEdge, Timer

from firmware.registers import dma, dma_descriptor

CLOCK_PS = 16000
MEMORY_BYTES = 131072
HALF = MEMORY_BYTES // 2  # sources below, destinations above
DESCRIPTORS = 0x4000  # descriptors in the lowest part of either memory
HOST = 0
CARD = 1 << 63
HOLE = CARD | 2 << 32
CHANNELS = int(os.environ["CHANNELS"])
DESCRIPTORS_MOVED = int(os.environ.get("DESCRIPTORS_MOVED", "0"))
"""In the long test."""
ENABLE, RESUME, EOC_INTERRUPT = (
    dma.CHANNEL_CCR_ENABLE,
    dma.CHANNEL_CCR_CHAIN_RESUME,
    dma.CHANNEL_CCR_EOC_INTERRUPT,
)
EOC, EOT, ACTIVE = dma.CHANNEL_CSR_EOC, dma.CHANNEL_CSR_EOT, dma.CHANNEL_CSR_ACTIVE


@dataclass
class Descriptor:
    """One descriptor and where it lies."""

    address: int
    source: int
    destination: int
    length: int
    interrupt: bool = False
    next: int = 0

    def encoded(self) -> bytes:
        words = {
            dma_descriptor.NEXT_LOW: self.next,
            dma_descriptor.NEXT_HIGH: self.next >> 32,
            dma_descriptor.SOURCE_LOW: self.source,
            dma_descriptor.SOURCE_HIGH: self.source >> 32,
            dma_descriptor.DESTINATION_LOW: self.destination,
            dma_descriptor.DESTINATION_HIGH: self.destination >> 32,
            dma_descriptor.LENGTH: self.length,
            dma_descriptor.CONTROL: dma_descriptor.CONTROL_INTERRUPT * self.interrupt,
        }
        return b"".join((words[offset] & 0xFFFFFFFF).to_bytes(4, "little") for offset in range(0, 32, 4))


def link(chain: list[Descriptor]) -> list[Descriptor]:
    for one, after in zip(chain, chain[1:], strict=False):
        one.next = after.address
    return chain


@dataclass
class Bench:
    """The harness, a model of both memories and the registers' driver."""

    dut: object
    rng: random.Random
    pace: random.Random
    """Of the register port."""
    held: int = 0
    """Responses of the registers that were kept waiting."""
    model: dict[int, bytearray] = field(default_factory=dict)

    async def start(self, host_percent: int = 0, card_percent: int = 0) -> None:
        dut = self.dut
        dut.rst.value = 1
        dut.seed.value = cocotb.RANDOM_SEED & 0xFFFFFFFF
        dut.host_percent.value = host_percent
        dut.card_percent.value = card_percent
        for name in ("awvalid", "wvalid", "arvalid", "bready", "rready", "wstrb"):
            getattr(dut, name).value = 0
        for base in (HOST, CARD):
            self.model[base] = bytearray(MEMORY_BYTES)
            self.put(base, self.rng.randbytes(MEMORY_BYTES))
        await ClockCycles(dut.clk, 4)
        dut.rst.value = 0
        await ClockCycles(dut.clk, 2)

    def memory(self, base: int):
        return self.dut.card.mem if base & CARD else self.dut.host.mem

    def put(self, address: int, data: bytes) -> None:
        """Into model and memory; address and length are multiples of 8."""
        offset, memory = address & 0xFFFFFFFF, self.memory(address)
        self.model[address & CARD][offset : offset + len(data)] = data
        for at in range(0, len(data), 8):
            memory[(offset + at) // 8].value = int.from_bytes(data[at : at + 8], "little")

    def copy(self, each: Descriptor) -> None:
        """What the descriptor does, in the model."""
        start, to = each.source & 0xFFFFFFFF, each.destination & 0xFFFFFFFF
        data = self.model[each.source & CARD][start : start + each.length]
        self.model[each.destination & CARD][to : to + each.length] = data

    def check(self, *without: Descriptor) -> None:
        """Both memories are as the model says, but for the destinations of failed descriptors."""
        assert self.dut.failed.value == 0, "see the lines MONITOR"
        for base in (HOST, CARD):
            memory = self.memory(base)
            got = bytearray()
            for word in range(MEMORY_BYTES // 8):
                got += int(str(memory[word].value), 2).to_bytes(8, "little")
            want = bytearray(self.model[base])
            for each in without:
                if each.destination & CARD == base:
                    to = each.destination & 0xFFFFFFFF
                    want[to : to + each.length] = got[to : to + each.length]
            if got != want:
                at = next(i for i in range(MEMORY_BYTES) if got[i] != want[i])
                raise AssertionError(f"{'card' if base else 'host'} byte {at:#x}: {got[at]:#x}, expected {want[at]:#x}")

    async def write(self, offset: int, value: int, strobe: int = 0xF) -> int:
        dut = self.dut
        dut.awaddr.value, dut.wdata.value, dut.wstrb.value = offset, value, strobe
        channels = ((dut.awvalid, dut.awready), (dut.wvalid, dut.wready))
        offered = [cocotb.start_soon(self.offer(*channel)) for channel in channels]
        response = await self.take(dut.bvalid, dut.bready, dut.bresp)
        for each in offered:
            await each
        return response[0]

    async def read(self, offset: int) -> tuple[int, int]:
        dut = self.dut
        dut.araddr.value = offset
        offered = cocotb.start_soon(self.offer(dut.arvalid, dut.arready))
        data, response = await self.take(dut.rvalid, dut.rready, dut.rdata, dut.rresp)
        await offered
        return data, response

    async def offer(self, valid, ready) -> None:
        """A request on one channel, some clocks after the others or before them."""
        await self.delay()
        valid.value = 1
        await self.handshake(ready)
        valid.value = 0

    async def take(self, valid, ready, *payload) -> list[int]:
        """A response, for which the port is ready before it comes or only clocks later."""
        await self.delay()
        self.held += int(valid.value)
        ready.value = 1
        await self.handshake(valid)
        taken = [int(signal.value) for signal in payload]
        ready.value = 0
        return taken

    async def delay(self) -> None:
        clocks = self.pace.choice((0, 0, 1, 2, 4, 8))
        if clocks:
            await ClockCycles(self.dut.clk, clocks)

    async def handshake(self, signal) -> None:
        """Return after the clock edge at which the signal was 1."""
        while True:
            await ReadOnly()
            ready = int(signal.value)
            await RisingEdge(self.dut.clk)
            if ready:
                return

    async def get(self, offset: int, channel: int = 0) -> int:
        value, response = await self.read(offset + channel * dma.CHANNEL_STRIDE)
        assert response == 0
        return value

    async def get64(self, low: int, high: int, channel: int = 0) -> int:
        return await self.get(low, channel) | await self.get(high, channel) << 32

    async def set(self, offset: int, value: int, channel: int = 0) -> None:
        assert await self.write(offset + channel * dma.CHANNEL_STRIDE, value) == 0

    async def launch(self, address: int, control: int = 0, channel: int = 0) -> None:
        await self.set(dma.CHANNEL_NDAR_LOW, address & 0xFFFFFFFF, channel)
        await self.set(dma.CHANNEL_NDAR_HIGH, address >> 32, channel)
        await self.set(dma.CHANNEL_CCR, ENABLE | control, channel)

    async def status_at_rest(self, channel: int = 0, clocks: int = 60_000) -> int:
        """CSR once the channel is idle."""
        for _ in range(clocks // 40):
            status = await self.get(dma.CHANNEL_CSR, channel)
            if not status & ACTIVE:
                return status
            await ClockCycles(self.dut.clk, 36)
        raise AssertionError(f"channel hangs, CSR {status:#x}")

    def chain(self, count: int, longest: int, first: int = 0, destination: int = 0) -> list[Descriptor]:
        """Random descriptors in both memories, destinations apart from each other and from all sources."""
        free = {HOST: HALF + destination, CARD: HALF + destination}
        out = []
        for index in range(count):
            length = self.rng.choice((0, 1, 5, 8, 64, self.rng.randrange(1, 200), self.rng.randrange(1, longest)))
            source = self.rng.choice((HOST, CARD)) + self.rng.randrange(DESCRIPTORS, HALF - length)
            base = self.rng.choice((HOST, CARD))
            free[base] += self.rng.choice((0, 0, 1, 3, 8, self.rng.randrange(64)))
            place = self.rng.choice((HOST, CARD)) + 32 * (1 + first + index)  # 0 is no descriptor
            out.append(Descriptor(place, source, base + free[base], length, self.rng.random() < 0.3))
            free[base] += length
        return link(out)

    def store(self, chain: list[Descriptor]) -> None:
        for each in chain:
            self.put(each.address, each.encoded())


async def prepared(dut, salt: int, host_percent: int = 0, card_percent: int = 0) -> Bench:
    seed = cocotb.RANDOM_SEED * 1000 + salt
    bench = Bench(dut, random.Random(seed), random.Random(f"registers {seed}"))
    await bench.start(host_percent, card_percent)
    # whatever descriptors were carried out before the reset
    for offset in range(0, dma.CHANNEL_DONE + 4, 4):
        assert await bench.get(offset) == 0, hex(offset)
    return bench


@cocotb.test()
async def chains_move_every_byte_at_any_alignment(dut) -> None:
    held = 0
    for salt, (host, card) in enumerate(((0, 0), (40, 0), (20, 50))):
        bench = await prepared(dut, salt, host, card)
        chains = [bench.chain(40 // CHANNELS, 2000, first=64 * n, destination=n * 30000) for n in range(CHANNELS)]
        for channel, chain in enumerate(chains):
            bench.store(chain)
            await bench.launch(chain[0].address, EOC_INTERRUPT, channel)
        for channel, chain in enumerate(chains):
            status = await bench.status_at_rest(channel)
            assert status == EOC | EOT * any(each.interrupt for each in chain)
            assert int(dut.irq.value) >> channel & 1
            assert await bench.get(dma.CHANNEL_DONE, channel) == len(chain)
            assert await bench.get64(dma.CHANNEL_DAR_LOW, dma.CHANNEL_DAR_HIGH, channel) == chain[-1].address
            assert await bench.get64(dma.CHANNEL_TAR_LOW, dma.CHANNEL_TAR_HIGH, channel) == chain[-1].destination
            assert await bench.get64(dma.CHANNEL_SAR_LOW, dma.CHANNEL_SAR_HIGH, channel) == chain[-1].source
            assert await bench.get64(dma.CHANNEL_NDAR_LOW, dma.CHANNEL_NDAR_HIGH, channel) == 0
            await bench.set(dma.CHANNEL_CSR, status, channel)
            assert await bench.get(dma.CHANNEL_CSR, channel) == 0
            for each in chain:
                bench.copy(each)
        assert int(dut.irq.value) == 0
        await ClockCycles(dut.clk, 5)
        assert dut.busy.value == 0 and dut.idle.value == 1
        bench.check()
        held += bench.held
    assert held > 0, "no response of a register was kept waiting"


@cocotb.test(skip=DESCRIPTORS_MOVED == 0)
async def thousands_of_random_descriptors_move_every_byte(dut) -> None:
    for salt in range(-(-DESCRIPTORS_MOVED // 200)):
        stalls = random.Random(cocotb.RANDOM_SEED * 1000 + salt)
        bench = await prepared(dut, 1000 + salt, stalls.choice((0, 20, 60)), stalls.choice((0, 20, 60)))
        count = 200 // CHANNELS
        chains = [bench.chain(count, 600, first=count * n, destination=n * 30000) for n in range(CHANNELS)]
        for channel, chain in enumerate(chains):
            bench.store(chain)
            await bench.launch(chain[0].address, EOC_INTERRUPT, channel)
        for channel, chain in enumerate(chains):
            assert await bench.status_at_rest(channel, 400_000) & ~EOT == EOC
            assert await bench.get(dma.CHANNEL_DONE, channel) == len(chain)
            for each in chain:
                bench.copy(each)
        bench.check()


@cocotb.test()
async def appended_descriptors_are_found_running_or_idle(dut) -> None:
    bench = await prepared(dut, 10, 20, 20)
    chain = bench.chain(60, 400)
    pieces = []
    while chain:
        size = bench.rng.randrange(1, 6)
        pieces.append(chain[:size])
        chain = chain[size:]
    everything = [each for piece in pieces for each in piece]
    for piece in pieces:
        piece[-1].next = 0
        bench.store(piece)
    await bench.launch(pieces[0][0].address)
    for before, piece in zip(pieces, pieces[1:], strict=False):
        await ClockCycles(dut.clk, bench.rng.choice((1, 10, 100, 400)))
        before[-1].next = piece[0].address
        bench.put(before[-1].address, before[-1].encoded()[:8])
        await bench.set(dma.CHANNEL_CCR, ENABLE | RESUME)
    assert await bench.status_at_rest() & ~EOT == EOC
    assert await bench.get(dma.CHANNEL_DONE) == len(everything)
    assert await bench.get(dma.CHANNEL_CCR) == ENABLE
    for each in everything:
        bench.copy(each)
    bench.check()


@cocotb.test()
async def an_error_stops_the_channel_with_its_status_and_a_new_chain_starts(dut) -> None:
    done = 0
    for salt, kind in enumerate(("read", "write", "read beyond", "descriptor", "unaligned", "too long", "resume")):
        bench = await prepared(dut, 20 + salt, 10, 10)
        chain = bench.chain(12, 900)
        bad = chain[5]
        bad.length = max(bad.length, 3)
        expected = dma.CHANNEL_CSR_DESCRIPTOR_ERROR
        if kind == "read":
            bad.source, expected = HOLE, dma.CHANNEL_CSR_READ_ERROR
        elif kind == "write":
            bad.destination, expected = HOLE + 5, dma.CHANNEL_CSR_WRITE_ERROR
        elif kind == "read beyond":
            bad.source, expected = HOST + 16 * MEMORY_BYTES, dma.CHANNEL_CSR_READ_ERROR
        elif kind == "descriptor":
            chain[4].next = HOLE
        elif kind == "unaligned":
            chain[4].next |= 8
        elif kind == "too long":
            bad.length = 1 << 24
        bench.store(chain)
        if kind == "resume":
            chain[4].next = 0
            bench.put(chain[4].address, chain[4].encoded())
            await bench.launch(chain[0].address)
            assert await bench.status_at_rest() & ~EOT == EOC
            await bench.set(dma.CHANNEL_CSR, EOC | EOT)
            chain[4].next = HOLE
            bench.put(chain[4].address, chain[4].encoded())
            await bench.set(dma.CHANNEL_CCR, ENABLE | RESUME)
        else:
            await bench.launch(chain[0].address)
        status = await bench.status_at_rest()
        assert status & ~EOT == expected, f"{kind}: CSR {status:#x}"
        assert int(dut.irq.value) == 1
        assert await bench.get(dma.CHANNEL_DONE) == 5, kind
        assert not await bench.get(dma.CHANNEL_CCR) & ENABLE
        if expected != dma.CHANNEL_CSR_DESCRIPTOR_ERROR:
            assert await bench.get64(dma.CHANNEL_DAR_LOW, dma.CHANNEL_DAR_HIGH) == bad.address
        else:
            wanted = chain[4].next  # after a resume as well: it was read again
            assert await bench.get64(dma.CHANNEL_NDAR_LOW, dma.CHANNEL_NDAR_HIGH) == wanted
            assert await bench.get64(dma.CHANNEL_DAR_LOW, dma.CHANNEL_DAR_HIGH) == chain[4].address
        for each in chain[:5]:
            bench.copy(each)
        # with the error standing nothing starts; cleared, the rest of the chain goes
        await bench.launch(chain[6].address)
        assert await bench.status_at_rest() == status
        await bench.set(dma.CHANNEL_CSR, status)
        await bench.launch(chain[6].address)
        assert await bench.status_at_rest() & ~EOT == EOC
        assert await bench.get(dma.CHANNEL_DONE) == 11
        for each in chain[6:]:
            bench.copy(each)
        bad.length = min(bad.length, 1000)
        bench.check(*([] if expected == dma.CHANNEL_CSR_DESCRIPTOR_ERROR else [bad]))
        done += 1
    assert done == 7


@cocotb.test()
async def a_cleared_enable_suspends_the_chain_and_a_set_one_continues_it(dut) -> None:
    bench = await prepared(dut, 40, 30, 30)
    chain = bench.chain(40, 600)
    bench.store(chain)
    await bench.launch(chain[0].address)
    await ClockCycles(dut.clk, 200)
    await bench.set(dma.CHANNEL_CCR, 0)
    status = await bench.status_at_rest()
    assert not status & EOC
    done = await bench.get(dma.CHANNEL_DONE)
    assert 0 < done < 40
    assert await bench.get64(dma.CHANNEL_NDAR_LOW, dma.CHANNEL_NDAR_HIGH) == chain[done].address
    await bench.set(dma.CHANNEL_CCR, ENABLE)
    assert await bench.status_at_rest() & EOC
    assert await bench.get(dma.CHANNEL_DONE) == 40
    for each in chain:
        bench.copy(each)
    bench.check()


@cocotb.test()
async def register_accesses_that_make_no_sense_are_answered_with_an_error(dut) -> None:
    bench = await prepared(dut, 50)
    assert (await bench.read(CHANNELS * dma.CHANNEL_STRIDE))[1] == 2
    assert await bench.write(CHANNELS * dma.CHANNEL_STRIDE, 1) == 2
    assert await bench.write(dma.CHANNEL_NDAR_LOW, 0x1234, strobe=0x3) == 2
    assert await bench.get(dma.CHANNEL_NDAR_LOW) == 0
    assert (await bench.read(dma.CHANNEL_DONE + 4)) == (0, 0)


@cocotb.test()
async def rate_by_block_size(dut) -> None:
    """Bytes a clock of whole chains, from the first fetch to the last response."""
    bench = await prepared(dut, 60)
    total = 16384
    for name, source, destination in (
        ("host -> card", HOST + DESCRIPTORS, CARD + HALF),
        ("card -> host", CARD + DESCRIPTORS, HOST + HALF),
        ("host -> card, unaligned", HOST + DESCRIPTORS + 3, CARD + HALF + 6),
    ):
        rates = []
        for size in (64, 256, 1024, 4096, 65536):
            count = max(1, min(total // size, 64))
            size = min(size, 40000)  # the memories end there
            chain = link(
                [Descriptor(CARD + 32 * n, source + n * size, destination + n * size, size) for n in range(count)]
            )
            for each in chain:
                bench.copy(each)
            bench.store(chain)
            await bench.set(dma.CHANNEL_CSR, EOC | EOT)
            before = int(dut.busy_clocks.value)
            await bench.launch(chain[0].address, EOC_INTERRUPT)
            end = RisingEdge(dut.any_irq)
            assert await First(end, Timer(CLOCK_PS * 50_000, "ps")) is end
            rates.append((size, count * size / (int(dut.busy_clocks.value) - before)))
        dut._log.info("RATE %s: %s bytes a clock", name, ", ".join(f"{size}: {rate:.2f}" for size, rate in rates))
        assert rates[-1][1] > 7.5
        assert rates[3][1] > 6.5, "consecutive descriptors stop the flow"
    bench.check()
