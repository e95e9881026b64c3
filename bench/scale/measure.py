"""One measurement: so many connections on the functional model of the card, small requests on connections at random."""

from __future__ import annotations

import gc
import random
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from firmware.hl_tcp import HlTcp, Settings
from firmware.retransmission_buffer import RetransmissionBuffer
from firmware.stack import Stack
from firmware.tcp.config import TcpConfig
from models import kernel
from models.card import ModelCard
from models.host.host import Host, HostSettings, Interface
from models.network.link import Link, LinkSettings
from models.network.peer import Peer, PeerSettings

HOST_ADDRESS, PORT = "10.0.0.1", 7
MEMORY_BYTES = 1 << 22
LIMIT_PS = 100_000 * kernel.S
REQUEST_BYTES = 1000
SHARED = (TcpConfig, RetransmissionBuffer, Stack, type, type(sys))
"""What the connections have in common, and is not counted."""


@dataclass(frozen=True)
class Result:
    """Means over the segments of the requests; `state_bytes` of one idle connection: stack, sockets, and timers."""

    connections: int
    wall_us_per_segment: float
    cycles_per_segment: float
    state_bytes: int
    segments: int

    def row(self) -> dict[str, Any]:
        return asdict(self)


def state_bytes(parts: list[Any]) -> int:
    """Bytes of Python objects that can be reached from `parts`, but for what is shared."""
    seen: set[int] = set()
    total = 0
    waiting = list(parts)
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, SHARED) or callable(each) or each is None:
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        if isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple | set) or type(each).__name__ == "deque":
            waiting += each
        else:
            waiting += [getattr(each, slot) for kind in type(each).__mro__ for slot in getattr(kind, "__slots__", ())
                        if hasattr(each, slot)]
            waiting += getattr(each, "__dict__", {}).values()
    return total


def measure(connections: int, requests: int, seed: int = 1) -> Result:
    """Set up the connections, then send `requests` requests of REQUEST_BYTES each way."""

    async def main() -> Result:
        card = ModelCard(MEMORY_BYTES, seed=seed)
        firmware = HlTcp(card.firmware, Settings(most_sockets=connections + 1), seed=seed)
        host = Host(card.host, HostSettings(card_memory_bytes=MEMORY_BYTES, memory_bytes=64 << 20), seed=seed)
        peer = Peer(PeerSettings(), seed=seed)
        path = LinkSettings(delay_ps=5 * kernel.US)
        link = Link(card.wire, peer.wire, path, path)
        await card.start()
        link.start()
        peer.start()
        firmware.start()
        await host.start(Interface("02:00:00:00:00:01", HOST_ADDRESS))
        process = host.process()
        listener = await process.socket()
        await listener.bind((HOST_ADDRESS, PORT))
        await listener.listen()
        pairs = []
        for _ in range(connections):
            connecting = kernel.spawn(peer.connect((HOST_ADDRESS, PORT)), "peer connects")
            accepted, _ = await listener.accept()
            pairs.append((accepted, await connecting))
        await kernel.sleep(2 * kernel.S)
        stack, sockets = firmware.stack, firmware.sockets
        kept = state_bytes([*stack.connections, *(each.owner for each in stack.connections), stack.timers.heap,
                            stack.table.connections, sockets.by_descriptor])
        chosen = random.Random(seed)
        data = bytes(REQUEST_BYTES)

        async def exchange(count: int) -> None:
            for _ in range(count):
                ours, theirs = chosen.choice(pairs)
                await theirs.sendall(data)
                await ours.recv_exactly(REQUEST_BYTES)
                await ours.sendall(data)
                await theirs.recv_exactly(REQUEST_BYTES)

        await exchange(requests // 10)
        gc.collect()
        gc.disable()
        segments, busy, begin = _segments(link), firmware.thread.busy_ps, time.process_time()
        await exchange(requests)
        wall = time.process_time() - begin
        gc.enable()
        count = _segments(link) - segments
        cycles = (firmware.thread.busy_ps - busy) * firmware.settings.frequency_hz / kernel.S
        return Result(connections, round(wall * 1e6 / count, 2), round(cycles / count, 1), kept // connections, count)

    return kernel.run(main(), LIMIT_PS)


def _segments(link: Link) -> int:
    return link.a_to_b.statistics.delivered + link.b_to_a.statistics.delivered
