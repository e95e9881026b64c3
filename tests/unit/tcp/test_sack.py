"""Selective acknowledgment: what we tell (RFC 2018, RFC 2883), and what we make of it (RFC 6675, RACK-TLP, PRR)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.tcp import ACK, FIN, SYN, TcpConfig
from firmware.tcp.options import Options
from firmware.tcp.scoreboard import Scoreboard

from .scripted import MASK, MS, PEER_TS, SECOND, Scripted
from .simulation import Impairment, Network

MSS = 1000
RTT = 100 * MS


def sacking(config: TcpConfig | None = None, timestamps: bool = False, **peer: object) -> Scripted:
    """A connection with SACK, whose full segments are MSS long."""
    options = Options(mss=MSS + 12, sack_permitted=True, ts_val=PEER_TS) if timestamps else \
        Options(mss=MSS, sack_permitted=True)
    return Scripted(config or TcpConfig(), peer_options=options, **peer)


def sack(s: Scripted, ack: int, *blocks: tuple[int, int]) -> None:
    """An ACK with SACK blocks, in relative sequence numbers."""
    edges = tuple(((s.iss + left) & MASK, (s.iss + right) & MASK) for left, right in blocks)
    stamp = {"ts_val": s.peer_ts(), "ts_ecr": s.our_ts} if s.timestamps else {}
    s.arrive(1, ack, options=Options(sack=edges, **stamp))


def told(s: Scripted, transmit: object) -> list[tuple[int, int]]:
    """The blocks of what was sent, in relative sequence numbers."""
    return [((left - s.irs) & MASK, (right - s.irs) & MASK) for left, right in s.options(transmit).sack]


def segment(number: int) -> tuple[int, int]:
    """The place of our segment `number`, counted from 0."""
    return 1 + number * MSS, 1 + (number + 1) * MSS


def sent(s: Scripted) -> list[tuple[int, int, bool]]:
    return [(s.seq(t), t.length, t.retransmission) for t in s.out()]


def with_flight(segments: int, config: TcpConfig | None = None, **peer: object) -> Scripted:
    """`segments` are in flight for one round trip, and there is more to send."""
    s = sacking(config, **peer)
    s.connection.rtx.srtt = None
    s.connection.rtx.sample(RTT)
    s.connection.congestion.cwnd = segments * MSS
    s.connection.send(100 * MSS, s.now)
    assert sum(t.length for t in s.out()) == segments * MSS
    s.now += RTT
    return s


def test_H01_sack_is_permitted_on_syns_only_and_used_only_if_both_have_it():
    s = Scripted(establish=False)
    s.connection.open_active(0)
    syn, = s.out()
    assert syn.flags == SYN and s.options(syn).sack_permitted
    s = sacking()
    s.arrive(101, 1, payload=bytes(100))
    ack, = s.out()
    assert not s.options(ack).sack_permitted and told(s, ack) == [(101, 201)]
    for s in (Scripted(), sacking(TcpConfig(sack=False))):
        s.arrive(101, 1, payload=bytes(100))
        ack, = s.out()
        assert s.options(ack).sack == () and s.connection.recovery is None


def test_H02_first_sack_block_is_the_latest_segment():
    s = sacking()
    expected = []
    for position in (101, 301, 501, 701, 901):
        s.arrive(position, 1, payload=bytes(100))
        expected.insert(0, (position, position + 100))
        ack, = s.out()
        assert told(s, ack) == expected[:4] and s.ack(ack) == 1
    s.arrive(401, 1, payload=bytes(100))
    ack, = s.out()
    assert told(s, ack) == [(301, 601), (901, 1001), (701, 801), (101, 201)], "neighbours have become one block"
    s.arrive(1, 1, payload=bytes(100))
    ack, = s.out()
    assert s.ack(ack) == 201 and told(s, ack) == [(301, 601), (901, 1001), (701, 801)]
    s.arrive(201, 1, payload=bytes(1000))
    ack, = s.out()
    assert s.ack(ack) == 1201 and told(s, ack) == [(301, 601)], "no hole; only what came twice is told (RFC 2883)"


def test_H02_three_blocks_fit_beside_timestamps_and_come_off_data_segments():
    s = sacking(timestamps=True)
    for position in (101, 301, 501, 701):
        s.arrive(position, 1, payload=bytes(100))
    ack, = s.out()
    assert len(s.options(ack).sack) == 3 and len(ack.options) == 40
    s.connection.send(5 * MSS, s.now)
    data, tail = s.out()
    assert tail.length == 5 * 28
    assert data.mss == MSS - 28 and data.length == 5 * data.mss and len(s.options(data).sack) == 3


def test_H03_a_duplicate_is_told_once_and_first():
    s = sacking()
    s.arrive(1, 1, payload=bytes(1000))
    s.arrive(1, 1, payload=bytes(1000))  # below the cumulative ACK
    ack, = s.out()
    assert s.ack(ack) == 1001 and told(s, ack) == [(1, 1001)]
    s.arrive(501, 1, payload=bytes(700))  # partly
    ack, = s.out()
    assert s.ack(ack) == 1201 and told(s, ack) == [(501, 1001)]
    s.arrive(2001, 1, payload=bytes(100))
    s.out()
    s.arrive(2001, 1, payload=bytes(100))  # inside a block
    ack, = s.out()
    assert told(s, ack) == [(2001, 2101), (2001, 2101)]
    s.arrive(2101, 1, payload=bytes(100))
    ack, = s.out()
    assert told(s, ack) == [(2001, 2201)]


def test_H05_three_sacked_segments_make_the_hole_lost_and_only_the_hole_is_sent_again():
    s = with_flight(10, TcpConfig())
    sack(s, 1, segment(1))
    sack(s, 1, (segment(1)[0], segment(2)[1]))
    assert not any(again for _, _, again in sent(s)), "two are no proof"
    sack(s, 1, (segment(1)[0], segment(3)[1]))
    assert sent(s)[0] == (1, MSS, True)
    assert s.connection.in_recovery and s.counters["tcp_fast_retransmissions"] == 1
    sack(s, 1, (segment(5)[0], segment(8)[1]), (segment(1)[0], segment(3)[1]))
    assert (segment(4)[0], MSS, True) in sent(s)
    assert s.counters["tcp_fast_retransmissions"] == 1, "one reduction for one window"


def test_H05_adjacent_holes_leave_as_one_transmit_without_new_data():
    s = with_flight(20)
    s.connection.congestion.cwnd = 40 * MSS
    board = s.connection.recovery.board
    sack(s, 1, (segment(4)[0], segment(19)[1]))
    first, *rest = s.out()
    assert first.retransmission and s.seq(first) == 1 and first.length == 4 * MSS or rest
    assert {s.seq(t) for t in (first, *rest) if t.retransmission} and board.lost < 4 * MSS
    for transmit in (first, *rest):
        if transmit.retransmission:
            assert s.seq(transmit) + transmit.length <= segment(4)[0]


def test_G10_prr_sends_in_proportion_and_ends_at_ssthresh():
    s = with_flight(20)
    out = 0
    for number in range(1, 20):
        s.now += MS
        sack(s, 1, (segment(1)[0], segment(number)[1]))
        out += sum(length for _, length, again in sent(s)) if number >= 3 else 0 * len(sent(s))
    ssthresh = s.connection.congestion.ssthresh
    assert ssthresh < 20 * MSS
    assert abs(out - ssthresh) <= 3 * MSS, "of a window, the part that ssthresh is has left again"
    s.arrive(1, 1 + s.connection.recover - s.connection.iss - 1)
    assert not s.connection.in_recovery and s.connection.congestion.cwnd == ssthresh


def test_G06_limited_transmit_sends_new_data_for_what_was_sacked():
    s = with_flight(4)
    for last in (1, 2):
        sack(s, 1, (segment(1)[0], segment(last)[1]))
        assert sent(s) == [(segment(3 + last)[0], MSS, False)]


def test_H04_after_a_timeout_the_scoreboard_is_not_believed():
    s = with_flight(6)
    sack(s, 1, (segment(1)[0], segment(2)[1]))
    s.out()
    s.connection.recovery.deadline = None  # only the RTO
    s.connection.configure(s.now, frto=False)
    s.now = s.connection.rtx.deadline
    s.connection.timeout(s.now)
    board = s.connection.recovery.board
    assert board.sacked == 0 and board.lost == s.connection.snd_nxt - s.connection.snd_una
    assert sent(s)[0] == (1, MSS, True) and s.connection.congestion.cwnd == MSS
    position = 1
    while position < 1 + 6 * MSS:  # the peer has reneged: every segment comes again
        position += MSS
        s.now += RTT
        s.arrive(1, position)
        again = [each for each in sent(s) if each[2]]
        if position < 1 + 6 * MSS - MSS:
            assert again or s.connection.recovery.board.lost == 0


@pytest.mark.parametrize("block", [(2, 1), (5, 5), (1 + 10 * MSS, 1 + 20 * MSS), (MASK - 5000, MASK - 4000)])
def test_H06_a_bogus_block_is_ignored(block):
    s = with_flight(8)
    for _ in range(4):
        sack(s, 1, block)
    assert s.connection.recovery.board.sacked == 0 and not s.connection.in_recovery
    assert not any(again for _, _, again in sent(s))


def test_H07_a_segment_is_lost_when_later_ones_arrived_and_a_reordering_window_has_passed():
    s = with_flight(3)
    sack(s, 1, segment(1))  # fewer than three: time decides
    assert not any(again for _, _, again in sent(s))
    waited = s.to_deadline()
    assert waited == RTT // 4
    assert sent(s)[0] == (1, MSS, True)


def test_H07_a_lost_retransmission_is_found_without_a_timeout():
    s = with_flight(10)
    sack(s, 1, (segment(1)[0], segment(4)[1]))
    assert sent(s)[0] == (1, MSS, True)
    s.now += RTT
    sack(s, 1, (segment(1)[0], segment(9)[1]))
    sent(s)
    s.now += RTT
    # what was sent after the retransmission has arrived, the retransmission has not
    sack(s, 1, (segment(1)[0], (s.connection.snd_nxt - s.connection.iss)))
    assert (1, MSS, True) in sent(s)
    assert s.counters["tcp_retransmission_timeouts"] == 0


def test_H07_reordering_widens_the_window_when_the_peer_tells_of_duplicates():
    s = with_flight(10)
    before = s.connection.recovery.reordering_steps
    sack(s, 1, (segment(1)[0], segment(3)[1]))
    sent(s)
    s.arrive(1, segment(4)[0])
    sack(s, segment(4)[0], segment(0))  # a DSACK: the retransmission was not needed
    assert s.connection.recovery.reordering_steps == before + 1
    assert s.connection.recovery.reordering_seen is True or s.counters["tcp_dsacks_received"] == 1


def test_H08_the_tail_is_probed_after_two_round_trips():
    s = sacking()
    s.connection.rtx.sample(RTT)
    s.connection.rtx.rto = 2 * SECOND
    s.connection.send(4 * MSS, s.now)
    s.out()
    assert s.to_deadline() == 2 * s.connection.rtx.srtt + 2 * MS
    assert sent(s) == [(segment(3)[0], MSS, True)]
    assert s.counters["tcp_tail_loss_probes"] == 1 and s.counters["tcp_retransmission_timeouts"] == 0
    s.now += RTT
    sack(s, 1, segment(3))  # only the probe arrived: recovery, not a timeout
    s.to_deadline() if s.connection.recovery.board.lost == 0 else None
    assert sent(s)[0][0] == 1 and s.connection.in_recovery


def test_H08_a_single_segment_gives_the_peer_time_for_its_delayed_ack():
    s = sacking(TcpConfig(peer_delayed_ack=200 * MS))
    s.connection.rtx.sample(RTT)
    s.connection.send(MSS, s.now)
    s.out()
    assert s.to_deadline() == 2 * s.connection.rtx.srtt + 2 * MS + 200 * MS


def test_H08_new_data_is_the_better_probe():
    s = sacking()
    s.connection.rtx.sample(RTT)
    s.connection.rtx.rto = 2 * SECOND
    s.connection.send(30 * MSS, s.now)
    assert sum(length for _, length, _ in sent(s)) == 10 * MSS
    s.to_deadline()
    assert sent(s) == [(segment(10)[0], MSS, False)]


@pytest.mark.parametrize("spurious", [False, True])
def test_H08_a_loss_that_the_probe_repaired_reduces_the_window_once(spurious):
    s = sacking()
    s.connection.rtx.sample(RTT)
    s.connection.send(4 * MSS, s.now)
    s.out()
    s.to_deadline()
    s.out()
    cwnd = s.connection.congestion.cwnd
    s.arrive(1, segment(3)[1])
    if spurious:
        sack(s, segment(3)[1], segment(3))
    s.connection.send(MSS, s.now)
    s.out()
    s.arrive(1, segment(4)[1])
    assert (s.connection.congestion.cwnd < cwnd) is not spurious
    assert s.counters["tcp_losses_repaired_by_probe"] == (0 if spurious else 1)


def test_a_fin_in_the_hole_is_sent_again():
    s = with_flight(4)
    s.connection.recovery.board.records.clear()
    s = sacking()
    s.connection.rtx.sample(RTT)
    s.connection.send(4 * MSS, s.now)
    s.connection.close(s.now)
    s.out()
    s.arrive(1, segment(2)[1])
    s.now = s.connection.next_deadline()
    s.connection.timeout(s.now)
    again, = s.out()
    assert again.flags & FIN and again.retransmission and again.length <= MSS


def test_many_losses_in_a_window_need_no_timeout():
    network = Network(seed=4, impairment=Impairment(delay=20 * MS), config=TcpConfig(receive_buffer=1 << 20))
    client, server = network.connected()
    data = random.Random(2).randbytes(1_500_000)
    client.send(data)
    network.run(lambda: len(server.received) > 200_000)
    network.impairment.drop = 0.04
    network.run(lambda: len(server.received) > 800_000)
    network.impairment.drop = 0
    network.run(lambda: len(server.received) == len(data))
    assert bytes(server.received) == data
    counters = network.a.stack.counters
    assert counters["tcp_retransmission_timeouts"] <= 1
    lost = sum(1 for o in network.sent_by(network.a) if o.length)
    assert counters["tcp_retransmissions"] < 0.08 * lost, "holes only"
    assert any(o.header.options.sack for o in network.sent_by(network.b) if o.header.flags & ACK)


@given(st.lists(st.tuples(st.sampled_from("sarl"), st.integers(0, 60), st.integers(1, 20)), max_size=40))
def test_scoreboard_against_a_list_of_bytes(steps):
    """Records cover everything in order, and the sums are right, whatever is sent, acknowledged, sacked, sent again."""
    board, una, nxt = Scoreboard(), 0, 0
    state: dict[int, str] = {}
    for time, (step, place, length) in enumerate(steps):
        if step == "s":
            board.sent(nxt, nxt + length, time)
            state |= dict.fromkeys(range(nxt, nxt + length), "")
            nxt += length
            continue
        start = min(una + place, nxt)
        end = min(start + length, nxt)
        if start == end:
            continue
        if step == "a":
            board.acknowledged(end)
            una = end
        elif step == "r":
            board.sent_again(start, end, time)
            state |= {at: state[at].replace("l", "") for at in range(start, end)}
        elif step == "l":
            for record in board.records:
                if not record.sacked and not record.lost and record.start < end:
                    board.lose(record)
                    state |= {at: "l" for at in range(record.start, record.end)}
        else:
            fresh = sum(record.end - record.start for record in board.sack(start, end))
            assert fresh == sum(state[at] != "s" for at in range(start, end))
            state |= dict.fromkeys(range(start, end), "s")
        covered = [at for record in board.records for at in range(record.start, record.end)]
        assert covered == list(range(una, nxt))
        assert board.sacked == sum(state[at] == "s" for at in range(una, nxt))
        assert board.lost == sum(state[at] == "l" for at in range(una, nxt))
