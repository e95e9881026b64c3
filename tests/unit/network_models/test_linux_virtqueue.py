"""The device's side of a virtqueue, against a driver written out byte by byte; and the network device on top."""

from __future__ import annotations

import struct

import pytest

from models.network.linux.network_device import RECEIVE, TRANSMIT, NetworkDevice
from models.network.linux.vhost_user import F_EVENT_IDX
from models.network.linux.virtqueue import GuestFault, GuestMemory, Region, Virtqueue

BASE = 0x1000
DESC, AVAIL, USED, BUFFERS = BASE, BASE + 0x400, BASE + 0x800, BASE + 0x1000
NEXT, WRITE, INDIRECT = 1, 2, 4


class Driver:
    """The guest's side: memory with one queue of `size` entries, as virtio 1.1 §2.6 lays it out."""

    def __init__(self, size: int = 8, event_idx: bool = True, base: int = 0) -> None:
        self.size = size
        self.bytes = bytearray(1 << 20)
        self.memory = GuestMemory([Region(BASE, len(self.bytes), memoryview(self.bytes))])
        self.index = base
        struct.pack_into("<H", self.bytes, AVAIL - BASE + 2, base)
        self.queue = Virtqueue(self.memory, size, DESC, AVAIL, USED, base, event_idx)

    def describe(self, place: int, address: int, length: int, flags: int = 0, following: int = 0) -> None:
        struct.pack_into("<QIHH", self.bytes, DESC - BASE + 16 * place, address, length, flags, following)

    def put(self, address: int, data: bytes) -> None:
        self.bytes[address - BASE : address - BASE + len(data)] = data

    def offer(self, head: int) -> None:
        struct.pack_into("<H", self.bytes, AVAIL - BASE + 4 + 2 * (self.index % self.size), head)
        self.index = (self.index + 1) & 0xFFFF
        struct.pack_into("<H", self.bytes, AVAIL - BASE + 2, self.index)

    @property
    def used(self) -> int:
        return struct.unpack_from("<H", self.bytes, USED - BASE + 2)[0]

    def used_element(self, number: int) -> tuple[int, int]:
        return struct.unpack_from("<II", self.bytes, USED - BASE + 4 + 8 * (number % self.size))

    def want_interrupt_after(self, index: int) -> None:
        struct.pack_into("<H", self.bytes, AVAIL - BASE + 4 + 2 * self.size, index & 0xFFFF)

    @property
    def kick_wanted_at(self) -> int:
        return struct.unpack_from("<H", self.bytes, USED - BASE + 4 + 8 * self.size)[0]


def test_a_chain_is_taken_with_what_is_to_be_read_and_what_is_to_be_written() -> None:
    driver = Driver()
    assert driver.queue.take() is None
    driver.put(BUFFERS, b"header")
    driver.put(BUFFERS + 100, b"data")
    driver.describe(3, BUFFERS, 6, NEXT, 5)
    driver.describe(5, BUFFERS + 100, 4, NEXT, 1)
    driver.describe(1, BUFFERS + 200, 50, WRITE)
    driver.offer(3)
    chain = driver.queue.take()
    assert chain is not None
    assert [bytes(each) for each in chain.readable] == [b"header", b"data"]
    assert [len(each) for each in chain.writable] == [50]
    driver.queue.give(chain, 17)
    assert driver.used == 1 and driver.used_element(0) == (3, 17)


def test_indices_wrap_at_16_bits() -> None:
    driver = Driver(size=4, base=0xFFFE)
    for number in range(6):
        driver.describe(number % 4, BUFFERS, 1)
        driver.offer(number % 4)
        chain = driver.queue.take()
        assert chain is not None and chain.head == number % 4
        driver.queue.give(chain, number)
    assert driver.used == 4 and driver.queue.take() is None


def test_a_table_of_descriptors_may_lie_elsewhere() -> None:
    driver = Driver()
    table = BUFFERS + 0x1000
    driver.put(table, struct.pack("<QIHH", BUFFERS, 3, NEXT, 1) + struct.pack("<QIHH", BUFFERS + 3, 2, 0, 0))
    driver.put(BUFFERS, b"abcde")
    driver.describe(0, table, 32, INDIRECT)
    driver.offer(0)
    chain = driver.queue.take()
    assert chain is not None and b"".join(chain.readable) == b"abcde"


def test_interrupts_come_when_the_driver_wants_them() -> None:
    driver = Driver()

    def give(count: int) -> bool:
        for _ in range(count):
            driver.describe(0, BUFFERS, 1)
            driver.offer(0)
            chain = driver.queue.take()
            assert chain is not None
            driver.queue.give(chain, 0)
        return driver.queue.interrupt_is_wanted()

    driver.want_interrupt_after(2)
    assert [give(1), give(1), give(1), give(1)] == [False, False, True, False]
    driver.want_interrupt_after(5)
    assert give(4) is True, "one of several was the one"
    driver.want_interrupt_after(-1)
    assert give(1) is False


