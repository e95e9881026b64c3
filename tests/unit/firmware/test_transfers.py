"""HL-TCP carries data both ways on the functional model of the card, with losses, small rings and small buffers."""

from __future__ import annotations

import random
import struct
from dataclasses import replace

import pytest

from firmware.hl_tcp import Settings
from firmware.tcp.config import TcpConfig
from models import kernel
from models.network.impairment import Chance, Corrupt, Drop, Impairment, Rule
from tests.unit.firmware.assembled import Assembly, receive_all, run

FAST = TcpConfig(rto_min=20_000_000, rto_initial=50_000_000)
"""RTO of 20 ms at least, so that losses do not take seconds of simulated time."""
SMALL = Settings(transmit_ring=32, transmit_headers=3100, receive_ring=16, receive_buffers=80,
                 retransmission_buffer_bytes=10_000, first_queue_entry=4090, tcp=FAST)
"""Everything wraps often, the retransmission buffer within a few segments."""


def settled(a: Assembly) -> None:
    """Nothing is held that nobody needs, and hardware only touched memory that was pinned for it."""
    memory = a.host.memory
    assert memory.unpinned_dma_reads == 0, memory.violations
    assert memory.unpinned_dma_writes == 0, memory.violations
    assert a.firmware.retransmission_buffer.allocated == 0
    assert a.firmware.retransmission_buffer.available == a.firmware.retransmission_buffer.size
    assert all(channel.outstanding == 0 for channel in a.firmware.channels)
    receive = a.firmware.ethernet.receive
    assert receive.spare + receive._filled - receive._next == a.firmware.settings.receive_buffers


async def bulk(a: Assembly, length: int, seed: int, chunk: int = 1 << 20) -> None:
    """The host sends `length` bytes and overwrites its pages as soon as each send returns."""
    sock, other = await a.connected()
    data = random.Random(seed).randbytes(length)
    receiving = kernel.spawn(receive_all(other), "peer receives")
    address = a.process.malloc(chunk + 5000)
    for at in range(0, length, chunk):
        part = data[at : at + chunk]
        place = address + at % 4999
        a.process.write(place, part)
        assert await sock.send_from(place, len(part)) == len(part)
        a.process.write(place, b"\xee" * len(part))
    await sock.shutdown(1)
    received = await receiving
    assert len(received) == length
    assert received == data
    await other.close()
    assert await sock.recv(10) == b""
    await sock.close()
    await kernel.sleep(20 * kernel.MS)


def test_a_stream_is_sent_without_loss():
    async def scenario(a: Assembly) -> None:
        await bulk(a, 300_000, 1)
        settled(a)
        assert a.firmware.drops() == {name: n for name, n in a.firmware.drops().items() if "time_wait" in name}

    run(scenario)


@pytest.mark.parametrize("seed", range(4), indirect=True)
@pytest.mark.parametrize("settings", [Settings(tcp=FAST), SMALL, replace(SMALL, sending="sequential")],
                         ids=["usual", "small", "small sequential"])
def test_retransmissions_come_from_the_retransmission_buffer_after_the_pages_were_overwritten(settings, seed):
    async def scenario(a: Assembly) -> None:
        await bulk(a, 200_000, seed, chunk=23_456)
        assert a.firmware.statistics["retransmitted_bytes"] > 1000
        settled(a)
        if settings is not Settings:
            assert a.firmware.retransmission_buffer.wraps > 0 or settings.retransmission_buffer_bytes > 200_000
        return kernel.now()

    def chance(direction: int) -> Impairment:
        return Impairment(chance=Chance(loss=0.03, duplication=0.01, reordering=0.02), seed=seed * 2 + direction)

    run(scenario, settings=settings, to_peer=chance(0), to_card=chance(1), seed=seed)


@pytest.mark.parametrize("seed", range(3), indirect=True)
@pytest.mark.parametrize("settings", [Settings(tcp=FAST), SMALL], ids=["usual", "small"])
def test_a_stream_is_received_into_the_users_pages(settings, seed):
    async def scenario(a: Assembly) -> None:
        rng = random.Random(seed)
        sock, other = await a.accepted()
        data = rng.randbytes(200_000)

        async def push() -> None:
            await other.sendall(data)
            await other.close()

        kernel.spawn(push(), "peer sends")
        received = bytearray()
        while part := await sock.recv(rng.choice((1, 100, 1460, 9000, 65536))):
            received += part
        assert received == data
        await sock.close()
        await kernel.sleep(kernel.MS)
        settled(a)

    def chance(direction: int) -> Impairment:
        return Impairment(chance=Chance(loss=0.02, corruption=0.01, reordering=0.02), seed=seed * 2 + direction)

    run(scenario, settings=settings, to_peer=chance(0), to_card=chance(1), seed=seed)


