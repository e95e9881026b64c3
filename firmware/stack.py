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

from .network import ethernet, icmp, ipv4, tcp_frame
from .network.arp import ArpCache, ArpConfig
from .network.checksum import PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, checksum, pseudo_header_sum
from .network.counters import Counters
from .network.tcp_frame import FrameTransmit, segment_in_software
from .tcp import handoff, pmtu, syn_cookies
from .tcp.arrival import reset_for
from .tcp.config import TcpConfig
from .tcp.connection import CallError, Connection
from .tcp.events import Closed, DeliveryTrouble, Established, Event
from .tcp.isn import initial_sequence_number, timestamp_offset
from .tcp.listener import Listener
from .tcp.segment import ACK, RST, SYN, MalformedSegment, TcpHeader, parse_header
from .tcp.sequence import MASK, less_than
from .tcp.states import State

__all__ = ["Binding", "FrameTransmit", "Stack", "needs_whole_frame", "segment_in_software"]

EPHEMERAL_FIRST, EPHEMERAL_LAST = 49152, 65535
LARGEST_PAYLOAD = 65535 - 20 - 60
"""Payload of one TSO transmit: with the longest headers still an IP length."""
PATH_MTUS = 256
"""Most destinations whose path MTU is remembered; the oldest is forgotten."""
CONTROL_QUEUE = 256
"""Complete frames (ARP, ICMP, RST) that wait at most; more are dropped and counted."""


class Binding:
    """What the stack keeps with a connection: addresses (4 bytes each), ports, and its own bookkeeping."""

    __slots__ = ("delivering", "key", "listener", "local_address", "local_port", "next_hop", "ready", "remote_address",
                 "remote_port", "scheduled", "waiting")

    def __init__(self, key: bytes, local_address: bytes, local_port: int, remote_address: bytes, remote_port: int,
                 next_hop: bytes, listener: Listener | None) -> None:
        self.key = key
        self.local_address = local_address
        self.local_port = local_port
        self.remote_address = remote_address
        self.remote_port = remote_port
        self.next_hop = next_hop
        self.listener = listener
        self.ready = False
        self.waiting = False
        self.delivering = False
        self.scheduled: int | None = None


def _udp_problem(datagram: bytes, ip: ipv4.Ipv4Header) -> str | None:
    """Counter of a datagram that is dropped in silence (RFC 1122 §4.1.3.4)."""
    if len(datagram) < 8 or not 8 <= (length := int.from_bytes(datagram[4:6], "big")) <= len(datagram):
        return "udp_truncated"
    if datagram[6:8] == bytes(2):
        return None
    seed = pseudo_header_sum(ip.source, ip.destination, PROTOCOL_UDP, length)
    return "udp_checksum_error" if checksum(datagram[:length], seed) else None


def needs_whole_frame(head: bytes) -> bool:
    """Must `frame` be bytes for this frame? True for everything but TCP over IPv4."""
    return len(head) < 24 or head[12:14] != b"\x08\x00" or head[23] != PROTOCOL_TCP


