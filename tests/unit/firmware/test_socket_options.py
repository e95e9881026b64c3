"""Socket options of the card: what is set is in force at the connection, and what is asked is true."""

from __future__ import annotations

import errno
import struct
from typing import Any

import pytest

from firmware.hl_tcp import Settings
from firmware.socket_options import IPPROTO_TCP, SOL_SOCKET, MessageFlag, Poll, SocketOption, TcpOption
from firmware.tcp.config import MILLISECOND, SECOND
from firmware.tcp.events import UrgentData
from firmware.tcp.info import TcpInfo
from models import kernel

from .assembled import PEER_ADDRESS, Assembly, run


def connection_of(a: Assembly) -> Any:
    connection, = a.firmware.stack.connections
    return connection


async def error_of(call: Any) -> int:
    with pytest.raises(OSError) as failed:
        await call
    return failed.value.errno


NUMBERS = [
    (SOL_SOCKET, SocketOption.KEEPALIVE, 1, "keepalive", True),
    (SOL_SOCKET, SocketOption.OOBINLINE, 0, "oob_inline", False),
    (IPPROTO_TCP, TcpOption.KEEPIDLE, 60, "keepalive_idle", 60 * SECOND),
    (IPPROTO_TCP, TcpOption.KEEPINTVL, 5, "keepalive_interval", 5 * SECOND),
    (IPPROTO_TCP, TcpOption.KEEPCNT, 3, "keepalive_count", 3),
    (IPPROTO_TCP, TcpOption.USER_TIMEOUT, 2500, "user_timeout", 2500 * MILLISECOND),
    (IPPROTO_TCP, TcpOption.NODELAY, 1, "nodelay", True),
    (IPPROTO_TCP, TcpOption.QUICKACK, 1, "delayed_ack_segments", 1),
]


@pytest.mark.parametrize("when", ["before", "after", "listener"])
def test_numbers_reach_the_connection(when):
    async def scenario(a: Assembly) -> None:
        if when == "listener":
            listener = await a.process.socket()
            await listener.bind(("0.0.0.0", 7))
            for level, name, value, _, _ in NUMBERS:
                await listener.setsockopt(level, name, value)
            await listener.listen()
            connecting = kernel.spawn(a.peer.connect(("10.0.0.1", 7)), "peer connects")
            sock, _ = await listener.accept()
            await connecting
        else:
            accepting = await a.peer.listen(7)
            sock = await a.process.socket()
            if when == "after":
                await sock.connect((PEER_ADDRESS, 7))
            for level, name, value, _, _ in NUMBERS:
                await sock.setsockopt(level, name, value)
            if when == "before":
                await sock.connect((PEER_ADDRESS, 7))
            await accepting.accept()
        for level, name, value, field, expected in NUMBERS:
            assert await sock.getsockopt(level, name) == value, field
            assert getattr(connection_of(a).config, field) == expected
        assert connection_of(a).nodelay and connection_of(a).keepalive_deadline is not None

    run(scenario)


def test_values_that_cannot_be():
    async def scenario(a: Assembly) -> None:
        sock = await a.process.socket()
        for name in (TcpOption.KEEPIDLE, TcpOption.KEEPINTVL, TcpOption.KEEPCNT):
            for value in (0, -1, 40000):
                assert await error_of(sock.setsockopt(IPPROTO_TCP, name, value)) == errno.EINVAL
        assert await error_of(sock.setsockopt(IPPROTO_TCP, TcpOption.USER_TIMEOUT, -1)) == errno.EINVAL
        assert await error_of(sock.setsockopt(IPPROTO_TCP, TcpOption.MAXSEG, 9000)) == errno.EINVAL
        assert await error_of(sock.setsockopt(IPPROTO_TCP, TcpOption.CONGESTION, b"vegas")) == errno.ENOENT
        assert await error_of(sock.setsockopt(SOL_SOCKET, SocketOption.LINGER, b"\1")) == errno.EINVAL
        assert await error_of(sock.getsockopt(IPPROTO_TCP, TcpOption.INFO, 104)) == errno.ENOTCONN

    run(scenario)


def test_congestion_control_by_name():
    async def scenario(a: Assembly) -> None:
        sock = await a.process.socket()
        assert await sock.getsockopt(IPPROTO_TCP, TcpOption.CONGESTION, 16) == b"cubic"
        await sock.setsockopt(IPPROTO_TCP, TcpOption.CONGESTION, b"bic\0")
        await a.peer.listen(7)
        await sock.connect((PEER_ADDRESS, 7))
        assert type(connection_of(a).congestion).__name__ == "Bic"
        await sock.setsockopt(IPPROTO_TCP, TcpOption.CONGESTION, b"reno")
        assert type(connection_of(a).congestion).__name__ == "NewReno"
        assert await sock.getsockopt(IPPROTO_TCP, TcpOption.CONGESTION, 16) == b"reno"

    run(scenario)


def test_a_smaller_maximum_segment():
    async def scenario(a: Assembly) -> None:
        listener = await a.peer.listen(7)
        sock = await a.process.socket()
        await sock.setsockopt(IPPROTO_TCP, TcpOption.MAXSEG, 500)
        assert await sock.getsockopt(IPPROTO_TCP, TcpOption.MAXSEG) == 500
        await sock.connect((PEER_ADDRESS, 7))
        other, _ = await listener.accept()
        assert await sock.getsockopt(IPPROTO_TCP, TcpOption.MAXSEG) == 488
        assert other.connection.snd_mss == 488
        await sock.setsockopt(IPPROTO_TCP, TcpOption.MAXSEG, 212)
        assert connection_of(a).snd_mss == 200

    run(scenario)


