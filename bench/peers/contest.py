"""HL-TCP and Linux measured on the same links: line rate, goodput over a lossy path, a shared bottleneck.

The card is the functional model with an ideal I/O processor, and both stacks have room for twice the
bandwidth-delay product: what is compared are the protocols. Both use CUBIC.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import kernel
from models.host.host import Interface
from models.network.card_peer import CardPeer
from models.network.impairment import Chance, Impairment
from models.network.link import Link, LinkSettings
from models.network.linux.peer import LinuxPeer, LinuxSettings
from models.network.linux.socket import LinuxSocket
from models.network.switch import Switch
from models.settings import BenchSettings

PORT = 5001
ROOM = BenchSettings(
    card="model",
    ideal_processor=True,
    card_memory_bytes=1 << 24,
    send_buffer=1 << 22,
    retransmission_buffer_bytes=9 << 20,
    receive_buffers=2300,
    receive_buffer=2000 * 1448,
)
"""Of a connection of the card: 4 MiB to send, 2.9 MB to receive; 10 ms at 1 Gb/s are 1.25 MB."""
STACKS = ("hl_tcp", "linux")
LOSSES = (0.001, 0.005, 0.01)
LOSSY_ROUND_TRIP_MS = 10.0
BOTTLENECK_BPS = 100_000_000
STEP = 1 << 16


@dataclass(frozen=True)
class LineRate:
    """One connection alone on a link of 1 Gb/s; goodput after slow start, as Linux counts it."""

    direction: str
    """send: HL-TCP sends to Linux; receive: Linux sends to HL-TCP."""
    round_trip_ms: float
    goodput_mbps: float
    experiment: str = "line_rate"


@dataclass(frozen=True)
class Lossy:
    """One stack sends to Linux over a path that loses frames at random, both ways; goodput from the first byte on."""

    sender: str
    loss: float
    seed: int
    bytes: int
    goodput_mbps: float
    experiment: str = "loss"


@dataclass(frozen=True)
class Fairness:
    """A connection of HL-TCP and one of Linux through one switch port, to one Linux host."""

    round_trip_ms: float
    hl_tcp_mbps: float
    linux_mbps: float
    jain: float
    seed: int
    experiment: str = "fairness"


def host(stack: str, number: int, seed: int, out: Path) -> Any:
    """A host with the address 10.0.0.<number>: `stack` is one of STACKS."""
    mac, address = f"02:00:00:00:00:{number:02x}", f"10.0.0.{number}"
    if stack == "hl_tcp":
        return CardPeer(BenchSettings(**{**vars(ROOM), "seed": seed}), Interface(mac, address))
    folder = out / f"linux-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    return LinuxPeer(LinuxSettings(mac=mac, address=address), seed=seed + number, out=folder)


async def _up(*hosts: Any) -> None:
    for each in hosts:
        each.start()
    for each in hosts:
        await each.ready()


async def _connected(client: Any, server: Any, address: str, port: int = PORT) -> tuple[Any, Any]:
    listener = await server.listen(port)
    accepting = kernel.spawn(listener.accept())
    near = await client.connect((address, port))
    far, _ = await accepting
    return near, far


async def _send_zeros(host: Any, sock: Any, total: int | None, file: Path) -> None:
    """Send `total` bytes and the end of the stream; for ever if None (a file that does not end is as good)."""
    if isinstance(sock, LinuxSocket):
        await sock.source(file)
        return
    address, sent = host.process.malloc(STEP), 0
    while total is None or sent < total:
        count = STEP if total is None else min(STEP, total - sent)
        await sock.send_from(address, count)
        sent += count
    await sock.shutdown(1)


async def _read_for_ever(host: Any, sock: Any) -> None:
    if isinstance(sock, LinuxSocket):
        await sock.sink()
        return
    address = host.process.malloc(STEP)
    while await sock.recv_into(address, STEP):
        pass


def line_rate(out: Path, direction: str, round_trip_ms: float, seed: int = 1, measured_ms: float = 60) -> LineRate:
    """Measured over `measured_ms`, beginning when slow start is over: after 20 round trips, at least 10 ms."""

    async def main() -> float:
        card, linux = host("hl_tcp", 1, seed, out), host("linux", 2, seed, out)
        link = Link(card.wire, linux.wire, LinkSettings(delay_ps=round(round_trip_ms * kernel.MS / 2)))
        link.start()
        await _up(card, linux)
        near, far = await _connected(card, linux, "10.0.0.2")
        sender, receiver = ((card, near), (linux, far)) if direction == "send" else ((linux, far), (card, near))
        kernel.spawn(_read_for_ever(*receiver), "reader")
        kernel.spawn(_send_zeros(*sender, None, Path("/dev/zero")), "sender")
        which = 1 if direction == "send" else 0
        await kernel.sleep(round(max(10.0, 20 * round_trip_ms) * kernel.MS))
        begin_ps, begin = kernel.now(), (await far.progress())[which]
        await kernel.sleep(round(measured_ms * kernel.MS))
        return ((await far.progress())[which] - begin) * 8 * kernel.S / (kernel.now() - begin_ps) / 1e6

    return LineRate(direction, round_trip_ms, round(kernel.run(main()), 3))


def lossy(out: Path, sender: str, loss: float, seed: int, total: int) -> Lossy:
    """`total` bytes; the path loses the same frames of a seed, whoever sends."""
    file = out / "zeros.bin"
    out.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as zeros:
        zeros.truncate(total)

    async def main() -> float:
        client, server = host(sender, 1, seed, out), host("linux", 2, seed, out)
        path, chance = LinkSettings(delay_ps=round(LOSSY_ROUND_TRIP_MS * kernel.MS / 2)), Chance(loss)
        link = Link(
            client.wire, server.wire, path, path,
            Impairment(chance=chance, seed=f"{seed} there"), Impairment(chance=chance, seed=f"{seed} back"),
        )  # fmt: skip
        link.start()
        await _up(client, server)
        near, far = await _connected(client, server, "10.0.0.2")
        begin_ps = kernel.now()
        sinking = kernel.spawn(far.sink(), "reader")
        kernel.spawn(_send_zeros(client, near, total, file), "sender")
        count, _ = await sinking
        if count != total:
            raise OSError(f"{sender}: {count} of {total} bytes arrived")
        return total * 8 * kernel.S / (kernel.now() - begin_ps) / 1e6

    return Lossy(sender, loss, seed, total, round(kernel.run(main()), 3))


def jain(rates: list[float]) -> float:
    """Jain's index of fairness: 1 for equal shares, 1/n if one has all."""
    return sum(rates) ** 2 / (len(rates) * sum(each * each for each in rates))


