"""messaging_unit: every register reads back what was written, on the side that writes it and on the other one."""

from __future__ import annotations

import cocotb
from bench_messaging import INBOUND_FREE, NO_FRAME, OUTBOUND_FREE, Bench

from firmware.registers import messaging, messaging_host


@cocotb.test()
async def both_sides_read_what_either_wrote(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start(30)
    host, firmware = bench.host, bench.firmware
    by_host = {messaging_host.IMR0: messaging.IMR0, messaging_host.IMR1: messaging.IMR1}
    by_firmware = {messaging.OMR0: messaging_host.OMR0, messaging.OMR1: messaging_host.OMR1}
    own = {messaging.QBAR: 0xFFFF_FFFF, messaging.IIMR: messaging.IIMR_BITS, messaging.MUCR: messaging.MUCR_QUEUE_SIZE}
    for _ in range(4):
        values = {register: bench.random.getrandbits(32) for register in (*by_host, *by_firmware, *own)}
        for register in by_host:
            await host.write_dword(register, values[register])
        for register in by_firmware:
            await firmware.write_dword(register, values[register])
        for register, other in by_host.items():
            assert await host.read_dword(register) == await firmware.read_dword(other) == values[register]
        for register, other in by_firmware.items():
            assert await firmware.read_dword(register) == await host.read_dword(other) == values[register]
        values[messaging.MUCR] = 1 << bench.random.randrange(1, 6)
        values[messaging.QBAR] &= ~7
        for register, bits in own.items():
            await firmware.write_dword(register, values[register] & bits)
        for register, bits in own.items():
            assert await firmware.read_dword(register) == values[register] & bits, hex(register)
        bells, masked = bench.random.randrange(1, 1 << 31), bench.random.randrange(16)
        await firmware.write_dword(messaging.ODR, bells)
        assert await host.read_dword(messaging_host.ODR) == await firmware.read_dword(messaging.ODR) == bells
        await host.write_dword(messaging_host.ODR, bells)
        assert await host.read_dword(messaging_host.ODR) == 0
        await host.write_dword(messaging_host.OIMR, masked)
        assert await host.read_dword(messaging_host.OIMR) == await firmware.read_dword(messaging.OIMR) == masked


@cocotb.test()
async def entries_that_memory_does_not_give_or_take_are_counted(dut) -> None:  # noqa: ANN001
    bench = Bench(dut)
    await bench.start(0)
    await bench.configure(messaging.MUCR_QUEUE_SIZE_ENTRIES_4K)
    host, firmware = bench.host, bench.firmware
    await bench.firmware_gives(INBOUND_FREE, 0x100)
    await firmware.write_dword(messaging.QBAR, 0x4000_0000)  # no card memory there
    assert await host.read_dword(messaging_host.IQP) == NO_FRAME, "an entry that cannot be read is none"
    assert await firmware.read_dword(messaging.MEMORY_ERRORS) == 1
    for number in range(3):
        await host.write_dword(messaging_host.OQP, number)
        assert await firmware.read_dword(messaging.OUTBOUND_FREE_DROPS) == number + 1
    assert await firmware.read_dword(messaging.MEMORY_ERRORS) == 4
    assert await firmware.read_dword(messaging.INBOUND_POST_DROPS) == 0
    assert await firmware.read_dword(messaging.OFHPR) == bench.queues[OUTBOUND_FREE].head
