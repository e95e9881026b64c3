"""Requirements of the checklist that no script can express: addresses, fragments, and what a secret hides."""

import random

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from firmware.network.arp import ArpConfig
from firmware.stack import Stack, segment_in_software
from firmware.tcp.isn import initial_sequence_number

MAC, ADDRESS = "02:00:00:00:00:01", "10.0.0.1"
PEER_MAC, PEER = "02:00:00:00:00:02", "10.0.0.2"
SECOND = 1_000_000_000
MICROSECOND = 1_000


class Interface:
    """A stack whose network is the test."""

    def __init__(self, **arguments) -> None:
        self.now = 0
        self.stack = Stack(MAC, ADDRESS, 24, "10.0.0.254", secret=b"s", rng=random.Random(1), **arguments)

    def put(self, packet: Ether) -> None:
        data = bytes(packet)
        self.stack.frame_arrives(data, data, self.now)

    def get(self) -> list[Ether]:
        frames = []
        while (frame := self.stack.poll_transmit(self.now)) is not None:
            frames += [Ether(raw) for raw in segment_in_software(frame)]
            self.stack.transmitted(frame, self.now)
        return frames


@pytest.fixture
def interface() -> Interface:
    return Interface()


def from_peer(layers, mac: str = MAC, destination: str = ADDRESS, **ip) -> Ether:
    return Ether(dst=mac, src=PEER_MAC) / IP(src=PEER, dst=destination, **ip) / layers


def answer(source: str = PEER, mac: str = PEER_MAC) -> Ether:
    return Ether(dst=MAC, src=mac) / ARP(op=2, hwsrc=mac, psrc=source, hwdst=MAC, pdst=ADDRESS)


def test_B12_the_initial_number_grows_by_one_every_four_microseconds() -> None:
    first = initial_sequence_number(b"secret", b"connection", 0)
    for elapsed in (4, 400, 4_000_000, 4 * 2**32):
        number = initial_sequence_number(b"secret", b"connection", elapsed * MICROSECOND)
        assert (number - first) % 2**32 == elapsed // 4 % 2**32


def test_B12_connections_and_secrets_tell_nothing_of_each_other() -> None:
    keys = [bytes((index,)) for index in range(200)]
    offsets = {initial_sequence_number(b"secret", key, 0) for key in keys}
    others = {initial_sequence_number(b"another", key, 0) for key in keys}
    assert len(offsets) == len(keys) and not offsets & others
    differences = {(b - a) % 2**32 for a, b in zip(sorted(offsets), sorted(offsets)[1:], strict=False)}
    assert len(differences) == len(keys) - 1, "neighbours lie at distances of their own"


def test_J07_a_request_is_answered_and_teaches_the_sender(interface: Interface) -> None:
    interface.put(Ether(dst="ff:ff:ff:ff:ff:ff", src=PEER_MAC) / ARP(op=1, hwsrc=PEER_MAC, psrc=PEER, pdst=ADDRESS))
    (reply,) = interface.get()
    assert (reply.dst, reply[ARP].op, reply[ARP].hwsrc, reply[ARP].psrc) == (PEER_MAC, 2, MAC, ADDRESS)
    interface.put(from_peer(TCP(sport=1, dport=2, flags="S")))
    (reset,) = interface.get()
    assert reset.dst == PEER_MAC and TCP in reset, "no question is needed"


def test_J07_a_request_for_another_is_not_answered_but_updates_what_is_known(interface: Interface) -> None:
    interface.put(answer())
    moved = "02:00:00:00:00:22"
    interface.put(Ether(dst="ff:ff:ff:ff:ff:ff", src=moved) / ARP(op=1, hwsrc=moved, psrc=PEER, pdst="10.0.0.77"))
    assert interface.get() == []
    interface.put(from_peer(TCP(sport=1, dport=2, flags="S")))
    assert interface.get()[0].dst == moved, "RFC 826: merge, then look at whom it is for"


def test_J07_a_packet_waits_for_the_answer() -> None:
    interface = Interface(arp_config=ArpConfig(pending_packets=2))
    for port in (11, 12, 13):
        interface.put(from_peer(TCP(sport=port, dport=2, flags="S")))
    (question,) = interface.get()
    assert question[ARP].op == 1 and question[ARP].pdst == PEER
    interface.put(answer())
    assert [frame[TCP].dport for frame in interface.get()] == [12, 13], "the latest of each destination are kept"


def test_J07_questions_are_limited_to_one_a_second(interface: Interface) -> None:
    interface.stack.connect(PEER, 80, 0)
    questions = 0
    for step in range(40):
        interface.now = step * SECOND // 10
        interface.stack.timeout(interface.now)
        questions += sum(ARP in frame for frame in interface.get())
    assert 1 < questions <= 4


def fragments(packet: Ether, size: int) -> list[Ether]:
    """The packet's fragments of `size` bytes."""
    ip, data = packet[IP], bytes(packet[IP].payload)
    made = []
    for start in range(0, len(data), size):
        head = IP(src=ip.src, dst=ip.dst, id=77, proto=ip.proto, frag=start // 8,
                  flags="MF" if start + size < len(data) else 0)
        made.append(Ether(dst=packet.dst, src=packet.src) / head / Raw(data[start:start + size]))
    return made


