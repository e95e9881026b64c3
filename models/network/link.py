"""A full-duplex link between two Ethernet ports: delay, a rate, a queue, impairment, and taps for captures."""

from __future__ import annotations

import enum
import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from models import kernel
from models.network.ethernet_fcs import wire_bytes
from models.network.impairment import Fate, Impairment, Reorder
from models.ports import WirePort

LINE_RATE = 1_000_000_000
"""bit/s"""


class Direction(enum.Enum):
    """Which way a frame goes; end A is the card where there is only one."""

    A_TO_B = "a_to_b"
    B_TO_A = "b_to_a"


Tap = Callable[[bytes, int, Direction, "str | None"], None]
"""tap(frame with FCS, time of its last bit in ps, direction, comment)"""


@dataclass(frozen=True)
class LinkSettings:
    """One direction of a link."""

    delay_ps: int = 0
    """Time of flight."""
    rate_bps: int | None = None
    """None: the rate of the ports, which serialize by themselves. Otherwise frames are stored and forwarded at this
    rate, as through a switch or a slower path."""
    queue_frames: int | None = None
    """Most frames that wait before a slower path; one more is dropped. None: no limit."""

    def __post_init__(self) -> None:
        if self.delay_ps < 0:
            raise ValueError(f"delay of {self.delay_ps} ps")
        if self.rate_bps is not None and self.rate_bps <= 0:
            raise ValueError(f"rate of {self.rate_bps} bit/s")


@dataclass
class LinkStatistics:
    """One direction's counters, in frames (and bytes with FCS)."""

    sent: int = 0
    sent_bytes: int = 0
    delivered: int = 0
    delivered_bytes: int = 0
    lost: int = 0
    damaged: int = 0
    duplicated: int = 0
    reordered: int = 0
    queue_drops: int = 0


@dataclass
class _Held:
    frame: bytes
    duration_ps: int
    comment: str | None
    hold: Reorder
    passed: int = 0


class Link:
    """Joins two ports. Each direction has its settings and its impairment; `start` after the kernel runs.

    A frame's serialization is counted once. A port that serializes what it is given (a card's pins) gets a frame when
    its first bit would arrive; one that takes whole frames (`whole_frames` true: the simulated peer) when the last bit
    does. Ports tell of a frame at its end or, knowing its length, at its beginning. Between two cards without delay
    a frame is stored and forwarded: its beginning is known only when it has ended.
    """

    def __init__(
        self,
        a: WirePort,
        b: WirePort,
        a_to_b: LinkSettings | None = None,
        b_to_a: LinkSettings | None = None,
        impair_a_to_b: Impairment | None = None,
        impair_b_to_a: Impairment | None = None,
    ) -> None:
        """`b_to_a` is as `a_to_b` when not given."""
        a_to_b = a_to_b or LinkSettings()
        self.a_to_b = _Path(self, Direction.A_TO_B, a, b, a_to_b, impair_a_to_b or Impairment())
        self.b_to_a = _Path(self, Direction.B_TO_A, b, a, b_to_a or a_to_b, impair_b_to_a or Impairment())
        self.sent_taps: list[Tap] = []
        self.received_taps: list[Tap] = []
        self._to_tap: list[tuple[int, int, list[Tap], bytes, Direction, str | None]] = []
        self._tap_serial = 0
        self._tap_wake = kernel.Event()
        self._tapping: kernel.Task | None = None

    def start(self) -> None:
        """Begin to carry frames."""
        for path in (self.a_to_b, self.b_to_a):
            path.start()

    def statistics(self, direction: Direction) -> LinkStatistics:
        return (self.a_to_b if direction is Direction.A_TO_B else self.b_to_a).statistics

    @property
    def idle(self) -> bool:
        """Nothing is under way."""
        return self.a_to_b.idle and self.b_to_a.idle

    def tap_sent(self, tap: Tap) -> None:
        """Show `tap` each frame as it was sent, with what the link is about to do to it as comment."""
        self.sent_taps.append(tap)

    def tap_received(self, tap: Tap) -> None:
        """Show `tap` each frame as it arrives, with what the link has done to it as comment."""
        self.received_taps.append(tap)

    def show(self, taps: list[Tap], frame: bytes, time_ps: int, direction: Direction, comment: str | None) -> None:
        """Frames are shown in order of the times of their last bits, which may lie ahead."""
        if not taps:
            return
        self._tap_serial += 1
        heapq.heappush(self._to_tap, (time_ps, self._tap_serial, taps, frame, direction, comment))
        self._tap_wake.set()
        if self._tapping is None:
            self._tapping = kernel.spawn(self._run_taps(), "link taps")

    async def _run_taps(self) -> None:
        while True:
            if not self._to_tap:
                self._tap_wake.clear()
                await self._tap_wake
            time_ps = self._to_tap[0][0]
            if time_ps > kernel.now():
                self._tap_wake.clear()
                await kernel.first(self._tap_wake, kernel.after(time_ps - kernel.now()))
                continue
            time_ps, _, taps, frame, direction, comment = heapq.heappop(self._to_tap)
            for tap in taps:
                tap(frame, time_ps, direction, comment)


