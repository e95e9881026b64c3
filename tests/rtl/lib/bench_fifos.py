"""sync_fifo and async_fifo: every word once, in order, full and empty."""

from __future__ import annotations

import os

import cocotb
from cocotb.triggers import Timer

WORDS = int(os.environ.get("WORDS", "200"))
"""At least so many pass through each FIFO with each pair of rates."""


@cocotb.test()
async def every_word_arrives_once_and_in_order(dut) -> None:
    for writes, reads in ((0, 0), (60, 0), (0, 70), (50, 50)):
        dut.rst.value = 1
        dut.seed.value = cocotb.RANDOM_SEED * 31 + writes & 0xFFFFFFFF
        dut.wr_percent.value, dut.rd_percent.value = writes, reads
        await Timer(100_000, "ps")
        dut.rst.value = 0
        await Timer(100_000 * WORDS, "ps")
        assert dut.failed.value == 0
        assert int(dut.sync_words.value) > WORDS
        assert int(dut.async_words.value) > WORDS
    assert dut.sync_was_full.value == 1 and dut.async_was_full.value == 1


@cocotb.test()
async def a_fast_reader_gets_one_word_a_clock(dut) -> None:
    dut.rst.value = 1
    dut.seed.value = cocotb.RANDOM_SEED & 0xFFFFFFFF
    dut.wr_percent.value = dut.rd_percent.value = 0
    await Timer(100_000, "ps")
    dut.rst.value = 0
    await Timer(20_000_000, "ps")
    clocks = 20_000_000 // (2 * int(dut.WR_HALF.value))
    slower = 20_000_000 // (2 * max(int(dut.WR_HALF.value), int(dut.RD_HALF.value)))
    assert int(dut.sync_words.value) >= clocks - 6
    assert int(dut.async_words.value) >= slower - 12
