"""The TCP/IP stack around the protocol, without I/O: frames, calls and the time in; frames, events and deadlines out.

The same stack is HL-TCP on the card (payload stays in buffers, sent by TSO), the host's stack, and the simulated peer.

Input: `frame_arrives`. Output: `poll_transmit` offers one thing to send; it counts as sent when `transmitted` is called
for it, before the next poll. `defer` instead lets another connection go first. Connections take turns.
Time: call `timeout` when `next_deadline` comes. Times in ns.
Events go to `deliver(connection, event)`, or without one to the deque `events` as (connection, event).
"""

import errno
import heapq
import random
from collections import deque
from collections.abc import Callable
from typing import Any

from .network import ethernet, ipv4, ipv6, tcp_frame
from .network.arp import ArpCache, ArpConfig
from .network.checksum import PROTOCOL_TCP, checksum, pseudo_header_sum
from .network.counters import Counters
from .network.icmp import QuotedError
from .network.ipv4_layer import Ipv4Layer
from .network.ipv6 import flow_label
from .network.ipv6_layer import Ipv6Config, Ipv6Layer
from .network.reassembly import ReassemblyConfig
from .network.tcp_frame import FrameTransmit, segment_in_software
from .tcp import handoff, pmtu, syn_cookies
from .tcp.arrival import reset_for
from .tcp.config import TcpConfig
from .tcp.connection import CallError, Connection
from .tcp.events import Acknowledged, Closed, DeliveryTrouble, Established, Event
from .tcp.isn import initial_sequence_number, timestamp_offset
from .tcp.listener import Listener
from .tcp.options import Options
from .tcp.segment import ACK, RST, SYN, MalformedSegment, TcpHeader, parse_header
from .tcp.sequence import MASK, less_than
from .tcp.states import State

__all__ = ["Binding", "FrameTransmit", "Ipv6Config", "Stack", "needs_whole_frame", "segment_in_software"]

EPHEMERAL_FIRST, EPHEMERAL_LAST = 49152, 65535
LARGEST_PAYLOAD = 65535 - 20 - 60
"""Payload of one TSO transmit: with the longest headers still an IP length."""
PATH_MTUS = 256
"""Most destinations whose path MTU is remembered; the oldest is forgotten."""
MOST_REROUTES = 4
"""Other routers that a connection tries when one does not answer, before it gives up."""
TCP_HEADER_BYTES = 20
CONTROL_QUEUE = 256
"""Complete frames (ARP, ICMP, RST) that wait at most; more are dropped and counted."""


Layer = Ipv4Layer | Ipv6Layer


class Binding:
    """What the stack keeps with a connection: addresses (4 or 16 bytes each), ports, and its own bookkeeping."""

    __slots__ = ("delivering", "flow_label", "key", "layer", "listener", "local_address", "local_port", "next_hop",
                 "ready", "remote_address", "remote_port", "rerouted", "scheduled", "waiting")

    def __init__(self, key: bytes, layer: Layer, local_address: bytes, local_port: int, remote_address: bytes,
                 remote_port: int, next_hop: bytes, listener: Listener | None, label: int = 0) -> None:
        self.key = key
        self.layer = layer
        self.local_address = local_address
        self.local_port = local_port
        self.remote_address = remote_address
        self.remote_port = remote_port
        self.next_hop = next_hop
        self.listener = listener
        self.flow_label = label
        self.rerouted = 0
        """Next hops that were tried in turn since one last answered."""
        self.ready = False
        self.waiting = False
        self.delivering = False
        self.scheduled: int | None = None


def needs_whole_frame(head: bytes) -> bool:
    """Must `head` be all of this frame? True for everything but TCP right behind the header of an IP packet."""
    if len(head) < 24:
        return True
    if head[12:14] == b"\x08\x00":
        return head[23] != PROTOCOL_TCP or bool(head[20] & 0x3F or head[21])
    return head[12:14] != b"\x86\xdd" or head[20] != PROTOCOL_TCP


def parse_address(text: str | bytes) -> bytes:
    """An IPv4 or IPv6 address as 4 or 16 bytes; ValueError otherwise."""
    if isinstance(text, str):
        return ipv6.address(text) if ":" in text else ipv4.address(text)
    return ipv6.address(text) if len(text) == 16 else ipv4.address(text)


