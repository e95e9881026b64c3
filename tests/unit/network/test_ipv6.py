"""IPv6: what the checklist asks of it, with scapy as the network."""

import random

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import (
    HBHOptUnknown,
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6ND_RS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptMTU,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptSrcLLAddr,
    ICMPv6PacketTooBig,
    ICMPv6ParamProblem,
    ICMPv6TimeExceeded,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    PadN,
    fragment6,
    in6_chksum,
)
from scapy.layers.l2 import Ether
from scapy.packet import Padding, Raw

from firmware.network import ipv6
from firmware.network.ipv6_layer import Ipv6Config
from firmware.network.neighbor import Reachability
from firmware.stack import Stack, needs_whole_frame, segment_in_software
from firmware.tcp import Error, Established, State
from firmware.tcp.connection import CallError

MAC, ADDRESS, LINK_LOCAL = "02:00:00:00:00:01", "fd00::1", "fe80::ff:fe00:1"
PEER_MAC, PEER, PEER_LINK_LOCAL = "02:00:00:00:00:02", "fd00::2", "fe80::ff:fe00:2"
ROUTER_MAC, ROUTER = "02:00:00:00:00:fe", "fe80::ff:fe00:fe"
SECOND = 1_000_000_000


def packed(text: str) -> bytes:
    return ipv6.address(text)


class Interface:
    """A stack with IPv6 whose network is the test."""

    def __init__(self, settle: bool = True, **config) -> None:
        self.now = 0
        config = {"address": ADDRESS, "duplicate_address_detections": 0, "router_solicitations": 0, **config}
        self.stack = Stack(MAC, "10.0.0.1", secret=b"s", rng=random.Random(1), ipv6=Ipv6Config(**config))
        self.counters = self.stack.counters

    def put(self, packet: Ether | bytes) -> None:
        data = bytes(packet)
        self.stack.frame_arrives(data, data, self.now)

    def get(self, data: bytes = b"") -> list[Ether]:
        frames = []
        while (frame := self.stack.poll_transmit(self.now)) is not None:
            payload = data[frame.offset:frame.offset + frame.length]
            frames += [Ether(raw) for raw in segment_in_software(frame, payload)]
            self.stack.transmitted(frame, self.now)
        for frame in frames:
            assert_checksums(frame)
        return frames

    def pass_time(self, until: int) -> list[Ether]:
        frames = self.get()
        while (deadline := self.stack.next_deadline()) is not None and deadline <= until:
            self.now = deadline
            self.stack.timeout(deadline)
            frames += self.get()
        self.now = until
        return frames

    def learn(self, address: str = PEER, mac: str = PEER_MAC) -> None:
        """The peer asks for our address: we know its own then."""
        self.put(solicitation(ADDRESS, address, mac))
        self.get()

    def state(self, address: str = PEER) -> Reachability | None:
        return self.stack.ipv6.neighbors.state(packed(address), self.now)


def assert_checksums(frame: Ether) -> None:
    """scapy computes every checksum anew: the frame must not change."""
    if Padding in frame or IPv6ExtHdrFragment in frame:  # a packet in part, over which scapy has no sum
        return
    again = frame.copy()
    layer = again
    while layer:
        for field in ("cksum", "chksum"):
            if field in layer.fields and not isinstance(layer, Raw):
                delattr(layer, field)
        if type(layer).__name__ in ("IPerror6", "ICMPv6DestUnreach", "ICMPv6ParamProblem", "ICMPv6TimeExceeded"):
            break
        layer = layer.payload
    assert bytes(again) == bytes(frame), frame.summary()


def solicitation(target: str, source: str = PEER, mac: str = PEER_MAC) -> Ether:
    group = ipv6.solicited_node(packed(target))
    return (Ether(dst=ipv6.group_mac(group).hex(":"), src=mac)
            / IPv6(src=source, dst=ipv6.ipaddress.IPv6Address(group).compressed, hlim=255)
            / ICMPv6ND_NS(tgt=target) / ICMPv6NDOptSrcLLAddr(lladdr=mac))


