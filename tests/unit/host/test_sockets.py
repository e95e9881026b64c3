"""Sockets of host processes against a scripted card: buffers, pins, errno, cancellation."""

import errno
import random
import select
import socket as bsd

import pytest

from firmware import messages
from firmware.messages import Command, Flag, IdKind
from models import kernel
from models.host.host import Host
from models.host.memory import PAGE_BYTES, Protection
from tests.unit.host.scripted_card import EchoFirmware, ScriptedCard


def run(scenario, answer=None):
    firmware = EchoFirmware()

    def either(message):
        reply = answer(message) if answer else NotImplemented
        return firmware(message) if reply is NotImplemented else reply

    card = ScriptedCard(either)
    firmware.card = card

    async def main():
        host = Host(card)
        await host.start()
        result = await scenario(host.process(), card)
        assert host.memory.pages_pinned == 4, "only the driver's own pages stay pinned"
        assert host.memory.unpinned_dma_reads == host.memory.unpinned_dma_writes == 0
        return result

    return kernel.run(main(), 60 * kernel.S)


def errno_of(caught):
    return caught.value.errno


def test_the_identifier_is_the_pid_until_the_socket_exists():
    async def scenario(process, card):
        sock = await process.socket()
        await sock.bind(("10.0.0.1", 80))
        assert sock.fileno() == 1025
        return [(m.command, m.id_kind, m.identifier) for m in card.seen], card.seen[1].parameters

    seen, parameters = run(scenario)
    assert seen == [(Command.SOCKET, IdKind.PID, 7654), (Command.BIND, IdKind.DESCRIPTOR, 1025)]
    assert messages.Address.unpack(parameters)[0] == messages.Address(bsd.AF_INET, 80, 0x0A000001)


