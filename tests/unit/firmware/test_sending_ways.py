"""Every way of sending carries the same bytes, keeps what it must, and gives everything back."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from firmware.hl_tcp import Settings
from firmware.lwip_like import ALL, ORIGINAL, lwip_like
from firmware.sending.ways import SENDING
from models import kernel
from models.network.impairment import Chance, Drop, Impairment, Rule
from models.network.link import Direction
from models.network.peer import PeerSettings
from tests.unit.firmware.assembled import Assembly, run
from tests.unit.firmware.test_transfers import FAST, SMALL, bulk, receive_all, settled

PEER = PeerSettings(tcp=FAST)
WAYS = tuple(SENDING)
BASE = Settings(tcp=FAST)
VARIANTS = {
    "joined": BASE,
    "page": replace(BASE, page_per_send=True),
    "no TSO": replace(BASE, segmentation_offload=False),
    "no CSO": replace(BASE, segmentation_offload=False, checksum_offload=False),
    "small": SMALL,
    "small pages": replace(SMALL, page_per_send=True, packet_buffer=512, copy_ahead_bytes=4096),
}


def chance(seed: int) -> Impairment:
    return Impairment(chance=Chance(loss=0.02, duplication=0.01, reordering=0.02), seed=seed)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_way_sends_the_same_bytes_through_losses(way, variant):
    settings = replace(VARIANTS[variant], sending=way)

    async def scenario(a: Assembly) -> None:
        pinned = a.host.memory.pages_pinned
        await bulk(a, 150_000, 5, chunk=37_011)
        assert a.firmware.statistics["retransmitted_bytes"] > 1000
        settled(a)
        assert a.host.memory.pages_pinned == pinned

    run(scenario, settings=settings, peer=PEER, to_peer=chance(1), to_card=chance(2))


@pytest.mark.parametrize("way", WAYS)
def test_a_cancelled_or_abandoned_send_gives_its_pages_back(way):
    """The peer's window is closed; the socket is closed with data that never leave."""
    async def scenario(a: Assembly) -> None:
        pinned = a.host.memory.pages_pinned
        sock, other = await a.connected()
        sending = kernel.spawn(_quietly(sock.sendall(bytes(300_000))), "send")
        await kernel.sleep(kernel.S)
        assert a.host.memory.pages_pinned > pinned
        await sock.close()
        await kernel.sleep(kernel.S)
        assert sending.done, "the socket is gone; nothing waits for its peer"
        assert a.host.memory.pages_pinned == pinned
        received = await receive_all(other)
        assert 65_535 < len(received) < 300_000, "what was accepted was sent"
        await other.close()
        await kernel.sleep(kernel.S)
        settled(a)

    run(scenario, settings=replace(BASE, sending=way))


async def _quietly(sending) -> None:
    try:
        await sending
    except OSError:
        pass


def test_zero_copy_holds_the_pages_until_they_are_acknowledged_and_nothing_else():
    lost = Rule(lambda _, frame: len(frame) > 500, Drop(), times=2)

    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        data = random.Random(1).randbytes(8000)
        pinned = a.host.memory.pages_pinned
        address = a.process.malloc(len(data))
        a.process.write(address, data)
        sending = kernel.spawn(sock.send_from(address, len(data)), "send")
        await kernel.sleep(3 * kernel.MS)
        assert not sending.done and a.host.memory.pages_pinned > pinned
        assert a.firmware.retransmission_buffer.peak == 0
        assert await sending == len(data)
        a.process.write(address, b"\xee" * len(data))
        assert not sock_unacknowledged(a)
        assert await other.recv_exactly(len(data)) == data
        assert a.firmware.statistics["retransmitted_bytes"] >= 2000
        assert a.firmware.channels[0].bytes == 0

    run(scenario, settings=replace(BASE, sending="zero_copy"), peer=PEER, to_peer=Impairment([lost]),
        delay_us=2000)


def sock_unacknowledged(a: Assembly) -> int:
    return sum(each.snd_nxt - each.snd_una for each in a.firmware.stack.connections)


def test_copy_and_send_reads_nothing_of_the_host_over_ethernet():
    async def scenario(a: Assembly) -> None:
        addresses: list[int] = []
        ring = a.firmware.ethernet.transmit
        queue = ring.send_segments

        async def watched(header, pieces, segmentation, done=None) -> None:
            addresses.extend(address for address, _ in pieces)
            await queue(header, pieces, segmentation, done)

        ring.send_segments = watched
        await bulk(a, 100_000, 1)
        assert addresses and all(address >> 63 for address in addresses)
        assert a.firmware.channels[0].bytes >= 100_000

    run(scenario, settings=replace(BASE, sending="copy"))


