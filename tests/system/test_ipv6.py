"""TCP over IPv6 through the whole card: TSO, checksums, the multicast filter, sockets of AF_INET6."""

import errno
import random
import socket as bsd

import pytest
from scapy.layers.inet import TCP
from scapy.layers.inet6 import ICMPv6ND_NS, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, fragment6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from firmware.socket_options import IPPROTO_IPV6, Ipv6Option
from models import kernel
from models.bench import HOST_ADDRESS, HOST_MAC, PEER_MAC, Bench
from models.network.ethernet_fcs import with_fcs
from models.network.impairment import Drop, Rule
from tests.system.connection import connect, tell
from tests.system.on_card import on_card


@on_card(family="ipv6")
async def test_a_stream_goes_both_ways_over_ipv6(bench: Bench) -> None:
    data = random.Random(5).randbytes(60_000)
    connection = await connect(bench)
    sending = kernel.spawn(connection.host.sendall(data))
    assert await connection.peer.recv_exactly(len(data)) == data
    await sending
    sending = kernel.spawn(connection.peer.sendall(data))
    tell(bench, data, await connection.host.recv_exactly(len(data)))
    await sending
    assert await connection.host.getsockname() == ("fd00::1", (await connection.peer.getpeername())[1])
    assert await connection.host.getpeername() == ("fd00::2", 5001)
    assert bench.firmware.statistics["receive_checksums_in_software"] == 0
    await connection.close()


@on_card(family="ipv6")
async def test_lost_segments_over_ipv6_come_again_with_long_headers_of_selective_acks(bench: Bench) -> None:
    """Two holes: the peer's SACK blocks make headers longer than the firmware's first look at a frame."""
    data = random.Random(6).randbytes(80_000)
    connection = await connect(bench)
    bench.link.a_to_b.impairment.rules = [Rule(12 + 2 * hole, Drop()) for hole in range(4)]
    sending = kernel.spawn(connection.host.sendall(data))
    tell(bench, data, await connection.peer.recv_exactly(len(data)))
    await sending
    assert bench.firmware.retransmissions
    await connection.close()


@on_card(family="ipv6")
async def test_sockets_of_both_families_live_side_by_side(bench: Bench) -> None:
    process = bench.host.process()
    listeners = [await process.socket(family) for family in (bsd.AF_INET, bsd.AF_INET6)]
    for listener in listeners:
        await listener.bind(("", 80))
        await listener.listen(4)
    for listener, address in zip(listeners, (HOST_ADDRESS, bench.host_address), strict=True):
        accepting = kernel.spawn(listener.accept())
        peer = await bench.peer.connect((address, 80))
        accepted, (host, _) = await accepting
        assert (":" in host) == (":" in address)
        await peer.sendall(address.encode())
        assert await accepted.recv(100) == address.encode()
        await accepted.close()
        await peer.close()
    six = listeners[1]
    assert await six.getsockname() == ("::", 80)
    await six.setsockopt(IPPROTO_IPV6, Ipv6Option.UNICAST_HOPS, 9)
    assert await six.getsockopt(IPPROTO_IPV6, Ipv6Option.UNICAST_HOPS) == 9
    assert await six.getsockopt(IPPROTO_IPV6, Ipv6Option.V6ONLY) == 1
    other = await process.socket(bsd.AF_INET6)
    for call, number in ((other.bind(("fd00::77", 1)), errno.EADDRNOTAVAIL),
                         (other.connect(("10.0.0.2", 1)), errno.EINVAL),
                         (other.connect(("2001:db8::1", 1)), errno.ENETUNREACH)):
        with pytest.raises(OSError) as refused:
            await call
        assert refused.value.errno == number


@on_card()
async def test_without_ipv6_there_are_no_sockets_of_it(bench: Bench) -> None:
    with pytest.raises(OSError) as refused:
        await bench.host.process().socket(bsd.AF_INET6)
    assert refused.value.errno == errno.EAFNOSUPPORT


@on_card(family="ipv6")
async def test_segments_in_fragments_and_behind_extension_headers_reach_the_application(bench: Bench) -> None:
    """Their payload has to be in card memory in one piece, wherever its fragments came to."""
    process = bench.host.process()
    listener = await process.socket(bsd.AF_INET6)
    await listener.bind(("", 80))
    await listener.listen(1)
    peer = await bench.peer.connect((bench.host_address, 80))
    accepted, _ = await listener.accept()
    binding, connection = peer.connection.binding, peer.connection
    data = random.Random(7).randbytes(900)

    def segment(at: int, part: bytes) -> TCP:
        return TCP(sport=binding.local_port, dport=80, flags="PA", seq=connection.snd_nxt + at & 0xFFFFFFFF,
                   ack=connection.rcv_nxt & 0xFFFFFFFF, window=60000,
                   options=[("NOP", None), ("NOP", None), ("Timestamp", (connection.timestamp(bench.peer.now_ns()),
                                                                         connection.ts_recent))]) / Raw(part)

    ip = IPv6(src=bench.peer_address, dst=bench.host_address)
    pieces = fragment6(ip / IPv6ExtHdrFragment(id=3) / segment(0, data[:600]), 500)
    for packet in (*reversed(pieces), ip / IPv6ExtHdrDestOpt() / segment(600, data[600:])):
        bench.card.wire.send(with_fcs(bytes(Ether(dst=HOST_MAC, src=PEER_MAC) / packet).ljust(60, b"\0")))
        await kernel.sleep(20 * kernel.US)
    assert await accepted.recv_exactly(900) == data
    assert len(pieces) > 1 and bench.firmware.stack.counters["ipv6_fragments_completing"] == 1


@on_card(family="ipv6")
async def test_the_multicast_filter_lets_through_what_concerns_us(bench: Bench) -> None:
    taken = bench.firmware.ethernet.receive.frames
    groups = (("ff02::1", "33:33:00:00:00:01", True), ("ff02::1:ff00:1", "33:33:ff:00:00:01", True),
              ("ff02::1:ff99:77", "33:33:ff:99:00:77", False), ("ff02::fb", "33:33:00:00:00:fb", False))
    for group, mac, passes in groups:
        before = bench.firmware.ethernet.receive.frames
        frame = (Ether(dst=mac, src=PEER_MAC) / IPv6(src=bench.peer_address, dst=group, hlim=255)
                 / ICMPv6ND_NS(tgt=bench.host_address))
        bench.card.wire.send(with_fcs(bytes(frame)))
        await kernel.sleep(30 * kernel.US)
        assert (bench.firmware.ethernet.receive.frames > before) == passes, group
    assert bench.firmware.ethernet.receive.frames == taken + 2


@on_card(family="ipv6", segmentation_offload=False)
async def test_segments_cut_by_the_processor_have_their_checksums_from_hardware(bench: Bench) -> None:
    await _sends(bench)


@on_card(family="ipv6", sending="copy", segmentation_offload=False, checksum_offload=False)
async def test_the_processor_can_do_everything_over_ipv6(bench: Bench) -> None:
    await _sends(bench)


async def _sends(bench: Bench) -> None:
    data = random.Random(8).randbytes(30_000)
    connection = await connect(bench)
    sending = kernel.spawn(connection.host.sendall(data))
    tell(bench, data, await connection.peer.recv_exactly(len(data)))
    await sending
    await connection.close()
