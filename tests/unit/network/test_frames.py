"""Frames made by the stack, read by scapy; frames made by scapy, read by the stack."""

import random

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPerror, TCPerror, UDPerror
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from firmware.network.arp import ArpConfig
from firmware.network.checksum import PROTOCOL_TCP, checksum, ones_complement_sum, pseudo_header_sum
from firmware.stack import Stack, needs_whole_frame, segment_in_software
from firmware.tcp import Closed, Error, Established, State, TcpConfig

MAC, ADDRESS = "02:00:00:00:00:01", "10.0.0.1"
PEER_MAC, PEER = "02:00:00:00:00:02", "10.0.0.2"
SECOND = 1_000_000_000


class Bench:
    """A stack whose network is scapy."""

    def __init__(self, **arguments) -> None:
        self.now = 0
        self.charged: dict[str, int] = {}
        self.stack = Stack(MAC, ADDRESS, 24, "10.0.0.254", secret=b"s", rng=random.Random(1), charge=self.charge,
                           **arguments)

    def charge(self, category: str, count: int) -> None:
        self.charged[category] = self.charged.get(category, 0) + count

    def put(self, packet, checksum_ok=None) -> None:
        data = bytes(packet)
        self.stack.frame_arrives(data, data, self.now, checksum_ok)

    def get(self, data: bytes = b"") -> list[Ether]:
        frames = []
        while (frame := self.stack.poll_transmit(self.now)) is not None:
            payload = data[frame.offset:frame.offset + frame.length]
            frames += [Ether(raw) for raw in segment_in_software(frame, payload)]
            self.stack.transmitted(frame, self.now)
        for frame in frames:
            assert_checksums(frame)
        return frames

    def learn_peer(self) -> None:
        self.put(Ether(dst=MAC, src=PEER_MAC) / ARP(op=1, hwsrc=PEER_MAC, psrc=PEER, pdst=ADDRESS))
        self.get()


def assert_checksums(frame: Ether) -> None:
    """scapy computes every checksum anew: the frame must not change."""
    again = frame.copy()
    for layer, fields in ((IP, ("chksum", "len")), (TCP, ("chksum",)), (ICMP, ("chksum",))):
        if layer in again:
            for field in fields:
                delattr(again[layer], field)
    assert bytes(again) == bytes(frame), frame.summary()


def segment(**fields):
    return Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / TCP(sport=4000, dport=80, **fields)


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.learn_peer()
    return bench


def test_checksum_of_rfc_1071():
    assert ones_complement_sum(bytes.fromhex("0001f203f4f5f6f7")) == 0xDDF2
    assert checksum(b"\x00\x00") == 0xFFFF and checksum(b"\xff\xff") == 0
    assert checksum(b"\x01") == checksum(b"\x01\x00")


def test_arp_request_is_answered(bench):
    bench.put(Ether(dst="ff:ff:ff:ff:ff:ff", src=PEER_MAC) / ARP(op=1, hwsrc=PEER_MAC, psrc=PEER, pdst=ADDRESS))
    reply, = bench.get()
    assert (reply.dst, reply[ARP].op, reply[ARP].hwsrc, reply[ARP].pdst) == (PEER_MAC, 2, MAC, PEER)


def test_the_segment_waits_for_arp_which_is_asked_again_and_given_up():
    bench = Bench()
    connection = bench.stack.connect(PEER, 80, 0)
    for attempt in range(3):
        request, = bench.get()
        assert request[ARP].pdst == PEER and request.dst == "ff:ff:ff:ff:ff:ff"
        assert bench.stack.next_deadline() == (attempt + 1) * SECOND
        bench.now = bench.stack.next_deadline()
        bench.stack.timeout(bench.now)
    assert connection.state is State.CLOSED
    assert [event for _, event in bench.stack.events] == [Error(113), Closed()]
    bench = Bench()
    bench.stack.connect(PEER, 80, 0)
    bench.get()
    bench.put(Ether(dst=MAC, src=PEER_MAC) / ARP(op=2, hwsrc=PEER_MAC, psrc=PEER, hwdst=MAC, pdst=ADDRESS))
    syn, = bench.get()
    assert syn.dst == PEER_MAC and syn[TCP].flags == "S" and dict(syn[TCP].options)["MSS"] == 1460
    assert syn[IP].flags == "DF"


def test_beyond_the_prefix_the_gateway_is_asked_for():
    bench = Bench()
    bench.stack.connect("192.0.2.1", 80, 0)
    request, = bench.get()
    assert request[ARP].pdst == "10.0.0.254"


