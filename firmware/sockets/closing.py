"""Commands that end something: SHUTDOWN, CLOSE (with SO_LINGER), CANCEL."""

from __future__ import annotations

import errno
import heapq
from typing import TYPE_CHECKING

from firmware.endpoint import Endpoint
from firmware.messages import CancelRequest, Message, Result, ShutdownRequest
from firmware.requests import RequestError
from firmware.socket_options import Shutdown
from firmware.sockets.socket import waits

if TYPE_CHECKING:
    from firmware.sockets.sockets import Sockets


def shut_down(sockets: Sockets, message: Message) -> bytes:
    """SHUTDOWN: no more is read, or sent, or both."""
    socket = sockets.of(message)
    request, _ = ShutdownRequest.unpack(message.parameters)
    if request.how not in tuple(Shutdown):
        raise RequestError(errno.EINVAL)
    endpoint = sockets.connected(socket)
    if endpoint.closed:
        raise RequestError(errno.ENOTCONN)
    if request.how != Shutdown.WRITE:
        socket.read_shut = True
    if request.how != Shutdown.READ and not endpoint.closing:
        endpoint.closing = True
        endpoint.accept_bytes(sockets.room, sockets.now_ns())
        if not endpoint.fin_queued:
            sockets.sending[endpoint] = None
    sockets.dirty[socket] = None
    return Result(0).pack()


def close(sockets: Sockets, message: Message) -> bytes | None:
    """CLOSE: what waits at the socket is answered; its connection sends what it has accepted, then ends."""
    socket = sockets.of(message)
    del sockets.by_descriptor[socket.descriptor]
    heapq.heappush(sockets.free_descriptors, socket.descriptor)
    if sockets.ports.get((socket.domain, socket.local_port)) is socket:
        del sockets.ports[socket.domain, socket.local_port]
    if socket.listener is not None:
        sockets.stack.close_listener(socket.listener, sockets.now_ns())
        socket.listener = None
    for waiting in (*socket.accepts, *([socket.connect] if socket.connect else []),
                    *(poll.message for poll in socket.polls)):
        sockets.reply(waiting.reply(errno.EBADF))
    socket.accepts.clear()
    socket.polls.clear()
    socket.connect = None
    for receive in socket.receives:
        receive.ended, receive.error = True, errno.EBADF
    sockets.dirty[socket] = None
    endpoint = socket.endpoint
    if endpoint is not None:
        if socket.linger == 0:
            endpoint.connection.abort(sockets.now_ns())
        _leave(sockets, endpoint)
        if socket.linger and waits(message):
            sockets.lingering[endpoint] = message
            linger(sockets, endpoint)
            return None
    return Result(0).pack()


def linger(sockets: Sockets, endpoint: Endpoint) -> None:
    """Answer a CLOSE that waited for its connection's end."""
    if endpoint.closed or endpoint.connection.fin_acked:
        sockets.reply(sockets.lingering.pop(endpoint).reply(0, Result(0).pack()))


def _leave(sockets: Sockets, endpoint: Endpoint) -> None:
    """The application is gone; what was accepted is still sent."""
    endpoint.socket = None
    for request in list(endpoint.stream.requests):
        endpoint.stream.truncate(request)
    endpoint.connection.release(sockets.now_ns())
    endpoint.fin_queued = endpoint.closing = True
    endpoint.received.clear()
    endpoint.received_bytes = 0
    if endpoint.stream.accepted_end > endpoint.stream.buffered_end:
        sockets.sending[endpoint] = None


def cancel(sockets: Sockets, message: Message) -> bytes:
    """CANCEL: the request with that tag at the same socket is answered with EINTR, or soon with what it did."""
    if sockets.lingering and _cancel_close(sockets, message):
        return Result(0).pack()
    socket = sockets.of(message)
    request, _ = CancelRequest.unpack(message.parameters)
    interrupted: Message | None = None
    for accept in socket.accepts:
        if accept.tag == request.tag:
            socket.accepts.remove(accept)
            interrupted = accept
            break
    for poll in socket.polls:
        if poll.message.tag == request.tag:
            socket.polls.remove(poll)
            interrupted = poll.message
            break
    if socket.connect is not None and socket.connect.tag == request.tag:
        interrupted, socket.connect = socket.connect, None
    if interrupted is not None:
        sockets.reply(interrupted.reply(errno.EINTR))
        return Result(0).pack()
    for receive in socket.receives:
        if receive.message.tag == request.tag:
            receive.ended, receive.error = True, errno.EINTR
            sockets.dirty[socket] = None
            return Result(0).pack()
    for send in socket.endpoint.stream.requests if socket.endpoint is not None else ():
        if send.message.tag == request.tag:
            socket.endpoint.stream.truncate(send)
            sockets.sending[socket.endpoint] = None
            return Result(0).pack()
    raise RequestError(errno.ENOENT)


def _cancel_close(sockets: Sockets, message: Message) -> bool:
    """SO_LINGER's time is over: the CLOSE is answered, what was sent goes on."""
    request, _ = CancelRequest.unpack(message.parameters)
    for endpoint, closing in sockets.lingering.items():
        if (closing.identifier, closing.tag) == (message.identifier, request.tag):
            del sockets.lingering[endpoint]
            sockets.reply(closing.reply(0, Result(0).pack()))
            return True
    return False
