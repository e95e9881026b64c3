"""First process of the guest: makes the system calls that the simulation asks for, and runs ordinary programs for it.

Standard library only. One thread, nothing polled, no clock read: what the guest does depends on nothing but what it
is asked and what comes over the network.
"""

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import select
import socket
import struct
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import framing  # noqa: E402 - beside this file, wherever that is

INTERFACE = "eth1"
"""On which calls come and answers go; eth0 is the wire."""
READ, WRITE = select.EPOLLIN, select.EPOLLOUT
PIECE_BYTES = 1 << 16
RECEIVE_BUFFER_BYTES = 1 << 22
SIOCSIFFLAGS, SIOCSIFMTU, IFF_UP = 0x8914, 0x8922, 1
SO_RCVBUFFORCE = 33
MOUNTS = (("proc", "/proc"), ("sysfs", "/sys"), ("tmpfs", "/run"), ("devtmpfs", "/dev"))

Operation = Generator["tuple[int, int]", None, "tuple[dict, bytes]"]
"""Yields (file descriptor, READ or WRITE) to wait; returns words and data of the answer."""


class Agent:
    """Serves calls until there are no more."""

    def __init__(self) -> None:
        self._channel = _open_channel()
        self._poll = select.epoll()
        self._poll.register(self._channel, READ)
        self._sockets: dict[int, socket.socket] = {}
        self._waiting: dict[int, list[tuple[int, int, Operation]]] = {}

    def serve(self) -> None:
        self._answer(0, {"hello": os.uname().release})
        while True:
            for fd, events in self._poll.poll():
                if fd == self._channel.fileno():
                    self._calls_come()
                else:
                    self._wake(fd, events)

    # Calls and answers.

    def _calls_come(self) -> None:
        while True:
            try:
                frame = self._channel.recv(framing.MTU + 64, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            call = framing.unpack(frame)
            if call is not None:
                words, data = call
                operation = getattr(self, f"call_{words.pop('call')}")
                self._go_on(words.pop("id"), operation(data, **words))

    def _answer(self, serial: int, words: dict, data: bytes = b"") -> None:
        """Data that are too many for a frame come in several, of which the last one has the words."""
        while len(data) > framing.PIECE_BYTES:
            piece, data = data[: framing.PIECE_BYTES], data[framing.PIECE_BYTES :]
            self._channel.send(framing.pack(framing.GUEST, framing.SIMULATION, {"id": serial, "more": 1}, piece))
        self._channel.send(framing.pack(framing.GUEST, framing.SIMULATION, {"id": serial, **words}, data))

    def _go_on(self, serial: int, operation: Operation) -> None:
        try:
            fd, event = next(operation)
        except StopIteration as end:
            self._answer(serial, *end.value)
        except OSError as error:
            self._answer(serial, {"errno": error.errno or errno.EIO})
        else:
            self._waiting.setdefault(fd, []).append((serial, event, operation))
            self._watch(fd)

    def _wake(self, fd: int, events: int) -> None:
        waiting = self._waiting.pop(fd, [])
        others = events & ~(READ | WRITE)  # an error or the end wakes everybody
        kept = [each for each in waiting if not (events & each[1] or others)]
        if kept:
            self._waiting[fd] = kept
        for each in waiting:
            if each not in kept:
                self._go_on(each[0], each[2])
        self._watch(fd)

    def _watch(self, fd: int) -> None:
        mask = 0
        for _, event, _ in self._waiting.get(fd, ()):
            mask |= event
        with contextlib.suppress(FileNotFoundError, OSError):
            self._poll.unregister(fd)
        if mask:
            self._poll.register(fd, mask)

    # Sockets.

    def _keep(self, sock: socket.socket) -> int:
        sock.setblocking(False)
        self._sockets[sock.fileno()] = sock
        return sock.fileno()

    def call_socket(self, _: bytes, family: int, kind: int) -> Operation:
        yield from ()
        return {"fd": self._keep(socket.socket(family, kind))}, b""

    def call_bind(self, _: bytes, fd: int, host: str, port: int) -> Operation:
        yield from ()
        self._sockets[fd].bind((host, port))
        return {}, b""

    def call_listen(self, _: bytes, fd: int, backlog: int) -> Operation:
        yield from ()
        self._sockets[fd].listen(backlog)
        return {}, b""

    def call_accept(self, _: bytes, fd: int) -> Operation:
        child, address = yield from _retry(fd, READ, self._sockets[fd].accept)
        return {"fd": self._keep(child), "address": address[:2]}, b""

    def call_connect(self, _: bytes, fd: int, host: str, port: int) -> Operation:
        sock = self._sockets[fd]
        status = sock.connect_ex((host, port))
        if status == errno.EINPROGRESS:
            yield fd, WRITE
            status = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if status:
            raise OSError(status, os.strerror(status))
        return {}, b""

    def call_send(self, data: bytes, fd: int, flags: int = 0) -> Operation:
        yield from _send_all(self._sockets[fd], data, flags)
        return {}, b""

    def call_recv(self, _: bytes, fd: int, size: int, flags: int = 0) -> Operation:
        sock = self._sockets[fd]
        return {}, (yield from _retry(fd, READ, lambda: sock.recv(size, flags)))

    def call_shutdown(self, _: bytes, fd: int, how: int) -> Operation:
        yield from ()
        self._sockets[fd].shutdown(how)
        return {}, b""

    def call_close(self, _: bytes, fd: int) -> Operation:
        yield from ()
        sock = self._sockets.pop(fd, None)
        if sock is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        waiting = self._waiting.pop(fd, ())
        self._watch(fd)
        sock.close()
        for serial, _event, operation in waiting:
            operation.close()
            self._answer(serial, {"errno": errno.EBADF})
        return {}, b""

    def call_names(self, _: bytes, fd: int) -> Operation:
        """Local address, and the peer's where there is one."""
        yield from ()
        sock = self._sockets[fd]
        peer = None
        with contextlib.suppress(OSError):
            peer = sock.getpeername()[:2]
        return {"local": sock.getsockname()[:2], "peer": peer}, b""

    def call_setsockopt(self, data: bytes, fd: int, level: int, name: int) -> Operation:
        yield from ()
        self._sockets[fd].setsockopt(level, name, data)
        return {}, b""

    def call_getsockopt(self, _: bytes, fd: int, level: int, name: int, size: int) -> Operation:
        yield from ()
        return {}, self._sockets[fd].getsockopt(level, name, size)

    # Programs on a socket that need nobody's help: a sink, a source, an echo.

    def call_sink(self, _: bytes, fd: int) -> Operation:
        """Read to the end of the stream; tells how much it was, and its SHA-256."""
        sock, digest, count, buffer = self._sockets[fd], hashlib.sha256(), 0, bytearray(PIECE_BYTES)
        while size := (yield from _retry(fd, READ, lambda: sock.recv_into(buffer))):
            digest.update(memoryview(buffer)[:size])
            count += size
        return {"bytes": count, "sha256": digest.hexdigest()}, b""

    def call_source(self, _: bytes, fd: int, path: str) -> Operation:
        """Send a file and the end of the stream."""
        sock = self._sockets[fd]
        with Path(path).open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield from _send_all(sock, piece, 0)
        sock.shutdown(socket.SHUT_WR)
        return {}, b""

    def call_echo(self, _: bytes, fd: int) -> Operation:
        """Send back what comes, to its end."""
        sock, count = self._sockets[fd], 0
        while piece := (yield from _retry(fd, READ, lambda: sock.recv(PIECE_BYTES))):
            yield from _send_all(sock, piece, 0)
            count += len(piece)
        sock.shutdown(socket.SHUT_WR)
        return {"bytes": count}, b""

    # The system.

    def call_run(self, _: bytes, argv: list[str]) -> Operation:
        """Run a program to its end; gives its exit code, and what it has written."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.dup2(writing, 1)
                os.dup2(writing, 2)
                os.execvp(argv[0], argv)
            except OSError as error:
                os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
            finally:
                os._exit(127)
        os.close(writing)
        os.set_blocking(reading, False)
        output = []
        while piece := (yield from _retry(reading, READ, lambda: os.read(reading, PIECE_BYTES))):
            output.append(piece)
        os.close(reading)
        ended = os.pidfd_open(child)
        yield ended, READ
        os.close(ended)
        return {"code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}, b"".join(output)

    def call_write(self, data: bytes, path: str) -> Operation:
        yield from ()
        Path(path).write_bytes(data)
        return {}, b""

    def call_read(self, _: bytes, path: str) -> Operation:
        yield from ()
        return {}, Path(path).read_bytes()


def _retry(fd: int, event: int, call: Callable[[], Any]) -> Generator["tuple[int, int]", None, Any]:
    while True:
        try:
            return call()
        except BlockingIOError:
            yield fd, event


def _send_all(sock: socket.socket, data: bytes, flags: int) -> Generator["tuple[int, int]", None, None]:
    view = memoryview(data)
    while view:
        count = yield from _retry(sock.fileno(), WRITE, lambda: sock.send(view, flags))  # noqa: B023 - called at once
        view = view[count:]


def _open_channel() -> socket.socket:
    channel = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(framing.ETHERTYPE))
    channel.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
    name = INTERFACE.encode()
    Path(f"/proc/sys/net/ipv6/conf/{INTERFACE}/disable_ipv6").write_text("1")
    fcntl.ioctl(channel, SIOCSIFMTU, struct.pack("16si12x", name, framing.MTU))
    fcntl.ioctl(channel, SIOCSIFFLAGS, struct.pack("16sh14x", name, IFF_UP))
    channel.bind((INTERFACE, framing.ETHERTYPE))
    return channel


def _mount() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for kind, place in MOUNTS:
        if libc.mount(kind.encode(), place.encode(), kind.encode(), 0, None):
            number = ctypes.get_errno()
            if number != errno.EBUSY:
                raise OSError(number, os.strerror(number), place)


if __name__ == "__main__":
    _mount()
    Agent().serve()