@pytest.mark.parametrize("order", [1, -1, 0])
def test_J08_fragments_are_put_together_in_whatever_order_they_come(interface: Interface, order: int) -> None:
    interface.put(answer())
    pieces = fragments(from_peer(ICMP(id=7) / Raw(bytes(range(200)))), 64)
    pieces = pieces[::order] if order else random.Random(3).sample(pieces, len(pieces))
    for piece in pieces:
        assert interface.get() == []
        interface.put(piece)
        interface.put(piece) if piece is not pieces[-1] else None
    (reply,) = interface.get()
    assert reply[ICMP].type == 0 and reply[Raw].load == bytes(range(200))
    counters = interface.stack.counters
    assert (counters["ip_fragments_kept"], counters["ip_fragments_repeated"]) == (3, 3)
    assert counters["ip_fragments_completing"] == 1


def test_J08_an_answer_too_large_for_the_link_leaves_in_fragments(interface: Interface) -> None:
    interface.put(answer())
    data = random.Random(4).randbytes(4000)
    for piece in fragments(from_peer(ICMP(id=7, seq=1) / Raw(data)), 1480):
        interface.put(piece)
    replies = interface.get()
    assert [(reply[IP].flags, reply[IP].frag) for reply in replies] == [("MF", 0), ("MF", 185), (0, 370)]
    assert len({reply[IP].id for reply in replies}) == 1 and all(reply[IP].len <= 1500 for reply in replies)
    whole = ICMP(b"".join(bytes(reply[IP].payload)[:reply[IP].len - 20] for reply in replies))
    assert whole.type == 0 and whole[Raw].load == data


def test_J08_overlapping_fragments_end_their_datagram(interface: Interface) -> None:
    interface.put(answer())
    pieces = fragments(from_peer(ICMP(id=7) / Raw(bytes(200))), 64)
    interface.put(pieces[0])
    interface.put(from_peer(Raw(bytes(64)), id=77, proto=1, frag=4, flags="MF"))
    for piece in pieces[1:]:
        interface.put(piece)
    assert interface.get() == [] and interface.stack.counters["ip_fragments_overlapping"] == 1


def test_J08_an_incomplete_datagram_is_told_of_after_a_minute(interface: Interface) -> None:
    interface.put(answer())
    first, *_, last = fragments(from_peer(ICMP(id=7) / Raw(bytes(200))), 64)
    interface.put(first)
    assert interface.stack.next_deadline() == 60 * SECOND
    interface.now = 60 * SECOND - 1
    interface.put(answer())
    interface.now += 1
    interface.stack.timeout(interface.now)
    (error,) = interface.get()
    assert (error[ICMP].type, error[ICMP].code) == (11, 1)
    interface.put(last)  # without the first fragment nobody is told
    interface.now += 60 * SECOND
    interface.stack.timeout(interface.now)
    assert interface.get() == [] and interface.stack.counters["ip_reassembly_timeouts"] == 2


def test_J08_incomplete_datagrams_take_bounded_memory(interface: Interface) -> None:
    for identification in range(3000):
        interface.put(from_peer(Raw(bytes(1480)), id=identification, proto=17, frag=1, flags="MF"))
    held = interface.stack.ipv4.reassembler
    assert held.held_bytes <= 1 << 18 and len(held) <= 64
    assert interface.stack.counters["ip_reassemblies_evicted"] >= 2900


def test_J08_a_fragmented_segment_is_a_segment(interface: Interface) -> None:
    interface.put(answer())
    for piece in fragments(from_peer(TCP(sport=1, dport=2, flags="S", seq=9) / Raw(bytes(100))), 48):
        interface.put(piece)
    (reset,) = interface.get()
    assert reset[TCP].flags == "RA" and reset[TCP].ack == 110


def test_J08_ip_options_are_skipped(interface: Interface) -> None:
    interface.put(answer())
    interface.put(from_peer(TCP(sport=1, dport=2, flags="S"), options=[IPOption(b"\x07\x07\x04\0\0\0\0"),
                                                                       IPOption(b"\x01")]))
    (reset,) = interface.get()
    assert TCP in reset and reset[TCP].dport == 1 and reset[IP].ihl == 5


@pytest.mark.parametrize(("mac", "destination"), [
    ("ff:ff:ff:ff:ff:ff", "10.0.0.255"), ("ff:ff:ff:ff:ff:ff", "255.255.255.255"),
    ("01:00:5e:00:00:01", "224.0.0.1"), ("ff:ff:ff:ff:ff:ff", ADDRESS)])
def test_J06_nothing_that_came_to_a_group_draws_an_answer(interface: Interface, mac: str, destination: str) -> None:
    interface.put(answer())
    for layers in (UDP(sport=1, dport=2), ICMP(type=8), TCP(sport=1, dport=2, flags="S")):
        interface.put(from_peer(layers, mac, destination))
    interface.put(from_peer(Raw(b"what"), mac, destination, proto=200))
    assert interface.get() == []


