"""One TCP connection: its control block (TCB) and the calls that drive it (RFC 9293 §3.3.1, §3.9, §3.10).

A connection does no I/O. Segments, application calls and the time go in; events, segments to send and the next deadline
come out. The bytes of the streams are never here: our stream is a byte count (the owner keeps the data until
`Acknowledged`), the peer's stream passes through as opaque payload slices.

Sending is in two steps, so that the owner may refuse or delay: `poll_transmit` says what would be sent now and changes
nothing of it; only `transmitted` makes it sent. A transmit that is polled but not committed is simply offered again
(perhaps longer, or with a newer ACK).
"""

import errno
from collections.abc import Callable
from typing import Any

from . import algorithms, arrival, output, pmtu, timers
from .config import MILLISECOND, SECOND, TcpConfig
from .congestion import CongestionControl
from .delayed_ack import DelayedAck
from .ecn import Ecn
from .events import Acknowledged, Closed, DataArrived, Error, Established, Event
from .options import Negotiated
from .pmtu import PathMtu
from .reassembly import ReassemblyQueue
from .retransmission import RetransmissionTimer
from .sack_blocks import SackBlocks
from .sack_recovery import SackRecovery
from .segment import ACK, RST, TcpHeader
from .spurious import Timeout
from .states import CAN_RECEIVE_DATA, CAN_SEND, State
from .transmit import Transmit


class CallError(OSError):
    """An application call that the state does not allow; carries the errno."""


