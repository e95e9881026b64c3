"""The DMA controller's driver on the functional model: chains that grow while they run, wrap, fail in the middle."""

from __future__ import annotations

import random

import pytest

from firmware.card_memory import CardMemory
from firmware.drivers.dma import Channel, Copy
from firmware.processor import Bus, HardwareThread
from firmware.registers import card
from firmware.statistics import Statistics
from models import kernel
from models.card import ModelCard

MEMORY = 1 << 16
NOWHERE = card.MEMORY_BASE + MEMORY + 4096


class Fixture:
    """A channel with eight descriptors, and a task that serves its interrupt line."""

    def __init__(self, entries: int = 8) -> None:
        self.card = ModelCard(MEMORY)
        self.bus = Bus(self.card.firmware, HardwareThread(ideal=True))
        self.statistics = Statistics()
        memory = CardMemory(MEMORY)
        self.channel = Channel(self.bus, memory, 0, self.statistics, entries=entries)
        self.area = memory.take("test area", MEMORY // 2)
        self.scratch = memory.take("undefined after a failed read", 512)

    async def start(self) -> None:
        await self.card.start()
        await self.channel.start()

    async def serve(self) -> None:
        """Take the interrupt if it is there, else let a little time pass."""
        if self.card.firmware.irq & 2:
            await self.channel.interrupt()
        else:
            await kernel.sleep(200 * kernel.NS)


@pytest.mark.parametrize("seed", range(8), indirect=True)
def test_every_job_ends_once_in_order_and_only_failed_ones_say_so(seed):
    async def main() -> None:
        rng = random.Random(seed)
        f = Fixture()
        await f.start()
        half = f.area.size // 2
        content = bytearray(rng.randbytes(half))
        await f.bus.write(f.area.address, bytes(content))
        target = bytearray(half)
        ended: list[tuple[int, bool]] = []
        expected: list[tuple[int, bool]] = []
        for number in range(60):
            copies, good = [], True
            for _ in range(rng.randint(1, 12)):
                length = rng.choice((0, 1, 7, 64, 300))
                source, place = rng.randrange(half - 300), rng.randrange(half - 300)
                if rng.random() < 0.05 and length:
                    good = False
                    copies.append(Copy(NOWHERE, f.scratch.address, length)
                                  if rng.random() < 0.5 else Copy(f.area.address + source, NOWHERE, length))
                    continue
                copies.append(Copy(f.area.address + source, f.area.address + half + place, length))
                target[place : place + length] = content[source : source + length]
            expected.append((number, good))
            await f.channel.append(copies, lambda ok, number=number: ended.append((number, ok)))
            for _ in range(rng.randint(0, 12)):
                await f.serve()
        for _ in range(20_000):
            if len(ended) == len(expected):
                break
            await f.serve()
        assert ended == expected
        assert f.channel.outstanding == 0
        assert await f.bus.read(f.area.address + half, half) == target
        assert f.statistics["dma_read_errors"] > 0 and f.statistics["dma_write_errors"] > 0

    kernel.run(main(), kernel.S)


def test_nothing_interrupts_when_nothing_is_left():
    async def main() -> None:
        f = Fixture()
        await f.start()
        done = []
        await f.channel.append([Copy(f.area.address, f.area.address + 100, 50)], done.append)
        while not done:
            await f.serve()
        assert done == [True]
        await kernel.sleep(kernel.MS)
        assert not f.card.firmware.irq & 2
        with pytest.raises(ValueError, match="no copies"):
            await f.channel.append([], done.append)

    kernel.run(main(), kernel.S)
