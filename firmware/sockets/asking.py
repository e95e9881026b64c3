"""Commands about the state of a socket: options, names, POLL."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from firmware.messages import Message, OptionRequest, Result, pack_address
from firmware.messages import PollRequest as PollParameters
from firmware.option_commands import get_option, set_option
from firmware.requests import PollRequest, RequestError
from firmware.socket_options import Poll
from firmware.sockets.opening import peer_address
from firmware.sockets.socket import Socket, wait, waits

if TYPE_CHECKING:
    from firmware.sockets.sockets import Sockets


def get_socket_option(sockets: Sockets, message: Message) -> bytes:
    """GETSOCKOPT."""
    socket = sockets.of(message)
    request, _ = OptionRequest.unpack(message.parameters)
    value = get_option(socket, request.level, request.name, sockets.stack.config, sockets.now_ns())
    if isinstance(value, bytes):
        return Result(len(value)).pack() + value
    return Result(value).pack()


def set_socket_option(sockets: Sockets, message: Message) -> bytes:
    """SETSOCKOPT."""
    socket = sockets.of(message)
    request, data = OptionRequest.unpack(message.parameters)
    set_option(socket, request.level, request.name, request.value, data, sockets.stack.config, sockets.buffer.size,
               sockets.most_receive_buffer, sockets.now_ns())
    return Result(0).pack()


def local_name(sockets: Sockets, message: Message) -> bytes:
    """GETSOCKNAME."""
    socket = sockets.of(message)
    if socket.endpoint is not None:
        binding = socket.endpoint.connection.binding
        address = pack_address(binding.local_port, binding.local_address)
    else:
        address = pack_address(socket.local_port, socket.local_address)
    return Result(0).pack() + address


def peer_name(sockets: Sockets, message: Message) -> bytes:
    """GETPEERNAME."""
    endpoint = sockets.connected(sockets.of(message))
    if endpoint.closed:
        raise RequestError(errno.ENOTCONN)
    return Result(0).pack() + peer_address(endpoint.connection)


def poll(sockets: Sockets, message: Message) -> bytes | None:
    """POLL: answered when one of the events is there."""
    socket = sockets.of(message)
    request, _ = PollParameters.unpack(message.parameters)
    events = request.events | Poll.ERR | Poll.HUP
    ready = ready_events(sockets, socket) & events
    if ready or not waits(message):
        return Result(ready).pack()
    wait(socket.polls, PollRequest(message, events))
    return None


def ready_events(sockets: Sockets, socket: Socket) -> int:
    """Those of `Poll` that hold now."""
    endpoint = socket.endpoint
    if socket.listener is not None:
        return Poll.IN if socket.listener.accept_queue else 0
    if endpoint is None:
        return Poll.OUT | Poll.HUP
    ready = 0
    if endpoint.error:
        ready |= Poll.ERR | Poll.IN
    if endpoint.until_mark is not None or endpoint.urgent_byte is not None:
        ready |= Poll.PRI
    if endpoint.received_bytes or endpoint.end_of_stream or socket.read_shut:
        ready |= Poll.IN
    if endpoint.end_of_stream or socket.read_shut:
        ready |= Poll.RDHUP
    if endpoint.closed or (endpoint.end_of_stream and endpoint.closing):
        ready |= Poll.HUP
    if endpoint.closed or (endpoint.can_send and endpoint.stream.next_to_accept() is None
                           and sockets.room(endpoint)):
        ready |= Poll.OUT
    return ready
