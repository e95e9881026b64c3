"""The slaves that benches play behind axi_slave_port and axil_slave_port: they record what reaches them."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import cocotb
from cocotb.queue import Queue
from cocotb.triggers import Event
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteSlave, AxiResp
from cocotbext.axi.axi_channels import AxiARSink, AxiAWSink, AxiBSource, AxiRSource, AxiWSink

WORD = 8
PAGE = 4096


class Burst(NamedTuple):
    """One burst as a slave sees it."""

    id: int
    address: int
    beats: int


class Memory:
    """Bytes anywhere in 64 bits of address; what nobody wrote follows from the address, unlike in any other place."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def _page(self, number: int) -> bytearray:
        if number not in self._pages:
            self._pages[number] = bytearray(random.Random(number).randbytes(PAGE))
        return self._pages[number]

    def read(self, address: int, length: int) -> bytes:
        data = b""
        while len(data) < length:
            at = address + len(data)
            data += self._page(at // PAGE)[at % PAGE : at % PAGE + length - len(data)]
        return data

    def write(self, address: int, data: bytes) -> None:
        for at, byte in enumerate(data, address):
            self._page(at // PAGE)[at % PAGE] = byte

    def pages(self) -> dict[int, bytes]:
        return {number: bytes(page) for number, page in sorted(self._pages.items())}


def quiet(*parts: Any) -> None:
    """cocotbext-axi has a line for every transfer."""
    for part in parts:
        part.log.setLevel("CRITICAL")


def defined(*sources: Any) -> None:
    """No X before the first transfer: a ready may follow the ID or the address, and cocotbext-axi cannot read an X."""
    for source in sources:
        for signal in source._signals:
            getattr(source.bus, signal).value = 0


class MemorySlave:
    """An AXI4 memory that answers reads of different IDs, and writes of different IDs, in any order."""

    def __init__(self, port: Any, dut: Any, dice: random.Random, response: Callable[[int], AxiResp]) -> None:
        bus = AxiBus.from_prefix(port, "m_axi")
        self.aw, self.w = AxiAWSink(bus.write.aw, dut.clk, dut.rst), AxiWSink(bus.write.w, dut.clk, dut.rst)
        self.b, self.ar = AxiBSource(bus.write.b, dut.clk, dut.rst), AxiARSink(bus.read.ar, dut.clk, dut.rst)
        self.r = AxiRSource(bus.read.r, dut.clk, dut.rst)
        quiet(self.aw, self.w, self.b, self.ar, self.r)
        defined(self.b, self.r)
        for channel in (self.b, self.r):
            channel.queue_occupancy_limit = 2
        self.dice, self.response = dice, response
        self._tasks: list[Any] = []
        self.start()

    def start(self) -> None:
        """Begin anew, as after a reset: nothing owed, recorded or written."""
        for task in self._tasks:
            task.cancel()
        for channel in (self.aw, self.w, self.b, self.ar, self.r):
            channel.clear()
        self.memory = Memory()
        self.reads: list[Burst] = []
        self.writes: list[Burst] = []
        answers: Queue[Any] = Queue()
        self._tasks = [
            cocotb.start_soon(self._in_any_order(self._take_read, lambda ar: int(ar.arid), self._read)),
            cocotb.start_soon(self._take_writes(answers)),
            cocotb.start_soon(self._in_any_order(answers.get, lambda answer: answer[0], self._answer)),
        ]

    async def _in_any_order(self, receive: Callable, id_of: Callable, serve: Callable) -> None:
        waiting: dict[int, deque[Any]] = {}
        arrived = Event()

        async def collect() -> None:
            while True:
                each = await receive()
                waiting.setdefault(id_of(each), deque()).append(each)
                arrived.set()

        collecting = cocotb.start_soon(collect())
        try:
            while True:
                while not waiting:
                    arrived.clear()
                    await arrived.wait()
                chosen = self.dice.choice(sorted(waiting))
                first = waiting[chosen].popleft()
                if not waiting[chosen]:
                    del waiting[chosen]
                await serve(first)
        finally:
            collecting.cancel()

    async def _take_read(self) -> Any:
        ar = await self.ar.recv()
        self.reads.append(Burst(int(ar.arid), int(ar.araddr), int(ar.arlen) + 1))
        return ar

    async def _read(self, ar: Any) -> None:
        address, size, beats = int(ar.araddr), int(ar.arsize), int(ar.arlen) + 1
        for beat in range(beats):
            at = ((address >> size) + beat << size if beat else address) & -WORD
            r = self.r._transaction_obj()
            r.rid, r.rlast, r.rresp = int(ar.arid), beat == beats - 1, self.response(at)
            r.rdata = int.from_bytes(self.memory.read(at, WORD), "little")
            await self.r.send(r)

    async def _take_writes(self, answers: Queue[Any]) -> None:
        while True:
            aw = await self.aw.recv()
            address, size, beats = int(aw.awaddr), int(aw.awsize), int(aw.awlen) + 1
            self.writes.append(Burst(int(aw.awid), address, beats))
            for beat in range(beats):
                w = await self.w.recv()
                at = ((address >> size) + beat << size if beat else address) & -WORD
                data, strobe = int(w.wdata).to_bytes(WORD, "little"), int(w.wstrb)
                assert bool(w.wlast) == (beat == beats - 1)
                if self.response(at) == AxiResp.OKAY:
                    for lane in range(WORD):
                        if strobe >> lane & 1:
                            self.memory.write(at + lane, data[lane : lane + 1])
            answers.put_nowait((int(aw.awid), self.response(address)))

    async def _answer(self, answer: tuple[int, AxiResp]) -> None:
        b = self.b._transaction_obj()
        b.bid, b.bresp = answer
        await self.b.send(b)


class RegisterSlave:
    """Registers on AXI4-Lite; accesses to addresses that `faulty` names end with SLVERR."""

    def __init__(self, port: Any, dut: Any, faulty: Callable[[int], bool]) -> None:
        self.faulty = faulty
        self.start()
        slave = AxiLiteSlave(AxiLiteBus.from_prefix(port, "m_axil"), dut.clk, dut.rst, target=self)
        quiet(slave.write_if, slave.read_if)

    def start(self) -> None:
        self.registers = Memory()
        self.reads: list[int] = []
        self.writes: list[tuple[int, bytes]] = []

    async def write(self, address: int, data: bytes) -> None:
        self.writes.append((address, bytes(data)))
        if self.faulty(address):
            raise ValueError("SLVERR")
        self.registers.write(address, data)

    async def read(self, address: int, length: int) -> bytes:
        self.reads.append(address)
        if self.faulty(address):
            raise ValueError("SLVERR")
        return self.registers.read(address, length)
