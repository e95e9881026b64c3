"""Scatter-gather through the read mover and the write mover against a byte-wise model of memory."""

from __future__ import annotations

import os
import random

import cocotb
from cocotb.triggers import ClockCycles, First, RisingEdge, Timer

MEMORY_BYTES = 65536
HALF = MEMORY_BYTES // 2  # sources below, destinations above: results do not depend on the order of reads and writes
CARD = 1 << 63
BEYOND = CARD + 16 * MEMORY_BYTES  # answered by DECERR
ROUNDS = int(os.environ.get("ROUNDS", "1"))
"""Of the random test, 300 packets each."""
CLOCK_PS = 16000


def load(memory, data: bytes) -> None:
    """Put `data` into the RAM's word array."""
    for word in range(len(data) // 8):
        memory[word].value = int.from_bytes(data[8 * word : 8 * word + 8], "little")


def dump(memory, size: int) -> bytes:
    """The first `size` bytes of the RAM's word array."""
    return b"".join(int(str(memory[word].value), 2).to_bytes(8, "little") for word in range(size // 8))


async def run(dut, reads, writes, axi_percent: int, stream_percent: int, memory: bytes) -> bytes:
    """Run the command tables to their end and return the memory afterwards.

    reads: (address, length, last); writes: (address, length).
    """
    dut.rst.value = 1
    dut.seed.value = cocotb.RANDOM_SEED & 0xFFFFFFFF
    dut.axi_percent.value = axi_percent
    dut.stream_percent.value = stream_percent
    dut.read_total.value = len(reads)
    dut.write_total.value = len(writes)
    for index, (address, length, last) in enumerate(reads):
        dut.read_addr[index].value = address
        dut.read_length[index].value = length | last << 31
    for index, (address, length) in enumerate(writes):
        dut.write_addr[index].value = address
        dut.write_length[index].value = length
    load(dut.memory.mem, memory)
    await ClockCycles(dut.clk, 3)
    dut.rst.value = 0
    await Timer(CLOCK_PS, "ps")
    ended = RisingEdge(dut.finished)
    assert await First(ended, Timer(CLOCK_PS * 100_000, "ps")) is ended, "movers hang"
    await ClockCycles(dut.clk, 20)
    assert dut.finished.value == 1
    assert dut.failed.value == 0, "protocol monitor"
    return dump(dut.memory.mem, len(memory))


def random_length(rng: random.Random) -> int:
    return rng.choice(
        (0, 1, 2, 7, 8, 9, 63, 64, 65, rng.randrange(1, 40), rng.randrange(1, 600), rng.randrange(1, 1600))
    )


class Plan:
    """Random packets: gather and scatter commands, expected memory, errors and packet sizes."""

    def __init__(self, rng: random.Random, packets: int, errors: bool) -> None:
        self.memory = bytearray(rng.randbytes(MEMORY_BYTES))
        self.reads: list[tuple[int, int, int]] = []
        self.writes: list[tuple[int, int]] = []
        self.read_errors: list[int] = []
        self.write_errors: list[int] = []
        self.packets: list[tuple[int, int]] = []
        self.expected = bytearray(self.memory)
        destination = HALF
        for _ in range(packets):
            payload, bad = self.gather(rng, errors)
            if not payload:
                continue
            self.packets.append((len(payload), bad))
            destination = self.scatter(rng, payload, bad, destination, errors)
            if destination > MEMORY_BYTES - 8192:
                break

    def gather(self, rng: random.Random, errors: bool) -> tuple[bytes, int]:
        payload = b""
        bad = 0
        pieces = rng.randrange(1, 5)
        for piece in range(pieces):
            length = random_length(rng)
            address = rng.choice((rng.randrange(HALF - 2048), 8 * rng.randrange((HALF - 2048) // 8)))
            failing = errors and length > 0 and rng.random() < 0.1
            payload += b"?" * length if failing else bytes(self.memory[address : address + length])
            bad |= failing
            base = BEYOND if failing else CARD
            self.reads.append((base + address, length, int(piece == pieces - 1)))
            self.read_errors.append(int(failing))
        return payload, int(bad)

    def scatter(self, rng: random.Random, payload: bytes, bad: int, destination: int, errors: bool) -> int:
        done = 0
        while done < len(payload):
            left = len(payload) - done
            length = min(left, random_length(rng)) if rng.random() < 0.6 else left
            short = errors and length == left and rng.random() < 0.3  # asks for more than the packet has
            failing = errors and length > 0 and rng.random() < 0.1
            destination += rng.choice((0, 0, rng.randrange(16)))
            where = (BEYOND if failing else CARD) + destination
            self.writes.append((where, length + (rng.randrange(1, 2000) if short else 0)))
            self.write_errors.append(int(failing or short))
            if not failing and not bad:
                self.expected[destination : destination + length] = payload[done : done + length]
            if not failing and bad:
                self.undefined(destination, length)
            done += length
            destination += length
        return destination

    def undefined(self, address: int, length: int) -> None:
        """Bytes of a failed read: whatever arrived; taken out of the comparison by check()."""
        self.holes = getattr(self, "holes", [])
        self.holes.append((address, length))

    def check(self, after: bytes) -> None:
        expected, got = bytearray(self.expected), bytearray(after)
        for address, length in getattr(self, "holes", []):
            expected[address : address + length] = got[address : address + length] = bytes(length)
        for offset, (want, have) in enumerate(zip(expected, got, strict=True)):
            assert want == have, f"byte {offset:#x}: {have:#x}, expected {want:#x}"


async def random_run(dut, errors: bool, axi_percent: int, stream_percent: int, salt: int) -> None:
    rng = random.Random(cocotb.RANDOM_SEED * 1000 + salt)
    plan = Plan(rng, packets=60, errors=errors)
    after = await run(dut, plan.reads, plan.writes, axi_percent, stream_percent, bytes(plan.memory))
    plan.check(after)
    assert [int(dut.read_error[i].value) for i in range(len(plan.reads))] == plan.read_errors
    assert [int(dut.write_error[i].value) for i in range(len(plan.writes))] == plan.write_errors
    assert int(dut.packets.value) == len(plan.packets)
    seen = [(int(dut.packet_bytes[i].value), int(dut.packet_user[i].value)) for i in range(len(plan.packets))]
    assert seen == plan.packets


@cocotb.test()
async def scattered_bytes_arrive_under_random_stalls(dut) -> None:
    for salt, (axi, stream) in enumerate(((0, 0), (30, 0), (0, 60), (40, 40), (80, 10)) * ROUNDS):
        await random_run(dut, False, axi, stream, salt if salt < 100 else 1000 + salt)


@cocotb.test()
async def bus_errors_and_short_packets_are_reported_at_their_command(dut) -> None:
    for salt, (axi, stream) in enumerate(((0, 0), (30, 30))):
        await random_run(dut, True, axi, stream, 100 + salt)


@cocotb.test()
async def an_error_of_an_early_burst_is_told_with_the_last_one(dut) -> None:
    """Commands that begin below card memory and end in it: their first bursts fail, the others do not."""
    rng = random.Random(cocotb.RANDOM_SEED + 7)
    burst = int(os.environ["MAX_BURST_BYTES"])
    memory = rng.randbytes(MEMORY_BYTES)
    for salt in range(8):
        below, within = rng.randrange(1, 3 * burst), rng.randrange(1, 3 * burst)
        length, source = below + within, HALF // 2 + rng.randrange(8)
        reads = [(CARD - below, length, 1), (CARD + source, length, 1)]
        writes = [(CARD + HALF, length), (CARD - below, length)]
        after = await run(dut, reads, writes, 20 * (salt % 3), 0, memory)
        assert [int(dut.read_error[i].value) for i in range(2)] == [1, 0], (below, within)
        assert [int(dut.write_error[i].value) for i in range(2)] == [0, 1], (below, within)
        assert [int(dut.packet_user[i].value) for i in range(2)] == [1, 0], (below, within)
        assert after[:within] == memory[source + below : source + length], "what the good bursts carried is there"
        assert after[within:HALF] == memory[within:HALF]


@cocotb.test()
async def steady_state_moves_eight_bytes_a_clock_at_any_alignment(dut) -> None:
    length = 16384
    # filling the pipeline: latency, one burst in the write buffer, registers on the way
    overhead = 25 + int(os.environ["READ_LATENCY"]) + int(os.environ["MAX_BURST_BYTES"]) // 8
    memory = random.Random(cocotb.RANDOM_SEED).randbytes(MEMORY_BYTES)
    for source, destination in ((0, 0), (3, 0), (0, 5), (1, 6), (7, 7)):
        after = await run(dut, [(CARD + source, length, 1)], [(CARD + HALF + destination, length)], 0, 0, memory)
        cycles = int(dut.cycles.value) - 20
        assert after[HALF + destination : HALF + destination + length] == memory[source : source + length]
        dut._log.info("source +%d destination +%d: %.3f bytes a clock", source, destination, length / cycles)
        assert cycles < length / 8 + overhead
