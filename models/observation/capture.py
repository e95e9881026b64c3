"""Writes and reads pcapng captures of Ethernet frames with FCS, with times in picoseconds of simulated time.

Format: draft-ietf-opsawg-pcapng. The same frames give the same bytes: nothing of the machine or of the wall clock is
written. A frame's time is that of its last bit, so that frames of both directions come in the file in order of time.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

# Beginning of the comment on a frame that the link's impairment has changed.
DAMAGED = "damaged by the link"

APPLICATION = "HL-TOE"

_SECTION_HEADER = 0x0A0D0D0A
_INTERFACE_DESCRIPTION = 1
_ENHANCED_PACKET = 6
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_LINKTYPE_ETHERNET = 1
_PICOSECONDS = 12  # if_tsresol: units of 10^-12 s

_OPT_COMMENT = 1
_SHB_USERAPPL = 4
_IF_NAME = 2
_IF_DESCRIPTION = 3
_IF_SPEED = 8
_IF_TSRESOL = 9
_IF_FCSLEN = 13
_EPB_FLAGS = 2

_FLAGS_FCS_LENGTH_LSB = 5
_FLAGS_CRC_ERROR = 1 << 24


class Direction(enum.IntEnum):
    """Direction of a frame as the card sees it (bits 1:0 of epb_flags)."""

    UNKNOWN = 0
    INBOUND = 1
    OUTBOUND = 2


@dataclass(frozen=True)
class Interface:
    """A place where frames are captured; `speed` in bit/s, 0 when it says nothing; `fcs_length` in bytes."""

    name: str
    description: str = ""
    speed: int = 0
    fcs_length: int = 4


@dataclass(frozen=True)
class CapturedFrame:
    """A frame as it stands in a capture file."""

    number: int
    interface: Interface
    time_ps: int
    data: bytes
    direction: Direction
    comment: str | None

    @property
    def damaged(self) -> bool:
        return self.comment is not None and self.comment.startswith(DAMAGED)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _option(code: int, value: bytes) -> bytes:
    if len(value) > 0xFFFF:
        raise ValueError("a pcapng option holds at most 65535 bytes")
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _options(*options: bytes) -> bytes:
    text = b"".join(options)
    return text + struct.pack("<HH", 0, 0) if text else b""


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


class Capture:
    """A pcapng file being written; frames go straight to the file. Also a context manager."""

    def __init__(self, path: Path | str, interfaces: Sequence[Interface]) -> None:
        """Creates the file. `interfaces` are numbered from 0 in the order given."""
        self._interfaces = tuple(interfaces)
        if not self._interfaces:
            raise ValueError("a capture needs an interface")
        self._file: BinaryIO = open(path, "wb")  # noqa: SIM115 - closed by close()
        header = struct.pack("<IHHq", _BYTE_ORDER_MAGIC, 1, 0, -1)
        self._file.write(_block(_SECTION_HEADER, header + _options(_option(_SHB_USERAPPL, APPLICATION.encode()))))
        for interface in self._interfaces:
            options = [_option(_IF_NAME, interface.name.encode())]
            if interface.description:
                options.append(_option(_IF_DESCRIPTION, interface.description.encode()))
            if interface.speed:
                options.append(_option(_IF_SPEED, struct.pack("<Q", interface.speed)))
            options.append(_option(_IF_TSRESOL, bytes([_PICOSECONDS])))
            options.append(_option(_IF_FCSLEN, bytes([interface.fcs_length])))
            body = struct.pack("<HHI", _LINKTYPE_ETHERNET, 0, 0) + _options(*options)
            self._file.write(_block(_INTERFACE_DESCRIPTION, body))

    def write(
        self,
        interface: int,
        time_ps: int,
        frame: bytes,
        direction: Direction = Direction.UNKNOWN,
        comment: str | None = None,
        crc_error: bool = False,
    ) -> None:
        """Adds a frame (with FCS, without preamble); `time_ps` is when its last bit passed the interface.

        Raises IndexError for an interface that was not declared and ValueError for a time that cannot be written.
        """
        if not 0 <= interface < len(self._interfaces):
            raise IndexError(f"capture has no interface {interface}")
        if not 0 <= time_ps < 1 << 64:
            raise ValueError(f"time {time_ps} ps does not fit a capture")
        flags = direction | self._interfaces[interface].fcs_length << _FLAGS_FCS_LENGTH_LSB
        if crc_error:
            flags |= _FLAGS_CRC_ERROR
        options = [_option(_EPB_FLAGS, struct.pack("<I", flags))]
        if comment is not None:
            options.insert(0, _option(_OPT_COMMENT, comment.encode()))
        header = struct.pack("<IIIII", interface, time_ps >> 32, time_ps & 0xFFFFFFFF, len(frame), len(frame))
        self._file.write(_block(_ENHANCED_PACKET, header + _padded(bytes(frame)) + _options(*options)))

    def flush(self) -> None:
        """Makes what has been written so far visible to other processes."""
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Capture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _read_options(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, position)
        if code == 0:
            return
        yield code, data[position + 4 : position + 4 + length]
        position += 4 + length + -length % 4


def _read_interface(body: bytes) -> Interface:
    options = dict(_read_options(body[8:]))
    if options.get(_IF_TSRESOL) != bytes([_PICOSECONDS]):
        raise ValueError("only captures with times in picoseconds are read here")
    return Interface(
        options.get(_IF_NAME, b"").decode(),
        options.get(_IF_DESCRIPTION, b"").decode(),
        struct.unpack("<Q", options.get(_IF_SPEED, bytes(8)))[0],
        options.get(_IF_FCSLEN, b"\0")[0],
    )


def read_capture(path: Path | str) -> Iterator[CapturedFrame]:
    """The frames of a capture that Capture has written, in the file's order. Raises ValueError for other files."""
    interfaces: list[Interface] = []
    number = 0
    with open(path, "rb") as file:
        while head := file.read(8):
            if len(head) < 8:
                raise ValueError(f"{path} ends inside a block")
            kind, length = struct.unpack("<II", head)
            rest = file.read(length - 8) if 12 <= length and length % 4 == 0 else b""
            if len(rest) != length - 8 or rest[-4:] != head[4:]:
                raise ValueError(f"{path} is not a little-endian pcapng file, or is cut short")
            body = rest[:-4]
            if kind == _INTERFACE_DESCRIPTION:
                interfaces.append(_read_interface(body))
            elif kind == _ENHANCED_PACKET:
                number += 1
                interface, high, low, captured, _ = struct.unpack_from("<IIIII", body)
                options = dict(_read_options(body[20 + captured + -captured % 4 :]))
                flags = struct.unpack("<I", options.get(_EPB_FLAGS, bytes(4)))[0]
                comment = options.get(_OPT_COMMENT)
                yield CapturedFrame(
                    number,
                    interfaces[interface],
                    high << 32 | low,
                    body[20 : 20 + captured],
                    Direction(flags & 3),
                    None if comment is None else comment.decode(),
                )
