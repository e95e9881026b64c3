"""Commands of the host: what each answers, and that whatever is wrong is answered with an errno, never with silence."""

from __future__ import annotations

import errno
import random

import pytest

from firmware import messages
from firmware.hl_tcp import Settings
from firmware.messages import Command, Flag, IdKind, Message, Piece, Result, TransferRequest, pack_pieces
from firmware.socket_options import MessageFlag, Poll, SocketOption, TcpOption
from models import kernel
from tests.unit.firmware.assembled import HOST_ADDRESS, PEER_ADDRESS, Assembly, run


async def ask(a: Assembly, command: int, identifier: int = 0, parameters: bytes = b"", flags: int = 0,
              kind: int = IdKind.DESCRIPTOR) -> Message:
    """One request, past the host's own checks."""
    driver = a.host.driver
    return await driver.wait(await driver.post(command, kind, identifier, parameters, flags))


async def status(a: Assembly, *arguments, **keywords) -> int:
    return (await ask(a, *arguments, **keywords)).status


async def value(a: Assembly, *arguments, **keywords) -> int:
    reply = await ask(a, *arguments, **keywords)
    assert reply.status == 0, errno.errorcode[reply.status]
    return Result.unpack(reply.parameters)[0].value


def transfer(*pieces: tuple[int, int], flags: int = 0) -> bytes:
    return TransferRequest(flags, len(pieces)).pack() + pack_pieces([Piece(*piece) for piece in pieces])


async def new_socket(a: Assembly) -> int:
    return await value(a, Command.SOCKET, 7654, messages.SocketRequest(2, 1, 0).pack(), kind=IdKind.PID)


def test_descriptors_begin_at_1025_and_the_lowest_free_is_taken():
    async def scenario(a: Assembly) -> None:
        assert [await new_socket(a) for _ in range(3)] == [1025, 1026, 1027]
        assert await status(a, Command.CLOSE, 1026) == 0
        assert await new_socket(a) == 1026

    run(scenario)


@pytest.mark.parametrize(("domain", "kind", "protocol", "error"), [
    (10, 1, 0, errno.EAFNOSUPPORT), (2, 2, 0, errno.EPROTONOSUPPORT), (2, 1, 17, errno.EPROTONOSUPPORT), (2, 1, 6, 0)])
def test_only_tcp_over_ipv4_is_made(domain, kind, protocol, error):
    async def scenario(a: Assembly) -> None:
        parameters = messages.SocketRequest(domain, kind, protocol).pack()
        assert await status(a, Command.SOCKET, 7654, parameters, kind=IdKind.PID) == error

    run(scenario)


def test_sockets_run_out_with_an_errno():
    async def scenario(a: Assembly) -> None:
        assert [await new_socket(a) for _ in range(3)] == [1025, 1026, 1027]
        parameters = messages.SocketRequest(2, 1, 0).pack()
        assert await status(a, Command.SOCKET, 7654, parameters, kind=IdKind.PID) == errno.ENFILE

    run(scenario, settings=Settings(most_sockets=3))


def test_unknown_commands_and_descriptors_are_refused():
    async def scenario(a: Assembly) -> None:
        descriptor = await new_socket(a)
        replies: list[Message] = []
        reply, a.firmware.sockets.reply = a.firmware.sockets.reply, replies.append
        for command in (99, 0):
            a.firmware.sockets.request(Message(command, IdKind.DESCRIPTOR, descriptor, 5))
        assert [each.status for each in replies] == [errno.ENOSYS] * 2
        a.firmware.sockets.reply = reply
        for command in set(Command) - {Command.CONFIGURE, Command.SOCKET, Command.STATISTICS}:
            assert await status(a, command, 2000) == errno.EBADF
            assert await status(a, command, descriptor, kind=IdKind.PID) == errno.EBADF

    run(scenario)


def test_every_command_with_too_few_parameters_is_einval():
    async def scenario(a: Assembly) -> None:
        descriptor = await new_socket(a)
        for command in (Command.BIND, Command.LISTEN, Command.CONNECT, Command.SEND, Command.RECV, Command.SHUTDOWN,
                        Command.GETSOCKOPT, Command.SETSOCKOPT, Command.POLL, Command.CANCEL, Command.SOCKET,
                        Command.CONFIGURE, Command.STATISTICS):
            assert await status(a, command, descriptor, b"\x01") == errno.EINVAL, command

    run(scenario)


