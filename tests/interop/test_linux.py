"""HL-TCP against Linux's own TCP in simulated time: data, and the life of connections as both ends see it."""

from __future__ import annotations

import errno
import itertools
import socket as bsd
import struct
from pathlib import Path

import pytest

from bench.peers import contest
from models import kernel
from models.bench import Bench
from models.network.linux.socket import LinuxSocket
from models.observation import dissect
from tests.interop.carry import DIRECTIONS, IMPAIRED, as_seen_by_the_peer, carry, needs_linux
from tests.interop.two_tables import states, states_by_ports
from tests.system.on_card import on_card, run

pytestmark = needs_linux
PORT = 5001
TWO_MSL_S = 60
"""Linux's TIME-WAIT (TCP_TIMEWAIT_LEN); HL-TCP's is longer."""


# Data.


@pytest.mark.parametrize(
    ("size", "family"), [(0, "ipv4"), (1, "ipv4"), (1449, "ipv4"), (100_000, "ipv4"), (100_000, "ipv6")]
)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_file_arrives_intact(direction: str, size: int, family: str, seed: int) -> None:
    result = carry(f"linux-{direction}-{size}-{family}", direction, size, seed, peer="linux", family=family)
    assert result.summary["retransmissions"] == 0
    assert dissect.problems(as_seen_by_the_peer(result)) == []


@pytest.mark.parametrize("impairment", IMPAIRED)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_file_arrives_intact_over_a_bad_link(direction: str, impairment: str, seed: int) -> None:
    carry(f"linux-{direction}-{impairment}", direction, 150_000, seed, peer="linux", **IMPAIRED[impairment])


@pytest.mark.parametrize("direction", ["send", "receive"])
def test_a_file_arrives_intact_on_the_rtl(direction: str, seed: int) -> None:
    carry(f"linux-icarus-{direction}", direction, 8000, seed, peer="linux", card="icarus")


def test_the_same_seed_gives_the_same_capture_and_another_seed_another(seed: int) -> None:
    first, again, other = (
        (carry("linux-same-seed", "echo", 60_000, each, peer="linux", loss=0.03).out / "wire.pcapng").read_bytes()
        for each in (seed, seed, seed + 1)
    )
    assert first == again
    assert first != other


@pytest.mark.nightly
@pytest.mark.parametrize("impairment", ["none", *IMPAIRED])
@pytest.mark.parametrize("direction", ["send", "receive"])
def test_one_megabyte_arrives_intact_on_the_rtl(direction: str, impairment: str, seed: int) -> None:
    carry(f"linux-verilator-{direction}-{impairment}", direction, 1_000_000, seed, peer="linux", card="verilator",
          **IMPAIRED.get(impairment, {}))  # fmt: skip


@pytest.mark.nightly
@pytest.mark.parametrize("impairment", ["none", *IMPAIRED])
@pytest.mark.parametrize("direction", ["send", "receive"])
def test_a_hundred_megabytes_arrive_intact(direction: str, impairment: str, seed: int) -> None:
    impaired = {name: value / 10 for name, value in IMPAIRED.get(impairment, {}).items()}
    name = f"linux-100MB-{direction}-{impairment}"
    carry(name, direction, 100_000_000, seed, captures=False, peer="linux", **impaired)


# The life of connections.


async def opened(bench: Bench, opener: str) -> tuple[object, LinuxSocket]:
    """A connection that the card or Linux has opened: the host's end and Linux's."""
    process = bench.host.process()
    host = await process.socket(bench.family)
    if opener == "card":
        listener = await bench.peer.listen(PORT)
        accepting = kernel.spawn(listener.accept())
        await host.connect((bench.peer_address, PORT))
        far, _ = await accepting
        await listener.close()
        return host, far
    await host.bind(("", PORT))
    await host.listen(1)
    far = await bench.peer.socket()
    connecting = kernel.spawn(far.connect((bench.host_address, PORT)))
    near, _ = await host.accept()
    await connecting
    await host.close()
    return near, far


async def closing(bench: Bench) -> None:
    """Options: who opens (`opener`) and who closes `first`: card, linux or both."""
    first = bench.options["first"]
    near, far = await opened(bench, bench.options["opener"])
    assert await states(bench) == ["ESTABLISHED/ESTABLISHED"]
    one, other = (near, far) if first == "card" else (far, near)
    await near.sendall(b"from the card")
    await far.sendall(b"from Linux")
    assert await far.recv_exactly(13) == b"from the card"
    assert await near.recv_exactly(10) == b"from Linux"
    if first == "both":
        closings = [kernel.spawn(each.close()) for each in (near, far)]
        for each in closings:
            await each
        await kernel.sleep(50 * kernel.MS)
        assert await states(bench) == ["TIME-WAIT/TIME-WAIT"]
    else:
        await one.close()
        await kernel.sleep(50 * kernel.MS)
        assert await states(bench) == [["FIN-WAIT-2/CLOSE-WAIT", "CLOSE-WAIT/FIN-WAIT-2"][first != "card"]]
        assert await other.recv(1) == b""
        await other.close()
        await kernel.sleep(50 * kernel.MS)
        assert await states(bench) == [["TIME-WAIT/-", "-/TIME-WAIT"][first != "card"]]
    await kernel.sleep(300 * kernel.S)
    assert await states(bench) == []


