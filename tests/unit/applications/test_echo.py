"""The echo service."""

from __future__ import annotations

import socket as bsd
from typing import Any

from models import kernel
from models.host.applications import echo
from tests.unit.applications import in_simulation


def test_what_is_sent_comes_back_on_each_of_several_connections() -> None:
    async def one(peer: Any, data: bytes) -> bytes:
        sock = await peer.connect((in_simulation.SERVER, echo.PORT))
        sending = kernel.spawn(sock.sendall(data))
        received = await sock.recv_exactly(len(data))
        await sending
        await sock.shutdown(bsd.SHUT_WR)
        assert await sock.recv(1) == b""
        return received

    async def client(peer: Any) -> None:
        data = [bytes([number]) * 300_000 for number in range(3)]
        tasks = [kernel.spawn(one(peer, each)) for each in data]
        assert [await task for task in tasks] == data

    in_simulation.run(echo.PORT, echo.handle, client)
