"""Urgent data (RFC 9293 §3.8.5, RFC 6093): a mark in the stream that overtakes the data before it.

The urgent pointer names the octet that follows the urgent data; one octet before it is what MSG_OOB means. Data itself
is never reordered here: the owner is told of the mark as soon as it is known (MUST-31, MUST-32) and reads on.
"""

from typing import TYPE_CHECKING

from .events import UrgentData
from .states import CAN_RECEIVE_DATA

if TYPE_CHECKING:
    from .connection import Connection

LARGEST_POINTER = 0xFFFF


def arrived(c: "Connection", seq: int, pointer: int) -> None:
    """Sixth step of SEGMENT ARRIVES: a segment with URG at `seq`. An old mark, or one that was read over, is none."""
    up = seq + pointer
    if not pointer or not CAN_RECEIVE_DATA[c.state] or up <= c.rcv_nxt - c.rcv_unread:
        return
    if c.rcv_up is None or up > c.rcv_up:
        c.rcv_up = up
        c.count("tcp_urgent_marks")
        c.emit(UrgentData(up - c.irs - 1))


def pointer(c: "Connection", seq: int) -> int:
    """The pointer of a segment at `seq`; 0 if it has no URG. SND.UP is forgotten when it is acknowledged."""
    if c.snd_una >= c.snd_up:
        c.snd_up = None
        return 0
    return min(max(c.snd_up - seq, 0), LARGEST_POINTER)