def advertisement(target: str = PEER, mac: str = PEER_MAC, solicited: int = 1, override: int = 1,
                  router: int = 0) -> Ether:
    return (Ether(dst=MAC, src=mac) / IPv6(src=target, dst=ADDRESS if not target.startswith("fe") else LINK_LOCAL,
                                           hlim=255)
            / ICMPv6ND_NA(tgt=target, R=router, S=solicited, O=override) / ICMPv6NDOptDstLLAddr(lladdr=mac))


def router_advertisement(lifetime: int = 1800, *options, **fields) -> Ether:
    packet = (Ether(dst="33:33:00:00:00:01", src=ROUTER_MAC) / IPv6(src=ROUTER, dst="ff02::1", hlim=255)
              / ICMPv6ND_RA(routerlifetime=lifetime, **fields) / ICMPv6NDOptSrcLLAddr(lladdr=ROUTER_MAC))
    for option in options:
        packet = packet / option
    return packet


def from_peer(layers, **fields) -> Ether:
    return Ether(dst=MAC, src=PEER_MAC) / IPv6(**{"src": PEER, "dst": ADDRESS, **fields}) / layers


@pytest.fixture
def interface() -> Interface:
    made = Interface()
    made.learn()
    return made


# -- addresses --------------------------------------------------------------------------------------------------------


def test_J09_an_address_is_used_only_when_nobody_else_has_it() -> None:
    interface = Interface(duplicate_address_detections=1)
    probes = interface.get()
    assert {probe[ICMPv6ND_NS].tgt for probe in probes} == {ADDRESS, LINK_LOCAL}
    assert all(probe[IPv6].src == "::" and probe[IPv6].hlim == 255 for probe in probes)
    assert {probe.dst for probe in probes} == {"33:33:ff:00:00:01"}
    connection = interface.stack.connect(PEER, 80, 0)
    interface.put(from_peer(ICMPv6EchoRequest()))
    assert interface.get() == [] and interface.counters["ipv6_to_tentative_address"] == 1
    (question,) = interface.pass_time(SECOND)
    assert question[ICMPv6ND_NS].tgt == PEER and question[IPv6].src == ADDRESS
    interface.put(advertisement())
    (syn,) = interface.get()
    assert syn[TCP].flags == "S" and syn.dst == PEER_MAC and connection.state is State.SYN_SENT


@pytest.mark.parametrize("probe", [True, False])
def test_J09_a_duplicate_address_is_not_used(probe: bool) -> None:
    interface = Interface(duplicate_address_detections=1)
    connection = interface.stack.connect(PEER, 80, 0)
    interface.get()
    if probe:  # another node wants it at the same time
        group = ipv6.solicited_node(packed(ADDRESS))
        interface.put(Ether(dst=ipv6.group_mac(group).hex(":"), src=PEER_MAC)
                      / IPv6(src="::", dst="ff02::1:ff00:1", hlim=255) / ICMPv6ND_NS(tgt=ADDRESS))
    else:
        interface.put(Ether(dst="33:33:00:00:00:01", src=PEER_MAC) / IPv6(src=ADDRESS, dst="ff02::1", hlim=255)
                      / ICMPv6ND_NA(tgt=ADDRESS, S=0) / ICMPv6NDOptDstLLAddr(lladdr=PEER_MAC))
    if not probe:
        assert interface.counters["ipv6_bad_source"] + interface.counters["ipv6_address_conflicts"] == 1
    interface.pass_time(2 * SECOND)
    assert interface.counters["ipv6_duplicate_addresses"] == 1
    assert [event for _, event in interface.stack.events][0] == Error(99) and connection.state is State.CLOSED


def test_J09_a_solicitation_is_answered_and_teaches_its_sender() -> None:
    interface = Interface()
    interface.put(solicitation(ADDRESS))
    (answer,) = interface.get()
    assert answer.dst == PEER_MAC and answer[IPv6].dst == PEER and answer[IPv6].hlim == 255
    assert (answer[ICMPv6ND_NA].tgt, answer[ICMPv6ND_NA].S, answer[ICMPv6ND_NA].O, answer[ICMPv6ND_NA].R) == (
        ADDRESS, 1, 1, 0)
    assert answer[ICMPv6NDOptDstLLAddr].lladdr == MAC
    assert interface.state() is Reachability.STALE
    interface.put(solicitation("fd00::77:1"))  # the same group, another address
    assert interface.get() == [] and interface.counters["neighbor_solicitations_not_for_us"] == 0


