"""The stack around the connections: ports, backlog, turns, deadlines."""

import errno

import pytest

from firmware.tcp import CallError, Error, State, TcpConfig

from .simulation import MS, SECOND, Network


def test_connection_refused():
    network = Network()
    client = network.a.connect(network.b, 81)
    network.run(lambda: client.closed)
    assert client.error == errno.ECONNREFUSED
    assert network.a.stack.connections == []


def test_nobody_there():
    network = Network()
    network.filter = lambda observed: False
    network.b.stack.listen(80)
    client = network.a.connect(network.b)
    network.run(lambda: client.closed)
    assert client.error == errno.ETIMEDOUT
    assert network.now >= 180 * SECOND


def test_reset_reaches_the_other_side():
    network = Network()
    client, server = network.connected()
    client.connection.abort(network.now)
    network.run(lambda: server.closed)
    assert server.error == errno.ECONNRESET
    assert not network.a.stack.connections and not network.b.stack.connections


@pytest.mark.parametrize("first, second, gap", [("a", "b", 50), ("b", "a", 50), ("a", "b", 0)])
def test_closing_in_every_order_ends_both_sides(first, second, gap):
    network = Network()
    client, server = network.connected()
    sides = {"a": client, "b": server}
    sides[first].connection.close(network.now)
    network.run(duration=gap * MS)
    if gap:
        assert sides[first].connection.state is State.FIN_WAIT_2
        sides[second].send(b"half-closed")
        network.run(lambda: sides[first].received == b"half-closed")
    sides[second].connection.close(network.now)
    network.run(lambda: client.closed and server.closed)
    assert client.error is server.error is None


def test_time_wait_yields_to_a_new_syn():
    network = Network()
    client, server = network.connected()
    port = client.connection.binding.local_port
    server.connection.close(network.now)  # the server waits
    network.run(duration=10 * MS)
    client.connection.close(network.now)
    network.run(lambda: client.closed)
    assert server.connection.state is State.TIME_WAIT
    network.now += 10 * MS
    network.a.stack.connect(network.b.address, 80, network.now, local_port=port)
    network.run(lambda: len(network.b.accepted) == 2)
    assert server.closed


def test_backlog_overflow_drops_the_syn_and_its_retransmission_gets_in():
    network = Network(config=TcpConfig(syn_cookies=False))
    listener = network.b.stack.listen(80, backlog=2)
    clients = [network.a.connect(network.b) for _ in range(3)]
    network.run(duration=500 * MS)
    assert [client.established for client in clients] == [True, True, False]
    assert network.b.stack.counters["tcp_listen_overflows"] == 1
    assert listener.accept() is network.b.accepted[0].connection
    network.run(lambda: clients[2].established)


def test_a_half_open_connection_that_fails_leaves_the_backlog_unseen():
    network = Network()
    listener = network.b.stack.listen(80, backlog=1)
    client = network.a.connect(network.b)
    network.filter = lambda observed: observed.host is network.a
    network.run(duration=100 * MS)
    assert listener.full and not network.b.accepted
    network.filter = lambda observed: True
    client.connection.close(network.now)  # no TCB any more: the SYN-ACK again is answered with RST
    network.run(duration=2 * SECOND)
    assert not listener.full and network.b.stack.connections == []
    assert network.b.stack.counters["tcp_half_open_failed"] == 1


def test_closing_a_listener_resets_what_was_not_accepted():
    network = Network()
    client, server = network.connected()
    listener = server.connection.binding.listener
    network.b.stack.close_listener(listener, network.now)
    network.run(lambda: client.closed)
    assert client.error == errno.ECONNRESET
    assert network.a.connect(network.b) is not None
    network.run(lambda: all(application.closed for application in network.a.applications.values()))


def test_connections_take_turns():
    network = Network()
    network.b.stack.listen(80)
    clients = [network.a.connect(network.b) for _ in range(4)]
    network.run(lambda: len(network.b.accepted) == 4)
    network.a.max_payload = 1460
    for client in clients:
        client.send(bytes(10 * 1460))
    order = []
    while (frame := network.a.stack.poll_transmit(network.now, 1460)) is not None:
        order.append(clients.index(next(c for c in clients if c.connection is frame.connection)))
        network.a.stack.transmitted(frame, network.now)
    assert order == [0, 1, 2, 3] * 10


def test_a_deferred_connection_lets_the_others_go():
    network = Network()
    network.b.stack.listen(80)
    clients = [network.a.connect(network.b) for _ in range(2)]
    network.run(lambda: len(network.b.accepted) == 2)
    for client in clients:
        client.send(bytes(1000))
    stack = network.a.stack
    first = stack.poll_transmit(network.now)
    stack.defer(first)
    second = stack.poll_transmit(network.now)
    assert second.connection is not first.connection
    stack.transmitted(second, network.now)
    again = stack.poll_transmit(network.now)
    assert again.connection is first.connection and again.length == first.length


