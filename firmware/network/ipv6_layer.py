"""IPv6 on one interface: what arrives, who is asked for which link-layer address, what is answered (RFC 8200, 4861)."""

import errno
from dataclasses import dataclass
from typing import Any

from . import discovery, ethernet, icmpv6, ipv6
from .checksum import checksum, pseudo_header_sum
from .error_limit import ErrorLimit
from .ipv4 import MalformedPacket
from .ipv6_addresses import FOREVER, Addresses
from .ipv6_routes import Routes
from .neighbor import NeighborCache, NeighborConfig
from .reassembly import Reassembler, ReassemblyConfig

SECOND = 1_000_000_000
START = ethernet.HEADER_BYTES
"""Where a frame's IPv6 header begins."""
_MAPPED = bytes(10) + b"\xff\xff"


@dataclass(frozen=True)
class Ipv6Config:
    """What is chosen of IPv6; times in ns. Every interface has its link-local address too."""

    address: str | bytes | None = None
    prefix_length: int = 64
    gateway: str | bytes | None = None
    autoconfiguration: bool = True
    """Addresses from the prefixes that routers advertise (RFC 4862)."""
    duplicate_address_detections: int = 1
    """Solicitations before an address is used; 0: it is used at once."""
    router_solicitations: int = 3
    router_solicitation_interval: int = 4 * SECOND
    neighbor: NeighborConfig = NeighborConfig()


