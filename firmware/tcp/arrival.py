"""SEGMENT ARRIVES (RFC 9293 §3.10.7 with RFC 5961), and errors from the network layer."""

import errno
from typing import TYPE_CHECKING, Any

from . import acknowledgment, ecn, pmtu, urgent
from .config import SECOND
from .events import Error, PeerClosed
from .sack_blocks import SackBlocks
from .segment import ACK, FIN, RST, SYN, URG, TcpHeader
from .sequence import difference, extend
from .states import CAN_RECEIVE_DATA, State

if TYPE_CHECKING:
    from .connection import Connection

PAWS_LIFETIME = 24 * 86_400 * SECOND
"""A TS.Recent older than this says nothing (RFC 7323 §5.5)."""
LISTEN, SYN_SENT, SYN_RECEIVED, ESTABLISHED = State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED, State.ESTABLISHED
FIN_WAIT_1, FIN_WAIT_2, CLOSING, TIME_WAIT = State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSING, State.TIME_WAIT


def reset_for(header: TcpHeader, length: int) -> tuple[int, int, int] | None:
    """The RST (seq, ack, flags) that answers a segment for no connection; None for a RST (RFC 9293 §3.10.7.1)."""
    if header.flags & RST:
        return None
    if header.flags & ACK:
        return header.ack, 0, RST
    consumed = length + (1 if header.flags & SYN else 0) + (1 if header.flags & FIN else 0)
    return 0, (header.seq + consumed) & 0xFFFFFFFF, RST | ACK


def segment_arrives(c: "Connection", header: TcpHeader, payload: Any, now: int) -> None:
    """One segment with a correct checksum for this connection."""
    state = c.state
    if state >= SYN_RECEIVED:
        _synchronized(c, header, payload, now)
    elif state is SYN_SENT:
        _syn_sent(c, header, payload, now)
    elif state is LISTEN:
        _listen(c, header, payload, now)
    else:
        c.reset_reply = reset_for(header, len(payload)) or c.reset_reply


def _listen(c: "Connection", header: TcpHeader, payload: Any, now: int) -> None:
    """RFC 9293 §3.10.7.2."""
    flags = header.flags
    if flags & RST:
        return
    if flags & ACK:
        c.reset_reply = reset_for(header, len(payload))
        return
    if flags & SYN:
        _take_peer_syn(c, header, now)
        c.state = SYN_RECEIVED
        _queue_data(c, c.rcv_nxt, payload, bool(flags & FIN))


def _syn_sent(c: "Connection", header: TcpHeader, payload: Any, now: int) -> None:
    """RFC 9293 §3.10.7.3."""
    flags = header.flags
    ack = extend(header.ack, c.snd_una)
    acceptable = False
    if flags & ACK:
        if ack <= c.iss or ack > c.snd_nxt:
            if not flags & RST:
                c.reset_reply = (header.ack, 0, RST)
            c.count("tcp_unacceptable_acks")
            return
        acceptable = True
    if flags & RST:
        if acceptable:
            c.fail(errno.ECONNREFUSED)
        return
    if not flags & SYN:
        return
    _take_peer_syn(c, header, now)
    c.last_heard = now
    if acceptable:
        acknowledgment.handshake_acknowledged(c, ack, header, now)
        c.snd_wnd = c.max_snd_wnd = header.window
        c.snd_wl1, c.snd_wl2 = c.rcv_nxt - 1, ack
        c.enter_established()
        c.delayed_ack.immediate = True
        if len(payload) or flags & FIN:
            _text(c, c.rcv_nxt, payload, bool(flags & FIN), now)
        return
    # Simultaneous open: our SYN goes out once more, with an ACK.
    c.state = SYN_RECEIVED
    c.snd_wnd = c.max_snd_wnd = header.window
    c.snd_wl1, c.snd_wl2 = c.rcv_nxt - 1, c.iss
    if c.snd_nxt > c.iss:
        c.rexmit_nxt, c.rexmit_end = c.iss, c.iss + 1
    _queue_data(c, c.rcv_nxt, payload, bool(flags & FIN))


