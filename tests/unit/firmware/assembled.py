"""HL-TCP on the functional model of the card, between a host and a peer: what the firmware's tests run on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from firmware.hl_tcp import HlTcp, Settings
from models import kernel
from models.card import ModelCard
from models.host.host import Host, HostSettings, Interface
from models.network.impairment import Impairment
from models.network.link import Link, LinkSettings
from models.network.peer import Peer, PeerSettings

HOST_ADDRESS, PEER_ADDRESS = "10.0.0.1", "10.0.0.2"
MAC = "02:00:00:00:00:01"
LIMIT_PS = 400 * kernel.S
MEMORY_BYTES = 1 << 22


class Assembly:
    """`host`, `peer`, `card`, `firmware`, `link`; started by `run`."""

    def __init__(self, seed: int = 1, settings: Settings | None = None, peer: PeerSettings | None = None,
                 to_peer: Impairment | None = None, to_card: Impairment | None = None,
                 delay_us: float = 5.0, reply_frames: int = 128) -> None:
        self.card = ModelCard(MEMORY_BYTES, seed=seed)
        self.firmware = HlTcp(self.card.firmware, settings or Settings(), seed=seed)
        self.host = Host(self.card.host, HostSettings(card_memory_bytes=MEMORY_BYTES, memory_bytes=64 << 20,
                                                      reply_frames=reply_frames), seed=seed)
        self.peer = Peer(peer or PeerSettings(), seed=seed)
        path = LinkSettings(delay_ps=round(delay_us * kernel.US))
        self.link = Link(self.card.wire, self.peer.wire, path, path, to_peer, to_card)
        self.process: Any = None

    async def start(self) -> None:
        await self.card.start()
        self.link.start()
        self.peer.start()
        self.firmware.start()
        await self.host.start(Interface(MAC, HOST_ADDRESS))
        self.process = self.host.process()

    async def connected(self, port: int = 7) -> tuple[Any, Any]:
        """A connection opened by the host: the host's socket and the peer's."""
        listener = await self.peer.listen(port)
        accepting = kernel.spawn(listener.accept(), "peer accepts")
        sock = await self.process.socket()
        await sock.connect((PEER_ADDRESS, port))
        other, _ = await accepting
        return sock, other

    async def accepted(self, port: int = 7) -> tuple[Any, Any]:
        """A connection opened by the peer: the host's socket and the peer's."""
        listener = await self.process.socket()
        await listener.bind(("0.0.0.0", port))
        await listener.listen()
        connecting = kernel.spawn(self.peer.connect((HOST_ADDRESS, port)), "peer connects")
        sock, _ = await listener.accept()
        return sock, await connecting


def run(scenario: Callable[[Assembly], Coroutine[Any, Any, Any]], **assembly: Any) -> Any:
    """Run a scenario on a fresh assembly in virtual time."""

    async def main() -> Any:
        made = Assembly(**assembly)
        await made.start()
        return await scenario(made)

    return kernel.run(main(), LIMIT_PS)


async def receive_all(sock: Any, size: int = 65536) -> bytes:
    """Everything up to the end of the stream."""
    parts = []
    while part := await sock.recv(size):
        parts.append(bytes(part))
    return b"".join(parts)
