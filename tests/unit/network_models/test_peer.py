"""Two simulated peers on a link: streams arrive whole, at line rate, and errors are errnos."""

import errno
import random
import socket as bsd

import pytest

from models import kernel
from models.network.impairment import Chance, Corrupt, Impairment, Rule
from models.network.link import Direction, Link, LinkSettings
from models.network.peer import Peer, PeerSettings

LEFT = PeerSettings("02:00:00:00:00:01", "10.0.0.1")
RIGHT = PeerSettings("02:00:00:00:00:02", "10.0.0.2")
PORT = 80


def run(scenario, seed=1, chance=None, rules=(), delay_ps=5 * kernel.US):
    async def main():
        left, right = Peer(LEFT, seed), Peer(RIGHT, seed + 1)
        impair = [Impairment(rules, chance or Chance(), f"{seed} {way}") for way in "ab"]
        link = Link(left.wire, right.wire, LinkSettings(delay_ps), None, *impair)
        for each in (link, left, right):
            each.start()
        return await scenario(left, right, link)

    return kernel.run(main(), 600 * kernel.S)


async def connected(left, right):
    listener = await right.listen(PORT)
    accepting = kernel.spawn(listener.accept())
    client = await left.connect(("10.0.0.2", PORT))
    server, address = await accepting
    assert address == await client.getsockname() == await server.getpeername()
    assert await server.getsockname() == ("10.0.0.2", PORT) == await client.getpeername()
    return client, server


def test_a_stream_runs_at_line_rate(seed):
    """949.285 Mb/s is the limit with MTU 1500 (1460 bytes in 1538)."""
    data = random.Random(seed).randbytes(2_000_000)

    async def scenario(left, right, link):
        client, server = await connected(left, right)
        # With Nagle the last, short segment would wait for the delayed ACK of an odd number of full ones.
        await client.setsockopt(bsd.IPPROTO_TCP, bsd.TCP_NODELAY, 1)
        begin = kernel.now()
        sending = kernel.spawn(client.sendall(data))
        assert await server.recv_exactly(len(data)) == data
        elapsed = kernel.now() - begin
        await sending
        return len(data) * 8 * kernel.S / elapsed / 1e6

    assert 940 < run(scenario, seed) < 949.3


@pytest.mark.parametrize("trial", range(3))
def test_streams_in_both_directions_survive_a_bad_link(seed, trial):
    rng = random.Random(f"{seed} {trial}")
    there, back = rng.randbytes(200_000), rng.randbytes(150_000)
    chance = Chance(loss=0.02, corruption=0.01, duplication=0.01, reordering=0.02)

    async def pump(sock, data):
        position = 0
        while position < len(data):
            count = rng.randrange(1, 20_000)
            await sock.sendall(data[position : position + count])
            position += count
        await sock.shutdown(bsd.SHUT_WR)

    async def drain(sock):
        parts = []
        while part := await sock.recv(rng.randrange(1, 9000)):
            parts.append(part)
        return b"".join(parts)

    async def scenario(left, right, link):
        client, server = await connected(left, right)
        tasks = [kernel.spawn(work) for work in (pump(client, there), pump(server, back), drain(client), drain(server))]
        results = [await task for task in tasks]
        assert results[2] == back and results[3] == there
        statistics = link.statistics(Direction.A_TO_B)
        assert statistics.lost + statistics.damaged + statistics.reordered > 0
        assert right.wire.fcs_errors == statistics.damaged

    run(scenario, seed * 100 + trial, chance)


def test_damage_with_a_mended_fcs_is_found_by_the_tcp_checksum():
    def long(number, frame):
        return len(frame) > 1000

    async def scenario(left, right, link):
        client, server = await connected(left, right)
        sending = kernel.spawn(client.sendall(bytes(50_000)))
        assert await server.recv_exactly(50_000) == bytes(50_000)
        await sending
        return right.stack.counters["tcp_checksum_error"]

    assert run(scenario, rules=[Rule(long, Corrupt(flips=((100, 1),), mend_fcs=True), times=2)]) == 2


