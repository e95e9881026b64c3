"""Sliding window, zero window, silly window avoidance, Nagle, delayed ACK."""

from firmware.tcp import ACK, FIN, PSH, State, TcpConfig

from .scripted import MS, SECOND, Scripted

MSS = 1000


def test_one_transmit_may_hold_many_segments_within_both_windows():
    s = Scripted(peer_window=4500)
    s.connection.send(9000, s.now)
    first, = s.out()
    assert (first.length, first.mss) == (4 * MSS, MSS)
    assert first.segments == 4 and not first.flags & PSH
    s.arrive(1, 1 + 4 * MSS, window=65535)
    last, = s.out()
    assert last.length == 5 * MSS and last.flags & PSH


def test_max_payload_cuts_a_transmit_at_a_segment_boundary():
    s = Scripted()
    s.connection.send(9 * MSS, s.now)
    assert [t.length for t in s.out(max_payload=3500)] == [3000, 3000, 3000]


def test_nagle_holds_a_small_segment_while_data_is_outstanding():
    s = Scripted()
    s.connection.send(100, s.now)
    assert [t.length for t in s.out()] == [100]
    s.connection.send(200, s.now)
    s.connection.send(300, s.now)
    assert s.out() == []
    s.arrive(1, 101)
    assert [t.length for t in s.out()] == [500]


def test_nodelay_and_a_close_let_it_go():
    s = Scripted(TcpConfig(nodelay=True))
    for size in (100, 200):
        s.connection.send(size, s.now)
        assert [t.length for t in s.out()] == [size]
    s = Scripted(TcpConfig(minshall=False))
    s.connection.send(2500, s.now)
    assert [t.length for t in s.out()] == [2000]
    s.connection.close(s.now)
    last, = s.out()
    assert last.length == 500 and last.flags & FIN


def test_data_without_push_waits_but_not_for_ever():
    s = Scripted()
    s.connection.send(100, s.now, push=False)
    assert s.out() == []
    assert s.to_deadline() == 200 * MS
    assert [t.length for t in s.out()] == [100]


def test_sender_avoids_silly_segments():
    s = Scripted(peer_window=2000)
    s.connection.send(5000, s.now)
    assert [t.length for t in s.out()] == [2000]
    s.arrive(1, 2001, window=300)  # neither a full segment nor half of the largest window
    assert s.out() == []
    s.arrive(1, 2001, window=1000)
    assert [t.length for t in s.out()] == [1000]


