"""A server and its clients on two simulated stacks with a link between them: no card, so that a test takes a moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from models import kernel
from models.host.applications import service
from models.network.link import Link, LinkSettings
from models.network.peer import Peer, PeerSettings

SERVER = "10.0.0.1"
MOST_PS = 600 * kernel.S
"""A test that takes longer, in simulated time, hangs."""


def run(port: int, handler: service.Handler, client: Callable[[Peer], Awaitable[Any]]) -> Any:
    """Serve with `handler` while `client(peer)` runs; returns what that returns."""

    async def main() -> Any:
        far = Peer(PeerSettings(mac="02:00:00:00:00:01", address=SERVER), seed=1)
        near = Peer(PeerSettings(), seed=2)
        Link(far.wire, near.wire, LinkSettings(delay_ps=kernel.US)).start()
        far.start()
        near.start()
        kernel.spawn(service.serve(await far.listen(port), handler, "server"))
        return await client(near)

    return kernel.run(main(), limit_ps=MOST_PS)
