"""A file crosses the card as TCP: from the host to the peer, from the peer to the host, or there and back."""

from __future__ import annotations

import hashlib
import socket as bsd
from pathlib import Path

from models import kernel
from models.bench import Bench
from models.network.socket_interface import Socket

PORT = 5001
SEND_BYTES = 1 << 16
"""What the application passes to one send()."""
RECEIVE_BYTES = 1 << 16


async def file_transfer(bench: Bench) -> None:
    """Options: `file` (path) and `direction` (send, receive, echo).

    The host opens the connection to send and for echo; to receive, it listens and the peer connects.
    """
    file = Path(bench.options["file"])
    data = file.read_bytes()
    direction = bench.options["direction"]
    process = bench.host.process()

    if direction == "receive":
        listener = await process.socket()
        await listener.bind(("", PORT))
        await listener.listen(1)
        peer_side = await bench.peer.socket()
        connecting = kernel.spawn(peer_side.connect((bench.host_address, PORT)), "peer connects")
        host_side, _ = await listener.accept()
        await connecting
    else:
        listener = await bench.peer.socket()
        await listener.bind(("", PORT))
        await listener.listen(1)
        accepting = kernel.spawn(listener.accept(), "peer accepts")
        host_side = await process.socket()
        await host_side.connect((bench.peer_address, PORT))
        peer_side, _ = await accepting

    bench.transfer_begins(len(data) * (2 if direction == "echo" else 1))
    if direction == "send":
        received = await _carry(bench, data, host_side, peer_side)
    elif direction == "receive":
        received = await _carry(bench, data, peer_side, host_side)
    else:
        echoing = kernel.spawn(_echo(bench, peer_side), "peer echoes")
        received = await _carry(bench, data, host_side, host_side)
        await echoing
    bench.transfer_ends()

    await host_side.close()
    await peer_side.close()
    await listener.close()
    (bench.out / f"received{file.suffix}").write_bytes(received)
    bench.report(
        file_bytes=len(data),
        sha256_sent=hashlib.sha256(data).hexdigest(),
        sha256_received=hashlib.sha256(received).hexdigest(),
        direction=direction,
    )


async def _carry(bench: Bench, data: bytes, source: Socket, sink: Socket) -> bytes:
    """Send all of `data` and the end of the stream into one socket while reading the other to its end."""
    sending = kernel.spawn(_send(data, source), "send")
    received = bytearray()
    while piece := await sink.recv(RECEIVE_BYTES):
        received += piece
        bench.transferred(len(piece))
    await sending
    return bytes(received)


async def _send(data: bytes, source: Socket) -> None:
    for offset in range(0, len(data), SEND_BYTES):
        await source.sendall(data[offset : offset + SEND_BYTES])
    await source.shutdown(bsd.SHUT_WR)


async def _echo(bench: Bench, side: Socket) -> None:
    while piece := await side.recv(RECEIVE_BYTES):
        bench.transferred(len(piece))
        await side.sendall(piece)
    await side.shutdown(bsd.SHUT_WR)
