"""The workloads that are timed: bulk transfers, and small requests each of which waits for its response."""

from __future__ import annotations

import random
import resource
import socket as bsd
import time
from typing import Any

from models import kernel
from models.bench import Bench
from models.network.link import Direction
from models.network.socket_interface import Socket

PORT = 5001
PIECE_BYTES = 1 << 16
REQUEST_BYTES = 64
WORKLOADS = ("send", "receive", "requests")


async def workload(bench: Bench) -> dict[str, Any]:
    """Options: `workload`, `bytes` (send, receive), `count` (requests), `profile`; returns what was measured."""
    listener = await bench.peer.socket()
    await listener.bind(("", PORT))
    await listener.listen(1)
    accepting = kernel.spawn(listener.accept(), "peer accepts")
    host = await bench.host.process().socket()
    await host.connect((bench.peer_address, PORT))
    peer, _ = await accepting

    kind = bench.options["workload"]
    payload = payload_bytes(kind, bench.options["bytes"], bench.options["count"])
    data = random.Random(f"{kind} {bench.settings.seed}").randbytes(payload if kind != "requests" else REQUEST_BYTES)
    profiler = _profiler() if bench.options["profile"] else None
    frames = _frames(bench)
    bench.transfer_begins(payload)
    begin_ps, begin_s, begin_cpu = kernel.now(), time.perf_counter(), time.process_time()
    if profiler is not None:
        profiler.start()
    if kind == "requests":
        await _requests(bench, data, bench.options["count"], host, peer)
    else:
        await _bulk(bench, data, *((host, peer) if kind == "send" else (peer, host)))
    profile = profiler.stop() if profiler is not None else None
    wall_s, cpu_s = time.perf_counter() - begin_s, time.process_time() - begin_cpu
    bench.transfer_ends()
    simulated_ns = (kernel.now() - begin_ps) / kernel.NS
    return {
        "payload_bytes": payload,
        "packets": _frames(bench) - frames,
        "wall_s": round(wall_s, 4),
        "cpu_s": round(cpu_s, 4),
        "simulated_ns": round(simulated_ns),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "profile": profile,
    }


def _profiler() -> Any:
    from bench.speed.profile import Profiler

    return Profiler()


def payload_bytes(kind: str, size: int, count: int) -> int:
    """Payload that a workload carries."""
    return 2 * REQUEST_BYTES * count if kind == "requests" else size


def _frames(bench: Bench) -> int:
    return sum(bench.link.statistics(direction).sent for direction in Direction)


async def _bulk(bench: Bench, data: bytes, source: Socket, sink: Socket) -> None:
    """All of `data` from one end to the other, compared as it arrives."""
    sending = kernel.spawn(_send(data, source), "send")
    done = 0
    while piece := await sink.recv(PIECE_BYTES):
        assert piece == data[done : done + len(piece)], f"damaged at {done}"
        done += len(piece)
        bench.transferred(len(piece))
    assert done == len(data), f"{done} of {len(data)} bytes arrived"
    await sending


async def _send(data: bytes, source: Socket) -> None:
    for offset in range(0, len(data), PIECE_BYTES):
        await source.sendall(data[offset : offset + PIECE_BYTES])
    await source.shutdown(bsd.SHUT_WR)


async def _requests(bench: Bench, request: bytes, count: int, host: Socket, peer: Socket) -> None:
    answering = kernel.spawn(_answer(peer, count), "peer answers")
    for _ in range(count):
        await host.sendall(request)
        assert await _receive(host) == request
        bench.transferred(2 * REQUEST_BYTES)
    await answering


async def _answer(peer: Socket, count: int) -> None:
    for _ in range(count):
        await peer.sendall(await _receive(peer))


async def _receive(socket: Socket) -> bytes:
    data = b""
    while len(data) < REQUEST_BYTES:
        piece = await socket.recv(REQUEST_BYTES - len(data))
        assert piece, "the connection ended"
        data += piece
    return data
