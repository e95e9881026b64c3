"""The transmit ring on the functional model: frames and sends leave whole and in order while ring and headers wrap."""

from __future__ import annotations

import random

import pytest

from firmware.card_memory import CardMemory
from firmware.drivers.ethernet import Ethernet
from firmware.drivers.ethernet_transmit import Segmentation
from firmware.network.checksum import checksum
from firmware.network.tcp_frame import build_frame
from firmware.processor import Bus, HardwareThread
from firmware.registers import card
from firmware.statistics import Statistics
from firmware.tcp import ACK, PSH, build_header
from models import kernel
from models.card import ModelCard

MEMORY = 1 << 19
MSS = 700


@pytest.mark.parametrize("seed", range(6), indirect=True)
def test_whatever_is_queued_leaves_in_order(seed):
    async def main() -> None:
        rng = random.Random(seed)
        model = ModelCard(MEMORY)
        bus = Bus(model.firmware, HardwareThread(ideal=True))
        memory = CardMemory(MEMORY)
        ethernet = Ethernet(bus, memory, Statistics(), 32, 16, 16, 2048, 700)
        payloads = memory.take("payloads", 1 << 17)
        content = rng.randbytes(payloads.size)
        sent: list[bytes] = []
        model.wire.connect(lambda frame, begin_ps, end_ps: sent.append(frame[:-4]))
        await model.start()
        await ethernet.start()
        await bus.write(payloads.address, content)
        write = bus.write

        async def checked(address: int, data: bytes) -> None:
            inside = [region for region in memory.regions if address in region]
            assert address >= card.REGISTERS_BASE or address + len(data) <= inside[0].address + inside[0].size
            await write(address, data)

        bus.write = checked
        expected: list[bytes] = []
        done: list[int] = []
        wanted: list[int] = []
        ring = ethernet.transmit
        for number in range(150):
            notify = rng.random() < 0.3
            callback = (lambda number=number: done.append(number)) if notify else None
            if rng.random() < 0.5:
                frame = rng.randbytes(rng.choice((60, 60, 200, 300)))
                pieces = 0
                header_bytes = len(frame)
            else:
                pieces = rng.randint(1, ring.most_pieces)
                header_bytes = 54
            while not ring.room(pieces, header_bytes):
                await kernel.sleep(kernel.US)
                await ring.reclaim()
            if not pieces:
                expected.append(frame)
                await ring.send_frame(frame, callback)
            else:
                places = [(rng.randrange(payloads.size - 500), rng.randint(1, 500)) for _ in range(pieces)]
                payload = b"".join(content[at : at + size] for at, size in places)
                expected += _segments(number, payload)
                await ring.send_segments(_prototype(number), [(payloads.address + at, size) for at, size in places],
                                         Segmentation(MSS), callback)
            if notify:
                wanted.append(number)
        while len(done) < len(wanted):
            await kernel.sleep(kernel.US)
            await ring.reclaim()
        await kernel.sleep(kernel.MS)
        assert done == wanted
        assert len(sent) == len(expected)
        for number, (got, frame) in enumerate(zip(sent, expected, strict=True)):
            assert got == frame.ljust(60, b"\0"), f"frame {number}"
        assert not model.firmware.irq & 8 or await ethernet.causes()

    kernel.run(main(), kernel.S)


ADDRESSES = (bytes(6), bytes(5) + b"\1", b"\x0a\0\0\1", b"\x0a\0\0\2")


def _prototype(number: int) -> bytes:
    destination_mac, source_mac, source, destination = ADDRESSES
    seed = sum(int.from_bytes((source + destination)[at : at + 2], "big") for at in range(0, 8, 2)) + 6
    ip = bytes.fromhex("4500 0000") + number.to_bytes(2, "big") + bytes.fromhex("4000 4006 0000") + source + destination
    return destination_mac + source_mac + b"\x08\x00" + ip + build_header(1, 2, number, 5, ACK | PSH, 1000, b"", seed)


def _segments(number: int, payload: bytes) -> list[bytes]:
    destination_mac, source_mac, source, destination = ADDRESSES
    starts = range(0, len(payload), MSS)
    frames = [
        build_frame(destination_mac, source_mac, source, destination, 1, 2, number + at, 5,
                    ACK | PSH if at == starts[-1] else ACK, 1000, b"", payload[at : at + MSS], number + index)
        for index, at in enumerate(starts)
    ]
    assert all(checksum(frame[14:34]) == 0 for frame in frames)
    return frames


def test_a_ring_that_cannot_work_is_refused():
    memory = CardMemory(MEMORY)
    bus = Bus(ModelCard(MEMORY).firmware, HardwareThread())
    for wrong in ({"transmit_ring": 20}, {"receive_ring": 8}, {"receive_buffers": 8}, {"buffer_bytes": 1500},
                  {"header_bytes": 100}):
        with pytest.raises(ValueError):
            Ethernet(bus, memory, Statistics(),
                     **{"transmit_ring": 32, "receive_ring": 16, "receive_buffers": 16, **wrong})


def test_regions_of_card_memory_do_not_overlap_and_run_out_with_an_error():
    memory = CardMemory(1000)
    first, second = memory.take("first", 100), memory.take("second", 100, 256)
    assert (first.offset, second.offset) == (0, 256)
    assert first.address == card.MEMORY_BASE
    with pytest.raises(ValueError, match="third: 700 bytes wanted, 616 left of 1000"):
        memory.take("third", 700)