def test_J09_another_nodes_probe_for_our_address_is_answered_to_all() -> None:
    interface = Interface()
    interface.put(Ether(dst="33:33:ff:00:00:01", src=PEER_MAC) / IPv6(src="::", dst="ff02::1:ff00:1", hlim=255)
                  / ICMPv6ND_NS(tgt=ADDRESS))
    (answer,) = interface.get()
    assert answer[IPv6].dst == "ff02::1" and answer[ICMPv6ND_NA].S == 0 and answer.dst == "33:33:00:00:00:01"


def test_J09_the_groups_that_hardware_must_let_through() -> None:
    assert [mac.hex(":") for mac in Interface(address="fd00::12:3456").stack.ipv6.group_macs] == [
        "33:33:00:00:00:01", "33:33:ff:00:00:01", "33:33:ff:12:34:56"]


# -- neighbors --------------------------------------------------------------------------------------------------------


def test_J09_resolution_is_given_up_after_three_questions(interface: Interface) -> None:
    connection = interface.stack.connect("fd00::3", 80, 0)
    questions = interface.pass_time(10 * SECOND)
    assert [frame[ICMPv6ND_NS].tgt for frame in questions] == 3 * ["fd00::3"]
    assert {frame.dst for frame in questions} == {"33:33:ff:00:00:03"}
    assert connection.state is State.CLOSED and interface.counters["neighbors_unresolved"] == 1
    assert [event for _, event in interface.stack.events][0] == Error(113)


def test_J09_a_stale_neighbor_is_used_and_probed_five_seconds_later(interface: Interface) -> None:
    assert interface.state() is Reachability.STALE
    interface.put(from_peer(ICMPv6EchoRequest(id=3, data=b"x")))
    (reply,) = interface.get()
    assert reply[ICMPv6EchoReply].id == 3 and interface.state() is Reachability.DELAY
    (probe,) = interface.pass_time(5 * SECOND)
    assert probe.dst == PEER_MAC and probe[IPv6].dst == PEER and interface.state() is Reachability.PROBE
    interface.put(advertisement())
    assert interface.state() is Reachability.REACHABLE and interface.stack.next_deadline() is None
    interface.now += 30 * SECOND
    assert interface.state() is Reachability.STALE


def test_J09_a_neighbor_that_does_not_answer_probes_is_forgotten(interface: Interface) -> None:
    interface.put(from_peer(ICMPv6EchoRequest()))
    interface.get()
    probes = interface.pass_time(20 * SECOND)
    assert len(probes) == 3 and {probe.dst for probe in probes} == {PEER_MAC}
    assert interface.state() is None and interface.counters["neighbors_unreachable"] == 1


def test_J09_progress_of_tcp_confirms_the_neighbor(interface: Interface) -> None:
    connection, seq = handshake(interface)
    connection.send(10, 0)
    interface.get(bytes(10))
    assert interface.state() is Reachability.DELAY
    interface.put(from_peer(TCP(sport=4000, dport=80, flags="A", seq=101, ack=seq + 10)))
    assert interface.state() is Reachability.REACHABLE


@pytest.mark.parametrize(("solicited", "override", "mac", "expected", "used"), [
    (0, 0, "02:00:00:00:00:07", Reachability.STALE, PEER_MAC),
    (1, 0, "02:00:00:00:00:07", Reachability.STALE, PEER_MAC),
    (0, 1, "02:00:00:00:00:07", Reachability.STALE, "02:00:00:00:00:07"),
    (1, 1, "02:00:00:00:00:07", Reachability.REACHABLE, "02:00:00:00:00:07"),
    (1, 0, PEER_MAC, Reachability.REACHABLE, PEER_MAC)])
