"""The messaging driver against registers that hold what they never should."""

import pytest

from firmware.card_memory import CardMemory
from firmware.drivers.messaging import QUEUE_BYTES, Messaging
from firmware.registers import card, messaging
from firmware.statistics import Statistics
from models import kernel


class RegisterBus:
    """Only registers: IPHPR holds `pointer`, everything else 0."""

    def __init__(self, pointer: int) -> None:
        self._pointer = pointer

    async def read_register(self, address: int) -> int:
        return self._pointer if address == card.MESSAGING_BASE + messaging.IPHPR else 0


@pytest.mark.parametrize("pointer", [0, QUEUE_BYTES - 4, QUEUE_BYTES + 2, 2 * QUEUE_BYTES, 0xFFFF_FFFF])
def test_a_post_pointer_outside_its_queue_is_counted_and_does_not_hang(pointer):
    statistics = Statistics()

    async def main():
        driver = Messaging(RegisterBus(pointer), CardMemory(1 << 22), statistics)
        return await driver.take_requests()

    assert kernel.run(main()) == []
    assert statistics["inbound_post_pointer_bad"] == 1
