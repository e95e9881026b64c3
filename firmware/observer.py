"""What the firmware tells a timeline about itself; the default tells nobody."""

from __future__ import annotations

from typing import Any

TRACK = "HL-TCP"
"""Where the firmware's own loop shows what it does."""


class Observer:
    """Hook for a timeline: spans and instants on named tracks, times in picoseconds."""

    def span(self, track: str, name: str, begin_ps: int, end_ps: int, **arguments: Any) -> None:
        """Something that lasted."""

    def instant(self, track: str, name: str, time_ps: int, **arguments: Any) -> None:
        """Something that happened."""