def test_J09_advertisements_follow_the_table_of_rfc_4861(interface: Interface, solicited: int, override: int, mac: str,
                                                         expected: Reachability, used: str) -> None:
    interface.put(advertisement())
    interface.put(from_peer(ICMPv6EchoRequest()))
    interface.get()
    interface.put(advertisement())
    assert interface.state() is (Reachability.REACHABLE if interface.counters["icmpv6_echo_replies"] else None)
    interface.put(advertisement(mac=mac, solicited=solicited, override=override))
    assert interface.state() is expected
    interface.put(from_peer(ICMPv6EchoRequest()))
    assert interface.get()[0].dst == used


def test_J09_an_advertisement_that_nobody_asked_for_makes_no_entry(interface: Interface) -> None:
    interface.put(advertisement("fd00::99"))
    assert interface.state("fd00::99") is None


def test_J09_neighbors_take_bounded_memory(interface: Interface) -> None:
    for host in range(3000):
        interface.put(solicitation(ADDRESS, f"fd00::{host + 16:x}"))
    assert len(interface.stack.ipv6.neighbors._entries) <= 1024


# -- routers ----------------------------------------------------------------------------------------------------------


def prefix(text: str = "2001:db8::", **fields) -> ICMPv6NDOptPrefixInfo:
    return ICMPv6NDOptPrefixInfo(**{"prefix": text, "prefixlen": 64, "L": 1, "A": 1, "validlifetime": 3600,
                                    "preferredlifetime": 1800, **fields})


def test_J09_routers_are_asked_for_three_times() -> None:
    interface = Interface(router_solicitations=3)
    questions = interface.pass_time(60 * SECOND)
    assert len(questions) == 3 and all(ICMPv6ND_RS in each and each[IPv6].dst == "ff02::2" for each in questions)
    interface = Interface(router_solicitations=3)
    interface.get()
    interface.put(router_advertisement())
    assert interface.pass_time(60 * SECOND) == []


def test_J09_an_advertised_prefix_makes_an_address_and_a_router_a_route() -> None:
    interface = Interface(duplicate_address_detections=1)
    interface.pass_time(SECOND)
    with pytest.raises(CallError):
        interface.stack.connect("2001:db8:1::1", 80, interface.now)
    interface.put(router_advertisement(1800, prefix(), ICMPv6NDOptMTU(mtu=1400), chlim=17))
    own = "2001:db8::ff:fe00:1"
    (probe,) = interface.get()
    assert probe[ICMPv6ND_NS].tgt == own and probe[IPv6].src == "::"
    interface.pass_time(3 * SECOND)
    connection = interface.stack.connect("2001:db8:1::1", 80, interface.now)
    assert connection.binding.next_hop == packed(ROUTER) and connection.binding.local_address == packed(own)
    (syn,) = interface.get()
    assert syn.dst == ROUTER_MAC and dict(syn[TCP].options)["MSS"] == 1340 and syn[IPv6].hlim == 17
    assert interface.stack.connect("2001:db8::5", 80, interface.now).binding.next_hop == packed("2001:db8::5")


def test_J09_lifetimes_of_routers_and_prefixes_end(interface: Interface) -> None:
    interface.put(router_advertisement(10, prefix(validlifetime=20, preferredlifetime=20)))
    layer = interface.stack.ipv6
    assert layer.next_hop(packed("2001:db8:1::1"), 9 * SECOND) == packed(ROUTER)
    assert layer.next_hop(packed("2001:db8:1::1"), 11 * SECOND) is None
    assert layer.next_hop(packed("2001:db8::9"), 19 * SECOND) == packed("2001:db8::9")
    assert layer.next_hop(packed("2001:db8::9"), 21 * SECOND) is None
    interface.put(router_advertisement(1800))
    interface.put(router_advertisement(0))
    assert layer.next_hop(packed("2001:db8:1::1"), interface.now) is None


@pytest.mark.parametrize(("told", "left"), [(10, 7200), (7300, 7300), (0, 7200)])
def test_J09_an_advertisement_cannot_kill_an_address_at_once(interface: Interface, told: int, left: int) -> None:
    interface.put(router_advertisement(1800, prefix(validlifetime=20000, preferredlifetime=20000)))
    interface.put(router_advertisement(1800, prefix(validlifetime=told, preferredlifetime=0)))
    addresses = interface.stack.ipv6.addresses
    own = packed("2001:db8::ff:fe00:1")
    assert addresses.usable(own, (left - 1) * SECOND) and not addresses.usable(own, (left + 1) * SECOND)


