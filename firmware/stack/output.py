"""Whose turn it is to send: connections one after another, complete frames (ARP, ICMP, RST) before them."""

from collections import deque
from collections.abc import Callable

from ..network import tcp_frame
from ..network.tcp_frame import FrameTransmit
from ..tcp.connection import Connection
from ..tcp.transmit import Transmit
from .binding import Binding, Layer

LARGEST_PAYLOAD = 65535 - 20 - 60
"""Payload of one TSO transmit: with the longest headers still an IP length."""
CONTROL_QUEUE = 256
"""Complete frames (ARP, ICMP, RST) that wait at most; more are dropped and counted."""


class Output:
    """What is to leave through one interface.

    schedule: a connection was asked, its deadline may be another; resolve: it waits for its next hop's link-layer
    address from now on.
    """

    def __init__(self, mac: bytes, charge: Callable[[str, int], None], count: Callable[[str], None],
                 schedule: Callable[[Connection], None], resolve: Callable[[Connection, int], None]) -> None:
        self.mac = mac
        self._charge = charge
        self._count = count
        self._schedule = schedule
        self._resolve = resolve
        self.ready: deque[Connection] = deque()
        """Connections that may have something to send."""
        self.control: deque[FrameTransmit] = deque()
        self.identification = 0
        """Counts for IPv4's Identification field."""

    def is_ready(self, connection: Connection) -> None:
        """It may have something to send: it gets its turn, once it has somewhere to send it."""
        binding = connection.binding
        if not binding.ready and not binding.waiting:
            binding.ready = True
            self.ready.append(connection)

    def poll(self, now: int, max_payload: int) -> FrameTransmit | None:
        """What to send next; None if nothing. It stays on offer until `transmitted` or `defer`."""
        if self.control:
            return self.control[0]
        ready = self.ready
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
                self._resolve(connection, now)
                if self.control:
                    return self.control[0]
                continue
            return self._frame_transmit(connection, binding, transmit, mac)
        return None

    def _frame_transmit(self, connection: Connection, binding: Binding, transmit: Transmit, mac: bytes,
                        ) -> FrameTransmit:
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
        frame.identification = self.identification
        config = connection.config
        frame.ttl = config.ttl or binding.layer.ttl
        frame.dscp = config.dscp << 2
        frame.flow_label = binding.flow_label
        if not transmit.length:
            frame.frame = tcp_frame.build_frame(
                mac, self.mac, binding.local_address, binding.remote_address, binding.local_port, binding.remote_port,
                transmit.seq, transmit.ack, transmit.flags, transmit.window, transmit.options, b"",
                self.identification, frame.dscp, transmit.urgent, frame.ttl, frame.flow_label)
        return frame

    def transmitted(self, frame: FrameTransmit, now: int) -> None:
        """`frame`, the last that was polled, is on its way."""
        connection = frame.connection
        if connection is None:
            if self.control and self.control[0] is frame:
                self.control.popleft()
            self._charge("ack_output" if frame.kind == "reset" else frame.kind, 1)
            return
        transmit = frame.transmit
        connection.transmitted(transmit, now)
        self.identification = (self.identification + transmit.segments) & 0xFFFF
        self._charge("tcp_output" if transmit.length else "ack_output", 1)
        if self.ready and self.ready[0] is connection:
            self.ready.rotate(-1)
        self._schedule(connection)

    def defer(self, frame: FrameTransmit) -> None:
        """`frame`, the last that was polled, cannot leave now: others first."""
        if self.ready and self.ready[0] is frame.connection:
            self.ready.rotate(-1)

    def send_control(self, kind: str, frame: bytes) -> None:
        """A complete frame that is to leave."""
        if len(self.control) >= CONTROL_QUEUE:
            self._count("control_queue_full")
            return
        self.control.append(FrameTransmit(kind, frame))

    def route(self, kind: str, layer: Layer, destination: bytes, frame: bytes, now: int) -> None:
        """A complete frame to an address; its link-layer address is filled in."""
        next_hop = layer.next_hop(destination, now)
        if next_hop is None:
            self._count("ip_no_route")
            return
        layer.route(kind, next_hop, frame, now)

    def next_identification(self) -> int:
        """Of an IPv4 packet that is no segment of a connection."""
        self.identification = (self.identification + 1) & 0xFFFF
        return self.identification