def _take_peer_syn(c: "Connection", header: TcpHeader, now: int) -> None:
    c.irs = header.seq
    c.rcv_nxt = header.seq + 1
    c.rcv_adv = c.rcv_nxt + min(c.config.receive_buffer, 65535)
    c.last_ack_sent = c.rcv_nxt
    if c.config.sack and header.options.sack_permitted:
        c.sack_blocks = SackBlocks()
    c.negotiated.peer_syn(header.options, c.config)
    ecn.syn_arrived(c, header.flags)
    if c.negotiated.timestamps:
        c.ts_recent = header.options.ts_val
        c.ts_recent_at = now


def _queue_data(c: "Connection", seq: int, payload: Any, fin: bool) -> None:
    """Data on a SYN waits until the connection is established."""
    length = len(payload)
    if seq + length > c.rcv_adv:
        payload, fin, length = payload[:c.rcv_adv - seq], False, c.rcv_adv - seq
    if length and c.reassembly.insert(seq, payload) and c.sack_blocks is not None and seq > c.rcv_nxt:
        c.sack_blocks.arrived(seq, seq + length)
    if fin and c.rcv_fin is None:
        c.rcv_fin = seq + length


def _synchronized(c: "Connection", header: TcpHeader, payload: Any, now: int) -> None:
    """RFC 9293 §3.10.7.4, for SYN-RECEIVED and all later states."""
    flags = header.flags
    rcv_nxt = c.rcv_nxt
    seq = extend(header.seq, rcv_nxt)
    length = len(payload)
    if c.negotiated.timestamps and not _timestamp_acceptable(c, header, length, now):
        return

    c.last_heard = now

    # First, the sequence number. (In order and within the window is decided at once.)
    if (seq != rcv_nxt or seq + length > c.rcv_adv) and not _acceptable(c, seq, length, flags):
        if flags & RST:
            c.count("tcp_unacceptable_segments")
            return
        if c.state is SYN_RECEIVED and flags & SYN and seq == rcv_nxt - 1:
            if not flags & ACK:  # the peer has not seen our SYN-ACK
                c.rexmit_nxt, c.rexmit_end = c.iss, min(c.iss + 1, c.snd_nxt)
                return
            flags &= ~SYN  # simultaneous open: its SYN again, with the ACK of ours
            seq = rcv_nxt
        elif seq == rcv_nxt and c.rcv_adv == rcv_nxt:
            # Window probe: no room for the data, but the ACK is valid.
            payload, length = payload[:0], 0
            flags &= ~FIN
            c.delayed_ack.immediate = True
        else:
            c.count("tcp_unacceptable_segments")
            if c.state is TIME_WAIT and flags & FIN:
                c.enter_time_wait(now)
            if length or flags & (SYN | FIN):
                c.delayed_ack.immediate = True
                if length and seq + length <= rcv_nxt:
                    _duplicate(c, seq, seq + length)
            else:
                c.challenge(now)
            return

    # Second, RST (RFC 5961 §3.2, RFC 1337).
    if flags & RST:
        _reset_arrived(c, seq, now)
        return

    # Fourth, SYN (RFC 5961 §4.2).
    if flags & SYN:
        c.challenge(now)
        return

    # Fifth, ACK.
    if not flags & ACK:
        return
    ack = extend(header.ack, c.snd_una)
    if c.state is SYN_RECEIVED:
        if not c.snd_una < ack <= c.snd_nxt:
            c.reset_reply = (header.ack, 0, RST)
            return
        acknowledgment.handshake_acknowledged(c, ack, header, now)
        c.snd_wnd = c.max_snd_wnd = header.window << c.negotiated.snd_wind_shift
        c.snd_wl1, c.snd_wl2 = seq, ack
        c.enter_established()
        if len(c.reassembly):
            _drain(c)
            c.delayed_ack.immediate = True
    if c.ecn is not None:
        ecn.segment_arrived(c, header, length)
    if not acknowledgment.process(c, seq, ack, header, not length and not flags & FIN, now):
        return
    if seq <= c.last_ack_sent and c.negotiated.timestamps and header.options.ts_val is not None:
        c.ts_recent = header.options.ts_val  # RFC 7323 §4.3
        c.ts_recent_at = now
    if c.state >= CLOSING and _closing_acknowledged(c, now):
        return

    # Sixth, URG.
    if flags & URG:
        urgent.arrived(c, seq, header.urgent)

    # Seventh and eighth, the text and FIN.
    if length or flags & FIN or c.rcv_fin is not None:
        _text(c, seq, payload, bool(flags & FIN), now)


