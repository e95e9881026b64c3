"""Whatever a process or a driver asks wrongly is answered with an errno or counted; the card goes on."""

from __future__ import annotations

import errno
import socket as bsd
from collections.abc import Awaitable

from firmware import messages
from firmware.messages import Command, IdKind, Message, Piece, Result, TransferRequest, pack_pieces
from firmware.registers import messaging_host as registers
from models import kernel
from models.bench import Bench
from models.host.driver import MEMORY_BAR, REGISTERS_BAR
from models.host.memory import PAGE_BYTES
from tests.system.connection import Connection, connect, tell
from tests.system.on_card import on_card

NOBODY = 4321
"""A port on which nobody listens, or a descriptor that nobody has."""


async def status_of(call: Awaitable[object]) -> str:
    """Name of the errno with which a call of a socket fails."""
    try:
        await call
    except OSError as failure:
        return errno.errorcode[failure.errno]
    return "none"


async def still_works(bench: Bench, connection: Connection) -> None:
    """Data pass both ways as if nothing had been."""
    data = bench.rng.randbytes(2000)
    await connection.host.sendall(data)
    tell(bench, data, await connection.peer.recv_exactly(len(data)))
    await connection.peer.sendall(data)
    tell(bench, data, await connection.host.recv_exactly(len(data)))


@on_card()
async def test_errors_of_sockets_are_told_by_errno(bench: Bench) -> None:
    connection = await connect(bench)
    process = connection.process
    fresh, other = await process.socket(), await process.socket()

    assert await status_of(process.socket(domain=bsd.AF_INET6)) == "EAFNOSUPPORT"
    assert await status_of(process.socket(type=bsd.SOCK_DGRAM)) == "EPROTONOSUPPORT"
    assert await status_of(fresh.connect((bench.peer_address, NOBODY))) == "ECONNREFUSED"
    assert await status_of(fresh.connect(("192.0.2.1", NOBODY))) == "ENETUNREACH"
    assert await status_of(fresh.bind(("192.0.2.1", 80))) == "EADDRNOTAVAIL"
    assert await status_of(fresh.send(b"x")) == "ENOTCONN"
    assert await status_of(fresh.accept()) == "EINVAL"
    assert await status_of(fresh.getpeername()) == "ENOTCONN"
    await fresh.bind(("", 80))
    assert await status_of(other.bind(("", 80))) == "EADDRINUSE"
    assert await status_of(connection.host.connect((bench.peer_address, NOBODY))) == "EISCONN"
    assert await status_of(connection.host.send_from(0x10, 4)) == "EFAULT"
    assert await status_of(connection.host.recv_into(0x10, 4)) == "EFAULT"
    assert await status_of(connection.host.setsockopt(bsd.SOL_SOCKET, 999, 1)) == "ENOPROTOOPT"
    connection.host.setblocking(False)
    assert await status_of(connection.host.recv(1)) == "EAGAIN"
    connection.host.setblocking(True)
    await other.close()
    assert await status_of(other.send(b"x")) == "EBADF"
    await still_works(bench, connection)

    await connection.host.shutdown(bsd.SHUT_WR)
    assert await status_of(connection.host.send(b"x")) == "EPIPE"
    await connection.peer.close()
    assert await connection.host.recv(10) == b""
    await connection.host.close()
    assert bench.host.driver.outstanding == 0


@on_card()
async def test_a_reset_by_the_peer_ends_what_waits_with_an_errno(bench: Bench) -> None:
    connection = await connect(bench)
    waiting = kernel.spawn(status_of(connection.host.recv(100)), "host waits")
    await connection.host.sendall(b"never read")
    await kernel.sleep(100 * kernel.US)
    await connection.peer.close()  # with data that nobody has read: a reset (RFC 2525 2.17)
    assert await waiting == "ECONNRESET"
    assert await status_of(connection.host.send(b"x")) == "EPIPE"
    await connection.host.close()


def transfer(*pieces: Piece, announced: int | None = None) -> bytes:
    return TransferRequest(0, len(pieces) if announced is None else announced).pack() + pack_pieces(list(pieces))


@on_card()
async def test_messages_that_make_no_sense_are_refused_by_errno(bench: Bench) -> None:
    connection = await connect(bench)
    driver, descriptor = bench.host.driver, connection.host.descriptor

    async def ask(command: int, identifier: int, parameters: bytes = b"", kind: int = IdKind.DESCRIPTOR) -> str:
        reply = await driver.wait(await driver.post(command, kind, identifier, parameters))
        return errno.errorcode.get(reply.status, "none")

    page = Piece(bench.host.memory.allocate_frame("test"), 64)
    bench.host.memory.pin(page.address)
    assert await ask(Command.SEND, NOBODY, transfer(page)) == "EBADF"
    assert await ask(Command.CLOSE, descriptor, kind=IdKind.PID) == "EBADF"
    assert await ask(Command.BIND, descriptor, b"\1") == "EINVAL", "parameters cut short"
    assert await ask(Command.SEND, descriptor, transfer(page, announced=5)) == "EINVAL", "pieces that are not there"
    assert await ask(Command.SEND, descriptor, transfer(page, announced=2**32 - 1)) == "EINVAL"
    assert await ask(Command.SEND, descriptor, transfer(Piece(page.address, 0))) == "EINVAL"
    for command in (Command.SEND, Command.RECV):
        for address in (1 << 63, (1 << 63) | page.address, (1 << 64) - 64, (1 << 63) - 32):
            assert await ask(command, descriptor, transfer(Piece(address, 64))) == "EFAULT", "not the host's to name"
    assert await ask(Command.SHUTDOWN, descriptor, messages.ShutdownRequest(77).pack()) == "EINVAL"
    assert await ask(Command.CONFIGURE, 0, bytes(24), IdKind.NONE) == "EINVAL"
    assert bench.host.memory.bus_errors == 0
    await still_works(bench, connection)
    await connection.close()


