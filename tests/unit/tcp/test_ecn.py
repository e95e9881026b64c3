"""Explicit congestion notification (RFC 3168)."""

import random

import pytest

from firmware.tcp import ACK, CWR, ECE, SYN, Connection, State, TcpConfig, TcpHeader
from firmware.tcp.ecn import CE, ECT_0
from firmware.tcp.options import Options

from .scripted import MS, Scripted
from .simulation import Impairment, Network

MSS = 1000
ECN = TcpConfig(ecn=True, congestion="reno")


class Established(Scripted):
    """A connection of ours with ECN agreed."""

    def __init__(self, config: TcpConfig = ECN, sack: bool = False) -> None:
        super().__init__(config, establish=False)
        self.connection.open_active(0)
        syn, = self.out()
        assert syn.flags == SYN | ECE | CWR
        self.arrive(0, 1, SYN | ACK | ECE, options=Options(mss=MSS, sack_permitted=sack))
        ack, = self.out()
        assert not ack.flags & (ECE | CWR) and ack.ecn == 0
        self.events()


def test_G12_syn_asks_and_only_ece_alone_agrees():
    assert Established().connection.ecn is not None
    for flags in (SYN | ACK, SYN | ACK | ECE | CWR):
        s = Scripted(ECN, establish=False)
        s.connection.open_active(0)
        s.out()
        s.arrive(0, 1, flags, options=Options(mss=MSS))
        assert s.connection.state is State.ESTABLISHED and s.connection.ecn is None
        s.connection.send(MSS, 0)
        assert all(t.ecn == 0 for t in s.out())


def test_G12_a_syn_that_went_unanswered_is_tried_without_ecn():
    s = Scripted(ECN, establish=False)
    s.connection.open_active(0)
    s.out()
    s.to_deadline()
    again, = s.out()
    assert again.flags == SYN
    s.arrive(0, 1, SYN | ACK | ECE, options=Options(mss=MSS))
    assert s.connection.ecn is None


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("accepts", [True, False])
def test_G12_syn_ack_agrees_when_asked(asks, accepts):
    c = Connection(TcpConfig(ecn_accept=accepts), 0, 5)
    c.open_passive()
    c.segment_arrives(TcpHeader(1, 2, 100, 0, SYN | (ECE | CWR if asks else 0), 65535), b"", 0)
    syn_ack = c.poll_transmit(0)
    assert syn_ack.flags == SYN | ACK | (ECE if asks and accepts else 0) and syn_ack.ecn == 0
    assert (c.ecn is not None) == (asks and accepts)


def test_G12_new_data_is_ect_retransmissions_probes_and_acks_are_not():
    s = Established()
    s.connection.send(3 * MSS, s.now)
    assert [t.ecn for t in s.out(MSS)] == [ECT_0] * 3
    s.to_deadline()
    assert [(t.ecn, t.retransmission) for t in s.out(MSS)] == [(0, True)]
    s.arrive(1, 1 + 3 * MSS, window=0)
    s.connection.send(MSS, s.now)
    assert not s.out()
    s.to_deadline()
    probe, = s.out()
    assert probe.length == 1 and probe.ecn == 0
    s.arrive(1, 2 + 3 * MSS, payload=b"x" * 3 * MSS, window=0)
    assert [t.ecn for t in s.out()] == [0]


def test_G12_ce_is_echoed_until_cwr():
    s = Established(TcpConfig(ecn=True, delayed_ack_segments=2))
    s.arrive(1, 1, payload=b"a" * MSS, ecn=CE)
    ack, = s.out()
    assert ack.flags == ACK | ECE, "at once"
    for k in range(1, 5):
        s.arrive(1 + k * MSS, 1, payload=b"a" * MSS, ecn=ECT_0)
    assert [t.flags for t in s.out()] == [ACK | ECE]
    s.arrive(1 + 5 * MSS, 1, ACK | CWR, payload=b"a" * 3 * MSS, ecn=ECT_0)
    assert [t.flags for t in s.out()] == [ACK]
    s.arrive(1 + 8 * MSS, 1, ACK | CWR, payload=b"a" * MSS, ecn=CE)
    assert [t.flags for t in s.out()] == [ACK | ECE], "the segment with CWR was itself marked"
    s.connection.abort(s.now)
    assert not s.out()[-1].flags & ECE


