"""Which connections there are, and what a new one begins with: port, sequence number, settings, path MTU."""

import errno
import random
from collections.abc import Callable

from ..network import ipv4
from ..network.icmp import QuotedError
from ..network.ipv6 import flow_label
from ..tcp import pmtu
from ..tcp.config import TcpConfig
from ..tcp.connection import CallError, Connection
from ..tcp.isn import initial_sequence_number, timestamp_offset
from ..tcp.listener import Listener
from .binding import Binding, Layer, connection_key
from .listeners import Listeners

EPHEMERAL_FIRST, EPHEMERAL_LAST = 49152, 65535
PATH_MTUS = 256
"""Most destinations whose path MTU is remembered; the oldest is forgotten."""
TCP_HEADER_BYTES = 20


def config_over(layer: Layer, config: TcpConfig) -> TcpConfig:
    """The settings of a connection: over IPv6 the larger header comes off the link's MTU."""
    if layer.header_bytes == ipv4.HEADER_BYTES:
        return config
    most = layer.mtu - layer.header_bytes - TCP_HEADER_BYTES
    return config.but(mss=min(config.mss, most), ip_header_bytes=layer.header_bytes)


class ConnectionTable:
    """Every connection that is not CLOSED.

    secret: key of the initial sequence numbers; rng: ephemeral ports; changed: called after every call of a connection.
    """

    def __init__(self, secret: bytes, rng: random.Random, listeners: Listeners, count: Callable[[str], None],
                 changed: Callable[[Connection], None]) -> None:
        self.secret = secret
        self._rng = rng
        self._listeners = listeners
        self._count = count
        self._changed = changed
        self.connections: dict[bytes, Connection] = {}
        """By `connection_key`."""
        self.path_mtus: dict[bytes, tuple[int, int]] = {}
        """By destination, until when (ns): what is less than our link's."""

    def create(self, layer: Layer, local: bytes, local_port: int, remote: bytes, remote_port: int, next_hop: bytes,
               config: TcpConfig, listener: Listener | None, now: int) -> Connection:
        """A new connection in CLOSED; CallError EADDRINUSE if it exists already."""
        key = connection_key(remote, local, remote_port, local_port)
        if key in self.connections:
            raise CallError(errno.EADDRINUSE, "the connection exists already")
        connection = Connection(config_over(layer, config), now, initial_sequence_number(self.secret, key, now),
                                count=self._count, ts_offset=timestamp_offset(self.secret, key))
        self._add(connection, key, layer, local, local_port, remote, remote_port, next_hop, listener)
        if remote in self.path_mtus:
            mtu, until = self.path_mtus[remote]
            if now < until:
                pmtu.known(connection, mtu - layer.header_bytes - TCP_HEADER_BYTES, until)
        return connection

    def adopt(self, connection: Connection, layer: Layer, local: bytes, local_port: int, remote: bytes,
              remote_port: int, next_hop: bytes) -> None:
        """Take a connection from elsewhere; the caller has made sure that it does not exist already."""
        connection.count = self._count
        self._add(connection, connection_key(remote, local, remote_port, local_port), layer, local, local_port, remote,
                  remote_port, next_hop, None)

    def _add(self, connection: Connection, key: bytes, layer: Layer, local: bytes, local_port: int, remote: bytes,
             remote_port: int, next_hop: bytes, listener: Listener | None) -> None:
        label = flow_label(self.secret, key) if len(local) == 16 else 0
        connection.binding = Binding(key, layer, local, local_port, remote, remote_port, next_hop, listener, label)
        connection.changed = self._changed
        self.connections[key] = connection

    def remove(self, connection: Connection) -> None:
        """It is CLOSED, or somebody else's."""
        key = connection.binding.key
        if self.connections.get(key) is connection:
            del self.connections[key]

    def quoted(self, quoted: QuotedError) -> Connection | None:
        """Whose the segment is that an ICMP message quotes."""
        return self.connections.get(connection_key(quoted.destination, quoted.source, quoted.destination_port,
                                                   quoted.source_port))

    def path_mtu_learned(self, destination: bytes, mtu: int, now: int) -> None:
        """Connections to come will know, for as long as RFC 1191 §6.3 has it."""
        self.path_mtus.pop(destination, None)
        if len(self.path_mtus) >= PATH_MTUS:
            del self.path_mtus[next(iter(self.path_mtus))]
        self.path_mtus[destination] = mtu, now + pmtu.RAISE_AFTER

    def ephemeral_port(self, local: bytes, remote: bytes, remote_port: int) -> int:
        """A free port of ours for a connection to there, from a random start (RFC 6056 §3.3.1).

        CallError EADDRNOTAVAIL if there is none."""
        span = EPHEMERAL_LAST - EPHEMERAL_FIRST + 1
        start = self._rng.randrange(span)
        for step in range(span):
            port = EPHEMERAL_FIRST + (start + step) % span
            if (connection_key(remote, local, remote_port, port) not in self.connections
                    and self._listeners.lookup(local, port) is None):
                return port
        raise CallError(errno.EADDRNOTAVAIL, "every ephemeral port is taken")
