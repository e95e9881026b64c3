"""SYN cookies (RFC 4987), and SYNs in TIME-WAIT (RFC 6191)."""

import random

import pytest

from firmware.tcp import ACK, RST, SYN, Connection, State, TcpConfig, TcpHeader, syn_cookies
from firmware.tcp.options import Options, parse_options

from .simulation import MS, SECOND, Network


def flooded(config: TcpConfig, backlog: int = 2) -> Network:
    """The backlog of b, port 80, is full of half-open connections that will never complete."""
    network = Network(config=config)
    network.filter = lambda observed: observed.host is network.a
    network.b.stack.listen(80, backlog=backlog)
    for _ in range(backlog):
        network.a.connect(network.b)
    network.run(duration=5 * MS)
    for connection in network.a.stack.connections:
        connection.changed = None
        network.a.stack.table.connections.pop(connection.binding.key)
        connection.enter_closed()
    network.filter = lambda observed: observed.header.flags & RST == 0
    return network


@pytest.mark.parametrize("config", [
    TcpConfig(receive_buffer=1 << 20), TcpConfig(receive_buffer=1 << 20, ecn=True),
    TcpConfig(timestamps=False, receive_buffer=1 << 20), TcpConfig(sack=False), TcpConfig(window_scaling=False),
    TcpConfig(mss=700)], ids=["all", "ecn", "no timestamps", "no sack", "no scaling", "mss"])
def test_B11_a_connection_comes_about_although_the_backlog_is_full(config):
    network = flooded(config)
    before = len(network.b.stack.connections)
    client = network.a.connect(network.b)
    network.run(lambda: client.established)
    assert network.b.stack.counters["tcp_syn_cookies_sent"] == 1
    network.run(lambda: bool(network.b.accepted))
    assert len(network.b.stack.connections) == before + 1
    server = network.b.accepted[0]
    ours, theirs = client.connection, server.connection
    stateful = config.timestamps
    assert theirs.negotiated.sack == ours.negotiated.sack == (config.sack and stateful)
    assert theirs.negotiated.timestamps == ours.negotiated.timestamps == stateful
    scaling = config.window_scaling and stateful
    assert theirs.negotiated.snd_wind_shift == ours.negotiated.rcv_wind_shift
    assert theirs.negotiated.rcv_wind_shift == ours.negotiated.snd_wind_shift
    assert theirs.negotiated.window_scaling == ours.negotiated.window_scaling == scaling
    assert (theirs.ecn is not None) == (ours.ecn is not None) == config.ecn
    assert theirs.snd_mss == (536 if config.mss == 700 else 1460) - 12 * stateful
    data = random.Random(1).randbytes(100_000)
    client.send(data)
    server.send(data[:5000])
    network.run(lambda: bytes(server.received) == data and bytes(client.received) == data[:5000])


def test_B11_nothing_is_kept_of_a_flood():
    network = flooded(TcpConfig())
    stack = network.b.stack
    before = len(stack.connections), len(stack.timers), len(stack.output.ready)
    for k in range(100):
        network.a.connect(network.b, config=TcpConfig(timestamps=bool(k & 1)))
    network.filter = lambda observed: observed.host is network.a
    network.run(duration=50 * MS)
    assert stack.counters["tcp_syn_cookies_sent"] == 100
    assert (len(stack.connections), len(stack.timers), len(stack.output.ready)) == before


def test_B11_without_an_overflow_an_ack_is_no_cookie():
    network = Network()
    network.b.stack.listen(80)
    client, _ = network.connected(81)
    client.connection.binding.remote_port = 80
    client.send(b"x")
    network.run(lambda: any(o.header.flags & RST for o in network.trace))
    assert network.b.stack.counters["tcp_syn_cookies_failed"] == 0 and len(network.b.accepted) == 1


