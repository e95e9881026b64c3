"""One interface's TCP/IP stack: frames, calls and the time in; frames, events and deadlines out.

The same stack is HL-TCP on the card (payload stays in buffers, sent by TSO), the host's stack, and the simulated peer.

Input: `frame_arrives`. Output: `poll_transmit` offers one thing to send; it counts as sent when `transmitted` is called
for it, before the next poll. `defer` instead lets another connection go first. Connections take turns.
Time: call `timeout` when `next_deadline` comes. Times in ns.
Events go to `deliver(connection, event)`, or without one to the deque `events` as (connection, event).
"""

import errno
import random
from collections import deque
from collections.abc import Callable
from typing import Any

from ..network import ethernet, ipv4, ipv6
from ..network.arp import ArpCache, ArpConfig
from ..network.checksum import PROTOCOL_TCP
from ..network.counters import Counters
from ..network.icmp import QuotedError
from ..network.ipv4_layer import Ipv4Layer
from ..network.ipv6_layer import Ipv6Config, Ipv6Layer
from ..network.reassembly import ReassemblyConfig
from ..network.tcp_frame import FrameTransmit
from ..tcp import handoff, pmtu
from ..tcp.config import TcpConfig
from ..tcp.connection import CallError, Connection
from ..tcp.events import Acknowledged, Closed, DeliveryTrouble, Established, Event
from ..tcp.listener import Listener
from ..tcp.segment import MalformedSegment
from ..tcp.states import State
from .binding import Binding, Layer, connection_key
from .listeners import Listeners
from .output import LARGEST_PAYLOAD, Output
from .table import TCP_HEADER_BYTES, ConnectionTable
from .tcp_input import IpHeader, TcpInput
from .timers import ConnectionTimers