def test_J09_another_router_is_taken_when_one_does_not_answer(interface: Interface) -> None:
    interface.put(router_advertisement(1800, prefix()))
    second = router_advertisement(1800)
    second[IPv6].src, second.src = "fe80::2:2", "02:00:00:00:00:22"
    second[ICMPv6NDOptSrcLLAddr].lladdr = "02:00:00:00:00:22"
    interface.put(second)
    connection = interface.stack.connect("2001:db8:1::1", 80, 0)
    assert [frame.dst for frame in interface.get()] == [ROUTER_MAC]
    later = interface.pass_time(15 * SECOND)
    assert connection.binding.next_hop == packed("fe80::2:2")
    assert any(TCP in frame and frame.dst == "02:00:00:00:00:22" for frame in later)


def test_J09_when_no_router_answers_the_connection_ends(interface: Interface) -> None:
    for router in ("fe80::2:1", "fe80::2:2"):  # without their link-layer addresses
        packet = (Ether(dst="33:33:00:00:00:01", src=ROUTER_MAC) / IPv6(src=router, dst="ff02::1", hlim=255)
                  / ICMPv6ND_RA(routerlifetime=1800) / prefix())
        interface.put(packet)
    connection = interface.stack.connect("2001:db8:1::1", 80, 0)
    questions = interface.pass_time(60 * SECOND)
    assert {frame[ICMPv6ND_NS].tgt for frame in questions} == {"fe80::2:1", "fe80::2:2"}
    assert connection.state is State.CLOSED
    assert [event for _, event in interface.stack.events][0] == Error(113)


@pytest.mark.parametrize(("source", "followed"), [(ROUTER, True), ("fe80::bad", False), (PEER, False)])
def test_J09_a_redirect_counts_only_from_the_router_in_use(interface: Interface, source: str, followed: bool) -> None:
    interface.put(router_advertisement(1800, prefix()))
    connection = interface.stack.connect("2001:db8:1::1", 80, 0)
    interface.put(Ether(dst=MAC, src=ROUTER_MAC) / IPv6(src=source, dst="2001:db8::ff:fe00:1", hlim=255)
                  / ICMPv6ND_Redirect(tgt="fe80::2:2", dst="2001:db8:1::1")
                  / ICMPv6NDOptDstLLAddr(lladdr="02:00:00:00:00:22"))
    assert interface.counters["redirects_followed"] == followed
    assert connection.binding.next_hop == packed("fe80::2:2" if followed else ROUTER)


@pytest.mark.parametrize("change", [
    lambda p: p[IPv6].setfieldval("hlim", 64), lambda p: p[ICMPv6ND_RA].setfieldval("code", 1),
    lambda p: p[IPv6].setfieldval("src", PEER), lambda p: p[ICMPv6NDOptSrcLLAddr].setfieldval("len", 0)])
def test_J09_bad_advertisements_are_dropped(interface: Interface, change) -> None:
    packet = router_advertisement(1800, prefix())
    change(packet)
    interface.put(packet)
    assert interface.counters["router_advertisements_received"] == 0
    assert sum(n for name, n in interface.counters.items() if name.startswith("discovery_bad")) == 1


# -- headers ----------------------------------------------------------------------------------------------------------


def test_J10_extension_headers_are_passed(interface: Interface) -> None:
    interface.put(from_peer(IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0\0")])
                            / IPv6ExtHdrDestOpt() / ICMPv6EchoRequest(id=9, data=b"abc")))
    (reply,) = interface.get()
    assert reply[ICMPv6EchoReply].id == 9
    interface.put(from_peer(IPv6ExtHdrDestOpt() / TCP(sport=1, dport=2, flags="S", seq=4)))
    (reset,) = interface.get()
    assert reset[TCP].flags == "RA" and reset[TCP].ack == 5


