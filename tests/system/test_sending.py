"""All ways of sending end to end: bytes arrive though frames are lost and pages overwritten; nothing is left over."""

from __future__ import annotations

from typing import Any

import pytest

from models import kernel
from models.bench import Bench
from models.network.impairment import Drop, Rule
from tests.system.connection import Connection, connect, tell
from tests.system.on_card import run
from tests.system.segments import data_segments

WAYS: dict[str, dict[str, Any]] = {
    "copy": {"sending": "copy"},
    "zero copy": {"sending": "zero_copy"},
    "sequential": {"sending": "sequential"},
    "simultaneous": {"sending": "simultaneous"},
    "lwip": {"firmware": "lwip_like"},
    "lwip without offloads": {"firmware": "lwip_like", "lwip_improvements": 3},
}
PAGE_PER_SEND = {"copy", "zero copy", "simultaneous"}


async def exchange(bench: Bench) -> None:
    """Up, down, and there and back, `length` bytes each; the host's pages are overwritten once send() has returned."""
    length = bench.options["length"]
    up, down = bench.rng.randbytes(length), bench.rng.randbytes(length)
    pinned = bench.host.memory.pages_pinned
    connection = await connect(bench)
    process = connection.process
    address = process.malloc(length + 100) + 99
    if bench.options["losses"]:
        bench.link.a_to_b.impairment.rules = [Rule(data_segments(2, 5), Drop())]
        bench.link.b_to_a.impairment.rules = [Rule(data_segments(2), Drop())]

    receiving = kernel.spawn(connection.peer.recv_exactly(length), "peer reads")
    await send_and_overwrite(connection, address, up)
    assert await receiving == up

    sending = kernel.spawn(connection.peer.sendall(down), "peer sends")
    assert await connection.host.recv_exactly(length) == down
    await sending

    echoing = kernel.spawn(echo(connection, length), "peer echoes")
    reading = kernel.spawn(connection.host.recv_exactly(length), "host reads")
    await send_and_overwrite(connection, address, up)
    await echoing
    tell(bench, up, await reading)

    await connection.close()
    await kernel.sleep(kernel.S)
    check_nothing_left(bench, pinned)


async def send_and_overwrite(connection: Connection, address: int, data: bytes) -> None:
    connection.process.write(address, data)
    assert await connection.host.send_from(address, len(data)) == len(data)
    connection.process.write(address, b"\xee" * len(data))


async def echo(connection: Connection, length: int) -> None:
    while length:
        piece = await connection.peer.recv(4096)
        assert piece, "end of the stream before its time"
        length -= len(piece)
        await connection.peer.sendall(piece)


def check_nothing_left(bench: Bench, pinned: int) -> None:
    """Pages, card memory and rings are free again, and each way used what is its own."""
    firmware, memory = bench.firmware, bench.host.memory
    assert memory.pages_pinned == pinned
    assert memory.unpinned_dma_reads == memory.unpinned_dma_writes == 0, memory.violations
    buffer = firmware.retransmission_buffer
    assert buffer.allocated == 0 and buffer.available == buffer.size
    assert all(channel.outstanding == 0 for channel in firmware.channels)
    receive = firmware.ethernet.receive
    assert receive.spare + receive._filled - receive._next == firmware.settings.receive_buffers
    assert firmware.statistics["retransmitted_bytes"] > 0
    copied_up = firmware.channels[0].bytes - 2 * bench.options["length"]  # what was received came over it, too
    if firmware.settings.sending == "zero_copy":
        assert (copied_up, buffer.peak) == (0, 0)
    else:
        assert copied_up == 2 * bench.options["length"], "each byte sent was copied once"
        assert 0 < buffer.peak <= buffer.size
    in_software = not firmware.settings.checksum_offload
    assert (firmware.statistics["receive_checksums_in_software"] > 0) == in_software
    assert (firmware.thread.instructions["checksum"] > 0) == in_software


@pytest.mark.parametrize("way", WAYS)
def test_every_way_carries_data_on_the_card_through_losses(way: str, seed: int) -> None:
    run(exchange, f"sending {way}", {"length": 8500, "losses": True}, seed, delay_us=20.0, **WAYS[way])


@pytest.mark.parametrize("page_per_send", [False, True], ids=["joined", "page"])
@pytest.mark.parametrize("way", WAYS)
def test_every_way_carries_much_on_the_model_over_a_bad_link(way: str, page_per_send: bool, seed: int) -> None:
    run(exchange, f"sending much {way} {page_per_send}", {"length": 200_000, "losses": False}, seed, card="model",
        loss=0.02, page_per_send=page_per_send, **WAYS[way])


@pytest.mark.parametrize("way", sorted(PAGE_PER_SEND))
def test_pages_one_by_one_on_the_card(way: str, seed: int) -> None:
    run(exchange, f"sending pages {way}", {"length": 5000, "losses": True}, seed, page_per_send=True, **WAYS[way])
