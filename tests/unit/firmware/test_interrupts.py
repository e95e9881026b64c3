"""Ethernet interrupts: one a frame as published, all frames at once, or coalesced by the controller."""

from __future__ import annotations

import random

import pytest

from firmware.hl_tcp import Settings
from firmware.processor import Category, Costs
from models import kernel
from tests.unit.firmware.assembled import Assembly, run


def receive(settings: Settings) -> tuple[int, int]:
    """Receive 200 kB: the time it takes, and the instructions of interrupts."""
    async def scenario(a: Assembly) -> tuple[int, int]:
        sock, other = await a.accepted()
        data = random.Random(1).randbytes(200_000)
        begin, before = kernel.now(), a.firmware.thread.instructions[Category.INTERRUPT]
        kernel.spawn(other.sendall(data))
        assert await sock.recv_exactly(len(data)) == data
        return kernel.now() - begin, a.firmware.thread.instructions[Category.INTERRUPT] - before

    return run(scenario, settings=settings)


def test_one_interrupt_a_frame_costs_most_and_coalescing_least():
    single, draining, coalesced = (receive(Settings(**each)) for each in (
        {}, {"drain_receive_ring": True}, {"throttle_ns": 100_000}))
    frames = 200_000 // 1460
    assert single[1] >= frames * Costs().interrupt
    assert coalesced[1] < draining[1] < single[1]
    assert draining[0] < single[0]


@pytest.mark.parametrize("throttle_ns", [0, 1000, 1_000_000])
def test_nothing_is_left_in_the_ring(throttle_ns):
    """Frames at odd times, one by one and in bursts: each gets its echo."""
    async def scenario(a: Assembly) -> None:
        rng = random.Random(throttle_ns)
        sock, other = await a.accepted()

        async def echo() -> None:
            while data := await sock.recv(4096):
                await sock.sendall(data)

        kernel.spawn(echo())
        for _ in range(40):
            message = rng.randbytes(rng.choice((1, 1460, 4000)))
            await other.sendall(message)
            assert await other.recv_exactly(len(message)) == message
            await kernel.sleep(rng.randrange(3_000_000))

    run(scenario, settings=Settings(throttle_ns=throttle_ns))
