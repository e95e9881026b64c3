"""Names of the peers that may be at the other end of the link (`BenchSettings.peer`, `make sim PEER=`)."""

from __future__ import annotations

from pathlib import Path

PEERS = ("simulated", "lwip", "linux", "card", "replay")
REPLAY = "replay:"
"""What comes before the path of a capture."""
TAP_PEER = "tap"
"""This machine itself, for scenarios that need no sockets of their peer; on the command line only."""
TAP = "tap:"
"""What comes before the name of the network namespace that has the TAP interface."""
RECORDED = "recorded:"
"""What comes before the folder of a live run."""


def recording_of(peer: str) -> Path | None:
    """The capture that a replay peer plays; None for any other peer."""
    return Path(peer.removeprefix(REPLAY)) if peer.startswith(REPLAY) else None