def test_arp_entries_age():
    bench = Bench(arp_config=ArpConfig(lifetime=10 * SECOND))
    bench.learn_peer()
    bench.now = 10 * SECOND
    bench.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / ICMP() / b"x")
    request, = bench.get()
    assert ARP in request
    bench.put(Ether(dst=MAC, src=PEER_MAC) / ARP(op=2, hwsrc=PEER_MAC, psrc=PEER, hwdst=MAC, pdst=ADDRESS))
    reply, = bench.get()
    assert reply[ICMP].type == 0


def test_unresolved_addresses_are_bounded_but_for_connections():
    bench = Bench(arp_config=ArpConfig(cache_entries=4, pending_packets=2))
    for host in range(10, 20):
        for _ in range(3):
            bench.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=f"10.0.0.{host}", dst=ADDRESS) / ICMP() / b"x")
    assert len(bench.get()) == 4
    assert bench.stack.counters["arp_pending_full"] == 18
    assert bench.stack.counters["arp_pending_dropped"] == 4
    bench.stack.connect(PEER, 80, 0)
    assert [frame[ARP].pdst for frame in bench.get()] == [PEER]
    bench.put(Ether(dst=MAC, src=PEER_MAC) / ARP(op=2, hwsrc=PEER_MAC, psrc="10.0.0.10", hwdst=MAC, pdst=ADDRESS))
    assert [frame[ICMP].type for frame in bench.get()] == [0, 0]


def test_ping(bench):
    bench.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / ICMP(id=7, seq=9) / b"payload")
    reply, = bench.get()
    assert (reply[ICMP].type, reply[ICMP].id, reply[ICMP].seq, reply[Raw].load) == (0, 7, 9, b"payload")


def test_closed_udp_port_is_unreachable(bench):
    bench.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / UDP(sport=5, dport=6) / b"data")
    error, = bench.get()
    assert (error[ICMP].type, error[ICMP].code, error[UDPerror].dport) == (3, 3, 6)
    bench.put(Ether(dst="ff:ff:ff:ff:ff:ff", src=PEER_MAC) / IP(src=PEER, dst="10.0.0.255") / UDP() / b"data")
    assert bench.get() == []


@pytest.mark.parametrize(("fields", "counter"), [
    ({"chksum": 0x1234}, "udp_checksum_error"), ({"len": 400}, "udp_truncated"), ({"len": 7}, "udp_truncated"),
    ({"chksum": 0}, "udp_no_port")])
def test_a_damaged_datagram_is_dropped_in_silence(bench, fields, counter):
    bench.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / UDP(sport=5, dport=6, **fields) / b"data")
    assert bench.stack.counters[counter] == 1
    assert len(bench.get()) == (counter == "udp_no_port")


def test_closed_tcp_port_is_reset(bench):
    bench.put(segment(flags="S", seq=100) / b"abc")
    reset, = bench.get()
    assert (reset[TCP].flags, reset[TCP].seq, reset[TCP].ack) == ("RA", 0, 104)
    bench.put(segment(flags="A", seq=100, ack=777))
    reset, = bench.get()
    assert (reset[TCP].flags, reset[TCP].seq) == ("R", 777)
    bench.put(segment(flags="R", seq=100))
    assert bench.get() == []


def handshake(bench: Bench, mss: int = 1000):
    bench.stack.listen(80)
    bench.put(segment(flags="S", seq=100, options=[("MSS", mss), ("NOP", None), ("WScale", 7), ("SAckOK", b"")]))
    synack, = bench.get()
    assert synack[TCP].flags == "SA" and synack[TCP].ack == 101
    bench.put(segment(flags="A", seq=101, ack=synack[TCP].seq + 1, window=65535))
    (connection, event), = bench.stack.events
    assert event == Established()
    bench.stack.events.clear()
    return connection, synack[TCP].seq + 1


def test_software_segmentation_makes_what_tso_would(bench):
    connection, seq = handshake(bench)
    data = random.Random(3).randbytes(4500)
    connection.send(len(data), 0)
    connection.close(0)
    frame = bench.stack.poll_transmit(0)
    assert (frame.length, frame.mss, frame.segments, frame.kind) == (4500, 1000, 5, "tcp")
    prototype = Ether(frame.header())
    assert prototype[TCP].seq == seq and prototype[TCP].flags == "FPA" and len(frame.header()) == frame.header_bytes
    assert frame.tcp_seed() == pseudo_header_sum(frame.source, frame.destination, PROTOCOL_TCP, 0)
    frames = bench.get(data)
    assert b"".join(f[TCP].payload.load for f in frames) == data
    assert [f[TCP].seq - seq for f in frames] == [0, 1000, 2000, 3000, 4000]
    assert [str(f[TCP].flags) for f in frames] == ["A", "A", "A", "A", "FPA"]
    assert [f[IP].id - frames[0][IP].id for f in frames] == [0, 1, 2, 3, 4]
    bench.put(segment(flags="PA", seq=500, ack=seq) / b"out of order")
    ack, = bench.get()
    assert ack[IP].id == frames[-1][IP].id + 1