class Connection:
    """The TCB. Sequence variables are extended numbers (see `sequence`); times in ns.

    `changed`, if set, is called at the end of every call that may have produced events or something to send.
    `owner` and `binding` are free for the layers above; the connection never looks at them.
    """

    __slots__ = (
        "_challenge_count", "_challenge_second", "_events", "binding", "changed", "config", "congestion", "count",
        "delayed_ack", "dupacks", "ecn", "fin_queued", "fin_sent", "in_recovery", "irs", "iss", "keepalive_deadline",
        "keepalive_due", "keepalive_probes", "last_ack_sent", "last_heard", "last_send", "lifetime", "max_snd_wnd",
        "negotiated", "nodelay", "override_due", "owner", "passive", "pmtu", "probing", "rcv_adv", "rcv_fin", "rcv_nxt",
        "rcv_unread", "rcv_up", "reassembly", "recover", "recovery", "recovery_partial", "released", "reset_reply",
        "rexmit_end", "rexmit_nxt", "rtx", "sack_blocks", "snd_end", "snd_nxt", "snd_psh", "snd_small", "snd_una",
        "snd_up", "snd_wl1", "snd_wl2", "snd_wnd", "soft_error", "state", "syn_retransmitted", "ts_offset", "ts_recent",
        "total_retransmissions", "ts_recent_at", "undo",
    )

    def __init__(self, config: TcpConfig, now: int, iss: int = 0, congestion: CongestionControl | None = None,
                 count: Callable[[str], None] | None = None, ts_offset: int = 0) -> None:
        """`iss` is the initial send sequence number (0 .. 2**32-1); `count(name)` receives statistics.

        `ts_offset` is added to our timestamps, so that they do not tell how long we are up (RFC 7323 §5.4).
        """
        self.config = config
        self.state = State.CLOSED
        self.count = count or _count_nothing
        self.changed: Callable[[Connection], None] | None = None
        self.owner: Any = None
        self.binding: Any = None
        self.passive = False
        self.released = False
        """The application is gone: nobody reads what still arrives."""
        self.nodelay = config.nodelay
        self.soft_error: int | None = None
        self._events: list[Event] = []

        # send sequence variables; snd_end is where our stream ends so far, FIN would have that number
        self.iss = iss & 0xFFFFFFFF
        self.snd_una = self.snd_nxt = self.iss
        self.snd_end = self.snd_psh = self.iss + 1
        self.snd_wnd = self.snd_wl1 = self.snd_wl2 = self.max_snd_wnd = 0
        self.snd_small = self.iss
        """End of the last segment that was not full."""
        self.snd_up: int | None = None
        """SND.UP: one beyond urgent data that is not acknowledged."""
        self.fin_queued = self.fin_sent = False
        self.last_send = now

        # receive sequence variables; rcv_adv is the right edge of the window as last advertised
        self.irs = self.rcv_nxt = self.rcv_adv = self.last_ack_sent = 0
        self.ts_offset = ts_offset
        self.ts_recent = 0
        """The peer's timestamp that ours echo."""
        self.ts_recent_at = 0
        self.rcv_unread = 0
        self.rcv_up: int | None = None
        """RCV.UP: one beyond the latest urgent data that was told of."""
        self.rcv_fin: int | None = None
        self.reassembly = ReassemblyQueue(config.out_of_order_segments)
        self.negotiated = Negotiated()
        self.delayed_ack = DelayedAck(config)

        # loss recovery; [rexmit_nxt, rexmit_end) waits to be sent again
        self.congestion: CongestionControl = congestion or algorithms.make(
            config.congestion, config.initial_window_segments, config.hystart)
        self.rtx = RetransmissionTimer(config)
        self.rexmit_nxt = self.rexmit_end = self.iss
        self.dupacks = 0
        self.in_recovery = self.recovery_partial = False
        self.recover = self.iss
        self.recovery: SackRecovery | None = None
        """Set when both sides have SACK; without it, duplicate ACKs tell of losses."""
        self.sack_blocks: SackBlocks | None = None
        self.syn_retransmitted = False
        self.pmtu: PathMtu | None = None
        """Set when the path takes less than the ends do."""
        self.total_retransmissions = 0
        self.ecn: Ecn | None = None
        """Set when both sides have ECN."""
        self.undo: Timeout | None = None
        """After a timeout, until it is known whether it was needed."""
        self.probing = False
        """The window is closed and is being probed."""
        self.override_due = False
        """Send what fits, however little: a window probe, or SWS avoidance overridden."""

        self.last_heard = now
        self.keepalive_deadline: int | None = None
        self.keepalive_probes = 0
        self.keepalive_due = False
        self.lifetime: int | None = None
        """End of TIME-WAIT, or of FIN-WAIT-2 without an application."""
        self.reset_reply: tuple[int, int, int] | None = None
        """A RST to send: seq, ack, flags."""
        self._challenge_second = -1
        self._challenge_count = 0

    # -- user calls (RFC 9293 §3.9.1) ---------------------------------------------------------------------------------

    def open_active(self, now: int) -> None:
        """OPEN, active: a SYN is to be sent."""
        self._require(self.state is State.CLOSED, errno.EISCONN)
        self.state = State.SYN_SENT
        self.last_send = now
        self._changed()

    def open_passive(self) -> None:
        """OPEN, passive: the next segment is the SYN. (A listener makes one such connection per SYN.)"""
        self._require(self.state is State.CLOSED, errno.EISCONN)
        self.state = State.LISTEN
        self.passive = True

    def send(self, nbytes: int, now: int, push: bool = True, urgent: bool = False) -> None:
        """Append `nbytes` to our stream. Without `push` the last part of a segment waits for more.

        `urgent`: the last of them is urgent (MSG_OOB).
        """
        if nbytes < 0:
            raise ValueError(f"send of {nbytes} bytes")
        self._require(CAN_SEND[self.state] and not self.fin_queued, errno.EPIPE)
        if self.snd_una == self.snd_nxt and now - self.last_send > self.rtx.rto and self.state >= State.ESTABLISHED:
            self.congestion.idle()  # RFC 5681 §4.1
        self.snd_end += nbytes
        if push:
            self.snd_psh = self.snd_end
        if urgent and nbytes:
            self.snd_up = self.snd_end
            self.delayed_ack.immediate = True  # the peer shall know even if its window is closed
        self._changed()

    def set_nodelay(self, nodelay: bool) -> None:
        """TCP_NODELAY."""
        self.nodelay = nodelay
        self.config = self.config.but(nodelay=nodelay)
        self._changed()

    def configure(self, now: int, **changes: Any) -> None:
        """Change settings of TcpConfig while the connection lives; ValueError for what cannot be.

        What was negotiated stays: a receive buffer can grow as far as the window scale tells it.
        """
        self.config = config = self.config.but(**changes)
        self.rtx.config = self.delayed_ack.config = config
        self.nodelay = config.nodelay
        if "congestion" in changes:
            old = self.congestion
            self.congestion = algorithms.make(config.congestion, config.initial_window_segments)
            self.congestion.established(self.negotiated.send_mss, False)
            self.congestion.cwnd, self.congestion.ssthresh = old.cwnd, old.ssthresh
        if "mss" in changes and self.state >= State.SYN_RECEIVED:
            self.negotiated.send_mss = min(self.negotiated.send_mss, config.mss - self.negotiated.segment_option_bytes)
            self.congestion.mss_changed(self.negotiated.send_mss)
        if "receive_buffer" in changes and CAN_RECEIVE_DATA[self.state] and output.window_update_due(self):
            self.delayed_ack.immediate = True
        if config.delayed_ack_segments == 1 and self.delayed_ack.pending:
            self.delayed_ack.immediate = True
        self._arm_keepalive(now)
        self._changed()

    def _arm_keepalive(self, now: int) -> None:
        self.keepalive_probes = 0
        alive = self.config.keepalive and State.ESTABLISHED <= self.state < State.TIME_WAIT
        self.keepalive_deadline = max(now, self.last_heard + self.config.keepalive_idle) if alive else None

    def consumed(self, nbytes: int, now: int) -> None:
        """The application has read `nbytes` of what was delivered; the window may open."""
        if not 0 <= nbytes <= self.rcv_unread:
            raise ValueError(f"consumed {nbytes} of {self.rcv_unread} delivered bytes")
        self.rcv_unread -= nbytes
        # After the peer's FIN there is nothing left to make room for, and nobody there may know us any more.
        if CAN_RECEIVE_DATA[self.state] and output.window_update_due(self):
            self.delayed_ack.immediate = True
            self._changed()

    def close(self, now: int) -> None:
        """CLOSE: no more to send; FIN follows the data. What the peer still sends is delivered (half-close)."""
        state = self.state
        if state in (State.CLOSED, State.LISTEN, State.SYN_SENT):
            self.enter_closed()
        elif not self.fin_queued:
            self.fin_queued = True
            self.snd_psh = self.snd_end
            if state is State.ESTABLISHED:
                self.state = State.FIN_WAIT_1
            elif state is State.CLOSE_WAIT:
                self.state = State.LAST_ACK
        self._changed()

    def release(self, now: int) -> None:
        """The application is gone: close, and reset instead if received data was never read (RFC 9293 SHLD-3).

        Data that arrives afterwards is answered with RST; FIN-WAIT-2 does not last forever.
        """
        if self.released:
            return
        self.released = True
        if self.rcv_unread and self.state >= State.ESTABLISHED and self.state is not State.TIME_WAIT:
            self.abort(now)
            return
        if self.state is State.FIN_WAIT_2:
            self.lifetime = now + self.config.fin_wait_2
        self.close(now)

    def abort(self, now: int) -> None:
        """ABORT: forget everything, RST to the peer if it knows us."""
        if State.SYN_RECEIVED <= self.state <= State.CLOSE_WAIT:
            self.reset_reply = (output.control_seq(self), self.rcv_nxt, RST | ACK)
        self.enter_closed()
        self._changed()

    # -- the network and the clock ------------------------------------------------------------------------------------

    def segment_arrives(self, header: TcpHeader, payload: Any, now: int) -> None:
        """SEGMENT ARRIVES (RFC 9293 §3.10.7). `payload`: anything with len() and slicing; checksum already verified."""
        arrival.segment_arrives(self, header, payload, now)
        self._changed()

    def icmp_error(self, error: int, hard: bool, seq: int, now: int) -> None:
        """An ICMP error that quotes our segment `seq` (wire number); `error` is an errno."""
        arrival.icmp_error(self, error, hard, seq, now)
        self._changed()

    def path_mtu(self, mss: int, seq: int, now: int) -> bool:
        """The path takes at most `mss` bytes of payload and options a segment (RFC 1191); `seq` as in `icmp_error`.

        True if it is believed, and less than what was sent until now.
        """
        news = arrival.path_mtu(self, mss, seq, now)
        self._changed()
        return news

    def unreachable(self, error: int, now: int) -> None:
        """Our own network layer cannot reach the peer (no ARP answer): fatal while opening."""
        arrival.unreachable(self, error, now)
        self._changed()

    def timeout(self, now: int) -> None:
        """The clock has reached `now`; does nothing unless a deadline has passed."""
        timers.timeout(self, now)
        self._changed()

    def next_deadline(self) -> int | None:
        """When `timeout` must be called, or None."""
        deadline = self.rtx.deadline
        other = self.delayed_ack.deadline
        if other is not None and (deadline is None or other < deadline):
            deadline = other
        other = self.lifetime
        if other is not None and (deadline is None or other < deadline):
            deadline = other
        other = self.keepalive_deadline
        if other is not None and (deadline is None or other < deadline):
            deadline = other
        if self.recovery is not None:
            other = self.recovery.deadline
            if other is not None and (deadline is None or other < deadline):
                deadline = other
        return deadline

    def poll_transmit(self, now: int, max_payload: int = 65535) -> Transmit | None:
        """What to send next, at most `max_payload` bytes (at least one segment's worth); None if nothing."""
        return output.next_transmit(self, now, max_payload)

    def transmitted(self, transmit: Transmit, now: int) -> None:
        """`transmit`, got from `poll_transmit`, has been sent (or surely will be)."""
        output.transmitted(self, transmit, now)

    def events(self) -> list[Event]:
        """The events since the last call, oldest first."""
        events = self._events
        if events:
            self._events = []
        return events

    # -- what the stages of processing share --------------------------------------------------------------------------

    @property
    def rcv_wnd(self) -> int:
        """RCV.WND: the window as the peer knows it."""
        return self.rcv_adv - self.rcv_nxt

    def timestamp(self, now: int) -> int:
        """Our timestamp: milliseconds (RFC 7323 §5.4)."""
        return (now // MILLISECOND + self.ts_offset) & 0xFFFFFFFF

    @property
    def snd_mss(self) -> int:
        """Payload bytes of a full segment of ours."""
        return self.negotiated.send_mss

    @property
    def send_queue(self) -> int:
        """Bytes of our stream that were not acknowledged, sent or not."""
        return self.snd_end - max(min(self.snd_una, self.snd_end), self.iss + 1)

    @property
    def fin_acked(self) -> bool:
        """Our FIN has been acknowledged."""
        return self.fin_sent and self.snd_una > self.snd_end

    def emit(self, event: Event) -> None:
        """Queue an event for the owner."""
        self._events.append(event)

    def deliver(self, payload: Any) -> None:
        """Payload at RCV.NXT goes to the owner."""
        self._events.append(DataArrived(self.rcv_nxt - self.irs - 1, payload))
        length = len(payload)
        self.rcv_nxt += length
        self.rcv_unread += length

    def acknowledged(self, ack: int) -> None:
        """Our stream below `ack` belongs to the peer."""
        self._events.append(Acknowledged(min(ack, self.snd_end) - self.iss - 1))

    def enter_established(self) -> None:
        """The handshake is complete."""
        self.state = State.ESTABLISHED
        if self.negotiated.sack:
            self.recovery = SackRecovery(self.snd_una)
            if self.snd_nxt > self.snd_una:
                self.recovery.board.sent(self.snd_una, self.snd_nxt, self.last_send)
        if self.pmtu is not None:
            pmtu.established(self)
        self.congestion.established(self.negotiated.send_mss, self.syn_retransmitted)
        if self.syn_retransmitted and self.rtx.srtt is None:
            self.rtx.rto = max(self.rtx.config.rto_after_syn_loss, self.rtx.config.rto_min)
        if self.config.keepalive:
            self._arm_keepalive(self.last_heard)
        self.emit(Established())
        if self.fin_queued:
            self.state = State.FIN_WAIT_1

    def enter_time_wait(self, now: int) -> None:
        """Both FINs are acknowledged; wait 2 MSL."""
        self.state = State.TIME_WAIT
        self.keepalive_deadline = None
        self.rtx.stop()
        self.lifetime = now + self.config.time_wait

    def enter_closed(self) -> None:
        """Delete the TCB; a pending RST still leaves."""
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        self.rtx.stop()
        self.delayed_ack.sent()
        self.lifetime = self.keepalive_deadline = None
        self.reassembly.clear()
        self.recovery = self.sack_blocks = None
        self.rexmit_nxt = self.rexmit_end
        self.emit(Closed())

    def fail(self, error: int) -> None:
        """The connection ends with an errno."""
        self.emit(Error(error))
        self.enter_closed()

    def challenge(self, now: int) -> None:
        """Answer with an ACK, within the limit (RFC 5961 §7)."""
        second = now // SECOND
        if second != self._challenge_second:
            self._challenge_second = second
            self._challenge_count = 0
        if self._challenge_count >= self.config.challenge_acks_per_second:
            self.count("tcp_challenge_acks_suppressed")
            return
        self._challenge_count += 1
        self.count("tcp_challenge_acks")
        self.delayed_ack.immediate = True

    def _changed(self) -> None:
        if self.changed is not None:
            self.changed(self)

    @staticmethod
    def _require(condition: bool, error: int) -> None:
        if not condition:
            raise CallError(error, errno.errorcode[error])

    def __repr__(self) -> str:
        return (f"Connection({self.state.name} snd_una={self.snd_una} snd_nxt={self.snd_nxt} snd_wnd={self.snd_wnd} "
                f"rcv_nxt={self.rcv_nxt} rcv_wnd={self.rcv_wnd})")


def _count_nothing(name: str) -> None:
    pass
