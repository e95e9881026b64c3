"""Bench of gmii_transactor: whole frames and frames in chunks, both ways, byte for byte on the pins."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

CHUNK_BYTES = 64
PREAMBLE = [0x55] * 7 + [0xD5]
GAP_OCTETS = 12


async def start(dut) -> random.Random:
    rng = random.Random(cocotb.RANDOM_SEED)
    dut.gmii_tx_en.value = 0
    dut.gmii_tx_er.value = 0
    dut.gmii_txd.value = 0
    dut.rx_push.value = 0
    cocotb.start_soon(Clock(dut.gmii_tx_clk, 8, "ns").start())
    cocotb.start_soon(Clock(dut.gmii_rx_clk, 8, "ns").start())
    await FallingEdge(dut.gmii_tx_clk)
    return rng


def lengths(rng: random.Random) -> list[int]:
    """Around a word and a chunk, and at random."""
    edges = [1, 7, 8, 9, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5]
    chosen = edges + [rng.randint(1, 4 * CHUNK_BYTES) for _ in range(30)]
    rng.shuffle(chosen)
    return chosen


@cocotb.test()
async def frames_of_the_card_come_whole_or_in_chunks(dut) -> None:
    rng = await start(dut)
    sent: list[tuple[bytes, bool]] = []
    chunks: list[tuple[bytes, bool, bool, int]] = []

    async def gather() -> None:
        while True:
            await dut.tx_number.value_change
            bits = str(dut.tx_data.value).lower().replace("x", "0")
            length = int(dut.tx_length.value)
            data = int(bits, 2).to_bytes(CHUNK_BYTES, "little")[:length]
            assert 0 < length <= CHUNK_BYTES
            chunks.append((data, bool(dut.tx_last.value), bool(dut.tx_error.value), int(dut.tx_begin_ps.value)))

    cocotb.start_soon(gather())
    begins = []
    for length in lengths(rng):
        data = rng.randbytes(length)
        bad = rng.randrange(length) if rng.random() < 0.3 else None
        sent.append((data, bad is not None))
        for index, octet in enumerate(PREAMBLE + list(data)):
            dut.gmii_tx_en.value = 1
            dut.gmii_txd.value = octet
            dut.gmii_tx_er.value = int(bad is not None and index == bad + len(PREAMBLE))
            if index == 0:
                await RisingEdge(dut.gmii_tx_clk)
                begins.append(cocotb.utils.get_sim_time("ps"))
            await FallingEdge(dut.gmii_tx_clk)
        dut.gmii_tx_en.value = 0
        dut.gmii_tx_er.value = 0
        for _ in range(rng.randint(1, 20)):
            await FallingEdge(dut.gmii_tx_clk)
    await Timer(100, "ns")

    frames, pieces = [], []
    for data, last, error, begin in chunks:
        assert last or len(data) == CHUNK_BYTES, "a chunk that is not the last is full"
        pieces.append(data)
        if last:
            frames.append((b"".join(pieces), error, begin))
            pieces = []
    assert not pieces
    assert [(data, error) for data, error, _ in frames] == sent
    assert [begin for _, _, begin in frames] == [round(begin) for begin in begins]


@cocotb.test()
async def frames_to_the_card_have_preamble_and_gap(dut) -> None:
    rng = await start(dut)
    sent = [rng.randbytes(length) for length in lengths(rng)]
    seen: list[bytes] = []
    gaps: list[int] = []

    async def watch() -> None:
        octets: list[int] = []
        gap = None
        while True:
            await FallingEdge(dut.gmii_rx_clk)
            if int(dut.gmii_rx_dv.value):
                if gap is not None:
                    gaps.append(gap)
                gap = None
                octets.append(int(dut.gmii_rxd.value))
            elif octets:
                assert octets[: len(PREAMBLE)] == PREAMBLE
                seen.append(bytes(octets[len(PREAMBLE) :]))
                octets, gap = [], 1
            elif gap is not None:
                gap += 1

    cocotb.start_soon(watch())
    number = 0
    for data in sent:
        for begin in range(0, len(data), CHUNK_BYTES):
            chunk = data[begin : begin + CHUNK_BYTES]
            number = (number + 1) & 0xFF
            last = begin + CHUNK_BYTES >= len(data)
            word = int.from_bytes(chunk, "little") << 32 | int(last) << 24 | len(chunk) << 8 | number
            dut.rx_push.value = word
            while int(dut.rx_taken.value) != number:
                await dut.rx_taken.value_change
            await Timer(1, "ps")
        if rng.random() < 0.5:
            await Timer(rng.randint(1, 4000), "ns")
    while int(dut.busy.value):
        await Timer(100, "ns")
    await Timer(100, "ns")
    assert seen == sent
    assert min(gaps) == GAP_OCTETS, "frames that wait follow one another after the gap of twelve octets"