class Stack:
    """One interface: a MAC address, an IPv4 address with ARP and ICMP, IPv6 if `ipv6` is given, and TCP over both.

    secret: key of the initial sequence numbers; rng: ephemeral ports. charge(category, count) receives what was done:
    'tcp_input', 'ack_input', 'tcp_output', 'ack_output', 'arp', 'neighbor', 'icmp'. `now`: when it begins to live.
    reassembled(frame): takes frames whose fragments have come together (else they are taken in at once); it must hand
    them to `frame_arrives`.

    Each frame that arrives is either a segment that a connection took (`segments_in`) or counted under exactly one of
    the names of `network.outcomes`; `frames_in` counts frames, those made of fragments too.
    """

    def __init__(self, mac: str | bytes, address: str | bytes, prefix_length: int = 24,
                 gateway: str | bytes | None = None, *, secret: bytes = b"", rng: random.Random | None = None,
                 config: TcpConfig | None = None, arp_config: ArpConfig | None = None,
                 deliver: Callable[[Connection, Event], None] | None = None,
                 charge: Callable[[str, int], None] | None = None, ipv6: Ipv6Config | None = None, now: int = 0,
                 reassembly: ReassemblyConfig | None = None,
                 reassembled: Callable[[bytes], None] | None = None) -> None:
        self.mac = ethernet.mac(mac)
        self.network = ipv4.Network(address, prefix_length, gateway)
        self.config = config or TcpConfig()
        self.frames_in = self.segments_in = 0
        self.counters = Counters()
        self.events: deque[tuple[Connection, Event]] = deque()
        self._deliver = deliver or (lambda connection, event: self.events.append((connection, event)))
        self.charge = self._charge = charge or (lambda category, count: None)
        self.count = self._count = self.counters.count
        self._secret = secret
        self._rng = rng or random.Random(0)
        self._connections: dict[bytes, Connection] = {}
        self._listeners: dict[tuple[bytes | None, int], Listener] = {}
        self._ready: deque[Connection] = deque()
        self._control: deque[FrameTransmit] = deque()
        self._timers: list[tuple[int, int, Connection]] = []
        self._timer_serial = 0
        self._stale = 0
        """Entries of `_timers` that are of no use any more; they are removed when they are the most."""
        self._identification = 0
        self._path_mtus: dict[bytes, tuple[int, int]] = {}
        """By destination, until when: what is less than our link's."""
        self._clock = now
        self._reassembled: deque[bytes] = deque()
        self._take_reassembled = reassembled or self._reassembled.append
        mtu = self.config.mss + 40
        limits = reassembly or ReassemblyConfig()
        self.ipv4 = Ipv4Layer(self.mac, self.network, arp_config or ArpConfig(), mtu, self, limits)
        self.ipv6 = None if ipv6 is None else Ipv6Layer(self.mac, ipv6, mtu, self, now, limits)

    @property
    def arp(self) -> ArpCache:
        """IPv4's address resolution."""
        return self.ipv4.arp

    @arp.setter
    def arp(self, arp: ArpCache) -> None:
        self.ipv4.arp = arp

    def layer_for(self, address: bytes) -> Layer:
        """That of an address of 4 or 16 bytes; CallError EAFNOSUPPORT without IPv6."""
        if len(address) == 4:
            return self.ipv4
        if self.ipv6 is None:
            raise CallError(errno.EAFNOSUPPORT, "no IPv6")
        return self.ipv6

    # -- application calls --------------------------------------------------------------------------------------------

    def listen(self, port: int, backlog: int = 16, config: TcpConfig | None = None,
               address: str | bytes | None = None, owner: Any = None) -> Listener:
        """Passive OPEN: an address of ours, 0.0.0.0 or :: for all of the family, None for all of both.

        CallError EADDRINUSE if the port is taken."""
        self._check_port(port)
        local = None if address is None else parse_address(address)
        if local is not None and any(local) and not self.layer_for(local).is_own(local):
            raise CallError(errno.EADDRNOTAVAIL, "not our address")
        if (local, port) in self._listeners:
            raise CallError(errno.EADDRINUSE, f"port {port} is listening already")
        listener = Listener(port, backlog, config or self.config, local, owner)
        self._listeners[local, port] = listener
        return listener

    def close_listener(self, listener: Listener, now: int) -> None:
        """No more connections; those that were not accepted are reset."""
        self._listeners.pop((listener.local_address, listener.port), None)
        for connection in [*listener.half_open, *listener.accept_queue]:
            connection.abort(now)

    def connect(self, remote: str | bytes, remote_port: int, now: int, local_port: int | None = None,
                config: TcpConfig | None = None, owner: Any = None) -> Connection:
        """Active OPEN; `Established` or `Error` follows as an event. CallError if it cannot even be tried."""
        self._check_port(remote_port)
        remote = parse_address(remote)
        layer = self.layer_for(remote)
        next_hop = layer.next_hop(remote, now)
        if not layer.valid_peer(remote) or next_hop is None:
            raise CallError(errno.ENETUNREACH, "no route")
        local = layer.source_for(remote, now)
        if local is None:
            raise CallError(errno.EADDRNOTAVAIL, "no address to send from")
        if local_port is None:
            local_port = self._ephemeral_port(local, remote, remote_port)
        else:
            self._check_port(local_port)
        connection = self._new_connection(layer, local, local_port, remote, remote_port, next_hop,
                                          config or self.config, None, now)
        connection.owner = owner
        connection.open_active(now)
        return connection

    def export_connection(self, connection: Connection, now: int) -> dict[str, Any]:
        """The connection and its addresses as data (`tcp.handoff`); it is not here any more, and nothing is sent.

        ValueError for one that is not established yet, or has no owner who took its events.
        """
        binding = connection.binding
        if connection.state < State.ESTABLISHED or self._connections.get(binding.key) is not connection:
            raise ValueError(f"{connection.state.name} cannot be handed over")
        connection.changed = None
        data = handoff.export_connection(connection, now)
        del self._connections[binding.key]
        if binding.listener is not None:
            binding.listener.closed(connection)
        if binding.scheduled is not None:
            binding.scheduled = None
            self._abandon_timer()
        return {"local_address": list(binding.local_address), "local_port": binding.local_port,
                "remote_address": list(binding.remote_address), "remote_port": binding.remote_port,
                "connection": data}

    def import_connection(self, data: dict[str, Any], now: int, owner: Any = None) -> Connection:
        """Take over what another stack exported. ValueError for bad data, CallError for addresses that cannot be."""
        try:
            local, remote = bytes(data["local_address"]), bytes(data["remote_address"])
            local_port, remote_port = data["local_port"], data["remote_port"]
            inner = data["connection"]
        except (KeyError, TypeError) as wrong:
            raise ValueError(f"no data of a connection: {wrong!r}") from None
        layer = self.layer_for(local)
        if not layer.is_own(local):
            raise CallError(errno.EADDRNOTAVAIL, "not our address")
        next_hop = layer.next_hop(remote, now) if len(remote) == len(local) else None
        if next_hop is None:
            raise CallError(errno.ENETUNREACH, "no route")
        key = remote + local + remote_port.to_bytes(2, "big") + local_port.to_bytes(2, "big")
        if key in self._connections:
            raise CallError(errno.EADDRINUSE, "the connection exists already")
        connection = handoff.import_connection(inner, now, self.config)
        connection.count = self._count
        connection.owner = owner
        connection.binding = Binding(key, layer, local, local_port, remote, remote_port, next_hop, None,
                                     flow_label(self._secret, key))
        connection.changed = self._connection_changed
        self._connections[key] = connection
        self._connection_changed(connection)
        return connection

    @property
    def connections(self) -> list[Connection]:
        """Every connection that is not CLOSED."""
        return list(self._connections.values())

    # -- input --------------------------------------------------------------------------------------------------------

    def frame_arrives(self, head: bytes, frame: Any, now: int, checksum_ok: bool | None = None) -> None:
        """A frame without FCS.

        head: its first bytes, at least through the TCP header, and all of it where `needs_whole_frame(head)` or
        checksum_ok is None. frame: the whole frame as anything with len() and slicing; the TCP payload is passed on as
        a slice of it. A frame that is bytes may stand in for what is missing of its head. checksum_ok: what the
        hardware found of the IP and TCP checksums; None if it did not look. Anything malformed is dropped and counted.
        """
        self.frames_in += 1
        if len(head) < ethernet.HEADER_BYTES:
            self._count("ethernet_truncated")
            return
        group = head[0] & 1
        if head[:6] != self.mac and not group:
            self._count("ethernet_not_for_us")
            return
        ethertype = head[12] << 8 | head[13]
        if ethertype == ethernet.TYPE_IPV4:
            layer = self.ipv4
        elif ethertype == ethernet.TYPE_IPV6 and self.ipv6 is not None:
            layer = self.ipv6
        elif ethertype == ethernet.TYPE_ARP:
            self._charge("arp", 1)
            self.ipv4.arp.packet_arrives(head, now)
            return
        else:
            self._count("ethernet_unknown_type")
            return
        try:
            layer.packet_arrives(head, frame, now, checksum_ok, bool(group))
        except (ipv4.MalformedPacket, MalformedSegment) as malformed:
            self._count(malformed.counter)
        while self._reassembled:
            whole = self._reassembled.popleft()
            self.frame_arrives(whole, whole, now)

    def reassembled(self, frame: bytes, now: int) -> None:
        """A layer has put fragments together: a frame that arrives."""
        self._take_reassembled(frame)

    def tcp_arrives(self, layer: Layer, head: bytes, frame: Any, ip: ipv4.Ipv4Header | ipv6.Ipv6Header, now: int,
                    checksum_ok: bool | None) -> None:
        """A segment to one of our addresses. Raises MalformedSegment."""
        start, end = ip.payload, ip.end
        if checksum_ok is None:
            checksum_ok = end - start < 20 or not checksum((head if len(head) >= end else frame)[start:end],
                                                           pseudo_header_sum(ip.source, ip.destination, PROTOCOL_TCP,
                                                                             end - start))
        if not checksum_ok and end - start >= 20:  # what is too short for a header is counted as such below
            self._count("tcp_checksum_error")
            return
        header = parse_header(head, start, end - start)
        header.ecn = ip.ecn
        payload = frame[start + header.header_bytes:end]
        self._charge("tcp_input" if start + header.header_bytes < end else "ack_input", 1)
        key = ip.source + ip.destination + head[start:start + 4]
        connection = self._connections.get(key)
        if connection is not None and connection.state is State.TIME_WAIT and self._reopens(connection, header):
            connection.enter_closed()
            self._connection_changed(connection)
            connection = None
        if header.flags & SYN and header.options.mss is None and layer is self.ipv6:
            options = header.options
            header.options = Options(layer.default_mss, options.window_scale, options.sack_permitted, options.ts_val,
                                     options.ts_ecr, options.sack)
        if connection is None:
            connection = (self._connection_for_syn(layer, header, ip, now) if header.flags & SYN
                          else self._connection_for_cookie(layer, header, ip, key, now))
            if connection is None:
                self._refuse(layer, header, len(payload), ip, now)
                return
        self.segments_in += 1
        connection.segment_arrives(header, payload, now)

    def _reopens(self, connection: Connection, header: TcpHeader) -> bool:
        """A SYN newer than everything of the old incarnation ends TIME-WAIT early (RFC 6191, RFC 9293 MAY-2)."""
        if (header.flags & (SYN | ACK | RST) != SYN
                or self._listener_for(connection.binding.local_address, header.destination_port) is None):
            return False
        ts_val = header.options.ts_val
        if ts_val is not None and connection.config.timestamps:
            if not connection.negotiated.timestamps or less_than(connection.ts_recent, ts_val):
                return True
            if ts_val != connection.ts_recent:
                return False
        return less_than(connection.rcv_nxt & MASK, header.seq)

    def _listener_for(self, local: bytes, port: int) -> Listener | None:
        listeners = self._listeners
        return listeners.get((local, port)) or listeners.get((bytes(len(local)), port)) or listeners.get((None, port))

    def _connection_for_syn(self, layer: Layer, header: TcpHeader, ip: ipv4.Ipv4Header | ipv6.Ipv6Header,
                            now: int) -> Connection | None:
        if header.flags & (SYN | ACK | RST) != SYN or header.source_port == 0:
            return None
        listener = self._listener_for(ip.destination, header.destination_port)
        if listener is None:
            return None
        next_hop = layer.next_hop(ip.source, now)
        if listener.full or next_hop is None:
            if next_hop is not None and listener.config.syn_cookies and len(listener.accept_queue) < listener.backlog:
                self._send_cookie(layer, listener, header, ip, now)
            return None
        connection = self._new_connection(layer, ip.destination, header.destination_port, ip.source,
                                          header.source_port, next_hop, listener.config, listener, now)
        connection.owner = listener.owner
        connection.open_passive()
        listener.half_open[connection] = None
        return connection

    def _send_cookie(self, layer: Layer, listener: Listener, header: TcpHeader,
                     ip: ipv4.Ipv4Header | ipv6.Ipv6Header, now: int) -> None:
        """Answer a SYN without keeping anything of it."""
        listener.cookies_until = now + syn_cookies.LIFETIME
        self._count("tcp_syn_cookies_sent")
        key = (ip.source + ip.destination + header.source_port.to_bytes(2, "big")
               + header.destination_port.to_bytes(2, "big"))
        spare = Connection(self._config_over(layer, listener.config), now,
                           ts_offset=timestamp_offset(self._secret, key))
        spare.open_passive()
        t = syn_cookies.answer(spare, self._secret, key, header, now)
        frame = tcp_frame.build_frame(
            bytes(6), self.mac, ip.destination, ip.source, header.destination_port, header.source_port, t.seq, t.ack,
            t.flags, t.window, t.options, identification=self.next_identification(), ttl=layer.ttl,
            flow_label=flow_label(self._secret, key) if layer is self.ipv6 else 0)
        self._route("reset", layer, ip.source, frame, now)

    def _connection_for_cookie(self, layer: Layer, header: TcpHeader, ip: ipv4.Ipv4Header | ipv6.Ipv6Header,
                               key: bytes, now: int) -> Connection | None:
        """The connection of an ACK that brings a cookie back."""
        listener = self._listener_for(ip.destination, header.destination_port)
        if listener is None or listener.cookies_until <= now or header.flags & (ACK | RST) != ACK:
            return None
        syn = syn_cookies.syn_of(self._secret, key, header, now)
        next_hop = layer.next_hop(ip.source, now)
        if syn is None or next_hop is None:
            self._count("tcp_syn_cookies_failed")
            return None
        if len(listener.accept_queue) >= listener.backlog:
            return None
        self._count("tcp_syn_cookies_received")
        connection = self._new_connection(layer, ip.destination, header.destination_port, ip.source,
                                          header.source_port, next_hop, listener.config, listener, now)
        connection.owner = listener.owner
        connection.open_passive()
        listener.half_open[connection] = None
        syn_cookies.restore(connection, syn, header, now)
        return connection

    def _refuse(self, layer: Layer, header: TcpHeader, length: int, ip: ipv4.Ipv4Header | ipv6.Ipv6Header,
                now: int) -> None:
        """No connection takes this segment: RST (RFC 9293 §3.10.7.1), or silence if the backlog is full."""
        listener = self._listener_for(ip.destination, header.destination_port)
        if listener is not None and (header.flags & (SYN | ACK | RST) == SYN
                                     or (len(listener.accept_queue) >= listener.backlog
                                         and listener.cookies_until > now and not header.flags & RST)):
            self._count("tcp_listen_overflows")
            return
        reply = reset_for(header, length)
        if reply is None:
            self._count("tcp_resets_for_no_connection")
            return
        self._count("tcp_segments_refused")
        self._count("tcp_resets_sent")
        seq, ack, flags = reply
        frame = tcp_frame.build_frame(
            bytes(6), self.mac, ip.destination, ip.source, header.destination_port, header.source_port, seq, ack, flags,
            0, identification=self.next_identification(), ttl=layer.ttl)
        self._route("reset", layer, ip.source, frame, now)

    def _quoted_connection(self, quoted: QuotedError) -> Connection | None:
        return self._connections.get(quoted.destination + quoted.source + quoted.destination_port.to_bytes(2, "big")
                                     + quoted.source_port.to_bytes(2, "big"))

    def has_connection(self, quoted: QuotedError) -> bool:
        """Is an error (or redirect) about a connection that there is?"""
        return self._quoted_connection(quoted) is not None

    def icmp_about_tcp(self, layer: Layer, quoted: QuotedError, now: int) -> None:
        """An ICMP error about a segment of ours, by its word."""
        connection = self._quoted_connection(quoted)
        if connection is None:
            self._count("icmp_error_no_connection")
            return
        self._count("icmp_errors_received")
        if quoted.mtu is not None:
            mtu = quoted.mtu if layer is self.ipv6 else pmtu.from_quote(quoted.mtu, quoted.packet_bytes)
            if connection.path_mtu(mtu - layer.header_bytes - TCP_HEADER_BYTES, quoted.seq, now):
                self._path_mtu_learned(quoted.destination, mtu, now)
        else:
            connection.icmp_error(quoted.error, quoted.hard, quoted.seq, now)

    def _path_mtu_learned(self, destination: bytes, mtu: int, now: int) -> None:
        """Connections to come will know, for as long as RFC 1191 §6.3 has it."""
        self._path_mtus.pop(destination, None)
        if len(self._path_mtus) >= PATH_MTUS:
            del self._path_mtus[next(iter(self._path_mtus))]
        self._path_mtus[destination] = mtu, now + pmtu.RAISE_AFTER

    # -- output -------------------------------------------------------------------------------------------------------

    @property
    def may_send(self) -> bool:
        """False: `poll_transmit` has nothing to offer."""
        return bool(self._ready or self._control)

    def poll_transmit(self, now: int, max_payload: int = LARGEST_PAYLOAD) -> FrameTransmit | None:
        """What to send next; None if nothing. It stays on offer until `transmitted` or `defer`."""
        if self._control:
            return self._control[0]
        ready = self._ready
        while ready:
            connection = ready[0]
            binding = connection.binding
            transmit = connection.poll_transmit(now, max_payload)
            if transmit is None:
                ready.popleft()
                binding.ready = False
                self._schedule(connection)
                continue
            mac = binding.layer.lookup(binding.next_hop, now)
            if mac is None:
                ready.popleft()
                binding.ready = False
                binding.waiting = True
                self._clock = now
                binding.layer.resolve(binding.next_hop, now, connection)
                if self._control:
                    return self._control[0]
                continue
            return self._frame_transmit(connection, binding, transmit, mac)
        return None

    def _frame_transmit(self, connection: Connection, binding: Binding, transmit: Any, mac: bytes) -> FrameTransmit:
        frame = FrameTransmit("tcp")
        frame.connection = connection
        frame.transmit = transmit
        frame.offset = transmit.offset
        frame.length = transmit.length
        frame.mss = transmit.mss
        frame.retransmission = transmit.retransmission
        frame.source_mac = self.mac
        frame.destination_mac = mac
        frame.source = binding.local_address
        frame.destination = binding.remote_address
        frame.source_port = binding.local_port
        frame.destination_port = binding.remote_port
        frame.identification = self._identification
        config = connection.config
        frame.ttl = config.ttl or binding.layer.ttl
        frame.dscp = config.dscp << 2
        frame.flow_label = binding.flow_label
        if not transmit.length:
            frame.frame = tcp_frame.build_frame(
                mac, self.mac, binding.local_address, binding.remote_address, binding.local_port, binding.remote_port,
                transmit.seq, transmit.ack, transmit.flags, transmit.window, transmit.options, b"",
                self._identification, frame.dscp, transmit.urgent, frame.ttl, frame.flow_label)
        return frame

    def transmitted(self, frame: FrameTransmit, now: int) -> None:
        """`frame`, the last that was polled, is on its way."""
        connection = frame.connection
        if connection is None:
            if self._control and self._control[0] is frame:
                self._control.popleft()
            self._charge("ack_output" if frame.kind == "reset" else frame.kind, 1)
            return
        transmit = frame.transmit
        connection.transmitted(transmit, now)
        self._identification = (self._identification + transmit.segments) & 0xFFFF
        self._charge("tcp_output" if transmit.length else "ack_output", 1)
        self._yield_turn(connection)
        self._schedule(connection)

    def defer(self, frame: FrameTransmit) -> None:
        """`frame`, the last that was polled, cannot leave now: others first. Offered again in its turn.

        A caller that has deferred everything stops polling until it can take more.
        """
        if frame.connection is not None:
            self._yield_turn(frame.connection)

    def _yield_turn(self, connection: Connection) -> None:
        if self._ready and self._ready[0] is connection:
            self._ready.rotate(-1)

    # -- time ---------------------------------------------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """When `timeout` must be called next, or None."""
        timers = self._timers
        earliest = None
        while timers:
            deadline, _, connection = timers[0]
            binding = connection.binding
            if binding.scheduled != deadline:
                heapq.heappop(timers)
                self._stale = max(self._stale - 1, 0)
                continue
            # The connection's own deadline may have moved since: an entry only follows when it comes to the top.
            actual = connection.next_deadline()
            if actual is None or actual > deadline:
                heapq.heappop(timers)
                binding.scheduled = None
                self._schedule(connection)
                continue
            earliest = deadline
            break
        for layer in (self.ipv4, self.ipv6):
            if layer is not None:
                other = layer.next_deadline()
                if other is not None and (earliest is None or other < earliest):
                    earliest = other
        return earliest

    def timeout(self, now: int) -> None:
        """The clock has reached `now`."""
        self._clock = now
        self.ipv4.timeout(now)
        if self.ipv6 is not None:
            self.ipv6.timeout(now)
        timers = self._timers
        while timers and timers[0][0] <= now:
            deadline, _, connection = heapq.heappop(timers)
            binding = connection.binding
            if binding.scheduled != deadline:
                self._stale = max(self._stale - 1, 0)
                continue
            binding.scheduled = None
            connection.timeout(now)
            self._schedule(connection)

    def _schedule(self, connection: Connection) -> None:
        deadline = connection.next_deadline()
        binding = connection.binding
        if deadline is not None and (binding.scheduled is None or deadline < binding.scheduled):
            if binding.scheduled is not None:
                self._abandon_timer()
            binding.scheduled = deadline
            self._timer_serial += 1
            heapq.heappush(self._timers, (deadline, self._timer_serial, connection))

    def _abandon_timer(self) -> None:
        """An entry of `_timers` became useless. It would keep its connection until its time has come."""
        self._stale += 1
        if self._stale > 64 and 2 * self._stale > len(self._timers):
            self._timers[:] = [entry for entry in self._timers if entry[2].binding.scheduled == entry[0]]
            heapq.heapify(self._timers)
            self._stale = 0

    # -- bookkeeping --------------------------------------------------------------------------------------------------

    def _new_connection(self, layer: Layer, local: bytes, local_port: int, remote: bytes, remote_port: int,
                        next_hop: bytes, config: TcpConfig, listener: Listener | None, now: int) -> Connection:
        key = remote + local + remote_port.to_bytes(2, "big") + local_port.to_bytes(2, "big")
        if key in self._connections:
            raise CallError(errno.EADDRINUSE, "the connection exists already")
        connection = Connection(self._config_over(layer, config), now,
                                initial_sequence_number(self._secret, key, now), count=self._count,
                                ts_offset=timestamp_offset(self._secret, key))
        label = flow_label(self._secret, key) if layer is self.ipv6 else 0
        connection.binding = Binding(key, layer, local, local_port, remote, remote_port, next_hop, listener, label)
        connection.changed = self._connection_changed
        if remote in self._path_mtus:
            mtu, until = self._path_mtus[remote]
            if now < until:
                pmtu.known(connection, mtu - layer.header_bytes - TCP_HEADER_BYTES, until)
        self._connections[key] = connection
        return connection

    def _config_over(self, layer: Layer, config: TcpConfig) -> TcpConfig:
        """The settings of a connection: over IPv6 the larger header comes off the link's MTU."""
        if layer is not self.ipv6:
            return config
        most = layer.mtu - layer.header_bytes - TCP_HEADER_BYTES
        return config.but(mss=min(config.mss, most), ip_header_bytes=layer.header_bytes)

    def _connection_changed(self, connection: Connection) -> None:
        """A connection was called: pass its events on, let it send, and mind its deadline."""
        binding = connection.binding
        if binding.delivering:
            return  # called from within `deliver`: the outer call goes on
        binding.delivering = True
        try:
            while events := connection.events():
                for event in events:
                    self._event(connection, binding, event)
        finally:
            binding.delivering = False
        if not binding.ready and not binding.waiting:
            binding.ready = True
            self._ready.append(connection)
        self._schedule(connection)

    def _event(self, connection: Connection, binding: Binding, event: Event) -> None:
        kind = type(event)
        listener = binding.listener
        if kind is Closed:
            if self._connections.get(binding.key) is connection:
                del self._connections[binding.key]
            if binding.scheduled is not None:
                binding.scheduled = None
                self._abandon_timer()
            if listener is not None and not listener.closed(connection):
                self._count("tcp_half_open_failed")
                return
        elif listener is not None and connection in listener.half_open:
            if kind is not Established:
                return  # its owner does not know of it yet
            listener.established(connection)
        elif kind is DeliveryTrouble:
            binding.layer.doubt(binding.next_hop, self._clock)
        elif kind is Acknowledged and binding.layer is self.ipv6:
            binding.layer.confirm(binding.next_hop, connection.last_heard)
        self._deliver(connection, event)

    def resolved(self, connection: Connection) -> None:
        """The link-layer address for which a connection waited is known."""
        connection.binding.waiting = False
        connection.binding.rerouted = 0
        self._connection_changed(connection)

    def failed(self, connection: Connection, error: int = errno.EHOSTUNREACH) -> None:
        """It cannot be found out; perhaps there is another way."""
        binding = connection.binding
        binding.waiting = False
        hop = binding.layer.next_hop(binding.remote_address, self._clock)
        if (error == errno.EHOSTUNREACH and hop is not None and hop != binding.next_hop
                and binding.rerouted < MOST_REROUTES):
            binding.next_hop = hop
            binding.rerouted += 1
            self._connection_changed(connection)
        else:
            connection.unreachable(error, self._clock)

    def hops_changed(self, layer: Layer, now: int) -> None:
        """Routes are not what they were: connections take the ways that there are now."""
        for connection in list(self._connections.values()):
            binding = connection.binding
            if binding.layer is not layer or binding.waiting:
                continue
            hop = layer.next_hop(binding.remote_address, now)
            if hop is not None:
                binding.next_hop = hop

    def send_control(self, kind: str, frame: bytes) -> None:
        """A complete frame that is to leave."""
        if len(self._control) >= CONTROL_QUEUE:
            self._count("control_queue_full")
            return
        self._control.append(FrameTransmit(kind, frame))

    def _route(self, kind: str, layer: Layer, destination: bytes, frame: bytes, now: int) -> None:
        next_hop = layer.next_hop(destination, now)
        if next_hop is None:
            self._count("ip_no_route")
            return
        layer.route(kind, next_hop, frame, now)

    def next_identification(self) -> int:
        """Of an IPv4 packet."""
        self._identification = (self._identification + 1) & 0xFFFF
        return self._identification

    def _ephemeral_port(self, local: bytes, remote: bytes, remote_port: int) -> int:
        span = EPHEMERAL_LAST - EPHEMERAL_FIRST + 1
        start = self._rng.randrange(span)
        suffix = remote_port.to_bytes(2, "big")
        for step in range(span):
            port = EPHEMERAL_FIRST + (start + step) % span
            key = remote + local + suffix + port.to_bytes(2, "big")
            if key not in self._connections and self._listener_for(local, port) is None:
                return port
        raise CallError(errno.EADDRNOTAVAIL, "every ephemeral port is taken")

    @staticmethod
    def _check_port(port: int) -> None:
        if not 1 <= port <= 65535:
            raise ValueError(f"port {port} not in 1..65535")
