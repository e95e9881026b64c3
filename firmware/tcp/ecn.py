"""Explicit congestion notification (RFC 3168): routers mark instead of dropping, the receiver echoes, the sender slows.

Negotiated with ECE and CWR in the SYNs. New data is sent as ECT(0); retransmissions, window probes and pure ACKs are
not. A mark (CE) is echoed by ECE in every ACK until the sender says by CWR that its window is reduced.
"""

from typing import TYPE_CHECKING

from .segment import CWR, ECE, SYN, TcpHeader

if TYPE_CHECKING:
    from .connection import Connection

ECT_0 = 2
CE = 3
"""Codepoints in the low two bits of the IP TOS octet (RFC 3168 §5)."""
SETUP_SYN = ECE | CWR


class Ecn:
    """What a connection that negotiated ECN keeps."""

    __slots__ = ("cwr_due", "echo", "recover")

    def __init__(self, snd_una: int) -> None:
        self.echo = False
        """We are the receiver and have seen CE: ECE in every ACK."""
        self.cwr_due = False
        """We have reduced the window: CWR on the first new data."""
        self.recover = snd_una
        """SND.NXT at the last reduction: marks on what was sent before say nothing new."""


def syn_arrived(c: "Connection", flags: int) -> None:
    """The peer's SYN or SYN-ACK: take up ECN if both sides set it up (§6.1.1)."""
    if c.passive:
        if c.config.ecn_accept and flags & SETUP_SYN == SETUP_SYN:
            c.ecn = Ecn(c.iss)
    elif c.config.ecn and not c.rtx.retransmissions and flags & SETUP_SYN == ECE:
        c.ecn = Ecn(c.iss)


def syn_flags(c: "Connection", flags: int) -> int:
    """`flags` of a SYN or SYN-ACK of ours with what sets up ECN; a SYN that went unanswered is tried without it."""
    if flags == SYN:
        return flags | SETUP_SYN if c.config.ecn and not c.rtx.retransmissions else flags
    return flags | ECE if c.ecn is not None else flags


def segment_arrived(c: "Connection", header: TcpHeader, length: int) -> None:
    """Data within the window: has the peer reduced its window, and was this segment marked (§6.1.3)?"""
    ecn = c.ecn
    if header.flags & CWR and length:
        ecn.echo = False
    if header.ecn == CE and length:
        c.count("tcp_congestion_marks")
        if not ecn.echo:
            ecn.echo = True
            c.delayed_ack.immediate = True


def echoed(c: "Connection", ack: int, now: int) -> None:
    """An ACK with ECE: reduce the window as for a loss, once a round trip (§6.1.2)."""
    ecn = c.ecn
    if c.in_recovery or ack <= ecn.recover or (c.recovery is not None and c.recovery.in_loss):
        return
    c.count("tcp_congestion_reductions")
    c.congestion.reduce(min(c.snd_nxt - c.snd_una, c.congestion.cwnd), now)
    c.congestion.cwnd = min(c.congestion.cwnd, c.congestion.ssthresh)
    reduced(c)


def reduced(c: "Connection") -> None:
    """The congestion window was reduced, for whatever reason: tell the peer."""
    c.ecn.recover = c.snd_nxt
    c.ecn.cwr_due = True
