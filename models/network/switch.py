"""An Ethernet switch: learns addresses, stores frames and forwards them, drops what a port's queue cannot take."""

from __future__ import annotations

from models import kernel
from models.network.ethernet_fcs import is_good
from models.network.peer import PeerInterface

GROUP_BIT = 0x01
"""Of the first byte of a destination: multicast or broadcast."""


class Switch:
    """Use: `Link(host.wire, switch.port())` for each host, then `start()`.

    Two or more ports that send to one share its rate: the bottleneck, with `queue_frames` of room.
    """

    def __init__(self, rate_bps: int = 1_000_000_000, queue_frames: int = 128) -> None:
        """`rate_bps` of every port unless told otherwise; `queue_frames`: most that wait for a port to be free."""
        self._rate_bps = rate_bps
        self._queue_frames = queue_frames
        self.ports: list[SwitchPort] = []
        self._learned: dict[bytes, SwitchPort] = {}

    def port(self, rate_bps: int | None = None) -> SwitchPort:
        """One more port (`models.ports.WirePort`)."""
        port = SwitchPort(self, rate_bps or self._rate_bps, self._queue_frames)
        self.ports.append(port)
        return port

    def start(self) -> None:
        """Begin to forward."""
        for port in self.ports:
            kernel.spawn(port.run(), "switch port")

    def forward(self, came_by: SwitchPort, frame: bytes) -> None:
        """A whole frame with a right FCS has come in."""
        self._learned[frame[6:12]] = came_by
        known = None if frame[0] & GROUP_BIT else self._learned.get(frame[:6])
        for port in self.ports if known is None else (known,):
            if port is not came_by:
                port.queue(frame)


class SwitchPort(PeerInterface):
    """One port: what comes in is handed to the switch, what goes out waits for its turn."""

    def __init__(self, switch: Switch, rate_bps: int, queue_frames: int) -> None:
        super().__init__(rate_bps)
        self._switch = switch
        self._waiting: kernel.Queue[bytes] = kernel.Queue(queue_frames)
        self.dropped = 0
        """Frames for which the queue had no room."""

    def send(self, frame: bytes) -> None:
        """A frame has come in; a damaged one is dropped and counted (`fcs_errors`)."""
        if not is_good(frame):
            self.fcs_errors += 1
            return
        self.frames_received += 1
        self._switch.forward(self, frame)

    def queue(self, frame: bytes) -> None:
        """To be sent when the frames before it are."""
        if not self._waiting.put(frame):
            self.dropped += 1

    async def run(self) -> None:
        while True:
            frame = await self._waiting.get()
            await self.transmit(frame[:-4])
            await kernel.sleep_until(self.free_at_ps)


