"""A connection as data: export it here, import it there, and the peer notices nothing.

The data is a dict of numbers, texts, lists and dicts, with a version. Times are relative to the moment of the export,
so that the two sides need no common clock; our timestamps go on from their last value. Streams are counts: the owner
moves its buffers itself. Only payload that waits out of order is in the data, by reference.
"""

from dataclasses import asdict
from typing import Any

from .bic import Bic
from .config import MILLISECOND, TcpConfig
from .congestion import NewReno
from .connection import Connection
from .cubic import Cubic
from .delayed_ack import DelayedAck
from .ecn import Ecn
from .hystart import HyStart
from .options import Negotiated
from .pmtu import PathMtu
from .reassembly import ReassemblyQueue
from .retransmission import RetransmissionTimer
from .sack_blocks import SackBlocks
from .sack_recovery import SackRecovery
from .scoreboard import Record, Scoreboard
from .sequence import MASK
from .spurious import Timeout
from .states import State

VERSION = 1

NOT_MOVED = {
    Connection: {"_challenge_count", "_challenge_second", "_events", "binding", "changed", "config", "count", "owner",
                 "state", "ts_offset"},
    DelayedAck: {"config"},
    RetransmissionTimer: {"config"},
}
"""Attributes that are made anew, or told otherwise."""
TIMES = {
    Connection: {"keepalive_deadline", "last_heard", "last_send", "lifetime", "ts_recent_at"},
    Cubic: {"_epoch", "_used_since"},
    DelayedAck: {"deadline"},
    Bic: {"_used_since"},
    NewReno: {"_used_since"},
    PathMtu: {"raise_at"},
    Record: {"time"},
    RetransmissionTimer: {"deadline", "timed_since", "unanswered_since"},
    SackRecovery: {"deadline", "rack_time"},
}
"""Attributes that are moments, in ns."""
PARTS = {each.__name__: each for each in (
    Bic, Cubic, DelayedAck, Ecn, HyStart, Negotiated, NewReno, PathMtu, ReassemblyQueue, Record, RetransmissionTimer,
    SackBlocks, SackRecovery, Scoreboard, Timeout)}


def attributes(kind: type) -> list[str]:
    """What of an object of this class is moved."""
    slots = [slot for each in kind.__mro__ for slot in getattr(each, "__slots__", ())]
    return sorted(set(slots) - NOT_MOVED.get(kind, set()))


def export_connection(c: Connection, now: int) -> dict[str, Any]:
    """The data of a connection; afterwards it is CLOSED without anybody having been told.

    ValueError while there are events that the owner has not taken.
    """
    if c._events:
        raise ValueError("events of the connection wait to be taken")
    data = {"version": VERSION, "state": c.state.name, "timestamp": c.timestamp(now), "config": asdict(c.config),
            "tcb": _values(c, now)}
    c.state = State.CLOSED
    c.rtx.stop()
    c.delayed_ack.sent()
    c.lifetime = c.keepalive_deadline = c.recovery = c.reset_reply = None
    c.rexmit_nxt = c.rexmit_end
    return data


def import_connection(data: dict[str, Any], now: int, config: TcpConfig | None = None) -> Connection:
    """The connection that was exported; it shares `config` if that is what it had.

    ValueError for another version or what is no such data.
    """
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError(f"not a connection of version {VERSION}")
    try:
        settings = TcpConfig(**data["config"])
        c = Connection(config if settings == config else settings, now)
        _restore(c, data["tcb"], now)
        c.state = State[data["state"]]
        c.ts_offset = (data["timestamp"] - now // MILLISECOND) & MASK
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError(f"no data of a connection: {wrong!r}") from None
    c.rtx.config = c.delayed_ack.config = c.config
    return c


def _values(part: Any, now: int) -> dict[str, Any]:
    times = TIMES.get(type(part), ())
    values = {}
    for name in attributes(type(part)):
        value = getattr(part, name)
        values[name] = value - now if name in times and value is not None else _encoded(value, now)
    return values


def _encoded(value: Any, now: int) -> Any:
    if isinstance(value, list):
        return [_encoded(each, now) for each in value]
    if isinstance(value, tuple):
        return {"part": "tuple", "of": [_encoded(each, now) for each in value]}
    if type(value).__name__ in PARTS:
        return {"part": type(value).__name__, **_values(value, now)}
    return value


def _restore(part: Any, values: dict[str, Any], now: int) -> None:
    times = TIMES.get(type(part), ())
    for name in attributes(type(part)):
        value = values[name]
        setattr(part, name, value + now if name in times and value is not None else _decoded(value, now))


def _decoded(value: Any, now: int) -> Any:
    if isinstance(value, list):
        return [_decoded(each, now) for each in value]
    if isinstance(value, dict):
        if value["part"] == "tuple":
            return tuple(_decoded(each, now) for each in value["of"])
        part = object.__new__(PARTS[value["part"]])
        _restore(part, value, now)
        return part
    return value
