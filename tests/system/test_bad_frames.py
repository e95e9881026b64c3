"""Whatever comes over the wire: it is answered, or dropped and counted, and the card goes on."""

from __future__ import annotations

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

from models import kernel
from models.bench import HOST_ADDRESS, HOST_MAC, PEER_ADDRESS, PEER_MAC, Bench
from models.network.ethernet_fcs import fcs, with_fcs
from models.network.link import Direction
from tests.system.connection import Connection, connect, tell
from tests.system.on_card import on_card

BROADCAST = "ff:ff:ff:ff:ff:ff"
SETTLE_PS = 100 * kernel.US
"""Long enough for the card to deal with what has arrived."""


class Listener:
    """What the card transmits, as scapy reads it."""

    def __init__(self, bench: Bench) -> None:
        self.frames: list[Packet] = []
        bench.link.tap_sent(self._take)

    def _take(self, frame: bytes, _time_ps: int, direction: Direction, _comment: str | None) -> None:
        if direction is Direction.A_TO_B:
            self.frames.append(Ether(frame[:-4]))

    def taken(self) -> list[Packet]:
        frames, self.frames = self.frames, []
        return frames


def ether(destination: str = HOST_MAC, source: str = PEER_MAC, **fields: int) -> Packet:
    return Ether(dst=destination, src=source, **fields)


def ip(**fields: object) -> Packet:
    return IP(**{"src": PEER_ADDRESS, "dst": HOST_ADDRESS, **fields})


async def settle(bench: Bench) -> None:
    while not bench.link.idle:
        await kernel.sleep(10 * kernel.US)
    await kernel.sleep(SETTLE_PS)


async def drops_of(bench: Bench, frames: list[Packet | bytes]) -> dict[str, int]:
    """Send frames with right FCS from the peer's end; what the card has counted of them."""
    before = bench.firmware.drops()
    for frame in frames:
        await bench.peer.wire.transmit(bytes(frame))
    await settle(bench)
    await bench.firmware.read_counters()
    after = bench.firmware.drops()
    return {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}


async def still_works(bench: Bench, connection: Connection) -> None:
    data = bench.rng.randbytes(2000)
    await connection.host.sendall(data)
    tell(bench, data, await connection.peer.recv_exactly(len(data)))
    await connection.peer.sendall(data)
    tell(bench, data, await connection.host.recv_exactly(len(data)))


@on_card()
async def test_arp_requests_and_echo_requests_are_answered(bench: Bench) -> None:
    listener = Listener(bench)
    request = ARP(op="who-has", hwsrc=PEER_MAC, psrc=PEER_ADDRESS, pdst=HOST_ADDRESS)
    assert await drops_of(bench, [ether(BROADCAST) / request]) == {}
    (answer,) = listener.taken()
    assert (answer.dst, answer.src) == (PEER_MAC, HOST_MAC)
    assert (answer[ARP].op, answer[ARP].hwsrc, answer[ARP].psrc) == (2, HOST_MAC, HOST_ADDRESS)
    assert (answer[ARP].hwdst, answer[ARP].pdst) == (PEER_MAC, PEER_ADDRESS)

    for length in (0, 1, 17, 56, 1472):
        payload = bench.rng.randbytes(length)
        echo = ether() / ip(id=length) / ICMP(type="echo-request", id=0x4C48, seq=length) / Raw(payload)
        assert await drops_of(bench, [echo]) == {}
        (answer,) = listener.taken()
        assert (answer.dst, answer[IP].src, answer[IP].dst) == (PEER_MAC, HOST_ADDRESS, PEER_ADDRESS)
        assert (answer[ICMP].type, answer[ICMP].id, answer[ICMP].seq) == (0, 0x4C48, length)
        assert bytes(answer[IP].payload)[8 : answer[IP].len - 20] == payload

    assert await drops_of(bench, [ether() / ip() / UDP(sport=9, dport=99) / Raw(b"data")]) == {"udp_no_port": 1}
    (answer,) = listener.taken()
    assert (answer[ICMP].type, answer[ICMP].code) == (3, 3), "port unreachable (RFC 1122 4.1.3.1)"
    assert await drops_of(bench, [ether() / ip() / TCP(sport=9, dport=99, flags="S", seq=77)]) == {}
    (answer,) = listener.taken()
    assert (answer[TCP].flags, answer[TCP].ack) == ("RA", 78), "nobody listens there (RFC 9293 3.10.7.1)"


