"""messaging_unit: random host and firmware operations against a reference of registers and queues."""

from __future__ import annotations

import itertools
import os
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cocotb
from cocotb.triggers import ClockCycles
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiResp, AxiSlave, Region

from firmware.registers import messaging, messaging_host
from models.ports import BusError

SEED = int(os.environ.get("COCOTB_RANDOM_SEED", "1"))
CARD_MEMORY_BASE = 1 << 63
OPERATIONS = int(os.environ["OPERATIONS"])
QUEUE_BASE = 0x10008
MEMORY_BYTES = 1 << 21
NO_FRAME = 0xFFFFFFFF
RATES = (0, 20, 40, 60, 80)
"""Percent of clocks in which a channel stands still, each for itself."""
HELD = ("aw", "w", "b", "ar", "r", "host b", "host r", "firmware b", "firmware r")
"""Places of held_clocks in the harness."""
SIZES = {1 << n: 4096 << n for n in range(5)}
"""Entries of a queue by MUCR.QUEUE_SIZE: 4 Ki to 64 Ki."""
INBOUND_FREE, INBOUND_POST, OUTBOUND_POST, OUTBOUND_FREE = range(4)
HEADS = (messaging.IFHPR, messaging.IPHPR, messaging.OPHPR, messaging.OFHPR)
TAILS = (messaging.IFTPR, messaging.IPTPR, messaging.OPTPR, messaging.OFTPR)


class CardMemory(Region):
    """Card memory at its full address."""

    def __init__(self) -> None:
        super().__init__(size=1 << 64)
        self.data = bytearray(MEMORY_BYTES)

    def _place(self, address: int, length: int) -> int:
        place = address - CARD_MEMORY_BASE
        if not 0 <= place <= place + length <= MEMORY_BYTES:
            raise BusError(f"no card memory at {address:#x}")
        return place

    async def read(self, addr: int, length: int, **_: object) -> bytes:
        place = self._place(addr, length)
        return bytes(self.data[place : place + length])

    async def write(self, addr: int, data: bytes, **_: object) -> None:
        place = self._place(addr, len(data))
        self.data[place : place + len(data)] = data


@dataclass
class Queue:
    """Reference of one circular queue: byte offsets from QBAR of the next entry to write and to read."""

    number: int
    entries: int
    head: int = 0
    tail: int = 0
    frames: deque[int] = field(default_factory=deque)

    @property
    def base(self) -> int:
        return self.number * self.entries * 4

    def start(self, index: int) -> None:
        self.head = self.tail = self.base + 4 * index
        self.frames.clear()

    def after(self, pointer: int) -> int:
        return self.base + (pointer - self.base + 4) % (4 * self.entries)

    @property
    def full(self) -> bool:
        return self.after(self.head) == self.tail


