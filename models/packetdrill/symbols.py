"""Values of the symbols in system calls, as Linux on x86 has them, and of the expressions made of them."""

from __future__ import annotations

from models.packetdrill.script import Call, Ellipsis, Name, Or, Sequence, Struct, Unsupported, Value

SYMBOLS = {
    "AF_INET": 2, "AF_INET6": 10, "PF_INET": 2, "SOCK_STREAM": 1, "SOCK_DGRAM": 2,
    "SOCK_NONBLOCK": 0x800, "SOCK_CLOEXEC": 0x80000,
    "IPPROTO_IP": 0, "IPPROTO_TCP": 6, "IPPROTO_UDP": 17, "SOL_TCP": 6, "SOL_IP": 0, "SOL_SOCKET": 1,
    "SO_DEBUG": 1, "SO_REUSEADDR": 2, "SO_TYPE": 3, "SO_ERROR": 4, "SO_SNDBUF": 7, "SO_RCVBUF": 8, "SO_KEEPALIVE": 9,
    "SO_OOBINLINE": 10, "SO_PRIORITY": 12, "SO_LINGER": 13, "SO_REUSEPORT": 15, "SO_RCVLOWAT": 18, "SO_RCVTIMEO": 20,
    "SO_SNDTIMEO": 21, "SO_ACCEPTCONN": 30, "SO_SNDBUFFORCE": 32, "SO_RCVBUFFORCE": 33, "SO_MARK": 36,
    "SO_PROTOCOL": 38, "SO_DOMAIN": 39, "SO_BUSY_POLL": 46, "SO_MAX_PACING_RATE": 47, "SO_ZEROCOPY": 60,
    "TCP_NODELAY": 1, "TCP_MAXSEG": 2, "TCP_CORK": 3, "TCP_KEEPIDLE": 4, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 6,
    "TCP_SYNCNT": 7, "TCP_LINGER2": 8, "TCP_DEFER_ACCEPT": 9, "TCP_WINDOW_CLAMP": 10, "TCP_INFO": 11,
    "TCP_QUICKACK": 12, "TCP_CONGESTION": 13, "TCP_MD5SIG": 14, "TCP_USER_TIMEOUT": 18, "TCP_FASTOPEN": 23,
    "TCP_TIMESTAMP": 24, "TCP_NOTSENT_LOWAT": 25, "TCP_FASTOPEN_CONNECT": 30, "TCP_INQ": 36, "TCP_TX_DELAY": 37,
    "IP_TOS": 1, "IP_TTL": 2, "IP_MTU_DISCOVER": 10, "IP_RECVERR": 11, "IP_MTU": 14,
    "MSG_OOB": 1, "MSG_PEEK": 2, "MSG_TRUNC": 0x20, "MSG_DONTWAIT": 0x40, "MSG_EOR": 0x80, "MSG_WAITALL": 0x100,
    "MSG_ERRQUEUE": 0x2000, "MSG_NOSIGNAL": 0x4000, "MSG_MORE": 0x8000, "MSG_ZEROCOPY": 0x4000000,
    "MSG_FASTOPEN": 0x20000000,
    "SHUT_RD": 0, "SHUT_WR": 1, "SHUT_RDWR": 2,
    "POLLIN": 1, "POLLPRI": 2, "POLLOUT": 4, "POLLERR": 8, "POLLHUP": 0x10, "POLLNVAL": 0x20, "POLLRDNORM": 0x40,
    "POLLWRNORM": 0x100, "POLLRDHUP": 0x2000,
    "F_GETFL": 3, "F_SETFL": 4, "O_RDONLY": 0, "O_WRONLY": 1, "O_RDWR": 2, "O_NONBLOCK": 0x800,
    "FIONREAD": 0x541B, "SIOCINQ": 0x541B, "SIOCOUTQ": 0x5411, "SIOCATMARK": 0x8905, "FIONBIO": 0x5421,
    "IPTOS_LOWDELAY": 0x10, "INADDR_ANY": 0,
}


def number(value: Value | None, what: str = "a value") -> int:
    """The number an expression stands for. Raises Unsupported."""
    if isinstance(value, int):
        return value
    if isinstance(value, Or):
        total = 0
        for part in value.parts:
            total |= number(part, what)
        return total
    if isinstance(value, Name):
        if value.text not in SYMBOLS:
            raise Unsupported(f"the symbol {value.text}")
        return SYMBOLS[value.text]
    if isinstance(value, Sequence) and len(value.items) == 1:
        return number(value.items[0], what)
    if isinstance(value, Call) and value.name in ("htons", "htonl", "ntohs", "ntohl") and len(value.arguments) == 1:
        return number(value.arguments[0], what)
    raise Unsupported(f"{what} that is no number")


def address(value: Value | None, default: tuple[str, int]) -> tuple[str, int]:
    """Host and port of a struct sockaddr; '...' is the default. Raises Unsupported."""
    if value is None or isinstance(value, Ellipsis):
        return default
    if isinstance(value, Struct):
        family = value.get("sa_family")
        if isinstance(family, Name) and family.text not in ("AF_INET", "AF_INET6"):
            raise Unsupported(f"the address family {family.text}")
        host = value.get("sin_addr")
        if isinstance(host, Call) and host.name == "inet_addr" and isinstance(host.arguments[0], str):
            return host.arguments[0], number(value.get("sin_port"), "a port")
        host = value.get("sin6_addr")
        if isinstance(host, Call) and host.name == "inet_pton" and isinstance(host.arguments[-1], str):
            return host.arguments[-1], number(value.get("sin6_port"), "a port")
    raise Unsupported("an address of this form")
