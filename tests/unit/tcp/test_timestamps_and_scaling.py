"""Window scale, timestamps, RTTM and PAWS (RFC 7323), and what the options take from a segment."""

import random

import pytest

from firmware.tcp import ACK, RST, SYN, TcpConfig, TcpHeader
from firmware.tcp.arrival import PAWS_LIFETIME
from firmware.tcp.connection import Connection
from firmware.tcp.options import NO_OPTIONS, Options, parse_options, syn_options

from .scripted import MASK, MS, PEER_TS, SECOND, Scripted
from .simulation import Impairment, Network

MSS = 1000
FULL = Options(mss=MSS, window_scale=3, ts_val=PEER_TS, ts_ecr=0)


def both(config: TcpConfig | None = None, **peer: object) -> Scripted:
    """A connection with window scaling and timestamps."""
    return Scripted(config or TcpConfig(), peer_options=FULL, **peer)


def passive(config: TcpConfig, options: Options) -> tuple[Connection, Options]:
    """The connection and the options of its SYN-ACK to a SYN with `options`."""
    connection = Connection(config, 0, 1, ts_offset=7)
    connection.open_passive()
    connection.segment_arrives(TcpHeader(80, 81, 5, 0, SYN, 1000, options), b"", 0)
    syn_ack = connection.poll_transmit(0)
    assert syn_ack.flags == SYN | ACK
    return connection, Scripted.options(syn_ack)


def test_A04_A05_A06_options_are_found_at_any_alignment_and_illegal_lengths_are_refused():
    for lead in (b"", b"\x01", b"\x01\x01", b"\xfd\x05abc"):
        data = lead + b"\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02\x03\x03\x07\x04\x02\x05\x0a" + bytes(range(8))
        assert parse_options(data, 0, len(data)) == Options(None, 7, True, 1, 2, ((0x00010203, 0x04050607),))
    for bad in (b"\x08\x09" + bytes(7), b"\x03\x04\x00\x00", b"\x04\x03\x00", b"\x05\x02", b"\x05\x09" + bytes(7),
                b"\x08\x0a\x00", b"\x08\x01", b"\x08"):
        assert parse_options(bad, 0, len(bad)) is None
    assert parse_options(b"\x01\x01\x00\x08", 0, 4) == NO_OPTIONS


@pytest.mark.parametrize("scale", [None, 0, 14])
@pytest.mark.parametrize("stamps", [None, (1, 2)])
@pytest.mark.parametrize("sack", [False, True])
def test_A07_options_of_a_syn_are_padded_and_read_back(scale, stamps, sack):
    data = syn_options(1460, scale, sack, stamps)
    ts_val, ts_ecr = stamps or (None, 0)
    assert len(data) % 4 == 0
    assert parse_options(data, 0, len(data)) == Options(1460, scale, sack, ts_val, ts_ecr)


def test_I01_window_scale_is_in_force_only_if_both_syns_carry_it():
    s = Scripted(TcpConfig(receive_buffer=1 << 20), peer_options=Options(mss=MSS))
    assert (s.connection.negotiated.snd_wind_shift, s.connection.negotiated.rcv_wind_shift) == (0, 0)
    s = Scripted(TcpConfig(receive_buffer=1 << 20, window_scaling=False), peer_options=FULL)
    assert (s.connection.negotiated.snd_wind_shift, s.connection.negotiated.rcv_wind_shift) == (0, 0)
    s = both(TcpConfig(receive_buffer=1 << 20))
    assert (s.connection.negotiated.snd_wind_shift, s.connection.negotiated.rcv_wind_shift) == (3, 5)
    _, answer = passive(TcpConfig(), Options(mss=MSS))
    assert (answer.window_scale, answer.ts_val) == (None, None)
    _, answer = passive(TcpConfig(), FULL)
    assert (answer.window_scale, answer.ts_val, answer.ts_ecr) == (0, 7, PEER_TS)


def test_I01_windows_of_syns_are_never_scaled_and_later_ones_are():
    s = both(TcpConfig(receive_buffer=1 << 20), peer_window=1000)
    assert s.connection.snd_wnd == 1000
    s.arrive(1, 1, payload=b"x", window=1000)
    assert s.connection.snd_wnd == 8000
    s.connection.send(1, s.now)
    sent, = s.out()
    assert sent.window << 5 == pytest.approx(1 << 20, abs=32)


def test_I01_a_shift_above_fourteen_is_taken_as_fourteen():
    s = Scripted(peer_options=Options(mss=MSS, window_scale=200))
    assert s.connection.negotiated.snd_wind_shift == 14
    assert TcpConfig(receive_buffer=65535 << 14).receive_buffer > 1 << 29
    with pytest.raises(ValueError):
        TcpConfig(receive_buffer=1 << 30)


def test_E07_the_right_edge_of_a_scaled_window_moves_left_by_less_than_one_unit():
    s = both(TcpConfig(receive_buffer=1 << 20))
    rng = random.Random(5)
    edge = position = 0
    while position < (1 << 20) - 100:
        size = rng.randrange(1, 4000)
        s.arrive(1 + position, 1, payload=bytes(min(size, (1 << 20) - position)))
        position += min(size, (1 << 20) - position)
        for transmit in s.out():
            right = s.ack(transmit) + (transmit.window << 5)
            assert right > edge - 32
            assert right <= 1 + (1 << 20), "never more than the buffer"
            edge = max(right, edge)
    assert s.connection.rcv_unread <= 1 << 20