def test_J10_an_unknown_next_header_is_told(interface: Interface) -> None:
    interface.put(from_peer(IPv6ExtHdrDestOpt(nh=99) / Raw(bytes(16))))
    (error,) = interface.get()
    assert (error[ICMPv6ParamProblem].code, error[ICMPv6ParamProblem].ptr) == (1, 40)
    interface.put(from_peer(Raw(bytes(16)), nh=253))
    (error,) = interface.get()
    assert (error[ICMPv6ParamProblem].code, error[ICMPv6ParamProblem].ptr) == (1, 6)
    interface.put(from_peer(Raw(b""), nh=59))
    assert interface.get() == [] and interface.counters["ipv6_no_next_header"] == 1


@pytest.mark.parametrize(("kind", "errors", "passed"), [(0x1E, 0, 1), (0x5E, 0, 0), (0x9E, 1, 0), (0xDE, 1, 0)])
def test_J10_unknown_options_by_their_two_highest_bits(interface: Interface, kind: int, errors: int,
                                                       passed: int) -> None:
    option = HBHOptUnknown(otype=kind, optdata=bytes(4))
    interface.put(from_peer(IPv6ExtHdrDestOpt(options=[option]) / ICMPv6EchoRequest()))
    answers = interface.get()
    assert sum(ICMPv6EchoReply in each for each in answers) == passed
    assert [each[ICMPv6ParamProblem].code for each in answers if ICMPv6ParamProblem in each] == [2] * errors


def test_J10_an_unknown_option_to_a_group_is_told_only_if_it_says_so(interface: Interface) -> None:
    for kind in (0x9E, 0xDE):
        interface.put(Ether(dst="33:33:00:00:00:01", src=PEER_MAC) / IPv6(src=PEER, dst="ff02::1")
                      / IPv6ExtHdrDestOpt(options=[HBHOptUnknown(otype=kind, optdata=bytes(4))])
                      / ICMPv6EchoRequest())
    (error,) = interface.get()
    assert error[ICMPv6ParamProblem].code == 2


def test_J10_a_routing_header_with_segments_left_is_refused(interface: Interface) -> None:
    interface.put(from_peer(IPv6ExtHdrRouting(addresses=["fd00::9"]) / ICMPv6EchoRequest()))
    (error,) = interface.get()
    assert (error[ICMPv6ParamProblem].code, error[ICMPv6ParamProblem].ptr) == (0, 42)


def test_J10_a_closed_port_is_told_and_checksums_are_obligatory(interface: Interface) -> None:
    interface.put(from_peer(UDP(sport=1, dport=2) / b"data"))
    (error,) = interface.get()
    assert error[ICMPv6DestUnreach].code == 4
    interface.put(from_peer(UDP(sport=1, dport=2, chksum=0) / b"data"))
    interface.put(from_peer(TCP(sport=1, dport=2, flags="S", chksum=7)))
    interface.put(from_peer(ICMPv6EchoRequest(cksum=7)))
    assert interface.get() == []
    assert [interface.counters[each] for each in ("udp_checksum_error", "tcp_checksum_error",
                                                  "icmpv6_checksum_error")] == [1, 1, 1]


@pytest.mark.parametrize("reverse", [False, True])
def test_J10_fragments_are_put_together(interface: Interface, reverse: bool) -> None:
    packet = IPv6(src=PEER, dst=ADDRESS) / IPv6ExtHdrFragment(id=5) / ICMPv6EchoRequest(id=4, data=bytes(3000))
    pieces = [Ether(dst=MAC, src=PEER_MAC) / each for each in fragment6(packet, 1280)]
    assert len(pieces) == 3
    for piece in pieces[::-1 if reverse else 1]:
        interface.put(piece)
    replies = interface.get()
    assert [reply[IPv6ExtHdrFragment].m for reply in replies] == [1, 1, 0]
    assert all(len(reply[IPv6]) <= 1500 for reply in replies)
    message = b"".join(bytes(reply)[62:] for reply in replies)
    assert [reply[IPv6ExtHdrFragment].offset * 8 for reply in replies] == [0, 1448, 2896]
    assert message[0] == 129 and message[8:] == bytes(3000)
    assert in6_chksum(58, replies[0][IPv6], message) in (0, 0xFFFF)


