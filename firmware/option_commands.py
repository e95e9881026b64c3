"""GETSOCKOPT and SETSOCKOPT: which options a socket has, and what they read or change.

Most options of TCP are settings of `TcpConfig`: a socket keeps what was changed in `settings` for the connection that
it will make (an accepted socket has those of its listener), and a connection that exists is configured at once.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from firmware.requests import RequestError
from firmware.socket_options import (
    AF_INET6,
    IPPROTO_IP,
    IPPROTO_IPV6,
    IPPROTO_TCP,
    SOCK_STREAM,
    SOL_SOCKET,
    IpOption,
    Ipv6Option,
    SocketOption,
    TcpOption,
)
from firmware.tcp.config import CONGESTION_CONTROLS, MILLISECOND, SECOND, TcpConfig
from firmware.tcp.info import tcp_info

LEAST_SEND_BUFFER = 4096
LEAST_RECEIVE_BUFFER = 2048
LEAST_MSS = 88
DEFAULT_TTL = 64
LINGER = struct.Struct("<ii")
"""`struct linger`: on or off, seconds."""


@dataclass(frozen=True)
class _Setting:
    """An option that is one number of TcpConfig, `unit` times the option's value, within its limits or EINVAL.

    The lowest `shift` bits of the value are not kept.
    """

    field: str
    least: int
    most: int
    unit: int = 1
    shift: int = 0


_SETTINGS = {
    (SOL_SOCKET, SocketOption.OOBINLINE): _Setting("oob_inline", 0, 1),
    (IPPROTO_IP, IpOption.TTL): _Setting("ttl", 1, 255),
    (IPPROTO_IP, IpOption.TOS): _Setting("dscp", 0, 255, shift=2),
    (IPPROTO_IPV6, Ipv6Option.UNICAST_HOPS): _Setting("ttl", 1, 255),
    (IPPROTO_IPV6, Ipv6Option.TCLASS): _Setting("dscp", 0, 255, shift=2),
    (IPPROTO_TCP, TcpOption.KEEPIDLE): _Setting("keepalive_idle", 1, 32767, SECOND),
    (IPPROTO_TCP, TcpOption.KEEPINTVL): _Setting("keepalive_interval", 1, 32767, SECOND),
    (IPPROTO_TCP, TcpOption.KEEPCNT): _Setting("keepalive_count", 1, 127),
    (IPPROTO_TCP, TcpOption.USER_TIMEOUT): _Setting("user_timeout", 0, 0x7FFFFFFF, MILLISECOND),
}
_FLAGS = {(SOL_SOCKET, SocketOption.KEEPALIVE): "keepalive", (SOL_SOCKET, SocketOption.OOBINLINE): "oob_inline",
          (IPPROTO_TCP, TcpOption.NODELAY): "nodelay"}


def config_of(socket: Any, default: TcpConfig) -> TcpConfig:
    """The settings now in force, or those that a connection of this socket would have."""
    if socket.endpoint is not None:
        return socket.endpoint.connection.config
    return default.but(receive_buffer=socket.receive_buffer, **socket.settings)


def get_option(socket: Any, level: int, name: int, default: TcpConfig, now: int) -> int | bytes:
    """The value of an option: a number, or bytes. RequestError: EOPNOTSUPP (level), ENOPROTOOPT (name)."""
    endpoint = socket.endpoint
    if level not in (SOL_SOCKET, IPPROTO_TCP, _ip_level(socket)):
        raise RequestError(errno.EOPNOTSUPP)
    if flag := _FLAGS.get((level, name)):
        return int(getattr(config_of(socket, default), flag))
    if setting := _SETTINGS.get((level, name)):
        return (getattr(config_of(socket, default), setting.field) // setting.unit << setting.shift) or (
            DEFAULT_TTL if setting.field == "ttl" else 0)
    values: dict[int, Callable[[], int | bytes]]
    if level == SOL_SOCKET:
        values = {
            SocketOption.REUSEADDR: lambda: int(socket.reuse_address),
            SocketOption.TYPE: lambda: SOCK_STREAM,
            SocketOption.ERROR: lambda: endpoint.take_error() if endpoint is not None else 0,
            SocketOption.SNDBUF: lambda: socket.send_buffer,
            SocketOption.RCVBUF: lambda: socket.receive_buffer,
            SocketOption.LINGER: lambda: LINGER.pack(int(socket.linger is not None), socket.linger or 0),
            SocketOption.ACCEPTCONN: lambda: int(socket.listener is not None),
            SocketOption.PROTOCOL: lambda: IPPROTO_TCP,
            SocketOption.DOMAIN: lambda: socket.domain,
        }
    elif level != IPPROTO_TCP:
        values = {Ipv6Option.V6ONLY: lambda: 1} if level == IPPROTO_IPV6 else {}
    else:
        values = {
            TcpOption.MAXSEG: lambda: (endpoint.connection.snd_mss if endpoint is not None
                                       else config_of(socket, default).mss),
            TcpOption.QUICKACK: lambda: int(config_of(socket, default).delayed_ack_segments == 1),
            TcpOption.CONGESTION: lambda: config_of(socket, default).congestion.encode(),
        }
        if endpoint is not None:
            values[TcpOption.INFO] = lambda: tcp_info(endpoint.connection, now).pack()
        elif name == TcpOption.INFO:
            raise RequestError(errno.ENOTCONN)
    if name not in values:
        raise RequestError(errno.ENOPROTOOPT)
    return values[name]()


def set_option(socket: Any, level: int, name: int, value: int, data: bytes, default: TcpConfig, most_send: int,
               most_receive: int, now: int) -> None:
    """Change an option; `data` is what follows `value` in the request. Buffer sizes are brought into their limits.

    RequestError: ENOPROTOOPT, EINVAL (a value that cannot be), ENOENT (no such congestion control).
    """
    key = (level, name)
    if level in (IPPROTO_IP, IPPROTO_IPV6) and level != _ip_level(socket):
        raise RequestError(errno.ENOPROTOOPT)
    if flag := _FLAGS.get(key):
        _change(socket, now, **{flag: bool(value)})
    elif setting := _SETTINGS.get(key):
        if not setting.least <= value <= setting.most:
            raise RequestError(errno.EINVAL)
        _change(socket, now, **{setting.field: (value >> setting.shift) * setting.unit})
    elif key == (IPPROTO_IPV6, Ipv6Option.V6ONLY):
        if not value:
            raise RequestError(errno.EINVAL)  # a socket of IPv6 takes no connections over IPv4
    elif key == (SOL_SOCKET, SocketOption.REUSEADDR):
        socket.reuse_address = bool(value)
    elif key == (SOL_SOCKET, SocketOption.SNDBUF):
        socket.send_buffer = max(LEAST_SEND_BUFFER, min(_positive(value), most_send))
    elif key == (SOL_SOCKET, SocketOption.RCVBUF):
        socket.receive_buffer = max(LEAST_RECEIVE_BUFFER, min(_positive(value), most_receive))
        if socket.endpoint is not None:
            _change(socket, now, receive_buffer=socket.receive_buffer)
    elif key == (SOL_SOCKET, SocketOption.LINGER):
        if len(data) < LINGER.size:
            raise RequestError(errno.EINVAL)
        on, seconds = LINGER.unpack_from(data)
        socket.linger = max(seconds, 0) if on else None
    elif key == (IPPROTO_TCP, TcpOption.MAXSEG):
        if not LEAST_MSS <= value <= default.mss:
            raise RequestError(errno.EINVAL)
        _change(socket, now, mss=value)
    elif key == (IPPROTO_TCP, TcpOption.QUICKACK):
        _change(socket, now, delayed_ack_segments=1 if value else max(default.delayed_ack_segments, 2))
    elif key == (IPPROTO_TCP, TcpOption.CONGESTION):
        algorithm = data.rstrip(b"\0").decode("ascii", "replace")
        if algorithm not in CONGESTION_CONTROLS:
            raise RequestError(errno.ENOENT)
        _change(socket, now, congestion=algorithm)
    else:
        raise RequestError(errno.ENOPROTOOPT)


def _ip_level(socket: Any) -> int:
    return IPPROTO_IPV6 if socket.domain == AF_INET6 else IPPROTO_IP


def _positive(value: int) -> int:
    if value <= 0:
        raise RequestError(errno.EINVAL)
    return value


def _change(socket: Any, now: int, **changes: Any) -> None:
    endpoint = socket.endpoint
    if endpoint is not None and not endpoint.closed:
        endpoint.connection.configure(now, **changes)
    changes.pop("receive_buffer", None)  # the socket has that itself
    socket.settings = {**socket.settings, **changes}
