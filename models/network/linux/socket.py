"""Sockets of the Linux guest, for scenarios: each call is made by the agent in the guest."""

from __future__ import annotations

import errno
import os
import socket as bsd
import struct
from pathlib import Path
from typing import Any

from models.network.linux.control import Control
from models.network.linux.guest.framing import PIECE_BYTES
from models.network.socket_interface import Endpoint

MOST_AT_ONCE = 1 << 16
TCP_INFO = 11
_BYTES_ACKED, _BYTES_RECEIVED, _TCP_INFO_BYTES = 120, 128, 136
"""Places of tcpi_bytes_acked and tcpi_bytes_received in struct tcp_info (linux/tcp.h)."""


class LinuxSocket:
    """A socket (`models.network.socket_interface.Socket`) of the guest's kernel; failures raise OSError."""

    def __init__(self, control: Control, fd: int, family: int) -> None:
        self._control = control
        self.fd = fd
        """The file descriptor in the guest."""
        self.family = family
        self.bytes_sent = 0
        self.bytes_received = 0

    async def bind(self, address: Endpoint) -> None:
        await self._call("bind", host=self._host(address[0]), port=address[1])

    async def listen(self, backlog: int = 128) -> None:
        await self._call("listen", backlog=backlog)

    async def accept(self) -> tuple[LinuxSocket, Endpoint]:
        words, _ = await self._call("accept")
        return LinuxSocket(self._control, words["fd"], self.family), _endpoint(words["address"])

    async def connect(self, address: Endpoint) -> None:
        await self._call("connect", host=self._host(address[0]), port=address[1])

    async def send(self, data: bytes, flags: int = 0) -> int:
        """Takes all."""
        view = memoryview(data)
        for begin in range(0, len(view), PIECE_BYTES):
            piece = bytes(view[begin : begin + PIECE_BYTES])
            await self._call("send", piece, flags=flags | bsd.MSG_NOSIGNAL)
            self.bytes_sent += len(piece)
        return len(view)

    async def sendall(self, data: bytes, flags: int = 0) -> None:
        await self.send(data, flags)

    async def recv(self, size: int, flags: int = 0) -> bytes:
        """At most `size` bytes of what is there; b"" at the end of the stream."""
        if flags & int(bsd.MSG_WAITALL):
            return await self.recv_exactly(size)
        _, data = await self._call("recv", size=min(size, MOST_AT_ONCE), flags=flags)
        self.bytes_received += len(data)
        return data

    async def recv_exactly(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end of the stream."""
        pieces, missing = [], size
        while missing and (piece := await self.recv(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    async def shutdown(self, how: int) -> None:
        await self._call("shutdown", how=how)

    async def close(self) -> None:
        await self._call("close")

    async def abort(self) -> None:
        """Close with a RST (SO_LINGER of 0)."""
        await self.setsockopt(bsd.SOL_SOCKET, bsd.SO_LINGER, struct.pack("ii", 1, 0))
        await self.close()

    async def getsockname(self) -> Endpoint:
        words, _ = await self._call("names")
        return _endpoint(words["local"])

    async def getpeername(self) -> Endpoint:
        words, _ = await self._call("names")
        if words["peer"] is None:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        return _endpoint(words["peer"])

    async def setsockopt(self, level: int, name: int, value: int | bytes) -> None:
        data = value if isinstance(value, bytes) else struct.pack("i", value)
        await self._call("setsockopt", data, level=int(level), name=int(name))

    async def getsockopt(self, level: int, name: int, size: int = 0) -> int | bytes:
        """A number, or with `size` as many bytes."""
        _, data = await self._call("getsockopt", level=int(level), name=int(name), size=size or 4)
        return data if size else struct.unpack("i", data)[0]

    async def progress(self) -> tuple[int, int]:
        """Bytes that the other end has acknowledged, and bytes that have come in order from there."""
        info = await self.getsockopt(bsd.IPPROTO_TCP, TCP_INFO, _TCP_INFO_BYTES)
        assert isinstance(info, bytes)
        return struct.unpack_from("<Q", info, _BYTES_ACKED)[0], struct.unpack_from("<Q", info, _BYTES_RECEIVED)[0]

    # What the guest does alone, without a call for each piece.

    async def sink(self) -> tuple[int, str]:
        """Read to the end of the stream; number of bytes and their SHA-256."""
        words, _ = await self._call("sink")
        self.bytes_received += words["bytes"]
        return words["bytes"], words["sha256"]

    async def source(self, file: Path) -> None:
        """Send a file of the machine, which the guest sees too, and the end of the stream."""
        await self._call("source", path=str(file.resolve()))

    async def echo(self) -> int:
        """Send back what comes until its end; returns how much it was."""
        words, _ = await self._call("echo")
        return words["bytes"]

    async def _call(self, name: str, data: bytes = b"", /, **parameters: Any) -> tuple[dict[str, Any], bytes]:
        return await self._control.call(name, data, fd=self.fd, **parameters)

    def _host(self, host: str) -> str:
        return host or ("::" if self.family == bsd.AF_INET6 else "0.0.0.0")


def _endpoint(words: list[Any]) -> Endpoint:
    return words[0], words[1]
