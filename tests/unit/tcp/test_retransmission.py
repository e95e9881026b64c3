"""Timeouts, backoff, Karn, fast retransmit and fast recovery, limits."""

import errno

import pytest

from firmware.tcp import Closed, DeliveryTrouble, Error, State, TcpConfig

from .scripted import MS, SECOND, Scripted

MSS = 1000


def test_rto_doubles_up_to_its_maximum_and_r2_ends_the_connection():
    s = Scripted()
    s.connection.send(MSS, s.now)
    assert len(s.out()) == 1
    waits = []
    while s.connection.state is State.ESTABLISHED:
        waits.append(s.to_deadline() // SECOND)
        for transmit in s.out():
            assert transmit.retransmission and s.seq(transmit) == 1 and transmit.length in (MSS, 984, 512)
    assert waits == [1, 2, 4, 8, 16, 32, 60]
    events = s.events()
    assert sum(isinstance(event, DeliveryTrouble) for event in events) == 1
    assert events[-2:] == [Error(errno.ETIMEDOUT), Closed()]


def test_syn_is_retransmitted_for_at_least_three_minutes():
    s = Scripted(TcpConfig(timestamps=False), establish=False)
    s.connection.open_active(0)
    syn, = s.out()
    waits = []
    while s.connection.state is State.SYN_SENT:
        waits.append(s.to_deadline() // SECOND)
        for transmit in s.out():
            assert (transmit.seq, transmit.flags, transmit.options) == (syn.seq, syn.flags, syn.options)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert s.now >= 180 * SECOND
    assert s.events()[-2:] == [Error(errno.ETIMEDOUT), Closed()]


def test_rto_after_a_lost_syn_is_three_seconds():
    s = Scripted(establish=False)
    s.connection.open_active(0)
    s.out()
    s.to_deadline()
    s.out()
    s.arrive(0, 1, 0x12)
    s.out()
    s.connection.send(100, s.now)
    s.out()
    assert s.to_deadline() == 3 * SECOND


def test_rtt_estimate_follows_rfc_6298():
    config = TcpConfig(rto_min=1, clock_granularity=1)
    s = Scripted(config)
    rtx = s.connection.rtx
    rtx.srtt = None
    position = 1
    for rtt, srtt, rttvar in ((100 * MS, 100 * MS, 50 * MS), (180 * MS, 110 * MS, 57_500_000)):
        s.connection.send(MSS, s.now)
        s.out()
        s.now += rtt
        position += MSS
        s.arrive(1, position)
        assert (rtx.srtt, rtx.rttvar) == (srtt, rttvar)
        assert rtx.rto == srtt + 4 * rttvar


def test_karn_a_retransmitted_segment_is_never_measured_and_backoff_stays():
    s = Scripted()
    before = s.connection.rtx.srtt
    s.connection.send(MSS, s.now)
    s.out()
    s.to_deadline()
    s.out()
    s.now += 700 * MS
    s.arrive(1, 1 + MSS)
    assert s.connection.rtx.srtt == before
    assert s.connection.rtx.rto == 2 * SECOND
    s.connection.send(MSS, s.now)
    s.out()
    s.now += 10 * MS
    s.arrive(1, 1 + 2 * MSS)
    assert s.connection.rtx.rto == 1 * SECOND


def test_timer_stops_when_everything_is_acknowledged_and_restarts_on_progress():
    s = Scripted()
    s.connection.send(2 * MSS, s.now)
    s.out()
    s.now += 400 * MS
    s.arrive(1, 1 + MSS)
    assert s.connection.next_deadline() == s.now + s.connection.rtx.rto
    s.arrive(1, 1 + 2 * MSS)
    assert s.connection.next_deadline() is None


def test_fast_retransmit_comes_with_the_third_duplicate_ack_and_not_before():
    s = Scripted(TcpConfig(limited_transmit=False, congestion="reno"))
    s.connection.send(8 * MSS, s.now)
    s.out()
    s.arrive(1, 1 + MSS)
    for _ in range(2):
        s.arrive(1, 1 + MSS)
        assert s.out() == []
    s.arrive(1, 1 + MSS)
    again, = s.out()
    assert again.retransmission and s.seq(again) == 1 + MSS and again.length == MSS
    assert s.connection.congestion.ssthresh == 7 * MSS // 2
    assert s.counters["tcp_retransmission_timeouts"] == 0


@pytest.mark.parametrize("difference", ["data", "window", "nothing outstanding"])
def test_what_is_no_duplicate_ack_does_not_count(difference):
    s = Scripted(TcpConfig(limited_transmit=False, congestion="reno"))
    if difference != "nothing outstanding":
        s.connection.send(4 * MSS, s.now)
        s.out()
    for i in range(5):
        payload = b"x" if difference == "data" else b""
        s.arrive(1 + (i if payload else 0), 1, payload=payload,
                 window=60000 + i if difference == "window" else None)
    assert not any(transmit.retransmission for transmit in s.out())
    assert s.connection.dupacks == 0


def test_newreno_retransmits_the_next_hole_on_a_partial_ack_and_leaves_recovery_on_a_full_one():
    s = Scripted(TcpConfig(congestion="reno"))
    s.connection.send(10 * MSS, s.now)
    s.out()
    for _ in range(3):
        s.arrive(1, 1)
    first, = s.out()
    assert s.seq(first) == 1
    s.arrive(1, 1 + 4 * MSS)
    hole, = s.out()
    assert hole.retransmission and s.seq(hole) == 1 + 4 * MSS and hole.length == MSS
    assert s.connection.in_recovery
    s.arrive(1, 1 + 10 * MSS)
    assert not s.connection.in_recovery
    assert s.connection.congestion.cwnd <= s.connection.congestion.ssthresh == 5 * MSS


def test_no_second_fast_retransmit_for_the_window_that_timed_out():
    s = Scripted(TcpConfig(limited_transmit=False, congestion="reno"))
    s.connection.send(10 * MSS, s.now)
    s.out()
    s.to_deadline()
    s.out()
    for _ in range(5):
        s.arrive(1, 1)
    assert s.counters["tcp_fast_retransmissions"] == 0
    assert s.connection.congestion.cwnd == MSS


def test_after_a_timeout_the_window_is_sent_again_in_slow_start():
    s = Scripted(TcpConfig(congestion="reno"))
    s.connection.send(6 * MSS, s.now)
    s.out()
    s.to_deadline()
    assert [(s.seq(t), t.length) for t in s.out()] == [(1, MSS)]
    assert s.connection.congestion.ssthresh == 3 * MSS
    s.arrive(1, 1 + MSS)
    assert [(s.seq(t), t.length) for t in s.out()] == [(1 + MSS, 2 * MSS)]
    s.arrive(1, 1 + 6 * MSS)  # the rest was there already
    assert s.out() == [] and s.connection.next_deadline() is None


def test_limited_transmit_sends_new_segments_on_the_first_two_duplicates():
    s = Scripted(TcpConfig(initial_window_segments=4))
    s.connection.send(20 * MSS, s.now)
    assert sum(t.length for t in s.out()) == 4 * MSS
    for expected in (5, 6):
        s.arrive(1, 1)
        new, = s.out()
        assert not new.retransmission and s.seq(new) == 1 + (expected - 1) * MSS


def test_a_polled_transmit_that_was_not_committed_is_offered_again():
    s = Scripted()
    s.connection.send(3 * MSS, s.now)
    first = s.connection.poll_transmit(s.now, 65535)
    s.arrive(1, 1, payload=b"in between")
    second = s.connection.poll_transmit(s.now, 65535)
    assert (first.seq, first.length) == (second.seq, second.length)
    assert second.ack == (first.ack + 10) & 0xFFFFFFFF
    s.connection.transmitted(first, s.now)  # the older one left: the newer data is still to be acknowledged
    s.advance(s.connection.config.delayed_ack)
    ack, = s.out()
    assert s.ack(ack) == 11


def test_path_mtu_makes_segments_smaller_and_sends_again():
    s = Scripted()
    s.connection.send(2 * MSS, s.now)
    s.out()
    s.connection.path_mtu(600, s.iss + 1, s.now)
    again, = s.out()
    assert again.retransmission and again.mss == 600 and again.length == 2 * MSS
    s.connection.path_mtu(100, s.iss + 50_000, s.now)  # quotes nothing that is in flight
    assert s.connection.snd_mss == 600


def test_the_congestion_window_restarts_after_an_idle_rto():
    s = Scripted(TcpConfig(initial_window_segments=2))
    for i in range(6):
        s.connection.send(4 * MSS, s.now)
        s.out()
        s.arrive(1, 1 + (i + 1) * 2 * MSS)
    assert s.connection.congestion.cwnd > 2 * MSS
    s.arrive(1, 1 + s.connection.snd_nxt - s.connection.iss - 1)
    s.out()
    s.arrive(1, s.connection.snd_nxt - s.connection.iss)
    s.now += 5 * SECOND
    s.connection.send(20 * MSS, s.now)
    assert sum(t.length for t in s.out()) == 2 * MSS


def test_karn_holds_for_fast_retransmit_too():
    s = Scripted()
    before = s.connection.rtx.srtt
    s.connection.send(4 * MSS, s.now)
    s.out()
    for _ in range(3):
        s.arrive(1, 1)
    s.out()
    s.now += 300 * MS
    s.arrive(1, 1 + 4 * MSS)
    assert s.connection.rtx.srtt == before


def test_a_late_commit_does_not_take_the_window_back():
    s = Scripted(TcpConfig(receive_buffer=4000, mss=1000))
    s.arrive(1, 1, payload=bytes(1000))
    s.connection.send(10, s.now)
    old = s.connection.poll_transmit(s.now)
    s.connection.consumed(1000, s.now)
    new = s.connection.poll_transmit(s.now)
    assert new.window == old.window + 1000
    s.connection.transmitted(new, s.now)
    s.connection.transmitted(old, s.now)
    assert s.connection.rcv_adv - s.connection.rcv_nxt == new.window


def test_only_the_first_partial_ack_restarts_the_timer():
    s = Scripted()
    s.connection.send(10 * MSS, s.now)
    s.out()
    for _ in range(3):
        s.arrive(1, 1)
    s.out()
    s.now += 100 * MS
    s.arrive(1, 1 + MSS)
    deadline = s.connection.next_deadline()
    assert deadline == s.now + s.connection.rtx.rto
    s.out()
    s.now += 100 * MS
    s.arrive(1, 1 + 2 * MSS)
    assert s.connection.next_deadline() == deadline


def test_a_soft_error_is_the_reason_only_while_nothing_gets_through():
    for progress, reason in ((False, errno.EHOSTUNREACH), (True, errno.ETIMEDOUT)):
        s = Scripted()
        s.connection.send(2 * MSS, s.now)
        s.out()
        s.connection.icmp_error(errno.EHOSTUNREACH, False, s.iss + 1, s.now)
        if progress:
            s.arrive(1, 1 + MSS)
        while s.connection.state is State.ESTABLISHED:
            s.to_deadline()
            s.out()
        assert s.events()[-2:] == [Error(reason), Closed()]