def test_without_event_indices_a_flag_keeps_interrupts_off() -> None:
    driver = Driver(event_idx=False)
    for flag, wanted in ((0, True), (1, False)):
        struct.pack_into("<H", driver.bytes, AVAIL - BASE, flag)
        driver.describe(0, BUFFERS, 1)
        driver.offer(0)
        chain = driver.queue.take()
        assert chain is not None
        driver.queue.give(chain, 0)
        assert driver.queue.interrupt_is_wanted() is wanted
        assert driver.queue.interrupt_is_wanted() is False


def test_the_device_says_when_it_wants_to_be_told() -> None:
    driver = Driver()
    assert driver.kick_wanted_at == 0
    driver.describe(0, BUFFERS, 1)
    driver.offer(0)
    driver.queue.take()
    assert driver.kick_wanted_at == 0, "it looks by itself as long as there is something"
    driver.queue.ask_for_kick()
    assert driver.kick_wanted_at == 1


@pytest.mark.parametrize(
    ("address", "length", "flags", "following", "head"),
    [
        (BASE - 1, 4, 0, 0, 0),
        (BASE + (1 << 20) - 3, 4, 0, 0, 0),
        (1 << 63, 1, 0, 0, 0),
        (BUFFERS, 1, NEXT, 8, 0),
        (BUFFERS, 1, NEXT, 0, 0),
        (BUFFERS, 1, 0, 0, 8),
    ],
    ids=["before memory", "beyond memory", "far away", "no such descriptor", "a circle", "no such head"],
)
def test_what_the_standard_forbids_is_a_fault(address: int, length: int, flags: int, following: int, head: int) -> None:
    driver = Driver()
    driver.describe(0, address, length, flags, following)
    driver.offer(head)
    with pytest.raises(GuestFault):
        driver.queue.take()


@pytest.mark.parametrize("size", [0, 3, 1 << 16])
def test_a_queue_has_a_power_of_two_of_entries(size: int) -> None:
    driver = Driver()
    with pytest.raises(GuestFault):
        Virtqueue(driver.memory, size, DESC, AVAIL, USED, 0, True)


# The network device.


def device(driver: Driver, index: int, mtu: int = 1500) -> NetworkDevice:
    found = NetworkDevice(bytes(6), mtu)
    found.negotiated = found.features | F_EVENT_IDX
    found._rings[index].queue = driver.queue
    return found


def test_a_frame_is_received_with_an_empty_header() -> None:
    driver = Driver()
    nic = device(driver, RECEIVE)
    told: list[int] = []
    nic.interrupt = told.append
    driver.describe(2, BUFFERS, 1530, WRITE)
    driver.offer(2)
    driver.want_interrupt_after(0)
    nic.receive(bytes(range(60)))
    assert driver.used_element(0) == (2, 72)
    start = BUFFERS - BASE
    assert driver.bytes[start : start + 72] == bytes(10) + b"\1\0" + bytes(range(60))
    assert told == [RECEIVE]


def test_a_frame_without_a_buffer_is_dropped_and_counted() -> None:
    driver = Driver()
    nic = device(driver, RECEIVE)
    nic.receive(bytes(60))
    assert nic.frames_without_buffer == 1 and driver.used == 0
    unready = NetworkDevice(bytes(6), 1500)
    unready.receive(bytes(60))
    assert unready.frames_without_buffer == 1


def test_a_long_frame_fills_several_buffers() -> None:
    driver = Driver()
    nic = device(driver, RECEIVE, mtu=9000)
    for place in range(3):
        driver.describe(place, BUFFERS + 0x1000 * place, 1000, WRITE)
        driver.offer(place)
    data = bytes(number & 0xFF for number in range(2500))
    nic.receive(data)
    assert [driver.used_element(number) for number in range(3)] == [(0, 1000), (1, 1000), (2, 512)]
    start = BUFFERS - BASE
    assert driver.bytes[start + 10] == 3
    pieces = [driver.bytes[start + 0x1000 * place : start + 0x1000 * place + 1000] for place in range(3)]
    assert b"".join(bytes(each) for each in pieces)[12 : 12 + 2500] == data


def test_a_frame_to_send_stays_in_the_queue_until_it_is_sent() -> None:
    driver = Driver()
    nic = device(driver, TRANSMIT)
    driver.put(BUFFERS, bytes(12) + b"frame")
    driver.describe(0, BUFFERS, 17)
    driver.offer(0)
    taken = nic.take_frame()
    assert taken is not None and taken[0] == b"frame"
    assert driver.used == 0 and nic.take_frame() is None
    nic.frame_is_sent(taken[1])
    assert driver.used == 1 and driver.used_element(0) == (0, 0)
