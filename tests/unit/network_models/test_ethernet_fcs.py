"""FCS and padding."""

import random

import pytest

from models.network import ethernet_fcs


def test_fcs_of_a_known_frame():
    # The CRC-32 check value of "123456789" (0xCBF43926), least significant byte first.
    assert ethernet_fcs.fcs(b"123456789") == bytes.fromhex("2639f4cb")


def test_short_frames_are_padded_and_long_ones_are_not():
    assert len(ethernet_fcs.with_fcs(b"x" * 14)) == 64
    assert len(ethernet_fcs.with_fcs(b"x" * 60)) == 64
    assert len(ethernet_fcs.with_fcs(b"x" * 61)) == 65
    assert ethernet_fcs.wire_bytes(ethernet_fcs.with_fcs(b"x" * 1514)) == 1538


def test_every_damaged_bit_is_found(seed):
    frame = ethernet_fcs.with_fcs(random.Random(seed).randbytes(60))
    assert ethernet_fcs.without_fcs(frame) == frame[:-4]
    for bit in range(len(frame) * 8):
        damaged = bytearray(frame)
        damaged[bit // 8] ^= 1 << bit % 8
        assert not ethernet_fcs.is_good(bytes(damaged))
    with pytest.raises(ethernet_fcs.FcsError):
        ethernet_fcs.without_fcs(frame[:40])
