"""TCP sockets of the simulated peer: bytes in, bytes out, errors as OSError."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket as bsd
from collections import deque
from typing import TYPE_CHECKING, Any

from firmware.tcp.events import Acknowledged, Closed, DataArrived, Error, Established, PeerClosed
from models import kernel
from models.network.socket_interface import Endpoint

if TYPE_CHECKING:
    from models.network.peer import Peer

_MSG_WAITALL, _MSG_DONTWAIT, _MSG_PEEK = int(bsd.MSG_WAITALL), int(bsd.MSG_DONTWAIT), int(bsd.MSG_PEEK)


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class PeerSocket:
    """A socket (`models.network.socket_interface.Socket`), blocking unless `setblocking(False)`."""

    def __init__(self, peer: Peer, connection: Any = None) -> None:
        self._peer = peer
        self._connection = connection
        self._listener: Any = None
        self._local: Endpoint = ("", 0)
        self._blocking = True
        self._nodelay = False
        self._released = False
        self._error: int | None = None
        self._gone = kernel.Event()
        self._changed = kernel.Event()
        # Our stream from the first byte that is not acknowledged on; _unacked is its offset.
        self._sending = bytearray()
        self._unacked = 0
        self._received: deque[bytes] = deque()
        self._established = False
        self._at_end = False
        self._write_shut = False
        self._read_shut = False
        self._children: deque[PeerSocket] = deque()
        self.bytes_sent = 0
        self.bytes_received = 0

    @property
    def connection(self) -> Any:
        """The stack's connection, for tests and reports; None before connect."""
        return self._connection

    def setblocking(self, blocking: bool) -> None:
        """Calls that would wait raise EAGAIN (connect: EINPROGRESS) when not blocking."""
        self._blocking = blocking

    async def bind(self, address: Endpoint) -> None:
        self._open()
        if self._connection is not None or self._listener is not None:
            raise error(errno.EINVAL)
        self._local = address

    async def listen(self, backlog: int = 128) -> None:
        self._open()
        host, port = self._local
        if not 1 <= port <= 0xFFFF:
            raise error(errno.EINVAL)
        local = host or None  # without an address: of both families
        self._listener = self._peer.stack.listen(port, max(1, backlog), address=local, owner=self)

    async def accept(self) -> tuple[PeerSocket, Endpoint]:
        if self._listener is None:
            raise error(errno.EINVAL)
        while not self._children:
            self._open()
            await self._wait()
        child = self._children.popleft()
        waiting = self._listener.accept_queue
        if child.connection in waiting:  # not if it has been reset in the meantime
            waiting.remove(child.connection)
        return child, await child.getpeername()

    async def connect(self, address: Endpoint) -> None:
        self._open()
        if self._connection is not None:
            raise error(errno.EISCONN if self._established else errno.EALREADY)
        host, port = address
        self._connection = self._peer.stack.connect(
            host, port, self._peer.now_ns(), local_port=self._local[1] or None, owner=self
        )
        if self._nodelay:
            self._connection.set_nodelay(True)
        self._peer.changed()
        if not self._blocking:
            raise error(errno.EINPROGRESS)
        while not self._established:
            self._raise_error()
            self._open()
            if self._gone.is_set:
                raise error(errno.ECONNABORTED)
            await self._wait()

    async def send(self, data: bytes, flags: int = 0) -> int:
        """A blocking send takes all. With MSG_OOB the last byte is urgent."""
        view = memoryview(data)
        sent = 0
        while sent < len(view):
            try:
                room = await self._room()
            except OSError:
                if sent:
                    return sent
                raise
            part = view[sent : sent + room]
            self._sending += part
            sent += len(part)
            self.bytes_sent += len(part)
            urgent = bool(flags & bsd.MSG_OOB) and sent == len(view)
            self._connection.send(len(part), self._peer.now_ns(), urgent=urgent)
            self._peer.changed()
        return sent

    async def sendall(self, data: bytes, flags: int = 0) -> None:
        while data:
            data = data[await self.send(data, flags) :]

    async def _room(self) -> int:
        while True:
            self._require_connected()
            self._raise_error()
            if self._write_shut or self._gone.is_set:
                raise error(errno.EPIPE)
            room = self._peer.settings.send_buffer - len(self._sending)
            if room > 0 and self._established:
                return room
            await self._wait()

    async def recv(self, size: int, flags: int = 0) -> bytes:
        """At most `size` bytes of what is there; b"" at the end of the stream. Flags: MSG_PEEK, _WAITALL, _DONTWAIT."""
        if flags & _MSG_WAITALL:
            return await self.recv_exactly(size)
        self._require_connected()
        while size and not self._received:
            self._raise_error()
            if self._at_end or self._read_shut or self._gone.is_set:
                return b""
            if flags & _MSG_DONTWAIT:
                raise error(errno.EAGAIN)
            await self._wait()
            self._require_connected()
        return self._take(size, bool(flags & _MSG_PEEK))

    async def recv_exactly(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end of the stream."""
        parts = []
        while size and (part := await self.recv(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _take(self, size: int, peek: bool) -> bytes:
        received = self._received
        if not peek and len(received) == 1 and len(received[0]) <= size:
            data = received.popleft()
            self._consumed(len(data))
            return data
        parts = []
        left = size
        while left and self._received:
            part = self._received.popleft()
            if len(part) > left:
                self._received.appendleft(part[left:])
                part = part[:left]
            parts.append(part)
            left -= len(part)
        data = b"".join(parts)
        if peek:
            self._received.extendleft(reversed(parts))
        elif data:
            self._consumed(len(data))
        return data

    def _consumed(self, count: int) -> None:
        self._connection.consumed(count, self._peer.now_ns())
        self._peer.changed()

    async def shutdown(self, how: int) -> None:
        self._require_connected()
        if not self._established:
            raise error(errno.ENOTCONN)
        if how in (bsd.SHUT_RD, bsd.SHUT_RDWR):
            self._read_shut = True
            self._changed.set()
        if how in (bsd.SHUT_WR, bsd.SHUT_RDWR) and not self._write_shut:
            self._write_shut = True
            self._connection.close(self._peer.now_ns())
            self._peer.changed()

    async def close(self) -> None:
        """Returns at once; what was sent still arrives. Data that was not read makes it a reset."""
        if self._released:
            return
        self._released = True
        if self._listener is not None:
            self._peer.stack.close_listener(self._listener, self._peer.now_ns())
        elif self._connection is not None:
            self._connection.release(self._peer.now_ns())
        self._changed.set()
        self._peer.changed()

    async def abort(self) -> None:
        """Reset the connection."""
        self._released = True
        if self._connection is not None:
            self._connection.abort(self._peer.now_ns())
        self._changed.set()
        self._peer.changed()

    async def wait_closed(self) -> None:
        """Until the connection exists no more (after TIME-WAIT, for the side that closes first)."""
        await self._gone

    async def getsockname(self) -> Endpoint:
        if self._connection is None:
            return self._local[0] or "0.0.0.0", self._local[1]
        binding = self._connection.binding
        return str(ipaddress.ip_address(binding.local_address)), binding.local_port

    async def getpeername(self) -> Endpoint:
        if self._connection is None or not self._established:
            raise error(errno.ENOTCONN)
        binding = self._connection.binding
        return str(ipaddress.ip_address(binding.remote_address)), binding.remote_port

    async def setsockopt(self, level: int, name: int, value: int) -> None:
        """TCP_NODELAY."""
        if (level, name) != (bsd.IPPROTO_TCP, bsd.TCP_NODELAY):
            raise error(errno.ENOPROTOOPT)
        self._nodelay = bool(value)
        if self._connection is not None:
            self._connection.set_nodelay(self._nodelay)
            self._peer.changed()

    async def getsockopt(self, level: int, name: int, buflen: int = 0) -> int:
        """TCP_NODELAY, SO_ERROR; no structured option."""
        if (level, name) == (bsd.IPPROTO_TCP, bsd.TCP_NODELAY):
            return int(self._nodelay)
        if (level, name) == (bsd.SOL_SOCKET, bsd.SO_ERROR):
            number, self._error = self._error or 0, None
            return number
        raise error(errno.ENOPROTOOPT)

    # What the stack tells.

    def payload(self, offset: int, length: int) -> memoryview | bytes:
        """Bytes of our stream, for transmission."""
        start = offset - self._unacked
        return bytes(self._sending[start : start + length])

    def event(self, connection: Any, event: Any) -> None:
        """Called by the peer for each event of a connection that this socket owns."""
        if self._listener is not None:
            self._child_event(connection, event)
            return
        kind = type(event)
        if kind is DataArrived:
            payload = event.payload
            self.bytes_received += len(payload)
            if self._read_shut or self._released:
                connection.consumed(len(payload), self._peer.now_ns())
            else:
                self._received.append(bytes(payload))
            self._changed.set()
            return
        if kind is Acknowledged:
            del self._sending[: event.offset - self._unacked]
            self._unacked = event.offset
            self._changed.set()
            return
        match event:
            case Established():
                self._established = True
            case PeerClosed():
                self._at_end = True
            case Error(errno=number, fatal=True):
                self._error = number
            case Closed():
                self._gone.set()
        self._changed.set()

    def _child_event(self, connection: Any, event: Any) -> None:
        """An event of a connection that the listener still owns: until it is established."""
        if isinstance(event, Established):
            child = PeerSocket(self._peer, connection)
            connection.owner = child
            child.event(connection, event)
            self._children.append(child)
            self._changed.set()

    async def _wait(self) -> None:
        """Until the state may have changed."""
        if not self._blocking:
            raise error(errno.EAGAIN)
        self._changed.clear()
        await self._changed

    def _open(self) -> None:
        if self._released:
            raise error(errno.EBADF)

    def _require_connected(self) -> None:
        self._open()
        if self._connection is None:
            raise error(errno.ENOTCONN)

    def _raise_error(self) -> None:
        """An error is told once (SO_ERROR)."""
        if self._error is not None:
            number, self._error = self._error, None
            raise error(number)