def test_B11_an_invented_cookie_is_refused():
    network = flooded(TcpConfig())
    network.a.connect(network.b)
    network.run(duration=5 * MS)
    accepted = len(network.b.accepted)
    sent = len(network.trace)
    client = network.a.connect(network.b)
    client.connection.state = State.ESTABLISHED  # it skips the handshake
    client.connection.snd_una = client.connection.snd_nxt = client.connection.iss + 1
    client.connection.rcv_nxt = 0x12345678
    client.connection.delayed_ack.immediate = True
    network.a.stack.output.is_ready(client.connection)
    network.run(duration=5 * MS)
    assert network.b.stack.counters["tcp_syn_cookies_failed"] == 1 and len(network.b.accepted) == accepted
    assert network.trace[sent + 1].header.flags & RST


@pytest.mark.parametrize(("later", "good"), [(0, True), (60, True), (140, False)])
def test_B11_a_cookie_has_a_limited_life(later, good):
    secret, key = b"s", bytes(12)
    value = syn_cookies.cookie(secret, key, 77, 1000 * SECOND // syn_cookies.SLOT, 6)
    ack = TcpHeader(1, 2, 78, value + 1 & 0xFFFFFFFF, ACK, 1000)
    syn = syn_cookies.syn_of(secret, key, ack, (1000 + later) * SECOND)
    assert (syn is not None) == good
    if good:
        assert (syn.seq, syn.flags, syn.options.mss) == (77, SYN, 1460)
    for wrong in (TcpHeader(1, 2, 79, ack.ack, ACK, 1000), TcpHeader(1, 2, 78, ack.ack ^ 1 << 24, ACK, 1000)):
        assert syn_cookies.syn_of(secret, key, wrong, 1000 * SECOND) is None
    assert syn_cookies.syn_of(b"t", key, ack, 1000 * SECOND) is None


@pytest.mark.parametrize("scale", [None, 0, 14])
def test_B11_the_timestamp_that_holds_the_options_never_runs_ahead_of_the_clock(scale):
    for moment in range(130):
        spare = Connection(TcpConfig(), 0, ts_offset=1000)
        spare.open_passive()
        syn = TcpHeader(1, 2, 77, 0, SYN, 1000, Options(1460, scale, True, 5))
        sent = syn_cookies.answer(spare, b"s", bytes(12), syn, moment * MS)
        told = parse_options(sent.options, 0, len(sent.options)).ts_val
        assert 1000 + moment - 64 <= told <= 1000 + moment
        assert told & 15 == (15 if scale is None else scale)


def test_B11_while_the_accept_queue_is_full_no_cookie_is_made():
    network = Network()
    listener = network.b.stack.listen(80, backlog=1)
    first = network.a.connect(network.b)
    network.run(lambda: first.established)
    second = network.a.connect(network.b)
    network.run(duration=100 * MS)
    assert not second.established and network.b.stack.counters["tcp_syn_cookies_sent"] == 0
    assert listener.accept() is not None
    network.run(lambda: second.established)


@pytest.mark.parametrize(("old", "new", "ahead", "reopens"), [
    ((0, 100), 101, -1, True), ((0, 100), 100, 1, True), ((0, 100), 100, -1, False), ((0, 100), 99, 1, False),
    ((0, 100), None, 1, True), ((0, 100), None, -1, False), (None, 5, -1, True), (None, None, -1, False),
    (None, None, 1, True)])
def test_C04_a_syn_in_time_wait(old, new, ahead, reopens):
    """RFC 6191: by the timestamps where both have them, by the sequence number otherwise."""
    network = Network(config=TcpConfig(timestamps=old is not None))
    client, server = network.connected()
    server.connection.close(network.now)
    network.run(duration=10 * MS)
    client.connection.close(network.now)
    network.run(lambda: client.closed)
    connection = server.connection
    assert connection.state is State.TIME_WAIT
    if old is not None:
        connection.ts_recent = old[1]
    else:
        connection.config = connection.config.but(timestamps=True)
    syn = TcpHeader(connection.binding.remote_port, 80, connection.rcv_nxt + ahead & 0xFFFFFFFF, 0, SYN, 1000,
                    Options(mss=1000, ts_val=new))
    assert network.b.stack.tcp_input.reopens(connection, syn) == reopens
