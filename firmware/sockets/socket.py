"""A socket: what is bound to a descriptor, and the requests that wait at it."""

from __future__ import annotations

import errno
from collections import deque
from typing import Any

from firmware.endpoint import Endpoint
from firmware.messages import Flag, Message
from firmware.requests import PollRequest, ReceiveRequest, RequestError
from firmware.socket_options import AF_INET6, MessageFlag
from firmware.tcp.listener import Listener

MOST_WAITING = 64
"""Requests that may wait at one socket."""


class Socket:
    """A descriptor: unconnected, listening, connecting or connected."""

    def __init__(self, descriptor: int, domain: int, receive_buffer: int, send_buffer: int) -> None:
        self.descriptor = descriptor
        self.domain = domain
        """AF_INET, or AF_INET6: then of IPv6 only."""
        self.local_port = 0
        self.local_address = bytes(16 if domain == AF_INET6 else 4)
        """All zero: any."""
        self.reuse_address = False
        self.settings: dict[str, Any] = {}
        """What SETSOCKOPT changed of the settings of a connection."""
        self.linger: int | None = None
        """SO_LINGER, in seconds."""
        self.receive_buffer = receive_buffer
        self.send_buffer = send_buffer
        self.listener: Listener | None = None
        self.endpoint: Endpoint | None = None
        self.read_shut = False
        self.connect: Message | None = None
        self.accepts: deque[Message] = deque()
        self.receives: deque[ReceiveRequest] = deque()
        self.polls: list[PollRequest] = []


def waits(message: Message, flags: int = 0) -> bool:
    """May the answer come later?"""
    return not message.flags & Flag.DONTWAIT and not flags & MessageFlag.DONTWAIT


def wait(queue: Any, request: Any) -> None:
    """Put a request among those that wait; RequestError ENOBUFS when they are too many."""
    if len(queue) >= MOST_WAITING:
        raise RequestError(errno.ENOBUFS)
    queue.append(request)
