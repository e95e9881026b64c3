"""The host's processor: time passes for what is charged, one task at a time, interrupts first."""

import pytest

from firmware.observer import Observer
from models import kernel
from models.host.processor import Category, Processor


def test_a_charge_takes_its_cycles():
    async def main():
        processor = Processor()
        await processor.charge(Category.COPY, 1800)
        return kernel.now(), processor.busy_ps

    time_ps, busy = kernel.run(main())
    assert time_ps // kernel.NS == 1000
    assert busy == {"copy": kernel.US}


def test_charges_of_two_tasks_do_not_overlap():
    async def main():
        processor = Processor()
        tasks = [kernel.spawn(processor.charge(Category.COPY, 1800)) for _ in range(5)]
        for task in tasks:
            await task
        return kernel.now()

    assert kernel.run(main()) // kernel.NS == 5000


def test_an_interrupt_goes_before_processes_that_wait():
    order = []

    async def work(processor, name, interrupt):
        await processor.charge(name, 180, interrupt=interrupt)
        order.append(name)

    async def main():
        processor = Processor()
        tasks = [kernel.spawn(work(processor, name, name == "irq")) for name in ("a", "b", "c", "irq")]
        for task in tasks:
            await task

    kernel.run(main())
    assert order == ["a", "irq", "b", "c"]


def test_utilization_and_categories_of_an_interval():
    async def main():
        processor = Processor()
        await processor.charge(Category.SYSTEM_CALL, 1800)
        measurement = processor.measure()
        await processor.charge(Category.INTERRUPT, 3600)
        await processor.access(Category.DEVICE_ACCESS, kernel.sleep(3 * kernel.US), interrupt=True)
        await kernel.sleep(5 * kernel.US)
        return measurement.by_category(), measurement.utilization

    categories, utilization = kernel.run(main())
    assert {name: round(busy / kernel.US, 3) for name, busy in categories.items()} == {
        "interrupt": 2.0,
        "device_access": 3.0,
    }
    assert utilization == pytest.approx(0.5, rel=1e-3)


def test_touches_are_priced_by_a_cache_model():
    async def main():
        processor = Processor(memory_cycles=lambda touches: sum(length for _, length in touches))
        await processor.charge(Category.COPY, 800, touches=[(0, 1000)])
        return processor.total_busy_ps

    assert kernel.run(main()) == kernel.US


def test_a_cancelled_charge_gives_the_processor_back():
    async def main():
        processor = Processor()
        holder = kernel.spawn(processor.charge(Category.COPY, 18_000))
        waiter = kernel.spawn(processor.charge(Category.COPY, 18_000))
        await kernel.sleep(kernel.US)
        waiter.cancel()
        holder.cancel()
        await processor.charge(Category.COPY, 1800)
        return kernel.now()

    assert kernel.run(main()) // kernel.US == 2


def test_an_observer_sees_each_stretch_of_work():
    seen = []

    class Noting(Observer):
        def span(self, track, name, begin_ps, end_ps, **arguments):
            seen.append((track, name, begin_ps, end_ps))

    async def main():
        processor = Processor()
        processor.observer = Noting()
        await processor.charge(Category.COPY, 1800)
        await processor.access(Category.DEVICE_ACCESS, kernel.sleep(kernel.US))

    kernel.run(main())
    assert [(track, name, (end - begin) // kernel.NS) for track, name, begin, end in seen] == [
        ("processor", "copy", 1000),
        ("processor", "device_access", 1000),
    ]