def test_padding_is_not_payload(bench):
    handshake(bench)
    bench.put(bytes(segment(flags="A", seq=101, ack=1)) + bytes(6))
    assert not bench.stack.events


def test_options_before_the_data_are_skipped(bench):
    connection, seq = handshake(bench)
    bench.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, options=b"\x07\x07\x04\x00\x00\x00\x00\x00")
              / TCP(sport=4000, dport=80, flags="PA", seq=101, ack=seq, options=[("Timestamp", (1, 2))]) / b"hello")
    (_, event), = bench.stack.events
    assert bytes(event.payload) == b"hello"


def test_hardware_checksum_result_is_believed(bench):
    _, seq = handshake(bench)
    good = bytearray(bytes(segment(flags="PA", seq=101, ack=seq) / b"hello"))
    bench.put(good, checksum_ok=False)
    assert bench.stack.counters["tcp_checksum_error"] == 1 and not bench.stack.events
    good[-1] ^= 1
    bench.put(good)
    assert bench.stack.counters["tcp_checksum_error"] == 2 and not bench.stack.events
    bench.put(good, checksum_ok=True)
    assert bytes(bench.stack.events[0][1].payload) == b"helln"


class BufferReference:
    """A receive buffer that is only referred to: it can be sliced and measured, not read."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end

    def __len__(self) -> int:
        return self.end - self.start

    def __getitem__(self, s: slice) -> "BufferReference":
        start, end, _ = s.indices(len(self))
        return BufferReference(self.start + start, self.start + max(start, end))


def test_payload_may_be_a_reference_that_the_stack_never_reads(bench):
    connection, seq = handshake(bench)
    data = bytes(segment(flags="PA", seq=111, ack=seq) / bytes(20))
    assert not needs_whole_frame(data[:64])
    bench.stack.frame_arrives(data[:64], BufferReference(5000, 5000 + len(data)), 0, True)
    data = bytes(segment(flags="PA", seq=101, ack=seq) / bytes(15))
    bench.stack.frame_arrives(data[:64], BufferReference(9000, 9000 + len(data)), 0, True)
    arrived = [(event.offset, event.payload.start, event.payload.end) for _, event in bench.stack.events]
    assert arrived == [(0, 9054, 9069), (15, 5059, 5074)]
    ping = bytes(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / ICMP() / bytes(100))
    assert needs_whole_frame(ping[:64])
    bench.stack.frame_arrives(ping[:64], BufferReference(0, len(ping)), 0, True)
    assert bench.stack.counters["frame_not_whole"] == 1


def test_icmp_error_reaches_the_connection(bench):
    connection = bench.stack.connect(PEER, 80, 0)
    syn, = bench.get()
    quoted = IPerror(bytes(syn[IP]))
    bench.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / ICMP(type=3, code=3) / bytes(quoted)[:28])
    assert [event for _, event in bench.stack.events] == [Error(111), Closed()]
    assert connection.state is State.CLOSED
    assert TCPerror  # scapy's dissector of quoted segments is loaded


def test_fragmentation_needed_lowers_the_segment_size(bench):
    connection, seq = handshake(bench)
    data = bytes(2000)
    connection.send(2000, 0)
    sent = bench.get(data)
    bench.put(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS)
              / ICMP(type=3, code=4, nexthopmtu=700) / bytes(sent[0][IP])[:28])
    assert [len(f[TCP].payload) for f in bench.get(data)] == [660, 660, 660, 20]


@pytest.mark.parametrize("make, counter", [
    (lambda: b"\x02\x00\x00\x00\x00\x01", "ethernet_truncated"),
    (lambda: Ether(dst="02:00:00:00:00:99", src=PEER_MAC) / IP(), "ethernet_not_for_us"),
    (lambda: Ether(dst=MAC, src=PEER_MAC, type=0x1234) / b"x", "ethernet_unknown_type"),
    (lambda: bytes(Ether(dst=MAC, src=PEER_MAC) / ARP()).replace(b"\x08\x00\x06\x04", b"\x08\x00\x05\x04"),
     "arp_bad_format"),
    (lambda: bytes(Ether(dst=MAC, src=PEER_MAC) / ARP())[:30], "arp_truncated"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, version=5), "ip_bad_version"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, ihl=4), "ip_bad_header_length"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, len=900) / TCP(), "ip_truncated"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, chksum=1) / TCP(), "ip_checksum_error"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, flags="MF") / TCP() / b"1234",
     "ip_fragments_kept"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, flags="MF") / Raw(b"1234567"),
     "ip_bad_fragment_length"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, frag=8191) / Raw(bytes(16)),
     "ip_fragment_too_far"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst="10.0.0.9") / TCP(), "ip_not_for_us"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=ADDRESS, dst=ADDRESS) / TCP(), "ip_bad_source"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src="10.0.0.255", dst=ADDRESS) / TCP(), "ip_bad_source"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst="10.0.0.255") / TCP(), "tcp_to_group"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, proto=6) / b"short", "tcp_header_truncated"),
    (lambda: segment(dataofs=3), "tcp_bad_data_offset"),
    (lambda: segment(dataofs=12), "tcp_bad_data_offset"),
    (lambda: segment(chksum=5), "tcp_checksum_error"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / ICMP(chksum=3), "icmp_checksum_error"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, proto=1) / b"abc", "icmp_truncated"),
    (lambda: Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, proto=99) / b"abc", "ip_unknown_protocol"),
])
def test_every_malformed_frame_has_its_counter(bench, make, counter):
    before = dict(bench.stack.counters)
    bench.put(make())
    changed = {name for name, value in bench.stack.counters.items() if value != before.get(name, 0)}
    changed.discard("icmp_errors_sent")  # not of the frame, but of its answer
    assert changed == {counter}


@pytest.mark.parametrize("options", [b"\x02\x01\x00\x00", b"\x02\x00\x00\x00", b"\x02\x09\x00\x00", b"\x02\x03\x00\x00",
                                     b"\x01\x01\x01\x02"])
def test_illegal_option_lengths_are_dropped(bench, options):
    from firmware.network.tcp_frame import build_frame
    bench.stack.listen(80)
    address = bench.stack.network.address
    bench.put(build_frame(bench.stack.mac, b"\x02\0\0\0\0\x02", bytes((10, 0, 0, 2)), address, 4000, 80, 1, 0, 2, 100,
                          options))
    assert bench.stack.counters["tcp_bad_option_length"] == 1
    assert bench.get() == []


def test_work_is_charged_by_category(bench):
    bench.charged.clear()
    connection, seq = handshake(bench)
    bench.put(segment(flags="PA", seq=101, ack=seq) / b"hello")
    connection.send(10, 0)
    bench.get(bytes(10))
    assert bench.charged == {"ack_input": 2, "ack_output": 1, "tcp_input": 1, "tcp_output": 1}


def mutate(rng: random.Random, data: bytes) -> bytes:
    data = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        kind = rng.randrange(4)
        position = rng.randrange(len(data)) if data else 0
        if kind == 0 and data:
            data[position] = rng.randrange(256)
        elif kind == 1:
            del data[position:]
        elif kind == 2:
            data[position:position] = rng.randbytes(rng.randrange(8))
        elif data:
            data[position] ^= 1 << rng.randrange(8)
    return bytes(data)


@pytest.mark.parametrize("trusting", [None, True], ids=["software checksum", "hardware said good"])
def test_no_frame_whatever_raises(trusting):
    rng = random.Random(20)
    bench = Bench(config=TcpConfig(receive_buffer=5000))
    bench.learn_peer()
    _, seq = handshake(bench)
    seeds = [bytes(packet) for packet in (
        segment(flags="S", seq=rng.randrange(1 << 32), options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 0))]),
        segment(flags="PA", seq=101, ack=seq) / bytes(200), segment(flags="FA", seq=101, ack=seq),
        Ether(dst=MAC, src=PEER_MAC) / ARP(psrc=PEER, pdst=ADDRESS),
        Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / ICMP() / bytes(50),
        Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / UDP() / bytes(50),
        Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS) / ICMP(type=3, code=4) / bytes(segment()[IP]))]
    for step in range(20_000):
        data = rng.randbytes(rng.randrange(100)) if step % 10 == 0 else mutate(rng, rng.choice(seeds))
        if rng.randrange(3) == 0 and len(data) > 34:  # repair the IP checksum, so that the frame gets further
            data = data[:24] + b"\0\0" + data[26:]
            data = data[:24] + checksum(data[14:34]).to_bytes(2, "big") + data[26:]
        bench.stack.frame_arrives(data, data, bench.now, trusting)
        if step % 50 == 0:
            bench.now += SECOND // 10
            bench.stack.timeout(bench.now)
            while (frame := bench.stack.poll_transmit(bench.now)) is not None:
                bench.stack.transmitted(frame, bench.now)
    assert len(bench.stack.connections) <= 40
