"""Where a packet over IPv6 goes next (RFC 4861 §5): prefixes on the link, default routers, redirects. Times in ns."""

from . import ipv6
from .ipv6 import prefix_bits

MOST_ROUTERS = 16
MOST_PREFIXES = 32
MOST_REDIRECTS = 256
"""More are forgotten, the oldest first."""
FOREVER = 1 << 62


class Routes:
    """The conceptual data structures of a host."""

    __slots__ = ("_prefixes", "_redirects", "_routers")

    def __init__(self) -> None:
        self._prefixes: dict[tuple[bytes, int], int] = {}
        self._routers: dict[bytes, int] = {}
        """Until when each is one."""
        self._redirects: dict[bytes, bytes] = {}

    def add_prefix(self, prefix: bytes, length: int, until: int) -> None:
        """On the link until then; not any more if that is over."""
        key = (prefix_bits(prefix, length).to_bytes(17, "big"), length)
        self._prefixes.pop(key, None)
        if until <= 0:
            return
        if len(self._prefixes) >= MOST_PREFIXES:
            del self._prefixes[next(iter(self._prefixes))]
        self._prefixes[key] = until

    def add_router(self, router: bytes, until: int) -> None:
        """A default router until then; with 0 none any more."""
        if until <= 0:
            self.remove_router(router)
            return
        if router not in self._routers and len(self._routers) >= MOST_ROUTERS:
            return
        self._routers[router] = until

    def remove_router(self, router: bytes) -> None:
        """It is none any more; what was redirected to it goes elsewhere (RFC 4861 §6.3.5)."""
        self._routers.pop(router, None)
        for destination in [key for key, hop in self._redirects.items() if hop == router]:
            del self._redirects[destination]

    def routers(self, now: int) -> list[bytes]:
        """The default routers, the first first."""
        return [router for router, until in self._routers.items() if now < until]

    def prefer_another(self, router: bytes) -> None:
        """It does not answer: others come first (RFC 4861 §6.3.6)."""
        if router in self._routers:
            self._routers[router] = self._routers.pop(router)
        for destination in [key for key, hop in self._redirects.items() if hop == router]:
            del self._redirects[destination]

    def redirect(self, destination: bytes, hop: bytes) -> None:
        """A router knows better."""
        self._redirects.pop(destination, None)
        if len(self._redirects) >= MOST_REDIRECTS:
            del self._redirects[next(iter(self._redirects))]
        self._redirects[destination] = hop

    def on_link(self, destination: bytes, now: int) -> bool:
        """Is it reached without a router?"""
        if ipv6.is_link_local(destination):
            return True
        return any(now < until and prefix_bits(destination, length).to_bytes(17, "big") == prefix
                   for (prefix, length), until in self._prefixes.items())

    def next_hop(self, destination: bytes, now: int) -> bytes | None:
        """Whose link-layer address a packet needs; None without a route."""
        if destination in self._redirects:
            return self._redirects[destination]
        if self.on_link(destination, now):
            return destination
        for router, until in self._routers.items():
            if now < until:
                return router
        return None
