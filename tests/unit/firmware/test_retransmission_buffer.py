"""The retransmission buffer: it wraps, steps over what others hold, and never gives a byte to two."""

from __future__ import annotations

import random

import pytest

from firmware.retransmission_buffer import RetransmissionBuffer, cut

BASE = 0x1000


def test_allocations_follow_each_other_and_wrap_at_the_end():
    buffer = RetransmissionBuffer(BASE, 100)
    buffer.reserve(60)
    first = buffer.allocate(60)
    buffer.free(first)
    buffer.reserve(70)
    assert buffer.allocate(70) == [(BASE + 60, 40), (BASE, 30)]
    assert buffer.wraps == 1


def test_a_silent_connection_is_stepped_over():
    buffer = RetransmissionBuffer(BASE, 100)
    buffer.reserve(90)
    before, held, after = buffer.allocate(30), buffer.allocate(20), buffer.allocate(40)
    buffer.free(before)
    buffer.free(after)
    buffer.reserve(80)
    assert buffer.allocate(80) == [(BASE + 90, 10), (BASE, 30), (BASE + 50, 40)]
    assert held == [(BASE + 30, 20)]
    assert buffer.available == 0


def test_a_reservation_is_a_promise():
    buffer = RetransmissionBuffer(BASE, 100)
    buffer.reserve(100)
    with pytest.raises(ValueError, match="0 available"):
        buffer.reserve(1)
    buffer.cancel(40)
    buffer.reserve(40)
    buffer.allocate(100)


def test_freeing_twice_is_noticed():
    buffer = RetransmissionBuffer(BASE, 100)
    buffer.reserve(10)
    pieces = buffer.allocate(10)
    buffer.free(pieces)
    with pytest.raises(AssertionError):
        buffer.free(pieces)


@pytest.mark.parametrize("seed", range(5), indirect=True)
def test_no_byte_is_held_twice_under_random_use(seed):
    rng = random.Random(seed)
    buffer = RetransmissionBuffer(BASE, 1000)
    held: list[list[tuple[int, int]]] = []
    owner = [False] * 1000
    for _ in range(2000):
        if held and rng.random() < 0.5:
            pieces = held.pop(rng.randrange(len(held)))
            total = sum(size for _, size in pieces)
            part = rng.randint(1, total)
            gone, rest = cut(pieces, 0, part), cut(pieces, part, total - part)
            for address, size in gone:
                for byte in range(address - BASE, address - BASE + size):
                    assert owner[byte]
                    owner[byte] = False
            buffer.free(gone)
            if rest:
                held.append(rest)
        elif buffer.available:
            length = rng.randint(1, buffer.available)
            buffer.reserve(length)
            pieces = buffer.allocate(length)
            assert sum(size for _, size in pieces) == length
            for address, size in pieces:
                for byte in range(address - BASE, address - BASE + size):
                    assert not owner[byte]
                    owner[byte] = True
            held.append(pieces)
        assert buffer.allocated == sum(owner)
    assert buffer.wraps > 10


def test_cut_takes_a_part_out_of_pieces():
    pieces = [(100, 10), (200, 5), (300, 20)]
    assert cut(pieces, 8, 10) == [(108, 2), (200, 5), (300, 3)]
    assert cut(pieces, 10, 5) == [(200, 5)]
    with pytest.raises(AssertionError):
        cut(pieces, 30, 6)
