"""What most scenarios begin with: a connection between a process of the host and the peer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from models import kernel
from models.bench import Bench
from models.host.sockets import Process, Socket
from models.network.peer_socket import PeerSocket

PORT = 5001


@dataclass
class Connection:
    """Its two ends, and the process that owns the host's."""

    process: Process
    host: Socket
    peer: PeerSocket

    async def close(self) -> None:
        """Close both ends."""
        await self.host.close()
        await self.peer.close()


async def connect(bench: Bench, port: int = PORT) -> Connection:
    """The host connects to the peer."""
    listener = await bench.peer.listen(port)
    process = bench.host.process()
    host = await process.socket(bench.family)
    accepting = kernel.spawn(listener.accept(), "peer accepts")
    await host.connect((bench.peer_address, port))
    peer, _ = await accepting
    await listener.close()
    return Connection(process, host, peer)


def tell(bench: Bench, sent: bytes, received: bytes) -> None:
    """Put what was sent and what arrived into the summary; raises AssertionError unless they are the same."""
    bench.report(
        file_bytes=len(sent),
        sha256_sent=hashlib.sha256(sent).hexdigest(),
        sha256_received=hashlib.sha256(received).hexdigest(),
    )
    where = _differ(sent, received)
    assert received == sent, f"{len(received)} of {len(sent)} bytes arrived, the first difference is at {where}"


def _differ(one: bytes, other: bytes) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
