"""What a connection tells its owner."""

from dataclasses import dataclass
from typing import Any


class Event:
    """Base of all events."""

    __slots__ = ()


@dataclass(slots=True)
class Established(Event):
    """The handshake is complete; data flows."""


@dataclass(slots=True)
class DataArrived(Event):
    """Payload in order, at `offset` of the peer's stream. `consumed` must follow when the application has read it."""

    offset: int
    payload: Any


@dataclass(slots=True)
class Acknowledged(Event):
    """The peer has everything of our stream below `offset`: it may be freed, and the owner may send more."""

    offset: int


@dataclass(slots=True)
class UrgentData(Event):
    """The peer's urgent data ends before `offset` of its stream; the data arrives in line (RFC 9293 MUST-31)."""

    offset: int


@dataclass(slots=True)
class PeerClosed(Event):
    """The peer's FIN: its stream ends at `offset`, all of which has been delivered."""

    offset: int


@dataclass(slots=True)
class Error(Event):
    """The connection failed with an errno (`Closed` follows), or, when `fatal` is false, met a transient trouble."""

    errno: int
    fatal: bool = True


@dataclass(slots=True)
class DeliveryTrouble(Event):
    """R1 retransmissions without an answer: the next hop may be dead (RFC 9293 MUST-20)."""


@dataclass(slots=True)
class Closed(Event):
    """The connection exists no more (state CLOSED)."""