def test_zero_window_is_probed_with_backoff_and_never_given_up_while_answered():
    s = Scripted(peer_window=0)
    s.connection.send(3000, s.now)
    assert s.out() == []
    waits = []
    for _ in range(12):
        waits.append(s.to_deadline() // SECOND)
        probe, = s.out()
        assert s.seq(probe) == 1 and probe.length == 1
        s.arrive(1, 1, window=0)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert s.connection.state is State.ESTABLISHED
    cwnd = s.connection.congestion.cwnd
    s.arrive(1, 1, window=5000)
    # At once, not at the next RTO: the refused byte again, then new segments (Nagle keeps the tail).
    assert [(s.seq(t), t.length, t.retransmission) for t in s.out()] == [(1, 1, True), (2, 2000, False)]
    assert s.connection.congestion.cwnd == cwnd, "a closed window is no congestion"
    assert s.connection.rtx.rto == SECOND


def test_a_silent_peer_with_a_closed_window_is_given_up():
    s = Scripted(peer_window=0)
    s.connection.send(3000, s.now)
    s.out()
    while s.connection.state is State.ESTABLISHED:
        s.to_deadline()
        s.out()
    assert 100 * SECOND <= s.now < 400 * SECOND


def test_the_window_update_may_be_lost():
    s = Scripted(peer_window=2000)
    s.connection.send(5000, s.now)
    s.out()
    s.arrive(1, 2001, window=0)
    assert s.out() == []
    s.to_deadline()
    probe, = s.out()
    assert s.seq(probe) == 2001 and probe.length == 1
    s.arrive(1, 2002, window=4000)
    assert [(s.seq(t), t.length) for t in s.out()] == [(2002, 2000), (4002, 999)]


def test_acks_are_acceptable_to_a_peer_whose_window_is_closed():
    s = Scripted(peer_window=0)
    s.connection.send(3000, s.now)
    s.out()
    s.to_deadline()
    s.out()  # the probe, beyond the peer's window
    s.arrive(1, 1, payload=bytes(1460), window=0)
    s.arrive(1461, 1, payload=bytes(1460), window=0)
    ack, = s.out()
    assert s.seq(ack) == 1 and s.ack(ack) == 2921


def test_window_shrunk_below_what_is_in_flight_is_survived():
    s = Scripted()
    s.connection.send(4000, s.now)
    s.out()
    s.arrive(1, 1001, window=500)
    assert s.out() == []
    s.to_deadline()
    assert [(s.seq(t), t.length) for t in s.out()] == [(1001, 500)]
    s.arrive(1, 4001, window=65535)
    assert s.connection.next_deadline() is None


def test_an_old_segment_does_not_change_the_window():
    s = Scripted()
    s.arrive(1, 1, payload=bytes(10), window=40000)
    s.arrive(1, 1, window=100)  # older than the last
    assert s.connection.snd_wnd == 40000


def test_ack_for_every_second_full_segment_at_once_otherwise_delayed():
    s = Scripted()
    s.arrive(1, 1, payload=bytes(1460))
    assert s.out() == []
    s.arrive(1461, 1, payload=bytes(1460))
    ack, = s.out()
    assert s.ack(ack) == 2921
    s.arrive(2921, 1, payload=bytes(1460))
    assert s.out() == []
    waited = s.to_deadline()
    assert waited == s.connection.config.delayed_ack < 500 * MS
    ack, = s.out()
    assert s.ack(ack) == 4381
    assert s.connection.next_deadline() is None


def test_data_carries_the_delayed_ack():
    s = Scripted()
    s.arrive(1, 1, payload=bytes(100))
    s.connection.send(10, s.now)
    data, = s.out()
    assert s.ack(data) == 101 and data.length == 10
    s.arrive(101, 11)
    assert s.connection.next_deadline() is None


def test_out_of_order_data_and_a_filled_gap_are_acknowledged_at_once():
    s = Scripted()
    s.arrive(101, 1, payload=b"b" * 100)
    assert [s.ack(t) for t in s.out()] == [1]
    s.arrive(301, 1, payload=b"d" * 100)
    assert [s.ack(t) for t in s.out()] == [1]
    s.arrive(1, 1, payload=b"a" * 100)
    assert [s.ack(t) for t in s.out()] == [201]
    assert b"".join(event.payload for event in s.events()) == b"a" * 100 + b"b" * 100


def test_receive_window_closes_and_opens_without_silly_steps():
    s = Scripted(TcpConfig(receive_buffer=4000, mss=1000))
    for i in range(4):
        s.arrive(1 + 1000 * i, 1, payload=bytes(1000))
        s.out()
    assert s.connection.rcv_wnd == 0
    s.arrive(4001, 1, payload=b"x")  # a probe
    probe_answer, = s.out()
    assert (s.ack(probe_answer), probe_answer.window) == (4001, 0)
    assert s.connection.rcv_unread == 4000
    s.connection.consumed(999, s.now)
    assert s.out() == []
    s.connection.consumed(1, s.now)
    update, = s.out()
    assert (s.ack(update), update.window) == (4001, 1000)
    s.connection.consumed(1000, s.now)
    assert s.out() == [], "a window that is open is not worth an update for one segment"
    s.connection.consumed(1000, s.now)
    assert [t.window for t in s.out()] == [3000]


def test_the_right_edge_never_moves_left():
    s = Scripted(TcpConfig(receive_buffer=5000))
    s.arrive(1, 1, payload=bytes(100))
    s.arrive(101, 1, payload=bytes(1460))
    edge = 0
    for position in range(1561, 4000, 500):
        s.arrive(position, 1, payload=bytes(500))
        for transmit in s.out():
            assert s.ack(transmit) + transmit.window >= edge
            edge = s.ack(transmit) + transmit.window


def test_data_beyond_the_window_is_cut_off():
    s = Scripted(TcpConfig(receive_buffer=1000))
    s.arrive(1, 1, payload=bytes(1500))
    assert s.connection.rcv_unread == 1000 and s.connection.rcv_wnd == 0
    s.arrive(1, 1, payload=bytes(1500))
    assert s.connection.rcv_unread == 1000


def test_reassembly_keeps_slices_and_a_bounded_number_of_them():
    s = Scripted(TcpConfig(out_of_order_segments=4))
    whole = memoryview(bytes(range(256)) * 20)
    for position in range(100, 1100, 100):
        s.arrive(1 + position, 1, payload=whole[position:position + 50])
    assert len(s.connection.reassembly) == 4 and s.connection.reassembly.buffered == 200
    assert s.counters["tcp_out_of_order_refused"] == 6
    s.arrive(1, 1, payload=whole[:1000])  # covers everything kept, and more
    received = b"".join(bytes(event.payload) for event in s.events())
    assert received == bytes(whole[:1000])
    assert all(type(event.payload) is memoryview for event in s.events())


def test_a_segment_that_reaches_over_both_edges_of_the_window_is_cut_at_both():
    s = Scripted(TcpConfig(receive_buffer=1000))
    s.arrive(1, 1, payload=b"a" * 400)
    s.arrive(301, 1, ACK | FIN, payload=b"b" * 900)
    received = b"".join(event.payload for event in s.events())
    assert received == b"a" * 400 + b"b" * 600
    assert s.connection.state is State.ESTABLISHED, "the FIN lies beyond the window"


def test_the_right_edge_moves_in_worthwhile_steps_only():
    s = Scripted(TcpConfig(receive_buffer=4000, mss=1000))
    s.arrive(1, 1, payload=bytes(1000))
    s.connection.consumed(900, s.now)
    s.arrive(1001, 1, payload=bytes(1000))
    ack, = s.out()
    assert s.ack(ack) + ack.window == 4001, "900 bytes more are not worth telling"
    s.connection.consumed(600, s.now)
    s.arrive(2001, 1, payload=bytes(1000))
    s.arrive(3001, 1, payload=bytes(1000))
    ack, = s.out()
    assert s.ack(ack) + ack.window == 5501


def test_the_override_timer_does_not_become_the_retransmission_timer():
    s = Scripted()
    s.connection.send(100, s.now, push=False)
    s.out()
    s.connection.send(1900, s.now)
    assert sum(t.length for t in s.out()) == 2000
    assert s.to_deadline() == SECOND