def test_I02_timestamps_only_if_both_syns_carry_them_and_then_on_every_segment():
    s = Scripted(establish=False)
    s.connection.open_active(0)
    syn, = s.out()
    assert s.options(syn).ts_ecr == 0
    s = both()
    s.connection.send(10 * MSS, s.now)
    s.arrive(1, 1, payload=b"x")
    s.connection.close(s.now)
    sent = s.out()
    assert sent and all(s.options(t).ts_val is not None and s.options(t).ts_ecr == PEER_TS for t in sent)
    s = Scripted()
    s.connection.send(10, s.now)
    assert [t.options for t in s.out()] == [b""]


def test_I02_a_segment_without_the_option_is_dropped_but_a_reset_is_not():
    s = both()
    s.arrive(1, 1, payload=b"lost", options=NO_OPTIONS)
    assert s.out() == [] and s.connection.rcv_unread == 0 and s.counters["tcp_timestamp_missing"] == 1
    s.arrive(1, 1, RST | ACK, options=NO_OPTIONS)
    assert s.connection.state == 0


def test_A10_the_option_comes_off_the_segment():
    s = both()
    assert s.connection.snd_mss == MSS - 12
    s.connection.send(5 * MSS, s.now)
    first, tail = s.out()
    assert tail.length == 5 * 12
    assert first.mss == MSS - 12 and first.length == 5 * (MSS - 12) and first.segments == 5
    s.connection.path_mtu(600, s.iss + 1, s.now)
    assert s.connection.snd_mss == 588


def test_I03_ts_recent_follows_the_segment_at_the_left_edge_of_what_was_acknowledged():
    s = both()
    s.now = 10 * MS
    s.arrive(1001, 1, payload=bytes(100))  # beyond a hole: not echoed
    ack, = s.out()
    assert s.options(ack).ts_ecr == PEER_TS
    s.now = 20 * MS
    s.arrive(1, 1, payload=bytes(1000))
    ack, = s.out()
    assert s.options(ack).ts_ecr == PEER_TS + 20
    s.now = 30 * MS
    s.arrive(1101, 1, payload=bytes(100))
    s.now = 40 * MS
    s.arrive(1201, 1, payload=bytes(1000))
    s.to_deadline()
    ack, = s.out()
    assert s.options(ack).ts_ecr == PEER_TS + 30, "of two segments that one ACK covers, the first is echoed"


def test_I04_paws_drops_an_old_segment_and_answers_with_an_ack():
    s = both()
    s.now = SECOND
    s.arrive(1, 1, payload=bytes(2000))
    s.out()
    old = Options(ts_val=PEER_TS, ts_ecr=0)
    s.arrive(2001, 1, payload=b"from the last time round", options=old)
    ack, = s.out()
    assert s.ack(ack) == 2001 and s.connection.rcv_unread == 2000
    assert s.counters["tcp_paws_rejected"] == 1
    s.arrive(2001, 1, RST | ACK, options=old)
    assert s.connection.state == 0, "PAWS is not for RST"


def test_I04_a_ts_recent_of_more_than_24_days_is_not_believed():
    s = both()
    s.arrive(1, 1, payload=bytes(10))
    s.out()
    s.now = PAWS_LIFETIME + 2
    s.arrive(11, 1, payload=bytes(10), options=Options(ts_val=(PEER_TS - 5) & MASK, ts_ecr=0))
    assert s.connection.rcv_unread == 20


def test_D07_timestamps_are_compared_across_their_wrap():
    s = both()
    for position in range(0, 4000, 1000):  # PEER_TS wraps after 256 ms
        s.now += 100 * MS
        s.arrive(1 + position, 1, payload=bytes(1000))
        s.out()
    assert s.connection.rcv_unread == 4000 and s.connection.ts_recent < 1000


def test_I05_every_ack_is_a_sample_of_less_weight_and_karn_needs_no_exception():
    s = both(TcpConfig(rto_min=1, clock_granularity=1))
    rtx = s.connection.rtx
    assert rtx.srtt == 0
    mss = s.connection.snd_mss
    s.connection.send(8 * mss, s.now)
    s.out()
    s.now += 80 * MS
    s.arrive(1, 1 + 2 * mss)
    assert rtx.srtt == 80 * MS // 32, "one of four samples of this window"
    s.arrive(1, 1 + 8 * mss)
    s.connection.send(mss, s.now)
    s.out()
    s.to_deadline()
    s.out()
    s.now += 50 * MS
    before = rtx.srtt
    s.arrive(1, 1 + 9 * mss)
    assert rtx.srtt == before + (50 * MS - before) // 8, "the echo tells which transmission was answered"


def test_I06_connections_have_timestamps_of_their_own():
    network = Network()
    network.b.stack.listen(80)
    clients = [network.a.connect(network.b) for _ in range(3)]
    network.run(lambda: all(client.established for client in clients))
    assert len({client.connection.ts_offset for client in clients}) == 3
    stamps = {o.header.options.ts_val for o in network.trace if o.header.flags & SYN}
    assert len(stamps) == 6


@pytest.mark.parametrize("buffer", [100_000, 1 << 20, 5_000_000])
def test_a_long_fat_path_is_filled_by_a_scaled_window(buffer):
    network = Network(impairment=Impairment(delay=50 * MS), config=TcpConfig(receive_buffer=buffer))
    client, server = network.connected()
    data = random.Random(1).randbytes(3_000_000)
    client.send(data)
    most = 0

    def done() -> bool:
        nonlocal most
        most = max(most, client.connection.snd_nxt - client.connection.snd_una)
        return len(server.received) == len(data)

    network.run(done)
    assert bytes(server.received) == data
    assert 65535 < most <= buffer
