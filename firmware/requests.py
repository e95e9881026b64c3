"""Requests that wait at a socket: what each asks for and how far it has come."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from firmware.messages import MAX_PIECES, Message, Piece, TransferRequest, unpack_pieces

LARGEST_TRANSFER = 0x7FFFFFFF


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
    urgent: bool = False
    """MSG_OOB: the urgent byte that was taken out of the stream."""
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


def transfer_of(parameters: bytes) -> tuple[int, list[Piece], int]:
    """Flags, pieces and total length of a SEND or RECV.

    RequestError: EINVAL (too many, empty or too long pieces), EFAULT (not host memory).
    MessageError when the parameters are too short.
    """
    transfer, rest = TransferRequest.unpack(parameters)
    if transfer.pieces > MAX_PIECES:
        raise RequestError(errno.EINVAL)
    pieces = unpack_pieces(rest, transfer.pieces)
    total = sum(piece.length for piece in pieces)
    if total > LARGEST_TRANSFER or any(not piece.length for piece in pieces):
        raise RequestError(errno.EINVAL)
    if any(piece.address + piece.length > 1 << 63 for piece in pieces):
        raise RequestError(errno.EFAULT)
    return transfer.flags, pieces, total
