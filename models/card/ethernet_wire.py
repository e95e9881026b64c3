"""The wire's side of the Ethernet controller, which the queue sets share: who sends next, and what has arrived.

Follows hdl/ethernet/transmit_merger.v and ethernet_mac.v.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from zlib import crc32

from models.card.ethernet_mac import MacControl
from models.card.timing import CardTiming
from models.kernel import Event, after, first, now, sleep_until
from models.network.ethernet_fcs import FCS_BYTES, RESIDUE, fcs

if TYPE_CHECKING:
    from models.card.ethernet_pause import ControlFrame
    from models.card.ethernet_transmit import Transmitter

_PREAMBLE_BYTES = 8
_GAP_BYTES = 12
_TAG_AT = 12
TAG_BYTES = 4


class Arrival:
    """A frame from the wire, and what the MAC finds out about it before a queue set sees it."""

    __slots__ = ("bad", "content", "control", "frame", "plain", "stripped", "tag")

    def __init__(self, frame: bytes, mac: MacControl) -> None:
        self.frame = frame
        self.bad = crc32(frame) != RESIDUE
        self.tag = _find_tag(frame, mac.vlan_type)
        """TCI of the VLAN tag."""
        self.stripped = self.tag is not None and mac.vlan_mode
        self.plain = frame[:_TAG_AT] + frame[_TAG_AT + TAG_BYTES :] if self.stripped else frame
        self.content = self.plain[:-FCS_BYTES]
        self.control: ControlFrame | None = None


def _find_tag(frame: bytes, vlan_type: bytes) -> int | None:
    """A frame that ends with its tag has none."""
    if frame[_TAG_AT : _TAG_AT + 2] != vlan_type or len(frame) <= _TAG_AT + TAG_BYTES:
        return None
    return int.from_bytes(frame[_TAG_AT + 2 : _TAG_AT + TAG_BYTES], "big")


class TransmitWire:
    """Sends the frames of all sets, whole and in turns; `receive` is called with each when it is out."""

    def __init__(self, timing: CardTiming, mac: MacControl, receive: Callable[[bytes, int, int], None]) -> None:
        self._timing = timing
        self._mac = mac
        self._receive = receive
        self.senders: Sequence[Transmitter] = ()
        self.line_free_ps = 0
        self._last = 1

    def reset(self) -> None:
        self._last = 1

    def _next(self) -> int | None:
        """Which set sends next: of two that have a frame, the one that did not send last."""
        ready = [index for index, sender in enumerate(self.senders) if sender.has_frame]
        if len(ready) > 1:
            return 1 - self._last
        return ready[0] if ready else None

    async def run(self) -> None:
        mac = self._mac
        wake = mac.transmit_wake
        while True:
            chosen = self._next()
            if mac.link and mac.pause_frames:
                frame, counter = mac.pause_frames.popleft()
                begin_ps, end_ps = await self._leave(frame + fcs(frame), now() + self._timing.pause_pipeline_ps)
                self._receive(frame + fcs(frame), begin_ps, end_ps)
                mac.pause_sent(counter)
            elif chosen is None or not mac.link:  # without a link frames wait
                wake.clear()
                await wake
            elif mac.paused_until_ps > now():
                wake.clear()
                await first(wake, after(mac.paused_until_ps - now()))
            else:
                self._last = chosen
                sender = self.senders[chosen]
                frame, ready_ps, size = sender.take()
                begin_ps, end_ps = await self._leave(frame, ready_ps, sender)
                sender.left(frame, size)
                self._receive(frame, begin_ps, end_ps)

    async def _leave(self, frame: bytes, ready_ps: int, sender: Transmitter | None = None) -> tuple[int, int]:
        """Begin of the preamble and end of the frame."""
        timing = self._timing
        begin_ps = max(ready_ps, self.line_free_ps, now())
        end_ps = begin_ps + (_PREAMBLE_BYTES + len(frame)) * timing.byte_ps
        self.line_free_ps = end_ps + self._mac.gap_bytes * timing.byte_ps
        if sender is not None:
            sender.leaving_until_ps = self.line_free_ps
        await sleep_until(end_ps)
        return begin_ps, end_ps


class ReceiveWire:
    """Tells `take` of each frame when its last byte has come."""

    def __init__(self, timing: CardTiming, take: Callable[[bytes], None]) -> None:
        self._timing = timing
        self._take = take
        self.line_free_ps = 0
        self.reset()

    def reset(self) -> None:
        """What is on its way in is lost."""
        self._arriving: deque[tuple[bytes, int]] = deque()
        self._arrives = Event()

    def enter(self, frame: bytes) -> None:
        """A frame comes to the receive pins as soon as those before it have passed."""
        begin_ps = max(now(), self.line_free_ps)
        end_ps = begin_ps + (_PREAMBLE_BYTES + len(frame)) * self._timing.byte_ps
        self.line_free_ps = end_ps + _GAP_BYTES * self._timing.byte_ps
        self._arriving.append((frame, end_ps))
        self._arrives.set()

    def loop(self, frame: bytes) -> None:
        """A frame that has just been sent comes back (hdl/ethernet/gmii_loopback.v)."""
        self._arriving.append((frame, now() + self._timing.loopback_ps))
        self._arrives.set()

    async def run(self) -> None:
        arriving = self._arriving
        while True:
            if not arriving:
                self._arrives.clear()
                await self._arrives
            frame, end_ps = arriving[0]
            await sleep_until(end_ps)
            arriving.popleft()
            self._take(frame)
