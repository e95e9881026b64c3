"""Which ports are in LISTEN, at which of our addresses."""

import errno
from collections.abc import Iterator

from ..tcp.connection import CallError
from ..tcp.listener import Listener


class Listeners:
    """Ports in LISTEN by address: one of ours, all zero for every one of its family, None for all of both families."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[bytes | None, int], Listener] = {}

    def __iter__(self) -> Iterator[Listener]:
        return iter(self._listeners.values())

    def add(self, listener: Listener) -> None:
        """CallError EADDRINUSE if there is one already."""
        place = listener.local_address, listener.port
        if place in self._listeners:
            raise CallError(errno.EADDRINUSE, f"port {listener.port} is listening already")
        self._listeners[place] = listener

    def remove(self, listener: Listener) -> None:
        """It takes no more connections."""
        self._listeners.pop((listener.local_address, listener.port), None)

    def lookup(self, local: bytes, port: int) -> Listener | None:
        """Whose a SYN to this address and port is: that of the address comes before those of many."""
        listeners = self._listeners
        return listeners.get((local, port)) or listeners.get((bytes(len(local)), port)) or listeners.get((None, port))
