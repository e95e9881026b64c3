"""What every server does: listen, take connections, and let each be handled on its own."""

from __future__ import annotations

import socket as bsd
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from models import kernel
from models.host.sockets import Process
from models.network.socket_interface import Endpoint

Handler = Callable[[Any, Endpoint], Awaitable[None]]
"""Is given a connected socket, which is closed when it returns; an OSError ends it too."""
BACKLOG = 128
_PAUSE_PS = kernel.MS


async def listen(process: Process, port: int, family: int = bsd.AF_INET) -> Any:
    """A listening socket of a process. Raises OSError."""
    sock = await process.socket(family)
    await sock.bind(("", port))
    await sock.listen(BACKLOG)
    return sock


async def serve(listener: Any, handler: Handler, name: str) -> None:
    """Handle every connection that comes, side by side; never returns."""
    while True:
        try:
            sock, address = await listener.accept()
        except OSError:  # a connection that is gone again, or no descriptors left
            await kernel.sleep(_PAUSE_PS)
            continue
        kernel.spawn(_handle(sock, address, handler), f"{name} {address[0]}:{address[1]}")


async def _handle(sock: Any, address: Endpoint, handler: Handler) -> None:
    with suppress(OSError):
        await handler(sock, address)
    with suppress(OSError):
        await sock.close()
