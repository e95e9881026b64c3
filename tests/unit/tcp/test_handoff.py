"""A connection moves from one stack to another in the middle of its work."""

import errno
import json
import random

import pytest

from firmware.stack import Stack
from firmware.tcp import CallError, Connection, State, TcpConfig, handoff
from firmware.tcp.options import Options

from .scripted import MS, PEER_TS, SECOND, Scripted
from .simulation import Application, Host, Impairment, Network


def move(host: Host, application: Application) -> None:
    """A new stack takes the place of the host's: the same addresses, and the connection; nothing else."""
    network = host.network
    data = host.stack.export_connection(application.connection, network.now)
    assert application.connection.state is State.CLOSED and not host.stack.connections
    old = host.stack
    host.stack = Stack(old.mac, old.network.address, secret=b"another", rng=random.Random(5), config=old.config,
                       deliver=host.deliver)
    connection = host.stack.import_connection(data, network.now)
    del host.applications[application.connection]
    host.applications[connection] = application
    application.connection = connection


@pytest.mark.parametrize("config", [
    TcpConfig(receive_buffer=1 << 18), TcpConfig(sack=False), TcpConfig(timestamps=False, ecn=True),
    TcpConfig(congestion="bic", keepalive=True), TcpConfig(congestion="reno", window_scaling=False)],
    ids=["all", "no sack", "no timestamps", "bic", "reno"])
@pytest.mark.parametrize("seed", range(2), indirect=True)
def test_a_busy_connection_moves_every_now_and_then_and_the_peer_does_not_notice(config, seed):
    network = Network(seed, Impairment(drop=0.03, reorder=0.1, duplicate=0.02, mark=0.01), config)
    client, server = network.connected()
    rng = random.Random(seed)
    to_server, to_client = rng.randbytes(200_000), rng.randbytes(150_000)
    client.send(to_server)
    server.send(to_client)
    moves = 0
    while len(server.received) < len(to_server) or len(client.received) < len(to_client):
        network.run(duration=rng.randrange(100_000, 1 * MS))
        move(network.a, client)
        moves += 1
        if moves % 3 == 0:
            move(network.b, server)
        assert network.now < 600 * SECOND
    assert bytes(server.received) == to_server and bytes(client.received) == to_client
    assert moves > 10 and client.error is server.error is None
    assert not any(o.header.flags & 4 for o in network.trace), "no reset"
    client.answer_close = server.answer_close = True
    client.connection.close(network.now)
    network.run(lambda: client.closed and server.closed)
    assert client.error is server.error is None


def test_moving_changes_nothing_of_what_is_sent():
    def run(moves: bool) -> list[bytes]:
        network = Network(7, Impairment(drop=0.02))
        client, server = network.connected()
        client.send(bytes(range(256)) * 400)
        for _ in range(40):
            network.run(duration=5 * MS)
            if moves:
                identification = network.a.stack.output.identification
                arp = network.a.stack.arp
                move(network.a, client)
                network.a.stack.output.identification = identification
                network.a.stack.arp = arp
        return [(o.time, o.data) for o in network.trace]

    assert run(True) == run(False)


def test_clocks_may_differ_and_timestamps_go_on():
    s = Scripted(peer_options=Options(mss=1000, ts_val=PEER_TS, sack_permitted=True, window_scale=3))
    s.now += 7 * SECOND
    s.connection.send(5000, s.now)
    s.out()
    old = s.connection
    deadlines = old.next_deadline() - s.now, old.rtx.deadline - s.now
    told = old.timestamp(s.now)
    data = handoff.export_connection(old, s.now)
    assert json.loads(json.dumps(data)) == data, "plain data"
    assert old.next_deadline() is None and old.poll_transmit(s.now) is None
    later = 10_000 * SECOND
    new = handoff.import_connection(data, later)
    assert (new.next_deadline() - later, new.rtx.deadline - later) == deadlines
    assert new.timestamp(later) == told and new.timestamp(later + 5 * MS) == told + 5
    assert new.state is State.ESTABLISHED and new.recovery.board.records[0].time <= later


def test_out_of_order_payload_goes_by_reference():
    s = Scripted()
    payload = memoryview(b"later")
    s.arrive(101, 1, payload=payload)
    s.out()
    s.events()
    new = handoff.import_connection(handoff.export_connection(s.connection, s.now), s.now)
    assert new.reassembly.pop(new.rcv_nxt + 100) is not None
    assert len(new.reassembly) == 0


def test_a_configuration_that_is_the_stacks_own_is_shared():
    config = TcpConfig()
    s = Scripted(TcpConfig())
    data = handoff.export_connection(s.connection, s.now)
    assert handoff.import_connection(data, 0, config).config is config
    assert handoff.import_connection(data, 0, TcpConfig(mss=500)).config == config


@pytest.mark.parametrize("spoil", [
    lambda data: data | {"version": 2}, lambda data: {"version": 1}, lambda data: None,
    lambda data: data | {"tcb": {}}, lambda data: data | {"state": "OPEN"},
    lambda data: data | {"config": {"colour": 1}}])
def test_data_that_is_none_is_refused(spoil):
    data = handoff.export_connection(Scripted().connection, 0)
    with pytest.raises(ValueError):
        handoff.import_connection(spoil(data), 0)


def test_stacks_refuse_what_cannot_be():
    network = Network()
    client, server = network.connected()
    stack = network.a.stack
    half_open = network.a.connect(network.b, 81)
    with pytest.raises(ValueError):
        stack.export_connection(half_open.connection, network.now)
    data = stack.export_connection(client.connection, network.now)
    with pytest.raises(ValueError):
        stack.export_connection(client.connection, network.now)
    for changed, error in (({}, None), ({}, errno.EADDRINUSE), ({"local_address": [10, 0, 0, 9]}, errno.EADDRNOTAVAIL),
                           ({"remote_address": [192, 0, 2, 1]}, errno.ENETUNREACH)):
        if error is None:
            network.a.applications[stack.import_connection(data | changed, network.now)] = client
            continue
        with pytest.raises(CallError) as refused:
            stack.import_connection(data | changed, network.now)
        assert refused.value.errno == error
    with pytest.raises(ValueError):
        stack.import_connection({}, network.now)


def test_every_attribute_is_moved_or_deliberately_not():
    """A new attribute must be considered: is it a time, or is it not to be moved?"""
    moved = set(handoff.attributes(Connection))
    assert moved | handoff.NOT_MOVED[Connection] == set(Connection.__slots__)
    for kind, times in handoff.TIMES.items():
        assert times <= set(handoff.attributes(kind)), kind
    times = {"deadline", "lifetime", "since", "_at", "last_heard", "last_send"}
    for kind in (Connection, *handoff.PARTS.values()):
        for name in handoff.attributes(kind):
            if any(name.endswith(each) for each in times):
                assert name in handoff.TIMES.get(kind, ()), f"{kind.__name__}.{name} looks like a time"
