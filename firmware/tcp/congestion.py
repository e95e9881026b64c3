"""Congestion control: the interface and NewReno (RFC 5681, RFC 6582, RFC 3465)."""

from typing import Protocol

VALIDATION_PERIOD = 1_000_000_000
"""How long a window may go unused before it decays: the least RTO, ns."""


class CongestionControl(Protocol):
    """What the connection asks of an algorithm. All amounts in bytes."""

    cwnd: int
    ssthresh: int

    def established(self, mss: int, syn_was_lost: bool) -> None:
        """The segment size is known; set the initial window."""

    def acknowledged(self, acked: int, flight: int, now: int, rtt: int = 0, sample: int = 0) -> None:
        """New data acknowledged outside of recovery; `flight` was outstanding before.

        `rtt` is smoothed, `sample` the last one measured (ns; 0 if there is none).
        """

    def reduce(self, flight: int, now: int) -> None:
        """Congestion was found while `flight` was outstanding: set `ssthresh`; the caller brings `cwnd` there."""

    def enter_recovery(self, flight: int, now: int) -> None:
        """The third duplicate ACK without SACK: `reduce`, and `cwnd` counts the duplicates."""

    def duplicate_in_recovery(self) -> None:
        """A further duplicate ACK in recovery."""

    def partial_ack(self, acked: int) -> None:
        """In recovery, an ACK of some but not all."""

    def exit_recovery(self, flight: int, now: int) -> None:
        """An ACK of all that was outstanding when recovery began."""

    def timeout(self, flight: int, first: bool, now: int) -> None:
        """The retransmission timer expired; `first` if for the first time for this data."""

    def idle(self) -> None:
        """Nothing was sent for longer than an RTO."""

    def mss_changed(self, mss: int) -> None:
        """The path takes smaller segments now."""


class NewReno:
    """RFC 5681 with fast recovery of RFC 6582 and byte counting with L = 2 SMSS of RFC 3465."""

    __slots__ = ("_acked_in_avoidance", "_fraction", "_initial_segments", "_limit", "_used", "_used_since", "cwnd",
                 "initial_window", "mss", "ssthresh")

    def __init__(self, initial_segments: int = 10) -> None:
        self._initial_segments = initial_segments
        self._acked_in_avoidance = 0
        self._fraction = 0.0
        self._used = self._used_since = 0
        """Most that was outstanding since the window was last used to the full, and when that was."""
        self.mss = self._limit = 536
        self.cwnd = self.initial_window = self.mss
        self.ssthresh = 1 << 30

    def established(self, mss: int, syn_was_lost: bool) -> None:
        self.mss = mss
        self._limit = 2 * mss
        segments = self._initial_segments
        self.initial_window = min(segments * mss, max(2 * mss, segments * 1460))
        self.cwnd = mss if syn_was_lost else self.initial_window

    def acknowledged(self, acked: int, flight: int, now: int, rtt: int = 0, sample: int = 0) -> None:
        if 2 * flight < self.cwnd:
            self.unused(flight, now)
            return
        self._used, self._used_since = 0, now
        if self.cwnd < self.ssthresh:
            self.slow_start(acked, flight, sample)
            return
        self._limit = 2 * self.mss
        self.avoidance(acked, now, rtt)

    def slow_start(self, acked: int, flight: int, sample: int) -> None:
        """Grow in slow start."""
        self.cwnd += min(acked, self._limit)

    def unused(self, flight: int, now: int) -> None:
        """The window was not what held the sender back: no growth, and less of it after a while (RFC 2861 §3.2)."""
        self._used = max(self._used, flight)
        if now - self._used_since >= VALIDATION_PERIOD and self.cwnd > self.initial_window:
            self.ssthresh = max(self.ssthresh, self.cwnd - self.cwnd // 4)
            self.cwnd = max((self.cwnd + self._used) // 2, self.initial_window)
            self._used, self._used_since = 0, now

    def avoidance(self, acked: int, now: int, rtt: int) -> None:
        """Grow in congestion avoidance."""
        self._acked_in_avoidance += acked
        if self._acked_in_avoidance >= self.cwnd:
            self._acked_in_avoidance -= self.cwnd
            self.cwnd += self.mss

    def reduce(self, flight: int, now: int) -> None:
        self.ssthresh = max(flight // 2, 2 * self.mss)
        self._acked_in_avoidance = 0

    def enter_recovery(self, flight: int, now: int) -> None:
        self.reduce(flight, now)
        self.cwnd = self.ssthresh + 3 * self.mss

    def duplicate_in_recovery(self) -> None:
        self.cwnd += self.mss

    def partial_ack(self, acked: int) -> None:
        self.cwnd = max(self.cwnd - acked, 0)
        if acked >= self.mss or self.cwnd < self.mss:
            self.cwnd += self.mss

    def exit_recovery(self, flight: int, now: int) -> None:
        self.cwnd = min(self.ssthresh, max(flight, self.mss) + self.mss)

    def timeout(self, flight: int, first: bool, now: int) -> None:
        if first:
            self.reduce(flight, now)
        self.cwnd = self._limit = self.mss  # RFC 3465 §2.3: L = 1 SMSS in the slow start after a timeout
        self._acked_in_avoidance = 0

    def idle(self) -> None:
        if self.cwnd > self.initial_window:
            self.ssthresh = max(self.ssthresh, self.cwnd - self.cwnd // 4)  # RFC 2861: slow start leads back there
            self.cwnd = self.initial_window

    def mss_changed(self, mss: int) -> None:
        self.mss = mss
        self.cwnd = max(self.cwnd, mss)