def test_many_connections_share_a_small_retransmission_buffer():
    async def scenario(a: Assembly) -> None:
        async def one(port: int) -> None:
            sock, other = await a.connected(port)
            data = random.Random(port).randbytes(40_000)
            receiving = kernel.spawn(receive_all(other))
            await sock.sendall(data)
            await sock.shutdown(1)
            assert await receiving == data
            await other.close()
            await sock.close()

        for task in [kernel.spawn(one(port)) for port in range(100, 108)]:
            await task
        await kernel.sleep(20 * kernel.MS)
        settled(a)

    run(scenario, settings=SMALL)


def test_a_silent_peer_does_not_stop_the_other_connections():
    """One peer never acknowledges data; another connection goes on through the same small buffer."""
    to_dead = Rule(lambda _, frame: len(frame) > 200 and frame[36:38] == (66).to_bytes(2, "big"), Drop())

    async def scenario(a: Assembly) -> None:
        dead, _ = await a.connected(66)
        kernel.spawn(_quietly(dead.sendall(bytes(50_000))), "to a silent peer")
        await kernel.sleep(kernel.MS)
        begin = kernel.now()
        sock, other = await a.connected(67)
        data = random.Random(1).randbytes(60_000)
        receiving = kernel.spawn(receive_all(other))
        await sock.sendall(data)
        await sock.shutdown(1)
        assert await receiving == data
        assert kernel.now() - begin < kernel.S

    run(scenario, settings=replace(SMALL, retransmission_buffer_bytes=30_000), to_peer=Impairment([to_dead]))


async def _quietly(sending) -> None:
    try:
        await sending
    except OSError:
        pass


def test_a_retransmission_waits_for_its_copy():
    """The DMA controller is slow; the first transmission is lost, and its pages may not be read a second time."""
    lost = Rule(lambda _, frame: len(frame) > 500, Drop(), times=3)

    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        data = random.Random(1).randbytes(4000)
        channel = a.firmware.channels[0]
        append = channel.append

        async def late(copies, done) -> None:
            async def later() -> None:
                await kernel.sleep(300 * kernel.MS)
                await append(copies, done)

            kernel.spawn(later())

        channel.append = late
        begin = kernel.now()
        sending = kernel.spawn(sock.sendall(data))
        received = await other.recv_exactly(len(data))
        assert kernel.now() - begin > 300 * kernel.MS
        assert received == data
        await sending
        assert a.firmware.statistics["retransmissions_waited_for_copy"] > 0

    run(scenario, settings=Settings(tcp=FAST), to_peer=Impairment([lost]))


def test_connections_with_closed_windows_leave_room_for_another():
    async def scenario(a: Assembly) -> None:
        for port in range(50, 54):
            sock, _ = await a.connected(port)
            kernel.spawn(_quietly(sock.sendall(bytes(200_000))))
        await kernel.sleep(2 * kernel.S)
        sock, other = await a.connected(60)
        data = random.Random(1).randbytes(100_000)
        receiving = kernel.spawn(receive_all(other))
        begin = kernel.now()
        await sock.sendall(data)
        await sock.shutdown(1)
        assert await receiving == data
        assert kernel.now() - begin < kernel.S

    run(scenario, settings=replace(SMALL, retransmission_buffer_bytes=100_000))


def test_send_returns_while_the_window_is_closed_because_data_are_copied_ahead():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        first = random.Random(1).randbytes(65_535)
        await sock.sendall(first)
        await kernel.sleep(kernel.S)
        assert other.connection.rcv_unread == 65_535
        more = random.Random(2).randbytes(50_000)
        address = a.process.malloc(len(more))
        a.process.write(address, more)
        begin = kernel.now()
        await sock.send_from(address, len(more))
        assert kernel.now() - begin < 10 * kernel.MS, "send waited for the peer to read"
        a.process.write(address, bytes(len(more)))
        assert a.firmware.statistics["copied_ahead_bytes"] >= 49_999
        assert await other.recv_exactly(len(first) + len(more)) == first + more

    run(scenario)


