"""Packets of a script as frames, frames as a script would write them, and where the two differ."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass, field

from firmware.network import discovery, icmpv6, ipv6
from firmware.network.checksum import PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, checksum, pseudo_header_sum
from firmware.tcp.segment import ACK, FIN, PSH, SYN
from models.packetdrill.packet_parser import FLAG_LETTERS
from models.packetdrill.script import IcmpPacket, Option, TcpPacket, UdpPacket, Unsupported

MASK = 0xFFFFFFFF
ETHERNET_BYTES, IP_BYTES, TCP_BYTES = 14, 20, 20
PATTERN = bytes(range(251)) * 600
"""Every stream carries these bytes by their place in it, so that what is out of place shows."""
OPTION_KINDS = {"mss": 2, "wscale": 3, "sackOK": 4, "sack": 5, "TS": 8}
ECN_NAMES = {0: "noecn", 1: "ect1", 2: "ect0", 3: "ce"}
ICMP_KINDS = {"unreachable": 3, "source_quench": 4, "time_exceeded": 11, "parameter_problem": 12, "echo_request": 8,
              "echo_reply": 0, "redirect": 5}
ICMPV6_KINDS = {"unreachable": 1, "packet_too_big": 2, "time_exceeded": 3, "parameter_problem": 4,
                "echo_request": 128, "echo_reply": 129}
ICMPV6_CODES = {("unreachable", "net_unreachable"): 0, ("unreachable", "host_prohibited"): 1,
                ("unreachable", "host_unreachable"): 3, ("unreachable", "port_unreachable"): 4,
                ("parameter_problem", "unknown_next_header"): 1}
UNREACHABLE_CODES = {"net_unreachable": 0, "host_unreachable": 1, "protocol_unreachable": 2, "port_unreachable": 3,
                     "frag_needed": 4, "source_route_failed": 5, "net_unknown": 6, "host_unknown": 7,
                     "source_host_isolated": 8, "net_prohibited": 9, "host_prohibited": 10, "packet_filtered": 13,
                     "precedence_violation": 14, "precedence_cutoff": 15}


def stream_bytes(offset: int, length: int) -> bytes:
    """Bytes `offset` to `offset + length` of every stream."""
    start = offset % 251
    if start + length <= len(PATTERN):
        return PATTERN[start:start + length]
    return (PATTERN * (1 + (start + length) // len(PATTERN)))[start:start + length]


@dataclass
class Flow:
    """A connection of the script: its ports, and how the script's numbers become those on the wire."""

    local_port: int | None
    remote_port: int
    remote_base: int
    """What is added to the script's sequence number in a SYN that comes in."""
    local_isn: int | None = None
    """As on the wire."""
    remote_isn: int | None = None
    last_remote_syn: int | None = None
    synchronized: bool = False
    timestamps: dict[int, int] = field(default_factory=dict)
    """Timestamps of HL-TCP: the script's to the one on the wire."""
    connection: object = None
    """HL-TCP's, as long as it is known; for snippets."""

    def local_seq(self, seq: int, syn: bool, script_isn: int = 0) -> int:
        """A sequence number of HL-TCP's stream."""
        return seq & MASK if self.local_isn is None else (self.local_isn + seq - (script_isn if syn else 0)) & MASK

    def remote_seq(self, seq: int, syn: bool) -> int:
        """A sequence number of the script's stream."""
        if syn or self.remote_isn is None:
            return (self.remote_base + seq) & MASK
        return (self.remote_isn + seq) & MASK

    def local_timestamp(self, value: int) -> int:
        """HL-TCP's timestamp for the script's."""
        if not value or value in self.timestamps:
            return self.timestamps.get(value, 0)
        if not self.timestamps:
            return value
        known, live = next(reversed(self.timestamps.items()))
        return (live + value - known) & MASK


@dataclass(frozen=True)
class Addresses:
    """Of both ends: MAC addresses as bytes, IPv4 or IPv6 addresses packed."""

    local_mac: bytes
    remote_mac: bytes
    local: bytes
    remote: bytes


@dataclass
class Observed:
    """A packet that HL-TCP sent, at `time` (ns since the script began); several segments in one if they were cut."""

    time: int
    kind: str
    source: bytes
    destination: bytes
    tos: int
    ttl: int
    dont_fragment: bool
    payload: bytes
    source_port: int = 0
    destination_port: int = 0
    seq: int = 0
    ack: int = 0
    flags: int = 0
    window: int = 0
    urgent: int = 0
    reserved: int = 0
    options: tuple[Option, ...] = ()
    problem: str | None = None
    """A checksum that is wrong, or a header that breaks the format."""


