"""Opening and closing in every order, resets, refusals."""

import errno

import pytest

from firmware.tcp import (
    ACK,
    FIN,
    PSH,
    RST,
    SYN,
    CallError,
    Closed,
    Connection,
    DataArrived,
    Error,
    Established,
    PeerClosed,
    State,
    TcpConfig,
)
from firmware.tcp.options import Options

from .scripted import SECOND, Scripted


def passive(**arguments) -> Scripted:
    s = Scripted(establish=False, **arguments)
    s.connection.open_passive()
    s.arrive(0, 0, SYN, options=Options(mss=1000))
    return s

BARE = TcpConfig(window_scaling=False, timestamps=False, sack=False)
"""No option but MSS."""


def test_active_open():
    s = Scripted(BARE, establish=False)
    s.connection.open_active(0)
    syn, = s.out()
    assert (syn.flags, syn.seq, syn.options) == (SYN, s.iss, b"\x02\x04\x05\xb4")
    s.arrive(0, 1, SYN | ACK, options=Options(mss=1000))
    ack, = s.out()
    assert (ack.flags, s.seq(ack), s.ack(ack)) == (ACK, 1, 1)
    assert s.events() == [Established()]
    assert s.connection.snd_mss == 1000


def test_mss_is_536_when_the_peer_does_not_say():
    assert Scripted(peer_mss=None).connection.snd_mss == 536


def test_passive_open_and_data_with_the_last_ack():
    s = passive()
    synack, = s.out()
    assert (synack.flags, s.ack(synack)) == (SYN | ACK, 1)
    s.arrive(1, 1, ACK | PSH, b"hello")
    assert s.events() == [Established(), DataArrived(0, b"hello")]


def test_data_on_the_syn_waits_for_the_handshake():
    s = Scripted(establish=False)
    s.connection.open_passive()
    s.arrive(0, 0, SYN, b"early")
    synack, = s.out()
    assert s.ack(synack) == 1 and s.events() == []
    s.arrive(1, 1)
    assert s.events() == [Established(), DataArrived(0, b"early")]
    assert s.ack(s.out()[-1]) == 6


def test_syn_and_fin_in_one_segment():
    s = Scripted(establish=False)
    s.connection.open_passive()
    s.arrive(0, 0, SYN | FIN, b"all")
    s.out()
    s.arrive(4, 1)
    assert s.connection.state in (State.CLOSE_WAIT, State.SYN_RECEIVED)


def test_a_repeated_syn_gets_the_syn_ack_again():
    s = passive()
    first, = s.out()
    s.arrive(0, 0, SYN, options=Options(mss=1000))
    second, = s.out()
    assert (second.flags, second.seq, second.ack) == (first.flags, first.seq, first.ack)


def test_simultaneous_open():
    s = Scripted(establish=False)
    s.connection.open_active(0)
    s.out()
    s.arrive(0, 0, SYN, options=Options(mss=1000))
    assert s.connection.state is State.SYN_RECEIVED
    synack, = s.out()
    assert (synack.flags, s.seq(synack), s.ack(synack)) == (SYN | ACK, 0, 1)
    s.arrive(0, 1, SYN | ACK, options=Options(mss=1000))
    assert s.connection.state is State.ESTABLISHED
    assert s.events() == [Established()]


def test_refused():
    s = Scripted(establish=False)
    s.connection.open_active(0)
    s.out()
    s.arrive(0, 0, RST)  # without an ACK of our SYN it means nothing
    assert s.connection.state is State.SYN_SENT
    s.arrive(0, 1, RST | ACK)
    assert s.events() == [Error(errno.ECONNREFUSED), Closed()]


def test_half_open_peer_is_reset_by_a_bad_ack_in_syn_sent():
    s = Scripted(establish=False)
    s.connection.open_active(0)
    s.out()
    s.arrive(0, 500, ACK)
    reset, = s.out()
    assert (reset.flags, s.seq(reset)) == (RST, 500)
    assert s.connection.state is State.SYN_SENT


def test_bad_ack_in_syn_received_is_reset():
    s = passive()
    s.out()
    s.arrive(1, 700)
    reset, = s.out()
    assert (reset.flags, s.seq(reset)) == (RST, 700)
    assert s.connection.state is State.SYN_RECEIVED


