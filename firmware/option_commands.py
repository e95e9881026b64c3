"""GETSOCKOPT and SETSOCKOPT: which options a socket has, and what they read or change."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from firmware.requests import RequestError
from firmware.socket_options import AF_INET, IPPROTO_TCP, SOCK_STREAM, SOL_SOCKET, SocketOption, TcpOption

LEAST_SEND_BUFFER = 4096
LEAST_RECEIVE_BUFFER = 2048


def get_option(socket: Any, level: int, name: int, default_mss: int) -> int:
    """The value of an option. RequestError: EOPNOTSUPP (level), ENOPROTOOPT (name)."""
    endpoint = socket.endpoint
    values: dict[int, Callable[[], int]]
    if level == SOL_SOCKET:
        values = {
            SocketOption.REUSEADDR: lambda: int(socket.reuse_address),
            SocketOption.TYPE: lambda: SOCK_STREAM,
            SocketOption.ERROR: lambda: endpoint.take_error() if endpoint is not None else 0,
            SocketOption.SNDBUF: lambda: socket.send_buffer,
            SocketOption.RCVBUF: lambda: socket.receive_buffer,
            SocketOption.ACCEPTCONN: lambda: int(socket.listener is not None),
            SocketOption.PROTOCOL: lambda: IPPROTO_TCP,
            SocketOption.DOMAIN: lambda: AF_INET,
        }
    elif level == IPPROTO_TCP:
        values = {
            TcpOption.NODELAY: lambda: int(socket.nodelay),
            TcpOption.MAXSEG: lambda: endpoint.connection.snd_mss if endpoint is not None else default_mss,
        }
    else:
        raise RequestError(errno.EOPNOTSUPP)
    if name not in values:
        raise RequestError(errno.ENOPROTOOPT)
    return values[name]()


def set_option(socket: Any, level: int, name: int, value: int, most_send: int, most_receive: int) -> None:
    """Change an option; buffer sizes are brought into their limits. RequestError: ENOPROTOOPT, EINVAL (size)."""
    if (level, name) == (SOL_SOCKET, SocketOption.REUSEADDR):
        socket.reuse_address = bool(value)
    elif level == SOL_SOCKET and name in (SocketOption.SNDBUF, SocketOption.RCVBUF):
        if value <= 0:
            raise RequestError(errno.EINVAL)
        if name == SocketOption.SNDBUF:
            socket.send_buffer = max(LEAST_SEND_BUFFER, min(value, most_send))
        else:
            socket.receive_buffer = max(LEAST_RECEIVE_BUFFER, min(value, most_receive))
    elif (level, name) == (IPPROTO_TCP, TcpOption.NODELAY):
        socket.nodelay = bool(value)
        if socket.endpoint is not None and not socket.endpoint.closed:
            socket.endpoint.connection.set_nodelay(socket.nodelay)
    else:
        raise RequestError(errno.ENOPROTOOPT)