def test_idle_connections_cost_nothing_to_poll(monkeypatch):
    network = Network()
    network.b.stack.listen(80, backlog=300)
    clients = [network.a.connect(network.b) for _ in range(300)]
    network.run(lambda: all(client.established for client in clients))
    network.run(duration=SECOND)
    polled = []
    original = type(clients[0].connection).poll_transmit
    monkeypatch.setattr(type(clients[0].connection), "poll_transmit",
                        lambda self, *arguments: polled.append(self) or original(self, *arguments))
    clients[7].send(b"x")
    network.a.output()
    assert polled == [clients[7].connection] * 2


def test_next_deadline_is_exact():
    network = Network(config=TcpConfig(tail_loss_probe=False))
    client, server = network.connected()
    client.send(bytes(5000))
    network.run(lambda: len(server.received) == 5000 and client.acknowledged == 5000)
    assert network.a.stack.next_deadline() is None and network.b.stack.next_deadline() is None
    network.filter = lambda observed: False
    client.send(b"lost")
    network.a.output()
    assert network.a.stack.next_deadline() == network.now + SECOND


def test_zero_window_between_two_stacks():
    network = Network(config=TcpConfig(receive_buffer=20_000))
    client, server = network.connected()
    server.read = False
    data = bytes(range(256)) * 200
    client.send(data)
    network.run(duration=30 * SECOND)
    assert len(server.received) == 20_000
    assert network.a.stack.counters["tcp_window_probes"] >= 4
    server.read = True
    server.read_all()
    network.run(lambda: bytes(server.received) == data)
    assert network.a.stack.counters["tcp_retransmission_timeouts"] == 0


def test_a_slow_reader_with_a_lossy_link():
    network = Network(seed=5, config=TcpConfig(receive_buffer=8000, mss=1000))
    network.impairment.drop = 0.1
    client, server = network.connected()
    server.read = False
    data = bytes(range(251)) * 300
    client.send(data)
    while len(server.received) < len(data):
        network.run(duration=SECOND)
        server.read_all()
        assert network.now < 4000 * SECOND
    assert bytes(server.received) == data


def test_calls_that_cannot_be():
    stack = Network().a.stack
    stack.listen(80)
    for call, error in ((lambda: stack.listen(80), errno.EADDRINUSE),
                        (lambda: stack.listen(80, address="10.0.0.77"), errno.EADDRNOTAVAIL),
                        (lambda: stack.connect("10.0.0.255", 80, 0), errno.ENETUNREACH),
                        (lambda: stack.connect("192.0.2.1", 80, 0), errno.ENETUNREACH),
                        (lambda: [stack.connect("10.0.0.2", 80, 0, local_port=5) for _ in range(2)],
                         errno.EADDRINUSE)):
        with pytest.raises(CallError) as caught:
            call()
        assert caught.value.errno == error


def test_same_seed_same_frames():
    def run():
        network = Network(seed=3)
        network.impairment.drop = 0.05
        client, server = network.connected()
        client.send(bytes(50_000))
        network.run(lambda: len(server.received) == 50_000)
        return [(observed.time, observed.data) for observed in network.trace]

    assert run() == run()


def test_error_event_of_unreachable_next_hop_is_transient_once_established():
    network = Network()
    client, server = network.connected()
    client.connection.unreachable(errno.EHOSTUNREACH, network.now)
    assert client.error is None and client.connection.state is State.ESTABLISHED
    assert Error(1).fatal


def test_ten_thousand_connections_leave_nothing_behind():
    network = Network(config=TcpConfig(time_wait=10 * MS, keepalive=True))
    network.b.stack.listen(80, backlog=300)
    network.b.on_accept = lambda application: setattr(application, "answer_close", True)
    for _ in range(50):
        clients = [network.a.connect(network.b, data=b"x", close_after=True) for _ in range(200)]
        network.run(lambda clients=clients: all(client.closed for client in clients))
        for listener in network.b.stack.listeners:
            listener.accept_queue.clear()
        network.a.applications.clear()
        network.b.applications.clear()
        network.b.accepted.clear()
        network.trace.clear()
    network.run(duration=SECOND)
    for stack in (network.a.stack, network.b.stack):
        assert not stack.connections and not stack.output.ready and not stack.events
        assert len(stack.timers) <= 128, "timers of what is gone"


def test_timers_that_moved_are_not_kept():
    network = Network()
    client, server = network.connected()
    for _ in range(2000):
        client.send(bytes(100))
        network.run(duration=20 * MS)
    network.run(lambda: len(server.received) == 200_000)
    assert len(network.a.stack.timers) < 200 and len(network.b.stack.timers) < 200
