"""The switch: learning, flooding, and a bottleneck at which TCP finds its share."""

from __future__ import annotations

import pytest

from firmware.tcp.config import TcpConfig
from models import kernel
from models.network.ethernet_fcs import with_fcs
from models.network.link import Link, LinkSettings
from models.network.peer import Peer, PeerInterface, PeerSettings
from models.network.switch import Switch

ALL = b"\xff" * 6


def mac(number: int) -> bytes:
    return bytes([2, 0, 0, 0, 0, number])


class Station:
    """An interface with the frames that have arrived there."""

    def __init__(self, switch: Switch) -> None:
        self.wire = PeerInterface(1_000_000_000)
        self.arrived: list[bytes] = []
        self.wire.arrived = self.arrived.append
        self.link = Link(self.wire, switch.port())
        self.link.start()

    async def send(self, source: int, destination: bytes, text: bytes = b"") -> None:
        await self.wire.transmit(destination + mac(source) + b"\x88\xb5" + text.ljust(46, b"\0"))


def stations(count: int, **settings: int) -> tuple[Switch, list[Station]]:
    switch = Switch(**settings)
    found = [Station(switch) for _ in range(count)]
    switch.start()
    return switch, found


def test_a_frame_goes_everywhere_until_its_destination_is_known() -> None:
    async def main() -> None:
        _, (a, b, c) = stations(3)
        await a.send(1, mac(2))
        await kernel.sleep(kernel.MS)
        assert [len(each.arrived) for each in (a, b, c)] == [0, 1, 1]
        await b.send(2, mac(1))
        await kernel.sleep(kernel.MS)
        assert [len(each.arrived) for each in (a, b, c)] == [1, 1, 1]
        await a.send(1, ALL)
        await kernel.sleep(kernel.MS)
        assert [len(each.arrived) for each in (a, b, c)] == [1, 2, 2]

    kernel.run(main())


def test_a_station_that_moves_is_found_again_and_its_own_frames_do_not_come_back() -> None:
    async def main() -> None:
        _, (a, b, c) = stations(3)
        await b.send(2, ALL)
        await c.send(2, ALL)
        await kernel.sleep(kernel.MS)
        for each in (a, b, c):
            each.arrived.clear()
        await a.send(1, mac(2))
        await c.send(3, mac(2))
        await kernel.sleep(kernel.MS)
        assert [len(each.arrived) for each in (a, b, c)] == [0, 0, 1]

    kernel.run(main())


def test_a_damaged_frame_is_dropped_and_counted() -> None:
    async def main() -> None:
        switch, (a, b) = stations(2)
        frame = with_fcs(mac(2) + mac(1) + bytes(48))
        switch.ports[0].send(frame[:20] + b"\xff" + frame[21:])
        await kernel.sleep(kernel.MS)
        assert not a.arrived and not b.arrived and switch.ports[0].fcs_errors == 1

    kernel.run(main())


def test_what_a_queue_has_no_room_for_is_dropped_and_counted() -> None:
    async def main() -> None:
        switch = Switch(queue_frames=4)
        a = Station(switch)
        slow = switch.port(1_000_000)
        b = PeerInterface(1_000_000_000)
        arrived: list[bytes] = []
        b.arrived = arrived.append
        Link(slow, b).start()
        switch.start()
        for number in range(10):
            await a.send(1, mac(2), b"%d" % number)
        await kernel.sleep(kernel.S)
        assert slow.dropped == 5, "one on the wire, four waiting"
        assert [each[14:15] for each in arrived] == [b"0", b"1", b"2", b"3", b"4"]

    kernel.run(main())


ROOM = 2 << 20


def shares(
    flows: int, queue_frames: int, round_trip_ms: float, congestion: str, rate_mbps: int, settle_s: int, measured_s: int
) -> tuple[list[float], float]:
    """Share of the port's rate that each of so many bulk flows through it has, and of the frames that it drops."""

    async def main() -> tuple[list[float], float]:
        switch = Switch(queue_frames=queue_frames)
        tcp = TcpConfig(receive_buffer=ROOM, congestion=congestion)

        def peer(number: int) -> Peer:
            settings = PeerSettings(f"02:00:00:00:00:{number:02x}", f"10.0.0.{number}", tcp=tcp, send_buffer=ROOM)
            return Peer(settings, seed=number)

        server, senders = peer(1), [peer(2 + number) for number in range(flows)]
        port = switch.port(rate_mbps * 10**6)
        Link(port, server.wire, LinkSettings(delay_ps=round(round_trip_ms * kernel.MS / 2))).start()
        for each in senders:
            Link(each.wire, switch.port()).start()
        switch.start()
        for each in (server, *senders):
            each.start()
        listener = await server.listen(5001)
        counts = [0] * flows

        async def read(number: int, sock: object) -> None:
            while piece := await sock.recv(1 << 16):
                counts[number] += len(piece)

        async def send(sock: object) -> None:
            while True:
                await sock.sendall(bytes(1 << 16))

        for number, each in enumerate(senders):
            accepting = kernel.spawn(listener.accept())
            sock = await each.connect(("10.0.0.1", 5001))
            side, _ = await accepting
            kernel.spawn(read(number, side))
            kernel.spawn(send(sock))
        await kernel.sleep(settle_s * kernel.S)
        before, dropped, sent = list(counts), port.dropped, port.frames_sent
        await kernel.sleep(measured_s * kernel.S)
        most = measured_s * rate_mbps * 1e6 / 8 * 1448 / 1538
        rates = [(after - then) / most for then, after in zip(before, counts, strict=True)]
        dropped = port.dropped - dropped
        return rates, dropped / (dropped + port.frames_sent - sent)

    return kernel.run(main())


@pytest.mark.parametrize("congestion", ["cubic", "reno"])
@pytest.mark.parametrize(("rate_mbps", "round_trip_ms", "queue_frames"), [(20, 10, 24), (100, 1, 64)])
def test_a_flow_fills_a_short_queue_and_loses_little(
    rate_mbps: int, round_trip_ms: float, queue_frames: int, congestion: str
) -> None:
    """A window that overshoots by much is brought down at once, not only by as much as was lost on the way."""
    rates, lost = shares(1, queue_frames, round_trip_ms, congestion, rate_mbps, settle_s=1, measured_s=2)
    assert rates[0] > 0.9
    assert lost < 0.01


@pytest.mark.parametrize("congestion", ["cubic", "reno"])
def test_two_flows_share_a_short_queue(congestion: str) -> None:
    rates, lost = shares(2, 24, 2, congestion, 20, settle_s=3, measured_s=5)
    assert sum(rates) > 0.9
    assert sum(rates) ** 2 / 2 / sum(each * each for each in rates) > 0.85
    assert lost < 0.05