@pytest.mark.parametrize("command", [Command.SEND, Command.RECV])
def test_pieces_that_are_no_host_memory_are_refused(command):
    async def scenario(a: Assembly) -> None:
        sock, _ = await a.connected()
        descriptor = sock.descriptor
        assert await status(a, command, descriptor, transfer((0x1000, 0))) == errno.EINVAL
        assert await status(a, command, descriptor, transfer((1 << 63, 10))) == errno.EFAULT
        assert await status(a, command, descriptor, transfer(((1 << 63) - 5, 10))) == errno.EFAULT
        assert await status(a, command, descriptor, transfer((0x8000_0001_0000_0000, 4))) == errno.EFAULT
        assert await status(a, command, descriptor, transfer(*[(0x1000, 0xFFFFFFFF)] * 2)) == errno.EINVAL
        assert await status(a, command, descriptor, TransferRequest(0, 1000).pack()) == errno.EINVAL
        assert await status(a, command, descriptor, TransferRequest(0, 2).pack() + bytes(12)) == errno.EINVAL
        assert await value(a, command, descriptor, transfer()) == 0

    run(scenario)


def test_pages_that_cannot_be_read_reset_the_connection_and_the_send_is_answered():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        assert await status(a, Command.SEND, sock.descriptor, transfer((1 << 40, 5000))) == errno.EFAULT
        assert a.firmware.statistics["dma_read_errors"] > 0
        assert a.firmware.drops()["bridge_completion_errors"] > 0
        with pytest.raises(ConnectionResetError):
            await other.recv(10)
        await sock.close()
        # the DMA channel and the transmit ring go on
        sock, other = await a.connected(8)
        await sock.sendall(b"still works")
        assert await other.recv(100) == b"still works"
        assert a.firmware.retransmission_buffer.allocated == 11

    run(scenario)


def test_malformed_requests_are_counted_and_the_host_can_go_on():
    async def scenario(a: Assembly) -> None:
        rng = random.Random(1)
        port = a.card.host
        for _ in range(50):
            frame = int.from_bytes(await port.read(0, 0x40, 4), "little")
            assert frame != 0xFFFFFFFF, "the frames of bad requests were not given back"
            await port.write(1, frame, rng.choice((rng.randbytes(64), b"\x02" + bytes(63), b"\x01\x07\xff\xff")))
            await port.write(0, 0x40, frame.to_bytes(4, "little"))
            await kernel.sleep(20 * kernel.US)
        await port.write(0, 0x40, (12345).to_bytes(4, "little"))
        await kernel.sleep(kernel.MS)
        assert a.firmware.statistics["request_frame_unknown"] == 1
        assert a.firmware.statistics["request_malformed"] > 30
        assert await new_socket(a) == 1025

    run(scenario)


def test_the_inbound_free_queue_is_drained_and_filled_many_times_over():
    async def scenario(a: Assembly) -> None:
        for _ in range(30):
            assert await status(a, Command.GETSOCKNAME, 1) == errno.EBADF
        assert a.host.driver.statistics.frame_waits == 0

    run(scenario, settings=Settings(request_frames=2))


def test_replies_wait_in_order_for_reply_frames():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        tasks = [kernel.spawn(ask(a, Command.GETSOCKNAME, number)) for number in range(20)]
        for number, task in enumerate(tasks):
            assert (await task).identifier == number
        assert a.firmware.statistics["replies_waited_for_frame"] > 0
        await sock.sendall(b"x")
        assert await other.recv(1) == b"x"

    run(scenario, reply_frames=1)


def test_bind_and_listen():
    async def scenario(a: Assembly) -> None:
        first, second = await a.process.socket(), await a.process.socket()
        with pytest.raises(OSError) as failed:
            await first.bind(("10.0.0.99", 80))
        assert failed.value.errno == errno.EADDRNOTAVAIL
        await first.bind((HOST_ADDRESS, 80))
        with pytest.raises(OSError) as failed:
            await first.bind((HOST_ADDRESS, 81))
        assert failed.value.errno == errno.EINVAL
        with pytest.raises(OSError) as failed:
            await second.bind(("0.0.0.0", 80))
        assert failed.value.errno == errno.EADDRINUSE
        await first.listen(5)
        assert await first.getsockname() == (HOST_ADDRESS, 80)
        assert await first.getsockopt(1, SocketOption.ACCEPTCONN) == 1
        with pytest.raises(OSError) as failed:
            await first.connect((PEER_ADDRESS, 80))
        assert failed.value.errno == errno.EISCONN
        with pytest.raises(OSError) as failed:
            await second.accept()
        assert failed.value.errno == errno.EINVAL
        first.setblocking(False)
        with pytest.raises(BlockingIOError):
            await first.accept()
        await second.bind(("0.0.0.0", 0))
        assert (await second.getsockname())[1] >= 49152
        await first.close()
        await (await a.process.socket()).bind((HOST_ADDRESS, 80))

    run(scenario)