def _timestamp_acceptable(c: "Connection", header: TcpHeader, length: int, now: int) -> bool:
    """PAWS (RFC 7323 §5.3 R1), and every segment but RST has the option (§3.2)."""
    ts_val = header.options.ts_val
    if header.flags & RST:
        return True
    if ts_val is None:
        c.count("tcp_timestamp_missing")
        return False
    if difference(ts_val, c.ts_recent) >= 0 or now - c.ts_recent_at > PAWS_LIFETIME:
        return True
    c.count("tcp_paws_rejected")
    if length or header.flags & (SYN | FIN):
        c.delayed_ack.immediate = True
    else:
        c.challenge(now)
    return False


def _acceptable(c: "Connection", seq: int, length: int, flags: int) -> bool:
    """RFC 9293 table 6; an empty segment at the window's very edge also passes, as its ACK must not be lost."""
    rcv_nxt, rcv_adv = c.rcv_nxt, c.rcv_adv
    consumed = length + (1 if flags & SYN else 0) + (1 if flags & FIN else 0)
    if consumed == 0 or flags & RST:
        return rcv_nxt <= seq <= rcv_adv
    if rcv_adv == rcv_nxt:
        return seq == rcv_nxt and length == 0
    return seq < rcv_adv and seq + consumed > rcv_nxt


def _reset_arrived(c: "Connection", seq: int, now: int) -> None:
    if c.state is TIME_WAIT:
        c.count("tcp_resets_in_time_wait")
        return
    if seq != c.rcv_nxt:
        c.challenge(now)
        return
    c.count("tcp_resets_received")
    if c.state is SYN_RECEIVED:
        c.fail(errno.ECONNRESET if c.passive else errno.ECONNREFUSED)
    elif c.state >= CLOSING:
        c.enter_closed()
    else:
        c.fail(errno.ECONNRESET)


def _closing_acknowledged(c: "Connection", now: int) -> bool:
    """CLOSING and LAST-ACK end with the ACK of our FIN; True if the connection is gone or waits."""
    if c.state is CLOSING and c.fin_acked:
        c.enter_time_wait(now)
        return True
    if c.state is State.LAST_ACK and c.fin_acked:
        c.enter_closed()
        return True
    return False


def _text(c: "Connection", seq: int, payload: Any, fin: bool, now: int) -> None:
    """Segment text and FIN; the segment overlaps the window."""
    if not CAN_RECEIVE_DATA[c.state]:
        return
    rcv_nxt = c.rcv_nxt
    end = seq + len(payload)
    if seq < rcv_nxt and (len(payload) or fin):
        c.delayed_ack.immediate = True
        if len(payload):
            _duplicate(c, seq, min(end, rcv_nxt))
        payload = payload[rcv_nxt - seq:]
        seq = rcv_nxt
    if end > c.rcv_adv:
        payload, end, fin = payload[:c.rcv_adv - seq], c.rcv_adv, False
        c.delayed_ack.immediate = True
    if c.rcv_fin is not None and end > c.rcv_fin and (len(payload) or fin):  # data beyond the FIN cannot be
        c.count("tcp_data_beyond_fin")
        payload, end, fin = payload[:max(c.rcv_fin - seq, 0)], c.rcv_fin, False
    length = len(payload)
    if length and c.released:
        # Nobody will read this: the peer must learn that it was lost (RFC 1122 §4.2.2.13).
        c.count("tcp_data_after_release")
        c.abort(now)
        return
    if fin and c.rcv_fin is None and end >= rcv_nxt:
        c.rcv_fin = end
    if seq > rcv_nxt:
        if length or fin:  # an ACK of an ACK would be answered likewise, for ever
            c.delayed_ack.immediate = True
        if length:
            c.count("tcp_out_of_order")
            if not c.reassembly.insert(seq, payload):
                c.count("tcp_out_of_order_refused")
            elif c.sack_blocks is not None:
                c.sack_blocks.arrived(seq, end)
        return
    if length:
        if c.sack_blocks is not None and c.sack_blocks.blocks:
            c.sack_blocks.covered(seq, end)
        c.deliver(payload)
        if len(c.reassembly):
            _drain(c)
            c.delayed_ack.immediate = True  # a gap was filled (RFC 5681 §4.2)
        else:
            c.delayed_ack.data_arrived(length, now)
    if c.rcv_fin == c.rcv_nxt:
        _fin(c, now)


