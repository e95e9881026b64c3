"""Congestion control algorithms by numbers alone, and the undo of a spurious timeout."""

import random

import pytest

from firmware.tcp import TcpConfig
from firmware.tcp.algorithms import ALGORITHMS, make
from firmware.tcp.bic import Bic
from firmware.tcp.config import CONGESTION_CONTROLS
from firmware.tcp.cubic import BETA, Cubic
from firmware.tcp.options import Options

from .scripted import MS, PEER_TS, SECOND, Scripted
from .simulation import Impairment, Network

MSS = 1000
RTT = 100 * MS


def started(control, segments: int):
    control.established(MSS, syn_was_lost=False)
    control.cwnd = segments * MSS
    return control


def rounds(control, duration: int, now: int = 0) -> int:
    """Full windows are acknowledged, one a round trip, two segments an ACK; returns the time."""
    end = now + duration
    while now < end:
        window = control.cwnd
        for _ in range(window // (2 * MSS)):
            control.acknowledged(2 * MSS, window, now, RTT)
        now += RTT
    return now


def after_loss(control, segments: int):
    """In congestion avoidance after a loss at `segments`."""
    started(control, segments)
    control.reduce(control.cwnd, 0)
    control.cwnd = control.ssthresh
    return control


def test_G09_cubic_reduces_by_beta_and_comes_back_to_the_old_window_after_k_seconds():
    control = after_loss(Cubic(), 1000)
    assert control.cwnd == int(1000 * MSS * BETA)
    k = (1000 * (1 - BETA) / 0.4) ** (1 / 3)
    assert 9 < k < 9.2
    now = rounds(control, int(k / 2 * SECOND))
    assert 950 * MSS < control.cwnd < 1000 * MSS, "concave: most of the way is done in half the time"
    now = rounds(control, int(k / 2 * SECOND), now)
    assert 990 * MSS < control.cwnd < 1010 * MSS
    rounds(control, int(k * SECOND), now)
    assert control.cwnd > 1250 * MSS, "convex beyond it"


def test_G09_cubic_reduces_the_window_even_where_less_is_outstanding():
    """In slow start at line rate ACKs come faster than the link sends: what is outstanding lags behind the window."""
    control = started(Cubic(), 600)
    control.reduce(350 * MSS, 0)
    assert control.ssthresh == int(600 * MSS * BETA)


def test_G09_cubic_is_never_slower_than_reno_with_small_windows():
    cubic = after_loss(Cubic(), 20)
    start = cubic.cwnd
    rounds(cubic, 10 * RTT)
    assert cubic.cwnd >= start + 4 * MSS, "Reno with beta 0.7 grows by 0.53 segments a round trip"


def test_G09_fast_convergence_leaves_room_when_the_window_shrinks():
    control = after_loss(Cubic(), 1000)
    control.acknowledged(2 * MSS, control.cwnd, 0, RTT)
    control.reduce(control.cwnd, 0)
    assert control._w_max == pytest.approx(700 * MSS * (1 + BETA) / 2, rel=0.01)


def test_bic_searches_for_the_old_window_and_then_probes_beyond_it():
    control = after_loss(Bic(), 200)
    assert control.ssthresh == 160 * MSS
    steps = []
    now = 0
    for _ in range(8):
        before = control.cwnd
        now = rounds(control, RTT, now)
        steps.append(control.cwnd - before)
    assert 15 * MSS < steps[0] < 25 * MSS and steps[0] > steps[1] > steps[3]
    rounds(control, 20 * SECOND, now)
    assert control.cwnd > 300 * MSS


def test_algorithms_by_name():
    assert tuple(ALGORITHMS) == CONGESTION_CONTROLS
    assert type(make("bic", 10)) is Bic and type(Scripted().connection.congestion) is Cubic
    with pytest.raises(ValueError):
        TcpConfig(congestion="vegas")


@pytest.mark.parametrize("name", CONGESTION_CONTROLS)
def test_G04_a_timeout_brings_one_segment_and_slow_start(name):
    control = started(make(name, 10), 40)
    control.timeout(40 * MSS, True, 0)
    assert control.cwnd == MSS and 20 * MSS <= control.ssthresh <= 40 * MSS * 0.8
    held = control.ssthresh
    control.timeout(MSS, False, 0)
    assert control.ssthresh == held


@pytest.mark.parametrize("name", CONGESTION_CONTROLS)
def test_a_lossy_long_path_with_every_algorithm(name):
    network = Network(seed=9, impairment=Impairment(delay=20 * MS, drop=0.005),
                      config=TcpConfig(receive_buffer=1 << 20, congestion=name))
    client, server = network.connected()
    data = random.Random(2).randbytes(2_000_000)
    client.send(data)
    network.run(lambda: len(server.received) == len(data))
    assert bytes(server.received) == data
    assert network.now < 30 * SECOND


@pytest.mark.parametrize("sack", [False, True])
@pytest.mark.parametrize("spurious", [False, True])
def test_G11_a_timeout_that_was_not_needed_is_undone(sack, spurious):
    s = Scripted(TcpConfig(tail_loss_probe=False),
                 peer_options=Options(mss=MSS + 12, ts_val=PEER_TS, sack_permitted=sack))
    s.connection.send(20 * MSS, s.now)
    s.out()
    before = s.our_ts
    cwnd = s.connection.congestion.cwnd
    s.to_deadline()
    again, *more = s.out()
    assert again.retransmission and not more and s.connection.congestion.cwnd == MSS
    s.now += 10 * MS
    s.ts_ecr = before if spurious else None
    s.arrive(1, 1 + 2 * MSS)
    if spurious:
        assert s.connection.congestion.cwnd >= cwnd and s.counters["tcp_spurious_timeouts"] == 1
        assert not any(t.retransmission for t in s.out()), "the rest is on its way"
    else:
        assert s.connection.congestion.cwnd < cwnd
        assert all(t.retransmission for t in s.out())


def slow_start(control, rtts_ms):
    """A round of full windows per entry of `rtts_ms`, an ACK a segment; returns the windows after each."""
    windows = []
    for rtt in rtts_ms:
        flight = control.cwnd
        for _ in range(flight // MSS):
            control.acknowledged(MSS, flight, 0, rtt * MS, rtt * MS)
        windows.append(control.cwnd // MSS)
    return windows


def test_G09_hystart_leaves_slow_start_when_the_round_trip_grows():
    control = started(Cubic(), 10)
    windows = slow_start(control, [50, 50, 60, 60, 60, 60, 60, 60, 60, 60])
    assert windows[:2] == [20, 40]
    assert control.ssthresh < 1 << 30, "five conservative rounds, then congestion avoidance"
    steps = [b / a for a, b in zip(windows[2:6], windows[3:7], strict=True)]
    assert all(1.2 < step < 1.3 for step in steps)
    assert windows[-1] - windows[-4] <= 6


def test_G09_hystart_goes_on_when_it_was_jitter():
    control = started(Cubic(), 10)
    windows = slow_start(control, [50, 50, 60, 50, 50])
    assert control.ssthresh == 1 << 30 and windows[4] > 1.8 * windows[3]


@pytest.mark.parametrize("control", [Cubic(10, hystart=False), make("reno", 10)])
def test_G02_slow_start_without_hystart_doubles(control):
    assert slow_start(started(control, 10), [50, 50, 90, 90]) == [20, 40, 80, 160]


def test_G09_hystart_needs_eight_samples_and_four_milliseconds():
    assert slow_start(started(Cubic(), 10), [5, 8, 8, 8]) == [20, 40, 80, 160]
    control = started(Cubic(), 4)
    assert slow_start(control, [50, 90]) == [8, 16] or control.ssthresh == 1 << 30


def test_G08_a_window_that_is_not_used_decays():
    control = started(make("reno", 10), 100)
    control.ssthresh = 50 * MSS
    for k in range(30):
        control.acknowledged(MSS, 10 * MSS, k * RTT, RTT, RTT)
    assert 25 * MSS <= control.cwnd <= 55 * MSS and control.ssthresh == 75 * MSS
    for k in range(30, 200):
        control.acknowledged(MSS, 10 * MSS, k * RTT, RTT, RTT)
    assert control.cwnd >= control.initial_window


def test_G08_after_idle_time_the_restart_window():
    s = Scripted(TcpConfig(congestion="reno"), peer_window=65535)
    s.connection.congestion.cwnd = 40 * MSS
    s.connection.send(20 * MSS, s.now)
    s.out()
    s.arrive(1, 1 + 20 * MSS)
    s.now += 5 * SECOND
    s.connection.send(30 * MSS, s.now)
    assert sum(t.length for t in s.out()) == 10 * MSS
    assert s.connection.congestion.ssthresh >= 30 * MSS