def _option_bytes(option: Option, flow: Flow) -> bytes:
    if option.kind == "raw":
        return option.data
    if option.kind in ("nop", "eol"):
        return bytes((option.kind == "nop",))
    if option.kind == "mss":
        return struct.pack("!BBH", 2, 4, *option.values)
    if option.kind == "wscale":
        return struct.pack("!BBB", 3, 3, *option.values)
    if option.kind == "sackOK":
        return bytes((4, 2))
    if option.kind == "TS":
        value, echo = option.values
        return struct.pack("!BBII", 8, 10, value, flow.local_timestamp(echo))
    edges = [flow.local_seq(edge, False) for edge in option.values]
    return bytes((5, 2 + 4 * len(edges))) + struct.pack(f"!{len(edges)}I", *edges)


def tcp_frame(packet: TcpPacket, flow: Flow, addresses: Addresses) -> bytes:
    """The frame (without FCS) of a segment that comes in."""
    syn = bool(packet.flags & SYN)
    seq = flow.remote_seq(packet.seq, syn)
    ack = 0 if packet.ack is None else flow.local_seq(packet.ack, False)
    options = b"".join(_option_bytes(option, flow) for option in packet.options or ())
    options += bytes(-len(options) % 4)
    if len(options) > 40:
        raise Unsupported(f"{len(options)} bytes of TCP options")
    extras = dict(packet.extras)
    offset = extras.get("data_offset", (TCP_BYTES + len(options)) // 4)
    base = flow.remote_isn if flow.remote_isn is not None else flow.remote_base
    payload = stream_bytes((seq + syn - base - 1) & MASK, packet.length)
    tcp = struct.pack("!HHIIBBHHH", flow.remote_port, flow.local_port or 0, seq, ack,
                      offset << 4 | extras.get("reserved", 0), packet.flags, packet.window or 0, 0,
                      packet.urgent or 0) + options + payload
    source, destination = addresses.remote, addresses.local
    if packet.addresses is not None:
        source, destination = (ipaddress.ip_address(each).packed for each in packet.addresses)
    total = checksum(tcp, pseudo_header_sum(source, destination, PROTOCOL_TCP, len(tcp)))
    if "bad_checksum" in extras:
        total ^= 0x5555
    tcp = tcp[:16] + total.to_bytes(2, "big") + tcp[18:]
    tos = packet.tos if packet.tos is not None else packet.ecn or 0
    return _ip_frame(addresses, source, destination, PROTOCOL_TCP, tcp, tos, packet.ttl or 255)


def icmp_frame(packet: IcmpPacket, flow: Flow | None, addresses: Addresses) -> bytes:
    """The frame of an ICMP message that comes in; errors quote a segment of HL-TCP."""
    if len(addresses.local) == 16:
        return _icmpv6_frame(packet, flow, addresses)
    kind = ICMP_KINDS.get(packet.kind)
    if kind is None:
        raise Unsupported(f"ICMP type {packet.kind}")
    code = 0
    if packet.code is not None:
        if packet.kind != "unreachable" or packet.code not in UNREACHABLE_CODES:
            raise Unsupported(f"ICMP code {packet.code}")
        code = UNREACHABLE_CODES[packet.code]
    if packet.kind.startswith("echo"):
        message = struct.pack("!BBHHH", kind, code, 0, packet.echo_id, 1) + stream_bytes(0, 32)
    else:
        if flow is None:
            raise Unsupported("an ICMP error without a connection to quote from")
        quoted = struct.pack("!HHIIBBHHH", flow.local_port or 0, flow.remote_port,
                             flow.local_seq(packet.seq, False), 0, 5 << 4, ACK, 0, 0, 0)
        header = _ip_header(addresses.local, addresses.remote, PROTOCOL_TCP, TCP_BYTES + packet.length, 0, 64)
        message = struct.pack("!BBHHH", kind, code, 0, 0, packet.mtu or 0) + header + quoted
    message = message[:2] + checksum(message).to_bytes(2, "big") + message[4:]
    return _ip_frame(addresses, addresses.remote, addresses.local, PROTOCOL_ICMP, message, 0, 255)


def _icmpv6_frame(packet: IcmpPacket, flow: Flow | None, addresses: Addresses) -> bytes:
    kind = ICMPV6_KINDS.get(packet.kind)
    code = 0 if packet.code is None else ICMPV6_CODES.get((packet.kind, packet.code))
    if kind is None or code is None:
        raise Unsupported(f"ICMPv6 {packet.kind} {packet.code}")
    if packet.kind.startswith("echo"):
        message = struct.pack("!BBHHH", kind, code, 0, packet.echo_id, 1) + stream_bytes(0, 32)
    else:
        if flow is None:
            raise Unsupported("an ICMP error without a connection to quote from")
        quoted = struct.pack("!HHIIBBHHH", flow.local_port or 0, flow.remote_port,
                             flow.local_seq(packet.seq, False), 0, 5 << 4, ACK, 0, 0, 0)
        header = ipv6.build_header(addresses.local, addresses.remote, PROTOCOL_TCP, TCP_BYTES + packet.length)
        message = struct.pack("!BBHI", kind, code, 0, packet.mtu or 0) + header + quoted
    message = icmpv6.sealed(message, addresses.remote, addresses.local)
    return _ip_frame(addresses, addresses.remote, addresses.local, ipv6.ICMP, message, 0, 255)


def neighbor_frame(addresses: Addresses, neighbor: bytes, advertised: bool) -> bytes:
    """Whoever is asked for is behind the same MAC address: it tells so, or asks for HL-TCP's (which tells it, too)."""
    message = (discovery.neighbor_advertisement(neighbor, addresses.remote_mac, True) if advertised
               else discovery.neighbor_solicitation(addresses.local, addresses.remote_mac))
    return _ip_frame(addresses, neighbor, addresses.local, ipv6.ICMP,
                     icmpv6.sealed(message, neighbor, addresses.local), 0, discovery.HOP_LIMIT)


def solicited_neighbor(frame: bytes) -> bytes | None:
    """Whom HL-TCP asks for; b"" for neighbor discovery that wants no answer, None for anything else."""
    if frame[12:14] != b"\x86\xdd" or frame[20] != ipv6.ICMP or not 133 <= frame[54] <= 137:
        return None
    asks = frame[54] == icmpv6.NEIGHBOR_SOLICITATION and frame[22:38] != ipv6.UNSPECIFIED
    return frame[62:78] if asks else b""


def udp_frame(packet: UdpPacket, addresses: Addresses) -> bytes:
    """The frame of a UDP datagram that comes in."""
    source, destination = packet.ports or (33434, 33434)
    udp = struct.pack("!HHHH", source, destination, 8 + packet.length, 0) + stream_bytes(0, packet.length)
    total = checksum(udp, pseudo_header_sum(addresses.remote, addresses.local, PROTOCOL_UDP, len(udp))) or 0xFFFF
    udp = udp[:6] + total.to_bytes(2, "big") + udp[8:]
    return _ip_frame(addresses, addresses.remote, addresses.local, PROTOCOL_UDP, udp, 0, 255)


def _ip_header(source: bytes, destination: bytes, protocol: int, length: int, tos: int, ttl: int) -> bytes:
    head = struct.pack("!BBHHHBBH4s4s", 0x45, tos, IP_BYTES + length, 0, 0, ttl, protocol, 0, source, destination)
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:]


