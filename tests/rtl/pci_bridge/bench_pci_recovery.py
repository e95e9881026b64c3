"""pci_bridge after something was given up: what is left of it is not taken for what came afterwards."""

from __future__ import annotations

import os
from typing import Any

import cocotb
from bench_pci_target import BAR0, BAR1, MEMORY, REGISTERS, Bench, request
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.pcie.core.tlp import CplStatus, TlpType
from cocotbext.pcie.xilinx.us.tlp import ErrorCode, Tlp_us

from firmware.registers import bridge

OPERATIONS = int(os.environ.get("OPERATIONS", "100"))
HOST = 0x4000
TAGS = 8


async def reset_function(dut: Any, bench: Bench) -> None:
    """A function-level reset by the host; bus master enable is set again."""
    bench.block.set_bus_master(False)
    dut.firmware_quiet.value = 1
    dut.cfg_flr_in_process.value = 1
    for _ in range(2000):
        await RisingEdge(dut.clk)
        if int(dut.cfg_flr_done.value):
            break
    else:
        raise AssertionError("function-level reset has no end")
    dut.cfg_flr_in_process.value = 0
    bench.block.set_bus_master(True)
    await ClockCycles(dut.clk, 20)


@cocotb.test()
async def a_reset_in_the_middle_of_a_posted_write_leaves_the_way_free(dut: Any) -> None:
    """The host's writes pass its read that waits; what is behind the BAR takes no data when the reset comes."""
    bench = Bench(dut)
    await bench.start(stalls=False)
    block, dice = bench.block, bench.dice
    for number in range(max(6, OPERATIONS // 16)):
        block.report_clocks = lambda: 3000
        await bench.card.write(HOST, bytes(64))
        block.completions.clear()
        block.post(request(TlpType.MEM_READ, BAR0, 1, 0xF, 0, REGISTERS, 1))
        await ClockCycles(dut.clk, 40)
        assert not block.completions
        stalled = [bench.memory.write_if.w_channel, bench.registers.write_if.w_channel]
        for channel in stalled:
            channel.pause = True
        writes = [
            request(TlpType.MEM_WRITE_64, BAR1 + 0x100 * k, 8, 0xF, 0xF, MEMORY, 0)
            if number % 2
            else request(TlpType.MEM_WRITE, BAR0 + 4 * k, 1, 0xF, 0, REGISTERS, 0)
            for k in range(3)
        ]
        for tlp in writes:
            tlp.set_data(dice.randbytes(4 * tlp.length))
            block.post(tlp)
        await ClockCycles(dut.clk, dice.randrange(1, 40))
        await reset_function(dut, bench)
        for channel in stalled:
            channel.pause = False
        block.report_clocks = lambda: 0
        await ClockCycles(dut.clk, 40)
        block.completions.clear()
        data = dice.randbytes(32)
        last = request(TlpType.MEM_WRITE_64, BAR1 + 0x800, 8, 0xF, 0xF, MEMORY, 0)
        last.set_data(data)
        block.post(last)
        answer = cocotb.start_soon(block.ask(request(TlpType.MEM_READ_64, BAR1 + 0x800, 8, 0xF, 0xF, MEMORY, 2)))
        for _ in range(1000):
            if answer.done():
                break
            await RisingEdge(dut.clk)
        assert answer.done(), "the host's requests are taken no longer"
        assert bytes(answer.result()[0].data) == data
    assert not block.malformed
    await bench.finish()


@cocotb.test()
async def the_rest_of_a_read_that_ended_with_an_error_is_dropped(dut: Any) -> None:
    """The block tells of a time-out of its own (code 9), then the completion comes, its tag in use again or not."""
    bench = Bench(dut)
    await bench.start(stalls=False)
    block, dice = bench.block, bench.dice
    block.memory.read = lambda address, length: (address & 0xFF).to_bytes(1, "little") * length
    codes = {ErrorCode.TIMEOUT: bridge.COMPLETION_TIMEOUTS, ErrorCode.INVALID_LENGTH: bridge.COMPLETION_ERRORS}
    ended = 0
    for number in range(max(8, OPERATIONS // 8)):
        code = dice.choice(list(codes))
        before = await bench.register(codes[code])
        block.late_clocks = lambda tlp: 1 << 30  # not by itself
        reading = cocotb.start_soon(bench.card.read(HOST + 0xD0, 8))
        while len(block.reads) == ended:
            await RisingEdge(dut.clk)
        late = block.reads[-1]
        told, answer = Tlp_us(), Tlp_us()
        for each in (told, answer):
            each.fmt_type, each.status = TlpType.CPL_DATA, CplStatus.SC
            each.tag, each.requester_id, each.byte_count = late.tag, late.requester_id, 8
            each.request_completed = True
        told.fmt_type, told.error_code, told.byte_count = TlpType.CPL, code, 0
        answer.set_data(b"\xde\xad" * 4)
        answer.lower_address = late.address & 0xFFF
        block.rc.send_nowait(told.pack_us_rc())
        assert (await reading).resp, "an error"
        assert await bench.register(codes[code]) == before + 1
        block.forget_answers()
        block.late_clocks = lambda tlp: 60
        when = TAGS - 1 if number % 2 else dice.randrange(TAGS)
        for k in range(TAGS):  # each slot once, that of the late one last
            reading = cocotb.start_soon(bench.card.read(HOST + 8 * k, 8))
            while len(block.reads) == ended + 1 + k:
                await RisingEdge(dut.clk)
            if k == when:
                block.rc.send_nowait(answer.pack_us_rc())
            response = await reading
            assert response.resp == 0 and response.data == bytes([8 * k]) * 8, f"round {number}, read {k}"
        await ClockCycles(dut.clk, 100)
        ended += 1 + TAGS
    assert await bench.register(bridge.UNEXPECTED_COMPLETIONS) == max(8, OPERATIONS // 8)
    await bench.finish()


@cocotb.test()
async def reports_of_writes_that_were_written_off_are_not_those_of_later_ones(dut: Any) -> None:
    """Bus master enable goes off and on, or the function is reset, while the block still holds posted writes."""
    bench = Bench(dut)
    await bench.start(stalls=False)
    block, dice = bench.block, bench.dice
    for number in range(max(6, OPERATIONS // 16)):
        block.report_clocks = lambda: 400
        old = [dice.randbytes(8) for _ in range(dice.randrange(1, 6))]
        for data in old:
            await bench.card.write(HOST, data)
        if number % 2:
            await reset_function(dut, bench)
        else:
            block.set_bus_master(False)
            await ClockCycles(dut.clk, 4)
            block.set_bus_master(True)
        posted = block.posted
        assert posted, "the old ones are still on their way"
        block.report_clocks = lambda: 1200
        await bench.card.write(HOST, dice.randbytes(8))
        count = len(block.interrupts)
        dut.host_irq.value = 1
        while block.posted > 1:
            await RisingEdge(dut.clk)
        await ClockCycles(dut.clk, 100)
        assert block.posted == 1 and len(block.interrupts) == count, "the interrupt passed a posted write"
        while len(block.interrupts) == count:
            await RisingEdge(dut.clk)
        assert not block.posted
        dut.host_irq.value = 0
        await ClockCycles(dut.clk, 20)
    await bench.finish()
