"""Receiving: frames are judged by their heads, payload stays in card memory until DMA brings it to the reader."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable

from firmware.drivers.dma import Channel, Copy
from firmware.drivers.ethernet_receive import CardSlice
from firmware.messages import Message, Result
from firmware.network.checksum import PROTOCOL_TCP, checksum, pseudo_header_sum
from firmware.requests import ReceiveRequest
from firmware.retransmission_buffer import cut
from firmware.sending.stream import pair
from firmware.sockets import Socket, Sockets
from firmware.tcp.connection import Connection

ETHERNET_HEADER_BYTES = 14


def payload_bytes(head: bytes) -> int:
    """Bytes of TCP payload in a frame with this head, as far as its headers can be believed; 0 if it is not TCP."""
    if len(head) < 54:
        return 0
    if head[12:14] == b"\x86\xdd" and head[20] == PROTOCOL_TCP and len(head) >= 74:
        return int.from_bytes(head[18:20], "big") - (head[66] >> 4) * 4
    if head[12:14] != b"\x08\x00" or head[23] != PROTOCOL_TCP:
        return 0
    ip_header = (head[14] & 15) * 4
    data_offset = ETHERNET_HEADER_BYTES + ip_header + 12
    if data_offset >= len(head):
        return 0
    return int.from_bytes(head[16:18], "big") - ip_header - (head[data_offset] >> 4) * 4


def verify_checksums(frame: bytes) -> bool:
    """IP and TCP checksum of a TCP frame, in software; True for what is malformed otherwise (the stack's matter)."""
    ip = frame[ETHERNET_HEADER_BYTES:]
    if frame[12:14] == b"\x86\xdd":
        length = int.from_bytes(ip[4:6], "big") if len(ip) >= 60 else 0
        if not 20 <= length <= len(ip) - 40:
            return True
        return not checksum(ip[40:40 + length], pseudo_header_sum(ip[8:24], ip[24:40], PROTOCOL_TCP, length))
    header = (ip[0] & 15) * 4 if ip else 0
    total = int.from_bytes(ip[2:4], "big") if len(ip) >= 20 else 0
    if not 20 <= header <= total <= len(ip):
        return True
    if checksum(ip[:header]):
        return False
    return not checksum(ip[header:total], pseudo_header_sum(ip[12:16], ip[16:20], PROTOCOL_TCP, total - header))


def renege(connections: Iterable[Connection]) -> int:
    """Give up what was received beyond a hole; its peers send it again (RFC 2018 §8). Returns the bytes.

    When such data fill the receive buffers, the segments that would fill the holes find no place any more.
    """
    given_up = 0
    for connection in connections:
        given_up += connection.reassembly.buffered
        connection.reassembly.clear()
        if connection.sack_blocks is not None:
            connection.sack_blocks.blocks.clear()
    return given_up


class Delivery:
    """Serves the RECVs that wait at sockets."""

    def __init__(self, sockets: Sockets, channel: Channel, reply: Callable[[Message], None],
                 now_ns: Callable[[], int]) -> None:
        self._sockets = sockets
        self._channel = channel
        self._reply = reply
        self._now_ns = now_ns
        self.bytes = 0

    async def serve(self, socket: Socket) -> None:
        """Start what can be delivered, answer what is over; one delivery a socket at a time."""
        while socket.receives and not socket.receives[0].delivering:
            request = socket.receives[0]
            endpoint = socket.endpoint
            wanted = request.length - request.done
            if request.urgent and not request.ended:
                await self._deliver_urgent(socket, request)
                return
            available = endpoint.received_bytes if endpoint is not None else 0
            over = endpoint is None or endpoint.end_of_stream or endpoint.error or socket.read_shut
            if request.ended or not wanted or (not available and over) or (request.done and not request.wait_all):
                socket.receives.popleft()
                self._finish(socket, request)
            elif available:
                await self._deliver(socket, request, min(wanted, available))
            else:
                return

    def _finish(self, socket: Socket, request: ReceiveRequest) -> None:
        error = request.error
        if not error and not request.done and not request.ended and socket.endpoint is not None:
            error = socket.endpoint.take_error()
        if error and not request.done:
            self._reply(request.message.reply(error))
        else:
            self._reply(request.message.reply(0, Result(request.done).pack()))

    async def _deliver_urgent(self, socket: Socket, request: ReceiveRequest) -> None:
        """MSG_OOB: the byte that is not in the stream."""
        endpoint = socket.endpoint
        byte = endpoint.urgent_byte
        if not request.peek:
            endpoint.urgent_byte = None
        pieces = cut([(piece.address, piece.length) for piece in request.pieces], 0, 1)
        request.delivering = request.ended = True

        def delivered(ok: bool) -> None:
            len(byte)  # held until here
            request.delivering = False
            request.done, request.error = (1, 0) if ok else (0, errno.EFAULT)
            self._sockets.dirty[socket] = None

        await self._channel.append(pair([(byte.address, 1)], pieces), delivered)

    async def _deliver(self, socket: Socket, request: ReceiveRequest, length: int) -> None:
        endpoint = socket.endpoint
        if endpoint.until_mark is not None:  # reading stops before urgent data once
            if endpoint.until_mark:
                length = min(length, endpoint.until_mark)
                request.ended = length == endpoint.until_mark
            if not request.peek:
                endpoint.until_mark = endpoint.until_mark - length if endpoint.until_mark else None
        taken: list[CardSlice] = []
        left = length
        for payload in endpoint.received:
            if left <= 0:
                break
            taken.append(payload[:left])
            left -= len(taken[-1])
        if not request.peek:
            left = length
            while left:
                payload = endpoint.received.popleft()
                if len(payload) > left:
                    endpoint.received.appendleft(payload[left:])
                    left = 0
                else:
                    left -= len(payload)
            endpoint.received_bytes -= length
        pieces = cut([(piece.address, piece.length) for piece in request.pieces], request.done, length)
        copies: list[Copy] = pair([(payload.address, len(payload)) for payload in taken], pieces)
        request.delivering = True

        def delivered(ok: bool) -> None:
            taken.clear()
            request.delivering = False
            if ok:
                request.done += length
                self.bytes += length
            else:
                request.ended, request.error = True, errno.EFAULT
            if not request.peek:
                endpoint.consume(length, self._now_ns())
            elif ok:
                request.ended = True
            self._sockets.dirty[socket] = None

        await self._channel.append(copies, delivered)


