"""HL-TCP against lwIP: data arrives intact both ways over good and bad links, and lwIP finds no wrong checksum."""

from __future__ import annotations

import errno
import hashlib
import random
from typing import Any

import pytest

from models import kernel
from models.network.impairment import Chance, Corrupt, Drop, Impairment, Rule
from models.network.link import Link, LinkSettings
from models.network.peer import Peer, PeerSettings
from models.observation import dissect
from tests.interop.carry import DIRECTIONS, IMPAIRED, as_seen_by_the_peer, carry, needs_lwip

pytestmark = needs_lwip
PORT = 5001


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
@pytest.mark.parametrize("size", [0, 1, 1461, 100_000])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_file_arrives_intact(direction: str, size: int, family: str, seed: int) -> None:
    result = carry(f"lwip-{direction}-{size}-{family}", direction, size, seed, peer="lwip", family=family)
    assert result.summary["retransmissions"] == 0
    assert dissect.problems(as_seen_by_the_peer(result)) == []


@pytest.mark.parametrize("impairment", IMPAIRED)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_file_arrives_intact_over_a_bad_link(direction: str, impairment: str, seed: int) -> None:
    for number in range(3):
        carry(f"lwip-{direction}-{impairment}", direction, 150_000, seed + number, peer="lwip", **IMPAIRED[impairment])


@pytest.mark.parametrize("direction", ["send", "receive"])
def test_a_file_arrives_intact_on_the_rtl(direction: str, seed: int) -> None:
    carry(f"lwip-icarus-{direction}", direction, 8000, seed, peer="lwip", card="icarus")


def test_the_same_seed_gives_the_same_capture(seed: int) -> None:
    """Also for the second lwIP in one process: each starts as after a power-on."""
    first, again = (
        (carry("lwip-same-seed", "echo", 60_000, seed, peer="lwip", loss=0.03).out / "wire.pcapng").read_bytes()
        for _ in range(2)
    )
    assert first == again


@pytest.mark.nightly
@pytest.mark.parametrize("impairment", ["none", *IMPAIRED])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_one_mebibyte_arrives_intact_on_the_rtl(direction: str, impairment: str, seed: int) -> None:
    name = f"lwip-verilator-{direction}-{impairment}"
    carry(name, direction, 1 << 20, seed, peer="lwip", card="verilator", **IMPAIRED.get(impairment, {}))


@pytest.mark.nightly
@pytest.mark.parametrize("impairment", ["none", *IMPAIRED])
@pytest.mark.parametrize("direction", ["send", "receive"])
def test_a_hundred_megabytes_arrive_intact(direction: str, impairment: str, seed: int) -> None:
    """Each impairment a tenth as often as in the short runs: lwIP has no SACK, and one loss a round trip takes long."""
    impaired = {name: value / 10 for name, value in IMPAIRED.get(impairment, {}).items()}
    name = f"lwip-100MB-{direction}-{impairment}"
    carry(name, direction, 100_000_000, seed, captures=False, peer="lwip", **impaired)


# lwIP against the protocol alone, without a card: quick enough for links that are worse.


def join(chance: Chance, seed: int, rules: tuple[Rule, ...] = ()) -> tuple[Any, Any]:
    """HL-TCP on an ideal interface at 10.0.0.1, lwIP at 10.0.0.2, and a link between them; both are started."""
    from models.network.lwip.peer import LwipPeer

    ours = Peer(PeerSettings(mac="02:00:00:00:00:01", address="10.0.0.1"), seed=seed)
    theirs = LwipPeer(seed=seed)
    settings = LinkSettings(delay_ps=20 * kernel.US)
    there, back = (Impairment(rules=rules, chance=chance, seed=f"{seed} {way}") for way in ("there", "back"))
    Link(ours.wire, theirs.wire, settings, settings, there, back).start()
    ours.start()
    theirs.start()
    return ours, theirs


async def both_ways(ours: Any, theirs: Any, size: int, seed: int) -> None:
    """As much in each direction at once, and the end of both streams."""
    listener = await theirs.listen(PORT)
    accepting = kernel.spawn(listener.accept())
    near = await ours.connect(("10.0.0.2", PORT))
    far, (address, _) = await accepting
    assert address == "10.0.0.1"
    data = [random.Random(f"{seed} {way}").randbytes(size) for way in range(2)]

    async def send(sock: Any, what: bytes) -> None:
        await sock.sendall(what)
        await sock.shutdown(1)

    async def receive(sock: Any) -> str:
        digest = hashlib.sha256()
        while piece := await sock.recv(4096):
            digest.update(piece)
        return digest.hexdigest()

    tasks = [kernel.spawn(each) for each in (send(near, data[0]), send(far, data[1]), receive(near), receive(far))]
    for task in tasks:
        await task
    assert [tasks[3].result, tasks[2].result] == [hashlib.sha256(each).hexdigest() for each in data]
    for sock in (near, far, listener):
        await sock.close()


