"""Loss detection and recovery with SACK: RACK-TLP (RFC 8985) finds what is lost, PRR (RFC 9937) paces its repair."""

from typing import TYPE_CHECKING

from . import ecn, pmtu
from .config import MILLISECOND
from .scoreboard import Record, Scoreboard
from .sequence import MASK, extend

if TYPE_CHECKING:
    from .connection import Connection
    from .segment import TcpHeader

DUPLICATE_THRESHOLD = 3
LARGEST_REORDERING_STEPS = 20
"""The reordering window is at most so many quarters of the least round trip (and the smoothed one)."""
REORDERING_PERSISTS = 16
"""Recoveries without a DSACK after which the reordering window is a quarter again (RFC 8985 §6.2)."""
FIRST_PROBE = 1000 * MILLISECOND
"""PTO without a round-trip time (RFC 8985 §7.2)."""


class SackRecovery:
    """The sender's state; times in ns, sequence numbers extended."""

    __slots__ = ("board", "deadline", "fack", "in_loss", "min_rtt", "probe_again", "probe_end", "probe_new",
                 "prr_delivered", "prr_flight", "prr_out", "rack_end", "rack_rtt", "rack_time", "reordering_persist",
                 "reordering_round", "reordering_seen", "reordering_steps", "waits_for_reordering")

    def __init__(self, snd_una: int) -> None:
        self.board = Scoreboard()
        self.deadline: int | None = None
        """End of the reordering window, or the probe timeout (PTO)."""
        self.waits_for_reordering = False
        self.in_loss = False
        """After an RTO, until everything sent before it is acknowledged."""
        self.fack = snd_una
        self.min_rtt = 0
        self.rack_time = self.rack_rtt = 0
        self.rack_end = snd_una
        self.reordering_seen = False
        self.reordering_steps = 1
        self.reordering_persist = 0
        self.reordering_round: int | None = None
        self.probe_end: int | None = None
        """SND.NXT when the probe was sent, until it is known what became of it."""
        self.probe_again = False
        """The probe was a retransmission."""
        self.probe_new = False
        """New data may leave as a probe, whatever the congestion window says."""
        self.prr_delivered = self.prr_flight = self.prr_out = 0


def pipe(c: "Connection") -> int:
    """Bytes in the network."""
    board = c.recovery.board
    return c.snd_nxt - c.snd_una - board.sacked - board.lost


def acknowledged(c: "Connection", ack: int, header: "TcpHeader", now: int) -> None:
    """An ACK of new data, or one with SACK blocks. SND.UNA becomes `ack`."""
    r = c.recovery
    board = r.board
    before = pipe(c)
    acked = ack - c.snd_una
    delivered = 0
    if acked:
        c.snd_una = ack
        delivered = _take_acknowledged(c, r, board.acknowledged(ack), before, header, now)
    duplicate = False
    if header.options.sack:
        for number, (left, right) in enumerate(header.options.sack):
            start, end = extend(left, ack), extend(right, ack)
            if start >= end or end > c.snd_nxt or (number and start < ack):
                c.count("tcp_bogus_sack_blocks")
            elif number == 0 and (start < ack or _inside_second(header, start, end, ack)):
                duplicate = True
            else:
                for record in board.sack(start, end):
                    if c.undo is not None and not record.again and record.end <= c.undo.recover:
                        c.undo.evidence = True
                    delivered += record.end - record.start
                    _rack_update(r, record, now)
    if duplicate:
        _duplicate_told(c, r)
    if r.probe_end is not None and ack >= r.probe_end:
        _probe_acknowledged(c, r, ack, acked, duplicate, before, now)
    if r.in_loss and ack >= c.recover:
        r.in_loss = False
    if c.in_recovery and ack >= c.recover:
        c.in_recovery = False
        c.congestion.cwnd = c.congestion.ssthresh
        if r.reordering_persist:
            r.reordering_persist -= 1
            if not r.reordering_persist:
                r.reordering_steps = 1
    elif acked and not c.in_recovery:
        c.congestion.acknowledged(acked, before, now, c.rtx.srtt or 0, c.rtx.latest)
    more_lost = False
    if board.sacked or r.in_loss or c.in_recovery:
        more_lost = detect_losses(c, now, delivered)
    else:
        r.deadline = None
    if c.in_recovery:
        _pace(c, r, delivered, safe=acked > 0 and not more_lost)
    arm_probe(c, now)


