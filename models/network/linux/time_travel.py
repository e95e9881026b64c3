"""Messages between User-Mode Linux and whoever owns its clock (include/uapi/linux/um_timetravel.h)."""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass

NEVER_NS = (1 << 63) - 1
"""Asked for by a guest that waits for no time at all."""
_LAYOUT = struct.Struct("<IIQ")
SIZE = _LAYOUT.size


class Op(enum.IntEnum):
    """enum um_timetravel_ops; the guest sends all but ACK, RUN and FREE_UNTIL."""

    ACK = 0
    START = 1
    REQUEST = 2
    """Let me run at this time; replaces any earlier request."""
    WAIT = 3
    """I do nothing until you let me run."""
    GET = 4
    """What time is it? The time stands in the ACK."""
    UPDATE = 5
    """This is my time now, while I run ahead as FREE_UNTIL allows."""
    RUN = 6
    FREE_UNTIL = 7
    """Times before this one need not be asked for."""
    GET_TOD = 8
    """Time of the day, in the ACK."""


@dataclass(frozen=True)
class Message:
    """struct um_timetravel_msg; time in nanoseconds. Every message but an ACK is answered with an ACK of its `seq`."""

    op: Op
    seq: int
    time_ns: int

    def to_bytes(self) -> bytes:
        return _LAYOUT.pack(self.op, self.seq, self.time_ns)

    @classmethod
    def from_bytes(cls, data: bytes) -> Message:
        """Raises ValueError, struct.error."""
        op, seq, time_ns = _LAYOUT.unpack(data)
        return cls(Op(op), seq, time_ns)
