"""Bench of tlp_gatherer: what passes on the stream is handed over TLP by TLP, every word of it and nothing else."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

PAYLOAD_BYTES, USER_WIDTH, HEAD_DWORDS = 64, 62, 4
TLPS = 400


@cocotb.test()
async def every_tlp_is_handed_over_once(dut) -> None:
    rng = random.Random(cocotb.RANDOM_SEED)
    dut.s_axis_tvalid.value = 0
    dut.s_axis_tready.value = 0
    cocotb.start_soon(Clock(dut.clk, 16, "ns").start())
    sent: list[tuple[list[int], int]] = []
    got: list[tuple[list[int], int]] = []

    async def collect() -> None:
        while True:
            await dut.number.value_change
            await Timer(1, "ps")
            count = int(dut.dwords.value)
            head, rest = str(dut.head.value)[::-1], str(dut.rest.value)[::-1]
            dwords = [int(head[32 * n : 32 * n + 32][::-1], 2) for n in range(min(count, HEAD_DWORDS))]
            dwords += [int(rest[32 * n : 32 * n + 32][::-1], 2) for n in range(count - HEAD_DWORDS)]
            got.append((dwords, int(dut.user.value)))

    await FallingEdge(dut.clk)
    cocotb.start_soon(collect())
    for _ in range(TLPS):
        count = rng.choice(
            [3, 4, 5, HEAD_DWORDS + PAYLOAD_BYTES // 4, rng.randint(3, HEAD_DWORDS + PAYLOAD_BYTES // 4)]
        )
        dwords = [rng.getrandbits(32) for _ in range(count)]
        user = rng.getrandbits(USER_WIDTH)
        sent.append((dwords, user))
        for at in range(0, count, 2):
            words = dwords[at : at + 2]
            dut.s_axis_tvalid.value = 1
            dut.s_axis_tdata.value = words[0] | (words[1] if len(words) == 2 else rng.getrandbits(32)) << 32
            dut.s_axis_tkeep.value = 3 if len(words) == 2 else 1
            dut.s_axis_tlast.value = int(at + 2 >= count)
            dut.s_axis_tuser.value = user if at == 0 else rng.getrandbits(USER_WIDTH)
            while True:
                ready = int(rng.random() < 0.7)
                dut.s_axis_tready.value = ready
                await RisingEdge(dut.clk)
                await FallingEdge(dut.clk)
                if ready:
                    break
            if rng.random() < 0.3:  # nothing on the stream, whatever the pins say
                dut.s_axis_tvalid.value = 0
                dut.s_axis_tready.value = int(rng.random() < 0.5)
                dut.s_axis_tdata.value = rng.getrandbits(64)
                await FallingEdge(dut.clk)
    dut.s_axis_tvalid.value = 0
    await Timer(100, "ns")
    assert len(got) == TLPS == int(dut.packets.value)
    for number, (wanted, found) in enumerate(zip(sent, got, strict=True)):
        assert found == wanted, f"TLP {number} of {len(wanted[0])} dwords"