def _take_acknowledged(c: "Connection", r: SackRecovery, taken: list[Record], flight: int, header: "TcpHeader",
                       now: int) -> int:
    """Records below the cumulative ACK: round-trip time, RACK; returns the bytes that were not sacked before."""
    delivered = 0
    oldest: int | None = None
    again = False
    for record in taken:
        if record.sacked:
            continue
        delivered += record.end - record.start
        if record.again:
            again = True
        else:
            if oldest is None:
                oldest = record.time
            if c.undo is not None and record.end <= c.undo.recover:
                c.undo.evidence = True
        _rack_update(r, record, now)
    samples = -(-flight // (2 * c.negotiated.send_mss)) or 1
    if again or oldest is None:  # Karn, but for a timestamp that tells which transmission was answered
        if again and c.negotiated.timestamps and header.options.ts_ecr:
            elapsed = (c.timestamp(now) - header.options.ts_ecr) & MASK
            if elapsed < 1 << 31:
                c.rtx.sample(elapsed * MILLISECOND, samples)
    else:
        c.rtx.sample(now - oldest, samples)
    return delivered


def _inside_second(header: "TcpHeader", start: int, end: int, ack: int) -> bool:
    """A first block within the second is a DSACK (RFC 2883 §4)."""
    if len(header.options.sack) < 2:
        return False
    left, right = header.options.sack[1]
    return extend(left, ack) <= start and end <= extend(right, ack)


def _duplicate_told(c: "Connection", r: SackRecovery) -> None:
    """The peer got something twice: once a round trip, widen the reordering window (RFC 8985 §6.2, step 4)."""
    c.count("tcp_dsacks_received")
    if r.reordering_round is None or c.snd_una >= r.reordering_round:
        r.reordering_round = c.snd_nxt
        r.reordering_steps = min(r.reordering_steps + 1, LARGEST_REORDERING_STEPS)
        r.reordering_persist = REORDERING_PERSISTS


def _rack_update(r: SackRecovery, record: Record, now: int) -> None:
    """RFC 8985 §6.2, steps 2 and 3: the latest transmission that was delivered."""
    rtt = now - record.time
    if record.end > r.fack:
        r.fack = record.end
    elif not record.again and record.end < r.fack:
        r.reordering_seen = True
    if record.again and rtt < r.min_rtt:
        return  # the first transmission was answered
    if not record.again and (rtt < r.min_rtt or not r.min_rtt):
        r.min_rtt = rtt
    if record.time > r.rack_time or (record.time == r.rack_time and record.end > r.rack_end):
        r.rack_time, r.rack_end, r.rack_rtt = record.time, record.end, rtt


def _reordering_window(c: "Connection", r: SackRecovery) -> int:
    """RFC 8985 §6.2, step 4."""
    if not r.reordering_seen and (c.in_recovery or r.in_loss or r.board.sacked
                                  > (DUPLICATE_THRESHOLD - 1) * c.negotiated.send_mss):
        return 0
    return min(r.min_rtt // 4 * r.reordering_steps, c.rtx.srtt or 0)


def detect_losses(c: "Connection", now: int, delivered: int = 0) -> bool:
    """RFC 8985 §6.2, step 5; sets the reordering timer if something may soon be taken for lost.

    `delivered` bytes were told of by the ACK that is being taken. Returns whether something was found lost.
    """
    r = c.recovery
    board = r.board
    window = _reordering_window(c, r)
    limit = r.rack_rtt + window
    wait = 0
    found = False
    for record in board.records:
        if record.sacked or record.lost or record.time > r.rack_time:
            continue
        if record.time == r.rack_time and record.end > r.rack_end:
            continue
        remaining = record.time + limit - now
        if remaining <= 0:
            board.lose(record)
            found = True
        elif remaining > wait:
            wait = remaining
    r.waits_for_reordering = wait > 0
    r.deadline = now + wait if wait else None
    if found and not c.in_recovery and not r.in_loss and not (c.pmtu is not None and pmtu.probe_lost(c)):
        _enter_recovery(c, r, now, delivered)
    return found


def _enter_recovery(c: "Connection", r: SackRecovery, now: int, delivered: int) -> None:
    c.count("tcp_fast_retransmissions")
    c.in_recovery = True
    c.recover = c.snd_nxt
    flight = c.snd_nxt - c.snd_una
    # RecoverFS (RFC 9937 §6.1): what may yet be delivered, with what this ACK has told of
    r.prr_flight = flight - r.board.sacked + delivered
    r.prr_delivered = r.prr_out = 0
    r.probe_end = None
    c.undo = None
    if c.ecn is not None:
        ecn.reduced(c)
    # of all that is unacknowledged, what was sacked or lost is not in the network: where much was lost before, a
    # share of it would be more than the window that has just proved too large
    c.congestion.reduce(min(flight, c.congestion.cwnd), now)
    c.congestion.cwnd = pipe(c) + c.negotiated.send_mss  # the first retransmission leaves at once


def _pace(c: "Connection", r: SackRecovery, delivered: int, safe: bool) -> None:
    """Proportional rate reduction (RFC 9937 §6.2).

    `safe`: SND.UNA has moved and nothing more was found lost. Only then may the network get more than it has
    delivered, up to `ssthresh`.
    """
    control = c.congestion
    r.prr_delivered += delivered
    network = pipe(c)
    mss = c.negotiated.send_mss
    if network > control.ssthresh:
        allowance = -(-r.prr_delivered * control.ssthresh // r.prr_flight) - r.prr_out
    else:
        allowance = max(r.prr_delivered - r.prr_out, delivered) + (mss if safe else 0)
        allowance = min(control.ssthresh - network, allowance)
    if not r.prr_out:
        allowance = max(allowance, mss)
    control.cwnd = network + max(allowance, 0)


def sent(c: "Connection", start: int, end: int, again: bool, now: int) -> None:
    """[start, end) has left."""
    r = c.recovery
    if c.in_recovery:
        r.prr_out += end - start
    if again:
        r.board.sent_again(start, min(end, c.snd_nxt), now)
        return
    r.board.sent(start, end, now)
    if r.probe_new:
        r.probe_new = False
        r.probe_end = end
        c.rtx.restart(now)
    else:
        arm_probe(c, now)


def arm_probe(c: "Connection", now: int) -> None:
    """Set the probe timeout (RFC 8985 §7.2), unless the reordering timer runs or a loss is being repaired."""
    r = c.recovery
    if r.waits_for_reordering and r.deadline is not None:
        return
    r.waits_for_reordering = False
    r.deadline = None
    flight = c.snd_nxt - c.snd_una
    if not flight or c.in_recovery or r.in_loss or r.board.sacked or r.probe_end is not None or c.snd_wnd == 0:
        return
    if not c.config.tail_loss_probe:
        return
    if c.rtx.srtt is None:
        wait = FIRST_PROBE
    else:
        wait = 2 * c.rtx.srtt + 2 * c.config.clock_granularity
        if flight < 2 * c.negotiated.send_mss:  # the peer may delay its ACK
            wait += c.config.peer_delayed_ack
    deadline = now + wait
    if c.rtx.deadline is None or deadline < c.rtx.deadline:
        r.deadline = deadline


def timeout(c: "Connection", now: int) -> None:
    """The reordering timer or the probe timeout has expired."""
    r = c.recovery
    r.deadline = None
    if r.waits_for_reordering:
        r.waits_for_reordering = False
        detect_losses(c, now)
        return
    if c.snd_nxt == c.snd_una or c.in_recovery or r.in_loss:
        return
    c.count("tcp_tail_loss_probes")
    mss = c.negotiated.send_mss
    waiting = c.snd_end - c.snd_nxt
    if waiting > 0 and c.snd_una + c.snd_wnd - c.snd_nxt >= min(waiting, mss):
        r.probe_new = c.override_due = True
        r.probe_again = False
        return
    last = r.board.records[-1]
    c.rexmit_nxt, c.rexmit_end = max(last.start, last.end - mss), last.end
    r.probe_end = c.snd_nxt
    r.probe_again = True
    c.rtx.restart(now)


def _probe_acknowledged(c: "Connection", r: SackRecovery, ack: int, acked: int, duplicate: bool, flight: int,
                        now: int) -> None:
    """Did the probe repair a loss, which then counts as one (RFC 8985 §7.4)?"""
    if r.probe_again and not duplicate:
        if ack == r.probe_end and acked:
            return  # a DSACK may yet tell that both arrived
        if ack > r.probe_end and not c.in_recovery and not r.in_loss:
            c.count("tcp_losses_repaired_by_probe")
            c.congestion.reduce(flight, now)
            c.congestion.cwnd = c.congestion.ssthresh
    r.probe_end = None


def retransmission_timeout(c: "Connection") -> None:
    """RTO: everything is lost, what was sacked too: the peer may have dropped it (RFC 2018 §8)."""
    r = c.recovery
    r.board.lose_all(renege=True)
    r.in_loss = True
    r.deadline = r.probe_end = None
    r.probe_new = r.waits_for_reordering = False
