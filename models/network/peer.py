"""The simulated peer: the TCP/IP stack on an ideal network interface, with BSD sockets for its applications."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from firmware.stack import Ipv6Config, Stack, segment_in_software
from firmware.tcp.config import TcpConfig
from models import kernel
from models.network.ethernet_fcs import is_good, with_fcs
from models.network.peer_socket import PeerSocket

PREAMBLE_BYTES = 8
GAP_BYTES = 12


@dataclass(frozen=True)
class PeerSettings:
    """What can be chosen about a peer."""

    mac: str = "02:00:00:00:00:02"
    address: str = "10.0.0.2"
    prefix_length: int = 24
    gateway: str | None = None
    ipv6: Ipv6Config | None = None
    """None: the peer speaks IPv4 only."""
    tcp: TcpConfig = TcpConfig()
    rate_bps: int = 1_000_000_000
    send_buffer: int = 1 << 18
    """Bytes of a socket that are not acknowledged or not sent yet; `send` waits beyond."""
    largest_transmit: int = 16384
    """Payload handed to the interface at once."""


class Wire(Protocol):
    """What a stack sends its frames to and gets them from, all without FCS."""

    arrived: Callable[[bytes], None]

    async def transmit(self, frame: bytes) -> None:
        """Send a frame; returns when the next one may follow."""


class PeerInterface:
    """The peer's end of a link (`models.ports.WirePort`): no interrupt, no bus, no descriptors.

    It tells of a frame when its first bit leaves, and takes frames when their last bit has come.
    """

    whole_frames = True

    def __init__(self, rate_bps: int) -> None:
        self._rate_bps = rate_bps
        self._free_at_ps = 0
        self._receive: Callable[[bytes, int, int], None] = lambda frame, begin_ps, end_ps: None
        self.arrived: Callable[[bytes], None] = lambda frame: None
        self.frames_sent = 0
        self.frames_received = 0
        self.fcs_errors = 0

    @property
    def free_at_ps(self) -> int:
        """When the next frame may follow the last one."""
        return self._free_at_ps

    def connect(self, receive: Callable[[bytes, int, int], None]) -> None:
        self._receive = receive

    def send(self, frame: bytes) -> None:
        """A frame has arrived; a damaged one is dropped and counted."""
        if not is_good(frame):
            self.fcs_errors += 1
            return
        self.frames_received += 1
        self.arrived(frame[:-4])

    async def transmit(self, frame: bytes) -> None:
        """Send a frame (without FCS); returns when the next one may follow."""
        await kernel.sleep_until(self._free_at_ps)
        begin_ps = kernel.now()
        on_wire = with_fcs(frame)
        end_ps = begin_ps + self._duration_ps(PREAMBLE_BYTES + len(on_wire))
        self._free_at_ps = end_ps + self._duration_ps(GAP_BYTES)
        self.frames_sent += 1
        self._receive(on_wire, begin_ps, end_ps)

    def _duration_ps(self, count: int) -> int:
        return count * 8 * kernel.S // self._rate_bps


class Peer:
    """Use: `peer = Peer(seed=1)`; `peer.start()`; `sock = await peer.socket()`. Its end of the link is `peer.wire`.

    With another `wire` the stack stands on that: a network interface of a host, say.
    """

    def __init__(self, settings: PeerSettings | None = None, seed: int = 1, wire: Wire | None = None) -> None:
        self.settings = settings or PeerSettings()
        rng = random.Random(f"peer {seed}")
        self.wire: Any = wire if wire is not None else PeerInterface(self.settings.rate_bps)
        self.wire.arrived = self._frame_arrives
        self.stack = Stack(
            self.settings.mac,
            self.settings.address,
            self.settings.prefix_length,
            self.settings.gateway,
            secret=rng.randbytes(16),
            rng=rng,
            config=self.settings.tcp,
            deliver=self._deliver,
            ipv6=self.settings.ipv6,
        )
        self._something_to_send = kernel.Event()
        self._earlier_deadline = kernel.Event()
        self._armed_ns: int | None = None

    def start(self) -> None:
        """Begin to send and to keep time."""
        kernel.spawn(self._transmit(), "peer transmit")
        kernel.spawn(self._keep_time(), "peer timers")
        self.changed()

    async def ready(self) -> None:
        """Until applications may use it: at once."""

    async def finish(self, out: Path) -> None:
        """What is left to do at the end of a run, whose results are in `out`: nothing."""

    def drops(self) -> dict[str, int]:
        """What it has dropped, by cause, for the summary."""
        return {}

    def details(self) -> dict[str, Any]:
        """What else it has to say in the summary."""
        return {}

    async def socket(self) -> PeerSocket:
        """A TCP socket; takes no time, and is awaited as a host's is."""
        return PeerSocket(self)

    async def listen(self, port: int, backlog: int = 128) -> PeerSocket:
        """A listening socket on a port."""
        sock = await self.socket()
        await sock.bind(("", port))
        await sock.listen(backlog)
        return sock

    async def connect(self, address: tuple[str, int]) -> PeerSocket:
        """A connected socket."""
        sock = await self.socket()
        await sock.connect(address)
        return sock

    @staticmethod
    def now_ns() -> int:
        """The stack's clock."""
        return kernel.now() // kernel.NS

    def changed(self) -> None:
        """The stack was called: it may have something to send, or an earlier deadline."""
        self._something_to_send.set()
        deadline = self.stack.next_deadline()
        if deadline is not None and (self._armed_ns is None or deadline < self._armed_ns):
            self._earlier_deadline.set()

    def _frame_arrives(self, frame: bytes) -> None:
        self.stack.frame_arrives(frame, frame, self.now_ns())
        self.changed()

    def _deliver(self, connection: Any, event: Any) -> None:
        connection.owner.event(connection, event)

    async def _transmit(self) -> None:
        stack = self.stack
        while True:
            await self._something_to_send
            self._something_to_send.clear()
            while (offer := stack.poll_transmit(self.now_ns(), self.settings.largest_transmit)) is not None:
                payload = offer.connection.owner.payload(offer.offset, offer.length) if offer.length else b""
                frames = segment_in_software(offer, payload)
                stack.transmitted(offer, self.now_ns())
                self.changed()
                for frame in frames:
                    await self.wire.transmit(frame)

    async def _keep_time(self) -> None:
        while True:
            self._armed_ns = self.stack.next_deadline()
            self._earlier_deadline.clear()
            if self._armed_ns is None:
                await self._earlier_deadline
                continue
            wait_ps = self._armed_ns * kernel.NS - kernel.now()
            if wait_ps > 0:
                await kernel.first(self._earlier_deadline, kernel.after(wait_ps))
            if self._armed_ns <= self.now_ns():
                self.stack.timeout(self.now_ns())
                self.changed()
