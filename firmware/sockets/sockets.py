"""BSD sockets over messages: the commands of the host, with the errno of each thing that can go wrong."""

from __future__ import annotations

import errno
import heapq
from collections.abc import Callable

from firmware.endpoint import Endpoint
from firmware.messages import Command, IdKind, Message, MessageError, Result
from firmware.option_commands import config_of
from firmware.requests import RequestError
from firmware.retransmission_buffer import RetransmissionBuffer
from firmware.sending.stream import Keeping, SendRequest
from firmware.sockets.asking import (
    get_socket_option,
    local_name,
    peer_name,
    poll,
    ready_events,
    set_socket_option,
)
from firmware.sockets.closing import cancel, close, linger, shut_down
from firmware.sockets.opening import accept, bind, connect, listen, open_socket, take_connection
from firmware.sockets.socket import Socket
from firmware.sockets.transferring import receive, send
from firmware.stack import Stack
from firmware.tcp.config import TcpConfig
from firmware.tcp.connection import CallError, Connection
from firmware.tcp.events import Event

FIRST_DESCRIPTOR = 1025
"""Descriptor of the first socket (published: HL-TCP, section 4.1)."""


class Sockets:
    """Every socket of one hardware thread. Synchronous: the caller does for `dirty` sockets what needs the bus."""

    def __init__(self, buffer: RetransmissionBuffer, reply: Callable[[Message], None], now_ns: Callable[[], int],
                 receive_buffer: int = 65535, send_buffer: int = 131072, most_sockets: int = 1024,
                 keeping: Keeping = Keeping.COPY) -> None:
        self.buffer = buffer
        self.keeping = keeping
        self.reply = reply
        self.now_ns = now_ns
        self._receive_buffer = self.most_receive_buffer = receive_buffer
        self._send_buffer = send_buffer
        self.most_sockets = most_sockets
        self.stack: Stack | None = None
        self._last_config: TcpConfig | None = None
        self.lingering: dict[Endpoint, Message] = {}
        """CLOSEs that are answered when the peer has acknowledged everything."""
        self.by_descriptor: dict[int, Socket] = {}
        self.free_descriptors: list[int] = []
        """Descriptors below the highest that were given back."""
        self.ports: dict[tuple[int, int], Socket] = {}
        """By domain and local port."""
        self.dirty: dict[Socket, None] = {}
        """Sockets at which something may have become possible."""
        self.sending: dict[Endpoint, None] = {}
        """Connections with requests to accept, or accepted bytes that are not in the buffer."""

    def __len__(self) -> int:
        return len(self.by_descriptor)

    def connection_of(self, descriptor: int) -> Connection | None:
        """The connection of a socket, for tests and reports; None if it has none."""
        socket = self.by_descriptor.get(descriptor)
        return None if socket is None or socket.endpoint is None else socket.endpoint.connection

    # ---- requests and events

    def request(self, message: Message) -> None:
        """Take a request; it is answered now or later, always."""
        handler = HANDLERS.get(message.command)
        try:
            if handler is None:
                raise RequestError(errno.ENOSYS)
            if self.stack is None:
                raise RequestError(errno.ENETDOWN)
            answer = handler(self, message)
        except RequestError as refused:
            self.reply(message.reply(refused.errno))
        except MessageError:
            self.reply(message.reply(errno.EINVAL))
        except CallError as refused:
            self.reply(message.reply(refused.errno))
        else:
            if answer is not None:
                self.reply(message.reply(0, answer))

    def event(self, connection: Connection, event: Event) -> None:
        """Take an event of the stack."""
        endpoint = connection.owner
        if not isinstance(endpoint, Endpoint):
            endpoint = connection.owner = Endpoint(connection, self.buffer, connection.owner, self.sent, self.keeping)
        endpoint.event(event)
        if self.lingering and endpoint in self.lingering:
            linger(self, endpoint)
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
                self.reply(message.reply(0, Result(0).pack()))
            else:
                socket.endpoint = None
                self.reply(message.reply(endpoint.take_error() or errno.ECONNABORTED))
        while socket.accepts and socket.listener is not None and (taken := take_connection(self, socket)) is not None:
            self.reply(socket.accepts.popleft().reply(0, taken))
        if socket.polls:
            ready = ready_events(self, socket)
            for waiting in [each for each in socket.polls if each.events & ready]:
                socket.polls.remove(waiting)
                self.reply(waiting.message.reply(0, Result(waiting.events & ready).pack()))

    def sent(self, request: SendRequest, error: int) -> None:
        """A SEND is over: its pages are the host's again."""
        if not error and not request.limit:
            error = errno.EINTR
        if error:
            self.reply(request.message.reply(error))
        else:
            self.reply(request.message.reply(0, Result(request.limit).pack()))

    # ---- what commands share

    def of(self, message: Message) -> Socket:
        """The socket that a request is about. RequestError EBADF."""
        socket = self.by_descriptor.get(message.identifier) if message.id_kind == IdKind.DESCRIPTOR else None
        if socket is None:
            raise RequestError(errno.EBADF)
        return socket

    def connected(self, socket: Socket) -> Endpoint:
        """Its connection. RequestError: what ended it, or ENOTCONN."""
        if socket.endpoint is None or not socket.endpoint.established:
            raise RequestError((socket.endpoint.take_error() if socket.endpoint else 0) or errno.ENOTCONN)
        return socket.endpoint

    def new_socket(self, domain: int) -> Socket:
        """Unconnected, with the lowest descriptor that is free. RequestError ENFILE."""
        if len(self.by_descriptor) >= self.most_sockets:
            raise RequestError(errno.ENFILE)
        descriptor = (heapq.heappop(self.free_descriptors) if self.free_descriptors
                      else FIRST_DESCRIPTOR + len(self.by_descriptor))
        socket = self.by_descriptor[descriptor] = Socket(descriptor, domain, self._receive_buffer, self._send_buffer)
        return socket

    def config(self, socket: Socket) -> TcpConfig:
        """The settings of a connection to be made."""
        config = config_of(socket, self.stack.config)
        if config == self._last_config:
            return self._last_config  # connections alike share their settings
        self._last_config = config
        return config

    def room(self, endpoint: Endpoint) -> int:
        """Bytes of the retransmission buffer this connection may take now.

        At most its send buffer, and never so much that it holds more than is left for others: however many connections
        keep what they hold, another one still gets a part (dynamic threshold).
        """
        held = endpoint.stream.held
        limit = endpoint.socket.send_buffer if endpoint.socket is not None else self._send_buffer
        if self.keeping is Keeping.PAGES:
            return max(0, limit - held)
        return max(0, min(limit - held, (self.buffer.available - held) // 2))


HANDLERS: dict[int, Callable[[Sockets, Message], bytes | None]] = {
    Command.SOCKET: open_socket,
    Command.BIND: bind,
    Command.LISTEN: listen,
    Command.ACCEPT: accept,
    Command.CONNECT: connect,
    Command.SEND: send,
    Command.RECV: receive,
    Command.SHUTDOWN: shut_down,
    Command.CLOSE: close,
    Command.GETSOCKOPT: get_socket_option,
    Command.SETSOCKOPT: set_socket_option,
    Command.GETSOCKNAME: local_name,
    Command.GETPEERNAME: peer_name,
    Command.POLL: poll,
    Command.CANCEL: cancel,
}
"""What answers each command: with the parameters of its reply, or None when the reply comes later."""