def test_we_close_first():
    s = Scripted()
    s.connection.send(10, s.now)
    s.connection.close(s.now)
    fin, = s.out()
    assert fin.flags == FIN | PSH | ACK and fin.length == 10
    assert s.connection.state is State.FIN_WAIT_1
    s.arrive(1, 12)
    assert s.connection.state is State.FIN_WAIT_2
    s.arrive(1, 12, payload=b"still talking")  # half-close: the peer goes on
    s.arrive(14, 12, ACK | FIN)
    assert s.connection.state is State.TIME_WAIT
    assert [type(event) for event in s.events()][-2:] == [DataArrived, PeerClosed]
    assert s.ack(s.out()[-1]) == 15
    s.arrive(14, 12, ACK | FIN)  # our last ACK was lost
    assert s.ack(s.out()[0]) == 15
    assert s.to_deadline() == s.connection.config.time_wait
    assert s.events() == [Closed()]


def test_peer_closes_first():
    s = Scripted()
    s.arrive(1, 1, ACK | FIN, b"bye")
    assert s.connection.state is State.CLOSE_WAIT
    assert s.events() == [DataArrived(0, b"bye"), PeerClosed(3)]
    s.connection.send(5, s.now)  # we may go on
    s.connection.close(s.now)
    assert s.connection.state is State.LAST_ACK
    fin, = s.out()
    assert fin.flags & FIN and s.ack(fin) == 5
    s.arrive(5, 7)
    assert s.connection.state is State.CLOSED


def test_both_close_at_once():
    s = Scripted()
    s.connection.close(s.now)
    s.out()
    s.arrive(1, 1, ACK | FIN)
    assert s.connection.state is State.CLOSING
    s.out()
    s.arrive(2, 2)
    assert s.connection.state is State.TIME_WAIT


def test_fin_with_the_ack_of_our_fin_goes_straight_to_time_wait():
    s = Scripted()
    s.connection.close(s.now)
    s.out()
    s.arrive(1, 2, ACK | FIN)
    assert s.connection.state is State.TIME_WAIT


def test_fin_out_of_order_waits_for_the_data_before_it():
    s = Scripted()
    s.arrive(101, 1, ACK | FIN, b"b" * 100)
    assert s.connection.state is State.ESTABLISHED
    s.arrive(1, 1, payload=b"a" * 100)
    assert s.connection.state is State.CLOSE_WAIT
    assert s.events()[-1] == PeerClosed(200)
    assert s.ack(s.out()[-1]) == 202


def test_data_beyond_the_fin_is_not_delivered():
    s = Scripted()
    s.arrive(51, 1, ACK | FIN, b"b" * 50)
    s.arrive(1, 1, payload=b"a" * 150)
    assert s.events()[-1] == PeerClosed(100)
    assert s.connection.state is State.CLOSE_WAIT and s.counters["tcp_data_beyond_fin"] == 1


def test_fin_is_retransmitted():
    s = Scripted()
    s.connection.close(s.now)
    first, = s.out()
    assert s.to_deadline() == SECOND
    again, = s.out()
    assert again.retransmission and (again.seq, again.flags & FIN) == (first.seq, FIN)


def test_close_before_established():
    s = Scripted(establish=False)
    s.connection.open_active(0)
    s.connection.close(0)
    assert s.connection.state is State.CLOSED and s.out() == []
    s = passive()
    s.out()
    s.connection.close(0)
    s.arrive(1, 1)
    assert s.connection.state is State.FIN_WAIT_1
    assert s.out()[0].flags & FIN


def test_no_send_after_close():
    s = Scripted()
    s.connection.close(s.now)
    with pytest.raises(CallError) as caught:
        s.connection.send(1, s.now)
    assert caught.value.errno == errno.EPIPE


def test_abort_sends_a_reset():
    s = Scripted()
    s.connection.send(10, s.now)
    s.out()
    s.connection.abort(s.now)
    assert s.events() == [Closed()]
    reset, = s.out()
    assert reset.flags == RST | ACK and s.seq(reset) == 11
    assert s.connection.next_deadline() is None


