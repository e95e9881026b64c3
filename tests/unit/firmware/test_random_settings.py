"""Settings at random: whatever the sizes, several connections carry their data both ways and give everything back."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from firmware.card_memory import CardMemoryExhausted
from firmware.hl_tcp import Settings
from firmware.sending.ways import SENDING
from firmware.tcp.config import TcpConfig
from models import kernel
from models.network.impairment import Chance, Drop, Impairment, Rule
from models.network.peer import PeerSettings
from tests.unit.firmware.assembled import Assembly, run
from tests.unit.firmware.test_transfers import receive_all, settled

TCP = TcpConfig(rto_min=20_000_000, rto_initial=50_000_000, rto_max=1_000_000_000)


def random_settings(rng: random.Random) -> Settings:
    mtu = rng.choice((1500, 1500, 1500, 9000))
    offload = rng.choice(((True, True), (True, True), (False, True), (False, False)))
    return Settings(
        card_memory_bytes=rng.choice((1 << 18, 1 << 19, 1 << 20, 1 << 22) if mtu == 1500 else (1 << 20, 1 << 22)),
        retransmission_buffer_bytes=rng.choice((3_000, 5_000, 20_000, 100_000, 1 << 19, 1 << 21)),
        transmit_ring=rng.choice((24, 32, 64, 256)),
        transmit_headers=rng.choice((3100, 8192, 32768)),
        receive_ring=rng.choice((16, 32, 256)),
        receive_buffers=rng.choice((256, 300, 768, 3000)),
        largest_mtu=mtu,
        request_frames=rng.choice((4, 64, 256)),
        first_queue_entry=rng.choice((0, 4090)),
        dma_channels=rng.choice((1, 2)),
        sending=rng.choice(tuple(SENDING)),
        page_per_send=rng.random() < 0.3,
        copy_ahead_bytes=rng.choice((0, 0, 4096, 20_000)),
        packet_buffer=rng.choice((0, 0, 256, 1514)),
        segmentation_offload=offload[0],
        checksum_offload=offload[1],
        delayed_ack=rng.random() < 0.7,
        mss=rng.choice((0, 0, 0, 128, 536)),
        driver_copy=rng.random() < 0.2,
        drain_receive_ring=rng.random() < 0.5,
        receive_buffer=rng.choice((2048, 20_000, 65535, 1 << 19)),
        send_buffer=rng.choice((2048, 10_000, 1 << 17, 1 << 20)),
        ideal_processor=rng.random() < 0.3,
        copy_tail=rng.random() < 0.5,
        tcp=TCP,
    )


def carry(number: int) -> None:
    rng = random.Random(f"settings {number}")
    settings = random_settings(rng)
    loss = rng.choice((0, 0, 0.01, 0.05))
    connections = rng.randint(1, 6)
    length = rng.randint(1, 60_000) if settings.mss != 128 else rng.randint(1, 15_000)

    async def one(a: Assembly, port: int) -> None:
        sock, other = await a.connected(port)
        data = random.Random(port).randbytes(length)

        async def answer() -> None:
            got = await other.recv_exactly(length)
            assert got == data
            await other.sendall(got[::-1])
            await other.close()

        answering = kernel.spawn(answer(), "peer answers")
        address = a.process.malloc(length)
        a.process.write(address, data)
        assert await sock.send_from(address, length) == length
        a.process.write(address, b"\xee" * length)
        assert await receive_all(sock) == data[::-1]
        await answering
        await sock.close()

    async def scenario(a: Assembly) -> None:
        pinned = a.host.memory.pages_pinned
        for task in [kernel.spawn(one(a, port)) for port in range(100, 100 + connections)]:
            await task
        await kernel.sleep(5 * kernel.S)
        settled(a)
        assert a.host.memory.pages_pinned == pinned

    run(scenario, seed=number, settings=settings, peer=PeerSettings(tcp=TCP),
        to_peer=Impairment(chance=Chance(loss=loss, reordering=loss), seed=number),
        to_card=Impairment(chance=Chance(loss=loss, duplication=loss), seed=number + 1))


@pytest.mark.parametrize("number", range(12))
def test_random_settings_carry_data(number, seed):
    carry(1000 * seed + number)


@pytest.mark.nightly
@pytest.mark.parametrize("number", range(12, 200))
def test_more_random_settings_carry_data(number, seed):
    carry(1000 * seed + number)


def test_only_memory_in_which_nothing_can_work_is_refused():
    settings = replace(Settings(), request_frames=4, transmit_ring=16, transmit_headers=3100)
    with pytest.raises(CardMemoryExhausted, match="bytes of card memory hold no"):
        run(None, settings=replace(settings, card_memory_bytes=1 << 17))


def test_data_beyond_holes_that_fill_the_receive_buffers_are_given_up():
    """Without that, the segments that would fill the holes find no place, and no connection ever goes on."""
    settings = Settings(receive_ring=16, receive_buffers=40, mss=128, receive_buffer=20_000, tcp=TCP)
    data = random.Random(1).randbytes(20_000)

    async def scenario(a: Assembly) -> None:
        pairs = [await a.connected(port) for port in range(100, 112)]
        for _, other in pairs:
            kernel.spawn(other.sendall(data), "peer sends")
        for reading in [kernel.spawn(sock.recv_exactly(len(data)), "host reads") for sock, _ in pairs]:
            assert await reading == data
        assert a.firmware.statistics["receive_data_reneged"] > 0

    first = Rule(lambda _, frame: len(frame) > 150, Drop(), times=12)
    run(scenario, settings=settings, peer=PeerSettings(tcp=TCP), to_card=Impairment([first]))