def test_J10_overlapping_fragments_end_their_datagram(interface: Interface) -> None:
    for offset, size in ((0, 64), (4, 64), (12, 8)):
        interface.put(from_peer(IPv6ExtHdrFragment(id=5, nh=58, offset=offset, m=offset != 12) / Raw(bytes(size))))
    assert interface.get() == [] and interface.counters["ipv6_fragments_overlapping"] == 1


def test_J10_incomplete_datagrams_time_out_and_bad_fragments_are_told(interface: Interface) -> None:
    interface.put(from_peer(IPv6ExtHdrFragment(id=5, nh=17, offset=0, m=1) / Raw(bytes(64))))
    (error,) = [each for each in interface.pass_time(60 * SECOND) if ICMPv6TimeExceeded in each] or [None]
    assert error is None or error[ICMPv6TimeExceeded].code == 1
    assert interface.counters["ipv6_reassembly_timeouts"] == 1
    interface.learn()
    interface.put(from_peer(IPv6ExtHdrFragment(id=6, nh=17, offset=0, m=1) / Raw(bytes(63))))
    (error,) = interface.get()
    assert (error[ICMPv6ParamProblem].code, error[ICMPv6ParamProblem].ptr) == (0, 4)
    interface.put(from_peer(IPv6ExtHdrFragment(id=7, nh=6, offset=0, m=1) / Raw(bytes(8))))
    (error,) = interface.get()
    assert error[ICMPv6ParamProblem].code == 3


def test_J10_an_atomic_fragment_stands_alone(interface: Interface) -> None:
    interface.put(from_peer(IPv6ExtHdrFragment(id=5, offset=0, m=0) / ICMPv6EchoRequest(id=6)))
    (reply,) = interface.get()
    assert reply[ICMPv6EchoReply].id == 6


def test_J10_headers_within_headers_without_end_are_no_danger(interface: Interface) -> None:
    nested = bytes((44, 0, 0, 0, 0, 0, 0, 1)) * 180
    interface.put(from_peer(Raw(nested), nh=44))
    interface.put(from_peer(Raw(bytes((60, 0, 1, 4, 0, 0, 0, 0)) * 180), nh=60))
    assert interface.counters["ipv6_too_many_extension_headers"] == 1


@pytest.mark.parametrize("source", ["::", "::1", "ff02::1", ADDRESS, LINK_LOCAL, "::ffff:10.0.0.2"])
def test_J11_packets_from_where_none_can_come_are_dropped_over_ipv6(interface: Interface, source: str) -> None:
    interface.stack.listen(80)
    for layers in (TCP(dport=80, flags="S"), UDP(), ICMPv6EchoRequest()):
        interface.put(from_peer(layers, src=source))
    assert interface.get() == [] and interface.counters["ipv6_bad_source"] == 3


# -- TCP --------------------------------------------------------------------------------------------------------------


def handshake(interface: Interface, **options):
    interface.stack.listen(80)
    told = options.get("options", [("MSS", 1000), ("SAckOK", b""), ("WScale", 3)])
    interface.put(from_peer(TCP(sport=4000, dport=80, flags="S", seq=100, options=told)))
    (synack,) = interface.get()
    assert synack[TCP].flags == "SA" and dict(synack[TCP].options)["MSS"] == 1440
    interface.put(from_peer(TCP(sport=4000, dport=80, flags="A", seq=101, ack=synack[TCP].seq + 1, window=65535)))
    ((connection, event),) = interface.stack.events
    assert event == Established()
    interface.stack.events.clear()
    return connection, synack[TCP].seq + 1


def test_J10_a_connection_carries_a_stable_flow_label(interface: Interface) -> None:
    connection, seq = handshake(interface)
    data = bytes(2500)
    connection.send(len(data), 0)
    frames = interface.get(data)
    assert [len(frame[TCP].payload) for frame in frames] == [1000, 1000, 500]
    labels = {frame[IPv6].fl for frame in frames}
    assert labels == {connection.binding.flow_label} and labels != {0}
    other = interface.stack.connect(PEER, 90, 0)
    assert other.binding.flow_label != connection.binding.flow_label


def test_A09_without_an_mss_option_segments_are_of_1220_bytes(interface: Interface) -> None:
    connection, _ = handshake(interface, options=[])
    assert connection.snd_mss == 1220