def test_J06_an_icmp_error_draws_no_icmp_error(interface: Interface) -> None:
    interface.put(answer())
    quoted = IP(src=ADDRESS, dst=PEER) / UDP(sport=1, dport=2)
    interface.put(from_peer(ICMP(type=3, code=3) / quoted))
    interface.put(from_peer(ICMP(type=11, code=0) / quoted))
    interface.put(from_peer(ICMP(type=77)))
    assert interface.get() == []


def test_J06_an_unknown_protocol_is_unreachable(interface: Interface) -> None:
    interface.put(answer())
    interface.put(from_peer(Raw(b"what"), proto=200))
    (error,) = interface.get()
    assert (error[ICMP].type, error[ICMP].code) == (3, 2)


def test_J06_errors_are_limited(interface: Interface) -> None:
    interface.put(answer())
    for _ in range(200):
        interface.put(from_peer(UDP(sport=1, dport=2) / Raw(b"x")))
    assert len(interface.get()) == 50 and interface.stack.counters["icmp_errors_limited"] == 150
    interface.now += SECOND // 10
    for _ in range(200):
        interface.put(from_peer(UDP(sport=1, dport=2) / Raw(b"x")))
    assert len(interface.get()) == 10


def test_J07_an_old_entry_is_asked_for_of_its_owner_first() -> None:
    interface = Interface(arp_config=ArpConfig(lifetime=10 * SECOND))
    interface.put(from_peer(ICMP()))
    interface.get()
    interface.put(answer())
    interface.get()
    interface.now = 10 * SECOND
    interface.put(from_peer(ICMP()))
    asked = []
    for _ in range(4):
        asked += [frame.dst for frame in interface.get()]
        interface.now = interface.stack.next_deadline()
        interface.stack.timeout(interface.now)
    assert asked == [PEER_MAC] + 3 * ["ff:ff:ff:ff:ff:ff"]


def test_J07_our_address_is_defended_but_not_in_a_storm(interface: Interface) -> None:
    claim = Ether(dst="ff:ff:ff:ff:ff:ff", src=PEER_MAC) / ARP(op=1, hwsrc=PEER_MAC, psrc=ADDRESS, pdst=ADDRESS)
    for _ in range(5):
        interface.put(claim)
    (announcement,) = interface.get()
    assert announcement[ARP].psrc == announcement[ARP].pdst == ADDRESS and announcement[ARP].hwsrc == MAC
    interface.now = 10 * SECOND
    interface.put(claim)
    assert len(interface.get()) == 1


def test_J07_a_gratuitous_announcement_updates_what_is_known(interface: Interface) -> None:
    interface.put(answer())
    other = "02:00:00:00:00:77"
    interface.put(Ether(dst="ff:ff:ff:ff:ff:ff", src=other) / ARP(op=1, hwsrc=other, psrc=PEER, pdst=PEER))
    interface.put(from_peer(ICMP()))
    (reply,) = interface.get()
    assert reply.dst == other


@pytest.mark.parametrize(("gateway", "new", "followed"), [
    ("10.0.0.254", "10.0.0.253", True), ("10.0.0.200", "10.0.0.253", False), ("10.0.0.254", "192.0.2.7", False)])
def test_J08_a_redirect_counts_only_from_the_gateway_in_use(interface: Interface, gateway: str, new: str,
                                                            followed: bool) -> None:
    connection = interface.stack.connect("192.0.2.1", 80, 0)
    interface.put(answer("10.0.0.254", "02:00:00:00:00:fe"))
    (syn,) = interface.get()
    interface.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=gateway, dst=ADDRESS) / ICMP(type=5, code=1, gw=new)
                  / Raw(bytes(syn[IP])[:28]))
    assert interface.stack.counters["icmp_redirects_followed"] == followed
    assert connection.binding.next_hop == bytes((10, 0, 0, 253 if followed else 254))


@pytest.mark.parametrize("source", ["127.0.0.1", "224.0.0.1", "0.0.0.0", "255.255.255.255", "10.0.0.255", ADDRESS,
                                    "240.0.0.1"])
def test_J11_packets_from_where_none_can_come_are_dropped(interface: Interface, source: str) -> None:
    interface.stack.listen(80)
    for layers in (TCP(dport=80, flags="S"), UDP(), ICMP()):
        interface.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=source, dst=ADDRESS) / layers)
    assert interface.get() == [] and interface.stack.counters["ip_bad_source"] == 3
    assert not interface.stack.connections


def test_J08_time_to_live_and_code_point_are_settings_of_a_connection(interface: Interface) -> None:
    interface.put(answer())
    for config, expected in ((interface.stack.config, (64, 0)), (interface.stack.config.but(ttl=3, dscp=46), (3, 184))):
        interface.stack.connect(PEER, 80, 0, config=config)
        (syn,) = interface.get()
        assert (syn[IP].ttl, syn[IP].tos) == expected
