"""BSD sockets over messages: the commands of the host, with the errno of each thing that can go wrong."""

from __future__ import annotations

import errno
import heapq
from collections import deque
from collections.abc import Callable
from typing import Any

from firmware.endpoint import Endpoint
from firmware.messages import (
    CancelRequest,
    Command,
    Flag,
    IdKind,
    ListenRequest,
    Message,
    MessageError,
    OptionRequest,
    Result,
    ShutdownRequest,
    SocketRequest,
    pack_address,
    unpack_address,
)
from firmware.messages import PollRequest as PollParameters
from firmware.option_commands import config_of, get_option, set_option
from firmware.requests import PollRequest, ReceiveRequest, RequestError, transfer_of
from firmware.retransmission_buffer import RetransmissionBuffer
from firmware.sending.stream import Keeping, SendRequest
from firmware.socket_options import (
    AF_INET,
    AF_INET6,
    IPPROTO_TCP,
    SOCK_STREAM,
    MessageFlag,
    Poll,
    Shutdown,
)
from firmware.stack import EPHEMERAL_FIRST, EPHEMERAL_LAST, Stack
from firmware.tcp.connection import CallError, Connection
from firmware.tcp.events import Event
from firmware.tcp.listener import Listener

FIRST_DESCRIPTOR = 1025
"""Descriptor of the first socket (published: HL-TCP, section 4.1)."""
MOST_WAITING = 64
"""Requests that may wait at one socket."""


class Socket:
    """A descriptor: unconnected, listening, connecting or connected."""

    def __init__(self, descriptor: int, domain: int, receive_buffer: int, send_buffer: int) -> None:
        self.descriptor = descriptor
        self.domain = domain
        """AF_INET, or AF_INET6: then of IPv6 only."""
        self.local_port = 0
        self.local_address = bytes(16 if domain == AF_INET6 else 4)
        """All zero: any."""
        self.reuse_address = False
        self.settings: dict[str, Any] = {}
        """What SETSOCKOPT changed of the settings of a connection."""
        self.linger: int | None = None
        """SO_LINGER, in seconds."""
        self.receive_buffer = receive_buffer
        self.send_buffer = send_buffer
        self.listener: Listener | None = None
        self.endpoint: Endpoint | None = None
        self.read_shut = False
        self.connect: Message | None = None
        self.accepts: deque[Message] = deque()
        self.receives: deque[ReceiveRequest] = deque()
        self.polls: list[PollRequest] = []


