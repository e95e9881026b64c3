"""What the link loses is sent again from card memory: the host's pages are long gone by then."""

from models import kernel
from models.bench import Bench
from models.host.memory import PAGE_BYTES, Protection
from models.network.impairment import Corrupt, Drop, Duplicate, Reorder, Rule
from models.observation.bus_log import MASTERS, read_bus_log
from models.observation.capture import Direction
from models.runner import RunResult
from tests.system.connection import Connection, connect, tell
from tests.system.on_card import on_card
from tests.system.segments import (
    BEYOND_LINK,
    CARD_PINS,
    FIN,
    data_segments,
    first_with_byte,
    retransmitted,
    segments,
    sent_by_card,
)

ETHERNET_DATA = MASTERS.index("Ethernet data")
SECOND_PS = kernel.S


async def send_and_overwrite(bench: Bench, connection: Connection, data: bytes) -> dict:
    """Send from the process's memory and overwrite and unmap it as soon as send() has returned."""
    process, memory = connection.process, bench.host.memory
    address = process.malloc(len(data) + 77) + 77
    process.write(address, data)
    pages = sorted({process.space.translate(at, Protection.READ) & -PAGE_BYTES
                    for at in (*range(address, address + len(data), PAGE_BYTES), address + len(data) - 1)})  # fmt: skip
    sent = await connection.host.send_from(address, len(data))
    released_ps = kernel.now()
    assert sent == len(data)
    assert not any(memory.frame(page).pins for page in pages), "the pages are the process's again"
    process.write(address, b"\xee" * len(data))
    process.free(address - 77)
    return {"pages": pages, "released_ps": released_ps}


def check_nothing_read_after_release(result: RunResult) -> None:
    """No burst of the card touches the pages once they were released, and retransmissions left the card later."""
    released_ps, pages = result.returned["released_ps"], set(result.returned["pages"])
    grants = list(read_bus_log(result.out / "bus_grants.txt"))
    touching = [grant for grant in grants if grant.address & -PAGE_BYTES in pages]
    assert any(grant.master == ETHERNET_DATA and not grant.write for grant in touching)
    assert [grant for grant in touching if grant.last_beat_ps > released_ps] == []
    again = retransmitted(sent_by_card(result.out / "wire.pcapng"))
    assert again and all(segment.time_ps > released_ps for segment in again)
    assert result.summary["retransmissions"] == len(again)


def check_fast_retransmission(result: RunResult) -> None:
    check_nothing_read_after_release(result)
    capture = result.out / "wire.pcapng"
    assert result.summary["dropped"]["link_card_to_peer_lost"] == 2
    acks = [each for each in segments(capture, CARD_PINS, Direction.INBOUND) if not each.payload]
    first, second = retransmitted(sent_by_card(capture))
    before = [each for each in acks if each.time_ps < first.time_ps]
    duplicates = [each for each in before if each.ack == first.seq]
    assert len(duplicates) >= 3, "three segments beyond the hole have arrived"
    assert not any(first.seq < each.ack <= second.seq for each in acks if each.time_ps < second.time_ps), \
        "SACK tells of both holes at once: no partial ACK is needed"
    assert 0 < first.time_ps - duplicates[2].time_ps < SECOND_PS // 10_000, "at once, not by the timer"
    # RFC 9937: an ACK that does not move SND.UNA lets no more leave than it has told of; the other one goes when the
    # last segment, sent when the first ACK came, has been told of: within a round trip of 0.6 ms
    assert 0 < second.time_ps - first.time_ps < SECOND_PS // 1000


@on_card(check_fast_retransmission, delay_us=300)
async def test_three_duplicate_acks_bring_a_retransmission_from_card_memory(bench: Bench) -> dict:
    data = bench.rng.randbytes(11 * 1448)
    bench.link.a_to_b.impairment.rules = [Rule(data_segments(6, 9), Drop())]
    connection = await connect(bench)
    released = await send_and_overwrite(bench, connection, data)
    received = await connection.peer.recv_exactly(len(data))
    tell(bench, data, received)
    assert bench.host.memory.unpinned_dma_reads == 0, bench.host.memory.violations
    assert bench.firmware.drops().get("tcp_retransmission_timeouts", 0) == 0
    await connection.close()
    return released


@on_card(check_nothing_read_after_release, delay_us=300, sending="sequential")
async def test_pages_are_not_released_before_a_copy_that_comes_last(bench: Bench) -> dict:
    data = bench.rng.randbytes(8 * 1460)
    bench.link.a_to_b.impairment.rules = [Rule(data_segments(1, 3), Drop())]
    connection = await connect(bench)
    released = await send_and_overwrite(bench, connection, data)
    tell(bench, data, await connection.peer.recv_exactly(len(data)))
    assert bench.host.memory.unpinned_dma_reads == 0, bench.host.memory.violations
    await connection.close()
    return released


def check_timeouts(result: RunResult) -> None:
    check_nothing_read_after_release(result)
    sent = sent_by_card(result.out / "wire.pcapng")
    last = [each for each in sent if each.payload and each.seq == retransmitted(sent)[-1].seq]
    assert [each.comment for each in last] == ["lost by the link"] * 3 + [None]
    waits_ps = [later.time_ps - earlier.time_ps for earlier, later in zip(last, last[1:], strict=False)]
    assert 0.5 <= waits_ps[0] / SECOND_PS < 0.6, "probe of the tail, after the peer's delayed ACK (RFC 8985 7.2)"
    assert 1.0 <= waits_ps[1] / SECOND_PS < 1.3, "RTO of 1 s (RFC 6298 2.4)"
    assert 1.95 <= waits_ps[2] / waits_ps[1] < 2.05, "backed off (RFC 6298 5.5)"
    assert result.summary["simulated_ns"] > 3 * 10**9
    # three seconds are 187 million cycles of the card's clock
    assert result.returned["clock_cycles"] < 100_000, "waiting takes no cycles"


