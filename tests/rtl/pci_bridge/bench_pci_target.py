"""pci_bridge as completer: every kind of request, byte enable and length, against a copy of what it leads to."""

from __future__ import annotations

import os
import random

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiLiteRam, AxiLiteSlave, AxiMaster, AxiSlave, Region
from cocotbext.pcie.core.tlp import CplStatus, Tlp, TlpAttr, TlpTc, TlpType
from cocotbext.pcie.core.utils import PcieId
from cocotbext.pcie.xilinx.us.interface import UsPcieFrame
from cocotbext.pcie.xilinx.us.tlp import ReqType, Tlp_us
from stalls import RATES
from stream_block import StreamBlock

from firmware.registers import bridge
from models.host.pcie_root import enabled_runs
from models.ports import BusError

SEED = int(os.environ.get("COCOTB_RANDOM_SEED", "1"))
OPERATIONS = int(os.environ.get("OPERATIONS", "300"))
MAX_PAYLOAD = int(os.environ.get("MAX_PAYLOAD", "256"))
BAR0, BAR1, BAR2 = 0xE000_0000, 0x9_0000_0000, 0xE010_0000
WINDOW = 1 << 16
BAD_OFFSET = 0xF000
CARD_MEMORY_BASE = 1 << 63
REGISTERS, MEMORY, QUEUES = 0, 1, 2
QUEUES_BYTES = 1 << 17
"""Registers behind BAR2, where there are two queue sets; the bridge sets bit 17 of their address."""
STEP = max(1, min(OPERATIONS // len(RATES), 200))
"""Operations from one rate of stalls to the next."""
REQUESTER = PcieId(3, 5, 1)


class Window(Region):
    def __init__(self) -> None:
        super().__init__(size=1 << 64)
        self.data = bytearray(WINDOW)

    def _place(self, address: int, length: int) -> int:
        place = address - CARD_MEMORY_BASE
        if not 0 <= place <= place + length <= BAD_OFFSET:
            raise BusError("no card memory here")
        return place

    async def read(self, addr: int, length: int, **_: object) -> bytes:
        place = self._place(addr, length)
        return bytes(self.data[place : place + length])

    async def write(self, addr: int, data: bytes, **_: object) -> None:
        place = self._place(addr, len(data))
        self.data[place : place + len(data)] = data


class Empty:
    def read(self, address: int, length: int) -> bytes:
        return bytes(length)

    def write(self, address: int, data: bytes) -> None:
        pass


class Bench:
    def __init__(self, dut, registers: Region | None = None) -> None:  # noqa: ANN001
        """`registers`: what answers in place of a memory behind BAR0."""
        self.dut = dut
        self.dice = random.Random(SEED)
        self.window = Window()
        self.card = AxiMaster(AxiBus.from_prefix(dut, "s_axi"), dut.clk, dut.rst, max_burst_len=64)
        axil = AxiLiteBus.from_prefix(dut, "m_axil")
        if registers is None:
            self.registers = AxiLiteRam(axil, dut.clk, dut.target_rst, size=2 * QUEUES_BYTES)
        else:
            self.registers = AxiLiteSlave(axil, dut.clk, dut.target_rst, target=registers)
        self.memory = AxiSlave(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.target_rst, target=self.window)
        self.firmware = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)
        for side in (self.card, self.firmware, self.memory, self.registers):
            side.write_if.log.setLevel("CRITICAL")
            side.read_if.log.setLevel("CRITICAL")
        self.block = StreamBlock(dut, Empty(), self.dice, MAX_PAYLOAD, 512, self.registers, self.firmware)
        self.stalls = self.block.stalls

    async def start(self, nic: bool = False, stalls: bool = True) -> None:
        self.dut.seed.value = SEED
        self.dut.nic.value = int(nic)
        if stalls:
            self.stalls.of_seed(SEED)
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 5)
        self.dut.rst.value = 0
        await ClockCycles(self.dut.clk, 5)

    async def register(self, offset: int) -> int:
        return await self.firmware.read_dword(offset)

    async def finish(self) -> None:
        for _ in range(2000):
            if self.block.idle() and not int(self.dut.busy.value):
                break
            await ClockCycles(self.dut.clk, 10)
        await Timer(1, "us")
        assert not int(self.dut.busy.value), "the bridge is still busy"
        assert not int(self.dut.memory_monitor_failed.value) and int(self.dut.memory_monitor_idle.value)
        assert int(self.dut.registers_idle.value) == 0b11


