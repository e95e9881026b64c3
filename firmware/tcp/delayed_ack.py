"""When to acknowledge (RFC 9293 §3.8.6.3, RFC 5681 §4.2)."""

from .config import TcpConfig

SMALLEST_FULL_SEGMENT = 536
"""Segments smaller than this never count as full-sized."""


class DelayedAck:
    """Counts data that awaits an ACK: `now` asks for one at once, `deadline` at the latest then."""

    __slots__ = ("config", "deadline", "immediate", "largest_segment", "pending")

    def __init__(self, config: TcpConfig) -> None:
        self.config = config
        self.pending = 0
        self.largest_segment = min(SMALLEST_FULL_SEGMENT, config.mss)
        self.deadline: int | None = None
        self.immediate = False

    def data_arrived(self, length: int, now: int) -> None:
        """A segment of `length` bytes came in order."""
        if length > self.largest_segment:
            self.largest_segment = min(length, self.config.mss)
        self.pending += length
        if self.pending >= self.config.delayed_ack_segments * self.largest_segment:
            self.immediate = True
        elif self.deadline is None:
            self.deadline = now + self.config.delayed_ack

    def sent(self) -> None:
        """An ACK for everything has left."""
        self.pending = 0
        self.deadline = None
        self.immediate = False

    def timeout(self, now: int) -> None:
        """The clock has reached `now`."""
        if self.deadline is not None and now >= self.deadline:
            self.deadline = None
            self.immediate = True
