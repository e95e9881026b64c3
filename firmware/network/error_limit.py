"""How many ICMP errors leave (RFC 4443 §2.4 (f), RFC 1812 §4.3.2.8): a token bucket."""

RATE = 100
"""Errors a second."""
BURST = 50
_SECOND = 1_000_000_000


class ErrorLimit:
    """`admits(now)` takes a token if there is one; times in ns."""

    __slots__ = ("_level", "_updated")

    def __init__(self) -> None:
        self._level = BURST * _SECOND
        self._updated = 0

    def admits(self, now: int) -> bool:
        """May another error leave?"""
        self._level = min(BURST * _SECOND, self._level + max(0, now - self._updated) * RATE)
        self._updated = now
        if self._level < _SECOND:
            return False
        self._level -= _SECOND
        return True
