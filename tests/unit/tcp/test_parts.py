"""The parts of the protocol by themselves: sequence numbers, reassembly, options, initial sequence numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.tcp import MalformedSegment, TcpConfig, build_header, initial_sequence_number, parse_header
from firmware.tcp.congestion import NewReno
from firmware.tcp.reassembly import ReassemblyQueue
from firmware.tcp.sequence import MASK, difference, extend, less_than

numbers = st.integers(0, MASK)


@given(near=st.integers(0, 1 << 40), distance=st.integers(-(1 << 31), (1 << 31) - 1))
def test_extend_finds_the_nearest_number_with_the_same_low_bits(near, distance):
    assert extend((near + distance) & MASK, near) == near + distance


@given(a=numbers, distance=st.integers(1, (1 << 31) - 1))
def test_comparison_across_the_wrap(a, distance):
    b = (a + distance) & MASK
    assert less_than(a, b) and not less_than(b, a)
    assert difference(b, a) == distance and difference(a, b) == -distance
    assert not less_than(a, a)


@given(pieces=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 25)), max_size=15), first=st.integers(0, 30))
def test_reassembly_against_a_byte_array(pieces, first):
    """Every byte once, the first to come is kept, and nothing overlaps."""
    queue = ReassemblyQueue(1000)
    model: dict[int, int] = {}
    for mark, (start, length) in enumerate(pieces):
        queue.insert(start, bytes([mark]) * length)
        for position in range(start, start + length):
            model.setdefault(position, mark)
        assert queue.buffered == len(model)
    position = first
    while (payload := queue.pop(position)) is not None:
        for byte in payload:
            assert model[position] == byte
            position += 1
    assert position not in model
    assert queue.buffered == sum(1 for key in model if key > position)


def test_reassembly_refuses_pieces_beyond_its_limit():
    queue = ReassemblyQueue(2)
    assert queue.insert(10, b"a") and queue.insert(20, b"b")
    assert not queue.insert(30, b"c")
    assert queue.insert(10, b"a"), "what is here already needs no room"
    assert queue.buffered == 2


def test_options_in_any_order_and_alignment():
    options = b"\x01\x08\x0a" + bytes(8) + b"\x01\xfd\x03\x00\x02\x04\x03\xe8\x00\xff\xff\xff\xff"
    header = parse_header(build_header(1, 2, 3, 4, 2, 5, options[:-1] + bytes(-len(options[:-1]) % 4)))
    assert header.options.mss == 1000
    assert header.header_bytes == 20 + len(options[:-1]) + -len(options[:-1]) % 4


@given(st.binary(max_size=70))
def test_any_bytes_are_a_header_or_malformed(data):
    try:
        header = parse_header(data)
    except MalformedSegment as malformed:
        assert malformed.counter.startswith("tcp_")
    else:
        assert 20 <= header.header_bytes <= len(data)


def test_B12_initial_sequence_numbers_follow_the_clock_and_hide_the_offset():
    first = initial_sequence_number(b"secret", b"tuple", 0)
    assert difference(initial_sequence_number(b"secret", b"tuple", 4_000_000), first) == 1000  # one per 4 us
    assert initial_sequence_number(b"secret", b"other", 0) != first
    assert initial_sequence_number(b"another", b"tuple", 0) != first


def test_slow_start_then_congestion_avoidance():
    control = NewReno()
    control.established(1000, syn_was_lost=False)
    assert control.cwnd == 10_000
    control.ssthresh = 12_000
    control.acknowledged(2000, control.cwnd, 0)
    assert control.cwnd == 12_000
    for _ in range(6):
        control.acknowledged(2000, control.cwnd, 0)
    assert control.cwnd == 13_000, "one segment per window in congestion avoidance"
    control.acknowledged(2000, 1000, 0)
    assert control.cwnd == 13_000, "no growth while the application is the limit"


def test_slow_start_after_a_timeout_grows_by_one_segment_an_ack():
    control = NewReno()
    control.established(1000, syn_was_lost=False)
    control.timeout(10_000, True, 0)
    assert (control.cwnd, control.ssthresh) == (1000, 5000)
    control.acknowledged(2000, 10_000, 0)
    assert control.cwnd == 2000
    control.timeout(8_000, False, 0)
    assert control.ssthresh == 5000, "held while the same data times out again"


@pytest.mark.parametrize("settings_", [{"mss": 0}, {"receive_buffer": 0}, {"rto_min": 0}, {"delayed_ack_segments": 0}])
def test_impossible_settings_are_refused(settings_):
    with pytest.raises(ValueError):
        TcpConfig(**settings_)