class Ipv6Layer:
    """`upper` is the stack: see its methods. Times in ns."""

    header_bytes = ipv6.HEADER_BYTES
    ethertype = ethernet.TYPE_IPV6
    default_mss = 1220
    """When the peer sends no MSS option (RFC 9293 MUST-15)."""

    def __init__(self, mac: bytes, config: Ipv6Config, mtu: int, upper: Any, now: int,
                 reassembly: ReassemblyConfig) -> None:
        self.mac = mac
        self.config = config
        self.mtu = self._link_mtu = mtu
        self.ttl = ipv6.DEFAULT_HOP_LIMIT
        self.upper = upper
        self._count = upper.count
        self._now = now
        self.link_local = ipv6.link_local(mac)
        self.routes = Routes()
        self.addresses = Addresses(config.duplicate_address_detections, config.neighbor.retransmission,
                                   self._probe_duplicate, self._settled, self._count)
        self.neighbors = NeighborCache(config.neighbor, self._solicit, upper.send_control, upper.resolved,
                                       upper.failed, self._unreachable, self._count)
        self.reassembler = Reassembler(reassembly, self._count, "ipv6", self._reassembly_expired)
        self._limit = ErrorLimit()
        self._parked: dict[Any, None] = {}
        """Who waits until our addresses are known to be ours alone."""
        self._identification = int.from_bytes(mac[2:], "big")
        self._solicitations_left = 0
        self._solicit_at = 0
        self._up = False
        configured = None if config.address is None else ipv6.address(config.address)
        if configured is not None and (ipv6.is_multicast(configured) or configured in (ipv6.UNSPECIFIED,
                                                                                       ipv6.LOOPBACK)):
            raise ValueError("no address for an interface")
        self.address = configured or self.link_local
        """The one that is given to whoever asks for ours."""
        if config.gateway is not None:
            self.routes.add_router(ipv6.address(config.gateway), FOREVER)
        if configured is not None and not 0 <= config.prefix_length <= 128:
            raise ValueError(f"prefix length {config.prefix_length} not in 0..128")
        self._groups = {ipv6.ALL_NODES, ipv6.solicited_node(self.link_local), ipv6.solicited_node(self.address)}
        self.addresses.add(self.link_local, now)
        if configured is not None and configured != self.link_local:
            self.routes.add_prefix(configured, config.prefix_length, FOREVER)
            self.addresses.add(configured, now)
        if not self.addresses.any_tentative:
            self._settled()

    @property
    def group_macs(self) -> list[bytes]:
        """Multicast addresses that the interface must let through.

        Addresses made from advertised prefixes have the group of the link-local address.
        """
        return sorted({ipv6.group_mac(group) for group in self._groups})

    # -- for the stack ------------------------------------------------------------------------------------------------

    def is_own(self, address: bytes) -> bool:
        """One of our addresses (perhaps tentative)?"""
        return address in self.addresses

    def source_for(self, destination: bytes, now: int) -> bytes | None:
        """Our address for packets there."""
        return self.addresses.source_for(destination, now)

    def valid_peer(self, value: bytes) -> bool:
        """May it be the source of a packet to us, or the destination of a connection (MUST-46, MUST-57)?"""
        return not (value[0] == 0xFF or value in self.addresses or value[:12] == _MAPPED
                    or value in (ipv6.UNSPECIFIED, ipv6.LOOPBACK))

    def next_hop(self, destination: bytes, now: int) -> bytes | None:
        """Whose link-layer address a packet needs; None without a route."""
        return self.routes.next_hop(destination, now)

    def lookup(self, neighbor: bytes, now: int) -> bytes | None:
        """The link-layer address to use now."""
        return self.neighbors.lookup(neighbor, now) if self._up else None

    def resolve(self, neighbor: bytes, now: int, waiter: Any = None, kind: str = "",
                frame: bytes | None = None) -> None:
        """Ask for it; `waiter` is told, `frame` leaves then."""
        self._now = now
        if self._up:
            self.neighbors.resolve(neighbor, now, waiter, kind, frame)
        elif waiter is not None:
            self._parked[waiter] = None

    def confirm(self, neighbor: bytes, now: int) -> None:
        """What we send to this neighbor arrives."""
        self.neighbors.confirm(neighbor, now)

    def doubt(self, neighbor: bytes, now: int) -> None:
        """Retransmissions without answer."""
        self._now = now
        self.neighbors.doubt(neighbor, now)

    def next_deadline(self) -> int | None:
        """When `timeout` must be called."""
        deadlines = [self.addresses.next_deadline(), self.neighbors.next_deadline(), self.reassembler.next_deadline(),
                     self._solicit_at if self._solicitations_left else None]
        return min((each for each in deadlines if each is not None), default=None)

    def timeout(self, now: int) -> None:
        """The clock has reached `now`."""
        self._now = now
        self.addresses.timeout(now)
        self.neighbors.timeout(now)
        self.reassembler.timeout(now)
        if self._solicitations_left and now >= self._solicit_at:
            self._solicit_router()

    # -- packets that arrive ------------------------------------------------------------------------------------------

    def packet_arrives(self, head: bytes, frame: Any, now: int, checksum_ok: bool | None, group: bool) -> None:
        """A frame with an IPv6 packet. Raises MalformedPacket."""
        self._now = now
        ip = ipv6.parse_header(head, START, len(frame))
        if ip.destination[0] == 0xFF:
            group = True
            if ip.destination not in self._groups:
                self._count("ipv6_group_ignored")
                return
        elif not self.addresses.usable(ip.destination, now):
            self._count("ipv6_to_tentative_address" if ip.destination in self.addresses else "ipv6_not_for_us")
            return
        if not self.valid_peer(ip.source) and not (ip.protocol == ipv6.ICMP and (
                ip.source == ipv6.UNSPECIFIED or ip.source in self.addresses)):  # duplicate address detection
            self._count("ipv6_bad_source")
            return
        if ip.protocol == ipv6.TCP:
            if group:
                self._count("tcp_to_group")  # MUST-57
            else:
                self.upper.tcp_arrives(self, head, frame, ip, now, checksum_ok)
            return
        if len(head) < ip.end:
            if not isinstance(frame, bytes | bytearray | memoryview):
                self._count("frame_not_whole")
                return
            head = bytes(frame)
        try:
            ipv6.walk(head, ip, START)
            self._upper_header(head, frame, ip, now, group)
        except ipv6.ParameterProblem as problem:
            self._count(problem.counter)
            if not group or problem.even_to_group:
                self._send_error(icmpv6.PARAMETER_PROBLEM, problem.code, problem.pointer, ip, head[START:ip.end])

    def _upper_header(self, head: bytes, frame: Any, ip: ipv6.Ipv6Header, now: int, group: bool) -> None:
        if ip.fragment is not None:
            self._fragment(head, ip, now)
            return
        if ip.protocol == ipv6.TCP:
            if group:
                self._count("tcp_to_group")
            else:
                self.upper.tcp_arrives(self, head, frame, ip, now, None)
            return
        self.upper.charge("icmp", 1)
        payload = bytes(head[ip.payload:ip.end])
        if ip.protocol == ipv6.ICMP:
            self._icmp_arrives(payload, ip, now, group)
        elif ip.protocol == ipv6.NO_NEXT_HEADER:
            self._count("ipv6_no_next_header")
        elif ip.protocol == ipv6.UDP:
            self._udp_arrives(payload, head, ip, group)
        else:
            raise ipv6.ParameterProblem("ipv6_unknown_next_header", ipv6.UNKNOWN_NEXT_HEADER, ip.next_field - START)

    def _udp_arrives(self, datagram: bytes, head: bytes, ip: ipv6.Ipv6Header, group: bool) -> None:
        if len(datagram) < 8 or not 8 <= (length := int.from_bytes(datagram[4:6], "big")) <= len(datagram):
            self._count("udp_truncated")
            return
        seed = pseudo_header_sum(ip.source, ip.destination, ipv6.UDP, length)
        if datagram[6:8] == bytes(2) or checksum(datagram[:length], seed):  # RFC 8200 §8.1: never without
            self._count("udp_checksum_error")
            return
        self._count("udp_no_port")
        if not group:
            self._send_error(icmpv6.DESTINATION_UNREACHABLE, icmpv6.PORT_UNREACHABLE, 0, ip, head[START:ip.end])

    def _fragment(self, head: bytes, ip: ipv6.Ipv6Header, now: int) -> None:
        at = ip.fragment
        field = head[at + 2] << 8 | head[at + 3]
        offset, more = field & 0xFFF8, bool(field & 1)
        data = bytes(head[at + 8:ip.end])
        if more and len(data) % 8:
            raise ipv6.ParameterProblem("ipv6_bad_fragment_length", ipv6.BAD_FIELD, 4)
        before = bytearray(head[:at])
        if offset + len(data) + (at - START - ipv6.HEADER_BYTES) > 65535:
            raise ipv6.ParameterProblem("ipv6_fragment_too_far", ipv6.BAD_FIELD, at + 2 - START)
        if not data:
            raise MalformedPacket("ipv6_empty_fragment")
        before[ip.next_field] = head[at]
        if offset or more:
            if not offset and not _chain_is_whole(head[at], data):
                raise ipv6.ParameterProblem("ipv6_incomplete_header_chain", ipv6.INCOMPLETE_HEADER_CHAIN, 0)
            key = ip.source + ip.destination + head[at + 4:at + 8]
            whole = self.reassembler.fragment(key, offset, more, bytes(before), data, now)
            if whole is None:
                return
            first, data = whole
        else:  # an atomic fragment is alone, whatever else has its identification (RFC 6946)
            self._count("ipv6_atomic_fragments")
            first = bytes(before)
        length = len(first) - START - ipv6.HEADER_BYTES + len(data)
        if length > 65535:
            raise MalformedPacket("ipv6_reassembled_too_long")
        self.upper.reassembled(first[:START + 4] + length.to_bytes(2, "big") + first[START + 6:] + data, now)

    def _reassembly_expired(self, first: bytes, data: bytes) -> None:
        ip = ipv6.parse_header(first, START, 1 << 20)
        if ip.destination[0] != 0xFF:
            self._send_error(icmpv6.TIME_EXCEEDED, icmpv6.REASSEMBLY_TIME_EXCEEDED, 0, ip, first[START:] + data)

    # -- ICMPv6 -------------------------------------------------------------------------------------------------------

    def _icmp_arrives(self, message: bytes, ip: ipv6.Ipv6Header, now: int, group: bool) -> None:
        if len(message) < icmpv6.HEADER_BYTES:
            self._count("icmpv6_truncated")
            return
        if not icmpv6.is_intact(message, ip.source, ip.destination):
            self._count("icmpv6_checksum_error")
            return
        kind = message[0]
        if (ip.source == ipv6.UNSPECIFIED and kind not in (icmpv6.NEIGHBOR_SOLICITATION, icmpv6.ROUTER_SOLICITATION)
                or ip.source in self.addresses and kind != icmpv6.NEIGHBOR_ADVERTISEMENT):
            self._count("ipv6_bad_source")
        elif kind == icmpv6.ECHO_REQUEST:
            self._count("icmpv6_echo_replies")
            self._send(ip.source, icmpv6.echo_reply(message), source=None if group else ip.destination)
        elif kind < icmpv6.FIRST_INFORMATIONAL:
            quoted = icmpv6.parse_error(message)
            if isinstance(quoted, str):
                self._count(quoted)
            elif group and quoted.mtu is None:
                self._count("icmpv6_error_to_group")
            else:
                self.upper.icmp_about_tcp(self, quoted, now)
        elif kind in _DISCOVERY:
            _DISCOVERY[kind](self, message, ip, discovery.parse(message, ip), now)
        else:
            self._count("icmpv6_ignored")

    def _send_error(self, kind: int, code: int, argument: int, ip: ipv6.Ipv6Header, packet: bytes) -> None:
        """Tell the sender, unless it must not be told (RFC 4443 §2.4 (e)) or was told too often."""
        if ip.source == ipv6.UNSPECIFIED or ip.source[0] == 0xFF:
            return
        if not self._limit.admits(self._now):
            self._count("icmp_errors_limited")
            return
        self._count("icmp_errors_sent")
        source = ip.destination if self.addresses.usable(ip.destination, self._now) else None
        self._send(ip.source, icmpv6.error(kind, code, argument, packet), source)

    def _send(self, destination: bytes, message: bytes, source: bytes | None = None) -> None:
        if source is None:
            source = self.source_for(destination, self._now)
        hop = self.next_hop(destination, self._now)
        if hop is None or source is None:
            self._count("ipv6_no_route")
            return
        if len(message) <= self.mtu - ipv6.HEADER_BYTES:
            self.route("icmp", hop, self._frame(bytes(6), source, destination, message, self.ttl), self._now)
            return
        self._identification = self._identification + 1 & 0xFFFFFFFF
        link = ethernet.build_header(bytes(6), self.mac, ethernet.TYPE_IPV6)
        for part in ipv6.fragments(ipv6.ICMP, icmpv6.sealed(message, source, destination),
                                   self.mtu - ipv6.HEADER_BYTES, self._identification):
            header = ipv6.build_header(source, destination, ipv6.FRAGMENT, len(part), self.ttl)
            self.route("icmp", hop, link + header + part, self._now)

    def route(self, kind: str, hop: bytes, frame: bytes, now: int) -> None:
        """Send a complete frame by way of `hop`."""
        mac = self.lookup(hop, now)
        if mac is None:
            self.resolve(hop, now, kind=kind, frame=frame)
        else:
            self.upper.send_control(kind, mac + frame[6:])

    def _frame(self, destination_mac: bytes, source: bytes, destination: bytes, message: bytes,
               hop_limit: int) -> bytes:
        return (ethernet.build_header(destination_mac, self.mac, ethernet.TYPE_IPV6)
                + ipv6.build_header(source, destination, ipv6.ICMP, len(message), hop_limit)
                + icmpv6.sealed(message, source, destination))

    # -- neighbor discovery -------------------------------------------------------------------------------------------

    def _probe_duplicate(self, address: bytes) -> None:
        group = ipv6.solicited_node(address)
        self._count("duplicate_address_probes_sent")
        self.upper.send_control("neighbor", self._frame(
            ipv6.group_mac(group), ipv6.UNSPECIFIED, group, discovery.neighbor_solicitation(address, None),
            discovery.HOP_LIMIT))

    def _settled(self) -> None:
        """No address of ours is tentative any more: who waited may send, and routers are asked for."""
        if self._up:
            return
        self._up = True
        parked, self._parked = list(self._parked), {}
        for waiter in parked:
            if self.addresses.usable(waiter.binding.local_address, self._now):
                self.upper.resolved(waiter)
            else:
                self.upper.failed(waiter, errno.EADDRNOTAVAIL)
        if self.config.router_solicitations and self.addresses.usable(self.link_local, self._now):
            self._solicitations_left = self.config.router_solicitations
            self._solicit_router()

    def _solicit_router(self) -> None:
        self._solicitations_left -= 1
        self._solicit_at = self._now + self.config.router_solicitation_interval
        self._count("router_solicitations_sent")
        self.upper.send_control("neighbor", self._frame(
            ipv6.group_mac(ipv6.ALL_ROUTERS), self.link_local, ipv6.ALL_ROUTERS,
            discovery.router_solicitation(self.mac), discovery.HOP_LIMIT))

    def _solicit(self, target: bytes, mac: bytes | None) -> None:
        """Ask for a neighbor's link-layer address, or (with `mac`) whether it is still there."""
        source = self.source_for(target, self._now) or self.link_local
        destination = ipv6.solicited_node(target) if mac is None else target
        self.upper.send_control("neighbor", self._frame(
            mac or ipv6.group_mac(destination), source, destination, discovery.neighbor_solicitation(target, self.mac),
            discovery.HOP_LIMIT))

    def _unreachable(self, neighbor: bytes) -> None:
        self.routes.prefer_another(neighbor)
        self.upper.hops_changed(self, self._now)

    def _neighbor_solicitation(self, message: bytes, ip: ipv6.Ipv6Header, options: discovery.Options,
                               now: int) -> None:
        target = message[8:24]
        probing = ip.source == ipv6.UNSPECIFIED
        if ipv6.is_multicast(target):
            raise MalformedPacket("discovery_bad_target")
        if probing and (ip.destination != ipv6.solicited_node(target) or options.source_mac is not None):
            raise MalformedPacket("discovery_bad_probe")
        if self.addresses.tentative(target):
            self._count("neighbor_solicitations_for_tentative")
            if probing:  # somebody else wants it too: neither has it (RFC 4862 §5.4.3)
                self.addresses.duplicate(target)
            return
        if not self.addresses.usable(target, now):
            self._count("neighbor_solicitations_not_for_us")
            return
        self._count("neighbor_solicitations_answered")
        answer = discovery.neighbor_advertisement(target, self.mac, solicited=not probing)
        if probing:
            self.upper.send_control("neighbor", self._frame(
                ipv6.group_mac(ipv6.ALL_NODES), target, ipv6.ALL_NODES, answer, discovery.HOP_LIMIT))
            return
        frame = self._frame(options.source_mac or bytes(6), target, ip.source, answer, discovery.HOP_LIMIT)
        if options.source_mac is None:
            self.route("neighbor", ip.source, frame, now)
        else:
            self.neighbors.learn(ip.source, options.source_mac, now)
            self.upper.send_control("neighbor", frame)

    def _neighbor_advertisement(self, message: bytes, ip: ipv6.Ipv6Header, options: discovery.Options,
                                now: int) -> None:
        target, flags = message[8:24], message[4]
        if ipv6.is_multicast(target) or (ip.destination[0] == 0xFF and flags & 0x40):
            raise MalformedPacket("discovery_bad_target")
        if target in self.addresses:
            self._count("ipv6_address_conflicts")
            if self.addresses.tentative(target):
                self.addresses.duplicate(target)
            return
        self._count("neighbor_advertisements_received")
        if not self.neighbors.advertised(target, options.target_mac, now, bool(flags & 0x80), bool(flags & 0x40),
                                         bool(flags & 0x20)):
            self.routes.remove_router(target)
            self.upper.hops_changed(self, now)

    def _router_advertisement(self, message: bytes, ip: ipv6.Ipv6Header, options: discovery.Options,
                              now: int) -> None:
        if not ipv6.is_link_local(ip.source):
            raise MalformedPacket("discovery_bad_router")
        self._count("router_advertisements_received")
        self._solicitations_left = 0
        self.addresses.prune(now)
        lifetime = int.from_bytes(message[6:8], "big")
        reachable, retransmission = int.from_bytes(message[8:12], "big"), int.from_bytes(message[12:16], "big")
        self.ttl = message[4] or self.ttl
        if 0 < reachable <= 3_600_000:
            self.neighbors.reachable = reachable * 1_000_000
        if 0 < retransmission <= 60_000:
            self.neighbors.retransmission = retransmission * 1_000_000
        if options.source_mac is not None:
            self.neighbors.learn(ip.source, options.source_mac, now, is_router=True)
        if options.mtu is not None and ipv6.MINIMUM_MTU <= options.mtu <= self._link_mtu:
            self.mtu = options.mtu
        for prefix in options.prefixes:
            self._prefix(prefix, now)
        self.routes.add_router(ip.source, now + lifetime * SECOND if lifetime else 0)
        self.upper.hops_changed(self, now)

    def _prefix(self, prefix: discovery.Prefix, now: int) -> None:
        valid = FOREVER if prefix.valid == discovery.INFINITE else prefix.valid * SECOND
        preferred = FOREVER if prefix.preferred == discovery.INFINITE else prefix.preferred * SECOND
        if prefix.on_link:
            self.routes.add_prefix(prefix.prefix, prefix.length, now + valid if valid else 0)
        if not prefix.autonomous or not self.config.autoconfiguration or prefix.length != 64 or preferred > valid:
            return
        address = prefix.prefix[:8] + ipv6.interface_identifier(self.mac)
        if address in self.addresses:
            if address != self.address:
                self.addresses.advertised(address, preferred, valid, now)
        elif valid:
            self.addresses.add(address, now, now + preferred, now + valid)

    def _redirect(self, message: bytes, ip: ipv6.Ipv6Header, options: discovery.Options, now: int) -> None:
        target, destination = message[8:24], message[24:40]
        if (not ipv6.is_link_local(ip.source) or ipv6.is_multicast(destination)
                or (target != destination and not ipv6.is_link_local(target)) or target in self.addresses):
            raise MalformedPacket("discovery_bad_redirect")
        if self.next_hop(destination, now) != ip.source:
            raise MalformedPacket("redirect_not_from_our_router")
        self._count("redirects_followed")
        if options.target_mac is not None:
            self.neighbors.learn(target, options.target_mac, now, is_router=True if target != destination else None)
        self.routes.redirect(destination, target)
        self.upper.hops_changed(self, now)

    def _not_for_hosts(self, message: bytes, ip: ipv6.Ipv6Header, options: discovery.Options, now: int) -> None:
        self._count("discovery_not_for_hosts")


_DISCOVERY = {
    icmpv6.ROUTER_SOLICITATION: Ipv6Layer._not_for_hosts,
    icmpv6.ROUTER_ADVERTISEMENT: Ipv6Layer._router_advertisement,
    icmpv6.NEIGHBOR_SOLICITATION: Ipv6Layer._neighbor_solicitation,
    icmpv6.NEIGHBOR_ADVERTISEMENT: Ipv6Layer._neighbor_advertisement,
    icmpv6.REDIRECT: Ipv6Layer._redirect,
}


def _chain_is_whole(kind: int, data: bytes) -> bool:
    """Does a first fragment hold all headers, through that of the upper layer (RFC 7112)?"""
    at = 0
    while kind in (ipv6.HOP_BY_HOP, ipv6.ROUTING, ipv6.DESTINATION_OPTIONS, ipv6.AUTHENTICATION):
        if at + 8 > len(data):
            return False
        size = (data[at + 1] + 2) * 4 if kind == ipv6.AUTHENTICATION else (data[at + 1] + 1) * 8
        kind = data[at]
        at += size
    least = {ipv6.TCP: 20, ipv6.UDP: 8, ipv6.ICMP: 8}.get(kind, 0)
    return at + least <= len(data)