MOST_REROUTES = 4
"""Other routers that a connection tries when one does not answer, before it gives up."""


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
        self.frames_in = 0
        self.counters = Counters()
        self.events: deque[tuple[Connection, Event]] = deque()
        self._deliver = deliver or (lambda connection, event: self.events.append((connection, event)))
        self.charge = charge or (lambda category, count: None)
        self.count = self.counters.count
        self._clock = now
        """When a connection was last called by the time or waited for an address, ns."""
        self._reassembled: deque[bytes] = deque()
        self._take_reassembled = reassembled or self._reassembled.append
        self.timers = ConnectionTimers()
        self.listeners = Listeners()
        self.table = ConnectionTable(secret, rng or random.Random(0), self.listeners, self.count, self._changed)
        self.output = Output(self.mac, self.charge, self.count, self.timers.schedule, self._resolve)
        self.tcp_input = TcpInput(self.table, self.listeners, self.output, self.charge, self.count, self._changed)
        mtu = self.config.mss + 40
        limits = reassembly or ReassemblyConfig()
        self.ipv4 = Ipv4Layer(self.mac, self.network, arp_config or ArpConfig(), mtu, self, limits)
        self.ipv6 = None if ipv6 is None else Ipv6Layer(self.mac, ipv6, mtu, self, now, limits)

    @property
    def segments_in(self) -> int:
        """Segments that a connection took."""
        return self.tcp_input.segments_in

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
        listener = Listener(port, backlog, config or self.config, local, owner)
        self.listeners.add(listener)
        return listener

    def close_listener(self, listener: Listener, now: int) -> None:
        """No more connections; those that were not accepted are reset."""
        self.listeners.remove(listener)
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
            local_port = self.table.ephemeral_port(local, remote, remote_port)
        else:
            self._check_port(local_port)
        connection = self.table.create(layer, local, local_port, remote, remote_port, next_hop, config or self.config,
                                       None, now)
        connection.owner = owner
        connection.open_active(now)
        return connection

    def export_connection(self, connection: Connection, now: int) -> dict[str, Any]:
        """The connection and its addresses as data (`tcp.handoff`); it is not here any more, and nothing is sent.

        ValueError for one that is not established yet, or has no owner who took its events.
        """
        binding = connection.binding
        if connection.state < State.ESTABLISHED or self.table.connections.get(binding.key) is not connection:
            raise ValueError(f"{connection.state.name} cannot be handed over")
        connection.changed = None
        data = handoff.export_connection(connection, now)
        self.table.remove(connection)
        if binding.listener is not None:
            binding.listener.closed(connection)
        self.timers.forget(connection)
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
        if connection_key(remote, local, remote_port, local_port) in self.table.connections:
            raise CallError(errno.EADDRINUSE, "the connection exists already")
        connection = handoff.import_connection(inner, now, self.config)
        connection.owner = owner
        self.table.adopt(connection, layer, local, local_port, remote, remote_port, next_hop)
        self._changed(connection)
        return connection

    @property
    def connections(self) -> list[Connection]:
        """Every connection that is not CLOSED."""
        return list(self.table.connections.values())

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
            self.count("ethernet_truncated")
            return
        group = head[0] & 1
        if head[:6] != self.mac and not group:
            self.count("ethernet_not_for_us")
            return
        ethertype = head[12] << 8 | head[13]
        if ethertype == ethernet.TYPE_IPV4:
            layer = self.ipv4
        elif ethertype == ethernet.TYPE_IPV6 and self.ipv6 is not None:
            layer = self.ipv6
        elif ethertype == ethernet.TYPE_ARP:
            self.charge("arp", 1)
            self.ipv4.arp.packet_arrives(head, now)
            return
        else:
            self.count("ethernet_unknown_type")
            return
        try:
            layer.packet_arrives(head, frame, now, checksum_ok, bool(group))
        except (ipv4.MalformedPacket, MalformedSegment) as malformed:
            self.count(malformed.counter)
        while self._reassembled:
            whole = self._reassembled.popleft()
            self.frame_arrives(whole, whole, now)

    def reassembled(self, frame: bytes, now: int) -> None:
        """A layer has put fragments together: a frame that arrives."""
        self._take_reassembled(frame)

    def tcp_arrives(self, layer: Layer, head: bytes, frame: Any, ip: IpHeader, now: int,
                    checksum_ok: bool | None) -> None:
        """A layer has a segment to one of our addresses. Raises MalformedSegment."""
        self.tcp_input.arrives(layer, head, frame, ip, now, checksum_ok)

    def has_connection(self, quoted: QuotedError) -> bool:
        """Is an error (or redirect) about a connection that there is?"""
        return self.table.quoted(quoted) is not None

    def icmp_about_tcp(self, layer: Layer, quoted: QuotedError, now: int) -> None:
        """An ICMP error about a segment of ours, by its word."""
        connection = self.table.quoted(quoted)
        if connection is None:
            self.count("icmp_error_no_connection")
            return
        self.count("icmp_errors_received")
        if quoted.mtu is not None:
            mtu = quoted.mtu if layer is self.ipv6 else pmtu.from_quote(quoted.mtu, quoted.packet_bytes)
            if connection.path_mtu(mtu - layer.header_bytes - TCP_HEADER_BYTES, quoted.seq, now):
                self.table.path_mtu_learned(quoted.destination, mtu, now)
        else:
            connection.icmp_error(quoted.error, quoted.hard, quoted.seq, now)

    # -- output -------------------------------------------------------------------------------------------------------

    @property
    def may_send(self) -> bool:
        """False: `poll_transmit` has nothing to offer."""
        return bool(self.output.ready or self.output.control)

    def poll_transmit(self, now: int, max_payload: int = LARGEST_PAYLOAD) -> FrameTransmit | None:
        """What to send next; None if nothing. It stays on offer until `transmitted` or `defer`."""
        return self.output.poll(now, max_payload)

    def transmitted(self, frame: FrameTransmit, now: int) -> None:
        """`frame`, the last that was polled, is on its way."""
        self.output.transmitted(frame, now)

    def defer(self, frame: FrameTransmit) -> None:
        """`frame`, the last that was polled, cannot leave now: others first. Offered again in its turn.

        A caller that has deferred everything stops polling until it can take more.
        """
        self.output.defer(frame)

    def send_control(self, kind: str, frame: bytes) -> None:
        """A layer has a complete frame that is to leave."""
        self.output.send_control(kind, frame)

    def next_identification(self) -> int:
        """Of an IPv4 packet that is no segment of a connection."""
        return self.output.next_identification()

    # -- time ---------------------------------------------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """When `timeout` must be called next, or None."""
        earliest = self.timers.next_deadline()
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
        self.timers.timeout(now)

    # -- connections --------------------------------------------------------------------------------------------------

    def _changed(self, connection: Connection) -> None:
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
        self.output.is_ready(connection)
        self.timers.schedule(connection)

    def _event(self, connection: Connection, binding: Binding, event: Event) -> None:
        kind = type(event)
        listener = binding.listener
        if kind is Closed:
            self.table.remove(connection)
            self.timers.forget(connection)
            if listener is not None and not listener.closed(connection):
                self.count("tcp_half_open_failed")
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

    def _resolve(self, connection: Connection, now: int) -> None:
        self._clock = now
        connection.binding.layer.resolve(connection.binding.next_hop, now, connection)

    def resolved(self, connection: Connection) -> None:
        """The link-layer address for which a connection waited is known."""
        connection.binding.waiting = False
        connection.binding.rerouted = 0
        self._changed(connection)

    def failed(self, connection: Connection, error: int = errno.EHOSTUNREACH) -> None:
        """It cannot be found out; perhaps there is another way."""
        binding = connection.binding
        binding.waiting = False
        hop = binding.layer.next_hop(binding.remote_address, self._clock)
        if (error == errno.EHOSTUNREACH and hop is not None and hop != binding.next_hop
                and binding.rerouted < MOST_REROUTES):
            binding.next_hop = hop
            binding.rerouted += 1
            self._changed(connection)
        else:
            connection.unreachable(error, self._clock)

    def hops_changed(self, layer: Layer, now: int) -> None:
        """Routes are not what they were: connections take the ways that there are now."""
        for connection in list(self.table.connections.values()):
            binding = connection.binding
            if binding.layer is not layer or binding.waiting:
                continue
            hop = layer.next_hop(binding.remote_address, now)
            if hop is not None:
                binding.next_hop = hop

    @staticmethod
    def _check_port(port: int) -> None:
        if not 1 <= port <= 65535:
            raise ValueError(f"port {port} not in 1..65535")