@pytest.mark.parametrize(
    ("opener", "first", "card", "family"),
    [
        *itertools.product(("card", "linux"), ("card", "linux", "both"), ("model",), ("ipv4",)),
        ("linux", "both", "icarus", "ipv6"),
    ],
)
def test_both_ends_go_through_the_same_states(opener: str, first: str, card: str, family: str, seed: int) -> None:
    name, options = f"closing-{opener}-{first}-{card}-{family}", {"opener": opener, "first": first}
    run(closing, name, options, seed=seed, peer="linux", card=card, family=family, delay_us=500)


@on_card(peer="linux", card="model")
async def test_an_end_that_has_ended_its_stream_still_receives(bench: Bench) -> None:
    data = bench.rng.randbytes(200_000)
    for opener, shut in (("card", "card"), ("linux", "linux"), ("card", "linux"), ("linux", "card")):
        near, far = await opened(bench, opener)
        one, other = (near, far) if shut == "card" else (far, near)
        await one.shutdown(1)
        assert await other.recv(1) == b""
        sending = kernel.spawn(other.sendall(data))
        assert await one.recv_exactly(len(data)) == data
        await sending
        await other.close()
        assert await one.recv(1) == b""
        await one.close()
        await kernel.sleep(50 * kernel.MS)
        assert await states(bench) == [["TIME-WAIT/-", "-/TIME-WAIT"][shut != "card"]]
        await kernel.sleep(300 * kernel.S)


@on_card(peer="linux", card="model")
async def test_a_reset_reaches_the_other_end_and_nothing_is_left(bench: Bench) -> None:
    for opener, aborted in (("card", "card"), ("linux", "linux"), ("card", "linux"), ("linux", "card")):
        near, far = await opened(bench, opener)
        one, other = (near, far) if aborted == "card" else (far, near)
        await one.setsockopt(bsd.SOL_SOCKET, bsd.SO_LINGER, struct.pack("ii", 1, 0))
        await one.close()
        with pytest.raises(OSError) as reset:
            await other.recv(1)
        assert reset.value.errno == errno.ECONNRESET
        await other.close()
        assert await states(bench) == []


@on_card(peer="linux", card="model")
async def test_data_that_nobody_read_become_a_reset(bench: Bench) -> None:
    for closed in ("card", "linux"):
        near, far = await opened(bench, "card")
        one, other = (near, far) if closed == "card" else (far, near)
        await other.sendall(b"never read")
        await kernel.sleep(50 * kernel.MS)
        await one.close()
        with pytest.raises(OSError) as reset:
            await other.recv(1)
        assert reset.value.errno == errno.ECONNRESET
        await other.close()
        assert await states(bench) == []


@on_card(peer="linux", card="model")
async def test_a_port_without_a_listener_refuses(bench: Bench) -> None:
    host = await bench.host.process().socket(bench.family)
    far = await bench.peer.socket()
    for sock, address in ((host, bench.peer_address), (far, bench.host_address)):
        with pytest.raises(OSError) as refused:
            await sock.connect((address, 9))
        assert refused.value.errno == errno.ECONNREFUSED
    assert await states(bench) == []


@on_card(peer="linux", card="model")
async def test_a_host_that_is_not_there_is_unreachable(bench: Bench) -> None:
    host = await bench.host.process().socket(bench.family)
    far = await bench.peer.socket()
    for sock in (host, far):
        with pytest.raises(OSError) as unreachable:
            await sock.connect(("10.0.0.77", PORT))
        assert unreachable.value.errno == errno.EHOSTUNREACH
    assert await states(bench) == []


async def overflow(bench: Bench) -> None:
    """Options: who `listens`, with a backlog of two, and whether with `cookies`. Eight callers are served in the end.

    Callers speak first: who was let in by a SYN cookie and found the queue full is unknown to the listener, until its
    request comes again (RFC 4987 §3.6).
    """
    process = bench.host.process()
    listens = bench.options["listens"]
    await bench.peer.sysctl("net.ipv4.tcp_syncookies", str(int(bench.options["cookies"])))
    if listens == "linux":
        listener = await bench.peer.listen(PORT, backlog=2)
        callers = [await process.socket(bench.family) for _ in range(8)]
        address = bench.peer_address
    else:
        listener = await process.socket(bench.family)
        await listener.bind(("", PORT))
        await listener.listen(2)
        callers = [await bench.peer.socket() for _ in range(8)]
        address = bench.host_address

    async def call(number: int) -> bytes:
        await callers[number].connect((address, PORT))
        await callers[number].sendall(b"request %d" % number)
        return await callers[number].recv_exactly(9)

    calling = [kernel.spawn(call(number)) for number in range(len(callers))]
    await kernel.sleep(3 * kernel.S)
    assert not any(each.done for each in calling)
    served = []
    for _ in callers:
        side, _ = await listener.accept()
        await side.sendall(await side.recv_exactly(9))
        served.append(side)
    for number, each in enumerate(calling):
        assert await each == b"request %d" % number
        await callers[number].close()
    for each in served:
        assert await each.recv(1) == b""
        await each.close()
    await listener.close()
    await kernel.sleep(50 * kernel.MS)
    assert await states(bench) == [["-/TIME-WAIT", "TIME-WAIT/-"][listens == "linux"]] * len(callers)


