"""Host, firmware, functional card, link and peer together: streams, errno, scarcity, and nothing left over."""

import errno
import random
import select
import socket as bsd

import pytest

from firmware.hl_tcp import HlTcp, Settings
from models import kernel
from models.card.card import ModelCard
from models.host.host import Host, HostSettings, Interface
from models.network.impairment import Chance, Impairment
from models.network.link import Link, LinkSettings
from models.network.peer import Peer

PORT = 5001
HOST = ("10.0.0.1", PORT)
PEER = ("10.0.0.2", PORT)


class Whole:
    """Everything between two applications; `idle` checks that nothing is left when all is closed."""

    def __init__(self, seed, chance=None, reply_frames=128, request_frames=256, sending="simultaneous"):
        card = ModelCard()
        self.card = card
        self.host = Host(card.host, HostSettings(reply_frames=reply_frames), seed)
        self.firmware = HlTcp(card.firmware, Settings(request_frames=request_frames, sending=sending), seed)
        self.peer = Peer(seed=seed)
        impair = [Impairment(chance=chance or Chance(), seed=f"{seed} {way}") for way in ("out", "in")]
        self.link = Link(card.wire, self.peer.wire, LinkSettings(5 * kernel.US), None, *impair)

    async def start(self, firmware_late_ps=0):
        await self.card.start()
        self.link.start()
        self.peer.start()
        starting = kernel.spawn(self.host.start(Interface("02:00:00:00:00:01", HOST[0])))
        await kernel.sleep(firmware_late_ps)
        self.firmware.start()
        await starting

    async def pair(self, process, host_opens):
        """A connection: the host's socket and the peer's."""
        opener, other = (process, self.peer) if host_opens else (self.peer, process)
        listener = await other.socket()
        await listener.bind(("", PORT))
        await listener.listen(4)
        accepting = kernel.spawn(listener.accept())
        sock = await opener.socket()
        await sock.connect(PEER if host_opens else HOST)
        accepted, address = await accepting
        assert address == await sock.getsockname() == await accepted.getpeername()
        assert await accepted.getsockname() == await sock.getpeername() == (PEER if host_opens else HOST)
        await listener.close()
        return (sock, accepted) if host_opens else (accepted, sock)

    async def idle(self):
        for process in self.host.processes.values():
            await process.exit()
        await kernel.sleep(300 * kernel.S)  # TIME-WAIT, and whoever still retransmits
        memory, statistics = self.host.memory, self.host.driver.statistics
        assert not memory.violations
        assert {page.owner for page in memory._frames.values()} == {"toe driver"}
        assert self.host.driver.outstanding == 0
        assert statistics.requests == statistics.replies
        assert statistics.unknown_replies == statistics.duplicate_replies == statistics.bad_replies == 0
        assert not self.firmware.stack.connections and not self.peer.stack.connections
        buffer = self.firmware.retransmission_buffer
        assert buffer.available == buffer.size


def run(scenario, seed, firmware_late_ps=0, **settings):
    async def main():
        whole = Whole(seed, **settings)
        await whole.start(firmware_late_ps)
        result = await scenario(whole)
        await whole.idle()
        return result

    return kernel.run(main(), 3000 * kernel.S)


async def pump(sock, data, rng):
    position = 0
    while position < len(data):
        count = rng.randrange(1, 40_000)
        await sock.sendall(data[position : position + count])
        position += count
    await sock.shutdown(bsd.SHUT_WR)


async def drain(sock, rng):
    parts = []
    while part := await sock.recv(rng.randrange(1, 30_000)):
        parts.append(part)
    return b"".join(parts)


async def outcome(call):
    try:
        return await call
    except OSError as failure:
        return failure.errno