def _ip_frame(addresses: Addresses, source: bytes, destination: bytes, protocol: int, payload: bytes, tos: int,
              ttl: int) -> bytes:
    if len(source) == 16:
        return (addresses.local_mac + addresses.remote_mac + b"\x86\xdd"
                + ipv6.build_header(source, destination, protocol, len(payload), ttl, tos) + payload)
    frame = (addresses.local_mac + addresses.remote_mac + b"\x08\x00"
             + _ip_header(source, destination, protocol, len(payload), tos, ttl) + payload)
    return frame + bytes(max(0, 60 - len(frame)))


def observe(frame: bytes, time: int) -> Observed | None:
    """An IP packet that HL-TCP sent (frame without FCS); None for anything else."""
    if frame[12:14] == b"\x86\xdd":
        return _observe_ipv6(frame, time)
    if frame[12:14] != b"\x08\x00":
        return None
    ip = frame[ETHERNET_BYTES:]
    header = (ip[0] & 15) * 4
    tos, total = ip[1], int.from_bytes(ip[2:4], "big")
    body = ip[header:total]
    kinds = {PROTOCOL_TCP: "tcp", PROTOCOL_ICMP: "icmp", PROTOCOL_UDP: "udp"}
    seen = Observed(time, kinds.get(ip[9], "ip"), ip[12:16], ip[16:20], tos, ip[8], bool(ip[6] & 0x40), body)
    if checksum(ip[:header]):
        seen.problem = "the IP header's checksum is wrong"
    if ip[9] == PROTOCOL_ICMP and checksum(body):
        seen.problem = "the ICMP checksum is wrong"
    if ip[9] == PROTOCOL_TCP:
        _observe_tcp(seen, body)
    return seen


