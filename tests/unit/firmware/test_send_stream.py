"""A connection's stream of bytes to send: where each byte is, and when its request is answered."""

from __future__ import annotations

import random

import pytest

from firmware.messages import Command, IdKind, Message
from firmware.retransmission_buffer import RetransmissionBuffer
from firmware.sending.stream import SendRequest, SendStream, pair

BUFFER = 1 << 40


class Fixture:
    """A stream over a small buffer, and memory in which its copies are carried out."""

    def __init__(self, size: int) -> None:
        self.buffer = RetransmissionBuffer(BUFFER, size)
        self.answers: list[tuple[int, int]] = []
        self.stream = SendStream(self.buffer, lambda request, error: self.answers.append((request.message.tag, error)))
        self.memory: dict[int, int] = {}
        self.tag = 0

    def send(self, data: bytes, address: int, pieces: int = 1) -> SendRequest:
        self.tag += 1
        step = -(-len(data) // pieces)
        parts = [(address + 2 * at, min(step, len(data) - at)) for at in range(0, len(data), step)]
        for (place, size), at in zip(parts, range(0, len(data), step), strict=True):
            for index in range(size):
                self.memory[place + index] = data[at + index]
        request = SendRequest(Message(Command.SEND, IdKind.DESCRIPTOR, 1025, self.tag), parts, len(data))
        self.stream.add(request)
        return request

    def accept(self, limit: int) -> int:
        done = 0
        while (request := self.stream.next_to_accept()) is not None and limit - done > 0:
            length = min(request.limit - request.accepted, limit - done, self.buffer.available)
            if not length:
                break
            self.stream.accept(request, length)
            done += length
        return done

    def carry_out(self, copies) -> None:
        for copy in copies:
            for index in range(copy.length):
                self.memory[copy.destination + index] = self.memory[copy.source + index]

    def read(self, pieces) -> bytes:
        return bytes(self.memory[address + index] for address, size in pieces for index in range(size))


def test_first_transmission_is_read_from_the_hosts_pages_and_a_retransmission_from_the_buffer():
    f = Fixture(100)
    f.send(bytes(range(50)), 1000)
    f.accept(50)
    first = f.stream.source(0, 50, False, 10)
    assert first.pieces == [(1000, 50)]
    sent = f.stream.hold(first)
    copies, copied = f.stream.copy_until(50)
    assert f.stream.source(0, 50, True, 10) is None, "the copy is not done yet"
    f.carry_out(copies)
    copied(True)
    assert f.answers == [], "Ethernet still reads the pages"
    sent()
    assert f.answers == [(1, 0)]
    again = f.stream.source(10, 20, True, 10)
    assert again.pieces == [(BUFFER + 10, 20)]
    assert f.read(again.pieces) == bytes(range(10, 30))


def test_send_is_answered_only_when_also_copied():
    f = Fixture(100)
    f.send(bytes(10), 1000)
    f.accept(10)
    sent = f.stream.hold(f.stream.source(0, 10, False, 10))
    _, copied = f.stream.copy_until(10)
    sent()
    assert f.answers == []
    copied(True)
    assert f.answers == [(1, 0)]


def test_what_is_acknowledged_is_freed_but_not_while_the_copy_runs():
    f = Fixture(100)
    f.send(bytes(100), 1000)
    assert f.accept(1000) == 100
    sent = f.stream.hold(f.stream.source(0, 100, False, 10))
    _, copied = f.stream.copy_until(100)
    sent()
    f.stream.acknowledge(60)
    assert f.buffer.allocated == 100
    copied(True)
    assert f.buffer.allocated == 40
    f.stream.acknowledge(100)
    assert f.buffer.allocated == 0


def test_the_end_of_a_connection_answers_with_its_error_when_hardware_has_let_go():
    f = Fixture(100)
    f.send(bytes(80), 1000)
    f.send(bytes(80), 3000)
    f.accept(1000)
    sent = f.stream.hold(f.stream.source(0, 40, False, 10))
    _, copied = f.stream.copy_until(40)
    f.stream.end(104)
    assert f.answers == []
    copied(True)
    sent()
    assert f.answers == [(1, 104), (2, 104)]
    assert f.buffer.available == 100


def test_truncated_request_is_answered_with_what_was_accepted():
    f = Fixture(100)
    request = f.send(bytes(300), 1000)
    f.accept(30)
    f.stream.truncate(request)
    assert f.answers == []
    _, copied = f.stream.copy_until(30)
    copied(True)
    assert f.answers == [(1, 0)] and request.limit == 30


@pytest.mark.parametrize("seed", range(20), indirect=True)
def test_every_transmission_carries_the_streams_bytes(seed):
    """Random sends, accepts, transmits, copies in order, acknowledgments and retransmissions over a wrapping buffer."""
    rng = random.Random(seed)
    f = Fixture(200)
    data = bytearray()
    sent_end = acknowledged = 0
    reading, copying = [], []
    place = 0
    for _ in range(600):
        action = rng.randrange(7)
        if action == 0 and len(f.stream.requests) < 4:
            part = rng.randbytes(rng.randint(1, 150))
            f.send(part, 1000 + place, rng.randint(1, 3))
            place += 400
            data += part
        elif action == 1:
            f.accept(rng.randint(1, 200))
        elif action == 2 and sent_end < f.stream.accepted_end:
            length = rng.randint(1, f.stream.accepted_end - sent_end)
            source = f.stream.source(sent_end, length, False, 4)
            length = sum(size for _, size in source.pieces)
            assert f.read(source.pieces) == data[sent_end : sent_end + length]
            reading.append((f.stream.hold(source), source, sent_end, length))
            copies, copied = f.stream.copy_until(sent_end + length)
            sent_end += length
            if copies:
                copying.append((copies, copied))
        elif action == 3 and copying:
            copies, copied = copying.pop(0)
            f.carry_out(copies)
            copied(True)
        elif action == 4 and reading:
            done, source, at, length = reading.pop(rng.randrange(len(reading)))
            assert f.read(source.pieces) == data[at : at + length], "overwritten while Ethernet read it"
            done()
        elif action == 5 and sent_end > acknowledged:
            acknowledged += rng.randint(1, sent_end - acknowledged)
            f.stream.acknowledge(acknowledged)
        elif action == 6 and sent_end > acknowledged:
            length = rng.randint(1, sent_end - acknowledged)
            source = f.stream.source(acknowledged, length, True, 4)
            if source is not None:
                length = sum(size for _, size in source.pieces)
                assert all(address >= BUFFER for address, _ in source.pieces)
                assert f.read(source.pieces) == data[acknowledged : acknowledged + length]
                reading.append((f.stream.hold(source), source, acknowledged, length))
        if rng.random() < 0.1:
            # pages of answered requests are the host's again
            kept = {address + index for request in f.stream.requests for address, size in request.pieces
                    for index in range(size)}
            for address in f.memory:
                if address < BUFFER and address not in kept:
                    f.memory[address] = 0xEE
    assert f.buffer.wraps > 2
    assert [tag for tag, _ in f.answers] == list(range(1, len(f.answers) + 1))


def test_pairing_pieces_gives_copies_of_the_common_length():
    copies = pair([(0, 10), (100, 5)], [(1000, 4), (2000, 11)])
    assert [(copy.source, copy.destination, copy.length) for copy in copies] == [
        (0, 1000, 4), (4, 2000, 6), (100, 2006, 5)]