class Bench:
    """The unit between a host, the firmware and card memory, with the reference of what it should hold."""

    def __init__(self, dut) -> None:  # noqa: ANN001 - a simulator handle
        self.dut = dut
        self.random = random.Random(SEED)
        self.memory = CardMemory()
        self.slave = AxiSlave(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst, target=self.memory)
        self.host = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil_host"), dut.clk, dut.rst)
        self.firmware = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil_fw"), dut.clk, dut.rst)
        for part in (self.slave, self.host, self.firmware):
            part.write_if.log.setLevel("CRITICAL")
            part.read_if.log.setLevel("CRITICAL")
        self.queues: list[Queue] = []
        self.drops = {INBOUND_POST: 0, OUTBOUND_FREE: 0}
        self.percent = 0

    def rates(self) -> Iterator[int]:
        """All the rates in a random order, again and again."""
        return itertools.cycle(self.random.sample(RATES, len(RATES)))

    def stall(self, percent: int) -> None:
        """From now on channels stand still in so many of 100 clocks, those of memory and those of both masters."""
        self.percent = percent
        self.dut.percent.value = percent

    def _pauses(self, salt: int) -> Iterator[bool]:
        generator = random.Random(SEED * 1000 + salt)
        while True:
            yield generator.randrange(100) < self.percent

    async def start(self, percent: int) -> None:
        self.dut.seed.value = SEED
        self.stall(percent)
        for salt, part in enumerate((self.host, self.firmware)):
            write, read = part.write_if, part.read_if
            channels = (write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel)
            for number, channel in enumerate(channels):
                channel.set_pause_generator(self._pauses(10 * salt + number))
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 4)
        self.dut.rst.value = 0
        await ClockCycles(self.dut.clk, 4)

    async def configure(self, code: int) -> None:
        """Queues empty, each at a random place near its end, so that it wraps soon."""
        entries = SIZES[code]
        self.queues = [Queue(number, entries) for number in range(4)]
        await self.firmware.write_dword(messaging.QBAR, QUEUE_BASE)
        await self.firmware.write_dword(messaging.MUCR, code << messaging.MUCR_QUEUE_SIZE_LSB)
        for queue in self.queues:
            queue.start(self.random.randrange(entries - 20, entries))
            await self.firmware.write_dword(HEADS[queue.number], queue.head)
            await self.firmware.write_dword(TAILS[queue.number], queue.tail)
        await self.firmware.write_dword(messaging.MUCR, code << messaging.MUCR_QUEUE_SIZE_LSB | messaging.MUCR_ENABLE)

    # ---- The firmware's side of the queues ----

    async def firmware_gives(self, number: int, frame: int) -> None:
        queue = self.queues[number]
        place = QUEUE_BASE + queue.head
        self.memory.data[place : place + 4] = frame.to_bytes(4, "little")
        queue.head = queue.after(queue.head)
        queue.frames.append(frame)
        await self.firmware.write_dword(HEADS[number], queue.head)

    async def firmware_takes(self, number: int) -> None:
        queue = self.queues[number]
        assert await self.firmware.read_dword(HEADS[number]) == queue.head
        assert await self.firmware.read_dword(TAILS[number]) == queue.tail
        if queue.frames:
            place = QUEUE_BASE + queue.tail
            assert int.from_bytes(self.memory.data[place : place + 4], "little") == queue.frames.popleft()
            queue.tail = queue.after(queue.tail)
            await self.firmware.write_dword(TAILS[number], queue.tail)

    # ---- The host's side ----

    async def host_takes(self, number: int) -> None:
        queue = self.queues[number]
        port = messaging_host.IQP if number == INBOUND_FREE else messaging_host.OQP
        frame = await self.host.read_dword(port)
        if queue.frames:
            assert frame == queue.frames.popleft(), f"queue {number}"
            queue.tail = queue.after(queue.tail)
        else:
            assert frame == NO_FRAME, f"queue {number} is empty"

    async def host_gives(self, number: int, frame: int) -> None:
        queue = self.queues[number]
        port = messaging_host.IQP if number == INBOUND_POST else messaging_host.OQP
        await self.host.write_dword(port, frame)
        if queue.full:
            self.drops[number] += 1
        else:
            queue.head = queue.after(queue.head)
            queue.frames.append(frame)

    async def check_pointers(self) -> None:
        for queue in self.queues:
            assert await self.firmware.read_dword(HEADS[queue.number]) == queue.head, f"head of queue {queue.number}"
            assert await self.firmware.read_dword(TAILS[queue.number]) == queue.tail, f"tail of queue {queue.number}"
        assert await self.firmware.read_dword(messaging.INBOUND_POST_DROPS) == self.drops[INBOUND_POST]
        assert await self.firmware.read_dword(messaging.OUTBOUND_FREE_DROPS) == self.drops[OUTBOUND_FREE]
        iisr = await self.firmware.read_dword(messaging.IISR)
        oisr = await self.host.read_dword(messaging_host.OISR)
        assert bool(iisr & messaging.IISR_IPQ) == bool(self.queues[INBOUND_POST].frames)
        assert bool(oisr & messaging_host.OISR_OPQ) == bool(self.queues[OUTBOUND_POST].frames)

    def check_held(self, names: Sequence[str] = HELD) -> None:
        """On each of these channels a transfer was held back at least once since the reset."""
        clocks = int(self.dut.held_clocks.value)
        held = {name: clocks >> 32 * place & 0xFFFF_FFFF for place, name in enumerate(HELD)}
        self.dut._log.info("clocks held back: %s", held)
        assert all(held[name] for name in names), f"never held back: {[name for name in names if not held[name]]}"

    async def finish(self) -> None:
        await ClockCycles(self.dut.clk, 60)
        assert int(self.dut.busy.value) == 0
        for name in ("monitor", "host_monitor", "fw_monitor"):
            assert int(getattr(self.dut, f"{name}_failed").value) == 0, f"see the lines MONITOR of {name}"
            assert int(getattr(self.dut, f"{name}_idle").value) == 1, name


