"""Commands that move data: SEND and RECV."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from firmware.messages import Message, Result
from firmware.requests import ReceiveRequest, RequestError, transfer_of
from firmware.sending.stream import SendRequest
from firmware.socket_options import MessageFlag
from firmware.sockets.socket import wait, waits

if TYPE_CHECKING:
    from firmware.sockets.sockets import Sockets


def send(sockets: Sockets, message: Message) -> bytes | None:
    """SEND: answered when all of it is acknowledged or copied."""
    socket = sockets.of(message)
    flags, pieces, total = transfer_of(message.parameters)
    endpoint = sockets.connected(socket)
    if not endpoint.can_send:
        raise RequestError(endpoint.take_error() or errno.EPIPE)
    if not total:
        return Result(0).pack()
    stream = endpoint.stream
    request = SendRequest(message, [(piece.address, piece.length) for piece in pieces], total,
                          push=not flags & MessageFlag.MORE, urgent=bool(flags & MessageFlag.OOB))
    if not waits(message, flags):
        room = sockets.room(endpoint)
        if not room or stream.next_to_accept() is not None:
            raise RequestError(errno.EAGAIN)
        request.limit = min(total, room)
        request.hurry = True
    wait(stream.requests, request)
    sockets.sending[endpoint] = None
    return None


def receive(sockets: Sockets, message: Message) -> bytes | None:
    """RECV: answered with what has been delivered; an end of the stream is no bytes."""
    socket = sockets.of(message)
    flags, pieces, total = transfer_of(message.parameters)
    endpoint = sockets.connected(socket)
    if not total:
        return Result(0).pack()
    if flags & MessageFlag.OOB:
        if endpoint.connection.config.oob_inline or endpoint.until_mark is None and endpoint.urgent_byte is None:
            raise RequestError(errno.EINVAL)
        if endpoint.urgent_byte is None or socket.receives:
            raise RequestError(errno.EAGAIN)
        socket.receives.append(ReceiveRequest(message, pieces, 1, bool(flags & MessageFlag.PEEK), True))
        sockets.dirty[socket] = None
        return None
    idle = not socket.receives and not endpoint.received_bytes
    if idle and endpoint.error:
        raise RequestError(endpoint.take_error())
    if idle and (endpoint.end_of_stream or socket.read_shut):
        return Result(0).pack()
    if not waits(message, flags) and (idle or socket.receives):
        raise RequestError(errno.EAGAIN)
    wait(socket.receives, ReceiveRequest(message, pieces, total, bool(flags & MessageFlag.PEEK),
                                         wait_all=bool(flags & MessageFlag.WAITALL) and waits(message, flags)))
    sockets.dirty[socket] = None
    return None
