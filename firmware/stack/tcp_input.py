"""Whose a segment is: a connection's, a listener's, of a SYN cookie that comes back, or nobody's."""

from collections.abc import Callable
from typing import Any

from ..network import ipv4, ipv6, tcp_frame
from ..network.checksum import PROTOCOL_TCP, checksum, pseudo_header_sum
from ..network.ipv6 import flow_label
from ..tcp import syn_cookies
from ..tcp.arrival import reset_for
from ..tcp.connection import Connection
from ..tcp.isn import timestamp_offset
from ..tcp.listener import Listener
from ..tcp.options import Options
from ..tcp.segment import ACK, RST, SYN, TcpHeader, parse_header
from ..tcp.sequence import MASK, less_than
from ..tcp.states import State
from .binding import Layer, connection_key
from .listeners import Listeners
from .output import Output
from .table import ConnectionTable, config_over

IpHeader = ipv4.Ipv4Header | ipv6.Ipv6Header


class TcpInput:
    """Segments to our addresses, by connection. changed: called for a connection that was ended from here."""

    def __init__(self, table: ConnectionTable, listeners: Listeners, output: Output,
                 charge: Callable[[str, int], None], count: Callable[[str], None],
                 changed: Callable[[Connection], None]) -> None:
        self.segments_in = 0
        """Segments that a connection took."""
        self._table = table
        self._listeners = listeners
        self._output = output
        self._charge = charge
        self._count = count
        self._changed = changed

    def arrives(self, layer: Layer, head: bytes, frame: Any, ip: IpHeader, now: int, checksum_ok: bool | None) -> None:
        """A segment to one of our addresses, as in `Stack.frame_arrives`. Raises MalformedSegment."""
        start, end = ip.payload, ip.end
        if checksum_ok is None:
            checksum_ok = end - start < 20 or not checksum((head if len(head) >= end else frame)[start:end],
                                                           pseudo_header_sum(ip.source, ip.destination, PROTOCOL_TCP,
                                                                             end - start))
        if not checksum_ok and end - start >= 20:  # what is too short for a header is counted as such below
            self._count("tcp_checksum_error")
            return
        header = parse_header(head, start, end - start)
        header.ecn = ip.ecn
        payload = frame[start + header.header_bytes:end]
        self._charge("tcp_input" if start + header.header_bytes < end else "ack_input", 1)
        key = ip.source + ip.destination + head[start:start + 4]
        connection = self._table.connections.get(key)
        if connection is not None and connection.state is State.TIME_WAIT and self.reopens(connection, header):
            connection.enter_closed()
            self._changed(connection)
            connection = None
        if header.flags & SYN and header.options.mss is None and len(ip.source) == 16:
            options = header.options
            header.options = Options(layer.default_mss, options.window_scale, options.sack_permitted, options.ts_val,
                                     options.ts_ecr, options.sack)
        if connection is None:
            connection = (self._connection_for_syn(layer, header, ip, now) if header.flags & SYN
                          else self._connection_for_cookie(layer, header, ip, key, now))
            if connection is None:
                self._refuse(layer, header, len(payload), ip, now)
                return
        self.segments_in += 1
        connection.segment_arrives(header, payload, now)

    def reopens(self, connection: Connection, header: TcpHeader) -> bool:
        """A SYN newer than everything of the old incarnation ends TIME-WAIT early (RFC 6191, RFC 9293 MAY-2)."""
        if (header.flags & (SYN | ACK | RST) != SYN
                or self._listeners.lookup(connection.binding.local_address, header.destination_port) is None):
            return False
        ts_val = header.options.ts_val
        if ts_val is not None and connection.config.timestamps:
            if not connection.negotiated.timestamps or less_than(connection.ts_recent, ts_val):
                return True
            if ts_val != connection.ts_recent:
                return False
        return less_than(connection.rcv_nxt & MASK, header.seq)

    def _connection_for_syn(self, layer: Layer, header: TcpHeader, ip: IpHeader, now: int) -> Connection | None:
        if header.flags & (SYN | ACK | RST) != SYN or header.source_port == 0:
            return None
        listener = self._listeners.lookup(ip.destination, header.destination_port)
        if listener is None:
            return None
        next_hop = layer.next_hop(ip.source, now)
        if listener.full or next_hop is None:
            if next_hop is not None and listener.config.syn_cookies and len(listener.accept_queue) < listener.backlog:
                self._send_cookie(layer, listener, header, ip, now)
            return None
        return self._half_open(layer, listener, header, ip, next_hop, now)

    def _half_open(self, layer: Layer, listener: Listener, header: TcpHeader, ip: IpHeader, next_hop: bytes,
                   now: int) -> Connection:
        """A new connection in LISTEN, which a listener keeps until it is established."""
        connection = self._table.create(layer, ip.destination, header.destination_port, ip.source, header.source_port,
                                        next_hop, listener.config, listener, now)
        connection.owner = listener.owner
        connection.open_passive()
        listener.half_open[connection] = None
        return connection

    def _send_cookie(self, layer: Layer, listener: Listener, header: TcpHeader, ip: IpHeader, now: int) -> None:
        """Answer a SYN without keeping anything of it (RFC 4987 §3.6)."""
        listener.cookies_until = now + syn_cookies.LIFETIME
        self._count("tcp_syn_cookies_sent")
        secret = self._table.secret
        key = connection_key(ip.source, ip.destination, header.source_port, header.destination_port)
        spare = Connection(config_over(layer, listener.config), now, ts_offset=timestamp_offset(secret, key))
        spare.open_passive()
        t = syn_cookies.answer(spare, secret, key, header, now)
        frame = tcp_frame.build_frame(
            bytes(6), self._output.mac, ip.destination, ip.source, header.destination_port, header.source_port, t.seq,
            t.ack, t.flags, t.window, t.options, identification=self._output.next_identification(), ttl=layer.ttl,
            flow_label=flow_label(secret, key) if len(ip.source) == 16 else 0)
        self._output.route("reset", layer, ip.source, frame, now)

    def _connection_for_cookie(self, layer: Layer, header: TcpHeader, ip: IpHeader, key: bytes,
                               now: int) -> Connection | None:
        """The connection of an ACK that brings a cookie back."""
        listener = self._listeners.lookup(ip.destination, header.destination_port)
        if listener is None or listener.cookies_until <= now or header.flags & (ACK | RST) != ACK:
            return None
        syn = syn_cookies.syn_of(self._table.secret, key, header, now)
        next_hop = layer.next_hop(ip.source, now)
        if syn is None or next_hop is None:
            self._count("tcp_syn_cookies_failed")
            return None
        if len(listener.accept_queue) >= listener.backlog:
            return None
        self._count("tcp_syn_cookies_received")
        connection = self._half_open(layer, listener, header, ip, next_hop, now)
        syn_cookies.restore(connection, syn, header, now)
        return connection

    def _refuse(self, layer: Layer, header: TcpHeader, length: int, ip: IpHeader, now: int) -> None:
        """No connection takes this segment: RST (RFC 9293 §3.10.7.1), or silence if the backlog is full."""
        listener = self._listeners.lookup(ip.destination, header.destination_port)
        if listener is not None and (header.flags & (SYN | ACK | RST) == SYN
                                     or (len(listener.accept_queue) >= listener.backlog
                                         and listener.cookies_until > now and not header.flags & RST)):
            self._count("tcp_listen_overflows")
            return
        reply = reset_for(header, length)
        if reply is None:
            self._count("tcp_resets_for_no_connection")
            return
        self._count("tcp_segments_refused")
        self._count("tcp_resets_sent")
        seq, ack, flags = reply
        frame = tcp_frame.build_frame(
            bytes(6), self._output.mac, ip.destination, ip.source, header.destination_port, header.source_port, seq,
            ack, flags, 0, identification=self._output.next_identification(), ttl=layer.ttl)
        self._output.route("reset", layer, ip.source, frame, now)