def test_G12_marks_outside_the_window_are_not_echoed():
    s = Established()
    s.arrive(100_000, 1, payload=b"a" * MSS, ecn=CE)
    assert [t.flags for t in s.out()] == [ACK]


@pytest.mark.parametrize("sack", [True, False])
def test_G12_reaction_once_a_round_trip_and_cwr_on_the_first_new_data_alone(sack):
    s = Established(sack=sack)
    s.connection.send(100 * MSS, s.now)
    s.out()
    assert s.connection.congestion.cwnd == 10 * MSS
    s.arrive(1, 1 + MSS, ACK | ECE)
    assert s.connection.congestion.cwnd == s.connection.congestion.ssthresh == 5 * MSS
    s.arrive(1, 1 + 2 * MSS, ACK | ECE)
    s.arrive(1, 1 + 3 * MSS, ACK | ECE)
    assert s.connection.congestion.cwnd == 5 * MSS, "neither reduced again nor opened"
    assert not s.out()
    s.arrive(1, 1 + 9 * MSS, ACK | ECE)
    first, second = s.out()
    assert first.flags & CWR and first.length == MSS, "segmentation must not copy CWR"
    assert not second.flags & CWR and second.length > MSS
    assert s.counters["tcp_congestion_reductions"] == 1
    s.arrive(1, 1 + 11 * MSS, ACK | ECE)
    assert s.counters["tcp_congestion_reductions"] == 2
    assert s.connection.congestion.cwnd < 5 * MSS


@pytest.mark.parametrize("sack", [True, False])
def test_G12_an_ack_that_tells_of_congestion_opens_nothing(sack):
    s = Established(sack=sack)
    s.connection.send(20 * MSS, s.now)
    s.out()
    s.arrive(1, 1 + MSS, ACK | ECE)
    s.connection.congestion.ssthresh = 50 * MSS  # slow start, were it not for the echo
    s.arrive(1, 1 + 2 * MSS, ACK | ECE)
    assert s.connection.congestion.cwnd == 5 * MSS
    s.arrive(1, 1 + 3 * MSS)
    assert s.connection.congestion.cwnd == 6 * MSS


def test_G12_a_loss_also_sets_cwr():
    s = Established()
    s.connection.send(20 * MSS, s.now)
    s.out()
    for _ in range(3):
        s.arrive(1, 1)
    s.out()
    s.arrive(1, 1 + 10 * MSS)
    new = next(t for t in s.out() if not t.retransmission)
    assert new.flags & CWR


def test_marks_between_two_stacks_slow_the_sender_without_loss():
    data = random.Random(3).randbytes(600_000)

    def run(mark: float) -> tuple[int, Network]:
        network = Network(seed=4, config=TcpConfig(ecn=True, receive_buffer=1 << 20),
                          impairment=Impairment(mark=mark, delay=10 * MS))
        client, server = network.connected()
        client.send(data)
        network.run(lambda: len(server.received) == len(data))
        assert bytes(server.received) == data
        return network.now, network

    plain, network = run(0)
    assert not network.a.stack.counters["tcp_congestion_reductions"]
    marked, network = run(0.05)
    counters = network.a.stack.counters
    assert counters["tcp_congestion_reductions"] > 2 and marked > plain
    assert network.b.stack.counters["tcp_congestion_marks"] >= counters["tcp_congestion_reductions"]
    assert not counters["tcp_retransmissions"]
    assert all(o.length == 0 or o.data[15] & 3 == ECT_0 for o in network.sent_by(network.a))
    assert all(o.length > 0 or o.data[15] & 3 == 0 for o in network.trace)