def _observe_ipv6(frame: bytes, time: int) -> Observed:
    """HL-TCP sends no extension headers."""
    ip = ipv6.parse_header(frame, ETHERNET_BYTES, len(frame))
    body = frame[ip.payload:ip.end]
    kinds = {PROTOCOL_TCP: "tcp", ipv6.ICMP: "icmp", PROTOCOL_UDP: "udp"}
    traffic_class = int.from_bytes(frame[14:16], "big") >> 4 & 0xFF
    seen = Observed(time, kinds.get(ip.protocol, "ip"), ip.source, ip.destination, traffic_class, ip.hop_limit, True,
                    body)
    if ip.protocol == ipv6.ICMP and not icmpv6.is_intact(body, ip.source, ip.destination):
        seen.problem = "the ICMPv6 checksum is wrong"
    if ip.protocol == PROTOCOL_TCP:
        _observe_tcp(seen, body)
    return seen


def _observe_tcp(seen: Observed, tcp: bytes) -> None:
    if checksum(tcp, pseudo_header_sum(seen.source, seen.destination, PROTOCOL_TCP, len(tcp))):
        seen.problem = "the TCP checksum is wrong"
    (seen.source_port, seen.destination_port, seen.seq, seen.ack, offset, seen.flags, seen.window, _,
     seen.urgent) = struct.unpack_from("!HHIIBBHHH", tcp)
    seen.reserved = offset & 15
    end = (offset >> 4) * 4
    seen.payload = tcp[end:]
    options = []
    at = TCP_BYTES
    while at < end:
        kind = tcp[at]
        if kind < 2:
            options.append(Option("nop" if kind else "eol"))
            at += 1
            continue
        length = tcp[at + 1]
        if length < 2 or at + length > end:
            seen.problem = "a TCP option with an illegal length"
            break
        data = tcp[at + 2:at + length]
        if kind == 2:
            options.append(Option("mss", struct.unpack("!H", data)))
        elif kind == 3:
            options.append(Option("wscale", (data[0],)))
        elif kind == 4:
            options.append(Option("sackOK"))
        elif kind == 5:
            options.append(Option("sack", struct.unpack(f"!{len(data) // 4}I", data)))
        elif kind == 8:
            options.append(Option("TS", struct.unpack("!II", data)))
        else:
            options.append(Option("raw", (), tcp[at:at + length]))
        at += length
    seen.options = tuple(options)


def joins(before: Observed, after: Observed) -> bool:
    """Does `after` go on where `before` ends, as segments cut from one send do?"""
    last_only = PSH | FIN
    return (before.kind == after.kind == "tcp" and bool(before.payload) and bool(after.payload)
            and before.source_port == after.source_port and before.destination_port == after.destination_port
            and (before.seq + len(before.payload)) & MASK == after.seq and not before.flags & last_only
            and before.flags == after.flags & ~last_only and before.ack == after.ack)


def flag_text(flags: int) -> str:
    """Flags as a script writes them."""
    seen = 0
    text = ""
    for letter in "SFRPEWU.":
        if flags & FLAG_LETTERS[letter] & ~seen:
            text += letter
    return text or "-"


def describe(seen: Observed, flow: Flow | None) -> str:
    """The packet as a script would write it."""
    if seen.kind != "tcp":
        return f"{seen.kind} {seen.payload[:2].hex()}"
    if flow is None:
        return (f"{seen.source_port} > {seen.destination_port} {flag_text(seen.flags)} {seen.seq}:"
                f"{(seen.seq + len(seen.payload)) & MASK}({len(seen.payload)}) ack {seen.ack}")
    local = flow.local_isn or 0
    remote = flow.remote_isn if flow.remote_isn is not None else flow.remote_base
    start = (seen.seq - local) & MASK
    text = f"{flag_text(seen.flags)} {start}:{(start + len(seen.payload)) & MASK}({len(seen.payload)})"
    if seen.flags & ACK:
        text += f" ack {(seen.ack - remote) & MASK}"
    text += f" win {seen.window}"
    if seen.options:
        text += " <" + ",".join(str(_relative(option, remote)) for option in seen.options) + ">"
    return text