@on_card()
async def test_frames_that_break_the_protocols_are_counted_by_cause_and_not_answered(bench: Bench) -> None:
    connection = await connect(bench)
    listener = Listener(bench)
    tcp = TCP(sport=4000, dport=5000, flags="A", seq=1, ack=1)
    bad: dict[str, Packet] = {
        "ethernet_unknown_type": ether(type=0x88B5) / Raw(bytes(46)),
        "ip_bad_version": ether() / ip(version=5) / tcp,
        "ip_bad_header_length": ether() / ip(ihl=3, chksum=0) / tcp,
        "ip_checksum_error": ether() / ip(chksum=0x1234) / tcp,
        "ip_truncated": ether() / ip(len=1400) / tcp,
        "ip_bad_source": ether() / ip(src="224.0.0.1") / tcp,
        "ip_not_for_us": ether() / ip(dst="10.0.0.77") / tcp,
        "ip_bad_fragment_length": ether() / ip(flags="MF") / tcp / Raw(bytes(24)),
        "tcp_header_truncated": ether() / ip(proto=6) / Raw(bytes(12)),
        "tcp_bad_data_offset": ether() / ip() / TCP(sport=4000, dport=5000, dataofs=2),
        "tcp_checksum_error": ether() / ip() / TCP(sport=4000, dport=5000, flags="A", chksum=0x1234) / Raw(b"data"),
        "udp_checksum_error": ether() / ip() / UDP(sport=1, dport=2, chksum=0x1234) / Raw(b"data"),
        "udp_truncated": ether() / ip() / UDP(sport=1, dport=2, len=400) / Raw(b"data"),
        "icmp_checksum_error": ether() / ip() / ICMP(chksum=0x1234) / Raw(b"data"),
        "icmp_truncated": ether() / ip(proto=1) / Raw(b"\x08\0\0\0"),
        "icmp_echo_to_group_ignored": ether(BROADCAST) / ip(dst="10.0.0.255") / ICMP(),
        "arp_bad_format": ether(BROADCAST) / ARP(hwtype=6, hwsrc=PEER_MAC, psrc=PEER_ADDRESS, pdst=HOST_ADDRESS),
        "arp_bad_sender": ether(BROADCAST) / ARP(hwsrc=BROADCAST, psrc=PEER_ADDRESS, pdst=HOST_ADDRESS),
        "arp_not_for_us": ether(BROADCAST) / ARP(hwsrc=PEER_MAC, psrc=PEER_ADDRESS, pdst="10.0.0.77"),
    }  # fmt: skip
    for cause, frame in bad.items():
        assert await drops_of(bench, [frame]) == {cause: 1}, cause
    assert listener.taken() == []
    await still_works(bench, connection)
    await connection.close()


@on_card()
async def test_frames_damaged_on_the_wire_are_dropped_at_the_pins(bench: Bench) -> None:
    """Runts, fragments, giants, bad FCS, a beginning of a frame, frames for others: none reaches the firmware."""
    connection = await connect(bench)
    good = bytes(ether() / ip() / ICMP() / Raw(bytes(200)))
    taken = bench.firmware.ethernet.receive.frames
    listener = Listener(bench)
    whole = with_fcs(good)
    raw: list[tuple[str | None, bytes]] = [
        ("ethernet_crc_errors", whole[:-1] + bytes([whole[-1] ^ 1])),
        ("ethernet_crc_errors", whole[:100] + bytes([whole[100] ^ 0x80]) + whole[101:]),
        ("ethernet_crc_errors", whole[:120]),
        ("ethernet_undersize_frames", good[:40] + fcs(good[:40])),
        ("ethernet_fragments", whole[:40]),
        ("ethernet_fragments", whole[:14]),
        (None, whole[:5]),  # without an address and an FCS: only TPR counts it
        (None, whole[:1]),
        ("ethernet_oversize_frames", with_fcs(good + bytes(1600))),
        ("ethernet_jabbers", with_fcs(good + bytes(1600))[:-2]),
        (None, with_fcs(bytes(ether("02:00:00:00:00:99")) + good[14:])),
    ]
    for cause, frame in raw:
        await bench.firmware.read_counters()
        before = bench.firmware.drops()
        bench.card.wire.send(frame)
        await settle(bench)
        await bench.firmware.read_counters()
        after = bench.firmware.drops()
        counted = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
        assert counted == ({cause: 1} if cause else {}), (cause, len(frame))
    assert bench.firmware.ethernet.receive.frames == taken
    assert listener.taken() == []
    await still_works(bench, connection)
    await connection.close()


@on_card()
async def test_random_frames_leave_the_card_alive(bench: Bench) -> None:
    """Back to back: noise, beginnings and seeded changes of good frames, some with right checksums."""
    connection = await connect(bench)
    rng = bench.rng
    binding = connection.peer.connection.binding
    ports = {"sport": binding.local_port, "dport": binding.remote_port}
    kinds = [
        ether() / ip() / ICMP() / Raw(bytes(64)),
        ether(BROADCAST) / ARP(hwsrc=PEER_MAC, psrc=PEER_ADDRESS, pdst=HOST_ADDRESS),
        ether() / ip() / TCP(**ports, flags="A", options=[("MSS", 536), ("NOP", None)]) / Raw(bytes(50)),
        ether() / ip() / UDP(sport=1, dport=2) / Raw(bytes(300)),
    ]
    for _ in range(60):
        frame = bytearray(bytes(rng.choice(kinds)))
        for _ in range(rng.choice((1, 1, 2, 8))):
            frame[rng.randrange(12, len(frame))] = rng.randrange(256)
        if rng.random() < 0.3:
            del frame[rng.randrange(14, len(frame)) :]
        if rng.random() < 0.1:
            frame[12:] = rng.randbytes(rng.randrange(46, 400))
        await bench.peer.wire.transmit(bytes(frame))
    await settle(bench)
    await still_works(bench, connection)
    await bench.firmware.read_counters()
    drops = bench.firmware.drops()
    assert sum(drops.values()) >= 20, drops
    assert bench.host.driver.outstanding == 0
    await connection.close()