def test_J03_packet_too_big_lowers_the_segment_size(interface: Interface) -> None:
    connection, seq = handshake(interface, options=[("MSS", 1440)])
    data = bytes(2880)
    connection.send(len(data), 0)
    first, *_ = interface.get(data)

    def too_big(mtu: int) -> None:
        interface.put(from_peer(ICMPv6PacketTooBig(mtu=mtu) / Raw(bytes(first[IPv6])[:1200]), src="fd00::fe"))

    too_big(1279)
    assert interface.get(data) == [] and interface.counters["icmpv6_packet_too_big_below_minimum"] == 1
    too_big(1300)
    assert [len(frame[TCP].payload) for frame in interface.get(data)][:2] == [1240, 1240]
    assert interface.stack.connect(PEER, 99, interface.now) is not None


def test_J03_a_packet_too_big_about_what_was_never_sent_is_ignored(interface: Interface) -> None:
    connection, seq = handshake(interface, options=[("MSS", 1440)])
    connection.send(1440, 0)
    (first,) = interface.get(bytes(1440))
    first[TCP].seq += 100_000
    del first[TCP].chksum
    interface.put(from_peer(ICMPv6PacketTooBig(mtu=1300) / Raw(bytes(first[IPv6])[:1200])))
    assert connection.snd_mss == 1440


def test_J04_port_unreachable_ends_an_opening(interface: Interface) -> None:
    connection = interface.stack.connect(PEER, 80, 0)
    (syn,) = interface.get()
    interface.put(from_peer(ICMPv6DestUnreach(code=4) / Raw(bytes(syn[IPv6]))))
    assert connection.state is State.CLOSED


def test_two_stacks_carry_a_stream_over_ipv6() -> None:
    ends = [Stack(bytes((2, 0, 0, 0, 0, n)), f"10.0.0.{n}", secret=bytes((n,)), rng=random.Random(n),
                  ipv6=Ipv6Config(address=f"fd00::{n}")) for n in (1, 2)]
    data = random.Random(9).randbytes(100_000)
    received, now = bytearray(), 0
    ends[1].listen(80)
    client = ends[0].connect("fd00::2", 80, 0)
    for _ in range(3000):
        for here, there in (ends, ends[::-1]):
            while (frame := here.poll_transmit(now)) is not None:
                payload = data[frame.offset:frame.offset + frame.length]
                frames = segment_in_software(frame, payload)
                here.transmitted(frame, now)
                for raw in frames:
                    assert here is ends[1] or frame.kind != "tcp" or not needs_whole_frame(raw)
                    there.frame_arrives(raw, raw, now)
        for connection, event in list(ends[1].events):
            if hasattr(event, "payload"):
                received += event.payload
                connection.consumed(len(event.payload), now)
        for _connection, event in list(ends[0].events):
            if isinstance(event, Established):
                client.send(len(data), now)
        for end in ends:
            end.events.clear()
            if (deadline := end.next_deadline()) is not None and deadline <= now:
                end.timeout(now)
        now += 10_000_000
        if len(received) == len(data):
            break
    assert received == data and client.snd_mss <= 1440


def test_a_connection_over_ipv6_is_handed_over(interface: Interface) -> None:
    connection, seq = handshake(interface)
    data = interface.stack.export_connection(connection, 0)
    other = Interface()
    other.learn()
    taken = other.stack.import_connection(data, 0)
    taken.send(100, 0)
    (segment,) = other.get(bytes(100))
    assert segment[TCP].seq == seq and segment[IPv6].dst == PEER


def test_J08_hop_limit_and_code_point_are_settings_of_a_connection(interface: Interface) -> None:
    config = interface.stack.config.but(ttl=7, dscp=46)
    interface.stack.connect(PEER, 80, 0, config=config)
    (syn,) = interface.get()
    assert (syn[IPv6].hlim, syn[IPv6].tc) == (7, 46 << 2)
    connection, _ = handshake(interface)
    connection.configure(0, ttl=9, dscp=10)
    connection.send(3000, 0)
    assert {(frame[IPv6].hlim, frame[IPv6].tc) for frame in interface.get(bytes(3000))} == {(9, 40)}