@pytest.mark.parametrize(
    "chance",
    [Chance(loss=0.1), Chance(reordering=0.2), Chance(duplication=0.2), Chance(corruption=0.1),
     Chance(loss=0.05, corruption=0.02, duplication=0.05, reordering=0.1)],
    ids=["loss", "reordering", "duplication", "corruption", "all"],
)  # fmt: skip
def test_both_directions_at_once_over_a_very_bad_link(chance: Chance, seed: int) -> None:
    for each in range(seed, seed + 5):
        print(f"seed {each}")

        async def main(each: int = each) -> None:
            await both_ways(*join(chance, each), size=100_000, seed=each)

        kernel.run(main())


def test_a_wrong_checksum_is_counted_and_the_data_still_arrives(seed: int) -> None:
    """A byte of payload changes on the way and the FCS is right: only TCP's checksum can tell."""

    async def main() -> None:
        rules = (Rule(lambda number, frame: len(frame) > 1000, Corrupt(flips=((300, 1),), mend_fcs=True), times=1),)
        ours, theirs = join(Chance(), seed, rules)
        await both_ways(ours, theirs, size=50_000, seed=seed)
        assert theirs.drops()["peer_tcp_checksum"] == 1

    kernel.run(main())


def test_a_port_where_nobody_listens_refuses_both_ways(seed: int) -> None:
    async def main() -> None:
        ours, theirs = join(Chance(), seed)
        for connect in (ours.connect(("10.0.0.2", 9)), theirs.connect(("10.0.0.1", 9))):
            with pytest.raises(OSError) as refused:
                await connect
            assert refused.value.errno == errno.ECONNREFUSED

    kernel.run(main())


def test_a_reset_reaches_the_other_end_both_ways(seed: int) -> None:
    async def main() -> None:
        ours, theirs = join(Chance(), seed)
        listener = await theirs.listen(PORT)
        for aborted in ("ours", "theirs"):
            accepting = kernel.spawn(listener.accept())
            near = await ours.connect(("10.0.0.2", PORT))
            far, _ = await accepting
            one, other = (near, far) if aborted == "ours" else (far, near)
            await one.abort()
            with pytest.raises(OSError) as reset:
                await other.recv(1)
            assert reset.value.errno == errno.ECONNRESET

    kernel.run(main())


def test_a_lost_syn_and_a_lost_fin_are_sent_again(seed: int) -> None:
    """lwIP's timers are the simulation's: the SYN comes again when lwIP's clock says so, and no machine waits."""

    def has(flag: int) -> Any:
        return lambda number, frame: frame[12:14] == b"\x08\x00" and frame[23] == 6 and frame[47] & flag

    async def main() -> None:
        ours, theirs = join(Chance(), seed, (Rule(has(2), Drop(), times=1), Rule(has(1), Drop(), times=1)))
        listener = await ours.listen(PORT)
        accepting = kernel.spawn(listener.accept())
        begin_ps = kernel.now()
        far = await theirs.connect(("10.0.0.1", PORT))
        assert kernel.now() - begin_ps > kernel.S // 2
        near, _ = await accepting
        await far.sendall(b"request")
        await far.shutdown(1)
        assert await near.recv_exactly(100) == b"request"
        await near.sendall(b"response")
        await near.shutdown(1)
        assert await far.recv_exactly(100) == b"response"

    kernel.run(main())


@pytest.mark.parametrize("sender", ["ours", "theirs"])
def test_a_window_that_closes_opens_again(sender: str, seed: int) -> None:
    """The receiver reads nothing for a long time, then all of it: probes of a closed window are answered both ways."""

    async def main() -> None:
        ours, theirs = join(Chance(loss=0.02), seed)
        listener = await theirs.listen(PORT)
        accepting = kernel.spawn(listener.accept())
        near = await ours.connect(("10.0.0.2", PORT))
        far, _ = await accepting
        source, sink = (near, far) if sender == "ours" else (far, near)
        data = random.Random(f"{seed} window").randbytes(1_000_000)
        sending = kernel.spawn(source.sendall(data))
        received = b""
        for pause_s in (30, 5, 1):
            await kernel.sleep(pause_s * kernel.S)
            assert not sending.done, "the window is closed"
            received += await sink.recv_exactly(100_000)
        received += await sink.recv_exactly(len(data) - len(received))
        await sending
        assert received == data

    kernel.run(main())