def test_the_peer_sends_no_more_than_the_application_reads():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.accepted()
        data = random.Random(1).randbytes(600_000)
        sending = kernel.spawn(other.sendall(data))
        await kernel.sleep(2 * kernel.S)
        held = a.firmware.settings.receive_buffers - a.firmware.ethernet.receive.spare
        assert held < 256 + 64
        assert not sending.done
        assert await sock.recv_exactly(600_000) == data

    run(scenario)


def test_exhausted_receive_buffers_are_counted_drops_and_nothing_is_lost():
    """Segments of one byte hold a buffer each; the pool runs out long before the window is full."""
    async def scenario(a: Assembly) -> None:
        sock, other = await a.accepted()
        await other.setsockopt(6, 1, 1)
        data = bytes(range(256)) * 2
        for value in data:
            await other.send(bytes((value,)))
            await kernel.sleep(100 * kernel.US)
        assert a.firmware.statistics["receive_buffers_exhausted"] > 0
        assert await sock.recv_exactly(len(data)) == data

    run(scenario, settings=Settings(receive_ring=16, receive_buffers=40, tcp=FAST))


def test_small_messages_back_and_forth():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()

        async def echo() -> None:
            while data := await other.recv(100):
                await other.sendall(data)

        kernel.spawn(echo())
        for number in range(50):
            message = struct.pack("<I", number)
            await sock.sendall(message)
            assert await sock.recv(100) == message
        assert a.firmware.statistics["copied_ahead_bytes"] == 0, "a send that can leave is not copied ahead"

    run(scenario)


def test_damage_that_only_the_tcp_checksum_finds_is_dropped():
    data = random.Random(1).randbytes(100_000)
    rule = Rule(lambda number, frame: len(frame) > 1000 and number % 7 == 0, Corrupt(((200, 0x55),), mend_fcs=True), 5)

    async def scenario(a: Assembly) -> None:
        sock, other = await a.accepted()
        kernel.spawn(other.sendall(data))
        assert await sock.recv_exactly(len(data)) == data
        assert a.firmware.drops()["tcp_checksum_error"] == 5

    run(scenario, to_card=Impairment([rule]), settings=Settings(tcp=FAST))


def test_same_seed_same_frames_at_the_same_picosecond():
    def trace(seed: int) -> list:
        async def scenario(a: Assembly) -> list:
            frames: list = []
            a.link.tap_sent(lambda frame, time_ps, *rest: frames.append((time_ps, bytes(frame))))
            await bulk(a, 50_000, 3)
            return frames

        return run(scenario, seed=seed, to_peer=Impairment(chance=Chance(loss=0.02), seed=seed))

    first = trace(5)
    assert len(first) > 40
    assert first == trace(5)
    assert first != trace(6)


def test_an_idle_card_touches_nothing():
    async def scenario(a: Assembly) -> None:
        await a.connected()
        await kernel.sleep(kernel.S)
        before = a.firmware._bus.accesses
        await kernel.sleep(30 * kernel.S)
        assert a.firmware._bus.accesses == before

    run(scenario)


def test_pages_are_sent_and_copied_in_less_time_at_once_than_one_after_the_other():
    """Published: HL-TCP, figure 6. Three pages; the copy uses the bus while packets are made and sent."""
    def duration(sending: str) -> int:
        async def scenario(a: Assembly) -> int:
            sock, other = await a.connected()
            kernel.spawn(receive_all(other))
            address = a.process.malloc(3 * 4096)
            begin = kernel.now()
            await sock.send_from(address, 3 * 4096)
            return kernel.now() - begin

        return run(scenario, settings=Settings(sending=sending))

    assert duration("simultaneous") < duration("sequential") - 4 * kernel.US


def test_an_ideal_processor_is_faster_and_its_work_is_still_counted():
    def measure(ideal: bool) -> tuple[int, int]:
        async def scenario(a: Assembly) -> tuple[int, int]:
            sock, other = await a.connected()
            begin = kernel.now()
            await sock.sendall(b"ping")
            assert await other.recv(4) == b"ping"
            return kernel.now() - begin, sum(a.firmware.thread.instructions.values())

        return run(scenario, settings=Settings(ideal_processor=ideal))

    (real, instructions), (ideal, counted) = measure(False), measure(True)
    assert ideal < real - 10 * kernel.US
    assert counted == pytest.approx(instructions, rel=0.1)