@pytest.mark.parametrize("sending", ["simultaneous", "sequential"])
@pytest.mark.parametrize("loss", [0.0, 0.03])
@pytest.mark.parametrize("host_opens", [True, False])
def test_streams_in_both_directions_arrive_whole(seed, sending, loss, host_opens):
    rng = random.Random(f"{seed} {sending} {loss} {host_opens}")
    there, back = rng.randbytes(120_000), rng.randbytes(100_000)

    async def scenario(whole):
        ours, theirs = await whole.pair(whole.host.process(), host_opens)
        work = (pump(ours, there, rng), pump(theirs, back, rng), drain(ours, rng), drain(theirs, rng))
        results = [await task for task in [kernel.spawn(each) for each in work]]
        assert results[2] == back and results[3] == there
        await ours.close()
        await theirs.close()

    run(scenario, seed, chance=Chance(loss, loss / 2, loss / 2, loss), sending=sending)


@pytest.mark.parametrize("reply_frames, request_frames", [(1, 1), (1, 8), (8, 1)])
def test_few_message_frames_slow_down_and_lose_nothing(seed, reply_frames, request_frames):
    async def client(whole, process, number):
        rng = random.Random(f"{seed} {number}")
        sock = await process.socket()
        await sock.connect(PEER)
        for _ in range(4):
            data = rng.randbytes(rng.randrange(1, 3000))
            await sock.sendall(data)
            assert await sock.recv_exactly(len(data)) == data
        await sock.close()

    async def echo(sock):
        while data := await sock.recv(4096):
            await sock.sendall(data)
        await sock.close()

    async def serve(listener, count):
        for _ in range(count):
            kernel.spawn(echo((await listener.accept())[0]))
        await listener.close()

    async def scenario(whole):
        serving = kernel.spawn(serve(await whole.peer.listen(PORT), 12))
        processes = [whole.host.process() for _ in range(3)]
        clients = [kernel.spawn(client(whole, processes[number % 3], number)) for number in range(12)]
        for each in [*clients, serving]:
            await each

    run(scenario, seed, reply_frames=reply_frames, request_frames=request_frames)


def test_firmware_may_start_long_after_the_driver(seed):
    async def scenario(whole):
        assert kernel.now() > 3 * kernel.S
        ours, theirs = await whole.pair(whole.host.process(), True)
        await ours.sendall(b"hello")
        assert await theirs.recv(10) == b"hello"
        await ours.close()
        await theirs.close()

    run(scenario, seed, firmware_late_ps=3 * kernel.S)


def test_errno_timeouts_poll_peek_and_reset(seed):
    async def scenario(whole):
        process = whole.host.process()
        lonely = await process.socket()
        assert await outcome(lonely.send(b"x")) == errno.ENOTCONN
        assert await outcome(lonely.connect(("10.0.0.2", 9))) == errno.ECONNREFUSED
        ours, theirs = await whole.pair(process, True)
        ours.timeout_ps = 5 * kernel.MS
        assert await outcome(ours.recv(10)) == errno.EAGAIN
        assert await ours.poll(select.POLLIN, kernel.MS) == 0
        assert await ours.poll(select.POLLIN | select.POLLOUT, 0) == select.POLLOUT
        assert await outcome(ours.recv(10, bsd.MSG_DONTWAIT)) == errno.EAGAIN
        polling = kernel.spawn(ours.poll(select.POLLIN))
        await theirs.sendall(b"abc")
        assert await polling == select.POLLIN
        assert await ours.recv(2, bsd.MSG_PEEK) == b"ab"
        assert await ours.recv(10) == b"abc"
        await theirs.abort()
        assert await outcome(ours.recv(10)) == errno.ECONNRESET
        assert await outcome(ours.send(b"x")) == errno.EPIPE

    run(scenario, seed)


def test_a_receiver_killed_in_a_receive_leaves_nothing_pinned(seed):
    async def scenario(whole):
        process = whole.host.process()
        ours, theirs = await whole.pair(process, True)
        receiving = kernel.spawn(ours.recv(50_000))
        await kernel.sleep(kernel.MS)
        sending = kernel.spawn(outcome(theirs.sendall(bytes(40_000))))
        receiving.cancel()
        await process.exit()
        await kernel.sleep(kernel.S)
        assert sending.done
        await theirs.close()

    run(scenario, seed)
