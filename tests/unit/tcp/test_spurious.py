"""F-RTO (RFC 5682): without timestamps, is a timeout found to be spurious, and only then?"""

import pytest

from firmware.tcp import TcpConfig
from firmware.tcp.options import Options

from .scripted import MASK, SECOND, Scripted

MSS = 1000
CONFIG = TcpConfig(timestamps=False, tail_loss_probe=False, congestion="reno")


def after_timeout(sack: bool, total: int = 40, config: TcpConfig = CONFIG) -> Scripted:
    """Ten segments are out, the timer has expired, the first has left again."""
    s = Scripted(config, peer_options=Options(mss=MSS, sack_permitted=sack))
    s.connection.send(total * MSS, s.now)
    assert sum(t.length for t in s.out()) == 10 * MSS
    s.to_deadline()
    again, = s.out()
    assert (s.seq(again), again.length, again.retransmission) == (1, MSS, True)
    return s


def sacked(s: Scripted, ack: int, left: int, right: int) -> None:
    s.arrive(1, ack, options=Options(sack=(((s.iss + left) & MASK, (s.iss + right) & MASK),)))


def sent(s: Scripted) -> list[tuple[int, bool]]:
    """(segment number, again) of everything that leaves now, segment by segment."""
    return [((s.seq(t) - 1) // MSS, t.retransmission) for t in s.out(MSS)]


@pytest.mark.parametrize("sack", [False, True])
def test_G11_two_acks_of_what_was_sent_once_undo_the_timeout(sack):
    s = after_timeout(sack)
    s.arrive(1, 1 + 2 * MSS)
    assert sent(s) == [(10, False), (11, False)], "two new segments instead of retransmissions"
    s.arrive(1, 1 + 3 * MSS)
    assert s.counters["tcp_spurious_timeouts"] == 1
    assert s.connection.congestion.cwnd >= 10 * MSS and s.connection.congestion.ssthresh == 1 << 30
    assert not any(again for _, again in sent(s))
    s.arrive(1, 1 + 12 * MSS)
    assert s.counters["tcp_retransmissions"] == 1


def test_G11_a_sack_of_old_data_is_evidence():
    s = after_timeout(True)
    s.arrive(1, 1 + MSS)
    assert sent(s) == [(10, False), (11, False)]
    sacked(s, 1 + MSS, 1 + 3 * MSS, 1 + 4 * MSS)
    assert s.counters["tcp_spurious_timeouts"] == 1


@pytest.mark.parametrize("sack", [False, True])
def test_G11_a_duplicate_ack_after_the_new_data_means_that_the_flight_was_lost(sack):
    s = after_timeout(sack)
    s.arrive(1, 1 + MSS)
    assert sent(s) == [(10, False), (11, False)]
    if sack:
        sacked(s, 1 + MSS, 1 + 10 * MSS, 1 + 11 * MSS)
    else:
        s.arrive(1, 1 + MSS)
    assert s.counters["tcp_spurious_timeouts"] == 0
    assert s.connection.congestion.cwnd <= 3 * MSS and s.connection.congestion.ssthresh == 5 * MSS
    assert sent(s)[0] == (1, True)
    for k in range(2, 10):
        s.arrive(1, 1 + k * MSS)
        s.out()
    s.arrive(1, 1 + 12 * MSS)
    assert s.connection.snd_una == s.iss + 1 + 12 * MSS
    assert s.counters["tcp_retransmissions"] >= 5


@pytest.mark.parametrize("sack", [False, True])
def test_G11_without_new_data_recovery_is_the_ordinary_one(sack):
    s = after_timeout(sack, total=10)
    s.arrive(1, 1 + MSS)
    assert sent(s) == [(1, True), (2, True)]


def test_G11_a_duplicate_ack_first_means_ordinary_recovery():
    s = after_timeout(False)
    s.arrive(1, 1)
    s.arrive(1, 1 + MSS)
    assert sent(s) == [(1, True), (2, True)]


def test_G11_an_ack_of_everything_says_nothing():
    s = after_timeout(False)
    s.arrive(1, 1 + 10 * MSS)
    assert s.counters["tcp_spurious_timeouts"] == 0 and s.connection.congestion.cwnd == 2 * MSS
    assert sent(s) == [(10, False), (11, False)]


@pytest.mark.parametrize("sack", [False, True])
def test_G11_a_second_timeout_while_waiting_ends_it(sack):
    s = after_timeout(sack)
    s.arrive(1, 1 + MSS)
    s.out()
    s.advance(130 * SECOND)
    assert sent(s) == [(1, True)]
    s.arrive(1, 1 + 2 * MSS)
    assert all(again for _, again in sent(s))
    assert s.counters["tcp_spurious_timeouts"] == 0


def test_G11_switched_off():
    s = after_timeout(False, config=TcpConfig(timestamps=False, frto=False, congestion="reno"))
    s.arrive(1, 1 + MSS)
    assert sent(s) == [(1, True), (2, True)]