def request(kind: TlpType, address: int, dwords: int, first_be: int, last_be: int, bar: int, tag: int) -> Tlp_us:
    tlp = Tlp_us()
    tlp.fmt_type = kind
    tlp.address, tlp.length, tlp.first_be, tlp.last_be = address, dwords, first_be, last_be
    tlp.requester_id, tlp.tag, tlp.bar_id, tlp.bar_aperture = REQUESTER, tag, bar, 12
    return tlp


class Asked:
    """A non-posted request that waits for its answer: a status, or for each byte what it may be.

    What is written after the request was delivered may show, but not in the first piece: it has been fetched by then.
    """

    def __init__(self, tlp: Tlp_us, status: CplStatus | None = None) -> None:
        self.tlp = tlp
        self.status = status
        self.data: list[set[int]] = []
        self._sure = MAX_PAYLOAD - tlp.address % MAX_PAYLOAD

    def delivered(self, content: bytes) -> None:
        self.data = [{byte} for byte in content]

    def written(self, address: int, data: bytes) -> None:
        for at, byte in enumerate(data, address - self.tlp.address):
            if self._sure <= at < len(self.data):
                self.data[at].add(byte)


def check_completions(asked: Tlp_us, answer: list[Tlp], data: list[set[int]]) -> None:
    """Split where the specification allows it, complete, and the right bytes."""
    left, place = asked.get_be_byte_count(), 0
    for k, piece in enumerate(answer):
        assert piece.status == CplStatus.SC and piece.tag == asked.tag and piece.requester_id == asked.requester_id
        assert (piece.tc, piece.attr) == (asked.tc, asked.attr)
        assert piece.byte_count == left, "byte count"
        address = asked.address + 4 * place
        skip = asked.get_first_be_offset() if k == 0 and asked.first_be else 0
        assert piece.lower_address == (address + skip) & 0x7F, "lower address"
        assert 4 * piece.length <= MAX_PAYLOAD
        place += piece.length
        if place < asked.length:
            assert (asked.address + 4 * place) % 64 == 0, "split away from a read completion boundary"
        left -= 4 * piece.length - skip
    assert place == asked.length
    got = b"".join(bytes(piece.data) for piece in answer)
    if asked.length == 1:
        enabled = [asked.first_be >> k & 1 for k in range(4)]
    else:
        enabled = [asked.first_be >> k & 1 for k in range(4)] + [1] * (4 * asked.length - 8)
        enabled += [asked.last_be >> k & 1 for k in range(4)]
    for k, on in enumerate(enabled):
        assert not on or got[k] in data[k], f"byte {k} of {len(got)}"


