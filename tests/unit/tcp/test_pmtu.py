"""The path's MTU: told by routers (RFC 1191, RFC 5927), or found by black-hole detection and probes (RFC 4821)."""

import heapq
import random
import struct

import pytest

from firmware.network import ipv4
from firmware.network.checksum import checksum
from firmware.tcp import TcpConfig, pmtu
from firmware.tcp.options import Options

from .scripted import SECOND, Scripted
from .simulation import MS, Network, Observed

MSS = 1400
MINUTE = 60 * SECOND
DATA = random.Random(11).randbytes(400_000)


def narrow(network: Network, mtu: int, tells: bool) -> None:
    """From now on packets of a that are larger than `mtu` vanish; `tells`: with an ICMP error."""

    def through(o: Observed) -> bool:
        if o.host is network.b or len(o.data) - 14 <= mtu:
            return True
        if tells:
            message = struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + o.data[14:14 + 28]
            message = message[:2] + checksum(message).to_bytes(2, "big") + message[4:]
            packet = ipv4.build_header(o.data[30:34], o.data[26:30], 1, len(message), 0) + message
            network.serial += 1
            heapq.heappush(network.events, (network.now + MS, network.serial, network.a,
                                            network.a.stack.mac + network.b.stack.mac + b"\x08\x00" + packet))
        return False

    network.filter = through


def test_J01_smaller_at_once_larger_not_for_ten_minutes():
    s = Scripted(peer_mss=MSS)
    s.connection.send(4 * MSS, s.now)
    s.out()
    cwnd = s.connection.congestion.cwnd
    assert s.connection.path_mtu(1000, s.iss + 1, s.now)
    assert {t.mss for t in s.out()} == {1000} and s.connection.congestion.cwnd == cwnd
    s.arrive(1, 1 + 4 * MSS)
    assert not s.connection.path_mtu(1200, s.iss + 1, s.now), "no increase because a router says so"
    s.now += 9 * MINUTE
    s.connection.send(8000, s.now)
    assert {t.mss for t in s.out()} == {1000}
    s.arrive(1, 1 + 4 * MSS + 8000)
    s.now += 2 * MINUTE
    s.connection.send(12_000, s.now)
    probe, *rest = s.out()
    assert probe.mss == probe.length == MSS and {t.mss for t in rest} == {1000}
    s.arrive(1, 1 + 4 * MSS + 8000 + MSS)
    assert s.connection.snd_mss == MSS and s.counters["tcp_path_mtu_raised"] == 1


@pytest.mark.parametrize("seq", [0, 5 * MSS, -1000])
def test_J01_an_error_must_quote_what_is_in_flight(seq):
    s = Scripted(peer_mss=MSS)
    s.connection.send(4 * MSS, s.now)
    s.out()
    s.arrive(1, 1 + MSS)
    assert not s.connection.path_mtu(600, s.iss + 1 + seq, s.now)
    assert s.connection.snd_mss == MSS and s.counters["icmp_error_out_of_window"] == 1


@pytest.mark.parametrize(("mtu", "quoted", "expected"), [
    (1000, 1500, 1000), (100, 1500, 552), (0, 1500, 1492), (0, 1492, 1006), (0, 1000, 552), (68, 60, 552)])
def test_J01_what_a_router_tells(mtu, quoted, expected):
    assert pmtu.from_quote(mtu, quoted) == expected


@pytest.mark.parametrize("sack", [True, False])
def test_J01_a_narrow_path_that_tells_costs_one_flight(sack):
    network = Network(config=TcpConfig(sack=sack, receive_buffer=1 << 19))
    client, server = network.connected()
    narrow(network, 1000, tells=True)
    client.send(DATA)
    network.run(lambda: len(server.received) == len(DATA))
    assert bytes(server.received) == DATA
    assert network.a.stack.counters["tcp_retransmission_timeouts"] == 0 and network.now < 5 * SECOND
    again = network.a.connect(network.b)
    network.run(lambda: again.established)
    assert again.connection.snd_mss == 1000 - 52, "a connection to the same place knows"
    network.now += 11 * MINUTE
    later = network.a.connect(network.b)
    network.run(lambda: later.established)
    assert later.connection.snd_mss == 1460 - 12


@pytest.mark.parametrize("sack", [True, False])
@pytest.mark.parametrize("mtu", [1300, 1024, 576])
def test_J02_a_black_hole_is_found_and_the_size_searched(mtu, sack):
    network = Network(config=TcpConfig(sack=sack, receive_buffer=1 << 19))
    client, server = network.connected()
    narrow(network, mtu, tells=False)
    client.send(DATA)
    network.run(lambda: len(server.received) == len(DATA), 200 * SECOND)
    assert bytes(server.received) == DATA
    largest = max(o.length for o in network.sent_by(network.a) if len(o.data) - 14 <= mtu)
    assert mtu - 52 - pmtu.CLOSE_ENOUGH - 12 <= largest
    counters = network.a.stack.counters
    assert counters["tcp_black_holes_suspected"] >= 1
    if mtu == 1300:
        assert counters["tcp_path_mtu_raised"] >= 1 and counters["tcp_path_mtu_probes_lost"] >= 1


@pytest.mark.parametrize("sack", [True, False])
def test_J02_the_loss_of_a_probe_alone_is_no_congestion(sack):
    s = Scripted(TcpConfig(timestamps=False), peer_options=Options(mss=MSS, sack_permitted=sack))
    s.connection.send(1000, s.now)
    s.out()
    s.connection.path_mtu(1000, s.iss + 1, s.now)
    s.arrive(1, 1001)
    s.now += 11 * MINUTE
    s.connection.send(10_000, s.now)
    probe, *_ = s.out()
    assert probe.length == MSS
    cwnd = s.connection.congestion.cwnd
    s.now += 10 * MS
    start = s.iss + 1 + 1000 + MSS
    for k in range(1, 4):
        s.arrive(1, 1001, options=Options(
            sack=((start & 0xFFFFFFFF, start + k * 1000 & 0xFFFFFFFF),) if sack else ()))
    again = [t for t in s.out() if t.retransmission]
    assert [(s.seq(t), t.length) for t in again] == [(1001, MSS)] and again[0].mss == 1000
    assert s.connection.congestion.cwnd >= cwnd and s.counters["tcp_path_mtu_probes_lost"] == 1
    assert not s.connection.in_recovery
    assert s.connection.pmtu.high == MSS - 1, "it is not tried again"
