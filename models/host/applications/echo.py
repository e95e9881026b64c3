"""The echo service (RFC 862)."""

from __future__ import annotations

import socket as bsd
from typing import Any

from models.network.socket_interface import Endpoint

PORT = 7
PIECE_BYTES = 1 << 16


async def handle(sock: Any, address: Endpoint) -> None:
    """Send back what comes, until the end of the stream."""
    while piece := await sock.recv(PIECE_BYTES):
        await sock.sendall(piece)
    await sock.shutdown(bsd.SHUT_WR)