@cocotb.test()
async def requests_of_every_kind(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block, dice = bench.block, bench.dice
    queues_there = int(dut.QUEUE_SETS.value) == 2
    bases = (BAR0, BAR1, BAR2)
    copies = (bytearray(4096), bytearray(dice.randbytes(WINDOW)), bytearray(QUEUES_BYTES))
    bench.window.data[:] = copies[MEMORY]
    bars = {"register": REGISTERS, "queue": QUEUES}
    shares = {"write": 6, "read": 6, "register write": 3, "register read": 3, "flush": 1, "poisoned": 1, "wrong": 3}
    if queues_there:
        shares |= {"queue write": 3, "queue read": 3}
    counts = {"unsupported": 0, "abort": 0, "drop": 0, "poisoned": 0}
    waiting: dict[int, Asked] = {}
    kinds: dict[str, int] = {}

    def enables(dwords: int, address: int) -> tuple[int, int]:
        if dwords == 1:
            return dice.randrange(16), 0
        if dwords == 2 and address % 8 == 0 and dice.random() < 0.5:
            return dice.randrange(1, 16), dice.randrange(1, 16)
        return dice.choice((0xF, 0xE, 0xC, 0x8)), dice.choice((0xF, 0x7, 0x3, 0x1))

    def collect(tag: int) -> bool:
        asked = waiting[tag]
        answer = block.completions.get(tag, [])
        if not answer:
            return False
        if asked.status is not None:
            # an error may show in a later piece
            if answer[-1].status == CplStatus.SC:
                return False
            assert answer[-1].status == asked.status, f"{asked.tlp!r}: {answer[-1].status}"
        else:
            if sum(piece.length for piece in answer) < asked.tlp.length:
                return False
            check_completions(asked.tlp, answer, asked.data)
        del block.completions[tag], waiting[tag]
        return True

    firmware = cocotb.start_soon(registers_of_its_own(bench))
    for number in range(OPERATIONS):
        bench.stalls.progress(number, STEP)
        tag = number % 32
        while len(waiting) > 16 or tag in waiting:
            await RisingEdge(dut.clk)
            for each in list(waiting):
                collect(each)
        what = dice.choices(list(shares), list(shares.values()))[0]
        kinds[what] = kinds.get(what, 0) + 1
        bar = bars.get(what.split()[0], MEMORY)
        most = 1 if bar != MEMORY else MAX_PAYLOAD // 4 if what in ("write", "poisoned") else 1024
        dwords = dice.choice((1, 1, 2, 3, dice.randrange(1, most + 1)))
        dwords = min(dwords, most)
        if bar != MEMORY and dice.random() < 0.1:
            dwords = 2
        place = 4 * dice.randrange(((BAD_OFFSET if bar == MEMORY else 4096) - 4 * dwords) // 4 + 1)
        place -= max(0, place % 4096 + 4 * dwords - 4096)
        if bar == QUEUES:
            place += dice.choice((0, 0x10000, QUEUES_BYTES - 4096))
        if bar == MEMORY and dice.random() < 0.05:
            place = BAD_OFFSET + 4 * dice.randrange(256)
            dwords = min(dwords, 64)
        bad = bar == MEMORY and place >= BAD_OFFSET
        copy, base = copies[bar], bases[bar]
        first_be, last_be = enables(dwords, place)
        if what == "flush":
            dwords, first_be, last_be = 1, 0, 0
        if what.endswith("write") or what == "poisoned":
            kind = TlpType.MEM_WRITE_64 if base >> 32 else TlpType.MEM_WRITE
            tlp = request(kind, base + place, dwords, first_be, last_be, bar, tag)
            tlp.set_data(dice.randbytes(4 * dwords))
            if what == "poisoned":
                tlp.discontinue = True
                counts["poisoned"] += 1  # no byte of it is written, and so none refused
            elif bar != MEMORY and dwords > 1:
                counts["drop"] += 1
            elif bad:
                counts["drop"] += any(data for _, data in enabled_runs(tlp))
            else:
                for address, data in enabled_runs(tlp):
                    copy[address - base : address - base + len(data)] = data
                    for each in waiting.values():
                        if each.tlp.bar_id == bar:
                            each.written(address, data)
            block.post(tlp)
        elif what == "wrong":
            wrong(bench, dice, tag, waiting, counts, (3, 5, 6, 7) if queues_there else (2, 3, 5, 6, 7))
        else:
            kind = TlpType.MEM_READ_64 if base >> 32 else TlpType.MEM_READ
            tlp = request(kind, base + place, dwords, first_be, last_be, bar, tag)
            tlp.tc, tlp.attr = TlpTc(dice.randrange(8)), TlpAttr(dice.randrange(8))
            refused = bar != MEMORY and dwords > 1 or (bad and first_be)
            counts["abort"] += bool(refused)
            asked = waiting[tag] = Asked(tlp, CplStatus.CA if refused else None)

            def deliver(asked: Asked = asked, copy: bytearray = copy, at: int = place, size: int = 4 * dwords) -> None:
                asked.delivered(bytes(copy[at : at + size]))

            block.post(tlp, deliver)
    for _ in range(20000):
        if not waiting:
            break
        await RisingEdge(dut.clk)
        for each in list(waiting):
            collect(each)
    assert not waiting, f"no answer: {waiting}"
    firmware.cancel()
    await bench.finish()
    dut._log.info("seed %d: %s, %s", SEED, kinds, counts)
    assert not block.completions, "a completion that nobody asked for"
    assert bench.window.data == copies[MEMORY]
    assert bench.registers.read(0, 4096) == bytes(copies[REGISTERS])
    assert bench.registers.read(QUEUES_BYTES, QUEUES_BYTES) == bytes(copies[QUEUES])
    bench.stalls.check("memory", "cq", "cc", "host_registers", "own_registers")
    assert await bench.register(bridge.UNSUPPORTED_REQUESTS) == counts["unsupported"]
    assert await bench.register(bridge.COMPLETER_ABORTS) == counts["abort"]
    assert await bench.register(bridge.POISONED_TLPS) == counts["poisoned"]
    assert await bench.register(bridge.POSTED_DROPS) == counts["drop"]


async def registers_of_its_own(bench: Bench) -> None:
    """The firmware at the bridge's registers, all the while."""
    dice = random.Random(f"firmware, {SEED}")
    while True:
        mask = dice.randrange(1 << 9)
        await bench.firmware.write_dword(bridge.MASK, mask)
        assert await bench.register(bridge.MASK) == mask
        await ClockCycles(bench.dut.clk, dice.randrange(1, 300))


def wrong(
    bench: Bench, dice: random.Random, tag: int, waiting: dict, counts: dict[str, int], no_bars: tuple[int, ...]
) -> None:
    """A request that the card does not serve: its answer is unsupported request, or nothing where it is posted."""
    nature = dice.choice(("io", "locked", "atomic", "configuration", "message", "no bar", "no bar write"))
    place = 4 * dice.randrange(256)
    tlp = request(TlpType.MEM_READ, BAR0 + place, 1, 0xF, 0, MEMORY, tag)
    posted = False
    if nature == "io":
        tlp.fmt_type = dice.choice((TlpType.IO_READ, TlpType.IO_WRITE))
        if tlp.fmt_type == TlpType.IO_WRITE:
            tlp.set_data(bytes(4))
    elif nature == "locked":
        tlp.fmt_type = TlpType.MEM_READ_LOCKED
    elif nature == "atomic":
        tlp.fmt_type = dice.choice((TlpType.FETCH_ADD, TlpType.SWAP, TlpType.CAS))
        tlp.set_data(bytes(8))
        tlp.last_be = 0xF
    elif nature.startswith("no bar"):
        tlp.bar_id = dice.choice(no_bars)
        posted = nature == "no bar write"
        if posted:
            tlp.fmt_type = TlpType.MEM_WRITE
            tlp.set_data(dice.randbytes(4 * dice.randrange(1, 20)))
            tlp.last_be = 0 if tlp.length == 1 else 0xF
    frame: UsPcieFrame = tlp.pack_us_cq()
    if nature in ("configuration", "message"):
        posted = nature == "message"
        kinds = (
            (ReqType.MSG, ReqType.MSG_VENDOR, ReqType.MSG_ATS) if posted else (ReqType.CFG_READ_0, ReqType.CFG_READ_1)
        )
        frame.data[2] = frame.data[2] & ~(0xF << 11) | dice.choice(kinds) << 11
        frame.update_parity()
    if posted:
        counts["drop"] += 1
    else:
        counts["unsupported"] += 1
        waiting[tag] = Asked(tlp, CplStatus.UR)
    bench.block.post(frame)


@cocotb.test()
async def a_refused_write_is_one_drop_however_many_bursts_it_takes(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block, dice = bench.block, bench.dice
    before = bytes(bench.window.data)
    drops = 0
    for place, refused in ((BAD_OFFSET + 0x1F0, 2), (BAD_OFFSET - 16, 1), (BAD_OFFSET + 0x200, 1), (0x1F0, 0)):
        tlp = request(TlpType.MEM_WRITE_64, BAR1 + place, 8, 0xF, 0xF, MEMORY, 0)
        data = dice.randbytes(32)
        tlp.set_data(data)
        block.post(tlp)
        await ClockCycles(dut.clk, 400)
        drops += refused > 0
        assert await bench.register(bridge.POSTED_DROPS) == drops, f"{refused} bursts refused"
    assert bench.window.data[BAD_OFFSET:] == before[BAD_OFFSET:]
    assert bench.window.data[0x1F0:0x210] == data
    await bench.finish()


@cocotb.test()
async def registers_answer_at_the_rate_of_a_polling_host(dut) -> None:  # noqa: ANN001
    """One non-posted request is served at a time: far more than a processor or the link asks for."""
    bench = Bench(dut)
    await bench.start(stalls=False)
    block = bench.block
    begin = get_sim_time("ps")
    count = 32
    for tag in range(count):
        block.post(request(TlpType.MEM_READ, BAR0 + 4 * tag, 1, 0xF, 0, REGISTERS, tag))
    while len(block.completions) < count:
        await RisingEdge(dut.clk)
    clocks = (get_sim_time("ps") - begin) // 16_000 / count
    dut._log.info("%.1f clocks a register read", clocks)
    # A read is 20 and a completion 24 bytes on the link with 8 bytes a clock: 3 clocks at the very best; a processor
    # that polls has one read under way and waits for its round trip, some 60 clocks.
    assert clocks < 20
    block.completions.clear()
    begin = get_sim_time("ps")
    for tag in range(8):
        block.post(request(TlpType.MEM_READ_64, BAR1 + 512 * tag, 128, 0xF, 0xF, MEMORY, tag))
    while sum(piece.length for pieces in block.completions.values() for piece in pieces) < 8 * 128:
        await RisingEdge(dut.clk)
    clocks = (get_sim_time("ps") - begin) // 16_000
    dut._log.info("%.1f bytes a clock from card memory", 8 * 512 / clocks)
    assert 8 * 512 / clocks > 2.0, "card memory is no path for bulk data, but a window"
    await bench.finish()


@cocotb.test()
async def io_window_names_a_register_and_reaches_it(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start(nic=True)
    block, dice = bench.block, bench.dice
    copy = bytearray(1 << 17)

    async def io(offset: int, data: bytes | None = None, first_be: int = 0xF) -> list[Tlp]:
        kind = TlpType.IO_READ if data is None else TlpType.IO_WRITE
        tlp = request(kind, 0xC000 + offset, 1, first_be, 0, 2, 9)
        if data is not None:
            tlp.set_data(data)
        answer = await block.ask(tlp)
        assert len(answer) == 1 and answer[0].byte_count == 4 and answer[0].lower_address == 0
        return answer

    rounds = max(30, OPERATIONS // 10)
    for number in range(rounds):
        bench.stalls.progress(number, rounds // len(RATES))
        address = 4 * dice.randrange(1 << 15)
        assert (await io(0, address.to_bytes(4, "little")))[0].status == CplStatus.SC
        assert bytes((await io(0))[0].data) == address.to_bytes(4, "little")
        if dice.random() < 0.5:
            data = dice.randbytes(4)
            answer = await io(4, data)
            assert answer[0].status == CplStatus.SC and not answer[0].data
            copy[address : address + 4] = data
            assert bench.registers.read(address, 4) == data, "the completion came before the write"
        else:
            assert bytes((await io(4))[0].data) == bytes(copy[address : address + 4])
        if dice.random() < 0.3:  # the same registers by memory
            address = 4 * dice.randrange(1 << 15)
            answer = await block.ask(request(TlpType.MEM_READ, BAR0 + address, 1, 0xF, 0, 0, 10))
            assert bytes(answer[0].data) == bytes(copy[address : address + 4])
    # beyond the registers
    await io(0, (0x20000).to_bytes(4, "little"))
    assert (await io(4))[0].status == CplStatus.CA
    assert (await io(4, bytes(4)))[0].status == CplStatus.CA
    # not I/O: memory requests to the I/O BAR, and BAR1, which this personality does not have
    assert (await block.ask(request(TlpType.MEM_READ, 0xC000, 1, 0xF, 0, 2, 11)))[0].status == CplStatus.UR
    assert (await block.ask(request(TlpType.MEM_READ, BAR0, 1, 0xF, 0, 1, 12)))[0].status == CplStatus.UR
    assert await bench.register(bridge.COMPLETER_ABORTS) == 2
    assert await bench.register(bridge.UNSUPPORTED_REQUESTS) == 2
    bench.stalls.check("cc", "host_registers")
    await bench.finish()


@cocotb.test()
async def masked_msi_waits_and_only_the_first_vector_is_used(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block = bench.block
    block.set_msi(True, mask=1)
    dut.host_irq.value = 1
    await ClockCycles(dut.clk, 100)
    assert not block.interrupts
    assert int(dut.cfg_interrupt_msi_pending_status.value) == 1
    block.set_msi(True, mask=0xFFFF_FFFE)
    await ClockCycles(dut.clk, 100)
    assert len(block.interrupts) == 1 and block.vectors == [0]
    # a message that the block could not send is sent again
    dut.host_irq.value = 0
    await ClockCycles(dut.clk, 5)
    block.answer_interrupts = False
    dut.host_irq.value = 1
    await ClockCycles(dut.clk, 60)
    assert len(block.interrupts) > 2
    block.answer_interrupts = True
    await ClockCycles(dut.clk, 60)
    count = len(block.interrupts)
    await ClockCycles(dut.clk, 60)
    assert len(block.interrupts) == count
    # bus master enable off: no message; enabling resumes
    block.set_bus_master(False)
    dut.host_irq.value = 0
    await ClockCycles(dut.clk, 5)
    dut.host_irq.value = 1
    await ClockCycles(dut.clk, 100)
    assert len(block.interrupts) == count
    block.set_bus_master(True)
    await ClockCycles(dut.clk, 100)
    assert len(block.interrupts) == count + 1
    dut.host_irq.value = 0
    await bench.finish()


@cocotb.test()
async def intx_follows_the_level_behind_the_writes(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block = bench.block
    block.set_msi(False)
    block.report_clocks = lambda: 400
    await bench.card.write(0x1000, bytes(64))
    dut.host_irq.value = 1
    await ClockCycles(dut.clk, 200)
    assert block.posted and not block.intx, "INTx passed a posted write"
    await ClockCycles(dut.clk, 400)
    assert not block.posted and block.intx == [True]
    dut.host_irq.value = 0
    await ClockCycles(dut.clk, 20)
    assert block.intx == [True, False]
    # changes faster than messages: the last one counts
    for _ in range(21):
        dut.host_irq.value = not int(dut.host_irq.value)
        await ClockCycles(dut.clk, bench.dice.randrange(1, 4))
    await ClockCycles(dut.clk, 50)
    assert block.intx[-1] is True
    # the disable bit takes it back
    block.set_bus_master(True, intx_disable=True)
    await ClockCycles(dut.clk, 20)
    assert block.intx[-1] is False
    assert int(dut.cfg_interrupt_pending.value) == 1, "status shows it all the same"
    block.set_bus_master(True)
    await ClockCycles(dut.clk, 30)
    assert block.intx[-1] is True
    # with MSI it is gone
    block.set_msi(True)
    await ClockCycles(dut.clk, 30)
    assert block.intx[-1] is False and len(block.interrupts) == 1
    dut.host_irq.value = 0
    await bench.finish()


@cocotb.test()
async def function_level_reset_comes_between_two_tlps(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start()
    block, dice = bench.block, bench.dice
    for round_number in range(max(4, OPERATIONS // 100)):
        bench.stalls.progress(round_number, 1)
        block.late_clocks = lambda tlp: dice.choice((0, 900))
        running = [cocotb.start_soon(bench.card.read(0x1000 * k, dice.randrange(1, 2000))) for k in range(4)]
        running += [cocotb.start_soon(bench.card.write(0x1000 * k, bytes(dice.randrange(1, 2000)))) for k in range(4)]
        block.post(request(TlpType.MEM_READ_64, BAR1, 200, 0xF, 0xF, MEMORY, 1))
        await ClockCycles(dut.clk, dice.randrange(1, 120))
        block.set_bus_master(False)
        dut.cfg_flr_in_process.value = 1
        dut.firmware_quiet.value = 0
        await ClockCycles(dut.clk, dice.randrange(20, 60))
        assert not int(dut.function_rst.value), "the firmware port was not at rest"
        for task in running:  # every access ends, if with an error
            await task
        dut.firmware_quiet.value = 1
        for _ in range(2000):
            await RisingEdge(dut.clk)
            if int(dut.cfg_flr_done.value):
                break
        else:
            raise AssertionError("function-level reset has no end")
        dut.cfg_flr_in_process.value = 0
        block.set_bus_master(True)
        await ClockCycles(dut.clk, 20)
        assert await bench.register(bridge.FUNCTION_RESETS) == round_number + 1
        assert await bench.register(bridge.STATUS) & bridge.STATUS_FUNCTION_RESET
        # whatever comes late belongs to nobody
        block.late_clocks = lambda tlp: 0
        for k in range(12):
            data = dice.randbytes(40)
            block.memory.read = lambda address, length, data=data: (data * 20)[:length]
            response = await bench.card.read(0x100 * k, 40)
            assert response.resp == 0, [await bench.register(bridge.UNSUPPORTED_REQUESTS + 4 * n) for n in range(9)]
            assert response.data == data
        await ClockCycles(dut.clk, 1000)
        assert not block.malformed
        block.completions.clear()
    bench.stalls.check("card", "memory", "rq", "rc", "cc")
    await bench.finish()
