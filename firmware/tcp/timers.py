"""USER TIMEOUT, RETRANSMISSION TIMEOUT, TIME-WAIT TIMEOUT (RFC 9293 §3.10.8)."""

import errno
from typing import TYPE_CHECKING

from . import ecn, pmtu, sack_recovery
from .events import DeliveryTrouble
from .segment import ACK, RST
from .spurious import Timeout
from .states import State

if TYPE_CHECKING:
    from .connection import Connection


def timeout(c: "Connection", now: int) -> None:
    """Serve every deadline that has passed."""
    c.delayed_ack.timeout(now)
    if c.lifetime is not None and now >= c.lifetime:
        c.enter_closed()
        return
    if c.keepalive_deadline is not None and now >= c.keepalive_deadline:
        _keepalive(c, now)
    if c.recovery is not None and c.recovery.deadline is not None and now >= c.recovery.deadline:
        sack_recovery.timeout(c, now)
    if c.rtx.deadline is not None and now >= c.rtx.deadline:
        c.rtx.deadline = None
        if c.snd_nxt > c.snd_una:
            _retransmission_timeout(c, now)
        else:
            _persist_timeout(c)


def _keepalive(c: "Connection", now: int) -> None:
    """RFC 9293 §3.8.4. The deadline is not moved by every segment: it is looked at when it comes."""
    config = c.config
    due = c.last_heard + config.keepalive_idle
    if now < due or c.snd_nxt > c.snd_una:  # what is outstanding has a timer of its own
        c.keepalive_probes = 0
        c.keepalive_deadline = max(due, now + config.keepalive_interval)
        return
    silent = config.user_timeout and now - c.last_heard >= config.user_timeout and c.keepalive_probes
    if silent or (not config.user_timeout and c.keepalive_probes >= config.keepalive_count):
        c.count("tcp_keepalive_timeouts")
        c.reset_reply = (c.snd_nxt, c.rcv_nxt, RST | ACK)
        c.fail(errno.ETIMEDOUT)
        return
    c.count("tcp_keepalive_probes")
    c.keepalive_probes += 1
    c.keepalive_due = True
    c.keepalive_deadline = now + config.keepalive_interval


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
    user_timeout = c.config.user_timeout
    if (now - rtx.unanswered_since >= user_timeout if user_timeout and rtx.unanswered_since is not None
            else rtx.exhausted(now, c.config.r2_syn if handshake else c.config.r2)):
        c.count("tcp_retransmission_limit")
        c.fail(errno.ETIMEDOUT if c.soft_error is None else c.soft_error)
        return
    rtx.retransmissions += 1
    rtx.timed_end = None
    rtx.backoff()
    rtx.restart(now)
    if user_timeout and rtx.unanswered_since is not None:
        rtx.deadline = min(rtx.deadline, rtx.unanswered_since + user_timeout)
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
    beyond = rtx.retransmissions - c.config.r1_retransmissions
    if beyond >= 0 and not beyond & 1 and c.config.black_hole_detection:
        pmtu.timed_out(c, now)
    if c.pmtu is not None and c.pmtu.probe is not None:
        pmtu.probe_lost(c)
        c.pmtu.probe = None
    c.rexmit_end = c.snd_nxt
    if handshake:
        c.syn_retransmitted = True
        return
    if c.undo is not None and c.undo.awaits_second:
        c.undo = None
    elif rtx.retransmissions == 1 and not c.in_recovery:
        c.undo = Timeout(c, now)
    if c.in_recovery:
        c.congestion.cwnd = c.congestion.ssthresh  # what recovery was bringing it to, not where it stood on the way
    c.congestion.timeout(c.snd_nxt - c.snd_una, rtx.retransmissions == 1, now)
    if c.ecn is not None:
        ecn.reduced(c)
    c.recover = c.snd_nxt
    c.dupacks = 0
    c.in_recovery = False
    if c.recovery is not None:
        c.rexmit_nxt = c.rexmit_end  # the scoreboard says what to send again
        sack_recovery.retransmission_timeout(c)
