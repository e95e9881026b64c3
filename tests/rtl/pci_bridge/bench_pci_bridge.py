"""pci_bridge between a root complex and the card's buses: data both ways, errors, ordering, interrupts."""

from __future__ import annotations

import os
import random

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from cocotbext.axi import (
    AxiBus,
    AxiLiteBus,
    AxiLiteMaster,
    AxiLiteRam,
    AxiMaster,
    AxiResp,
    AxiSlave,
    Region,
)
from cocotbext.pcie.core.tlp import Tlp, TlpType
from cocotbext.pcie.xilinx.us.tlp import Tlp_us
from stalls import RATES, Stalls, register_channels

from firmware.registers import bridge
from models.host.pcie_personality import HOST_QUEUES_BAR, Bar, toe_personality
from models.host.pcie_pins import PciePins
from models.host.pcie_root import Fault
from models.ports import BusError

SEED = int(os.environ.get("COCOTB_RANDOM_SEED", "1"))
MAX_PAYLOAD = int(os.environ.get("MAX_PAYLOAD", "256"))
MAX_READ_REQUEST = int(os.environ.get("MAX_READ_REQUEST", "512"))

CARD_MEMORY_BASE = 1 << 63
WINDOW = 1 << 16
BAD_OFFSET = 0xF000
"""Card memory answers with an error from here on."""
HOST_BASE = 0x1_2345_0000
HOST_SIZE = 1 << 17
OPERATIONS = 200
"""Of the random traffic, about."""
MAX_BURST_BEATS = 64
CLOCK_NS = 16
QUEUES_BYTES = 1 << 17
"""Registers behind BAR2, where there are two queue sets; the bridge sets bit 17 of their address."""
TAGS = 8
"""Requests outstanding, the default of pci_bridge."""


class HostMemory:
    """Bytes from HOST_BASE on; anything else is not there."""

    def __init__(self) -> None:
        self.data = bytearray(HOST_SIZE)

    def _place(self, address: int, length: int) -> int:
        if not HOST_BASE <= address <= address + length <= HOST_BASE + HOST_SIZE:
            raise BusError(f"no host memory at {address:#x}")
        return address - HOST_BASE

    def read(self, address: int, length: int) -> bytes:
        place = self._place(address, length)
        return bytes(self.data[place : place + length])

    def write(self, address: int, data: bytes) -> None:
        place = self._place(address, len(data))
        self.data[place : place + len(data)] = data


class CardMemory(Region):
    """The window on card memory, at its full address; refuses what lies outside or from BAD_OFFSET on."""

    def __init__(self) -> None:
        super().__init__(size=1 << 64)
        self.data = bytearray(WINDOW)

    def _place(self, address: int, length: int) -> int:
        place = address - CARD_MEMORY_BASE
        if not 0 <= place <= place + length <= BAD_OFFSET:
            raise BusError(f"no card memory at {address:#x}")
        return place

    async def read(self, addr: int, length: int, **_: object) -> bytes:
        place = self._place(addr, length)
        return bytes(self.data[place : place + length])

    async def write(self, addr: int, data: bytes, **_: object) -> None:
        place = self._place(addr, len(data))
        self.data[place : place + len(data)] = data


