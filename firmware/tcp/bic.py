"""BIC (Xu, Harfoush, Rhee: Binary Increase Congestion Control, INFOCOM 2004)."""

from .congestion import NewReno

BETA = 0.8
LOW_WINDOW = 14
"""Segments; with less, the window behaves as Reno's."""
LARGEST_INCREMENT = 32
"""S_max: segments a round trip."""
SMALLEST_INCREMENT = 0.01
"""S_min."""


class Bic(NewReno):
    """Binary search for the window at which the last loss came, then slow probing beyond it."""

    __slots__ = ("_maximum",)

    def __init__(self, initial_segments: int = 10) -> None:
        super().__init__(initial_segments)
        self._maximum = 0.0

    def reduce(self, flight: int, now: int) -> None:
        window = self.cwnd
        if window < LOW_WINDOW * self.mss:
            self._maximum = float(window)
            super().reduce(flight, now)
            return
        self._maximum = window * (1 + BETA) / 2 if window < self._maximum else float(window)
        self.ssthresh = max(int(window * BETA), 2 * self.mss)

    def avoidance(self, acked: int, now: int, rtt: int) -> None:
        mss, cwnd = self.mss, self.cwnd
        if cwnd < LOW_WINDOW * mss:
            super().avoidance(acked, now, rtt)
            return
        if cwnd < self._maximum:
            step = (self._maximum - cwnd) / 2
        else:
            step = cwnd - self._maximum + mss  # max probing: slow start away from the old maximum
        step = min(max(step, SMALLEST_INCREMENT * mss), LARGEST_INCREMENT * mss)
        self._fraction += step * acked / cwnd
        whole = int(self._fraction)
        self._fraction -= whole
        self.cwnd += whole
