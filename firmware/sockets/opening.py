"""Commands that make a socket and its connection: SOCKET, BIND, LISTEN, ACCEPT, CONNECT."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from firmware.endpoint import Endpoint
from firmware.messages import ListenRequest, Message, Result, SocketRequest, pack_address, unpack_address
from firmware.requests import RequestError
from firmware.socket_options import AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM
from firmware.sockets.socket import Socket, wait, waits
from firmware.stack import EPHEMERAL_FIRST, EPHEMERAL_LAST
from firmware.tcp.connection import Connection

if TYPE_CHECKING:
    from firmware.sockets.sockets import Sockets


def open_socket(sockets: Sockets, message: Message) -> bytes:
    """SOCKET: of AF_INET or AF_INET6, for TCP."""
    request, _ = SocketRequest.unpack(message.parameters)
    if request.domain != AF_INET and (request.domain != AF_INET6 or sockets.stack.ipv6 is None):
        raise RequestError(errno.EAFNOSUPPORT)
    if request.type != SOCK_STREAM:
        raise RequestError(errno.EPROTONOSUPPORT)
    if request.protocol not in (0, IPPROTO_TCP):
        raise RequestError(errno.EPROTONOSUPPORT)
    return Result(sockets.new_socket(request.domain).descriptor).pack()


def bind(sockets: Sockets, message: Message) -> bytes:
    """BIND: a port, 0 for any that is free, and one of our addresses, all zero for any."""
    socket = sockets.of(message)
    port, address = _address_of(socket, message.parameters)
    if socket.local_port or socket.endpoint is not None:
        raise RequestError(errno.EINVAL)
    if any(address) and not sockets.stack.layer_for(address).is_own(address):
        raise RequestError(errno.EADDRNOTAVAIL)
    _take_port(sockets, socket, port)
    socket.local_address = address
    return Result(0).pack()


def _take_port(sockets: Sockets, socket: Socket, port: int) -> None:
    if not port:
        used = {connection.binding.local_port for connection in sockets.stack.connections}
        port = next((each for each in range(EPHEMERAL_LAST, EPHEMERAL_FIRST - 1, -1)
                     if (socket.domain, each) not in sockets.ports and each not in used), 0)
        if not port:
            raise RequestError(errno.EADDRINUSE)
    elif (socket.domain, port) in sockets.ports:
        raise RequestError(errno.EADDRINUSE)
    elif not socket.reuse_address and any(
            connection.binding.local_port == port
            and len(connection.binding.local_address) == len(socket.local_address)
            for connection in sockets.stack.connections):
        raise RequestError(errno.EADDRINUSE)
    sockets.ports[socket.domain, port] = socket
    socket.local_port = port


def listen(sockets: Sockets, message: Message) -> bytes:
    """LISTEN; again, to change the backlog."""
    socket = sockets.of(message)
    request, _ = ListenRequest.unpack(message.parameters)
    backlog = max(1, min(request.backlog, 128))
    if socket.endpoint is not None:
        raise RequestError(errno.EINVAL)
    if socket.listener is not None:
        socket.listener.backlog = backlog
        return Result(0).pack()
    if not socket.local_port:
        _take_port(sockets, socket, 0)
    socket.listener = sockets.stack.listen(socket.local_port, backlog, sockets.config(socket), socket.local_address,
                                            socket)
    return Result(0).pack()


def accept(sockets: Sockets, message: Message) -> bytes | None:
    """ACCEPT: the oldest connection, or wait for one."""
    socket = sockets.of(message)
    if socket.listener is None:
        raise RequestError(errno.EINVAL)
    if not socket.accepts and (taken := take_connection(sockets, socket)) is not None:
        return taken
    if not waits(message):
        raise RequestError(errno.EAGAIN)
    wait(socket.accepts, message)
    return None


def take_connection(sockets: Sockets, listening: Socket) -> bytes | None:
    """Accept the oldest connection: its descriptor and the peer's address."""
    if len(sockets.by_descriptor) >= sockets.most_sockets:
        return None
    connection = listening.listener.accept()
    if connection is None:
        return None
    socket = sockets.new_socket(listening.domain)
    socket.local_port = listening.local_port
    socket.settings, socket.linger = listening.settings, listening.linger
    socket.receive_buffer, socket.send_buffer = listening.receive_buffer, listening.send_buffer
    socket.endpoint = connection.owner
    socket.endpoint.socket = socket
    socket.endpoint.listening = None
    return Result(socket.descriptor).pack() + peer_address(connection)


def peer_address(connection: Connection) -> bytes:
    """Of the other end, as replies have it."""
    binding = connection.binding
    return pack_address(binding.remote_port, binding.remote_address)


def connect(sockets: Sockets, message: Message) -> bytes | None:
    """CONNECT: answered when the connection is established or has failed."""
    socket = sockets.of(message)
    port, remote = _address_of(socket, message.parameters)
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
    connection = sockets.stack.connect(remote, port, sockets.now_ns(), socket.local_port or None,
                                       sockets.config(socket))
    if isinstance(connection.owner, Endpoint):
        endpoint = connection.owner
    else:
        endpoint = connection.owner = Endpoint(connection, sockets.buffer, None, sockets.sent, sockets.keeping)
    endpoint.socket = socket
    socket.endpoint = endpoint
    sockets.dirty[socket] = None
    if not waits(message):
        raise RequestError(errno.EINPROGRESS)
    socket.connect = message
    return None


def _address_of(socket: Socket, parameters: bytes) -> tuple[int, bytes]:
    """Port and address, of the family of the socket."""
    family, port, address = unpack_address(parameters)
    if family != socket.domain:
        raise RequestError(errno.EAFNOSUPPORT)
    return port, address
