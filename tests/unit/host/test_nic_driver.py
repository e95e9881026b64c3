"""The NIC driver on the functional model of the 82544 alone, its wire looped back."""

import random

import pytest

from models import kernel
from models.card.card import ModelCard
from models.host.memory import PhysicalMemory
from models.host.nic_driver import NicDriver
from models.host.processor import Processor
from models.network.ethernet_fcs import with_fcs
from models.ports import BusError

STATION = bytes.fromhex("020000000001")
PEER = bytes.fromhex("020000000002")


def run(scenario, entries=8):
    """`scenario(driver, card, frames that arrived)` on a fresh card."""

    async def main():
        card = ModelCard(nic=True)
        memory = PhysicalMemory()
        driver = NicDriver(card.host, memory, Processor(), bar=0, entries=entries)
        arrived = []
        driver.arrived = arrived.append
        card.host.connect(memory, lambda vector: None)
        card.host.connect_intx(lambda level: driver.interrupted() if level else None)
        card.wire.connect(lambda frame, begin_ps, end_ps: card.wire.send(frame))
        await card.start()
        await card.host.start()
        await scenario(driver, card, arrived)
        assert not memory.violations

    kernel.run(main(), 10 * kernel.S)


def frame(content, destination=STATION):
    return (destination + PEER + b"\x88\xb5" + content).ljust(60, b"\0")


def test_many_frames_pass_small_rings_in_order(seed):
    async def scenario(driver, _card, arrived):
        dice = random.Random(seed)
        await driver.start(STATION)
        sent = [frame(dice.randbytes(dice.randrange(1, 1500))) for _ in range(60)]
        for each in sent:
            await driver.transmit(each)
        await kernel.sleep(kernel.MS)
        assert arrived == sent
        statistics = driver.statistics
        assert statistics.frames_sent == statistics.frames_received == 60
        assert statistics.ring_waits > 0, "the ring was never full"
        assert 0 < statistics.interrupts < 120
        assert not statistics.receive_errors and not statistics.bus_errors

    run(scenario)


def test_frames_for_others_and_bad_frames_do_not_arrive():
    async def scenario(driver, card, arrived):
        await driver.start(STATION)
        card.wire.send(with_fcs(frame(b"for somebody else", PEER)))
        card.wire.send(with_fcs(frame(b"damaged"))[:-1] + b"x")
        card.wire.send(with_fcs(frame(b"good")))
        await kernel.sleep(kernel.MS)
        assert arrived == [frame(b"good")]

    run(scenario)


@pytest.mark.parametrize("length", [13, 2049])
def test_frames_that_cannot_be_are_refused(length):
    async def scenario(driver, _card, _arrived):
        await driver.start(STATION)
        with pytest.raises(ValueError, match="a frame of"):
            await driver.transmit(bytes(length))

    run(scenario)


def test_a_queue_set_that_is_taken_away_is_counted_and_does_no_harm():
    async def scenario(driver, card, arrived):
        await driver.start(STATION)
        read = card.host.read

        async def gone(bar, offset, length):
            raise BusError("taken away")

        card.host.read = gone
        await driver.transmit(frame(b"lost"))
        await kernel.sleep(kernel.MS)
        assert driver.statistics.bus_errors == 1 and not arrived
        card.host.read = read
        driver.interrupted()
        await kernel.sleep(kernel.MS)
        assert arrived == [frame(b"lost")]

    run(scenario)
