"""Sockets on lwIP's raw API: calls go in, lwIP's callbacks come out, and control blocks come and go as lwIP decides."""

from __future__ import annotations

import errno
import os
import socket as bsd
from collections import deque
from typing import TYPE_CHECKING, Any

from models import kernel
from models.network.socket_interface import Endpoint

if TYPE_CHECKING:
    from models.network.lwip.peer import LwipPeer

WRITE_COPY = 1
"""TCP_WRITE_FLAG_COPY (lwip/tcp.h)."""
IP_TYPE_ANY = 46
ERR_OK, ERR_MEM = 0, -1
_ERRNO = {
    -1: errno.ENOBUFS,
    -2: errno.ENOBUFS,
    -3: errno.ETIMEDOUT,
    -4: errno.EHOSTUNREACH,
    -6: errno.EINVAL,
    -8: errno.EADDRINUSE,
    -9: errno.EALREADY,
    -10: errno.EISCONN,
    -11: errno.ENOTCONN,
    -12: errno.EIO,
    -13: errno.ECONNABORTED,
    -14: errno.ECONNRESET,
    -15: errno.ENOTCONN,
    -16: errno.EINVAL,
}
"""Of err_t (lwip/err.h)."""
_MOST = 0xFFFF
"""Lengths are of 16 bits in the raw API."""


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class LwipSocket:
    """A socket (`models.network.socket_interface.Socket`) on a control block of lwIP."""

    def __init__(self, peer: LwipPeer, pcb: Any = None) -> None:
        self._peer = peer
        self._pcb = pcb
        self._listening = False
        self._local: Endpoint = ("", 0)
        self._remote: Endpoint | None = None
        self._received: deque[bytes] = deque()
        self._children: deque[LwipSocket] = deque()
        self._established = pcb is not None
        self._at_end = False
        self._write_shut = False
        self._released = False
        self._nodelay = False
        self._error: int | None = None
        self.changed = kernel.Event()
        self.bytes_sent = 0
        self.bytes_received = 0
        if pcb is not None:
            self._attach()
            self._note_addresses()

    async def bind(self, address: Endpoint) -> None:
        self._open()
        if self._pcb is not None:
            raise error(errno.EINVAL)
        self._new()
        self._check(self._peer.lwip.tcp_bind(self._pcb, self._peer.address(address[0]), address[1]))
        self._local = address

    async def listen(self, backlog: int = 128) -> None:
        self._open()
        if self._pcb is None:
            raise error(errno.EINVAL)
        lwip = self._peer.lwip
        pcb = lwip.tcp_listen_with_backlog(self._pcb, max(1, min(backlog, 255)))
        if pcb == self._peer.ffi.NULL:
            raise error(errno.EADDRINUSE)
        self._pcb = pcb  # the other one is gone
        self._listening = True
        lwip.tcp_accept(pcb, self._peer.callbacks.accept)

    async def accept(self) -> tuple[LwipSocket, Endpoint]:
        if not self._listening:
            raise error(errno.EINVAL)
        while not self._children:
            self._open()
            await self._wait()
        child = self._children.popleft()
        return child, await child.getpeername()

    async def connect(self, address: Endpoint) -> None:
        self._open()
        if self._established:
            raise error(errno.EISCONN)
        if self._pcb is None:
            self._new()
        self._peer.enter()
        place = self._peer.address(address[0])
        self._check(self._peer.lwip.tcp_connect(self._pcb, place, address[1], self._peer.callbacks.connected))
        while not self._established:
            self._raise_error()
            self._open()
            await self._wait()

    async def send(self, data: bytes, flags: int = 0) -> int:
        """Takes all."""
        view = memoryview(data)
        peer = self._peer
        sent = 0
        while sent < len(view):
            room = await self._room()
            part = bytes(view[sent : sent + min(room, _MOST)])
            peer.enter()
            status = peer.lwip.tcp_write(self._pcb, part, len(part), WRITE_COPY)
            if status == ERR_MEM:  # no segment to be had: one will be when something is acknowledged
                self._check(peer.lwip.tcp_output(self._pcb))
                await self._wait()
                continue
            self._check(status)
            sent += len(part)
            self.bytes_sent += len(part)
            self._check(peer.lwip.tcp_output(self._pcb))
        return sent

    async def sendall(self, data: bytes, flags: int = 0) -> None:
        await self.send(data, flags)

    async def _room(self) -> int:
        while True:
            self._require_connected()
            self._raise_error()
            if self._write_shut or self._pcb is None:
                raise error(errno.EPIPE)
            structures = self._peer.structures
            room = structures.tcp_room(self._pcb)
            if room and structures.tcp_segments_queued(self._pcb) < structures.tcp_most_segments():
                return room
            await self._wait()

    async def recv(self, size: int, flags: int = 0) -> bytes:
        """At most `size` bytes of what is there; b"" at the end of the stream."""
        if flags & int(bsd.MSG_WAITALL):
            return await self.recv_exactly(size)
        self._require_connected()
        while size and not self._received:
            self._raise_error()
            if self._at_end or self._pcb is None:
                return b""
            await self._wait()
            self._open()
        parts = []
        left = size
        while left and self._received:
            part = self._received.popleft()
            if len(part) > left:
                self._received.appendleft(part[left:])
                part = part[:left]
            parts.append(part)
            left -= len(part)
        self._consumed(size - left)
        return b"".join(parts)

    async def recv_exactly(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end of the stream."""
        parts = []
        while size and (part := await self.recv(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _consumed(self, count: int) -> None:
        self._peer.enter()
        while count and self._pcb is not None:
            part = min(count, _MOST)
            self._peer.lwip.tcp_recved(self._pcb, part)
            count -= part

    async def shutdown(self, how: int) -> None:
        self._require_connected()
        if not self._established:
            raise error(errno.ENOTCONN)
        if how in (bsd.SHUT_WR, bsd.SHUT_RDWR) and not self._write_shut:
            self._write_shut = True
            if self._pcb is not None:
                self._peer.enter()
                self._check(self._peer.lwip.tcp_shutdown(self._pcb, 0, 1))
                self._forget_when_over()

    async def close(self) -> None:
        """Returns at once; what was sent still arrives. Data that was not read makes it a reset."""
        if self._released:
            return
        self._released = True
        pcb = self._detach()
        if pcb is not None:
            self._peer.enter()
            self._check(self._peer.lwip.tcp_close(pcb))
        self.changed.set()

    async def abort(self) -> None:
        """Reset the connection."""
        self._released = True
        pcb = self._detach()
        if pcb is not None:
            self._peer.enter()
            self._peer.lwip.tcp_abort(pcb)
        self.changed.set()

    async def getsockname(self) -> Endpoint:
        return self._local[0] or "0.0.0.0", self._local[1]

    async def getpeername(self) -> Endpoint:
        if self._remote is None:
            raise error(errno.ENOTCONN)
        return self._remote

    async def setsockopt(self, level: int, name: int, value: int) -> None:
        """TCP_NODELAY."""
        if (level, name) != (bsd.IPPROTO_TCP, bsd.TCP_NODELAY):
            raise error(errno.ENOPROTOOPT)
        self._nodelay = bool(value)
        if self._pcb is not None and not self._listening:
            self._peer.structures.tcp_no_nagle(self._pcb, int(self._nodelay))

    async def getsockopt(self, level: int, name: int) -> int:
        """TCP_NODELAY, SO_ERROR."""
        if (level, name) == (bsd.IPPROTO_TCP, bsd.TCP_NODELAY):
            return int(self._nodelay)
        if (level, name) == (bsd.SOL_SOCKET, bsd.SO_ERROR):
            number, self._error = self._error or 0, None
            return number
        raise error(errno.ENOPROTOOPT)

    # What lwIP tells. Nothing in here may call lwIP: it is in the middle of something.

    def accepts(self, pcb: Any) -> None:
        self._children.append(LwipSocket(self._peer, pcb))
        self.changed.set()

    def connected(self) -> None:
        self._established = True
        self._note_addresses()
        self.changed.set()

    def arrived(self, data: bytes) -> None:
        self.bytes_received += len(data)
        self._received.append(data)
        self.changed.set()

    def at_end(self) -> None:
        """The peer's FIN. lwIP frees a control block without a word once both directions are over."""
        self._at_end = True
        self._forget_when_over()
        self.changed.set()

    def failed(self, number: int) -> None:
        """lwIP has given the connection up and freed its control block."""
        self._pcb = None
        refused = not self._established and number == -14
        over = self._at_end and self._write_shut
        if not over:
            self._error = errno.ECONNREFUSED if refused else _ERRNO.get(number, errno.EIO)
        self.changed.set()

    # Inside.

    def _new(self) -> None:
        self._peer.enter()
        self._pcb = self._peer.lwip.tcp_new_ip_type(IP_TYPE_ANY)
        if self._pcb == self._peer.ffi.NULL:
            self._pcb = None
            raise error(errno.ENOBUFS)
        self._attach()
        self._peer.structures.tcp_no_nagle(self._pcb, int(self._nodelay))

    def _attach(self) -> None:
        lwip, callbacks = self._peer.lwip, self._peer.callbacks
        lwip.tcp_arg(self._pcb, self._peer.new_handle(self))
        lwip.tcp_recv(self._pcb, callbacks.recv)
        lwip.tcp_sent(self._pcb, callbacks.sent)
        lwip.tcp_err(self._pcb, callbacks.failed)

    def _detach(self) -> Any:
        """lwIP's control block, which no longer leads here."""
        pcb, self._pcb = self._pcb, None
        if pcb is None:
            return None
        lwip, none = self._peer.lwip, self._peer.ffi.NULL
        lwip.tcp_arg(pcb, none)
        if self._listening:
            lwip.tcp_accept(pcb, none)
        else:
            lwip.tcp_recv(pcb, none)
            lwip.tcp_sent(pcb, none)
            lwip.tcp_err(pcb, none)
        return pcb

    def _forget_when_over(self) -> None:
        if self._write_shut and self._at_end:
            self._detach()

    def _note_addresses(self) -> None:
        structures = self._peer.structures
        self._local = (
            self._peer.text_of(structures.tcp_address_here(self._pcb)),
            structures.tcp_port_here(self._pcb),
        )
        self._remote = (
            self._peer.text_of(structures.tcp_address_there(self._pcb)),
            structures.tcp_port_there(self._pcb),
        )

    async def _wait(self) -> None:
        self.changed.clear()
        await self.changed

    def _open(self) -> None:
        if self._released:
            raise error(errno.EBADF)

    def _require_connected(self) -> None:
        self._open()
        if not self._established:
            self._raise_error()
            raise error(errno.ENOTCONN)

    def _check(self, status: int) -> None:
        if status != ERR_OK:
            raise error(_ERRNO.get(status, errno.EIO))

    def _raise_error(self) -> None:
        """An error is told once (SO_ERROR)."""
        if self._error is not None:
            number, self._error = self._error, None
            raise error(number)
