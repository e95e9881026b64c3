"""A port in LISTEN: its backlog of half-open connections and its accept queue (RFC 9293 §3.9.1, RFC 1122 §4.2.4)."""

from collections import deque
from typing import Any

from .config import TcpConfig
from .connection import Connection


class Listener:
    """Passive OPEN of a port. Connections appear in `accept_queue` when established; `accept` takes them."""

    __slots__ = ("accept_queue", "backlog", "config", "cookies_until", "half_open", "local_address", "owner", "port")

    def __init__(self, port: int, backlog: int, config: TcpConfig, local_address: bytes | None = None,
                 owner: Any = None) -> None:
        if backlog < 1:
            raise ValueError(f"backlog {backlog} not positive")
        self.port = port
        self.backlog = backlog
        self.config = config
        self.local_address = local_address
        self.owner = owner
        self.half_open: dict[Connection, None] = {}
        self.cookies_until = 0
        """Until then ACKs may bring back SYN cookies, ns."""
        self.accept_queue: deque[Connection] = deque()

    @property
    def full(self) -> bool:
        """No room for another connection that was not accepted."""
        return len(self.half_open) + len(self.accept_queue) >= self.backlog

    def accept(self) -> Connection | None:
        """The oldest established connection that was not accepted yet."""
        return self.accept_queue.popleft() if self.accept_queue else None

    def established(self, connection: Connection) -> None:
        """A half-open connection completed its handshake."""
        self.half_open.pop(connection, None)
        self.accept_queue.append(connection)

    def closed(self, connection: Connection) -> bool:
        """A connection ended; was it ever established?"""
        if connection in self.half_open:
            del self.half_open[connection]
            return False
        if connection in self.accept_queue:
            self.accept_queue.remove(connection)
        return True
