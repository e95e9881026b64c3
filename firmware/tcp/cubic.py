"""CUBIC (RFC 9438): after a reduction the window grows by a cubic function of time, and never slower than Reno's."""

from .congestion import NewReno
from .hystart import HyStart

BETA = 0.7
C = 0.4
"""Segments a cubic second."""
RENO_ALPHA = 3 * (1 - BETA) / (1 + BETA)
SECOND = 1_000_000_000


class Cubic(NewReno):
    """Loss recovery and timeouts as NewReno has them; the first slow start has HyStart++."""

    __slots__ = ("_epoch", "_estimate", "_hystart", "_k", "_origin", "_prior", "_w_max")

    def __init__(self, initial_segments: int = 10, hystart: bool = True) -> None:
        super().__init__(initial_segments)
        self._hystart: HyStart | None = HyStart() if hystart else None
        self._forget()

    def _forget(self) -> None:
        self._epoch: int | None = None
        self._w_max = self._prior = self._k = self._origin = self._estimate = 0.0

    def slow_start(self, acked: int, flight: int, sample: int) -> None:
        if self._hystart is None:
            super().slow_start(acked, flight, sample)
            return
        divisor, over = self._hystart.acknowledged(acked, flight, sample)
        self.cwnd += min(acked, self._limit) // divisor
        if over:
            self.ssthresh = self.cwnd
            self._hystart = None

    def unused(self, flight: int, now: int) -> None:
        super().unused(flight, now)
        self._epoch = None  # time without use is no time of growth (RFC 9438 §5.8)

    def reduce(self, flight: int, now: int) -> None:
        # §4.6: the window itself rather than FlightSize, since it does not grow unused (`acknowledged`). Where ACKs
        # come faster than the link sends, as in slow start, FlightSize lags behind it.
        window = self.cwnd
        # Fast convergence (§4.7): a flow whose window shrinks leaves more to newcomers.
        self._w_max = window * (1 + BETA) / 2 if window < self._w_max else float(window)
        self._prior = float(window)
        self._epoch = self._hystart = None
        self.ssthresh = max(int(window * BETA), 2 * self.mss)

    def avoidance(self, acked: int, now: int, rtt: int) -> None:
        mss, cwnd = self.mss, self.cwnd
        if self._epoch is None:
            self._epoch = now
            self._estimate = float(cwnd)
            self._origin = max(self._w_max, float(cwnd))
            self._k = ((self._origin - cwnd) / mss / C) ** (1 / 3)
        elapsed = (now - self._epoch) / SECOND
        alpha = RENO_ALPHA if self._estimate < self._prior else 1.0
        self._estimate += alpha * mss * acked / cwnd
        if self._origin + C * (elapsed - self._k) ** 3 * mss < self._estimate:  # Reno-friendly region (§4.3)
            self.cwnd = max(cwnd, int(self._estimate))
            return
        target = self._origin + C * (elapsed + rtt / SECOND - self._k) ** 3 * mss
        target = min(max(target, cwnd), 1.5 * cwnd)
        self._fraction += (target - cwnd) * acked / cwnd
        whole = int(self._fraction)
        self._fraction -= whole
        self.cwnd += whole

    def idle(self) -> None:
        super().idle()
        self._epoch = None
