"""Urgent data (RFC 9293 §3.8.5, RFC 6093)."""

import pytest

from firmware.tcp import ACK, FIN, URG, DataArrived, State, TcpConfig, UrgentData
from firmware.tcp.options import Options

from .scripted import Scripted
from .simulation import Network

MSS = 1000


def test_E11_the_owner_is_told_of_the_mark_at_once_and_of_each_only_once():
    s = Scripted()
    s.arrive(1, 1, ACK | URG, payload=b"abc", urgent=10)
    assert s.events() == [UrgentData(10), DataArrived(0, b"abc")]
    s.arrive(4, 1, ACK | URG, payload=b"def", urgent=7)
    assert s.events() == [DataArrived(3, b"def")]
    s.arrive(7, 1, ACK | URG, payload=b"ghi", urgent=5)
    assert s.events() == [UrgentData(11), DataArrived(6, b"ghi")]


def test_E11_a_mark_beyond_a_hole_is_told_at_once():
    s = Scripted()
    s.arrive(101, 1, ACK | URG, payload=b"x", urgent=1)
    assert s.events() == [UrgentData(101)]


def test_E11_a_mark_that_was_read_over_or_points_nowhere_is_none():
    s = Scripted()
    s.arrive(1, 1, payload=b"abc")
    s.connection.consumed(3, 0)
    s.events()
    s.arrive(4, 1, ACK | URG, urgent=0)
    s.arrive(1, 1, ACK | URG, payload=b"abc", urgent=3)
    s.arrive(4, 1, urgent=50)
    assert s.events() == []
    s.arrive(1, 1, ACK | URG, payload=b"abcde", urgent=2)
    assert s.events() == [DataArrived(3, b"de")]


def test_E09_urgent_is_processed_when_the_window_is_closed():
    s = Scripted(TcpConfig(receive_buffer=1000))
    s.arrive(1, 1, payload=bytes(1000))
    s.out()
    assert s.connection.rcv_wnd == 0
    s.events()
    s.arrive(1001, 1, ACK | URG, payload=b"y", urgent=1)
    assert s.events() == [UrgentData(1001)]
    s.arrive(1001, 1, ACK | URG, urgent=9)
    assert s.events() == [UrgentData(1009)]


def test_E11_after_the_peers_fin_there_is_no_urgent_data():
    s = Scripted()
    s.arrive(1, 1, ACK | FIN)
    s.events()
    s.arrive(2, 1, ACK | URG, urgent=4)
    assert s.events() == [] and s.connection.state is State.CLOSE_WAIT


def test_E11_every_segment_up_to_the_mark_points_at_it():
    s = Scripted(TcpConfig(timestamps=False))
    s.connection.send(2 * MSS + 500, s.now)
    s.connection.send(1, s.now, urgent=True)
    s.connection.send(3 * MSS, s.now)
    sent = s.out()
    urgent = [t for t in sent if t.flags & URG]
    assert [(s.seq(t), t.length, s.seq(t) + t.urgent) for t in urgent] == [
        (1, MSS, 2502), (1 + MSS, MSS, 2502), (1 + 2 * MSS, MSS, 2502)], "one segment each: the pointer moves"
    assert all(t.urgent == 0 for t in sent[3:])
    assert sum(t.length for t in sent) >= 5 * MSS
    s.to_deadline()
    again, *_ = s.out()
    assert again.retransmission and again.flags & URG and again.urgent == 2501 and again.length == MSS
    s.arrive(1, 1 + 5 * MSS)
    s.connection.send(10, s.now)
    s.arrive(1, 1 + 5 * MSS + 501)
    assert len(s.out()) == 1 and s.connection.snd_up is None


def test_E11_urgent_data_does_not_wait_for_nagle():
    s = Scripted()
    s.connection.send(10, s.now)
    assert len(s.out()) == 1
    s.connection.send(10, s.now)
    assert sum(t.length for t in s.out()) == 0
    s.connection.send(1, s.now, urgent=True)
    assert [(t.length, t.urgent) for t in s.out()] == [(11, 11)]


def test_E11_a_closed_window_is_told_of_the_mark():
    s = Scripted(peer_window=0)
    s.connection.send(5, s.now, urgent=True)
    signal, = s.out()
    assert (signal.length, signal.flags, signal.urgent) == (0, ACK | URG, 5)


def test_E11_a_pointer_further_than_the_field_reaches_says_the_most():
    s = Scripted(peer_options=Options(mss=MSS, window_scale=8), peer_window=60000)
    s.connection.send(100_000, s.now, urgent=True)
    assert s.out()[0].urgent == 65535


@pytest.mark.parametrize("drop", [0.0, 0.1])
def test_urgent_data_between_two_stacks(drop):
    network = Network(seed=8)
    client, server = network.connected()
    network.impairment.drop = drop
    marks = []
    original = server.event

    def event(each):
        if isinstance(each, UrgentData):
            marks.append((each.offset, len(server.received)))
        original(each)

    server.event = event
    client.send(b"a" * 30_000)
    client.data += b"!"
    client.connection.send(1, network.now, urgent=True)
    client.send(b"b" * 30_000)
    network.run(lambda: len(server.received) == 60_001)
    assert bytes(server.received) == b"a" * 30_000 + b"!" + b"b" * 30_000
    assert [offset for offset, _ in marks] == [30_001] and marks[0][1] < 30_001