def segment_lengths(settings: Settings, length: int, offset: int = 0) -> tuple[list[int], int]:
    """Payload of each data segment on the wire, and the requests to Ethernet that carried it."""
    async def scenario(a: Assembly) -> tuple[list[int], int]:
        sock, other = await a.connected()
        frames: list[int] = []
        a.link.tap_sent(lambda frame, *rest: frames.append(len(frame) - 4 - 54) if len(frame) > 64 else None)
        address = a.process.malloc(offset + length) + offset
        receiving = kernel.spawn(other.recv_exactly(length))
        before = a.firmware.ethernet.transmit.sends
        sending = kernel.spawn(sock.send_from(address, length))
        await receiving
        sent = list(frames)
        sends = a.firmware.ethernet.transmit.sends - before
        await sending
        return sent, sends

    return run(scenario, settings=settings)


@pytest.mark.parametrize("way", WAYS)
def test_a_page_per_send_makes_three_unequal_packets_of_each_page(way):
    """Published: HL-TCP, figure 6."""
    no_timestamps = replace(FAST, timestamps=False)
    pages, sends = segment_lengths(Settings(sending=way, page_per_send=True, tcp=no_timestamps), 2 * 4096)
    joined, _ = segment_lengths(Settings(sending=way, tcp=no_timestamps), 2 * 4096)
    assert pages == [1460, 1460, 1176] * 2
    assert sends == 2
    unaligned, sends = segment_lengths(
        Settings(sending=way, page_per_send=True, tcp=no_timestamps), 2 * 4096 - 1000, 1000)
    assert unaligned == [1460, 1460, 176, 1460, 1460, 1176]
    assert sends == 2
    assert sorted(joined) == [892] + [1460] * 5


def test_card_memory_that_is_too_small_means_smaller_windows():
    async def scenario(a: Assembly) -> int:
        settings = a.firmware.settings
        assert settings.receive_buffers < 768 and settings.retransmission_buffer_bytes < 1 << 19
        await bulk(a, 150_000, 5, chunk=37_011)
        settled(a)

    for size in (1 << 18, 3 << 18, 1 << 20):
        run(scenario, settings=replace(BASE, card_memory_bytes=size, request_frames=64), peer=PEER,
            to_peer=chance(1), to_card=chance(2))


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="'postal' is none of"):
        Settings(sending="postal")
    with pytest.raises(ValueError, match="checksums in hardware"):
        Settings(checksum_offload=False)


@pytest.mark.parametrize("improved", range(5))
def test_lwip_like_firmware_carries_a_stream_and_each_improvement_is_faster(improved):
    async def scenario(a: Assembly) -> int:
        begin = kernel.now()
        await bulk(a, 20_000, 3)
        settled(a)
        return kernel.now() - begin

    def duration(steps: int) -> int:
        settings = lwip_like(*ALL[:steps])
        return run(scenario, settings=settings, peer=PeerSettings(
            tcp=replace(FAST, mss=settings.mss or 1460, receive_buffer=settings.receive_buffer)))

    assert ORIGINAL.mss == 128
    faster, slower = duration(improved + 1) if improved < 4 else 0, duration(improved)
    assert faster <= slower * 1.02


@pytest.mark.parametrize("way", WAYS)
def test_what_is_in_flight_is_cut_anew_when_the_path_turns_out_narrow(way):
    """A router drops what is longer than 576 bytes and says so; the bytes leave again in smaller segments."""
    narrow = Rule(lambda number, frame: number > 30 and len(frame) > 14 + 576 + 4, Drop())

    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        data = random.Random(1).randbytes(100_000)
        address = a.process.malloc(len(data))
        a.process.write(address, data)
        receiving = kernel.spawn(other.recv_exactly(len(data)))
        sending = kernel.spawn(sock.send_from(address, len(data)))
        while not a.link.statistics(Direction.A_TO_B).lost:
            await kernel.sleep(50 * kernel.US)
        (connection,) = a.firmware.stack.connections
        assert connection.path_mtu(576 - 40, connection.snd_una & 0xFFFFFFFF, kernel.now() // kernel.NS)
        a.firmware._interrupted.set()
        await sending
        a.process.write(address, b"\xee" * len(data))
        assert await receiving == data
        assert connection.negotiated.send_mss == 576 - 40 - 12
        assert kernel.now() < 30 * kernel.S

    run(scenario, settings=replace(BASE, sending=way), peer=PEER, to_peer=Impairment([narrow]), delay_us=100)


def test_with_its_tail_copied_a_zero_copy_send_does_not_wait_for_a_delayed_ack():
    """Seven segments: the peer acknowledges the last when it is sent once more, or after half a second."""
    def duration(copy_tail: bool) -> int:
        async def scenario(a: Assembly) -> int:
            sock, other = await a.connected()
            data = random.Random(1).randbytes(7 * 1448)
            address = a.process.malloc(len(data))
            a.process.write(address, data)
            begin = kernel.now()
            await sock.send_from(address, len(data))
            took = kernel.now() - begin
            a.process.write(address, b"\xee" * len(data))
            assert await other.recv_exactly(len(data)) == data
            assert a.firmware.channels[0].bytes <= 2 * 1448
            await kernel.sleep(kernel.S)
            settled(a)
            return took

        return run(scenario, settings=replace(BASE, sending="zero_copy", copy_tail=copy_tail))

    assert duration(True) < kernel.MS
    assert duration(False) > 15 * kernel.MS, "until a timeout brings the ACK"