def _drain(c: "Connection") -> None:
    while (payload := c.reassembly.pop(c.rcv_nxt)) is not None:
        c.deliver(payload)
    if c.sack_blocks is not None:
        c.sack_blocks.advance(c.rcv_nxt)


def _duplicate(c: "Connection", start: int, end: int) -> None:
    """[start, end) was here before; tell the peer (RFC 2883)."""
    if c.sack_blocks is not None:
        c.sack_blocks.duplicate = (start, end)


def _fin(c: "Connection", now: int) -> None:
    """Eighth: everything up to the peer's FIN is here."""
    c.emit(PeerClosed(c.rcv_nxt - c.irs - 1))
    c.rcv_nxt += 1
    c.rcv_adv = max(c.rcv_adv, c.rcv_nxt)
    c.delayed_ack.immediate = True
    if c.state is ESTABLISHED:
        c.state = State.CLOSE_WAIT
    elif c.state is FIN_WAIT_1:
        if c.fin_acked:
            c.enter_time_wait(now)
        else:
            c.state = CLOSING
    elif c.state is FIN_WAIT_2:
        c.enter_time_wait(now)


def icmp_error(c: "Connection", error: int, hard: bool, seq: int, now: int) -> None:
    """RFC 9293 §3.9.2.2 with RFC 5927: hard errors are fatal only while opening, and must quote what is in flight."""
    position = extend(seq, c.snd_una)
    if c.state <= LISTEN or not c.snd_una <= position < c.snd_nxt:
        c.count("icmp_error_out_of_window")
        return
    if hard and c.state <= SYN_RECEIVED:
        c.fail(error)
    else:
        c.soft_error = error
        c.emit(Error(error, fatal=False))


def path_mtu(c: "Connection", mss: int, seq: int, now: int) -> bool:
    """Fragmentation needed (RFC 1191): smaller segments from now on, and what is in flight again."""
    position = extend(seq, c.snd_una)
    if c.state < SYN_RECEIVED or not c.snd_una <= position < c.snd_nxt:
        c.count("icmp_error_out_of_window")
        return False
    if not pmtu.told(c, mss, now):
        return False
    start, end = c.snd_una, c.snd_nxt
    probe, c.pmtu.probe = c.pmtu.probe, None
    if probe is not None:  # that was too large: only it goes again
        start, end = probe
    if c.recovery is None:
        c.rexmit_nxt, c.rexmit_end = start, end
    else:
        c.recovery.board.lose_within(start, end)
    return probe is None


def unreachable(c: "Connection", error: int, now: int) -> None:
    """The next hop does not answer."""
    if c.state in (SYN_SENT, SYN_RECEIVED):
        c.fail(error)
    elif c.state >= ESTABLISHED:
        c.soft_error = error
        if c.rtx.unanswered_since is None:
            c.rtx.unanswered_since = now
        if now - c.rtx.unanswered_since >= c.config.r2:
            c.fail(error)
        else:
            c.emit(Error(error, fatal=False))
