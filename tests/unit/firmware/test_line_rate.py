"""One connection at the rate of the wire, on the functional model with an ideal processor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware.hl_tcp import Settings
from firmware.sending.ways import SENDING
from firmware.tcp.config import TcpConfig
from models import kernel
from models.network.peer import PeerSettings
from tests.unit.firmware.assembled import Assembly, run

STEP = 1 << 16
TIMESTAMPS = TcpConfig()
WITH_TIMESTAMPS, WITHOUT = 941.482, 949.285
"""Mb/s of payload at an MTU of 1500: 1448 or 1460 of 1538 bytes on the wire."""
TAIL = 0.96
"""The last segment may wait a round trip for the peer's ACK (Nagle)."""


def settings_for(direction: str, round_trip_ms: float, tcp: TcpConfig, way: str = "simultaneous") -> Settings:
    """4 MiB of card memory, given to what the direction needs: twice the bandwidth-delay product of 125 KB a ms."""
    settings = Settings(ideal_processor=True, sending=way, tcp=tcp)
    if round_trip_ms < 1:
        return replace(settings, receive_buffer=1 << 18, send_buffer=1 << 18)
    if direction == "receive":
        return replace(settings, receive_buffers=1500, receive_buffer=(1500 - 256) * 1448)
    # a connection may hold half of the retransmission buffer
    return replace(settings, receive_buffers=400, receive_ring=128, send_buffer=1 << 21,
                   retransmission_buffer_bytes=2_800_000)


def goodput(direction: str, round_trip_ms: float, total: int, begin_ms: float, tcp: TcpConfig = TIMESTAMPS,
            way: str = "simultaneous", senders: int = 1) -> float:
    """Mb/s of payload that reach the reader after `begin_ms`, of a stream of `total` bytes."""
    peer = PeerSettings(tcp=replace(tcp, receive_buffer=3 << 20), send_buffer=3 << 20)

    async def scenario(a: Assembly) -> float:
        sock, other = await a.connected()
        start = kernel.now()
        address = a.process.malloc(STEP)
        arrived: list[tuple[int, int]] = []

        async def send(steps: int) -> None:
            for _ in range(steps):
                if direction == "send":
                    await sock.send_from(address, STEP)
                else:
                    await other.sendall(bytes(STEP))

        for _ in range(senders):
            kernel.spawn(send(total // STEP // senders), "send")
        count = 0
        while count < total * TAIL:
            count += len(await other.recv(STEP)) if direction == "send" else await sock.recv_into(address, STEP)
            arrived.append((kernel.now(), count))
        assert a.firmware.retransmissions == a.peer.stack.counters["tcp_retransmissions"] == 0
        measured = [each for each in arrived if each[0] >= start + begin_ms * kernel.MS]
        (first_ps, first), (last_ps, last) = measured[0], measured[-1]
        assert last_ps - first_ps > 4 * kernel.MS
        return (last - first) * 8 * kernel.S / (last_ps - first_ps) / 1e6

    return run(scenario, settings=settings_for(direction, round_trip_ms, tcp, way), peer=peer,
               delay_us=round_trip_ms * 500)


@pytest.mark.parametrize("direction", ["send", "receive"])
def test_one_connection_at_line_rate_over_a_short_round_trip(direction):
    assert goodput(direction, 0.1, 2_000_000, 4) == pytest.approx(WITH_TIMESTAMPS, rel=0.01)


@pytest.mark.parametrize("direction", ["send", "receive"])
def test_one_connection_at_line_rate_over_a_round_trip_of_10_ms(direction):
    assert goodput(direction, 10, 9_000_000, 95) == pytest.approx(WITH_TIMESTAMPS, rel=0.01)


@pytest.mark.nightly
@pytest.mark.parametrize("round_trip_ms", [0.1, 1, 10])
@pytest.mark.parametrize("direction", ["send", "receive"])
def test_one_connection_at_line_rate_without_timestamps(direction, round_trip_ms):
    rate = goodput(direction, round_trip_ms, 12_000_000, 95 if round_trip_ms > 1 else 15, TcpConfig(timestamps=False))
    assert rate == pytest.approx(WITHOUT, rel=0.01)


@pytest.mark.parametrize("way", SENDING)
def test_every_way_of_sending_reaches_line_rate_with_several_sends_at_once(way):
    """Zero-copy answers a SEND when it is acknowledged: one at a time would leave the line idle."""
    assert goodput("send", 0.1, 2_000_000, 4, way=way, senders=5) == pytest.approx(WITH_TIMESTAMPS, rel=0.01)