@on_card(check_timeouts, delay_us=300)
async def test_a_timeout_brings_a_retransmission_from_card_memory_and_waiting_costs_nothing(bench: Bench) -> dict:
    data = bench.rng.randbytes(3 * 1448)
    bench.link.a_to_b.impairment.rules = [Rule(data_segments(3, 4, 5), Drop())]
    connection = await connect(bench)
    released = await send_and_overwrite(bench, connection, data)
    received = await connection.peer.recv_exactly(len(data))
    tell(bench, data, received)
    assert bench.host.memory.unpinned_dma_reads == 0, bench.host.memory.violations
    await connection.close()
    return {**released, "clock_cycles": bench.card.clock_cycles()}


@on_card(delay_us=100)
async def test_each_loss_of_handshake_data_and_close_is_repaired(bench: Bench) -> None:
    """The frames of each direction that are lost first: ARP, SYN, data, FIN."""
    data = bench.rng.randbytes(5000)
    bench.link.a_to_b.impairment.rules = [Rule(2, Drop()), Rule(lambda _, frame: frame[47] & FIN != 0, Drop(), 1)]
    bench.link.b_to_a.impairment.rules = [Rule(1, Drop()), Rule(lambda _, frame: frame[47] & FIN != 0, Drop(), 1)]
    connection = await connect(bench)
    await connection.host.sendall(data)
    await connection.host.close()
    received = b""
    while piece := await connection.peer.recv(4096):
        received += piece
    tell(bench, data, received)
    await connection.peer.close()
    await kernel.sleep(10 * kernel.S)
    assert not bench.peer.stack.connections or bench.firmware.stack.connections == []


BUFFER_BYTES, TRANSMIT_RING, RECEIVE_RING = 8192, 24, 16


def check_wraps(result: RunResult) -> None:
    capture = result.out / "wire.pcapng"
    assert result.summary["dropped"]["link_card_to_peer_lost"] == 5
    assert result.summary["dropped"]["link_peer_to_card_lost"] == 2
    again = retransmitted(sent_by_card(capture))
    assert len(again) >= 5
    assert result.summary["retransmissions"] >= len(again)
    arrived = {each.seq for each in segments(capture, BEYOND_LINK, Direction.OUTBOUND) if each.payload}
    assert {each.seq for each in again} <= arrived


@on_card(
    check_wraps,
    retransmission_buffer_bytes=BUFFER_BYTES,
    transmit_ring=TRANSMIT_RING,
    receive_ring=RECEIVE_RING,
    delay_us=20,
)
async def test_streams_survive_losses_across_the_wraps_of_buffer_and_rings(bench: Bench) -> None:
    data = bench.rng.randbytes(28 * 1024)
    # the segments that lie across the end of the buffer, and two more
    wraps = [Rule(first_with_byte(BUFFER_BYTES, 2 * BUFFER_BYTES, 3 * BUFFER_BYTES), Drop())]
    bench.link.a_to_b.impairment.rules = [*wraps, Rule(data_segments(2, 9), Drop())]
    bench.link.b_to_a.impairment.rules = [Rule(data_segments(4, 17), Drop())]
    connection = await connect(bench)
    answering = kernel.spawn(echo(connection, len(data)), "peer echoes")
    reading = kernel.spawn(read_all(connection, len(data)), "host reads")
    await send_and_overwrite(bench, connection, data)
    await answering
    tell(bench, data, await reading)
    firmware = bench.firmware
    assert firmware.retransmission_buffer.wraps >= 3
    assert firmware.ethernet.transmit.descriptors > 2 * TRANSMIT_RING
    assert firmware.ethernet.receive.frames > RECEIVE_RING + 4
    assert bench.host.memory.unpinned_dma_reads == bench.host.memory.unpinned_dma_writes == 0
    assert firmware.retransmission_buffer.allocated == 0, "everything was acknowledged"
    await connection.close()


async def echo(connection: Connection, length: int) -> None:
    while length:
        piece = await connection.peer.recv(4096)
        assert piece, "end of the stream before its time"
        length -= len(piece)
        await connection.peer.sendall(piece)


async def read_all(connection: Connection, length: int) -> bytes:
    received = b""
    while len(received) < length:
        piece = await connection.host.recv(min(4096, length - len(received)))
        assert piece, "end of the stream before its time"
        received += piece
    return received


@on_card(delay_us=30)
async def test_reordered_doubled_and_damaged_frames_do_no_harm(bench: Bench) -> None:
    data = bench.rng.randbytes(12 * 1024)
    for direction in (bench.link.a_to_b, bench.link.b_to_a):
        direction.impairment.rules = [
            Rule(data_segments(2), Reorder(past=2)),
            Rule(data_segments(3), Duplicate()),
            Rule(data_segments(5), Corrupt(count=3)),
            Rule(data_segments(6), Corrupt(flips=((70, 0x5A),), mend_fcs=True)),  # only TCP's checksum tells
        ]
    connection = await connect(bench)
    answering = kernel.spawn(echo(connection, len(data)), "peer echoes")
    reading = kernel.spawn(read_all(connection, len(data)), "host reads")
    await connection.host.sendall(data)
    await answering
    tell(bench, data, await reading)
    await connection.close()
    await bench.firmware.read_counters()
    drops = bench.firmware.drops()
    assert drops["ethernet_crc_errors"] == 1, drops
    assert drops["tcp_checksum_error"] == 1, drops