@cocotb.test(timeout_time=2000 + OPERATIONS, timeout_unit="us")
async def queues_keep_every_frame_in_order_across_the_wrap(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start(0)
    rates = bench.rates()
    for code in SIZES:
        await bench.configure(code)
        for number in range(OPERATIONS // len(SIZES)):
            if number % 16 == 0:  # every size at every rate
                bench.stall(next(rates))
            frame = bench.random.randrange(0xFFFFFFF0)
            actions = (
                (bench.firmware_gives, (INBOUND_FREE, frame)),
                (bench.firmware_gives, (OUTBOUND_POST, frame)),
                (bench.firmware_takes, (INBOUND_POST,)),
                (bench.firmware_takes, (OUTBOUND_FREE,)),
                (bench.host_takes, (INBOUND_FREE,)),
                (bench.host_takes, (OUTBOUND_POST,)),
                (bench.host_gives, (INBOUND_POST, frame)),
                (bench.host_gives, (OUTBOUND_FREE, frame)),
            )
            action, arguments = bench.random.choice(actions)
            await action(*arguments)
            if bench.random.random() < 0.3:
                await ClockCycles(dut.clk, bench.random.randrange(1, 20))
        await bench.check_pointers()
    bench.check_held()
    await bench.finish()


@cocotb.test()
async def host_and_firmware_work_at_the_same_time(dut) -> None:  # noqa: ANN001
    """Frames make the round of all four queues while both sides move as fast as they can."""
    bench = Bench(dut)
    await bench.start(0)
    await bench.configure(messaging.MUCR_QUEUE_SIZE_ENTRIES_4K)
    rates = bench.rates()
    frames = [0x1000 * k for k in range(1, 25)]
    for frame in frames:
        await bench.firmware_gives(INBOUND_FREE, frame)
    bench.queues[INBOUND_FREE].frames.clear()
    posted: list[int] = []
    replies: list[int] = []

    async def host() -> None:
        while len(replies) < len(frames):
            frame = await bench.host.read_dword(messaging_host.IQP)
            if frame != NO_FRAME:
                await bench.host.write_dword(messaging_host.IQP, frame)
            frame = await bench.host.read_dword(messaging_host.OQP)
            if frame != NO_FRAME:
                replies.append(frame)
                await bench.host.write_dword(messaging_host.OQP, frame)

    async def firmware() -> None:
        queue = bench.queues[INBOUND_POST]
        while len(posted) < len(frames):
            head = await bench.firmware.read_dword(messaging.IPHPR)
            while queue.tail != head:
                place = QUEUE_BASE + queue.tail
                frame = int.from_bytes(bench.memory.data[place : place + 4], "little")
                if len(posted) % 5 == 0:
                    bench.stall(next(rates))
                posted.append(frame)
                queue.tail = queue.after(queue.tail)
                await bench.firmware.write_dword(messaging.IPTPR, queue.tail)
                await bench.firmware_gives(OUTBOUND_POST, frame)

    tasks = [cocotb.start_soon(host()), cocotb.start_soon(firmware())]
    for task in tasks:
        await task
    assert posted == frames
    assert replies == frames
    bench.check_held()
    await bench.finish()


@cocotb.test()
async def a_full_queue_refuses_and_says_so(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start(0)
    await bench.configure(messaging.MUCR_QUEUE_SIZE_ENTRIES_4K)
    for number, bit in ((INBOUND_POST, messaging.IISR_IPQF), (OUTBOUND_FREE, messaging.IISR_OFQF)):
        queue = bench.queues[number]
        # Three entries are left: the tail is put four places behind the head.
        queue.tail = queue.base + (queue.head - queue.base + 16) % (4 * queue.entries)
        await bench.firmware.write_dword(TAILS[number], queue.tail)
        for k in range(6):
            assert bool(await bench.firmware.read_dword(messaging.IISR) & bit) == (
                k > 3 if number == INBOUND_POST else k > 2
            ), f"frame {k} of queue {number}"
            await bench.host_gives(number, 0xABC000 + k)
        assert bench.drops[number] == 3
        guard = QUEUE_BASE + queue.tail
        assert bench.memory.data[guard : guard + 4] == bytes(4), "the oldest entry was overwritten"
        assert await bench.firmware.read_dword(HEADS[number]) == queue.head
        await bench.firmware.write_dword(messaging.IISR, bit)
        assert not await bench.firmware.read_dword(messaging.IISR) & bit
    assert await bench.firmware.read_dword(messaging.INBOUND_POST_DROPS) == 3
    assert await bench.firmware.read_dword(messaging.OUTBOUND_FREE_DROPS) == 3
    # a partial write and a disabled queue are refused as well
    await bench.host.write(messaging_host.OQP, b"ab")
    await bench.firmware.write_dword(messaging.MUCR, 1 << messaging.MUCR_QUEUE_SIZE_LSB)
    await bench.host.write_dword(messaging_host.OQP, 1)
    assert await bench.host.read_dword(messaging_host.IQP) == NO_FRAME
    assert await bench.firmware.read_dword(messaging.OUTBOUND_FREE_DROPS) == 5
    # queues outside card memory
    await bench.configure(messaging.MUCR_QUEUE_SIZE_ENTRIES_4K)
    await bench.firmware.write_dword(messaging.QBAR, 0x4000_0000)
    await bench.host.write_dword(messaging_host.IQP, 1)
    assert await bench.firmware.read_dword(messaging.MEMORY_ERRORS) == 1
    assert await bench.firmware.read_dword(messaging.INBOUND_POST_DROPS) == 4
    assert await bench.firmware.read_dword(messaging.IPHPR) == bench.queues[INBOUND_POST].head
    await bench.finish()


@cocotb.test()
async def prefetched_entries_follow_the_firmware(dut) -> None:  # noqa: ANN001
    """What was fetched before the firmware moved a queue must not reach the host."""
    bench = Bench(dut)
    await bench.start(0)
    await bench.configure(messaging.MUCR_QUEUE_SIZE_ENTRIES_4K)
    rates = bench.rates()
    for number in (INBOUND_FREE, OUTBOUND_POST):
        for k in range(30):
            if k % 6 == 0:
                bench.stall(next(rates))
            await bench.firmware_gives(number, 0x100 + k)
            await bench.firmware_gives(number, 0x200 + k)
            await ClockCycles(dut.clk, bench.random.randrange(12))
            queue = bench.queues[number]
            queue.tail = queue.after(queue.tail)
            queue.frames.popleft()
            await bench.firmware.write_dword(TAILS[number], queue.tail)
            await bench.host_takes(number)
            await bench.host_takes(number)
    await bench.check_pointers()
    bench.check_held(("ar", "r", "host r", "firmware b"))
    await bench.finish()


@cocotb.test()
async def messages_doorbells_and_index_registers(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start(0)
    host, firmware = bench.host, bench.firmware

    async def irqs() -> tuple[int, int]:
        await ClockCycles(dut.clk, 3)
        return int(dut.host_irq.value), int(dut.fw_irq.value)

    assert await irqs() == (0, 0)
    for k in range(2):
        await host.write_dword(messaging_host.IMR0 + 4 * k, 0x11110000 + k)
        assert await irqs() == (0, 1)
        assert await firmware.read_dword(messaging.IISR) == 1 << k
        assert await firmware.read_dword(messaging.IMR0 + 4 * k) == 0x11110000 + k
        await firmware.write_dword(messaging.IISR, 1 << k)
        assert await irqs() == (0, 0)
        await firmware.write_dword(messaging.OMR0 + 4 * k, 0x22220000 + k)
        assert await irqs() == (1, 0)
        assert await host.read_dword(messaging_host.OISR) == 1 << k
        assert await host.read_dword(messaging_host.OMR0 + 4 * k) == 0x22220000 + k
        await host.write_dword(messaging_host.OISR, 1 << k)
        assert await irqs() == (0, 0)

    # doorbells: the other side's ones add up, only the owner clears
    await host.write_dword(messaging_host.IDR, 0x5)
    await host.write(messaging_host.IDR + 1, b"\x80")
    assert await firmware.read_dword(messaging.IDR) == 0x8005
    assert await firmware.read_dword(messaging.IISR) == messaging.IISR_ID
    await firmware.write_dword(messaging.IDR, 0x8001)
    assert await host.read_dword(messaging_host.IDR) == 0x4
    await firmware.write_dword(messaging.IDR, 0x4)
    await host.write_dword(messaging_host.IDR, 1 << 31)
    assert await firmware.read_dword(messaging.IISR) == messaging.IISR_EID
    await firmware.write_dword(messaging.IIMR, messaging.IISR_EID)
    assert await irqs() == (0, 0)
    await firmware.write_dword(messaging.IIMR, 0)
    assert await irqs() == (0, 1)
    await firmware.write_dword(messaging.IDR, 1 << 31)
    await firmware.write_dword(messaging.ODR, 0x30)
    assert await irqs() == (1, 0)
    await host.write_dword(messaging_host.OIMR, messaging_host.OIMR_OD)
    assert await irqs() == (0, 0)
    await host.write_dword(messaging_host.OIMR, 0)
    await host.write_dword(messaging_host.ODR, 0x10)
    assert await firmware.read_dword(messaging.ODR) == 0x20
    await host.write_dword(messaging_host.ODR, 0x20)
    assert await irqs() == (0, 0)

    # index registers: as many as the unit holds, in order; the rest is counted
    writes = [(bench.random.randrange(0x50, 0x1000, 4), bench.random.randrange(1 << 32)) for _ in range(10)]
    for offset, data in writes:
        await host.write_dword(offset, data)
    assert await firmware.read_dword(messaging.INDEX_DROPS) == 2
    for offset, data in writes[:8]:
        assert await firmware.read_dword(messaging.IISR) == messaging.IISR_IR
        assert await firmware.read_dword(messaging.IAR) == offset
        assert await firmware.read_dword(messaging.INDEX_DATA) == data
        await firmware.write_dword(messaging.IISR, messaging.IISR_IR)
    assert await irqs() == (0, 0)
    assert (await firmware.read(0x3F0, 4)).resp == AxiResp.SLVERR
    assert (await firmware.write(0x100, bytes(4))).resp == AxiResp.SLVERR
    await bench.finish()


@cocotb.test()
async def queues_of_every_size_are_full_with_one_entry_less_and_empty_again(dut) -> None:  # noqa: ANN001
    """Both flags of all four queues; where the host gives, what is too much is refused and counted."""
    bench = Bench(dut)
    await bench.start(0)
    for (code, entries), rate in zip(SIZES.items(), bench.rates(), strict=False):
        bench.stall(rate)
        await bench.configure(code)
        for number in (INBOUND_POST, OUTBOUND_FREE):  # the host fills the last two entries
            queue = bench.queues[number]
            queue.tail = queue.base + (queue.head - queue.base + 12) % (4 * entries)
            await bench.firmware.write_dword(TAILS[number], queue.tail)
            for k in range(3):
                before = bench.drops[number]
                await bench.host_gives(number, 0x500 + k)
                assert bench.drops[number] - before == (k == 2)
            assert await bench.firmware.read_dword(HEADS[number]) == queue.head
            assert queue.after(queue.head) == queue.tail
            queue.tail = queue.head
            queue.frames.clear()
            await bench.firmware.write_dword(TAILS[number], queue.tail)
        for number in (INBOUND_FREE, OUTBOUND_POST):  # the host empties what the firmware has filled up
            queue = bench.queues[number]
            frames = [bench.random.randrange(0xFFFFFFF0) for _ in range(3)]
            for k, frame in enumerate(frames):
                place = QUEUE_BASE + queue.base + (queue.tail - queue.base + 4 * k) % (4 * entries)
                bench.memory.data[place : place + 4] = frame.to_bytes(4, "little")
            full = queue.base + (queue.tail - queue.base - 4) % (4 * entries)
            await bench.firmware.write_dword(HEADS[number], full)
            port = messaging_host.IQP if number == INBOUND_FREE else messaging_host.OQP
            assert [await bench.host.read_dword(port) for _ in frames] == frames
            # all but one of the entries are taken away at once
            queue.tail = queue.base + (full - queue.base - 4) % (4 * entries)
            place = QUEUE_BASE + queue.tail
            bench.memory.data[place : place + 4] = (0x777).to_bytes(4, "little")
            await bench.firmware.write_dword(TAILS[number], queue.tail)
            assert [await bench.host.read_dword(port) for _ in range(2)] == [0x777, NO_FRAME]
            queue.head = queue.tail = full
        await bench.check_pointers()
    bench.check_held()
    await bench.finish()


@cocotb.test()
async def every_bit_of_both_masks_keeps_its_interrupt_back(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start(0)
    host, firmware = bench.host, bench.firmware
    await bench.configure(messaging.MUCR_QUEUE_SIZE_ENTRIES_4K)
    # all sources of both sides at once
    for offset in (messaging_host.IMR0, messaging_host.IMR1, messaging_host.INDEX + 0x40):
        await host.write_dword(offset, 0x1234)
    await host.write_dword(messaging_host.IDR, 0x8000_0001)
    await bench.host_gives(INBOUND_POST, 1)
    for number in (INBOUND_POST, OUTBOUND_FREE):  # a partial write is refused: IPQF and OFQF
        await host.write(messaging_host.IQP if number == INBOUND_POST else messaging_host.OQP, b"ab")
    for offset in (messaging.OMR0, messaging.OMR1, messaging.ODR):
        await firmware.write_dword(offset, 1)
    await bench.firmware_gives(OUTBOUND_POST, 2)
    assert await firmware.read_dword(messaging.IISR) == await host.read_dword(messaging_host.IISR) == 0xFF
    assert await host.read_dword(messaging_host.OISR) == await firmware.read_dword(messaging.OISR) == 0xF
    for mask in range(256):
        await firmware.write_dword(messaging.IIMR, mask)
        assert int(dut.fw_irq.value) == (mask != 0xFF), f"IIMR {mask:#x}"
    for bit in range(8):
        await firmware.write_dword(messaging.IIMR, 0xFF ^ 1 << bit)
        assert int(dut.fw_irq.value) == 1, f"IIMR bit {bit}"
        assert await host.read_dword(messaging_host.IIMR) == 0xFF ^ 1 << bit
    for mask in range(16):
        await host.write_dword(messaging_host.OIMR, mask)
        assert int(dut.host_irq.value) == (mask != 0xF), f"OIMR {mask:#x}"
        assert await firmware.read_dword(messaging.OIMR) == mask
    await bench.finish()


@cocotb.test()
async def consecutive_accesses_of_the_host(dut) -> None:  # noqa: ANN001
    """Clocks from access to access without pauses: registers, and both ports beyond what is prefetched."""
    bench = Bench(dut)
    await bench.start(0)
    await bench.configure(messaging.MUCR_QUEUE_SIZE_ENTRIES_4K)
    for k in range(8):
        await bench.firmware_gives(OUTBOUND_POST, 0x100 + k)
    await ClockCycles(dut.clk, 20)

    async def clocks(accesses: list) -> float:
        begin = get_sim_time("ps")
        for task in [cocotb.start_soon(access) for access in accesses]:
            await task
        return (get_sim_time("ps") - begin) / 16_000 / len(accesses)

    rates = {
        "register writes": await clocks([bench.host.write_dword(messaging_host.IDR, 1 << n) for n in range(8)]),
        "register reads": await clocks([bench.host.read_dword(messaging_host.IDR) for _ in range(8)]),
        "frames taken": await clocks([bench.host.read_dword(messaging_host.OQP) for _ in range(8)]),
        "frames posted": await clocks([bench.host.write_dword(messaging_host.IQP, n) for n in range(8)]),
    }
    bench.queues[OUTBOUND_POST].tail = bench.queues[OUTBOUND_POST].head
    dut._log.info("clocks an access: %s", ", ".join(f"{name} {each:.1f}" for name, each in rates.items()))
    assert await bench.firmware.read_dword(messaging.OPTPR) == bench.queues[OUTBOUND_POST].tail
    # a read or write of 4 bytes is 20 bytes and more on the link: 2.5 clocks
    assert rates["register writes"] < 6 and rates["register reads"] < 6
    assert rates["frames taken"] < 12 and rates["frames posted"] < 12
    await bench.finish()