class _Path:
    """One direction."""

    def __init__(
        self,
        link: Link,
        direction: Direction,
        sender: WirePort,
        receiver: WirePort,
        settings: LinkSettings,
        impairment: Impairment,
    ) -> None:
        self.statistics = LinkStatistics()
        self.impairment = impairment
        self._link = link
        self._direction = direction
        self._receiver = receiver
        self._whole_frames = bool(getattr(receiver, "whole_frames", False))
        self._settings = settings
        self._arrived: kernel.Queue[tuple[bytes, int, int]] = kernel.Queue()
        self._free_at_ps = 0
        self._waiting: deque[int] = deque()
        self._on_the_way: kernel.Queue[tuple[int, int, bytes, str | None]] = kernel.Queue()
        self._delivering = 0
        self._entered_ps = 0
        self._held: list[_Held] = []
        sender.connect(self._sent)

    @property
    def idle(self) -> bool:
        return not self._delivering and not self._held

    def start(self) -> None:
        kernel.spawn(self._deliver(), f"link {self._direction.value}")

    def _sent(self, frame: bytes, begin_ps: int, end_ps: int) -> None:
        statistics, link = self.statistics, self._link
        statistics.sent += 1
        statistics.sent_bytes += len(frame)
        fate = self.impairment.fate(frame)
        if link.sent_taps:
            link.show(link.sent_taps, frame, end_ps, self._direction, fate.comment)
        duration_ps = end_ps - begin_ps
        if fate.unimpaired:
            self._carry(frame, begin_ps, duration_ps, None)
            if self._held:
                self._let_held_go(begin_ps + duration_ps)
            return
        self._count(fate)
        if fate.hold is not None:
            held = _Held(fate.frames[0], duration_ps, fate.comment, fate.hold)
            self._held.append(held)
            kernel.spawn(self._release_in_time(held), "link holds a frame")
            return
        for copy in fate.frames:
            self._carry(copy, begin_ps, duration_ps, fate.comment)
            begin_ps += duration_ps
        if fate.frames:
            self._let_held_go(begin_ps)

    def _count(self, fate: Fate) -> None:
        self.statistics.lost += fate.lost
        self.statistics.damaged += fate.damaged
        self.statistics.duplicated += max(0, len(fate.frames) - 1)
        self.statistics.reordered += fate.hold is not None

    def _let_held_go(self, begin_ps: int) -> None:
        for held in list(self._held):
            held.passed += 1
            if held.passed >= held.hold.past:
                self._held.remove(held)
                self._carry(held.frame, begin_ps, held.duration_ps, held.comment)
                begin_ps += held.duration_ps

    async def _release_in_time(self, held: _Held) -> None:
        await kernel.sleep(held.hold.at_most_ps)
        if held in self._held:
            self._held.remove(held)
            self._carry(held.frame, kernel.now(), held.duration_ps, held.comment)

    def _carry(self, frame: bytes, begin_ps: int, duration_ps: int, comment: str | None) -> None:
        """Put a frame on the way; its first bit enters the link at `begin_ps`."""
        settings = self._settings
        if settings.rate_bps is not None:
            now_ps = kernel.now()
            while self._waiting and self._waiting[0] <= now_ps:
                self._waiting.popleft()
            if settings.queue_frames is not None and len(self._waiting) >= settings.queue_frames:
                self.statistics.queue_drops += 1
                return
            begin_ps = max(begin_ps + duration_ps, self._free_at_ps)
            duration_ps = wire_bytes(frame) * 8 * kernel.S // settings.rate_bps
            self._waiting.append(begin_ps)
        else:
            begin_ps = max(begin_ps, self._free_at_ps)
        self._free_at_ps = begin_ps + duration_ps
        self._delivering += 1
        begin_ps += settings.delay_ps
        hand_over_ps = begin_ps + duration_ps if self._whole_frames else begin_ps
        self._on_the_way.put((hand_over_ps, duration_ps, frame, comment))

    async def _deliver(self) -> None:
        while True:
            hand_over_ps, duration_ps, frame, comment = await self._on_the_way.get()
            await kernel.sleep_until(hand_over_ps)
            self.statistics.delivered += 1
            self.statistics.delivered_bytes += len(frame)
            if self._link.received_taps:
                last_bit_ps = kernel.now()
                if not self._whole_frames:  # pins that were told late still have the frame before in them
                    last_bit_ps = self._entered_ps = max(last_bit_ps, self._entered_ps) + duration_ps
                self._link.show(self._link.received_taps, frame, last_bit_ps, self._direction, comment)
            self._delivering -= 1
            self._receiver.send(frame)