def test_names_of_both_ends():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.accepted(80)
        assert await sock.getsockname() == (HOST_ADDRESS, 80)
        assert await sock.getpeername() == await other.getsockname()
        with pytest.raises(OSError) as failed:
            await (await a.process.socket()).getpeername()
        assert failed.value.errno == errno.ENOTCONN

    run(scenario)


def test_connect_fails_with_the_peers_answer():
    async def scenario(a: Assembly) -> None:
        sock = await a.process.socket()
        with pytest.raises(ConnectionRefusedError):
            await sock.connect((PEER_ADDRESS, 9))
        with pytest.raises(OSError) as failed:
            await sock.connect(("10.0.0.77", 9))
        assert failed.value.errno == errno.EHOSTUNREACH
        with pytest.raises(OSError) as failed:
            await sock.connect(("192.168.1.1", 9))
        assert failed.value.errno == errno.ENETUNREACH
        await a.peer.listen(10)
        await sock.connect((PEER_ADDRESS, 10))

    run(scenario)


def test_connect_without_waiting():
    async def scenario(a: Assembly) -> None:
        await a.peer.listen(10)
        sock = await a.process.socket()
        sock.setblocking(False)
        for error in (errno.EINPROGRESS, errno.EALREADY):
            with pytest.raises(OSError) as failed:
                await sock.connect((PEER_ADDRESS, 10))
            assert failed.value.errno == error
        assert await sock.poll(Poll.OUT) == Poll.OUT
        assert await sock.getsockopt(1, SocketOption.ERROR) == 0
        with pytest.raises(OSError) as failed:
            await sock.connect((PEER_ADDRESS, 10))
        assert failed.value.errno == errno.EISCONN

    run(scenario)


def test_send_and_recv_need_a_connection():
    async def scenario(a: Assembly) -> None:
        descriptor = await new_socket(a)
        for command in (Command.SEND, Command.RECV):
            assert await status(a, command, descriptor, transfer((0x1000, 4))) == errno.ENOTCONN
        assert await status(a, Command.SHUTDOWN, descriptor, messages.ShutdownRequest(1).pack()) == errno.ENOTCONN

    run(scenario)


def test_recv_gives_what_is_there_then_the_end_of_the_stream():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.accepted()
        await other.sendall(b"0123456789")
        assert await sock.recv(4, MessageFlag.PEEK) == b"0123"
        assert await sock.recv(4) == b"0123"
        assert await sock.recv(100) == b"456789"
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            await sock.recv(10)
        sock.setblocking(True)
        whole = kernel.spawn(sock.recv(10, MessageFlag.WAITALL))
        for part in (b"abc", b"def", b"ghijkl"):
            await other.sendall(part)
            await kernel.sleep(kernel.MS)
        assert await whole == b"abcdefghij"
        await other.close()
        assert await sock.recv(10, MessageFlag.WAITALL) == b"kl"
        assert await sock.recv(10) == b""
        assert await sock.recv(10) == b""

    run(scenario)


def test_send_after_shutdown_or_reset_is_refused():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        await sock.shutdown(1)
        with pytest.raises(BrokenPipeError):
            await sock.send(b"x")
        sock, other = await a.connected(8)
        waiting = kernel.spawn(_error_of(sock.recv(10)))
        await other.abort()
        assert await waiting == errno.ECONNRESET
        assert await sock.recv(10) == b""
        assert await _error_of(sock.send(b"x")) == errno.EPIPE
        await sock.close()

    run(scenario)


async def _error_of(call) -> int:
    try:
        await call
    except OSError as failed:
        return failed.errno
    return 0


