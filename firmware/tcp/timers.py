"""USER TIMEOUT, RETRANSMISSION TIMEOUT, TIME-WAIT TIMEOUT (RFC 9293 §3.10.8)."""

import errno
from typing import TYPE_CHECKING

from . import sack_recovery
from .events import DeliveryTrouble
from .states import State

if TYPE_CHECKING:
    from .connection import Connection


def timeout(c: "Connection", now: int) -> None:
    """Serve every deadline that has passed."""
    c.delayed_ack.timeout(now)
    if c.lifetime is not None and now >= c.lifetime:
        c.enter_closed()
        return
    if c.recovery is not None and c.recovery.deadline is not None and now >= c.recovery.deadline:
        sack_recovery.timeout(c, now)
    if c.rtx.deadline is not None and now >= c.rtx.deadline:
        c.rtx.deadline = None
        if c.snd_nxt > c.snd_una:
            _retransmission_timeout(c, now)
        else:
            _persist_timeout(c)


def _persist_timeout(c: "Connection") -> None:
    """Nothing is outstanding and the window (or SWS avoidance) holds data back (RFC 9293 §3.8.6.1)."""
    c.override_due = True
    if c.snd_wnd == 0:
        c.probing = True
        c.rtx.backoff()
        c.count("tcp_window_probes")


def _retransmission_timeout(c: "Connection", now: int) -> None:
    rtx = c.rtx
    handshake = c.state < State.ESTABLISHED
    if rtx.exhausted(now, c.config.r2_syn if handshake else c.config.r2):
        c.count("tcp_retransmission_limit")
        c.fail(errno.ETIMEDOUT if c.soft_error is None else c.soft_error)
        return
    rtx.retransmissions += 1
    rtx.timed_end = None
    rtx.backoff()
    rtx.restart(now)
    c.rexmit_nxt = c.snd_una
    if c.snd_wnd == 0 and not handshake and not c.in_recovery and c.snd_una < c.snd_end:
        # The window is closed over data in flight: that is no congestion; one byte asks whether it opened.
        c.probing = True
        c.rexmit_end = c.snd_una + 1
        c.count("tcp_window_probes")
        return
    c.count("tcp_retransmission_timeouts")
    if rtx.retransmissions == c.config.r1_retransmissions:
        c.emit(DeliveryTrouble())
    c.rexmit_end = c.snd_nxt
    if handshake:
        c.syn_retransmitted = True
        return
    if rtx.retransmissions == 1 and not c.in_recovery:
        c.undo = c.congestion.cwnd, c.congestion.ssthresh, c.timestamp(now)
    c.congestion.timeout(c.snd_nxt - c.snd_una, rtx.retransmissions == 1, now)
    c.recover = c.snd_nxt
    c.dupacks = 0
    c.in_recovery = False
    if c.recovery is not None:
        c.rexmit_nxt = c.rexmit_end  # the scoreboard says what to send again
        sack_recovery.retransmission_timeout(c)