class Stack:
    """One interface: a MAC address, an IPv4 address, ARP, ICMP and TCP.

    secret: key of the initial sequence numbers; rng: ephemeral ports. charge(category, count) receives what was done:
    'tcp_input', 'ack_input', 'tcp_output', 'ack_output', 'arp', 'icmp'.
    """

    def __init__(self, mac: str | bytes, address: str | bytes, prefix_length: int = 24,
                 gateway: str | bytes | None = None, *, secret: bytes = b"", rng: random.Random | None = None,
                 config: TcpConfig | None = None, arp_config: ArpConfig | None = None,
                 deliver: Callable[[Connection, Event], None] | None = None,
                 charge: Callable[[str, int], None] | None = None) -> None:
        self.mac = ethernet.mac(mac)
        self.network = ipv4.Network(address, prefix_length, gateway)
        self.config = config or TcpConfig()
        self.counters = Counters()
        self.events: deque[tuple[Connection, Event]] = deque()
        self._deliver = deliver or (lambda connection, event: self.events.append((connection, event)))
        self._charge = charge or (lambda category, count: None)
        self._count = self.counters.count
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
        self.arp = ArpCache(self.mac, self.network.address, arp_config or ArpConfig(), self._send_control,
                            self._arp_resolved, self._arp_failed, self._count)
        self._arp_clock = 0

    # -- application calls --------------------------------------------------------------------------------------------

    def listen(self, port: int, backlog: int = 16, config: TcpConfig | None = None,
               address: str | bytes | None = None, owner: Any = None) -> Listener:
        """Passive OPEN. CallError EADDRINUSE if the port is taken."""
        self._check_port(port)
        local = None if address is None else ipv4.address(address)
        if local is not None and local != self.network.address:
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
        remote = ipv4.address(remote)
        next_hop = self.network.next_hop(remote)
        if not self.network.valid_peer(remote) or next_hop is None:
            raise CallError(errno.ENETUNREACH, "no route")
        if local_port is None:
            local_port = self._ephemeral_port(remote, remote_port)
        else:
            self._check_port(local_port)
        connection = self._new_connection(remote, remote_port, local_port, next_hop, config or self.config, None, now)
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
        next_hop = self.network.next_hop(remote)
        if local != self.network.address:
            raise CallError(errno.EADDRNOTAVAIL, "not our address")
        if next_hop is None:
            raise CallError(errno.ENETUNREACH, "no route")
        key = remote + local + remote_port.to_bytes(2, "big") + local_port.to_bytes(2, "big")
        if key in self._connections:
            raise CallError(errno.EADDRINUSE, "the connection exists already")
        connection = handoff.import_connection(inner, now, self.config)
        connection.count = self._count
        connection.owner = owner
        connection.binding = Binding(key, local, local_port, remote, remote_port, next_hop, None)
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

        head: its first bytes, at least through the TCP header (or all of it). frame: the whole frame as anything with
        len() and slicing; the TCP payload is passed on as a slice of it. It must be bytes or a memoryview where
        `needs_whole_frame(head)`, or where checksum_ok is None. checksum_ok: what the hardware found of the IP and TCP
        checksums; None if it did not look. Anything malformed is dropped and counted.
        """
        if len(head) < ethernet.HEADER_BYTES:
            self._count("ethernet_truncated")
            return
        group = head[0] & 1
        if head[:6] != self.mac and not group:
            self._count("ethernet_not_for_us")
            return
        ethertype = head[12] << 8 | head[13]
        if ethertype == ethernet.TYPE_IPV4:
            try:
                self._ip_arrives(head, frame, now, checksum_ok, bool(group))
            except (ipv4.MalformedPacket, MalformedSegment) as malformed:
                self._count(malformed.counter)
        elif ethertype == ethernet.TYPE_ARP:
            self._charge("arp", 1)
            self.arp.packet_arrives(head, now)
        else:
            self._count("ethernet_unknown_type")

    def _ip_arrives(self, head: bytes, frame: Any, now: int, checksum_ok: bool | None, group: bool) -> None:
        ip = ipv4.parse_header(head, ethernet.HEADER_BYTES, len(frame), not checksum_ok)
        network = self.network
        if not network.valid_peer(ip.source):
            self._count("ip_bad_source")
            return
        if ip.destination != network.address:
            group = True
            if not network.is_broadcast(ip.destination) and not ipv4.is_multicast(ip.destination):
                self._count("ip_not_for_us")
                return
        if ip.protocol == PROTOCOL_TCP:
            if group:
                self._count("tcp_to_group")  # MUST-57
            else:
                self._tcp_arrives(head, frame, ip, now, checksum_ok)
            return
        if not isinstance(frame, bytes | bytearray | memoryview):
            self._count("frame_not_whole")
            return
        packet = bytes(frame[ethernet.HEADER_BYTES:ip.end])
        if ip.protocol == PROTOCOL_ICMP:
            self._charge("icmp", 1)
            self._icmp_arrives(packet[ip.payload - ethernet.HEADER_BYTES:], ip, now, group)
        elif group:
            self._count("ip_group_ignored")
        else:
            self._charge("icmp", 1)
            udp = ip.protocol == PROTOCOL_UDP
            if udp and (malformed := _udp_problem(packet[ip.payload - ethernet.HEADER_BYTES:], ip)):
                self._count(malformed)
                return
            self._count("udp_no_port" if udp else "ip_unknown_protocol")
            self._send_packet("icmp", ip.source, PROTOCOL_ICMP,
                              icmp.unreachable(icmp.PORT_UNREACHABLE if udp else 2, packet), now)

    def _tcp_arrives(self, head: bytes, frame: Any, ip: ipv4.Ipv4Header, now: int, checksum_ok: bool | None) -> None:
        start, end = ip.payload, ip.end
        if checksum_ok is None:
            checksum_ok = end - start < 20 or not checksum(frame[start:end], pseudo_header_sum(
                ip.source, ip.destination, PROTOCOL_TCP, end - start))
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
        if connection is None:
            connection = (self._connection_for_syn(header, ip, now) if header.flags & SYN
                          else self._connection_for_cookie(header, ip, key, now))
            if connection is None:
                self._refuse(header, len(payload), ip, now)
                return
        connection.segment_arrives(header, payload, now)

    def _reopens(self, connection: Connection, header: TcpHeader) -> bool:
        """A SYN newer than everything of the old incarnation ends TIME-WAIT early (RFC 6191, RFC 9293 MAY-2)."""
        if header.flags & (SYN | ACK | RST) != SYN or self._listener_for(header.destination_port) is None:
            return False
        ts_val = header.options.ts_val
        if ts_val is not None and connection.config.timestamps:
            if not connection.negotiated.timestamps or less_than(connection.ts_recent, ts_val):
                return True
            if ts_val != connection.ts_recent:
                return False
        return less_than(connection.rcv_nxt & MASK, header.seq)

    def _listener_for(self, port: int) -> Listener | None:
        return self._listeners.get((self.network.address, port)) or self._listeners.get((None, port))

    def _connection_for_syn(self, header: TcpHeader, ip: ipv4.Ipv4Header, now: int) -> Connection | None:
        if header.flags & (SYN | ACK | RST) != SYN or header.source_port == 0:
            return None
        listener = self._listener_for(header.destination_port)
        if listener is None:
            return None
        next_hop = self.network.next_hop(ip.source)
        if listener.full or next_hop is None:
            if next_hop is not None and listener.config.syn_cookies and len(listener.accept_queue) < listener.backlog:
                self._send_cookie(listener, header, ip, now)
            return None
        connection = self._new_connection(ip.source, header.source_port, header.destination_port, next_hop,
                                          listener.config, listener, now)
        connection.owner = listener.owner
        connection.open_passive()
        listener.half_open[connection] = None
        return connection

    def _send_cookie(self, listener: Listener, header: TcpHeader, ip: ipv4.Ipv4Header, now: int) -> None:
        """Answer a SYN without keeping anything of it."""
        listener.cookies_until = now + syn_cookies.LIFETIME
        self._count("tcp_syn_cookies_sent")
        key = (ip.source + ip.destination + header.source_port.to_bytes(2, "big")
               + header.destination_port.to_bytes(2, "big"))
        spare = Connection(listener.config, now, ts_offset=timestamp_offset(self._secret, key))
        spare.open_passive()
        t = syn_cookies.answer(spare, self._secret, key, header, now)
        frame = tcp_frame.build_frame(
            bytes(6), self.mac, ip.destination, ip.source, header.destination_port, header.source_port, t.seq, t.ack,
            t.flags, t.window, t.options, identification=self._next_identification())
        self._route("reset", ip.source, frame, now)

    def _connection_for_cookie(self, header: TcpHeader, ip: ipv4.Ipv4Header, key: bytes,
                               now: int) -> Connection | None:
        """The connection of an ACK that brings a cookie back."""
        listener = self._listener_for(header.destination_port)
        if listener is None or listener.cookies_until <= now or header.flags & (ACK | RST) != ACK:
            return None
        syn = syn_cookies.syn_of(self._secret, key, header, now)
        next_hop = self.network.next_hop(ip.source)
        if syn is None or next_hop is None:
            self._count("tcp_syn_cookies_failed")
            return None
        if len(listener.accept_queue) >= listener.backlog:
            return None
        self._count("tcp_syn_cookies_received")
        connection = self._new_connection(ip.source, header.source_port, header.destination_port, next_hop,
                                          listener.config, listener, now)
        connection.owner = listener.owner
        connection.open_passive()
        listener.half_open[connection] = None
        syn_cookies.restore(connection, syn, header, now)
        return connection

    def _refuse(self, header: TcpHeader, length: int, ip: ipv4.Ipv4Header, now: int) -> None:
        """No connection takes this segment: RST (RFC 9293 §3.10.7.1), or silence if the backlog is full."""
        listener = self._listener_for(header.destination_port)
        if listener is not None and (header.flags & (SYN | ACK | RST) == SYN
                                     or (len(listener.accept_queue) >= listener.backlog
                                         and listener.cookies_until > now and not header.flags & RST)):
            self._count("tcp_listen_overflows")
            return
        reply = reset_for(header, length)
        if reply is None:
            self._count("tcp_resets_for_no_connection")
            return
        self._count("tcp_resets_sent")
        seq, ack, flags = reply
        frame = tcp_frame.build_frame(
            bytes(6), self.mac, ip.destination, ip.source, header.destination_port, header.source_port, seq, ack, flags,
            0, identification=self._next_identification())
        self._route("reset", ip.source, frame, now)

    def _icmp_arrives(self, message: bytes, ip: ipv4.Ipv4Header, now: int, group: bool) -> None:
        if len(message) < icmp.HEADER_BYTES:
            self._count("icmp_truncated")
        elif checksum(message):
            self._count("icmp_checksum_error")
        elif message[0] == icmp.ECHO_REQUEST:
            if group:
                self._count("icmp_echo_to_group_ignored")
                return
            self._count("icmp_echo_replies")
            self._send_packet("icmp", ip.source, PROTOCOL_ICMP, icmp.echo_reply(message), now)
        elif message[0] in icmp.ERROR_TYPES:
            self._icmp_error(message, now)
        else:
            self._count("icmp_ignored")

    def _icmp_error(self, message: bytes, now: int) -> None:
        quoted = icmp.parse_error(message)
        if isinstance(quoted, str):
            self._count(quoted)
            return
        key = (quoted.destination + quoted.source + quoted.destination_port.to_bytes(2, "big")
               + quoted.source_port.to_bytes(2, "big"))
        connection = self._connections.get(key)
        if connection is None:
            self._count("icmp_error_no_connection")
            return
        self._count("icmp_errors_received")
        if quoted.mtu is not None:
            mtu = pmtu.from_quote(quoted.mtu, quoted.packet_bytes)
            if connection.path_mtu(mtu - pmtu.HEADER_BYTES, quoted.seq, now):
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
            mac = self.arp.lookup(binding.next_hop, now)
            if mac is None:
                ready.popleft()
                binding.ready = False
                binding.waiting = True
                self.arp.resolve(binding.next_hop, now, connection)
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
        if not transmit.length:
            frame.frame = tcp_frame.build_frame(
                mac, self.mac, binding.local_address, binding.remote_address, binding.local_port, binding.remote_port,
                transmit.seq, transmit.ack, transmit.flags, transmit.window, transmit.options,
                identification=self._identification, urgent=transmit.urgent)
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
        other = self.arp.next_deadline() if self.arp.asks else None
        if other is not None and (earliest is None or other < earliest):
            return other
        return earliest

    def timeout(self, now: int) -> None:
        """The clock has reached `now`."""
        self._arp_clock = now
        self.arp.timeout(now)
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

    def _new_connection(self, remote: bytes, remote_port: int, local_port: int, next_hop: bytes, config: TcpConfig,
                        listener: Listener | None, now: int) -> Connection:
        local = self.network.address
        key = remote + local + remote_port.to_bytes(2, "big") + local_port.to_bytes(2, "big")
        if key in self._connections:
            raise CallError(errno.EADDRINUSE, "the connection exists already")
        connection = Connection(config, now, initial_sequence_number(self._secret, key, now), count=self._count,
                                ts_offset=timestamp_offset(self._secret, key))
        connection.binding = Binding(key, local, local_port, remote, remote_port, next_hop, listener)
        connection.changed = self._connection_changed
        if remote in self._path_mtus:
            mtu, until = self._path_mtus[remote]
            if now < until:
                pmtu.known(connection, mtu - pmtu.HEADER_BYTES, until)
        self._connections[key] = connection
        return connection

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
            self.arp.forget(binding.next_hop)
        self._deliver(connection, event)

    def _arp_resolved(self, connection: Connection) -> None:
        connection.binding.waiting = False
        self._connection_changed(connection)

    def _arp_failed(self, connection: Connection) -> None:
        connection.binding.waiting = False
        connection.unreachable(errno.EHOSTUNREACH, self._arp_clock)

    def _send_control(self, kind: str, frame: bytes) -> None:
        if len(self._control) >= CONTROL_QUEUE:
            self._count("control_queue_full")
            return
        self._control.append(FrameTransmit(kind, frame))

    def _send_packet(self, kind: str, destination: bytes, protocol: int, payload: bytes, now: int) -> None:
        frame = (ethernet.build_header(bytes(6), self.mac, ethernet.TYPE_IPV4)
                 + ipv4.build_header(self.network.address, destination, protocol, len(payload),
                                     self._next_identification()) + payload)
        self._route(kind, destination, frame, now)

    def _route(self, kind: str, destination: bytes, frame: bytes, now: int) -> None:
        next_hop = self.network.next_hop(destination)
        if next_hop is None:
            self._count("ip_no_route")
            return
        mac = self.arp.lookup(next_hop, now)
        if mac is None:
            self.arp.resolve(next_hop, now, kind=kind, frame=frame)
        else:
            self._send_control(kind, mac + frame[6:])

    def _next_identification(self) -> int:
        self._identification = (self._identification + 1) & 0xFFFF
        return self._identification

    def _ephemeral_port(self, remote: bytes, remote_port: int) -> int:
        span = EPHEMERAL_LAST - EPHEMERAL_FIRST + 1
        start = self._rng.randrange(span)
        suffix = remote_port.to_bytes(2, "big")
        for step in range(span):
            port = EPHEMERAL_FIRST + (start + step) % span
            key = remote + self.network.address + suffix + port.to_bytes(2, "big")
            if key not in self._connections and self._listener_for(port) is None:
                return port
        raise CallError(errno.EADDRNOTAVAIL, "every ephemeral port is taken")

    @staticmethod
    def _check_port(port: int) -> None:
        if not 1 <= port <= 65535:
            raise ValueError(f"port {port} not in 1..65535")
