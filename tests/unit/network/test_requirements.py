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


@pytest.mark.parametrize("fields", [{"flags": "MF"}, {"frag": 10}, {"flags": "MF", "frag": 3}])
def test_J08_fragments_are_dropped_and_counted(interface: Interface, fields: dict) -> None:
    interface.put(answer())
    interface.put(from_peer(UDP(sport=1, dport=2) / Raw(bytes(64)), **fields))
    interface.put(from_peer(TCP(sport=1, dport=2, flags="S"), **fields))
    assert interface.get() == [], "no ICMP error about a fragment either"
    assert interface.stack.counters["ip_fragments"] == 2


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
