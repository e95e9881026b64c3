"""HyStart++ (RFC 9406): leave the first slow start when the round-trip time grows, before anything is lost."""

MILLISECOND = 1_000_000
MIN_RTT_THRESH = 4 * MILLISECOND
MAX_RTT_THRESH = 16 * MILLISECOND
MIN_RTT_DIVISOR = 8
N_RTT_SAMPLE = 8
CSS_GROWTH_DIVISOR = 4
CSS_ROUNDS = 5


class HyStart:
    """Rounds are counted in bytes: one ends when what was outstanding at its begin is acknowledged. Times in ns."""

    __slots__ = ("baseline", "current", "last", "left", "rounds", "samples")

    def __init__(self) -> None:
        self.left = 0
        self.last: int | None = None
        """Least round-trip time of the round before."""
        self.current: int | None = None
        self.samples = 0
        self.rounds = 0
        """Rounds of conservative slow start (CSS) still to come; 0 in ordinary slow start."""
        self.baseline = 0

    def acknowledged(self, acked: int, flight: int, sample: int) -> tuple[int, bool]:
        """An ACK in slow start; `flight` was outstanding before it.

        Returns by how much growth is divided, and whether slow start is over.
        """
        self.left -= acked
        if self.left <= 0:
            self.left = flight - acked
            self.last, self.current, self.samples = self.current, None, 0
            if self.rounds:
                self.rounds -= 1
                if not self.rounds:
                    return CSS_GROWTH_DIVISOR, True
        if sample:
            self.samples += 1
            if self.current is None or sample < self.current:
                self.current = sample
            if self.samples >= N_RTT_SAMPLE:
                self._judge()
        return CSS_GROWTH_DIVISOR if self.rounds else 1, False

    def _judge(self) -> None:
        if self.rounds:
            if self.current < self.baseline:  # it was jitter: slow start goes on
                self.rounds = 0
        elif self.last is not None:
            threshold = max(MIN_RTT_THRESH, min(self.last // MIN_RTT_DIVISOR, MAX_RTT_THRESH))
            if self.current >= self.last + threshold:
                self.baseline = self.current
                self.rounds = CSS_ROUNDS