def fairness(out: Path, round_trip_ms: float, seed: int = 1, settle_s: float = 2, measured_s: float = 10) -> Fairness:
    """The switch port to the receiver is a bottleneck of 100 Mb/s, with room for two bandwidth-delay products, at
    least 64 frames; shares are measured over `measured_s`, after `settle_s`."""
    room = max(64, round(2 * BOTTLENECK_BPS * round_trip_ms / 1000 / 8 / 1538))

    async def main() -> list[float]:
        ours, theirs = host("hl_tcp", 1, seed, out), host("linux", 3, seed, out)
        server = host("linux", 2, seed, out)
        switch = Switch(queue_frames=room)
        delay = LinkSettings(delay_ps=round(round_trip_ms * kernel.MS / 2))
        links = [Link(each.wire, switch.port()) for each in (ours, theirs)]
        links.append(Link(switch.port(BOTTLENECK_BPS), server.wire, delay))
        for each in links:
            each.start()
        switch.start()
        await _up(ours, theirs, server)
        far = []
        for number, each in enumerate((ours, theirs)):
            near, other = await _connected(each, server, "10.0.0.2", PORT + number)
            kernel.spawn(_read_for_ever(server, other), "reader")
            kernel.spawn(_send_zeros(each, near, None, Path("/dev/zero")), "sender")
            far.append(other)
        await kernel.sleep(round(settle_s * kernel.S))
        begin = [(await each.progress())[1] for each in far]
        await kernel.sleep(round(measured_s * kernel.S))
        end = [(await each.progress())[1] for each in far]
        return [(after - before) * 8 / measured_s / 1e6 for before, after in zip(begin, end, strict=True)]

    ours, theirs = kernel.run(main())
    return Fairness(round_trip_ms, round(ours, 3), round(theirs, 3), round(jain([ours, theirs]), 4), seed)


def means(results: list[Lossy]) -> Iterator[tuple[float, dict[str, float]]]:
    """Each loss, with the mean goodput of each sender."""
    for loss in sorted({each.loss for each in results}):
        yield loss, {
            stack: statistics.mean(each.goodput_mbps for each in results if (each.loss, each.sender) == (loss, stack))
            for stack in STACKS
        }
