"""Requests that wait at a socket: what each asks for and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.messages import Message, Piece


class RequestError(Exception):
    """A request to be answered with an errno."""

    def __init__(self, error: int) -> None:
        super().__init__(error)
        self.errno = error


@dataclass(eq=False, slots=True)
class ReceiveRequest:
    """A RECV: `done` bytes of `length` have been delivered."""

    message: Message
    pieces: list[Piece]
    length: int
    peek: bool = False
    wait_all: bool = False
    done: int = 0
    delivering: bool = False
    ended: bool = False
    """Answer as soon as the delivery in progress is over (cancelled, or the socket is closed)."""
    error: int = 0
    """Answer if nothing was delivered when it ends."""


@dataclass(eq=False, slots=True)
class PollRequest:
    """A POLL for `events`."""

    message: Message
    events: int
