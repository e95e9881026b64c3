"""The modelled processor: what is charged is paid for once, before the outside sees its effect."""

from __future__ import annotations

from firmware.processor import Bus, Category, Costs, HardwareThread
from models import kernel


class Port:
    """A firmware port on which an access takes 100 ns; remembers when each began."""

    irq = 0

    def __init__(self) -> None:
        self.began: list[int] = []

    async def read(self, address: int, length: int) -> bytes:
        self.began.append(kernel.now())
        await kernel.sleep(100 * kernel.NS)
        return bytes(length)

    async def write(self, address: int, data: bytes) -> None:
        await self.read(address, len(data))


def test_instructions_are_paid_for_at_600_mhz_before_the_next_access():
    async def main() -> None:
        port, thread = Port(), HardwareThread()
        bus = Bus(port, thread)
        thread.charge(Category.PROTOCOL, 600)
        thread.charge(Category.DMA, 1200)
        await bus.read(0, 4)
        await bus.write_register(0, 1)
        assert port.began[0] // kernel.NS == 3000
        assert port.began[1] // kernel.NS == 3100, "an access is charged by its bus alone"
        assert thread.busy_ps == 3 * kernel.US
        assert bus.stalled_ps // kernel.NS == 200
        assert thread.instructions[Category.PROTOCOL] == 600 and thread.instructions[Category.DMA] == 1200

    kernel.run(main())


def test_fractions_of_a_picosecond_are_not_lost():
    async def main() -> None:
        thread = HardwareThread()
        for _ in range(600):
            thread.charge(Category.TIMER, 1)
            await thread.spend()
        assert thread.busy_ps == kernel.US

    kernel.run(main())


def test_an_ideal_processor_takes_no_time_but_counts():
    async def main() -> None:
        thread = HardwareThread(ideal=True)
        thread.charge(Category.PROTOCOL, 10**9)
        await thread.spend()
        assert kernel.now() == 0 and thread.instructions[Category.PROTOCOL] == 10**9

    kernel.run(main())


def test_touched_memory_is_handed_to_the_cache_model():
    seen = []
    thread = HardwareThread("a", record=lambda *what: seen.append(what))
    thread.charge(Category.COPY, 10, ((0x1000, 64),))
    thread.charge(Category.COPY, 10)
    assert seen == [("a", Category.COPY, ((0x1000, 64),))]


def test_costs_are_those_of_the_fit():
    """A quarter of lwIP's, in microseconds at 600 MHz."""
    costs = Costs()
    assert [costs.interrupt, costs.send, costs.receive, costs.make_ack, costs.take_ack, costs.message, costs.dma_setup
            ] == [4200, 7200, 3000, 6600, 1800, 2100, 1800]
