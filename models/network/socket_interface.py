"""Sockets as applications see them, whether of the host (through the card) or of the simulated peer."""

from __future__ import annotations

from typing import Protocol

Endpoint = tuple[str, int]
"""IPv4 address in dotted form or IPv6 address, by the family of the socket ("", "0.0.0.0", "::": any), and port."""


class Socket(Protocol):
    """BSD semantics; failures raise OSError with an errno."""

    async def bind(self, address: Endpoint) -> None: ...

    async def listen(self, backlog: int = 128) -> None: ...

    async def accept(self) -> tuple[Socket, Endpoint]: ...

    async def connect(self, address: Endpoint) -> None: ...

    async def send(self, data: bytes) -> int:
        """Returns how many bytes were taken."""

    async def sendall(self, data: bytes) -> None: ...

    async def recv(self, size: int) -> bytes:
        """At most `size` bytes; b"" at the end of the peer's stream."""

    async def shutdown(self, how: int) -> None: ...

    async def close(self) -> None: ...

    async def getsockname(self) -> Endpoint: ...

    async def getpeername(self) -> Endpoint: ...