@on_card()
async def test_an_address_outside_host_memory_ends_its_connection_and_not_the_card(bench: Bench) -> None:
    """Reads are answered with an error, at Ethernet and DMA alike; writes are posted: only the host can count them."""
    other = await connect(bench, 5002)
    connection = await connect(bench, 5003)
    driver, memory = bench.host.driver, bench.host.memory
    nowhere = transfer(Piece(memory.size + PAGE_BYTES, 3000))

    request = await driver.post(Command.RECV, IdKind.DESCRIPTOR, connection.host.descriptor, nowhere)
    await connection.peer.sendall(bytes(1460))
    assert (await driver.wait(request)).status == 0
    assert memory.bus_errors > 0
    await still_works(bench, other)

    before = memory.bus_errors
    request = await driver.post(Command.SEND, IdKind.DESCRIPTOR, connection.host.descriptor, nowhere)
    assert errno.errorcode[(await driver.wait(request)).status] == "EFAULT"
    assert memory.bus_errors > before
    assert await status_of(connection.peer.recv_exactly(3000)) == "ECONNRESET"
    drops = bench.firmware.drops()
    assert drops["send_pages_unreadable"] == 1, drops
    await connection.host.close()
    await still_works(bench, other)
    await other.close()


@on_card()
async def test_frames_that_hold_no_message_are_counted_and_given_back(bench: Bench) -> None:
    """A faulty driver: it writes what it likes into message frames, and posts frames that it does not have."""
    connection = await connect(bench)
    port = bench.host.driver._port
    good = Message(Command.GETSOCKNAME, IdKind.DESCRIPTOR, connection.host.descriptor, 0xBAD).pack()

    async def post(content: bytes) -> None:
        frame = int.from_bytes(await port.read(REGISTERS_BAR, registers.IQP, 4), "little")
        await port.write(MEMORY_BAR, frame, content + bytes(-len(content) % 4))
        await port.write(REGISTERS_BAR, registers.IQP, frame.to_bytes(4, "little"))

    malformed = [
        bytes(messages.HEADER_BYTES),  # another version
        b"\xff" * 64,
        good[:2] + (3).to_bytes(2, "little") + good[4:],  # shorter than its header
        good[:2] + (60000).to_bytes(2, "little") + good[4:],  # longer than its frame
        good[:1] + b"\xee" + good[2:],  # a command that there is not
    ]
    for content in malformed:
        await post(content)
    for frame in (0x10, 0xFFFF_FFF0, bench.settings.card_memory_bytes):
        await port.write(REGISTERS_BAR, registers.IQP, frame.to_bytes(4, "little"))
    await kernel.sleep(200 * kernel.US)
    drops = bench.firmware.drops()
    assert drops["request_malformed"] == 4, drops
    assert drops["request_frame_unknown"] == 3, drops
    # those whose header could be read were answered, to a driver that had not asked
    assert bench.host.driver.statistics.unknown_replies + bench.host.driver.statistics.bad_replies == 3
    await still_works(bench, connection)
    await connection.close()


@on_card(request_frames=8)
async def test_a_full_queue_makes_requests_wait_and_loses_none(bench: Bench) -> None:
    """More threads ask at once than there are message frames."""
    connection = await connect(bench)
    expected = await connection.host.getsockname()
    asking = [kernel.spawn(connection.host.getsockname(), f"thread {number}") for number in range(40)]
    assert [await each for each in asking] == [expected] * 40
    assert bench.host.driver.statistics.frame_waits > 0, "the queue of free frames was found empty"
    assert bench.host.driver.statistics.requests_refused == 0
    await still_works(bench, connection)
    await connection.close()


@on_card()
async def test_too_many_requests_at_one_socket_are_refused(bench: Bench) -> None:
    connection = await connect(bench)
    driver, descriptor = bench.host.driver, connection.host.descriptor
    page = bench.host.memory.allocate_frame("test")
    bench.host.memory.pin(page)
    requests = [
        await driver.post(Command.RECV, IdKind.DESCRIPTOR, descriptor, transfer(Piece(page, 1))) for _ in range(66)
    ]
    refused = [await driver.wait(request) for request in requests[64:]]
    assert [errno.errorcode[reply.status] for reply in refused] == ["ENOBUFS"] * 2
    await connection.peer.sendall(bytes(64))
    replies = [await driver.wait(request) for request in requests[:64]]
    assert [(reply.status, Result.unpack(reply.parameters)[0].value) for reply in replies] == [(0, 1)] * 64
    await connection.close()
