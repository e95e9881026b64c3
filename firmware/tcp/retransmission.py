"""The retransmission timer: RTT estimate, RTO and backoff (RFC 6298)."""

from .config import TcpConfig


class RetransmissionTimer:
    """RTO and its timer, all in ns. One segment at a time is measured, never one sent twice (Karn, MUST-18)."""

    __slots__ = ("config", "deadline", "latest", "retransmissions", "rto", "rttvar", "srtt", "timed_end", "timed_since",
                 "unanswered_since")

    def __init__(self, config: TcpConfig) -> None:
        self.config = config
        self.rto = config.rto_initial
        self.srtt: int | None = None
        self.rttvar = 0
        self.latest = 0
        """The last sample, without smoothing."""
        self.deadline: int | None = None
        self.timed_end: int | None = None
        """The measurement ends when this extended sequence number is acknowledged."""
        self.timed_since = 0
        self.retransmissions = 0
        """Expirations since the last progress."""
        self.unanswered_since: int | None = None
        """When that was sent which now awaits an answer; R2 counts from here."""

    def start_measurement(self, end: int, now: int) -> None:
        """A new segment ending at `end` has left; time it unless one is being timed."""
        if self.timed_end is None:
            self.timed_end = end
            self.timed_since = now

    def measured(self, ack: int, now: int) -> None:
        """`ack` is acknowledged: take the sample if it is one."""
        if self.timed_end is not None and ack >= self.timed_end:
            self.timed_end = None
            self.sample(now - self.timed_since)

    def sample(self, rtt: int, samples: int = 1) -> None:
        """RFC 6298 (2.2), (2.3); ends any backoff. `samples` are expected in a round trip and share its weight."""
        self.latest = rtt
        if self.srtt is None:
            self.srtt = rtt
            self.rttvar = rtt // 2
        else:
            self.rttvar += (abs(self.srtt - rtt) - self.rttvar) // (4 * samples)
            self.srtt += (rtt - self.srtt) // (8 * samples)
        self.collapse()

    def collapse(self) -> None:
        """RTO from the estimate, without backoff."""
        if self.srtt is None:
            self.rto = self.config.rto_initial
        else:
            rto = self.srtt + max(self.config.clock_granularity, 4 * self.rttvar)
            self.rto = min(max(rto, self.config.rto_min), self.config.rto_max)

    def backoff(self) -> None:
        """RFC 6298 (5.5)."""
        self.rto = min(self.rto * 2, self.config.rto_max)

    def start(self, now: int) -> None:
        """RFC 6298 (5.1): start unless running."""
        if self.unanswered_since is None:
            self.unanswered_since = now
        if self.deadline is None:
            self.deadline = now + self.rto

    def restart(self, now: int) -> None:
        """RFC 6298 (5.3)."""
        self.deadline = now + self.rto

    def stop(self) -> None:
        """RFC 6298 (5.2)."""
        self.deadline = None
        self.unanswered_since = None

    def progress(self, now: int) -> None:
        """The peer has answered: R1 and R2 count anew."""
        self.retransmissions = 0
        self.unanswered_since = now

    def exhausted(self, now: int, r2: int) -> bool:
        """Has nothing been heard for R2?"""
        return (self.unanswered_since is not None and now - self.unanswered_since >= r2
                and self.retransmissions >= self.config.r2_retransmissions)
