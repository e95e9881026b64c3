"""What to send, and when (RFC 9293 §3.7, §3.8.6)."""

from typing import TYPE_CHECKING

from . import ecn, pmtu, sack_recovery, urgent
from .options import MOST_OPTION_BYTES, syn_options, timestamps_option, window_shift
from .segment import ACK, CWR, ECE, FIN, PSH, RST, SYN, URG
from .sequence import MASK, extend
from .states import CAN_TRANSMIT_DATA, State
from .transmit import Transmit

if TYPE_CHECKING:
    from .connection import Connection

LARGEST_WINDOW_FIELD = 65535


def window_to_advertise(c: "Connection") -> int:
    """Bytes beyond RCV.NXT to offer: never less than offered before (SHLD-14), no silly increments (MUST-39)."""
    edge = c.rcv_nxt + c.config.receive_buffer - c.rcv_unread
    if edge - c.rcv_adv < min(c.config.receive_buffer // 2, c.config.mss):
        edge = c.rcv_adv
    return min(max(edge - c.rcv_nxt, 0), LARGEST_WINDOW_FIELD << c.negotiated.rcv_wind_shift)


def window_field(c: "Connection") -> int:
    """The window as the header has it.

    Rounding down could move the right edge to the left (RFC 7323 §2.4): the window is rounded up where the buffer has
    room for that.
    """
    window = window_to_advertise(c)
    shift = c.negotiated.rcv_wind_shift
    if not shift:
        return window
    field = window >> shift
    if field << shift != window and field < LARGEST_WINDOW_FIELD:
        if (field + 1) << shift <= c.config.receive_buffer - c.rcv_unread:
            field += 1
    return field


def window_update_due(c: "Connection") -> bool:
    """Has the window grown enough since it was last advertised to tell the peer without being asked?"""
    growth = window_to_advertise(c) - c.rcv_wnd
    if growth <= 0:
        return False
    step = c.config.mss if c.rcv_wnd < c.config.mss else 2 * c.config.mss
    return growth >= min(c.config.receive_buffer // 2, step)


def control_seq(c: "Connection") -> int:
    """Sequence number of a segment without data: SND.NXT, or the window's edge if a probe went beyond it.

    The peer would find a number beyond its window unacceptable and ignore the ACK.
    """
    edge = c.snd_una + c.snd_wnd
    return edge if c.snd_una <= edge < c.snd_nxt and c.state >= State.ESTABLISHED else c.snd_nxt


def next_transmit(c: "Connection", now: int, max_payload: int) -> Transmit | None:
    """The next thing to send, most urgent first; nothing of it counts as sent until `transmitted`."""
    if c.reset_reply is not None:
        seq, ack, flags = c.reset_reply
        options = b""
        if c.negotiated.timestamps:  # RFC 7323 §3.2; without ACK there is nothing to echo
            options = timestamps_option(c.timestamp(now), c.ts_recent if flags & ACK else 0)
        return Transmit(seq & MASK, ack & MASK, flags, 0, options, 0, 0, c.negotiated.send_mss, False)
    state = c.state
    if state <= State.LISTEN:
        return None
    if c.rexmit_nxt < c.rexmit_end:
        transmit = _retransmission(c, now, max_payload)
        if transmit is not None:
            return transmit
    if c.recovery is not None and c.recovery.board.lost and not (c.undo is not None and c.undo.awaits_second):
        transmit = _hole(c, now, max_payload)
        if transmit is not None:
            return transmit
    if c.snd_nxt == c.iss:
        return _syn(c, now, False)
    if CAN_TRANSMIT_DATA[state] and not c.fin_sent and (c.snd_nxt < c.snd_end or c.fin_queued):
        transmit = _new_data(c, now, max_payload)
        if transmit is not None:
            return transmit
    if c.keepalive_due and state >= State.ESTABLISHED:
        return _segment(c, now, c.snd_una - 1, 0, 0, False)
    if c.delayed_ack.immediate and state >= State.SYN_RECEIVED:
        return _segment(c, now, control_seq(c), 0, 0, False)
    return None


def _syn(c: "Connection", now: int, retransmission: bool) -> Transmit:
    """SYN with what we offer, or SYN-ACK with what is agreed (RFC 7323 §2.2, §3.2; RFC 2018 §2)."""
    config = c.config
    window = min(config.receive_buffer, LARGEST_WINDOW_FIELD)  # never scaled
    if c.state is State.SYN_SENT:
        flags, ack = SYN, 0
        scaling, sack, timestamps = config.window_scaling, config.sack, config.timestamps
    else:
        flags, ack = SYN | ACK, c.rcv_nxt & MASK
        agreed = c.negotiated
        scaling, sack, timestamps = agreed.window_scaling, agreed.sack, agreed.timestamps
    options = syn_options(config.mss, window_shift(config.receive_buffer) if scaling else None, sack,
                          (c.timestamp(now), c.ts_recent) if timestamps else None)
    if config.ecn or c.ecn is not None:
        flags = ecn.syn_flags(c, flags)
    return Transmit(c.iss, ack, flags, window, options, 0, 0, config.mss, retransmission)


def _segment(c: "Connection", now: int, seq: int, length: int, flags: int, retransmission: bool) -> Transmit:
    agreed = c.negotiated
    options = timestamps_option(c.timestamp(now), c.ts_recent) if agreed.timestamps else b""
    mss = agreed.send_mss
    blocks = c.sack_blocks
    if blocks is not None and (blocks.blocks or blocks.duplicate is not None):
        told = blocks.option(MOST_OPTION_BYTES - len(options))
        options += told
        mss -= len(told)
    codepoint = pointer = 0
    if c.snd_up is not None and (pointer := urgent.pointer(c, seq)):
        flags |= URG
        if length > mss:  # segmentation hardware does not move the pointer
            length = mss
            flags &= ~(PSH | FIN)
    if c.ecn is not None:
        if c.ecn.echo:
            flags |= ECE
        if length and not retransmission and not c.override_due:
            codepoint = ecn.ECT_0
            if c.ecn.cwr_due:
                flags |= CWR
    transmit = Transmit(seq & MASK, c.rcv_nxt & MASK, flags | ACK, window_field(c), options,
                        seq - c.iss - 1 if length else 0, length, mss, retransmission, codepoint)
    if pointer:
        transmit.urgent = pointer
    return transmit


def segment_payload(c: "Connection") -> int:
    """Payload of a full segment now: SACK blocks come off it, too."""
    mss = c.negotiated.send_mss
    blocks = c.sack_blocks
    if blocks is not None and (blocks.blocks or blocks.duplicate is not None):
        mss -= len(blocks.option(MOST_OPTION_BYTES - c.negotiated.segment_option_bytes))
    return mss


def _hole(c: "Connection", now: int, max_payload: int) -> Transmit | None:
    """What the scoreboard takes for lost, exactly that: never with new data behind it."""
    start, lost_end = c.recovery.board.first_lost()
    mss = segment_payload(c)
    in_network = sack_recovery.pipe(c)
    usable = c.congestion.cwnd - in_network
    end = min(lost_end, c.snd_end, c.snd_una + max(c.snd_wnd, 1))
    length = min(end - start, max_payload)
    if length > 0:
        if usable < min(length, mss):
            if in_network:
                return None
            usable = mss
        if length > usable:
            length = usable
        if length > mss and start + length < min(lost_end, c.snd_end):
            length -= length % mss
    flags = 0
    if start + max(length, 0) == c.snd_end:
        flags = PSH if length > 0 else 0
        if c.fin_sent and lost_end > c.snd_end:
            flags |= FIN
    if length > 0 or flags & FIN:
        return _segment(c, now, start, max(length, 0), flags, True)
    return None


def _retransmission(c: "Connection", now: int, max_payload: int) -> Transmit | None:
    seq = c.rexmit_nxt
    if seq == c.iss:
        return _syn(c, now, True)
    # A peer may shrink its window below what is in flight: go on sending within it, at least a byte (MUST-34).
    window = max(c.snd_wnd, 1)
    if c.recovery is None:
        window = min(window, c.congestion.cwnd)
    end = min(c.rexmit_end, c.snd_una + window, c.snd_end)
    length = min(end - seq, max_payload)
    mss = segment_payload(c)
    if length > mss and seq + length < min(c.rexmit_end, c.snd_end):
        length -= length % mss
    flags = 0
    if seq + max(length, 0) == c.snd_end:
        flags = PSH if length > 0 else 0
        if c.fin_sent and c.rexmit_end > c.snd_end:
            flags |= FIN
    if length > 0 or flags & FIN:
        return _segment(c, now, seq, max(length, 0), flags, True)
    return None


def _new_data(c: "Connection", now: int, max_payload: int) -> Transmit | None:
    """New data and FIN within the windows, under Nagle (SHLD-7) and sender SWS avoidance (MUST-38)."""
    seq = c.snd_nxt
    available = c.snd_end - seq
    if available <= 0:
        return _segment(c, now, seq, 0, FIN, False) if c.fin_queued else None
    mss = segment_payload(c)
    cwnd = c.congestion.cwnd
    if c.dupacks and not c.in_recovery and c.config.limited_transmit:
        cwnd += min(c.dupacks, 2) * mss  # RFC 3042
    if c.recovery is None:
        usable = c.snd_una + min(c.snd_wnd, cwnd) - seq
        if c.undo is not None and c.undo.awaits_second:
            usable = min(c.snd_una + c.snd_wnd, c.undo.new_until) - seq  # F-RTO
    else:
        if c.recovery.probe_new:
            cwnd += mss  # RFC 8985 §7.3
        usable = min(c.snd_una + c.snd_wnd - seq, cwnd - sack_recovery.pipe(c))
    if c.pmtu is not None and (size := pmtu.probe_size(c, available, usable, now)) and size <= max_payload:
        transmit = _segment(c, now, seq, size, 0, False)
        transmit.mss = size
        return transmit
    idle = seq == c.snd_una
    length = min(available, usable, max_payload)
    if length >= mss:
        tail = length % mss
        if tail and not (c.config.unequal_segments and _may_end_small(c, length, available, max_payload)) and (
                length < available or not (c.nodelay or c.fin_queued)):
            length -= tail
    elif c.override_due:
        length = min(available, max(usable, 1), mss, max_payload)
    elif length > 0 and not _may_send_small(c, length, available, idle, max_payload):
        length = 0
    if c.ecn is not None and c.ecn.cwr_due and length > mss:
        length = mss  # alone: segmentation hardware may copy CWR to every segment
    if length <= 0:
        if idle and c.rtx.deadline is None:
            # Nothing outstanding whose ACK could release this: the persist timer must (MUST-36).
            c.rtx.deadline = now + (c.rtx.rto if c.snd_wnd == 0 else c.config.sws_override)
        return None
    flags = 0
    if seq + length == c.snd_end:
        flags = PSH | FIN if c.fin_queued else PSH
    return _segment(c, now, seq, length, flags, False)


def _may_end_small(c: "Connection", length: int, available: int, max_payload: int) -> bool:
    """May the last segment of this transmit be a small one: at a page's end, or at that of the data (Minshall)?"""
    return length == max_payload or (length == available and c.snd_small <= c.snd_una)


def _may_send_small(c: "Connection", length: int, available: int, idle: bool, max_payload: int) -> bool:
    """May less than a full segment leave (RFC 9293 §3.8.6.2.1, conditions 2 and 3)?"""
    if length == available and (c.fin_queued or c.snd_up is not None or (c.snd_psh >= c.snd_end and (
            idle or c.nodelay or (c.config.minshall and c.snd_small <= c.snd_una)))):
        return True
    if length == max_payload:
        return True
    return (idle or c.nodelay) and length < available and 2 * length >= c.max_snd_wnd


def transmitted(c: "Connection", transmit: Transmit, now: int) -> None:
    """Account for a transmit that left."""
    flags = transmit.flags
    if flags & RST:
        c.reset_reply = None
        return
    if c.state <= State.LISTEN:
        return
    if flags & ACK:
        ack = extend(transmit.ack, c.rcv_nxt)
        shift = 0 if flags & SYN else c.negotiated.rcv_wind_shift
        edge = ack + (transmit.window << shift)
        if edge > c.rcv_adv:
            c.rcv_adv = edge
        c.last_ack_sent = max(c.last_ack_sent, ack)
        if ack == c.rcv_nxt:
            c.delayed_ack.sent()
            if c.sack_blocks is not None:
                c.sack_blocks.duplicate = None
    consumes = transmit.length + (1 if flags & (SYN | FIN) else 0)
    if not consumes:
        if c.keepalive_due and transmit.seq == (c.snd_una - 1) & MASK:
            c.keepalive_due = False
        return
    seq = extend(transmit.seq, c.snd_una)
    end = seq + consumes
    rtx = c.rtx
    if transmit.retransmission:
        c.count("tcp_retransmissions")
        c.total_retransmissions += 1
        if c.rexmit_nxt < end:
            c.rexmit_nxt = end
        if c.recovery is not None:
            sack_recovery.sent(c, seq, end, True, now)
        rtx.timed_end = None  # Karn: the segment being timed may be this one, or wait behind it
    if end > c.snd_nxt:
        begin, c.snd_nxt = c.snd_nxt, end
        if transmit.length % transmit.mss and (end >= c.snd_end or not c.config.unequal_segments):
            c.snd_small = end
        if flags & FIN:
            c.fin_sent = True
        if c.pmtu is not None and transmit.mss > c.negotiated.send_mss and transmit.length == transmit.mss:
            c.pmtu.probe = (begin, end)
        if flags & CWR and c.ecn is not None:
            c.ecn.cwr_due = False
        if c.recovery is not None:
            sack_recovery.sent(c, begin, end, False, now)
        elif not transmit.retransmission and not c.override_due:
            rtx.start_measurement(end, now)
        if rtx.deadline is not None and seq == c.snd_una and not transmit.retransmission:
            rtx.deadline = None  # that was the persist timer
        c.override_due = False
    c.last_send = now
    if c.snd_nxt > c.snd_una:
        rtx.start(now)
