"""Messages between host and card: one definition, used by the host's driver and by the firmware.

A request is a command, an identifier and parameters. The identifier is the process id (PID) until the socket exists
and its descriptor afterwards. Requests stand in message frames in card memory and are posted to the inbound post
queue; replies stand in frames in host memory and are posted to the outbound post queue. Little-endian throughout.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple

from firmware.socket_options import AF_INET, AF_INET6

VERSION = 1
REQUEST_FRAME_BYTES = 512
"""Size of a message frame in card memory."""
REPLY_FRAME_BYTES = 128
"""Size of a message frame in host memory."""
READY_WORD = 0x484C_0000 | VERSION
"""What firmware writes to outbound message register 0 (which interrupts the host) once its inbound free queue holds
message frames and it takes requests: "HL" and the version of the messages. Until then the host posts nothing; it
neither polls nor minds which of the two starts first. Firmware that starts again writes it again."""

_HEADER = struct.Struct("<BBHBBhII")
HEADER_BYTES = _HEADER.size
_PIECE = struct.Struct("<QI")


class Command(enum.IntEnum):
    """What a message asks for."""

    CONFIGURE = 1
    SOCKET = 2
    BIND = 3
    LISTEN = 4
    ACCEPT = 5
    CONNECT = 6
    SEND = 7
    RECV = 8
    SHUTDOWN = 9
    CLOSE = 10
    GETSOCKOPT = 11
    SETSOCKOPT = 12
    GETSOCKNAME = 13
    GETPEERNAME = 14
    POLL = 15
    CANCEL = 16
    STATISTICS = 17


class IdKind(enum.IntEnum):
    """What the identifier of a message is."""

    NONE = 0
    PID = 1
    DESCRIPTOR = 2
    CONNECTION = 3


class Flag(enum.IntFlag):
    """Header flags."""

    REPLY = 1
    DONTWAIT = 2
    """Answer EAGAIN rather than wait (MSG_DONTWAIT, O_NONBLOCK)."""


class MessageError(ValueError):
    """A frame that is no message: short, of another version, lengths that do not fit."""


class Piece(NamedTuple):
    """A physically contiguous piece of a user's buffer: physical address and length in bytes."""

    address: int
    length: int


@dataclass(frozen=True)
class Message:
    """One request or reply.

    `status` is 0 or an errno in replies; `tag` is chosen by the host for each request and comes back in its reply.
    """

    command: int
    id_kind: int
    identifier: int
    tag: int
    flags: int = 0
    status: int = 0
    parameters: bytes = b""

    def pack(self) -> bytes:
        length = HEADER_BYTES + len(self.parameters)
        return (
            _HEADER.pack(
                VERSION, self.command, length, self.id_kind, self.flags, self.status, self.identifier, self.tag
            )
            + self.parameters
        )

    @classmethod
    def unpack(cls, frame: bytes) -> Message:
        """Raises MessageError for anything that is not a whole message of this version."""
        if len(frame) < HEADER_BYTES:
            raise MessageError(f"{len(frame)} bytes are no message header")
        version, command, length, id_kind, flags, status, identifier, tag = _HEADER.unpack_from(frame)
        if version != VERSION:
            raise MessageError(f"message version {version}")
        if not HEADER_BYTES <= length <= len(frame):
            raise MessageError(f"message length {length} in a frame of {len(frame)}")
        return cls(command, id_kind, identifier, tag, flags, status, bytes(frame[HEADER_BYTES:length]))

    def reply(self, status: int = 0, parameters: bytes = b"") -> Message:
        return Message(
            self.command, self.id_kind, self.identifier, self.tag, self.flags | Flag.REPLY, status, parameters
        )