@pytest.mark.parametrize(("listens", "cookies"), [("linux", True), ("linux", False), ("card", True), ("card", False)])
def test_what_comes_beyond_the_backlog_is_served_in_the_end(listens: str, cookies: bool, seed: int) -> None:
    """Whether SYN cookies let it in, or its SYN is dropped until there is room."""
    options = {"listens": listens, "cookies": cookies}
    tcp = {"syn_cookies": cookies}
    run(overflow, f"backlog-{listens}-{cookies}", options, seed=seed, peer="linux", card="model", tcp=tcp)


async def short_connections(bench: Bench, count: int) -> None:
    """Request and response, opened and closed by either side by chance; who closes first ends in TIME-WAIT.

    A connection may have the ports of an earlier one that is in TIME-WAIT, which ends with that (RFC 6191).
    """
    process = bench.host.process()
    peer_listener = await bench.peer.listen(PORT)
    host_listener = await process.socket(bench.family)
    await host_listener.bind(("", PORT))
    await host_listener.listen(16)
    expected: dict[tuple[int, int], str] = {}
    for number in range(count):
        if bench.rng.random() < 0.5:
            client, listener, address = await process.socket(bench.family), peer_listener, bench.peer_address
            side = "card"
        else:
            client, listener, address = await bench.peer.socket(), host_listener, bench.host_address
            side = "linux"
        accepting = kernel.spawn(listener.accept())
        await client.connect((address, PORT))
        server, _ = await accepting
        near, far = (client, server) if side == "card" else (server, client)
        ports = (await near.getsockname())[1], (await far.getsockname())[1]
        request = bench.rng.randbytes(1 + number % 300)
        await client.sendall(request)
        assert await server.recv_exactly(len(request)) == request
        await server.sendall(request[::-1])
        assert await client.recv_exactly(len(request)) == request[::-1]
        client_first = bench.rng.random() < 0.5
        one, other = (client, server) if client_first else (server, client)
        await one.close()
        assert await other.recv(1) == b""
        await other.close()
        expected[ports] = "TIME-WAIT/-" if (side == "card") is client_first else "-/TIME-WAIT"
    await kernel.sleep(50 * kernel.MS)
    found = await states_by_ports(bench)
    now_s = kernel.now() // kernel.S
    assert now_s < TWO_MSL_S, "none has left TIME-WAIT yet"
    assert found == expected
    await peer_listener.close()
    await host_listener.close()
    await kernel.sleep(300 * kernel.S)
    assert await states(bench) == []


@on_card(peer="linux", card="model")
async def test_a_hundred_short_connections_leave_the_same_states(bench: Bench) -> None:
    await short_connections(bench, 100)


@pytest.mark.nightly
@on_card(peer="linux", card="model")
async def test_a_thousand_short_connections_leave_the_same_states(bench: Bench) -> None:
    await short_connections(bench, 1000)


# Beside Linux on the same links.


@pytest.mark.parametrize("round_trip_ms", [0.1, 1, pytest.param(10, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("direction", ["send", "receive"])
def test_one_connection_has_the_rate_of_the_wire(
    direction: str, round_trip_ms: float, seed: int, tmp_path: Path
) -> None:
    """1448 of 1538 bytes on the wire are payload: 941.48 Mb/s, as the guest's kernel counts what has arrived."""
    rate = contest.line_rate(tmp_path, direction, round_trip_ms, seed, measured_ms=20).goodput_mbps
    assert 940 <= rate <= 943


@pytest.mark.nightly
def test_over_lossy_paths_hl_tcp_sends_no_less_than_linux(seed: int, tmp_path: Path) -> None:
    """Ten seeds a loss: in the mean, HL-TCP has at least the goodput of Linux with the same congestion control."""
    results = [
        contest.lossy(tmp_path, stack, loss, seed + number, 8_000_000)
        for loss in contest.LOSSES
        for number in range(10)
        for stack in contest.STACKS
    ]
    for loss, mean in contest.means(results):
        assert mean["hl_tcp"] >= mean["linux"], f"at a loss of {loss:.1%}"


@pytest.mark.nightly
@pytest.mark.parametrize("round_trip_ms", [1, 10])
def test_hl_tcp_and_linux_share_a_bottleneck_fairly(round_trip_ms: float, seed: int, tmp_path: Path) -> None:
    assert contest.fairness(tmp_path, round_trip_ms, seed, measured_s=20).jain >= 0.95