def _relative(option: Option, remote: int) -> Option:
    if option.kind == "sack":
        return Option("sack", tuple((edge - remote) & MASK for edge in option.values))
    return option


def differences(expected: TcpPacket, seen: Observed, flow: Flow, ticks: int | None = None) -> list[str]:
    """What is not as the script says; the flow's numbers are known by now.

    ticks: by so much a timestamp may differ from what the script has; None if its value does not matter.
    """
    found = []

    def check(name: str, want: object, have: object) -> None:
        if want != have:
            found.append(f"{name} is {have}, expected {want}")

    if seen.problem:
        found.append(seen.problem)
    check("flags", flag_text(expected.flags), flag_text(seen.flags))
    remote = flow.remote_isn if flow.remote_isn is not None else flow.remote_base
    script_isn = expected.seq if expected.flags & SYN else 0
    local = ((flow.local_isn or 0) - script_isn) & MASK
    check("seq", expected.seq, (seen.seq - local) & MASK)
    check("length", expected.length, len(seen.payload))
    if expected.ack is not None:
        check("ack", expected.ack, (seen.ack - remote) & MASK)
    elif not seen.flags & ACK:
        check("ack field", 0, seen.ack)
    if expected.window is not None:
        check("win", expected.window, seen.window)
    if expected.urgent is not None or seen.urgent:
        check("urg", expected.urgent or 0, seen.urgent)
    if expected.ecn is not None:
        have = ECN_NAMES[seen.tos & 3]
        want = ECN_NAMES[expected.ecn] if expected.ecn >= 0 else have if have.startswith("ect") else "ect0 or ect1"
        check("ECN", want, have)
    if expected.tos is not None:
        check("tos", expected.tos, seen.tos)
    if expected.ttl is not None:
        check("ttl", expected.ttl, seen.ttl)
    extras = dict(expected.extras)
    check("reserved bits", extras.get("reserved", 0), seen.reserved)
    if "df" in extras:
        check("DF", bool(extras["df"]), seen.dont_fragment)
    if expected.options is not None:
        found += _option_differences(expected.options, seen.options, flow, remote, ticks)
    wrong = _wrong_byte(seen, flow)
    if wrong is not None:
        found.append(f"byte {wrong} of the stream is not what was written")
    return found


def _option_differences(expected: tuple[Option, ...], seen: tuple[Option, ...], flow: Flow, remote: int,
                        ticks: int | None) -> list[str]:
    """Padding is free; everything else must be there in this order."""
    wanted = [option for option in expected if option.kind not in ("nop", "eol")]
    present = [_relative(option, remote) for option in seen if option.kind not in ("nop", "eol")]
    shown = []
    for index, option in enumerate(present):
        if option.kind == "TS" and index < len(wanted) and wanted[index].kind == "TS":
            value, live = wanted[index].values[0], option.values[0]
            if ticks is not None and flow.timestamps and abs(_signed(live - flow.local_timestamp(value))) > ticks:
                known, known_live = next(reversed(flow.timestamps.items()))
                value = (known + live - known_live) & MASK
            else:
                flow.timestamps[value] = live
            option = Option("TS", (value, option.values[1]))
        shown.append(option)
    if shown == wanted:
        return []
    text = ",".join(map(str, shown)) or "none"
    return [f"options are <{text}>, expected <{','.join(map(str, wanted)) or 'none'}>"]


def _signed(difference: int) -> int:
    return ((difference + (1 << 31)) & MASK) - (1 << 31)


def _wrong_byte(seen: Observed, flow: Flow) -> int | None:
    if not seen.payload or flow.local_isn is None:
        return None
    offset = (seen.seq + bool(seen.flags & SYN) - flow.local_isn - 1) & MASK
    expected = stream_bytes(offset, len(seen.payload))
    if expected == seen.payload or offset > 1 << 31:  # a keepalive probe's byte lies before the stream
        return None
    return offset + next(i for i, (a, b) in enumerate(zip(expected, seen.payload, strict=True)) if a != b)
