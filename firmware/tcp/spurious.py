"""Was a retransmission timeout spurious? Eifel detection (RFC 3522) with timestamps, F-RTO (RFC 5682) without.

After the timeout only the first segment is sent again. Eifel: an ACK that echoes a timestamp from before answers the
first transmission. F-RTO: after the first ACK two segments of new data leave instead of retransmissions; if the next
ACK covers data that was sent once only, nothing was lost. The windows are then what they were before (RFC 4015).
"""

from typing import TYPE_CHECKING

from .segment import TcpHeader
from .sequence import difference

if TYPE_CHECKING:
    from .connection import Connection

NEW_SEGMENTS = 2
LARGEST_WINDOW_AFTER_LOSS = 3
"""Segments, when F-RTO finds the timeout was needed (RFC 5682 §2.1, step 3a)."""


class Timeout:
    """What was in force before a timeout, until it is known whether that was needed."""

    __slots__ = ("awaits_second", "cwnd", "evidence", "new_until", "recover", "ssthresh", "ts_val")

    def __init__(self, c: "Connection", now: int) -> None:
        self.cwnd = c.congestion.cwnd
        self.ssthresh = c.congestion.ssthresh
        self.ts_val = c.timestamp(now)
        """The timestamp of the first retransmission."""
        self.recover = c.snd_nxt
        self.awaits_second = False
        """New data was allowed to leave (up to `new_until`), retransmissions wait for the next ACK."""
        self.new_until = 0
        self.evidence = False
        """Data that was sent only once, before the timeout, was acknowledged or sacked."""


def acknowledged(c: "Connection", ack: int, header: TcpHeader) -> None:
    """An ACK of new data, before it is taken; with SACK its evidence is judged afterwards (`settle`)."""
    t = c.undo
    options = header.options
    if c.negotiated.timestamps and options.ts_ecr:
        c.undo = None
        if difference(options.ts_ecr, t.ts_val) < 0:
            _was_spurious(c, t)
    elif not t.awaits_second:
        room = min(c.snd_una + c.snd_wnd, c.snd_end) - c.snd_nxt
        if ack >= t.recover or room < c.negotiated.send_mss or not c.config.frto:
            c.undo = None
            return
        t.awaits_second = True
        t.evidence = False
        t.new_until = c.snd_nxt + NEW_SEGMENTS * c.negotiated.send_mss
        c.rexmit_nxt = c.rexmit_end
    elif c.recovery is None:
        c.undo = None
        _was_spurious(c, t)


def duplicate(c: "Connection") -> None:
    """An ACK that acknowledges nothing new, without SACK: the timeout was needed."""
    t = c.undo
    c.undo = None
    if t.awaits_second:
        c.rexmit_nxt, c.rexmit_end = c.snd_una, t.recover
        c.congestion.cwnd = min(c.congestion.cwnd, LARGEST_WINDOW_AFTER_LOSS * c.negotiated.send_mss)


def settle(c: "Connection", second: bool) -> None:
    """With SACK: the scoreboard has taken an ACK; `second` if it came after new data was allowed to leave."""
    t = c.undo
    if not second:
        t.evidence = False
    else:
        c.undo = None
        if t.evidence:
            _was_spurious(c, t)


def _was_spurious(c: "Connection", t: Timeout) -> None:
    c.count("tcp_spurious_timeouts")
    c.congestion.cwnd, c.congestion.ssthresh = t.cwnd, t.ssthresh
    c.rexmit_nxt = c.rexmit_end
    if c.recovery is not None:
        c.recovery.board.find_none_lost()
        c.recovery.in_loss = False