def test_reset_by_peer_exactly_in_place_or_challenged():
    s = Scripted()
    s.arrive(2, 1, RST)  # in the window, not at its start (RFC 5961)
    assert s.connection.state is State.ESTABLISHED
    challenge, = s.out()
    assert challenge.flags == ACK and s.ack(challenge) == 1
    s.arrive(70000, 1, RST)  # outside
    assert s.out() == []
    s.arrive(1, 1, RST)
    assert s.events() == [Error(errno.ECONNRESET), Closed()]


def test_reset_with_data_and_with_a_closed_window_is_taken():
    s = Scripted(TcpConfig(receive_buffer=1000))
    s.arrive(1, 1, payload=bytes(1000))
    s.out()
    s.arrive(1001, 1, RST, b"reason")
    assert s.connection.state is State.CLOSED


def test_syn_in_a_synchronized_state_is_challenged_within_a_limit():
    s = Scripted()
    for _ in range(50):
        s.arrive(5, 1, SYN)
        s.out()
    assert s.counters["tcp_challenge_acks"] == 10
    assert s.counters["tcp_challenge_acks_suppressed"] == 40
    s.advance(SECOND)
    s.arrive(5, 1, SYN)
    assert len(s.out()) == 1


def test_ack_of_what_was_never_sent_is_challenged_and_its_data_dropped():
    s = Scripted()
    s.arrive(1, 5000, payload=b"x")
    ack, = s.out()
    assert s.ack(ack) == 1 and s.events() == []
    s.arrive(1, -70000, payload=b"x")
    assert s.events() == []


def test_reset_in_time_wait_is_ignored():
    s = Scripted()
    s.connection.close(s.now)
    s.out()
    s.arrive(1, 2, ACK | FIN)
    s.arrive(2, 2, RST)
    assert s.connection.state is State.TIME_WAIT


def test_release_with_unread_data_resets():
    s = Scripted()
    s.arrive(1, 1, payload=b"unread")
    s.connection.release(s.now)
    assert s.out()[0].flags & RST


def test_data_after_release_resets():
    s = Scripted()
    s.connection.release(s.now)
    s.out()
    s.arrive(1, 2)
    assert s.connection.state is State.FIN_WAIT_2
    s.arrive(1, 2, payload=b"nobody reads this")
    assert s.out()[0].flags & RST


def test_fin_wait_2_without_an_application_ends():
    s = Scripted()
    s.connection.release(s.now)
    s.out()
    s.arrive(1, 2)
    assert s.to_deadline() == s.connection.config.fin_wait_2
    assert s.connection.state is State.CLOSED


def test_icmp_errors_are_fatal_only_while_opening():
    s = Scripted(establish=False)
    s.connection.open_active(0)
    s.out()
    s.connection.icmp_error(errno.EHOSTUNREACH, False, s.iss, 0)
    assert s.connection.state is State.SYN_SENT
    s.connection.icmp_error(errno.ECONNREFUSED, True, s.iss, 0)
    assert s.events()[-2:] == [Error(errno.ECONNREFUSED), Closed()]
    s = Scripted()
    s.connection.send(10, s.now)
    s.out()
    s.connection.icmp_error(errno.ECONNREFUSED, True, s.iss + 1, 0)
    assert s.connection.state is State.ESTABLISHED


def test_every_state_survives_every_flag():
    """No flag combination, number or length raises in any state."""
    def states():
        yield Connection(TcpConfig(), 0, 1)
        for make in (lambda: Scripted(establish=False), Scripted):
            yield make().connection
        s = Scripted(establish=False)
        s.connection.open_active(0)
        yield s.connection
        yield passive().connection
    from firmware.tcp import TcpHeader
    for flags in range(256):
        for connection in states():
            for seq in (0, connection.rcv_nxt & 0xFFFFFFFF, 0x7FFFFF00, 0xFFFFFFFF):
                for ack in (0, connection.snd_nxt & 0xFFFFFFFF, 0x80000000):
                    for payload in (b"", b"abc"):
                        connection.segment_arrives(TcpHeader(1, 2, seq, ack, flags, 100), payload, 5)
                        while (transmit := connection.poll_transmit(5)) is not None:
                            connection.transmitted(transmit, 5)


def test_C02_a_pure_ack_behind_a_fin_out_of_order_is_not_answered():
    s = Scripted()
    s.arrive(101, 1, ACK | FIN)
    assert len(s.out()) == 1
    s.arrive(102, 1)
    assert s.out() == [], "the peer would answer this ACK with another, for ever"
