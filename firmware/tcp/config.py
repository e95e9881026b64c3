"""Settings of a connection; times in nanoseconds, sizes in bytes."""

from dataclasses import dataclass, replace
from typing import Any

MILLISECOND = 1_000_000
SECOND = 1_000_000_000

CONGESTION_CONTROLS = ("reno", "cubic", "bic")
LARGEST_RECEIVE_BUFFER = 65535 << 14
"""Just below 1 GiB: what a window can tell with the largest shift (RFC 7323 §2.2)."""


@dataclass(frozen=True)
class TcpConfig:
    """Everything about a connection that is chosen and not negotiated."""

    mss: int = 1460
    """Largest segment payload that we can receive (sent in the MSS option), and that our link lets us send.

    Options of TCP come off it (RFC 6691)."""
    ip_header_bytes: int = 20
    """Of the packets that carry the connection: 20 over IPv4, 40 over IPv6."""
    ttl: int = 0
    """Time to live (MUST-49) or hop limit; 0: the interface's, 64 unless a router advertises another."""
    dscp: int = 0
    """Differentiated services code point (MUST-48, RFC 2474)."""
    receive_buffer: int = 65535
    """Bytes received in order but not yet consumed, plus what lies out of order, never exceed this."""
    window_scaling: bool = True
    """Offer and accept the window scale option (RFC 7323 §2)."""
    timestamps: bool = True
    """Offer and accept the timestamps option (RFC 7323 §3)."""
    sack: bool = True
    """Offer and accept selective acknowledgment (RFC 2018)."""
    syn_cookies: bool = True
    """When half-open connections fill the backlog, answer without state (RFC 4987 §3.6) rather than not at all."""
    ecn: bool = False
    """Ask for explicit congestion notification when opening actively (RFC 3168)."""
    ecn_accept: bool = True
    """Agree to it when the peer asks."""
    nodelay: bool = False
    """TCP_NODELAY: Nagle's algorithm off."""
    minshall: bool = True
    """Nagle's algorithm holds a small segment only while another small one is outstanding (Minshall's variant), so
    that the tail of a large send does not wait for the peer's delayed ACK."""
    keepalive: bool = False
    """SO_KEEPALIVE (RFC 9293 MUST-24, MUST-25: off unless asked for)."""
    keepalive_idle: int = 7200 * SECOND
    """TCP_KEEPIDLE: silence after which the peer is asked (MUST-28: two hours by default)."""
    keepalive_interval: int = 75 * SECOND
    """TCP_KEEPINTVL."""
    keepalive_count: int = 9
    """TCP_KEEPCNT: so many questions without an answer end the connection (MUST-29: one does not)."""
    user_timeout: int = 0
    """TCP_USER_TIMEOUT (RFC 5482): replaces R2, and the count of keepalive questions; 0 if not set."""
    delayed_ack_segments: int = 2
    """An ACK leaves at least for every so many full-sized segments (RFC 9293 SHLD-18); 1 turns delaying off."""
    delayed_ack: int = 499 * MILLISECOND
    """Longest delay of an ACK; it must be less than 0.5 s (RFC 9293 MUST-40)."""
    rto_initial: int = 1 * SECOND
    """RFC 6298 (2.1)."""
    rto_min: int = 1 * SECOND
    """RFC 6298 (2.4)."""
    rto_max: int = 60 * SECOND
    """RFC 6298 (2.5): at least 60 s."""
    rto_after_syn_loss: int = 3 * SECOND
    """RFC 6298 (5.7): RTO for data when the SYN had to be sent again."""
    clock_granularity: int = 1 * MILLISECOND
    """G of RFC 6298 (2.2)."""
    r1_retransmissions: int = 3
    """R1 of RFC 9293 §3.8.3: after so many retransmissions the network layer is told of trouble."""
    r2: int = 100 * SECOND
    """R2: give up so long after the first transmission that nothing answered (MUST-20, SHLD-11: at least 100 s)."""
    r2_retransmissions: int = 6
    """... and after no fewer retransmissions than this, so that an RTO backed off before does not end it early."""
    r2_syn: int = 180 * SECOND
    """R2 for SYN segments (MUST-23: at least 3 minutes)."""
    time_wait: int = 60 * SECOND
    """2 MSL. RFC 9293 has MSL = 2 minutes; 30 s is what stacks use."""
    fin_wait_2: int = 60 * SECOND
    """How long FIN-WAIT-2 waits for the peer's FIN once the application has released the connection."""
    initial_window_segments: int = 10
    """Initial congestion window (RFC 6928)."""
    congestion: str = "cubic"
    """Congestion control: 'cubic', 'reno' or 'bic' (TCP_CONGESTION)."""
    limited_transmit: bool = True
    """RFC 3042: new segments upon the first two duplicate ACKs."""
    frto: bool = True
    """F-RTO (RFC 5682): without timestamps, find out whether a timeout was spurious."""
    hystart: bool = True
    """HyStart++ (RFC 9406) with CUBIC."""
    tail_loss_probe: bool = True
    """TLP (RFC 8985 §7), with SACK."""
    peer_delayed_ack: int = 500 * MILLISECOND
    """How long the peer may delay an ACK, for TLP (RFC 8985 proposes 200 ms; RFC 9293 permits 500 ms)."""
    black_hole_detection: bool = True
    """Smaller segments when full ones time out again and again, and probes for larger ones later (RFC 4821)."""
    sws_override: int = 200 * MILLISECOND
    """Override timer of sender SWS avoidance (RFC 9293 §3.8.6.2.1: 0.1 - 1.0 s)."""
    challenge_acks_per_second: int = 10
    """Limit on challenge ACKs and answers to empty unacceptable segments (RFC 5961 §7)."""
    oob_inline: bool = True
    """SO_OOBINLINE: urgent data stays in the stream (RFC 6093 §6: what applications should ask for)."""
    unequal_segments: bool = False
    """True: where the caller cuts a transmit short (at the end of a page), its last segment may be a small one."""
    out_of_order_segments: int = 1024
    """Most separate pieces kept out of order, so that tiny segments cannot take unbounded memory."""

    def __post_init__(self) -> None:
        if not 1 <= self.mss <= 65495:
            raise ValueError(f"mss {self.mss} not in 1..65495")
        if not 1 <= self.receive_buffer <= LARGEST_RECEIVE_BUFFER:
            raise ValueError(f"receive_buffer {self.receive_buffer} not in 1..{LARGEST_RECEIVE_BUFFER}")
        if self.congestion not in CONGESTION_CONTROLS:
            raise ValueError(f"congestion {self.congestion!r} not one of {CONGESTION_CONTROLS}")
        if self.delayed_ack_segments < 1:
            raise ValueError("delayed_ack_segments must be at least 1")
        if not 0 < self.rto_min <= self.rto_max:
            raise ValueError("need 0 < rto_min <= rto_max")

    def but(self, **changes: Any) -> "TcpConfig":
        """These settings with changes; itself if nothing differs, so that connections share it."""
        if all(getattr(self, name) == value for name, value in changes.items()):
            return self
        return replace(self, **changes)