def test_a_reset_answers_sends_that_wait():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        sending = kernel.spawn(_error_of(sock.sendall(bytes(400_000))))
        await kernel.sleep(kernel.S)
        assert not sending.done
        await other.abort()
        assert await sending == errno.ECONNRESET
        assert a.firmware.retransmission_buffer.allocated == 0
        assert a.firmware.retransmission_buffer.available == a.firmware.retransmission_buffer.size
        assert a.host.memory.unpinned_dma_reads == 0

    run(scenario)


def test_send_without_waiting_takes_what_the_buffer_holds():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        sock.setblocking(False)
        taken = 0
        while True:
            try:
                taken += await sock.send(bytes(50_000))
            except BlockingIOError:
                break
        assert 65_535 + 131_072 - 100 <= taken + 65_535 <= 65_535 + 131_072 + 65_535
        assert await sock.poll(Poll.OUT, 0) == 0
        assert await other.recv_exactly(taken) == bytes(taken)
        assert await sock.poll(Poll.OUT) == Poll.OUT

    run(scenario)


def test_cancelled_requests_are_answered_with_eintr_or_what_they_did():
    async def scenario(a: Assembly) -> None:
        driver = a.host.driver
        listener = await a.process.socket()
        await listener.bind(("0.0.0.0", 80))
        await listener.listen()
        sock, other = await a.connected()
        for command, descriptor, parameters in (
            (Command.ACCEPT, listener.descriptor, b""),
            (Command.RECV, sock.descriptor, transfer((0x1000, 10))),
            (Command.POLL, sock.descriptor, messages.PollRequest(Poll.IN).pack()),
        ):
            request = await driver.post(command, IdKind.DESCRIPTOR, descriptor, parameters)
            await kernel.sleep(100 * kernel.US)
            assert not request.done.is_set
            await driver.cancel(request)
            assert (await request.done).status == errno.EINTR
        sock.timeout_ps = 10 * kernel.MS
        first = await sock.send(bytes(150_000))
        assert 65_535 < first < 150_000 + 65_535
        assert await status(a, Command.CANCEL, sock.descriptor, messages.CancelRequest(12345).pack()) == errno.ENOENT
        sock.timeout_ps = None
        taken = first
        reading = kernel.spawn(other.recv_exactly(taken))
        assert len(await reading) == taken
        assert a.host.memory.unpinned_dma_reads == 0

    run(scenario)


def test_close_answers_what_waits_and_resets_when_data_were_not_read():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        waiting = [kernel.spawn(_error_of(sock.recv(10))), kernel.spawn(_error_of(sock.poll(Poll.IN)))]
        await kernel.sleep(kernel.MS)
        await sock.close()
        assert await waiting[0] == errno.EBADF
        await waiting[1]
        assert await other.recv(10) == b""
        sock, other = await a.connected(8)
        await other.sendall(b"never read")
        await kernel.sleep(kernel.MS)
        await sock.close()
        await kernel.sleep(kernel.MS)
        with pytest.raises(ConnectionResetError):
            await other.recv(10)
        assert a.firmware.ethernet.receive.spare >= 768 - 256

    run(scenario)


def test_close_still_sends_what_was_taken():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        data = random.Random(1).randbytes(100_000)
        await sock.sendall(data)
        await sock.close()
        assert await other.recv_exactly(100_000) == data
        assert await other.recv(1) == b""

    run(scenario)


def test_options():
    async def scenario(a: Assembly) -> None:
        sock, _ = await a.connected()
        assert await sock.getsockopt(1, SocketOption.TYPE) == 1
        assert await sock.getsockopt(6, TcpOption.MAXSEG) == 1448  # timestamps take 12
        await sock.setsockopt(6, TcpOption.NODELAY, 1)
        assert await sock.getsockopt(6, TcpOption.NODELAY) == 1
        for level, name in ((1, 999), (6, 999), (99, 1)):
            assert await _error_of(sock.getsockopt(level, name)) in (errno.ENOPROTOOPT, errno.EOPNOTSUPP)
            assert await _error_of(sock.setsockopt(level, name, 1)) == errno.ENOPROTOOPT
        assert await _error_of(sock.setsockopt(1, SocketOption.SNDBUF, 0)) == errno.EINVAL

    run(scenario)


