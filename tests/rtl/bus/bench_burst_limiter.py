"""Bench of axi_burst_limiter: the slave sees short pieces that make up each burst, the master its own burst."""

from __future__ import annotations

import os
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge

BURSTS = int(os.environ.get("OPERATIONS", "150"))
MAX_BEATS = int(os.environ["MAX_BEATS"])
BEAT_BYTES = 8
OKAY, SLVERR = 0, 2
PATIENCE = 3000
"""Clocks without any progress after which the limiter hangs."""


@dataclass
class Burst:
    """One of the master, or a piece of one at the slave: beats that are done, and whether one of its pieces failed."""

    address: int
    beats: int
    identifier: int
    done: int = 0
    failed: bool = False

    def place(self, beat: int) -> int:
        """Address of a beat: aligned from the second one on."""
        return self.address if beat == 0 else (self.address // BEAT_BYTES + beat) * BEAT_BYTES


@dataclass
class Channel:
    """A direction: bursts to begin, begun by the master, and pieces at the slave, each in order."""

    to_begin: deque[Burst]
    begun: deque[Burst] = field(default_factory=deque)
    pieces: deque[Burst] = field(default_factory=deque)
    asked: deque[Burst] = field(default_factory=deque)
    """Bursts of which pieces are still to come."""
    covered: int = 0

    def begin(self) -> None:
        burst = self.to_begin.popleft()
        self.begun.append(burst)
        self.asked.append(burst)

    def piece(self, address: int, beats: int, identifier: int) -> None:
        """The slave takes an address: it must be the next piece of the oldest burst that is not covered yet."""
        burst = self.asked[0]
        assert beats <= MAX_BEATS, "a piece is too long"
        assert (address, identifier) == (burst.place(self.covered), burst.identifier)
        assert self.covered + beats == burst.beats or beats == MAX_BEATS, "pieces are as long as they may be"
        self.covered += beats
        assert self.covered <= burst.beats
        if self.covered == burst.beats:
            self.asked.popleft()
            self.covered = 0
        self.pieces.append(Burst(address, beats, identifier))


def random_bursts(dice: random.Random) -> deque[Burst]:
    lengths = (1, MAX_BEATS, MAX_BEATS + 1, 2 * MAX_BEATS, 64)
    return deque(
        Burst(
            dice.randrange(1 << 20) * 512 + dice.choice((0, 0, dice.randrange(8))),
            min(64, dice.choice((*lengths, dice.randrange(1, 65)))),
            dice.randrange(16),
        )
        for _ in range(BURSTS)
    )


class Bench:
    def __init__(self, dut: Any, eager: float, errors: float) -> None:
        self.dut = dut
        self.dice = random.Random(f"{cocotb.RANDOM_SEED} {eager}")
        self.eager, self.errors = eager, errors
        self.writes, self.reads = Channel(random_bursts(self.dice)), Channel(random_bursts(self.dice))
        self.data: deque[tuple[int, bool]] = deque()
        """Of the master, for addresses that have been taken."""
        self.arrived: deque[int] = deque()
        """Data that the slave must get."""
        self.responses: deque[tuple[int, int]] = deque()
        self.offered: dict[str, bool] = {}
        self.beat_error = False

    def offer(self, name: str, possible: bool) -> bool:
        """A valid, once up, stays until it is taken."""
        self.offered[name] = possible and (self.offered.get(name, False) or self.dice.random() < self.eager)
        return self.offered[name]

    def drive(self) -> None:
        dut = self.dut
        for letter, channel in (("w", self.writes), ("r", self.reads)):
            burst = channel.to_begin[0] if channel.to_begin else Burst(0, 1, 0)
            getattr(dut, f"s_axi_a{letter}valid").value = int(self.offer(f"a{letter}", bool(channel.to_begin)))
            getattr(dut, f"s_axi_a{letter}addr").value = burst.address
            getattr(dut, f"s_axi_a{letter}len").value = burst.beats - 1
            getattr(dut, f"s_axi_a{letter}id").value = burst.identifier
            getattr(dut, f"m_axi_a{letter}ready").value = int(self.dice.random() < self.eager)
        word, last = self.data[0] if self.data else (0, False)
        dut.s_axi_wvalid.value = int(self.offer("w", bool(self.data)))
        dut.s_axi_wdata.value, dut.s_axi_wlast.value = word, int(last)
        dut.m_axi_wready.value = int(bool(self.writes.pieces) and self.dice.random() < self.eager)
        identifier, response = self.responses[0] if self.responses else (0, OKAY)
        dut.m_axi_bvalid.value = int(self.offer("b", bool(self.responses)))
        dut.m_axi_bid.value, dut.m_axi_bresp.value = identifier, response
        if not self.offered.get("r"):
            self.beat_error = self.dice.random() < self.errors
        piece = self.reads.pieces[0] if self.reads.pieces else Burst(0, 1, 0)
        dut.m_axi_rvalid.value = int(self.offer("r", bool(self.reads.pieces)))
        dut.m_axi_rid.value, dut.m_axi_rdata.value = piece.identifier, piece.place(piece.done)
        dut.m_axi_rresp.value = SLVERR if self.beat_error else OKAY
        dut.m_axi_rlast.value = int(piece.done == piece.beats - 1)
        dut.s_axi_bready.value = int(self.dice.random() < self.eager)
        dut.s_axi_rready.value = int(self.dice.random() < self.eager)

    def fires(self, name: str) -> bool:
        return bool(getattr(self.dut, f"{name}valid").value) and bool(getattr(self.dut, f"{name}ready").value)

    def watch(self) -> bool:
        """What happens in this clock; whether anything does."""
        dut, number = self.dut, lambda name: int(getattr(self.dut, name).value)
        fired = {name for name in ("s_axi_aw", "s_axi_w", "s_axi_b", "s_axi_ar", "s_axi_r", "m_axi_aw", "m_axi_w",
                                   "m_axi_b", "m_axi_ar", "m_axi_r") if self.fires(name)}  # fmt: skip
        for letter, channel in (("w", self.writes), ("r", self.reads)):
            if f"s_axi_a{letter}" in fired:
                self.offered[f"a{letter}"] = False
                channel.begin()
                if letter == "w":
                    beats = channel.begun[-1].beats
                    words = [self.dice.getrandbits(64) for _ in range(beats)]
                    self.data += [(word, beat == beats - 1) for beat, word in enumerate(words)]
                    self.arrived += words
            if f"m_axi_a{letter}" in fired:
                assert number(f"m_axi_a{letter}size") == 3 and number(f"m_axi_a{letter}burst") == 1
                channel.piece(
                    number(f"m_axi_a{letter}addr"), number(f"m_axi_a{letter}len") + 1, number(f"m_axi_a{letter}id")
                )
        if "s_axi_w" in fired:
            self.data.popleft()
            self.offered["w"] = False
        if "m_axi_b" in fired:
            self.responses.popleft()
            self.offered["b"] = False
        if "m_axi_w" in fired:
            self._written(number("m_axi_wdata"), bool(number("m_axi_wlast")))
        if "s_axi_b" in fired:
            burst = self.writes.begun.popleft()
            assert number("s_axi_bid") == burst.identifier
            assert (dut.s_axi_bresp.value != OKAY) == burst.failed, "an error of any piece is the burst's"
        if "s_axi_r" in fired:
            burst = self.reads.begun[0]
            assert (number("s_axi_rid"), number("s_axi_rdata")) == (burst.identifier, burst.place(burst.done))
            assert (number("s_axi_rresp") != OKAY) == self.beat_error
            burst.done += 1
            assert bool(number("s_axi_rlast")) == (burst.done == burst.beats)
            if burst.done == burst.beats:
                self.reads.begun.popleft()
        if "m_axi_r" in fired:
            piece = self.reads.pieces[0]
            piece.done += 1
            self.offered["r"] = False
            if piece.done == piece.beats:
                self.reads.pieces.popleft()
        return bool(fired)

    def _written(self, word: int, last: bool) -> None:
        piece = self.writes.pieces[0]
        assert word == self.arrived.popleft()
        piece.done += 1
        assert last == (piece.done == piece.beats), "WLAST ends each piece"
        if not last:
            return
        self.writes.pieces.popleft()
        failed = self.dice.random() < self.errors
        owner = next(burst for burst in self.writes.begun if burst.done < burst.beats)
        owner.done += piece.beats
        owner.failed |= failed
        self.responses.append((piece.identifier, SLVERR if failed else OKAY))

    @property
    def over(self) -> bool:
        return not any((self.writes.to_begin, self.reads.to_begin, self.writes.begun, self.reads.begun))


@cocotb.test()
async def bursts_pass_in_pieces_and_come_back_whole(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 16, "ns").start())
    for eager, errors in ((1.0, 0.0), (0.5, 0.1), (0.9, 0.3), (0.2, 0.1)):
        bench = Bench(dut, eager, errors)
        dut.rst.value = 1
        for name in ("s_axi_awvalid", "s_axi_wvalid", "s_axi_arvalid", "m_axi_bvalid", "m_axi_rvalid"):
            getattr(dut, name).value = 0
        dut.s_axi_awsize.value = dut.s_axi_arsize.value = 3
        dut.s_axi_awburst.value = dut.s_axi_arburst.value = 1
        dut.s_axi_wstrb.value = 0xFF
        for _ in range(3):
            await RisingEdge(dut.clk)
        dut.rst.value = 0
        still = 0
        while not bench.over:
            bench.drive()
            await FallingEdge(dut.clk)
            still = 0 if bench.watch() else still + 1
            assert still < PATIENCE, "the limiter hangs"
            await RisingEdge(dut.clk)
        bench.drive()
        await RisingEdge(dut.clk)
        await FallingEdge(dut.clk)
        assert not dut.monitor_failed.value, "AXI rule broken: see the lines MONITOR"
        assert dut.monitor_idle.value == 1 and dut.busy.value == 0