def test_megabytes_wait_for_the_reader_and_none_is_lost():
    data = bytes(range(256)) * 8192

    async def scenario(a: Assembly) -> None:
        listener = await a.peer.listen(7)
        sock = await a.process.socket()
        await sock.setsockopt(SOL_SOCKET, SocketOption.RCVBUF, 1 << 20)
        await sock.connect((PEER_ADDRESS, 7))
        other, _ = await listener.accept()
        sending = kernel.spawn(other.sendall(data), "peer sends")
        await kernel.sleep(2 * kernel.S)
        connection = connection_of(a)
        assert connection.negotiated.rcv_wind_shift == 5
        assert (1 << 20) - 3000 < connection.rcv_unread <= 1 << 20
        got = b""
        while len(got) < len(data):
            got += await sock.recv(65536)
        assert got == data
        await sending
        assert a.firmware.statistics.counters.get("receive_buffers_exhausted", 0) == 0

    run(scenario, settings=Settings(receive_buffers=1024, receive_ring=64))


def test_receive_buffer_is_limited_by_what_the_card_has():
    async def scenario(a: Assembly) -> None:
        sock = await a.process.socket()
        await sock.setsockopt(SOL_SOCKET, SocketOption.RCVBUF, 1 << 30)
        assert await sock.getsockopt(SOL_SOCKET, SocketOption.RCVBUF) == 144 * 1448

    run(scenario, settings=Settings(receive_buffers=400))


def test_tcp_info():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        await sock.send(bytes(20_000))
        assert await other.recv_exactly(20_000) == bytes(20_000)
        await kernel.sleep(1 * kernel.S)
        info = TcpInfo.unpack(await sock.getsockopt(IPPROTO_TCP, TcpOption.INFO, 200))
        assert (info.state, info.version, info.snd_mss, info.advmss) == (1, 1, 1448, 1460)
        assert info.unacked == info.lost == info.total_retrans == 0 and info.options & 7 == 7
        assert info.snd_cwnd >= 10 and info.snd_ssthresh == 0x7FFFFFFF and 0 < info.rtt < 1_000_000 <= info.rto
        assert info.last_data_sent > 900
        with pytest.raises(ValueError):
            TcpInfo.unpack(bytes(104))

    run(scenario)


def test_linger_zero_resets():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        await sock.setsockopt(SOL_SOCKET, SocketOption.LINGER, struct.pack("<ii", 1, 0))
        assert struct.unpack("<ii", await sock.getsockopt(SOL_SOCKET, SocketOption.LINGER, 8)) == (1, 0)
        await sock.close()
        assert await error_of(other.recv(1)) == errno.ECONNRESET
        assert not a.firmware.stack.connections

    run(scenario)


@pytest.mark.parametrize("reads", [True, False])
def test_close_lingers_until_the_peer_has_everything_or_the_time_is_over(reads):
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        await sock.setsockopt(SOL_SOCKET, SocketOption.LINGER, struct.pack("<ii", 1, 10))
        await sock.send(bytes(100_000))
        begin = kernel.now()
        if reads:
            reading = kernel.spawn(other.recv_exactly(100_000), "peer reads")
        await sock.close()
        waited = kernel.now() - begin
        if reads:
            assert await reading == bytes(100_000)
            assert waited < kernel.S
        else:
            assert abs(waited - 10 * kernel.S) < kernel.S / 10
            assert await other.recv_exactly(100_000) == bytes(100_000), "it is still sent"

    run(scenario)


def test_urgent_data_in_line_is_where_reading_stops_once():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        await other.sendall(b"before")
        await other.send(b"!", MessageFlag.OOB)
        await other.sendall(b"after")
        await kernel.sleep(2 * kernel.S)
        assert await sock.poll(Poll.PRI) == Poll.PRI
        assert await sock.recv(4, MessageFlag.PEEK) == b"befo"
        assert await sock.recv(100, MessageFlag.WAITALL) == b"before"
        assert await error_of(sock.recv(1, MessageFlag.OOB)) == errno.EINVAL
        assert await sock.recv(100) == b"!after"
        assert await sock.poll(Poll.PRI, 0) == 0

    run(scenario)


def test_urgent_data_out_of_line():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        await sock.setsockopt(SOL_SOCKET, SocketOption.OOBINLINE, 0)
        assert await error_of(sock.recv(1, MessageFlag.OOB)) == errno.EINVAL
        await other.sendall(b"before")
        await other.send(b"1!", MessageFlag.OOB)
        await other.sendall(b"after")
        assert await sock.poll(Poll.PRI) == Poll.PRI
        await kernel.sleep(2 * kernel.S)
        assert await sock.recv(1, MessageFlag.OOB | MessageFlag.PEEK) == b"!"
        assert await sock.recv(10, MessageFlag.OOB) == b"!"
        assert await sock.recv(100) == b"before1"
        assert await sock.recv(100) == b"after"
        assert await error_of(sock.recv(1, MessageFlag.OOB)) == errno.EINVAL
        assert connection_of(a).rcv_unread == 0

    run(scenario)


def test_urgent_data_sent_by_the_host():
    async def scenario(a: Assembly) -> None:
        sock, other = await a.connected()
        marks = []
        original = other.event
        other.event = lambda connection, event: (
            marks.append(event.offset) if isinstance(event, UrgentData) else original(connection, event))
        await sock.send(bytes(20_000))
        await sock.send(b"!", MessageFlag.OOB)
        await sock.send(bytes(20_000))
        assert await other.recv_exactly(40_001) == bytes(20_000) + b"!" + bytes(20_000)
        assert marks == [20_001]

    run(scenario)
