"""The TOE driver against a scripted card: readiness, frames, replies that do not belong, a card that is gone."""

import errno

import pytest

from firmware import messages
from firmware.messages import Command, IdKind, Message
from models import kernel
from models.host.driver import DriverError
from models.host.host import Host, HostSettings, Interface
from tests.unit.host.scripted_card import EchoFirmware, ScriptedCard

LIMIT_PS = 20 * kernel.S


def run(scenario, card, **settings):
    async def main():
        host = Host(card, HostSettings(**settings))
        result = await scenario(host)
        assert host.driver.outstanding == 0
        return result, host

    return kernel.run(main(), LIMIT_PS)


async def outcome(call):
    """The errno a call ends with, 0 when it succeeds."""
    try:
        await call
    except OSError as failure:
        return failure.errno
    return 0


def echo(**arguments):
    firmware = EchoFirmware()
    card = ScriptedCard(firmware, **arguments)
    firmware.card = card
    return card


@pytest.mark.parametrize("ready_ps", [0, kernel.MS, 3 * kernel.S])
def test_host_and_firmware_start_in_any_order(ready_ps, seed):
    async def scenario(host):
        await host.start(Interface("02:00:00:00:00:01", "10.0.0.1"))
        return kernel.now()

    card = echo(ready_ps=ready_ps, seed=seed)
    time_ps, host = run(scenario, card)
    assert ready_ps <= time_ps < ready_ps + 200 * kernel.US
    configure, _ = messages.Configure.unpack(card.seen[0].parameters)
    assert card.seen[0].command == Command.CONFIGURE and card.seen[0].id_kind == IdKind.NONE
    assert configure == messages.Configure(0x020000000001, 0x0A000001, 24, 0, 1500)
    assert len(card.given) == 128 and len(set(card.given)) == 128
    assert host.memory.unpinned_dma_writes == 0


def test_firmware_of_another_version_is_an_error():
    async def scenario(host):
        with pytest.raises(DriverError, match="expected"):
            await host.start()
        with pytest.raises(OSError) as caught:
            await host.driver.call(Command.STATISTICS)
        return caught.value.errno

    assert run(scenario, echo(word=0x484C_0063, ready_ps=kernel.US))[0] == errno.EIO


def test_requests_wait_for_frames_and_all_are_served(seed):
    async def scenario(host):
        await host.start()
        calls = [kernel.spawn(host.driver.call(Command.POLL, IdKind.DESCRIPTOR, index)) for index in range(50)]
        return [(await call).identifier for call in calls]

    order, host = run(scenario, echo(frames=2, seed=seed))
    assert order == list(range(50))
    assert host.driver.statistics.frame_waits > 0
    assert host.driver.statistics.replies == 50


def test_no_frame_for_a_second_is_enobufs():
    async def scenario(host):
        await host.start()
        calls = [kernel.spawn(outcome(host.driver.call(Command.STATISTICS))) for _ in range(3)]
        numbers = [await call for call in calls]
        assert kernel.now() < 1.2 * kernel.S
        return numbers

    numbers, host = run(scenario, echo(frames=0))
    assert numbers == [errno.ENOBUFS] * 3
    assert host.driver.statistics.requests_refused == 3


def test_the_line_for_frames_is_bounded():
    async def scenario(host):
        await host.start()
        host.driver._waiting_limit = 2
        calls = [kernel.spawn(outcome(host.driver.call(Command.STATISTICS))) for _ in range(5)]
        return [await call for call in calls].count(errno.ENOBUFS)

    failures, host = run(scenario, echo(frames=1))
    assert failures == host.driver.statistics.requests_refused > 0


def test_frames_outside_card_memory_are_counted_and_not_used():
    async def scenario(host):
        await host.start()
        await host.driver.call(Command.STATISTICS)

    card = echo()
    card.free.extendleft([0xFFFF_FFF0, 0x1001, 16 << 20])
    _, host = run(scenario, card)
    assert host.driver.statistics.bad_request_frames == 3


def test_replies_that_do_not_belong_are_counted_and_wake_nobody():
    async def scenario(host):
        await host.start()
        reply = await host.driver.call(Command.STATISTICS)
        card.reply(reply)  # again
        card.reply(Message(Command.RECV, IdKind.DESCRIPTOR, 1025, 999, messages.Flag.REPLY))  # nobody's
        card.reply(Message(Command.SOCKET, IdKind.PID, 7654, 999, messages.Flag.REPLY))
        card.reply(Message(Command.RECV, IdKind.DESCRIPTOR, 1025, 998))  # a request
        card.post(b"\xff" * 128)
        card.replies.append(0x123400)  # no frame of the host's
        await kernel.sleep(kernel.MS)
        await host.driver.call(Command.STATISTICS)

    card = echo()
    statistics = run(scenario, card)[1].driver.statistics
    assert statistics.duplicate_replies == 1
    assert statistics.unknown_replies == 2
    assert statistics.bad_replies == 2
    assert statistics.bad_reply_frames == 1
    assert statistics.replies == 2
    assert len(card.given) == 128, "every frame went back"


def test_replies_out_of_order_go_to_their_requests():
    held = []

    def hold(message):
        held.append(message)
        if len(held) == 10:
            for each in reversed(held):
                card.reply(each.reply(0, messages.Result(each.identifier * 7).pack()))

    async def scenario(host):
        await host.start()
        calls = [kernel.spawn(host.driver.call(Command.RECV, IdKind.DESCRIPTOR, 1025 + n)) for n in range(10)]
        return [messages.Result.unpack((await call).parameters)[0].value for call in calls]

    card = ScriptedCard(hold)
    values, host = run(scenario, card)
    assert values == [(1025 + n) * 7 for n in range(10)]
    assert host.driver.statistics.interrupts < 10, "one interrupt serves many replies"


def test_one_process_has_one_socket_request_at_a_time():
    outstanding = set()

    def answer(message):
        assert message.identifier not in outstanding
        outstanding.add(message.identifier)
        kernel.spawn(later(message))

    async def later(message):
        await kernel.sleep(50 * kernel.US)
        outstanding.remove(message.identifier)
        card.reply(message.reply(0, messages.Result(message.tag).pack()))

    async def scenario(host):
        await host.start()
        first, second = host.process(), host.process()
        made = [kernel.spawn(process.socket()) for process in (first, first, second, first)]
        assert (first.pid, second.pid) == (7654, 7655)
        return [(await each).descriptor for each in made]

    card = ScriptedCard(answer)
    descriptors, _ = run(scenario, card)
    assert len(set(descriptors)) == 4


def test_a_card_that_stops_answering_ends_every_request_with_eio():
    async def scenario(host):
        await host.start()
        waiting = kernel.spawn(outcome(host.driver.call(Command.RECV, IdKind.DESCRIPTOR, 1025)))
        await kernel.sleep(kernel.MS)
        card.broken = True
        card.replies.append(0)
        card._update()
        assert await waiting == errno.EIO
        assert await outcome(host.driver.call(Command.STATISTICS)) == errno.EIO

    card = ScriptedCard(lambda message: None)
    assert run(scenario, card)[1].driver.statistics.bus_errors == 1
