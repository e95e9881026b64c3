"""Fifth step of SEGMENT ARRIVES: the ACK field (RFC 9293 §3.10.7.4, RFC 5681 §3.2, RFC 6582)."""

from typing import TYPE_CHECKING

from . import ecn, pmtu, sack_recovery, spurious
from .config import MILLISECOND
from .segment import ECE, TcpHeader
from .sequence import MASK
from .states import State

if TYPE_CHECKING:
    from .connection import Connection

DUPLICATE_ACK_THRESHOLD = 3


def handshake_acknowledged(c: "Connection", ack: int, header: TcpHeader, now: int) -> None:
    """Our SYN is acknowledged."""
    c.snd_una = ack
    c.rexmit_nxt = c.rexmit_end = ack
    c.recover = c.iss
    _measure(c, ack, 1, header, now)
    c.rtx.stop()
    c.rtx.retransmissions = 0


def _measure(c: "Connection", ack: int, flight: int, header: TcpHeader, now: int) -> None:
    """Round-trip time: of the timed segment, or by the timestamp that came back (RFC 7323 §4)."""
    if c.negotiated.timestamps and header.options.ts_ecr:
        elapsed = (c.timestamp(now) - header.options.ts_ecr) & MASK
        if elapsed < 1 << 31:
            # Several samples a round trip must weigh no more than one (RFC 7323 appendix G).
            c.rtx.sample(elapsed * MILLISECOND, -(-flight // (2 * c.negotiated.send_mss)))
    else:
        c.rtx.measured(ack, now)


def process(c: "Connection", seq: int, ack: int, header: TcpHeader, empty: bool, now: int) -> bool:
    """Take ACK and window of an acceptable segment of a synchronized state; False if the segment must be dropped.

    `seq`, `ack` are extended; `empty` means neither data nor FIN.
    """
    snd_una = c.snd_una
    window = header.window << c.negotiated.snd_wind_shift
    told = c.ecn is not None and header.flags & ECE and snd_una <= ack <= c.snd_nxt
    if told:
        ecn.echoed(c, ack, now)
        held = c.congestion.cwnd
    second = c.undo is not None and c.undo.awaits_second
    if ack > snd_una:
        if ack > c.snd_nxt:
            c.count("tcp_unacceptable_acks")
            c.challenge(now)
            return False
        if c.undo is not None:
            spurious.acknowledged(c, ack, header)
        if c.recovery is None:
            _new_acknowledged(c, ack, header, now)
        else:
            sack_recovery.acknowledged(c, ack, header, now)
            if c.undo is not None:
                spurious.settle(c, second)
            _advanced(c, ack, True, now)
    elif ack < snd_una:
        if ack < snd_una - c.max_snd_wnd:  # RFC 5961 §5.2
            c.count("tcp_unacceptable_acks")
            c.challenge(now)
            return False
        return True  # old, but the text may be good
    else:
        outstanding = c.snd_nxt > snd_una
        if c.undo is not None and c.recovery is None and empty and window == c.snd_wnd:
            spurious.duplicate(c)
        if outstanding and (c.probing or c.snd_wnd == 0):
            c.rtx.progress(now)  # the peer lives; a closed window may last (MUST-37)
        if c.recovery is not None:
            if header.options.sack or c.recovery.probe_end is not None:
                sack_recovery.acknowledged(c, ack, header, now)
                if c.undo is not None:
                    spurious.settle(c, second)
        elif outstanding and empty and window == c.snd_wnd and not c.probing:
            _duplicate(c, now)

    if told and c.congestion.cwnd > held and not c.in_recovery:
        c.congestion.cwnd = held  # an ACK that tells of congestion opens nothing

    # The window, from newer segments only (SND.WL1, SND.WL2). One that acknowledges more is newer whatever its sequence
    # number: to move SND.UNA and keep SND.WND would move the right edge beyond what the peer has offered.
    if ack > snd_una or c.snd_wl1 < seq or (c.snd_wl1 == seq and c.snd_wl2 <= ack):
        if window != c.snd_wnd:
            _window_changed(c, window, now)
        c.snd_wl1 = seq
        c.snd_wl2 = ack
    return True


def _window_changed(c: "Connection", window: int, now: int) -> None:
    grew = window > c.snd_wnd
    c.snd_wnd = window
    if window > c.max_snd_wnd:
        c.max_snd_wnd = window
    if not grew:
        return
    if c.probing:
        c.probing = False
        c.rtx.collapse()
        c.rtx.retransmissions = 0
        if c.snd_nxt > c.snd_una:
            # The probe (or what the window closed over) was not taken: send it now, not at the next RTO.
            if c.recovery is None:
                c.rexmit_nxt, c.rexmit_end = c.snd_una, c.snd_nxt
            else:
                c.rexmit_nxt = c.rexmit_end
                c.recovery.board.lose_all(renege=False)
            c.rtx.restart(now)
    if c.snd_nxt == c.snd_una:
        c.rtx.stop()  # the persist timer; output sets it again if needed


def _new_acknowledged(c: "Connection", ack: int, header: TcpHeader, now: int) -> None:
    acked = ack - c.snd_una
    flight = c.snd_nxt - c.snd_una
    c.snd_una = ack
    c.dupacks = 0
    _measure(c, ack, flight, header, now)
    restart = True
    if c.in_recovery:
        if ack >= c.recover:
            c.in_recovery = False
            c.congestion.exit_recovery(c.snd_nxt - ack, now)
        else:
            # Partial ACK: the next hole, and only the first of them restarts the timer (RFC 6582 §3.2, "Impatient").
            c.congestion.partial_ack(acked)
            c.rexmit_nxt, c.rexmit_end = ack, min(ack + c.negotiated.send_mss, c.snd_nxt)
            restart = not c.recovery_partial
            c.recovery_partial = True
    else:
        c.congestion.acknowledged(acked, flight, now, c.rtx.srtt or 0, c.rtx.latest)
    _advanced(c, ack, restart, now)


def _advanced(c: "Connection", ack: int, restart: bool, now: int) -> None:
    """SND.UNA has become `ack`."""
    rtx = c.rtx
    rtx.progress(now)
    c.soft_error = None
    if c.pmtu is not None and c.pmtu.probe is not None:
        pmtu.acknowledged(c)
    if c.rexmit_nxt < ack:
        c.rexmit_nxt = ack
        if c.rexmit_end < ack:
            c.rexmit_end = ack
    if ack == c.snd_nxt:
        rtx.stop()
    elif restart:
        rtx.restart(now)
    c.acknowledged(ack)
    if c.state is State.FIN_WAIT_1 and c.fin_acked:
        c.state = State.FIN_WAIT_2
        if c.released:
            c.lifetime = now + c.config.fin_wait_2


def _duplicate(c: "Connection", now: int) -> None:
    """A duplicate ACK as RFC 5681 §2 defines it: outstanding data, no data, same window, ACK = SND.UNA."""
    if c.in_recovery:
        c.congestion.duplicate_in_recovery()
        return
    c.dupacks += 1
    if c.dupacks == DUPLICATE_ACK_THRESHOLD and c.snd_una > c.recover:
        if c.pmtu is not None and c.pmtu.probe is not None:
            end = c.pmtu.probe[1]
            if pmtu.probe_lost(c):
                c.dupacks = 0
                c.rexmit_nxt, c.rexmit_end = c.snd_una, end
                return
        c.count("tcp_fast_retransmissions")
        c.congestion.enter_recovery(c.snd_nxt - c.snd_una, now)
        c.in_recovery = True
        if c.ecn is not None:
            ecn.reduced(c)
        c.recovery_partial = False
        c.recover = c.snd_nxt
        c.rexmit_nxt = c.snd_una
        c.rexmit_end = min(c.snd_una + c.negotiated.send_mss, c.snd_nxt)
