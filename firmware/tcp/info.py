"""TCP_INFO: what a connection knows of itself, as 104 bytes.

The fields and their places are those that Linux's `struct tcp_info` begins with, so that programs for it can read them;
the spare byte after `options` holds the version of the layout.
"""

import struct
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from .config import MILLISECOND
from .states import State

if TYPE_CHECKING:
    from .connection import Connection

VERSION = 1
MICROSECOND = 1000
LAYOUT = struct.Struct("<8B24I")
INFINITE = 0x7FFFFFFF
"""`ssthresh` before the first loss."""

OPTION_TIMESTAMPS, OPTION_SACK, OPTION_WINDOW_SCALE, OPTION_ECN = 1, 2, 4, 8
CA_OPEN, CA_DISORDER, CA_CWR, CA_RECOVERY, CA_LOSS = range(5)
_STATE = {State.CLOSED: 7, State.LISTEN: 10, State.SYN_SENT: 2, State.SYN_RECEIVED: 3, State.ESTABLISHED: 1,
          State.FIN_WAIT_1: 4, State.FIN_WAIT_2: 5, State.CLOSE_WAIT: 8, State.CLOSING: 11, State.LAST_ACK: 9,
          State.TIME_WAIT: 6}


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """rto, ato, rtt, rttvar, rcv_rtt in microseconds; last_* in ms; unacked ... fackets, ssthresh and cwnd in segments;
    the others in bytes or counts."""

    state: int
    ca_state: int
    retransmits: int
    probes: int
    backoff: int
    options: int
    version: int
    wscale: int
    """snd_wind_shift in the low four bits, rcv_wind_shift in the high."""
    rto: int
    ato: int
    snd_mss: int
    rcv_mss: int
    unacked: int
    sacked: int
    lost: int
    retrans: int
    fackets: int
    last_data_sent: int
    last_ack_sent: int
    last_data_recv: int
    last_ack_recv: int
    pmtu: int
    rcv_ssthresh: int
    rtt: int
    rttvar: int
    snd_ssthresh: int
    snd_cwnd: int
    advmss: int
    reordering: int
    rcv_rtt: int
    rcv_space: int
    total_retrans: int

    def pack(self) -> bytes:
        return LAYOUT.pack(*(min(getattr(self, field.name), 0xFFFFFFFF) for field in fields(self)))

    @classmethod
    def unpack(cls, data: bytes) -> "TcpInfo":
        """ValueError for another length or version."""
        if len(data) != LAYOUT.size:
            raise ValueError(f"{len(data)} bytes are no TCP_INFO")
        info = cls(*LAYOUT.unpack(data))
        if info.version != VERSION:
            raise ValueError(f"TCP_INFO of version {info.version}")
        return info


def tcp_info(c: "Connection", now: int) -> TcpInfo:
    """The figures of `c` now."""
    agreed, rtx, control = c.negotiated, c.rtx, c.congestion
    mss = agreed.send_mss
    flight = c.snd_nxt - c.snd_una
    sacked = lost = again = 0
    ca_state = CA_OPEN
    if c.in_recovery:
        ca_state = CA_RECOVERY
    elif rtx.retransmissions and flight:
        ca_state = CA_LOSS
    elif c.dupacks:
        ca_state = CA_DISORDER
    if c.recovery is not None:
        board = c.recovery.board
        sacked, lost = board.sacked, board.lost
        again = sum(record.end - record.start for record in board.records
                    if record.again and not record.sacked and not record.lost)
        if c.recovery.in_loss:
            ca_state = CA_LOSS
        elif sacked and ca_state == CA_OPEN:
            ca_state = CA_DISORDER
    options = ((OPTION_TIMESTAMPS if agreed.timestamps else 0) | (OPTION_SACK if agreed.sack else 0)
               | (OPTION_WINDOW_SCALE if agreed.window_scaling else 0) | (OPTION_ECN if c.ecn is not None else 0))
    idle_sent, idle_heard = (now - c.last_send) // MILLISECOND, (now - c.last_heard) // MILLISECOND
    return TcpInfo(
        _STATE[c.state], ca_state, min(rtx.retransmissions, 255), min(c.keepalive_probes, 255),
        min(rtx.retransmissions, 255), options, VERSION, agreed.rcv_wind_shift << 4 | agreed.snd_wind_shift,
        rtx.rto // MICROSECOND, c.config.delayed_ack // MICROSECOND, mss, c.delayed_ack.largest_segment,
        -(-flight // mss), -(-sacked // mss), -(-lost // mss), -(-again // mss), 0, idle_sent, 0, idle_heard,
        idle_heard, mss + agreed.segment_option_bytes + 40, c.rcv_wnd, (rtx.srtt or 0) // MICROSECOND,
        rtx.rttvar // MICROSECOND, INFINITE if control.ssthresh >= 1 << 30 else max(control.ssthresh // mss, 1),
        max(control.cwnd // mss, 1), c.config.mss, 3, 0, c.config.receive_buffer, c.total_retransmissions)