@pytest.mark.parametrize("size", [0, 1, 4096, 5000, 300_000])
def test_what_is_sent_is_received(size, seed):
    data = random.Random(seed).randbytes(size)

    async def scenario(process, card):
        sock = await process.socket()
        assert await sock.send(data) == size
        received = await sock.recv_exactly(size)
        sends = [m for m in card.seen if m.command == Command.SEND]
        assert len(sends) == max(1, -(-size // (messages.MAX_PIECES * PAGE_BYTES)))
        return received

    assert run(scenario) == data


def test_an_unaligned_user_buffer_is_sent_from_where_it_lies(seed):
    data = random.Random(seed).randbytes(200_001)

    async def scenario(process, card):
        address = process.malloc(len(data) + 123) + 123
        process.write(address, data)
        sock = await process.socket()
        assert await sock.send_from(address, len(data)) == len(data)
        target = process.malloc(len(data) + 77) + 77
        assert await sock.recv_into(target, len(data), bsd.MSG_WAITALL) == len(data)
        return process.read(target, len(data))

    assert run(scenario) == data


def test_recv_returns_what_is_there():
    async def scenario(process, card):
        sock = await process.socket()
        await sock.send(b"hello")
        return await sock.recv(100), await sock.recv(100)

    assert run(scenario) == (b"hello", b"")


def test_bad_user_addresses_are_efault_and_reach_no_card():
    async def scenario(process, card):
        sock = await process.socket()
        read_only = process.malloc(PAGE_BYTES, Protection.READ)
        await sock.send_from(read_only, 10)
        before = len(card.seen)
        for call in (sock.recv_into(read_only, 10), sock.send_from(0x10, 4), sock.send_from(read_only, 5000)):
            with pytest.raises(OSError) as caught:
                await call
            assert errno_of(caught) == errno.EFAULT
        assert len(card.seen) == before

    run(scenario)


def test_the_status_of_a_reply_is_the_errno():
    def refuse(message):
        return message.reply(errno.ECONNREFUSED) if message.command == Command.CONNECT else NotImplemented

    async def scenario(process, card):
        sock = await process.socket()
        with pytest.raises(ConnectionRefusedError):
            await sock.connect(("10.0.0.2", 80))
        for address in (("nonsense", 1), ("1.2.3.4", 65536)):
            with pytest.raises(OSError) as caught:
                await sock.connect(address)
            assert errno_of(caught) == errno.EINVAL

    run(scenario, refuse)


def test_accept_gives_a_socket_and_the_peers_address():
    def accept(message):
        if message.command not in (Command.ACCEPT, Command.GETPEERNAME, Command.GETSOCKNAME):
            return NotImplemented
        address = messages.Address(bsd.AF_INET, 4321, 0x0A000002)
        return message.reply(0, messages.Result(1030).pack() + address.pack())

    async def scenario(process, card):
        sock, address = await (await process.socket()).accept()
        assert address == await sock.getpeername() == await sock.getsockname()
        return sock.fileno(), address

    assert run(scenario, accept) == (1030, ("10.0.0.2", 4321))


def test_a_reply_without_its_result_is_eproto():
    async def scenario(process, card):
        with pytest.raises(OSError) as caught:
            await process.socket()
        return errno_of(caught)

    assert run(scenario, lambda message: message.reply()) == errno.EPROTO


def test_a_closed_socket_is_ebadf():
    async def scenario(process, card):
        sock = await process.socket()
        await sock.close()
        for call in (sock.send(b"x"), sock.recv(1), sock.listen()):
            with pytest.raises(OSError) as caught:
                await call
            assert errno_of(caught) == errno.EBADF

    run(scenario)


def test_options_and_nonblocking_flags_reach_the_card():
    def option(message):
        if message.command != Command.GETSOCKOPT:
            return NotImplemented
        return message.reply(0, messages.Result(messages.OptionRequest.unpack(message.parameters)[0].name).pack())

    async def scenario(process, card):
        sock = await process.socket()
        await sock.setsockopt(bsd.IPPROTO_TCP, bsd.TCP_NODELAY, True)
        assert messages.OptionRequest.unpack(card.seen[-1].parameters)[0] == messages.OptionRequest(6, 1, 1)
        sock.setblocking(False)
        assert await sock.getsockopt(bsd.SOL_SOCKET, bsd.SO_ERROR) == bsd.SO_ERROR
        assert card.seen[-1].flags & Flag.DONTWAIT
        sock.setblocking(True)
        await sock.recv(1, bsd.MSG_DONTWAIT)
        assert card.seen[-1].flags & Flag.DONTWAIT

    run(scenario, option)


def waits_until_cancelled(held):
    """RECV and POLL are answered only when cancelled, with EINTR."""

    def answer(message):
        if message.command in (Command.RECV, Command.POLL) and not message.flags & Flag.DONTWAIT:
            held[message.tag] = message
            return None
        if message.command == Command.POLL:
            return message.reply(errno.EAGAIN)
        if message.command == Command.CANCEL:
            old = held.pop(messages.CancelRequest.unpack(message.parameters)[0].tag)
            held["card"].reply(old.reply(errno.EINTR))
            return message.reply()
        return NotImplemented

    return answer


def test_a_receive_with_a_timeout_ends_with_eagain():
    held = {}

    async def scenario(process, card):
        held["card"] = card
        sock = await process.socket()
        sock.timeout_ps = 10 * kernel.MS
        begin = kernel.now()
        with pytest.raises(BlockingIOError):
            await sock.recv(100)
        assert 10 * kernel.MS <= kernel.now() - begin < 11 * kernel.MS

    run(scenario, waits_until_cancelled(held))
    assert len(held) == 1


def test_a_cancelled_task_leaves_its_pages_pinned_until_the_card_has_answered():
    held = {}

    async def scenario(process, card):
        held["card"] = card
        memory = process.space.memory
        sock = await process.socket()
        task = kernel.spawn(sock.recv(3 * PAGE_BYTES))
        await kernel.sleep(kernel.MS)
        pinned = memory.pages_pinned
        task.cancel()
        await kernel.sleep(kernel.PS)
        assert memory.pages_pinned == pinned == 7
        process.space.unmap_all()
        await kernel.sleep(kernel.MS)
        assert memory.pages_pinned == 4

    run(scenario, waits_until_cancelled(held))


def test_poll_gives_the_first_and_cancels_the_others():
    held = {}

    async def scenario(process, card):
        held["card"] = card
        one, two = await process.socket(), await process.socket()
        polling = kernel.spawn(process.poll({one: select.POLLIN, two: select.POLLIN}))
        await kernel.sleep(kernel.MS)
        message = next(m for m in held.values() if getattr(m, "identifier", 0) == two.fileno())
        del held[message.tag]
        card.reply(message.reply(0, messages.Result(select.POLLIN).pack()))
        assert await polling == {two: select.POLLIN}
        assert await process.poll({one: select.POLLIN}, kernel.MS) == {}
        assert await one.poll(select.POLLIN, 0) == 0
        await one.close()
        assert await process.poll({one: select.POLLIN}) == {one: select.POLLNVAL}

    run(scenario, waits_until_cancelled(held))
    assert len(held) == 1


def test_host_time_of_a_message_is_as_fitted():
    async def scenario(process, card):
        sock = await process.socket()
        measurement = process.processor.measure()
        await sock.send(b"4 by")
        used = measurement.by_category()
        accesses = used.pop("device_access")
        # Port 40 read, frame and post written, then port 44 read twice and the frame given back.
        assert accesses // kernel.NS == 3 * 1000 + 3 * 100
        return sum(used.values())

    assert 6 * kernel.US < run(scenario) < 9 * kernel.US


def test_exit_closes_sockets_and_gives_memory_back():
    async def scenario(process, card):
        sock = await process.socket()
        await sock.send(b"x" * 9000)
        await process.exit()
        assert process.space.memory.frames_in_use == 4
        return card.seen[-1].command

    assert run(scenario) == Command.CLOSE