class Bench:
    """The harness with its surroundings."""

    def __init__(self, dut, master: bool = True) -> None:  # noqa: ANN001 - a simulator handle
        """`master`: the card's bus has a master; otherwise the test drives the pins of s_axi itself."""
        self.dut = dut
        self.random = random.Random(SEED)
        self.host_memory = HostMemory()
        self.card_memory = CardMemory()
        self.interrupts: list[int] = []
        queue_sets = int(dut.QUEUE_SETS.value)
        self.queues = HOST_QUEUES_BAR if queue_sets == 2 else None
        self.no_bar = 3 if queue_sets == 2 else 2
        """One that the root complex knows, and the bridge does not."""
        personality = toe_personality(WINDOW, queue_sets)
        personality = type(personality)(**{**vars(personality), "bars": (*personality.bars, Bar(self.no_bar, 4096))})
        self.pins = PciePins(
            dut, dut.clk, personality, max_payload_bytes=MAX_PAYLOAD, max_read_request_bytes=MAX_READ_REQUEST
        )
        self.pins.connect(self.host_memory, lambda vector: self.interrupts.append(vector))
        self.holds: list[str] = []
        self.pins.on_busy = lambda: self.holds.append("busy")
        self.pins.on_idle = lambda: self.holds.append("idle")
        if master:
            self.card = AxiMaster(AxiBus.from_prefix(dut, "s_axi"), dut.clk, dut.rst, max_burst_len=MAX_BURST_BEATS)
            self.card.write_if.log.setLevel("WARNING")
            self.card.read_if.log.setLevel("WARNING")
        self.memory = AxiSlave(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst, target=self.card_memory)
        self.messaging = AxiLiteRam(AxiLiteBus.from_prefix(dut, "m_axil"), dut.clk, dut.rst, size=2 * QUEUES_BYTES)
        self.firmware = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)
        for part in (self.firmware.write_if, self.firmware.read_if):
            part.log.setLevel("WARNING")
        for part in (self.memory.write_if, self.memory.read_if, self.messaging.write_if, self.messaging.read_if):
            part.log.setLevel("CRITICAL")
        block = self.pins.block
        streams = {"rq": block.rq_sink, "rc": block.rc_source, "cq": block.cq_source, "cc": block.cc_sink}
        registers = register_channels(self.messaging, self.firmware)
        # Read completions that come too slowly would meet the time-out.
        self.stalls = Stalls(dut, SEED, streams, registers, most={"rc": 30})
        self.operations = 0

    async def start(self) -> None:
        self.dut.seed.value = SEED
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 5)
        self.dut.rst.value = 0
        await ClockCycles(self.dut.clk, 5)
        await self.pins.start()

    def operation(self, of: int) -> None:
        """One of so many begins: each rate of stalls has its share of them."""
        self.stalls.progress(self.operations, -(-of // len(RATES)))
        self.operations += 1

    async def register(self, offset: int) -> int:
        return await self.firmware.read_dword(offset)

    async def finish(self) -> None:
        """Everything comes to rest, the monitors are content, nothing malformed reached the block."""
        for _ in range(400):
            if self.pins.idle() and not int(self.dut.busy.value):
                break
            await ClockCycles(self.dut.clk, 10)
        assert self.pins.idle(), "the model is still busy"
        await Timer(1, "us")
        assert self.holds[-1] == "idle"
        assert self.holds == ["busy", "idle"] * (len(self.holds) // 2), "each hold of the clocks is released once"
        assert int(self.dut.busy.value) == 0, "the bridge is still busy"
        assert int(self.dut.card_monitor_failed.value) == 0
        assert int(self.dut.memory_monitor_failed.value) == 0
        assert int(self.dut.card_monitor_idle.value) == 1
        assert self.pins.block.malformed_requests == 0


async def card_traffic(bench: Bench, region: int, size: int, rounds: int, salt: int) -> None:
    """Random writes and reads of the card in its own part of host memory, against a copy."""
    generator = random.Random(SEED * 1000 + salt)
    copy = bytearray(bench.host_memory.data[region : region + size])
    for _ in range(rounds):
        bench.operation(OPERATIONS)
        length = generator.choice((1, 3, 8, 64, generator.randrange(1, 1500)))
        place = generator.randrange(size - length)
        if generator.random() < 0.5:
            data = generator.randbytes(length)
            copy[place : place + length] = data
            response = await bench.card.write(HOST_BASE + region + place, data)
            assert response.resp == AxiResp.OKAY
        else:
            response = await bench.card.read(HOST_BASE + region + place, length)
            assert response.resp == AxiResp.OKAY
            assert response.data == bytes(copy[place : place + length]), f"card read of {length} at {place:#x}"
    # A read after the last write's response brings everything to the host.
    await bench.card.read(HOST_BASE + region, 8)
    assert bench.host_memory.data[region : region + size] == copy


async def host_traffic(bench: Bench, region: int, size: int, rounds: int, salt: int) -> None:
    """Random writes and reads of the host in its own part of card memory, against a copy."""
    generator = random.Random(SEED * 1000 + salt)
    copy = bytearray(bench.card_memory.data[region : region + size])
    for _ in range(rounds):
        bench.operation(OPERATIONS)
        length = generator.choice((1, 2, 4, 5, 8, 64, generator.randrange(1, 1200)))
        place = generator.randrange(size - length)
        if generator.random() < 0.6:
            data = generator.randbytes(length)
            copy[place : place + length] = data
            await bench.pins.write(1, region + place, data)
        else:
            data = await bench.pins.read(1, region + place, length)
            assert data == bytes(copy[place : place + length]), f"host read of {length} at {place:#x}"
    await bench.pins.read(1, region, 0)
    assert bench.card_memory.data[region : region + size] == copy


async def register_traffic(bench: Bench, bar: int, page: int, rounds: int, salt: int) -> None:
    """Random accesses of at most a dword to 4 KiB of registers from `page` on, against a copy."""
    generator = random.Random(SEED * 1000 + salt)
    copy = bytearray(4096)
    for _ in range(rounds):
        bench.operation(OPERATIONS)
        dword = generator.randrange(1024) * 4
        skip = generator.randrange(4)
        length = generator.randrange(1, 5 - skip)
        if generator.random() < 0.5:
            data = generator.randbytes(length)
            copy[dword + skip : dword + skip + length] = data
            await bench.pins.write(bar, page + dword + skip, data)
        else:
            data = await bench.pins.read(bar, page + dword + skip, length)
            assert data == bytes(copy[dword + skip : dword + skip + length])
    await bench.pins.read(bar, page, 0)
    assert bench.messaging.read((QUEUES_BYTES if bar else 0) + page, 4096) == bytes(copy)


@cocotb.test()
async def random_traffic_both_ways(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    delays = random.Random(SEED)
    bench.pins.root.completion_delay = lambda: delays.uniform(1, 2000)
    bench.pins.root.split_on_all_rcb = bench.random.random() < 0.5
    bench.host_memory.data[:] = bench.random.randbytes(HOST_SIZE)
    bench.card_memory.data[:] = bench.random.randbytes(WINDOW)
    tasks = [
        cocotb.start_soon(card_traffic(bench, 0x0000, 0x3000, 40, 1)),
        cocotb.start_soon(card_traffic(bench, 0x4003, 0x3000, 40, 2)),
        cocotb.start_soon(card_traffic(bench, 0x9001, 0x1000, 40, 3)),
        cocotb.start_soon(host_traffic(bench, 0x0000, 0x4000, 40, 4)),
        cocotb.start_soon(register_traffic(bench, 0, 0, 30, 5)),
    ]
    if bench.queues is not None:
        tasks.append(cocotb.start_soon(register_traffic(bench, bench.queues, 0x1_5000, 30, 6)))
    for task in tasks:
        await task
    for offset in (bridge.COMPLETION_ERRORS, bridge.UNEXPECTED_COMPLETIONS, bridge.POSTED_DROPS, bridge.STATUS):
        assert await bench.register(offset) == 0
    bench.stalls.check("card", "memory", "rq", "rc", "cq", "cc", "host_registers")
    await bench.finish()


@cocotb.test()
async def sparse_strobes_write_the_enabled_bytes_only(dut) -> None:  # noqa: ANN001
    """A burst with gaps in wstrb, driven pin by pin."""
    bench = Bench(dut, master=False)
    await bench.start()
    bench.host_memory.data[:] = bench.random.randbytes(HOST_SIZE)
    expected = bytearray(bench.host_memory.data)
    edge = RisingEdge(dut.clk)
    await edge  # what is driven from here on is seen at the next one
    for _ in range(30):
        bench.operation(30)
        beats = bench.random.randrange(1, 12)
        place = bench.random.randrange(0, 0x800) * 8
        place -= max(0, place % 4096 + beats * 8 - 4096)
        dut.s_axi_awaddr.value = HOST_BASE + place
        dut.s_axi_awlen.value = beats - 1
        dut.s_axi_awsize.value = 3
        dut.s_axi_awburst.value = 1
        dut.s_axi_awvalid.value = 1
        dut.s_axi_bready.value = 1
        await edge
        while not int(dut.s_axi_awready.value):
            await edge
        dut.s_axi_awvalid.value = 0
        for beat in range(beats):
            data = bench.random.randbytes(8)
            strobe = bench.random.choice((0xFF, 0xFF, 0xF0, 0x0F, 0x00, bench.random.randrange(256)))
            for lane in range(8):
                if strobe >> lane & 1:
                    expected[place + 8 * beat + lane] = data[lane]
            dut.s_axi_wdata.value = int.from_bytes(data, "little")
            dut.s_axi_wstrb.value = strobe
            dut.s_axi_wlast.value = int(beat == beats - 1)
            dut.s_axi_wvalid.value = 1
            await edge
            while not int(dut.s_axi_wready.value):
                await edge
        dut.s_axi_wvalid.value = 0
        while not int(dut.s_axi_bvalid.value):
            await edge
        assert int(dut.s_axi_bresp.value) == 0
    await bench.pins.read(1, 0, 0)
    await bench.finish()
    assert bench.host_memory.data == expected
    bench.stalls.check("card", "rq")


@cocotb.test()
async def completion_errors_reach_the_requester_and_only_it(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    bench.host_memory.data[:] = bench.random.randbytes(HOST_SIZE)
    root = bench.pins.root
    delays = random.Random(SEED)
    root.completion_delay = lambda: delays.uniform(1, 1500)
    faults: dict[int, Fault] = {}
    root.read_fault = lambda tlp: faults.get(tlp.address & ~0xFFF)
    kinds = (Fault.UNSUPPORTED_REQUEST, Fault.COMPLETER_ABORT, Fault.POISONED, Fault.LOST)
    for k, fault in enumerate(kinds):
        faults[HOST_BASE + 0x1000 * (2 * k + 1)] = fault

    async def check(page: int, length: int) -> None:
        response = await bench.card.read(HOST_BASE + 0x1000 * page, length)
        if HOST_BASE + 0x1000 * page in faults:
            assert response.resp == AxiResp.SLVERR, f"page {page}"
        else:
            assert response.resp == AxiResp.OKAY, f"page {page}"
            assert response.data == bytes(bench.host_memory.data[0x1000 * page : 0x1000 * page + length])

    for length in (4, 300):
        tasks = [cocotb.start_soon(check(page, length)) for page in range(9)]
        for task in tasks:
            await task
    requests = 1 + -(-300 // min(MAX_READ_REQUEST, 512))
    assert await bench.register(bridge.COMPLETION_TIMEOUTS) == requests
    assert await bench.register(bridge.POISONED_TLPS) == requests
    assert await bench.register(bridge.COMPLETION_ERRORS) == 2 * requests
    status = await bench.register(bridge.STATUS)
    assert status == bridge.STATUS_COMPLETION_ERROR | bridge.STATUS_COMPLETION_TIMEOUT | bridge.STATUS_POISONED
    assert int(dut.error_irq.value) == 0
    await bench.firmware.write_dword(bridge.MASK, 0)
    await ClockCycles(dut.clk, 2)
    assert int(dut.error_irq.value) == 1
    await bench.firmware.write_dword(bridge.STATUS, status)
    await ClockCycles(dut.clk, 2)
    assert int(dut.error_irq.value) == 0

    # host memory that is not there
    response = await bench.card.read(0x7_0000_0000, 64)
    assert response.resp == AxiResp.SLVERR
    assert root.refused_reads == 1 + requests
    await bench.card.write(0x7_0000_0000, bytes(64))
    await bench.pins.read(1, 0, 0)
    assert root.dropped_writes > 0
    await bench.finish()


@cocotb.test()
async def late_completions_are_dropped_and_do_not_disturb(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    bench.host_memory.data[:] = bench.random.randbytes(HOST_SIZE)
    limit_ns = int(dut.COMPLETION_TIMEOUT_CYCLES.value) * CLOCK_NS
    delays = [limit_ns * 1.5]
    bench.pins.root.completion_delay = lambda: delays[0]
    response = await bench.card.read(HOST_BASE, 64)
    assert response.resp == AxiResp.SLVERR
    # The ring comes round to the same buffer, which waits for other data when the late completion arrives.
    for k in range(2 * TAGS):
        place = 64 * k + 64
        delays[0] = limit_ns * 0.9 if k == TAGS - 1 else 50
        response = await bench.card.read(HOST_BASE + place, 64)
        assert response.resp == AxiResp.OKAY
        assert response.data == bytes(bench.host_memory.data[place : place + 64]), f"read {k}"
    assert await bench.register(bridge.COMPLETION_TIMEOUTS) == 1
    assert await bench.register(bridge.UNEXPECTED_COMPLETIONS) == 1
    await bench.finish()


@cocotb.test()
async def bus_master_off_is_an_error_at_once(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    await bench.pins.set_bus_master(False)
    await ClockCycles(dut.clk, 4)
    assert (await bench.card.read(HOST_BASE, 600)).resp == AxiResp.SLVERR
    assert (await bench.card.write(HOST_BASE, bytes(range(100)))).resp == AxiResp.SLVERR
    dropped = await bench.register(bridge.BUS_MASTER_OFF_DROPS)
    assert dropped == 3, "two read bursts and one write burst"
    assert bench.pins.block.dropped_while_bus_master_off == 0, "no TLP is sent"
    assert not any(bench.host_memory.data)
    await bench.pins.set_bus_master(True)
    await ClockCycles(dut.clk, 4)
    assert (await bench.card.write(HOST_BASE, b"again")).resp == AxiResp.OKAY
    assert (await bench.card.read(HOST_BASE, 5)).data == b"again"

    # switched off with requests on the way: each is answered all the same
    tasks = [cocotb.start_soon(bench.card.read(HOST_BASE + 4096 * k, 2048)) for k in range(6)]
    tasks += [cocotb.start_soon(bench.card.write(HOST_BASE + 4096 * k, bytes(2048))) for k in range(6)]
    await bench.pins.set_bus_master(False)
    for task in tasks:
        assert (await task).resp in (AxiResp.OKAY, AxiResp.SLVERR)
    await bench.finish()


@cocotb.test()
async def requests_the_card_cannot_serve_are_refused(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()

    async def refused(bar: int, offset: int, length: int) -> str:
        try:
            await bench.pins.read(bar, offset, length)
        except BusError as error:
            return str(error)
        return ""

    assert "CA" in await refused(0, 0x10, 8)
    assert "CA" in await refused(0, 0x13, 2)
    if bench.queues is not None:
        assert "CA" in await refused(bench.queues, 0x1_0010, 8)
    assert "UR" in await refused(bench.no_bar, 0, 4)
    assert "CA" in await refused(1, BAD_OFFSET + 0x10, 4)
    assert "CA" in await refused(1, BAD_OFFSET - 0x80, 0x100)
    await bench.pins.write(0, 0x10, bytes(8))
    await bench.pins.write(bench.no_bar, 0x10, bytes(300))
    await bench.pins.write(1, BAD_OFFSET, bytes(4))

    # a type that the card does not know, with a payload that must not be taken for the next request
    request = Tlp()
    request.fmt_type = TlpType.FETCH_ADD
    request.set_addr_be_data(bench.pins.bar_addresses[1], bytes(4))
    request.requester_id = bench.pins.root.pcie_id
    request.tag = 31
    bench.pins.block.cq_queue.put_nowait(Tlp_us(request))
    assert await bench.pins.read(1, 0, 0) == b""
    assert await bench.pins.read(0, 0, 0) == b""
    assert await bench.pins.read(0, 0x20, 4) == bytes(4)
    assert await bench.register(bridge.COMPLETER_ABORTS) == 4 + (bench.queues is not None)
    assert await bench.register(bridge.UNSUPPORTED_REQUESTS) == 2
    drops = await bench.register(bridge.POSTED_DROPS)
    assert drops == 2 + -(-300 // MAX_PAYLOAD) + (1 if 0x10 + 300 % MAX_PAYLOAD > MAX_PAYLOAD else 0)
    assert await bench.register(0x40) == 1
    assert int(dut.arbiter_round_robin.value) == 1
    await bench.firmware.write_dword(bridge.ARBITER_CONTROL, 0)
    assert int(dut.arbiter_round_robin.value) == 0
    dut.bus_beats.value = 5 | 6 << 32 | 7 << 64 | 8 << 96
    await ClockCycles(dut.clk, 2)
    assert [await bench.register(bridge.BUS_BEATS0 + 4 * k) for k in range(4)] == [5, 6, 7, 8]
    await bench.finish()


@cocotb.test()
async def interrupts_and_completions_do_not_pass_posted_writes(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    # A slow link: the card's writes pile up in front of it, and what is not held back gets past them.
    bench.pins.block.upstream_port.symbol_period *= 6
    seen: list[bool] = []
    expected = bytearray(HOST_SIZE)
    bench.pins.connect(bench.host_memory, lambda _: seen.append(bench.host_memory.data == expected))
    for k in range(12):
        data = bytes([k + 1]) * 1536
        place = bench.random.randrange(16) * 4096 + 512
        expected[place : place + len(data)] = data
        await bench.card.write(HOST_BASE + place, data)
        if k % 2:
            dut.host_irq.value = 1
            while len(seen) <= k // 2:
                await Timer(100, "ns")
            dut.host_irq.value = 0
        else:
            await bench.pins.read(0, 0, 4)
            assert bench.host_memory.data == expected, "a read completion passed a write"
    assert seen == [True] * 6, "an interrupt passed a write"
    await bench.finish()


@cocotb.test()
async def no_interrupt_is_lost(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()

    async def told(count: int) -> None:
        await ClockCycles(dut.clk, 190)  # and so a gap of one clock is one
        assert len(bench.interrupts) == count, f"{len(bench.interrupts)} interrupts, not {count}"

    dut.host_irq.value = 1
    await told(1)
    await told(1)
    dut.host_irq.value = 0
    await told(1)
    dut.host_irq.value = 1
    await told(2)
    # a gap of one clock is a new rise, whatever became of the first message
    for k in range(5):
        dut.host_irq.value = 0
        await ClockCycles(dut.clk, 1)
        dut.host_irq.value = 1
        await told(3 + k)
    # raised while disabled: told when enabled
    dut.host_irq.value = 0
    await bench.pins.set_msi(False)
    await ClockCycles(dut.clk, 4)
    dut.host_irq.value = 1
    await told(7)
    await bench.pins.set_msi(True)
    await told(8)
    # still high after bus mastering was off: told again
    await bench.pins.set_bus_master(False)
    await told(8)
    await bench.pins.set_bus_master(True)
    await told(9)
    dut.host_irq.value = 0
    assert bench.pins.root.unexpected_interrupts == 0
    await bench.finish()


@cocotb.test()
async def an_idle_model_asks_for_no_clock_and_a_write_wakes_it(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    await bench.pins.wait_idle()
    await Timer(1, "us")
    bench.holds.clear()
    await Timer(50, "us")
    assert bench.holds == [], "something stirs although nothing is asked for"
    await bench.pins.write(0, 0x40, b"post")
    assert bench.holds == ["busy"]
    assert not bench.pins.idle()
    await bench.finish()
    assert bench.messaging.read(0x40, 4) == b"post"