def test_configure_checks_its_parameters_and_is_refused_while_sockets_exist():
    async def scenario(a: Assembly) -> None:
        def parameters(mac: int = 0x020000000001, address: int = 0x0A000001, prefix: int = 24,
                       mtu: int = 1500) -> bytes:
            return messages.Configure(mac, address, prefix, 0, mtu).pack()

        async def configure(**changed: int) -> int:
            return await status(a, Command.CONFIGURE, 0, parameters(**changed), kind=IdKind.NONE)

        for changed in ({"mac": 0}, {"mac": 0x010000000001}, {"mac": 1 << 50}, {"address": 0}, {"prefix": 33},
                        {"mtu": 500}, {"mtu": 9000}):
            assert await configure(**changed) == errno.EINVAL, changed
        assert await configure() == 0
        await new_socket(a)
        assert await configure() == errno.EBUSY

    run(scenario)


def test_statistics_are_written_into_the_hosts_memory():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        await sock.sendall(bytes(1000))
        await other.recv_exactly(1000)
        page = a.host.memory.allocate_frame("statistics")
        a.host.memory.pin(page)
        length = await value(a, Command.STATISTICS, 0, transfer((page, 4096)), kind=IdKind.NONE)
        text = a.host.memory.peek(page, length).decode()
        counters = dict(line.split() for line in text.splitlines())
        assert int(counters["sends"]) >= 4 and int(counters["instructions_protocol"]) > 0
        assert await value(a, Command.STATISTICS, 0, transfer(), kind=IdKind.NONE) >= length

    run(scenario)


def test_requests_before_configuration_are_refused():
    async def scenario(a: Assembly) -> None:
        a.firmware.stack = a.firmware.sockets.stack = None
        parameters = messages.SocketRequest(2, 1, 0).pack()
        assert await status(a, Command.SOCKET, 7654, parameters, kind=IdKind.PID) == errno.ENETDOWN

    run(scenario)


def test_a_request_that_would_wait_is_answered_eagain_when_it_may_not():
    async def scenario(a: Assembly) -> None:
        sock, _ = await a.connected()
        recv = await ask(a, Command.RECV, sock.descriptor, transfer((0x1000, 10)), Flag.DONTWAIT)
        assert recv.status == errno.EAGAIN
        assert await status(a, Command.RECV, sock.descriptor, transfer((0x1000, 10), flags=MessageFlag.DONTWAIT)
                            ) == errno.EAGAIN
        assert await value(a, Command.POLL, sock.descriptor, messages.PollRequest(Poll.IN).pack(), Flag.DONTWAIT) == 0

    run(scenario)


@pytest.mark.parametrize("seed", range(6), indirect=True)
def test_any_request_is_answered(seed):
    """Random commands with random parameters at random descriptors: each gets a reply, at the latest when cancelled."""
    async def scenario(a: Assembly) -> None:
        rng = random.Random(seed)
        driver = a.host.driver
        await a.peer.listen(7)
        await a.connected(8)
        page = a.host.memory.allocate_frame("fuzz")
        a.host.memory.pin(page)
        commands = sorted(set(Command) - {Command.CONFIGURE})
        requests = []
        for _ in range(300):
            command = rng.choice(commands)
            parameters = rng.choice((
                rng.randbytes(rng.randrange(40)),
                messages.SocketRequest(2, 1, 0).pack(),
                messages.Address(2, rng.choice((0, 7, 8, 9)), rng.choice((0, 0x0A000002, 0x0A000001))).pack(),
                transfer((page, rng.randint(1, 4096)), flags=rng.choice((0, 2, 0x40, 0x100))),
                messages.OptionRequest(rng.choice((1, 6)), rng.randrange(10), rng.randrange(9)).pack(),
                messages.ShutdownRequest(rng.randrange(4)).pack(),
            ))
            kind = IdKind.PID if command == Command.SOCKET else IdKind.DESCRIPTOR
            identifier = 7654 if command == Command.SOCKET else rng.randint(1024, 1032)
            request = await driver.post(command, kind, identifier, parameters, rng.choice((0, Flag.DONTWAIT)))
            requests.append(request)
            await kernel.sleep(rng.randint(1, 50) * kernel.US)
        for request in requests:
            await kernel.first(request.done, kernel.after(20 * kernel.MS))
            if not request.done.is_set:
                await driver.cancel(request)
            await kernel.first(request.done, kernel.after(100 * kernel.MS))
            assert request.done.is_set, request.message
        assert driver.statistics.unknown_replies == driver.statistics.duplicate_replies == 0
        assert a.host.memory.unpinned_dma_writes == 0

    run(scenario)
