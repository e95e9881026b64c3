"""Whole connections between two stacks: the stream arrives exactly once, in order, whatever the link does."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.tcp import State, TcpConfig

from .simulation import MS, SECOND, Impairment, Network


def transfer(network: Network, to_b: bytes, to_a: bytes) -> None:
    """Both ways at once, then both close; checks both streams."""
    network.b.stack.listen(80)

    def accept(application):
        application.data += to_a
        application.close_after = True
        application.answer_close = True

    network.b.on_accept = accept
    client = network.a.connect(network.b, data=to_b, close_after=True)
    client.answer_close = True
    network.run(lambda: client.closed or (client.peer_closed and client.connection.state is State.TIME_WAIT),
                4000 * SECOND)
    network.run(lambda: client.closed and all(application.closed for application in network.b.accepted), 4000 * SECOND)
    server, = network.b.accepted
    assert client.error is None and server.error is None
    assert bytes(server.received) == to_b
    assert bytes(client.received) == to_a
    assert not network.a.stack.connections and not network.b.stack.connections


def test_bulk_both_ways_over_a_perfect_link():
    rng = random.Random(7)
    network = Network()
    transfer(network, rng.randbytes(300_000), rng.randbytes(200_000))
    client, = network.a.applications.values()
    server, = network.b.accepted
    assert client.acknowledged == 300_000 and server.acknowledged == 200_000
    assert network.a.stack.counters["tcp_retransmissions"] == 0
    assert network.b.stack.counters["tcp_retransmissions"] == 0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("impairment", [
    Impairment(drop=0.05),
    Impairment(reorder=0.3),
    Impairment(duplicate=0.2),
    Impairment(corrupt=0.05),
    Impairment(drop=0.03, reorder=0.1, duplicate=0.05, corrupt=0.02),
], ids=["drop", "reorder", "duplicate", "corrupt", "all"])
def test_bulk_both_ways_over_an_impaired_link(impairment, seed):
    rng = random.Random(seed)
    transfer(Network(seed, impairment), rng.randbytes(120_000), rng.randbytes(80_000))


@given(seed=st.integers(0, 2**32), drop=st.floats(0, 0.15), reorder=st.floats(0, 0.3), duplicate=st.floats(0, 0.2),
       to_b=st.integers(0, 40_000), to_a=st.integers(0, 40_000), mss=st.integers(88, 1460),
       buffer=st.integers(500, 300_000), nodelay=st.booleans(), delay=st.integers(1, 300 * MS),
       max_payload=st.integers(1, 65000), hesitation=st.sampled_from((0.0, 0.0, 0.3)),
       options=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.sampled_from(("reno", "cubic", "bic"))))
def test_stream_arrives_exactly_once_in_order(seed, drop, reorder, duplicate, to_b, to_a, mss, buffer, nodelay, delay,
                                              max_payload, hesitation, options):
    window_scaling, timestamps, sack, congestion = options
    rng = random.Random(seed)
    network = Network(seed, Impairment(drop=drop, reorder=reorder, duplicate=duplicate, delay=delay),
                      TcpConfig(mss=mss, receive_buffer=buffer, nodelay=nodelay, window_scaling=window_scaling,
                                timestamps=timestamps, sack=sack, congestion=congestion))
    network.a.max_payload = network.b.max_payload = max(max_payload, mss)
    network.a.hesitation = network.b.hesitation = hesitation
    transfer(network, rng.randbytes(to_b), rng.randbytes(to_a))
