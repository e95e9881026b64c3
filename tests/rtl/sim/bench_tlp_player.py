"""Bench of tlp_player: TLPs queued in pushes come out in order, with their marks, and not before their time."""

import random
from dataclasses import dataclass

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly, RisingEdge, Timer

PUSH_BEATS, USER_WIDTH, SOF_BIT, QUEUED = 20, 75, 32, 60
LAST_LSB = 128
CLOCK_NS = 16


@dataclass(frozen=True)
class Beat:
    data: int
    keep: int
    last: bool
    user: int


class Player:
    def __init__(self, dut) -> None:  # noqa: ANN001 - a simulator handle
        self.dut = dut
        self.number = 0
        self.cycle = 0
        self.percent = 0
        self.beats: list[tuple[int, Beat]] = []
        """What was taken, and in which clock it appeared."""
        self.random = random.Random(cocotb.RANDOM_SEED)

    async def start(self) -> None:
        await Timer(1, "ps")
        self.number = int(self.dut.played.value)  # goes on where the test before left off
        self.dut.push.value = self.number
        self.dut.m_axis_tready.value = 1
        cocotb.start_soon(Clock(self.dut.clk, CLOCK_NS, "ns").start())
        cocotb.start_soon(self._watch())
        await FallingEdge(self.dut.clk)

    async def _watch(self) -> None:
        dut = self.dut
        waits: Beat | None = None
        appeared = 0
        while True:
            await FallingEdge(dut.clk)
            dut.m_axis_tready.value = int(self.random.randrange(100) >= self.percent)
            await ReadOnly()
            self.cycle += 1
            if not int(dut.m_axis_tvalid.value):
                assert waits is None, "a word was taken back"
                continue
            beat = Beat(
                int(dut.m_axis_tdata.value), int(dut.m_axis_tkeep.value), bool(dut.m_axis_tlast.value),
                int(dut.m_axis_tuser.value),
            )  # fmt: skip
            assert waits in (None, beat), "a word changed while it waited"
            if waits is None:
                appeared = self.cycle
            taken = int(dut.m_axis_tready.value)
            if taken:
                self.beats.append((appeared, beat))
            waits = None if taken else beat

    def push(self, tlps: list[list[int]], halves: list[bool], user: int, delay: int) -> list[Beat]:
        """Queue TLPs given as 64-bit words; `halves` tells which end with a low dword. Returns the words to come."""
        expected, last, half, data, count = [], 0, 0, 0, 0
        for words, is_half in zip(tlps, halves, strict=True):
            for index, word in enumerate(words):
                ends = index == len(words) - 1
                data |= word << 64 * count
                last |= ends << count
                half |= (ends and is_half) << count
                count += 1
                kept = user if index == 0 else user & ~(1 << SOF_BIT)
                expected.append(Beat(word, 1 if ends and is_half else 3, ends, kept))
        self.number = (self.number + 1) & 0xFF
        self.dut.push.value = (
            self.number | count << 8 | delay << 24 | user << 40 | last << LAST_LSB | half << LAST_LSB + PUSH_BEATS
            | data << LAST_LSB + 2 * PUSH_BEATS
        )  # fmt: skip
        return expected

    def random_push(self, delay: int) -> list[Beat]:
        rng = self.random
        tlps, room = [], PUSH_BEATS
        while room and (not tlps or rng.random() < 0.6):
            size = rng.randint(1, min(room, 12))
            tlps.append([rng.getrandbits(64) for _ in range(size)])
            room -= size
        return self.push(tlps, [rng.random() < 0.5 for _ in tlps], rng.getrandbits(USER_WIDTH) | 1 << SOF_BIT, delay)

    async def idle(self) -> None:
        for _ in range(100_000):
            await RisingEdge(self.dut.clk)
            await Timer(1, "ns")
            if not int(self.dut.busy.value):
                return
        raise AssertionError("busy for ever")


@cocotb.test()
async def words_come_in_order_whatever_the_stalls(dut) -> None:
    player = Player(dut)
    await player.start()
    for percent in (0, 30, 80):
        player.percent = percent
        player.beats.clear()
        expected: list[Beat] = []
        for _ in range(150):
            while (player.number - int(dut.played.value)) & 0xFF >= QUEUED:
                await RisingEdge(dut.clk)
                await Timer(3, "ns")
            expected += player.random_push(player.random.choice([0, 0, 0, 3, 40]))
            await Timer(player.random.choice([1, 1, 5, 160]), "ns")
        await player.idle()
        assert [beat for _, beat in player.beats] == expected, f"stalled {percent} of 100 clocks"
        assert int(dut.played.value) == player.number
    assert int(dut.packets.value) > 0, "the monitor saw nothing"


@cocotb.test()
async def a_push_waits_its_delay_and_then_runs_at_full_rate(dut) -> None:
    player = Player(dut)
    await player.start()
    for delay in (0, 1, 7, 100):
        player.beats.clear()
        await FallingEdge(dut.clk)
        begin = player.cycle
        words = [list(range(n)) for n in (4, 1, 9)]
        player.push(words, [False, True, False], 1 << SOF_BIT, delay)
        await player.idle()
        times = [cycle for cycle, _ in player.beats]
        assert delay <= times[0] - begin <= delay + 2, (delay, times[0] - begin)
        # word by word without a pause, and one free clock between TLPs
        assert [b - a for a, b in zip(times, times[1:], strict=False)] == [1] * 3 + [2] + [2] + [1] * 8
