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
    size = file.stat().st_size
    direction = bench.options["direction"]
    process = bench.host.process()

    if direction == "receive":
        listener = await process.socket(bench.family)
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
        host_side = await process.socket(bench.family)
        await host_side.connect((bench.peer_address, PORT))
        peer_side, _ = await accepting

    bench.transfer_begins(size * (2 if direction == "echo" else 1))
    copy = bench.out / f"received{file.suffix}"
    if direction == "send":
        hashes = await _carry(bench, file, copy, host_side, peer_side)
    elif direction == "receive":
        hashes = await _carry(bench, file, copy, peer_side, host_side)
    else:
        echoing = kernel.spawn(_echo(bench, peer_side), "peer echoes")
        hashes = await _carry(bench, file, copy, host_side, host_side)
        await echoing
    bench.transfer_ends()

    await host_side.close()
    await peer_side.close()
    await listener.close()
    sha256_sent, sha256_received = hashes
    bench.report(file_bytes=size, sha256_sent=sha256_sent, sha256_received=sha256_received, direction=direction)


async def _carry(bench: Bench, file: Path, copy: Path, source: Socket, sink: Socket) -> tuple[str, str]:
    """Send all of `file` and the end of the stream into one socket while reading the other to its end, into `copy`.

    Returns the SHA-256 of both. Neither is ever held whole: a run may be as long as it likes.
    """
    sending = kernel.spawn(_send(file, source), "send")
    digest = hashlib.sha256()
    part = copy.with_name(f"{copy.name}.part")  # the copy may have the name of the file itself
    with part.open("wb") as received:
        while piece := await sink.recv(RECEIVE_BYTES):
            received.write(piece)
            digest.update(piece)
            bench.transferred(len(piece))
    sent = await sending
    part.replace(copy)
    return sent, digest.hexdigest()


async def _send(file: Path, source: Socket) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as data:
        while piece := data.read(SEND_BYTES):
            digest.update(piece)
            await source.sendall(piece)
    await source.shutdown(bsd.SHUT_WR)
    return digest.hexdigest()


async def _echo(bench: Bench, side: Socket) -> None:
    while piece := await side.recv(RECEIVE_BYTES):
        bench.transferred(len(piece))
        await side.sendall(piece)
    await side.shutdown(bsd.SHUT_WR)