def test_same_seed_gives_the_same_frames_at_the_same_time(seed):
    def trace(of_seed):
        shown = []

        async def scenario(left, right, link):
            link.tap_sent(lambda frame, time_ps, direction, comment: shown.append((time_ps, direction, frame)))
            client, server = await connected(left, right)
            await client.sendall(b"x" * 20_000)
            await server.recv_exactly(20_000)

        run(scenario, of_seed, Chance(loss=0.05))
        return shown

    assert trace(seed) == trace(seed)
    assert trace(seed) != trace(seed + 1)


def test_nobody_listens():
    async def scenario(left, right, link):
        with pytest.raises(ConnectionRefusedError):
            await left.connect(("10.0.0.2", PORT))
        with pytest.raises(OSError) as caught:
            await left.connect(("10.0.0.77", PORT))
        assert caught.value.errno == errno.EHOSTUNREACH

    run(scenario)


def test_end_of_stream_half_close_and_close():
    async def scenario(left, right, link):
        client, server = await connected(left, right)
        await client.sendall(b"question")
        await client.shutdown(bsd.SHUT_WR)
        with pytest.raises(BrokenPipeError):
            await client.send(b"more")
        assert await server.recv_exactly(100) == b"question"
        assert await server.recv(1) == b""
        await server.sendall(b"answer")
        await server.close()
        assert await client.recv(100) == b"answer"
        assert await client.recv(100) == b""
        await client.close()
        await server.wait_closed()
        await client.wait_closed()
        assert not left.stack.connections and not right.stack.connections
        with pytest.raises(OSError) as caught:
            await client.recv(1)
        assert caught.value.errno == errno.EBADF

    run(scenario)


def test_abort_is_a_reset_at_the_other_end():
    async def scenario(left, right, link):
        client, server = await connected(left, right)
        receiving = kernel.spawn(outcome(server.recv(1)))
        await client.abort()
        assert await receiving == errno.ECONNRESET
        assert await server.recv(1) == b"", "an error is told once"
        with pytest.raises(BrokenPipeError):
            await server.send(b"x")

    run(scenario)


async def outcome(call):
    try:
        return await call
    except OSError as failure:
        return failure.errno


def test_a_receiver_that_does_not_read_stops_the_sender():
    async def scenario(left, right, link):
        client, server = await connected(left, right)
        sending = kernel.spawn(client.sendall(bytes(1_000_000)))
        await kernel.sleep(20 * kernel.S)
        assert not sending.done
        assert server.bytes_received <= RIGHT.tcp.receive_buffer
        assert await server.recv_exactly(1_000_000) == bytes(1_000_000)
        await sending

    run(scenario)


def test_nonblocking_calls_and_peek():
    async def scenario(left, right, link):
        client, server = await connected(left, right)
        assert await outcome(server.recv(1, bsd.MSG_DONTWAIT)) == errno.EAGAIN
        server.setblocking(False)
        assert await outcome(server.recv(1)) == errno.EAGAIN
        await client.sendall(b"hello")
        await kernel.sleep(kernel.MS)
        assert await server.recv(3, bsd.MSG_PEEK) == b"hel"
        assert await server.recv(100) == b"hello"
        other = await right.socket()
        other.setblocking(False)
        assert await outcome(other.connect(("10.0.0.1", 99))) == errno.EINPROGRESS

    run(scenario)


def test_a_port_in_use():
    async def scenario(left, right, link):
        await right.listen(PORT)
        assert await outcome(right.listen(PORT)) == errno.EADDRINUSE

    run(scenario)


def test_a_listener_that_is_closed_resets_who_waited():
    async def scenario(left, right, link):
        listener = await right.listen(PORT)
        client = await left.connect(("10.0.0.2", PORT))
        await listener.close()
        assert await outcome(client.recv(1)) == errno.ECONNRESET
        assert await outcome(left.connect(("10.0.0.2", PORT))) == errno.ECONNREFUSED
        assert await outcome(listener.accept()) == errno.EBADF

    run(scenario)


def test_reading_after_the_end_of_the_stream_sends_nothing():
    async def scenario(left, right, link):
        client, server = await connected(left, right)
        await server.shutdown(bsd.SHUT_WR)
        await client.sendall(bytes(30_000))
        await client.close()
        await client.wait_closed()
        before = link.statistics(Direction.B_TO_A).sent
        assert await server.recv_exactly(30_001) == bytes(30_000)
        await kernel.sleep(kernel.S)
        assert link.statistics(Direction.B_TO_A).sent == before
        assert not left.stack.counters["tcp_resets_sent"]

    run(scenario)