class Sockets:
    """Every socket of one hardware thread. Synchronous: the caller does for `dirty` sockets what needs the bus."""

    def __init__(self, buffer: RetransmissionBuffer, reply: Callable[[Message], None], now_ns: Callable[[], int],
                 receive_buffer: int = 65535, send_buffer: int = 131072, most_sockets: int = 1024,
                 keeping: Keeping = Keeping.COPY) -> None:
        self._buffer = buffer
        self._keeping = keeping
        self._reply = reply
        self._now_ns = now_ns
        self._receive_buffer = self.most_receive_buffer = receive_buffer
        self._send_buffer = send_buffer
        self._most_sockets = most_sockets
        self.stack: Stack | None = None
        self._last_config: Any = None
        self._lingering: dict[Endpoint, Message] = {}
        """CLOSEs that are answered when the peer has acknowledged everything."""
        self._sockets: dict[int, Socket] = {}
        self._free: list[int] = []
        """Descriptors below the highest that were given back."""
        self._ports: dict[tuple[int, int], Socket] = {}
        """By domain and port."""
        self.dirty: dict[Socket, None] = {}
        """Sockets at which something may have become possible."""
        self.sending: dict[Endpoint, None] = {}
        """Connections with requests to accept, or accepted bytes that are not in the buffer."""
        self._handlers: dict[int, Callable[[Message], bytes | None]] = {
            Command.SOCKET: self._socket,
            Command.BIND: self._bind,
            Command.LISTEN: self._listen,
            Command.ACCEPT: self._accept,
            Command.CONNECT: self._connect,
            Command.SEND: self._send,
            Command.RECV: self._recv,
            Command.SHUTDOWN: self._shutdown,
            Command.CLOSE: self._close,
            Command.GETSOCKOPT: self._getsockopt,
            Command.SETSOCKOPT: self._setsockopt,
            Command.GETSOCKNAME: self._getsockname,
            Command.GETPEERNAME: self._getpeername,
            Command.POLL: self._poll,
            Command.CANCEL: self._cancel,
        }

    def __len__(self) -> int:
        return len(self._sockets)

    def connection_of(self, descriptor: int) -> Connection | None:
        """The connection of a socket, for tests and reports; None if it has none."""
        socket = self._sockets.get(descriptor)
        return None if socket is None or socket.endpoint is None else socket.endpoint.connection

    # ---- requests and events

    def request(self, message: Message) -> None:
        """Take a request; it is answered now or later, always."""
        handler = self._handlers.get(message.command)
        try:
            if handler is None:
                raise RequestError(errno.ENOSYS)
            if self.stack is None:
                raise RequestError(errno.ENETDOWN)
            answer = handler(message)
        except RequestError as refused:
            self._reply(message.reply(refused.errno))
        except MessageError:
            self._reply(message.reply(errno.EINVAL))
        except CallError as refused:
            self._reply(message.reply(refused.errno))
        else:
            if answer is not None:
                self._reply(message.reply(0, answer))

    def event(self, connection: Connection, event: Event) -> None:
        """Take an event of the stack."""
        endpoint = connection.owner
        if not isinstance(endpoint, Endpoint):
            endpoint = connection.owner = Endpoint(connection, self._buffer, connection.owner, self._sent,
                                                   self._keeping)
        endpoint.event(event)
        if self._lingering and endpoint in self._lingering:
            self._linger(endpoint)
        socket = endpoint.socket or endpoint.listening
        if socket is not None:
            self.dirty[socket] = None
        if endpoint.stream.requests or endpoint.stream.accepted_end > endpoint.stream.buffered_end:
            self.sending[endpoint] = None

    def settle(self, socket: Socket) -> None:
        """Answer what can be answered without the bus: connects, accepts, polls."""
        endpoint = socket.endpoint
        if endpoint is not None and socket.connect is not None and not endpoint.connecting:
            message, socket.connect = socket.connect, None
            if endpoint.established:
                self._reply(message.reply(0, Result(0).pack()))
            else:
                socket.endpoint = None
                self._reply(message.reply(endpoint.take_error() or errno.ECONNABORTED))
        while socket.accepts and socket.listener is not None and (taken := self._take_connection(socket)) is not None:
            self._reply(socket.accepts.popleft().reply(0, taken))
        if socket.polls:
            ready = self._ready_events(socket)
            for poll in [each for each in socket.polls if each.events & ready]:
                socket.polls.remove(poll)
                self._reply(poll.message.reply(0, Result(poll.events & ready).pack()))

    def _sent(self, request: SendRequest, error: int) -> None:
        """A SEND is over: its pages are the host's again."""
        if not error and not request.limit:
            error = errno.EINTR
        if error:
            self._reply(request.message.reply(error))
        else:
            self._reply(request.message.reply(0, Result(request.limit).pack()))

    # ---- helpers

    def _of(self, message: Message) -> Socket:
        socket = self._sockets.get(message.identifier) if message.id_kind == IdKind.DESCRIPTOR else None
        if socket is None:
            raise RequestError(errno.EBADF)
        return socket

    def _connected(self, socket: Socket) -> Endpoint:
        if socket.endpoint is None or not socket.endpoint.established:
            raise RequestError((socket.endpoint.take_error() if socket.endpoint else 0) or errno.ENOTCONN)
        return socket.endpoint

    def _new_socket(self, domain: int) -> Socket:
        if len(self._sockets) >= self._most_sockets:
            raise RequestError(errno.ENFILE)
        # the lowest that is free: those given back, or else the next
        descriptor = heapq.heappop(self._free) if self._free else FIRST_DESCRIPTOR + len(self._sockets)
        socket = self._sockets[descriptor] = Socket(descriptor, domain, self._receive_buffer,
                                                            self._send_buffer)
        return socket

    def _config(self, socket: Socket) -> Any:
        config = config_of(socket, self.stack.config)
        if config == self._last_config:
            return self._last_config  # connections alike share their settings
        self._last_config = config
        return config

    @staticmethod
    def _waits(message: Message, flags: int = 0) -> bool:
        return not message.flags & Flag.DONTWAIT and not flags & MessageFlag.DONTWAIT

    @staticmethod
    def _address_of(socket: Socket, parameters: bytes) -> tuple[int, bytes]:
        """Port and address, of the family of the socket."""
        family, port, address = unpack_address(parameters)
        if family != socket.domain:
            raise RequestError(errno.EAFNOSUPPORT)
        return port, address

    # ---- commands

    def _socket(self, message: Message) -> bytes:
        request, _ = SocketRequest.unpack(message.parameters)
        if request.domain != AF_INET and (request.domain != AF_INET6 or self.stack.ipv6 is None):
            raise RequestError(errno.EAFNOSUPPORT)
        if request.type != SOCK_STREAM:
            raise RequestError(errno.EPROTONOSUPPORT)
        if request.protocol not in (0, IPPROTO_TCP):
            raise RequestError(errno.EPROTONOSUPPORT)
        return Result(self._new_socket(request.domain).descriptor).pack()

    def _bind(self, message: Message) -> bytes:
        socket = self._of(message)
        port, address = self._address_of(socket, message.parameters)
        if socket.local_port or socket.endpoint is not None:
            raise RequestError(errno.EINVAL)
        if any(address) and not self.stack.layer_for(address).is_own(address):
            raise RequestError(errno.EADDRNOTAVAIL)
        self._take_port(socket, port)
        socket.local_address = address
        return Result(0).pack()

    def _take_port(self, socket: Socket, port: int) -> None:
        if not port:
            used = {connection.binding.local_port for connection in self.stack.connections}
            port = next((each for each in range(EPHEMERAL_LAST, EPHEMERAL_FIRST - 1, -1)
                         if (socket.domain, each) not in self._ports and each not in used), 0)
            if not port:
                raise RequestError(errno.EADDRINUSE)
        elif (socket.domain, port) in self._ports:
            raise RequestError(errno.EADDRINUSE)
        elif not socket.reuse_address and any(
                connection.binding.local_port == port
                and len(connection.binding.local_address) == len(socket.local_address)
                for connection in self.stack.connections):
            raise RequestError(errno.EADDRINUSE)
        self._ports[socket.domain, port] = socket
        socket.local_port = port

    def _listen(self, message: Message) -> bytes:
        socket = self._of(message)
        request, _ = ListenRequest.unpack(message.parameters)
        backlog = max(1, min(request.backlog, 128))
        if socket.endpoint is not None:
            raise RequestError(errno.EINVAL)
        if socket.listener is not None:
            socket.listener.backlog = backlog
            return Result(0).pack()
        if not socket.local_port:
            self._take_port(socket, 0)
        socket.listener = self.stack.listen(socket.local_port, backlog, self._config(socket), socket.local_address,
                                            socket)
        return Result(0).pack()

    def _accept(self, message: Message) -> bytes | None:
        socket = self._of(message)
        if socket.listener is None:
            raise RequestError(errno.EINVAL)
        if not socket.accepts and (taken := self._take_connection(socket)) is not None:
            return taken
        if not self._waits(message):
            raise RequestError(errno.EAGAIN)
        self._wait(socket.accepts, message)
        return None

    @staticmethod
    def _wait(queue: Any, request: Any) -> None:
        if len(queue) >= MOST_WAITING:
            raise RequestError(errno.ENOBUFS)
        queue.append(request)

    def _take_connection(self, listening: Socket) -> bytes | None:
        """Accept the oldest connection: its descriptor and the peer's address."""
        if len(self._sockets) >= self._most_sockets:
            return None
        connection = listening.listener.accept()
        if connection is None:
            return None
        socket = self._new_socket(listening.domain)
        socket.local_port = listening.local_port
        socket.settings, socket.linger = listening.settings, listening.linger
        socket.receive_buffer, socket.send_buffer = listening.receive_buffer, listening.send_buffer
        socket.endpoint = connection.owner
        socket.endpoint.socket = socket
        socket.endpoint.listening = None
        return Result(socket.descriptor).pack() + self._peer(connection)

    @staticmethod
    def _peer(connection: Connection) -> bytes:
        binding = connection.binding
        return pack_address(binding.remote_port, binding.remote_address)

    def _connect(self, message: Message) -> bytes | None:
        socket = self._of(message)
        port, remote = self._address_of(socket, message.parameters)
        endpoint = socket.endpoint
        if socket.listener is not None:
            raise RequestError(errno.EISCONN)
        if endpoint is not None:
            if endpoint.connecting:
                raise RequestError(errno.EALREADY)
            if endpoint.established:
                raise RequestError(errno.EISCONN)
            socket.endpoint = None
            raise RequestError(endpoint.take_error() or errno.ECONNABORTED)
        if not port:
            raise RequestError(errno.ECONNREFUSED)
        connection = self.stack.connect(remote, port, self._now_ns(), socket.local_port or None,
                                        self._config(socket))
        if isinstance(connection.owner, Endpoint):
            endpoint = connection.owner
        else:
            endpoint = connection.owner = Endpoint(connection, self._buffer, None, self._sent, self._keeping)
        endpoint.socket = socket
        socket.endpoint = endpoint
        self.dirty[socket] = None
        if not self._waits(message):
            raise RequestError(errno.EINPROGRESS)
        socket.connect = message
        return None

    def _send(self, message: Message) -> bytes | None:
        socket = self._of(message)
        flags, pieces, total = transfer_of(message.parameters)
        endpoint = self._connected(socket)
        if not endpoint.can_send:
            raise RequestError(endpoint.take_error() or errno.EPIPE)
        if not total:
            return Result(0).pack()
        stream = endpoint.stream
        request = SendRequest(message, [(piece.address, piece.length) for piece in pieces], total,
                              push=not flags & MessageFlag.MORE, urgent=bool(flags & MessageFlag.OOB))
        if not self._waits(message, flags):
            room = self.room(endpoint)
            if not room or stream.next_to_accept() is not None:
                raise RequestError(errno.EAGAIN)
            request.limit = min(total, room)
            request.hurry = True
        self._wait(stream.requests, request)
        self.sending[endpoint] = None
        return None

    def room(self, endpoint: Endpoint) -> int:
        """Bytes of the retransmission buffer this connection may take now.

        At most its send buffer, and never so much that it holds more than is left for others: however many connections
        keep what they hold, another one still gets a part (dynamic threshold).
        """
        held = endpoint.stream.held
        limit = endpoint.socket.send_buffer if endpoint.socket is not None else self._send_buffer
        if self._keeping is Keeping.PAGES:
            return max(0, limit - held)
        return max(0, min(limit - held, (self._buffer.available - held) // 2))

    def _recv(self, message: Message) -> bytes | None:
        socket = self._of(message)
        flags, pieces, total = transfer_of(message.parameters)
        endpoint = self._connected(socket)
        if not total:
            return Result(0).pack()
        if flags & MessageFlag.OOB:
            if endpoint.connection.config.oob_inline or endpoint.until_mark is None and endpoint.urgent_byte is None:
                raise RequestError(errno.EINVAL)
            if endpoint.urgent_byte is None or socket.receives:
                raise RequestError(errno.EAGAIN)
            socket.receives.append(ReceiveRequest(message, pieces, 1, bool(flags & MessageFlag.PEEK), True))
            self.dirty[socket] = None
            return None
        idle = not socket.receives and not endpoint.received_bytes
        if idle and endpoint.error:
            raise RequestError(endpoint.take_error())
        if idle and (endpoint.end_of_stream or socket.read_shut):
            return Result(0).pack()
        if not self._waits(message, flags) and (idle or socket.receives):
            raise RequestError(errno.EAGAIN)
        self._wait(socket.receives, ReceiveRequest(message, pieces, total, bool(flags & MessageFlag.PEEK),
                                                   wait_all=bool(flags & MessageFlag.WAITALL)
                                                   and self._waits(message, flags)))
        self.dirty[socket] = None
        return None

    def _shutdown(self, message: Message) -> bytes:
        socket = self._of(message)
        request, _ = ShutdownRequest.unpack(message.parameters)
        if request.how not in tuple(Shutdown):
            raise RequestError(errno.EINVAL)
        endpoint = self._connected(socket)
        if endpoint.closed:
            raise RequestError(errno.ENOTCONN)
        if request.how != Shutdown.WRITE:
            socket.read_shut = True
        if request.how != Shutdown.READ and not endpoint.closing:
            endpoint.closing = True
            endpoint.accept_bytes(self.room, self._now_ns())
            if not endpoint.fin_queued:
                self.sending[endpoint] = None
        self.dirty[socket] = None
        return Result(0).pack()

    def _close(self, message: Message) -> bytes:
        socket = self._of(message)
        del self._sockets[socket.descriptor]
        heapq.heappush(self._free, socket.descriptor)
        if self._ports.get((socket.domain, socket.local_port)) is socket:
            del self._ports[socket.domain, socket.local_port]
        if socket.listener is not None:
            self.stack.close_listener(socket.listener, self._now_ns())
            socket.listener = None
        for waiting in (*socket.accepts, *([socket.connect] if socket.connect else []),
                        *(poll.message for poll in socket.polls)):
            self._reply(waiting.reply(errno.EBADF))
        socket.accepts.clear()
        socket.polls.clear()
        socket.connect = None
        for receive in socket.receives:
            receive.ended, receive.error = True, errno.EBADF
        self.dirty[socket] = None
        endpoint = socket.endpoint
        if endpoint is not None:
            if socket.linger == 0:
                endpoint.connection.abort(self._now_ns())
            self._leave(endpoint)
            if socket.linger and self._waits(message):
                self._lingering[endpoint] = message
                self._linger(endpoint)
                return None
        return Result(0).pack()

    def _linger(self, endpoint: Endpoint) -> None:
        """Answer a CLOSE that waited for its connection's end."""
        if endpoint.closed or endpoint.connection.fin_acked:
            self._reply(self._lingering.pop(endpoint).reply(0, Result(0).pack()))

    def _leave(self, endpoint: Endpoint) -> None:
        """The application is gone; what was accepted is still sent."""
        endpoint.socket = None
        for request in list(endpoint.stream.requests):
            endpoint.stream.truncate(request)
        endpoint.connection.release(self._now_ns())
        endpoint.fin_queued = endpoint.closing = True
        endpoint.received.clear()
        endpoint.received_bytes = 0
        if endpoint.stream.accepted_end > endpoint.stream.buffered_end:
            self.sending[endpoint] = None

    def _getsockopt(self, message: Message) -> bytes:
        socket = self._of(message)
        request, _ = OptionRequest.unpack(message.parameters)
        value = get_option(socket, request.level, request.name, self.stack.config, self._now_ns())
        if isinstance(value, bytes):
            return Result(len(value)).pack() + value
        return Result(value).pack()

    def _setsockopt(self, message: Message) -> bytes:
        socket = self._of(message)
        request, data = OptionRequest.unpack(message.parameters)
        set_option(socket, request.level, request.name, request.value, data, self.stack.config, self._buffer.size,
                   self.most_receive_buffer, self._now_ns())
        return Result(0).pack()

    def _getsockname(self, message: Message) -> bytes:
        socket = self._of(message)
        if socket.endpoint is not None:
            binding = socket.endpoint.connection.binding
            address = pack_address(binding.local_port, binding.local_address)
        else:
            address = pack_address(socket.local_port, socket.local_address)
        return Result(0).pack() + address

    def _getpeername(self, message: Message) -> bytes:
        endpoint = self._connected(self._of(message))
        if endpoint.closed:
            raise RequestError(errno.ENOTCONN)
        return Result(0).pack() + self._peer(endpoint.connection)

    def _poll(self, message: Message) -> bytes | None:
        socket = self._of(message)
        request, _ = PollParameters.unpack(message.parameters)
        events = request.events | Poll.ERR | Poll.HUP
        ready = self._ready_events(socket) & events
        if ready or not self._waits(message):
            return Result(ready).pack()
        self._wait(socket.polls, PollRequest(message, events))
        return None

    def _ready_events(self, socket: Socket) -> int:
        endpoint = socket.endpoint
        if socket.listener is not None:
            return Poll.IN if socket.listener.accept_queue else 0
        if endpoint is None:
            return Poll.OUT | Poll.HUP
        ready = 0
        if endpoint.error:
            ready |= Poll.ERR | Poll.IN
        if endpoint.until_mark is not None or endpoint.urgent_byte is not None:
            ready |= Poll.PRI
        if endpoint.received_bytes or endpoint.end_of_stream or socket.read_shut:
            ready |= Poll.IN
        if endpoint.end_of_stream or socket.read_shut:
            ready |= Poll.RDHUP
        if endpoint.closed or (endpoint.end_of_stream and endpoint.closing):
            ready |= Poll.HUP
        if endpoint.closed or (endpoint.can_send and endpoint.stream.next_to_accept() is None
                               and self.room(endpoint)):
            ready |= Poll.OUT
        return ready

    def _cancel_close(self, message: Message) -> bool:
        """SO_LINGER's time is over: the CLOSE is answered, what was sent goes on."""
        request, _ = CancelRequest.unpack(message.parameters)
        for endpoint, closing in self._lingering.items():
            if (closing.identifier, closing.tag) == (message.identifier, request.tag):
                del self._lingering[endpoint]
                self._reply(closing.reply(0, Result(0).pack()))
                return True
        return False

    def _cancel(self, message: Message) -> bytes:
        """The request with that tag at the same socket is answered with EINTR, or soon with what it did."""
        if self._lingering and self._cancel_close(message):
            return Result(0).pack()
        socket = self._of(message)
        request, _ = CancelRequest.unpack(message.parameters)
        interrupted: Message | None = None
        for accept in socket.accepts:
            if accept.tag == request.tag:
                socket.accepts.remove(accept)
                interrupted = accept
                break
        for poll in socket.polls:
            if poll.message.tag == request.tag:
                socket.polls.remove(poll)
                interrupted = poll.message
                break
        if socket.connect is not None and socket.connect.tag == request.tag:
            interrupted, socket.connect = socket.connect, None
        if interrupted is not None:
            self._reply(interrupted.reply(errno.EINTR))
            return Result(0).pack()
        for receive in socket.receives:
            if receive.message.tag == request.tag:
                receive.ended, receive.error = True, errno.EINTR
                self.dirty[socket] = None
                return Result(0).pack()
        for send in socket.endpoint.stream.requests if socket.endpoint is not None else ():
            if send.message.tag == request.tag:
                socket.endpoint.stream.truncate(send)
                self.sending[socket.endpoint] = None
                return Result(0).pack()
        raise RequestError(errno.ENOENT)