def _layout(name: str, fields: str, form: str) -> type:
    """A frozen parameter block with fixed fields; `rest` of unpack is what follows them."""
    names = fields.split()
    packer = struct.Struct("<" + form)

    def pack(self: object) -> bytes:
        return packer.pack(*(getattr(self, each) for each in names))

    def unpack(cls: type, parameters: bytes) -> tuple[object, bytes]:
        if len(parameters) < packer.size:
            raise MessageError(f"{name}: {len(parameters)} bytes of parameters, {packer.size} needed")
        return cls(*packer.unpack_from(parameters)), parameters[packer.size :]

    made = dataclass(frozen=True)(
        type(name, (), {"__annotations__": dict.fromkeys(names, int), "pack": pack, "unpack": classmethod(unpack)})
    )
    made.SIZE = packer.size
    made.__module__ = __name__
    return made


# Request parameters. Addresses are IPv4 as host integers (0 = any); ports are host integers.
Configure = _layout("Configure", "mac address prefix_length gateway mtu", "QIIII")
"""CONFIGURE (id NONE): interface addresses of the card; `mac` as a 48-bit integer, most significant byte first."""
Configure6 = _layout("Configure6", "address gateway prefix_length", "16s16sI")
"""May follow Configure: IPv6 is wanted. Addresses in the order of the wire; ::, for none (the link-local one is always
there, and routers may advertise prefixes)."""
SocketRequest = _layout("SocketRequest", "domain type protocol", "HHH")
Address = _layout("Address", "family port address", "HHI")
"""BIND, CONNECT; after Result in replies to ACCEPT, GETSOCKNAME and GETPEERNAME. Of AF_INET."""
Address6 = _layout("Address6", "family port address", "HH16s")
"""The same of AF_INET6; `address` in the order of the wire."""
ListenRequest = _layout("ListenRequest", "backlog", "I")
TransferRequest = _layout("TransferRequest", "flags pieces", "II")
"""SEND, RECV: MSG_ flags, then `pieces` pieces of the user's buffer (see `pack_pieces`)."""
ShutdownRequest = _layout("ShutdownRequest", "how", "I")
OptionRequest = _layout("OptionRequest", "level name value", "IIi")
PollRequest = _layout("PollRequest", "events", "I")
"""POLL: POLLIN, POLLOUT, POLLERR, POLLHUP bits; the reply's Result holds those that are there."""
CancelRequest = _layout("CancelRequest", "tag", "I")
"""CANCEL (id of the request to cancel): its tag. The cancelled request is answered with EINTR or with what it did."""

# Reply parameters.
Result = _layout("Result", "value", "q")
"""Descriptor (SOCKET, ACCEPT), bytes moved (SEND, RECV), option value, poll events, 0 otherwise."""


def pack_address(port: int, address: bytes) -> bytes:
    """An Address or Address6, by the length of the address (4 or 16 bytes)."""
    if len(address) == 16:
        return Address6(AF_INET6, port, address).pack()
    return Address(AF_INET, port, int.from_bytes(address, "big")).pack()


def unpack_address(parameters: bytes) -> tuple[int, int, bytes]:
    """Family, port and address of an Address or Address6. Raises MessageError.

    An Address of another family has 4 bytes too.
    """
    if int.from_bytes(parameters[:2], "little") == AF_INET6:
        found = Address6.unpack(parameters)[0]
        return found.family, found.port, found.address
    found = Address.unpack(parameters)[0]
    return found.family, found.port, found.address.to_bytes(4, "big")


def pack_pieces(pieces: list[Piece]) -> bytes:
    return b"".join(starmap(_PIECE.pack, pieces))


def unpack_pieces(data: bytes, count: int) -> list[Piece]:
    """Raises MessageError when `data` does not hold `count` pieces."""
    if count * _PIECE.size > len(data):
        raise MessageError(f"{count} pieces announced, room for {len(data) // _PIECE.size}")
    return list(map(Piece._make, _PIECE.iter_unpack(data[: count * _PIECE.size])))


MAX_PIECES = (REQUEST_FRAME_BYTES - HEADER_BYTES - TransferRequest.SIZE) // _PIECE.size
"""Most pieces one SEND or RECV can carry."""
