"""IPv4 on one interface: what arrives, ARP, ICMP, what is answered (RFC 791, 792, 1122)."""

from typing import Any

from . import ethernet, icmp, ipv4
from .arp import ArpCache, ArpConfig
from .checksum import PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, checksum, pseudo_header_sum
from .error_limit import ErrorLimit
from .ipv4 import Ipv4Header, MalformedPacket
from .reassembly import Reassembler, ReassemblyConfig

START = ethernet.HEADER_BYTES
"""Where a frame's IPv4 header begins."""
MOST_REDIRECTS = 256
"""Destinations whose gateway another gateway told; the oldest is forgotten."""


def _udp_problem(datagram: bytes, ip: Ipv4Header) -> str | None:
    """Counter of a datagram that is dropped in silence (RFC 1122 §4.1.3.4)."""
    if len(datagram) < 8 or not 8 <= (length := int.from_bytes(datagram[4:6], "big")) <= len(datagram):
        return "udp_truncated"
    if datagram[6:8] == bytes(2):
        return None
    seed = pseudo_header_sum(ip.source, ip.destination, PROTOCOL_UDP, length)
    return "udp_checksum_error" if checksum(datagram[:length], seed) else None


class Ipv4Layer:
    """`upper` is the stack: see its methods. Times in ns."""

    header_bytes = ipv4.HEADER_BYTES
    ethertype = ethernet.TYPE_IPV4
    default_mss = 536
    """When the peer sends no MSS option (RFC 9293 MUST-15)."""

    def __init__(self, mac: bytes, network: ipv4.Network, arp_config: ArpConfig, mtu: int, upper: Any,
                 reassembly: ReassemblyConfig) -> None:
        self.mac = mac
        self.network = network
        self.mtu = mtu
        self.ttl = ipv4.DEFAULT_TTL
        self.upper = upper
        self._count = upper.count
        self._now = 0
        self.arp = ArpCache(mac, network.address, arp_config, upper.send_control, upper.resolved, upper.failed,
                            self._count)
        self.reassembler = Reassembler(reassembly, self._count, "ip", self._reassembly_expired)
        self._limit = ErrorLimit()
        self._redirects: dict[bytes, bytes] = {}

    # -- for the stack ------------------------------------------------------------------------------------------------

    @property
    def address(self) -> bytes:
        """Our address."""
        return self.network.address

    def is_own(self, address: bytes) -> bool:
        """Is it ours?"""
        return address == self.network.address

    def source_for(self, destination: bytes, now: int) -> bytes | None:
        """Our address for packets there."""
        return self.network.address

    def valid_peer(self, value: bytes) -> bool:
        """May it be the source of a packet to us, or the destination of a connection?"""
        return self.network.valid_peer(value)

    def next_hop(self, destination: bytes, now: int) -> bytes | None:
        """Whose MAC address a packet needs; None without a route."""
        return self._redirects.get(destination) or self.network.next_hop(destination)

    def lookup(self, neighbor: bytes, now: int) -> bytes | None:
        """The MAC address to use now."""
        return self.arp.lookup(neighbor, now)

    def resolve(self, neighbor: bytes, now: int, waiter: Any = None, kind: str = "",
                frame: bytes | None = None) -> None:
        """Ask for it; `waiter` is told, `frame` leaves then."""
        self.arp.resolve(neighbor, now, waiter, kind, frame)

    def doubt(self, neighbor: bytes, now: int) -> None:
        """Retransmissions without answer: ask again before the next use, and take no router's word any more."""
        self.arp.forget(neighbor)
        for destination in [key for key, gateway in self._redirects.items() if gateway == neighbor]:
            del self._redirects[destination]

    def next_deadline(self) -> int | None:
        """When `timeout` must be called."""
        arp = self.arp.next_deadline() if self.arp.asks else None
        reassembly = self.reassembler.next_deadline()
        return reassembly if arp is None or (reassembly is not None and reassembly < arp) else arp

    def timeout(self, now: int) -> None:
        """The clock has reached `now`."""
        self._now = now
        self.arp.timeout(now)
        self.reassembler.timeout(now)

    # -- packets that arrive ------------------------------------------------------------------------------------------

    def packet_arrives(self, head: bytes, frame: Any, now: int, checksum_ok: bool | None, group: bool) -> None:
        """A frame with an IPv4 packet. Raises MalformedPacket."""
        ip = ipv4.parse_header(head, START, len(frame), not checksum_ok)
        network = self.network
        if not network.valid_peer(ip.source):
            self._count("ip_bad_source")
            return
        if ip.destination != network.address:
            group = True
            if not network.is_broadcast(ip.destination) and not ipv4.is_multicast(ip.destination):
                self._count("ip_not_for_us")
                return
        if ip.protocol == PROTOCOL_TCP and not ip.fragment:
            if group:
                self._count("tcp_to_group")  # MUST-57
            else:
                self.upper.tcp_arrives(self, head, frame, ip, now, checksum_ok)
            return
        self._now = now
        if len(head) < ip.end:
            if not isinstance(frame, bytes | bytearray | memoryview):
                self._count("frame_not_whole")
                return
            head = bytes(frame)
        if ip.fragment:
            self._fragment(head, ip, now)
            return
        packet = bytes(head[START:ip.end])
        payload = packet[ip.payload - START:]
        if ip.protocol == PROTOCOL_ICMP:
            self.upper.charge("icmp", 1)
            self._icmp_arrives(payload, ip, now, group)
        elif group:
            self._count("ip_group_ignored")
        else:
            self.upper.charge("icmp", 1)
            udp = ip.protocol == PROTOCOL_UDP
            if udp and (malformed := _udp_problem(payload, ip)):
                self._count(malformed)
                return
            self._count("udp_no_port" if udp else "ip_unknown_protocol")
            self._send_error(icmp.DESTINATION_UNREACHABLE, icmp.PORT_UNREACHABLE if udp else icmp.PROTOCOL_UNREACHABLE,
                             ip.source, packet)

    def _fragment(self, head: bytes, ip: Ipv4Header, now: int) -> None:
        offset, more = (ip.fragment & 0x1FFF) * 8, bool(ip.fragment & 0x2000)
        data = bytes(head[ip.payload:ip.end])
        if not data or (more and len(data) % 8):
            raise MalformedPacket("ip_bad_fragment_length")
        if offset + len(data) + ip.payload - START > 65535:
            raise MalformedPacket("ip_fragment_too_far")  # what once was the ping of death
        key = ip.source + ip.destination + bytes((ip.protocol,)) + head[START + 4:START + 6]
        whole = self.reassembler.fragment(key, offset, more, bytes(head[:ip.payload]), data, now)
        if whole is None:
            return
        before, data = whole
        length = len(before) - START + len(data)
        if length > 65535:
            raise MalformedPacket("ip_reassembled_too_long")
        header = before[START:START + 2] + length.to_bytes(2, "big") + before[START + 4:START + 6] + bytes(2)
        header += before[START + 8:START + 10] + bytes(2) + before[START + 12:]
        total = checksum(header)
        self.upper.reassembled(before[:START] + header[:10] + total.to_bytes(2, "big") + header[12:] + data, now)

    def _reassembly_expired(self, before: bytes, data: bytes) -> None:
        ip = ipv4.parse_header(before, START, 1 << 20, False)
        if ip.destination == self.network.address:
            self._send_error(icmp.TIME_EXCEEDED, icmp.REASSEMBLY_TIME_EXCEEDED, ip.source, before[START:] + data)

    # -- ICMP ---------------------------------------------------------------------------------------------------------

    def _icmp_arrives(self, message: bytes, ip: Ipv4Header, now: int, group: bool) -> None:
        if len(message) < icmp.HEADER_BYTES:
            self._count("icmp_truncated")
        elif checksum(message):
            self._count("icmp_checksum_error")
        elif message[0] == icmp.ECHO_REQUEST:
            if group:
                self._count("icmp_echo_to_group_ignored")
                return
            self._count("icmp_echo_replies")
            self._send(ip.source, icmp.echo_reply(message))
        elif group:
            self._count("icmp_to_group_ignored")
        elif message[0] == icmp.REDIRECT:
            self._redirect(message, ip, now)
        elif message[0] in icmp.ERROR_TYPES:
            quoted = icmp.parse_error(message)
            if isinstance(quoted, str):
                self._count(quoted)
            else:
                self.upper.icmp_about_tcp(self, quoted, now)
        else:
            self._count("icmp_ignored")

    def _redirect(self, message: bytes, ip: Ipv4Header, now: int) -> None:
        """RFC 1122 §3.2.2.2: from the gateway that is in use for a connection of ours, to another one on our link."""
        quoted = icmp.parse_error(message)
        if isinstance(quoted, str):
            self._count(quoted)
            return
        gateway, destination = message[4:8], quoted.destination
        network = self.network
        if (quoted.source != network.address or self.next_hop(destination, now) != ip.source
                or not network.on_link(gateway) or not network.valid_peer(gateway)
                or not self.upper.has_connection(quoted)):
            self._count("icmp_redirects_ignored")
            return
        self._count("icmp_redirects_followed")
        self._redirects.pop(destination, None)
        if len(self._redirects) >= MOST_REDIRECTS:
            del self._redirects[next(iter(self._redirects))]
        self._redirects[destination] = gateway
        self.upper.hops_changed(self, now)

    def _send_error(self, kind: int, code: int, destination: bytes, packet: bytes) -> None:
        if not self._limit.admits(self._now):
            self._count("icmp_errors_limited")
            return
        self._count("icmp_errors_sent")
        self._send(destination, icmp.error(kind, code, packet))

    def _send(self, destination: bytes, message: bytes) -> None:
        hop = self.next_hop(destination, self._now)
        if hop is None:
            self._count("ip_no_route")
            return
        link = ethernet.build_header(bytes(6), self.mac, ethernet.TYPE_IPV4)
        identification = self.upper.next_identification()
        most = self.mtu - ipv4.HEADER_BYTES
        fits = len(message) <= most
        size = len(message) if fits else most & ~7
        for start in range(0, len(message), size):
            part = message[start:start + size]
            fragment = ipv4.DONT_FRAGMENT if fits else start >> 3 | (
                ipv4.MORE_FRAGMENTS if start + size < len(message) else 0)
            self.route("icmp", hop, link + ipv4.build_header(
                self.network.address, destination, PROTOCOL_ICMP, len(part), identification, self.ttl, 0, fragment)
                + part, self._now)

    def route(self, kind: str, hop: bytes, frame: bytes, now: int) -> None:
        """Send a complete frame by way of `hop`."""
        mac = self.arp.lookup(hop, now)
        if mac is None:
            self.arp.resolve(hop, now, kind=kind, frame=frame)
        else:
            self.upper.send_control(kind, mac + frame[6:])
