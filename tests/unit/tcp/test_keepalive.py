"""Keepalive, user timeout, and Nagle's algorithm in Minshall's variant."""

import errno

import pytest

from firmware.tcp import ACK, RST, Closed, Error, State, TcpConfig
from firmware.tcp.bic import Bic

from .scripted import SECOND, Scripted
from .simulation import Network

KEEPALIVE = TcpConfig(keepalive=True, keepalive_idle=100 * SECOND, keepalive_interval=10 * SECOND, keepalive_count=3)


def test_F09_keepalive_is_off_by_default_and_two_hours_when_asked_for():
    s = Scripted()
    assert s.connection.next_deadline() is None
    s.connection.configure(s.now, keepalive=True)
    assert s.connection.next_deadline() == 7200 * SECOND
    s.connection.configure(s.now, keepalive=False)
    assert s.connection.next_deadline() is None


def test_F09_lost_probes_are_tolerated_and_an_answer_starts_anew():
    s = Scripted(KEEPALIVE)
    assert s.to_deadline() == 100 * SECOND
    for _ in range(2):
        probe, = s.out()
        assert (s.seq(probe), probe.length, probe.flags) == (0, 0, ACK)
        assert s.to_deadline() == 10 * SECOND
    s.out()
    s.arrive(1, 1)
    s.to_deadline()
    assert s.out() == [] and s.connection.next_deadline() == s.connection.last_heard + 100 * SECOND


def test_F09_silence_ends_the_connection():
    s = Scripted(KEEPALIVE)
    probes = 0
    while s.connection.state is State.ESTABLISHED:
        s.to_deadline()
        probes += sum(1 for t in s.out() if not t.flags & RST)
    assert probes == 3 and s.now == 130 * SECOND
    assert s.events() == [Error(errno.ETIMEDOUT), Closed()]


def test_F09_two_stacks_stay_connected():
    network = Network(config=KEEPALIVE)
    client, server = network.connected()
    network.run(duration=1000 * SECOND)
    assert client.connection.state is State.ESTABLISHED and client.error is server.error is None
    assert network.a.stack.counters["tcp_keepalive_probes"] > 3


def test_F08_user_timeout_replaces_r2():
    s = Scripted()
    s.connection.configure(s.now, user_timeout=5 * SECOND)
    s.connection.send(100, s.now)
    s.out()
    while s.connection.state is State.ESTABLISHED:
        s.to_deadline()
        s.out()
    assert s.now == 5 * SECOND
    assert s.events()[-2:] == [Error(errno.ETIMEDOUT), Closed()]


def test_congestion_control_can_be_changed_on_the_way():
    s = Scripted()
    cwnd = s.connection.congestion.cwnd
    s.connection.configure(s.now, congestion="bic")
    assert type(s.connection.congestion) is Bic and s.connection.congestion.cwnd == cwnd
    with pytest.raises(ValueError):
        s.connection.configure(s.now, congestion="none")


def test_E06_the_tail_of_a_large_send_does_not_wait_but_many_small_segments_do():
    s = Scripted()
    s.connection.send(2500, s.now)
    assert [t.length for t in s.out()] == [2000, 500]
    s.connection.send(300, s.now)
    assert s.out() == [], "a small segment is outstanding"
    s.arrive(1, 2001)
    assert s.out() == []
    s.arrive(1, 2501)
    assert [t.length for t in s.out()] == [300]
    s = Scripted(TcpConfig(minshall=False))
    s.connection.send(2500, s.now)
    assert [t.length for t in s.out()] == [2000], "Nagle's own rule"
