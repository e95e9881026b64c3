"""Numbers of the socket interface as Linux on x86 has them; hosts with others translate."""

from __future__ import annotations

import enum

AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
IPPROTO_TCP = 6
SOL_SOCKET = 1
IPPROTO_IP = 0
IPPROTO_IPV6 = 41


class SocketOption(enum.IntEnum):
    """Names at level SOL_SOCKET."""

    REUSEADDR = 2
    TYPE = 3
    ERROR = 4
    SNDBUF = 7
    RCVBUF = 8
    KEEPALIVE = 9
    OOBINLINE = 10
    LINGER = 13
    ACCEPTCONN = 30
    PROTOCOL = 38
    DOMAIN = 39


class IpOption(enum.IntEnum):
    """Names at level IPPROTO_IP."""

    TOS = 1
    TTL = 2


class Ipv6Option(enum.IntEnum):
    """Names at level IPPROTO_IPV6."""

    UNICAST_HOPS = 16
    V6ONLY = 26
    TCLASS = 67


class TcpOption(enum.IntEnum):
    """Names at level IPPROTO_TCP."""

    NODELAY = 1
    MAXSEG = 2
    KEEPIDLE = 4
    KEEPINTVL = 5
    KEEPCNT = 6
    INFO = 11
    QUICKACK = 12
    CONGESTION = 13
    USER_TIMEOUT = 18


class MessageFlag(enum.IntFlag):
    """MSG_ flags of SEND and RECV."""

    OOB = 1
    PEEK = 2
    DONTWAIT = 0x40
    WAITALL = 0x100
    NOSIGNAL = 0x4000
    MORE = 0x8000


class Shutdown(enum.IntEnum):
    """`how` of SHUTDOWN."""

    READ = 0
    WRITE = 1
    BOTH = 2


class Poll(enum.IntFlag):
    """Events of POLL."""

    IN = 0x1
    PRI = 0x2
    OUT = 0x4
    ERR = 0x8
    HUP = 0x10
    RDHUP = 0x2000
