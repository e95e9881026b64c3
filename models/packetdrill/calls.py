"""System calls of a script on the host's sockets."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Awaitable, Callable

from models import kernel
from models.host.sockets import Process, Socket
from models.packetdrill import symbols
from models.packetdrill.script import Ellipsis, Name, Sequence, Struct, SystemCall, Unsupported, Value
from models.packetdrill.settings import Options
from models.packetdrill.wire import stream_bytes

CALLS = frozenset((
    "socket", "bind", "listen", "accept", "accept4", "connect", "read", "readv", "recv", "recvfrom", "recvmsg", "write",
    "writev", "send", "sendto", "sendmsg", "shutdown", "close", "setsockopt", "getsockopt", "fcntl", "ioctl", "poll",
))


LARGEST_TRANSFER = 1 << 24
"""Bytes of one call."""


class Mismatch(Exception):
    """A call that did not do what the script says."""


class Calls:
    """The application of a script: its descriptors, and how far it has read and written each stream."""

    def __init__(self, process: Process, options: Options, queues: Callable[[int], tuple[int, int]]) -> None:
        """`queues(descriptor)` tells the bytes that can be read, and those that are not acknowledged."""
        self._process = process
        self._options = options
        self._queues = queues
        self._sockets: dict[int, Socket] = {}
        self._flags: dict[int, int] = {}
        self._bytes_written: dict[int, int] = {}
        self._bytes_read: dict[int, int] = {}
        self._out_of_band: set[int] = set()
        self.bound_port = options.bind_port
        self._ports: dict[int, int] = {}
        self.listening: Callable[[int], None] = lambda port: None
        self.connecting: Callable[[int, int], None] = lambda descriptor, port: None
        self.accepted: Callable[[Socket], None] = lambda socket: None

    async def perform(self, call: SystemCall) -> None:
        """Make a call and hold what it returns against the script. Raises Mismatch, Unsupported."""
        if call.name not in CALLS:
            raise Unsupported(f"the system call {call.name}")
        method: Callable[[SystemCall], Awaitable[int]] = getattr(self, f"_{call.name}")
        expected = None if call.result is None or isinstance(call.result, Ellipsis) else symbols.number(call.result)
        failure = ""
        try:
            result = await method(call)
        except OSError as error:
            result, failure = -1, errno.errorcode.get(error.errno or 0, str(error))
            if failure == "ENOPROTOOPT" and expected == 0:
                raise Unsupported(f"the socket option {_option_name(call)}") from None
        if expected is None:
            return
        wanted = f"{expected} {call.errno}" if call.errno else str(expected)
        have = f"{result} {failure}" if failure else str(result)
        if call.errno == "EWOULDBLOCK":
            wanted = f"{expected} EAGAIN"
        if wanted != have:
            text = f" ({os.strerror(getattr(errno, failure))})" if failure and hasattr(errno, failure) else ""
            raise Mismatch(f"{call.name} returns {have}{text}, expected {wanted}")

    def _of(self, call: SystemCall) -> Socket:
        return self._socket_of(symbols.number(call.arguments[0], "a descriptor"))

    def _socket_of(self, descriptor: int) -> Socket:
        if descriptor not in self._sockets:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._sockets[descriptor]

    def _fd(self, call: SystemCall) -> int:
        return symbols.number(call.arguments[0], "a descriptor")

    def _new(self, call: SystemCall, socket: Socket) -> int:
        """The script's number for a new descriptor is the one it expects, unless that is in use."""
        number = symbols.number(call.result) if call.result is not None and not isinstance(
            call.result, Ellipsis) else -1
        if number < 0 or number in self._sockets:
            number = next(each for each in range(3, 1 << 16) if each not in self._sockets)
        self._sockets[number] = socket
        self._flags[number] = 0
        self._bytes_written[number] = self._bytes_read[number] = 0
        return number

    # The calls, by their names with an underscore before.

    async def _socket(self, call: SystemCall) -> int:
        domain, kind, protocol = (*call.arguments, 0, 0)[:3]
        if isinstance(domain, Name) and domain.text not in symbols.SYMBOLS:
            raise Unsupported(f"the address family {domain.text}")
        usual = symbols.SYMBOLS["AF_INET6" if self._options.ipv6 else "AF_INET"]
        number = usual if isinstance(domain, Ellipsis) else symbols.number(domain)
        if number == symbols.SYMBOLS["AF_INET6"] and not self._options.ipv6:
            raise Unsupported("the address family AF_INET6 without --ip_version=ipv6")
        flags = symbols.number(kind)
        if flags & 15 == symbols.SYMBOLS["SOCK_DGRAM"]:
            raise Unsupported("UDP sockets")
        blocking = not flags & symbols.SYMBOLS["SOCK_NONBLOCK"]
        socket = await self._process.socket(number, flags & 15, symbols.number(protocol), blocking)
        descriptor = self._new(call, socket)
        self._flags[descriptor] = 0 if blocking else symbols.SYMBOLS["O_NONBLOCK"]
        return descriptor

    async def _bind(self, call: SystemCall) -> int:
        host, port = symbols.address(call.arguments[1], ("", self._options.bind_port))
        await self._of(call).bind((host, port))
        self._ports[self._fd(call)] = port
        return 0

    async def _listen(self, call: SystemCall) -> int:
        await self._of(call).listen(symbols.number(call.arguments[1]))
        self.listening(self._ports.get(self._fd(call), self._options.bind_port))
        return 0

    async def _accept(self, call: SystemCall) -> int:
        socket, _ = await self._of(call).accept()
        descriptor = self._new(call, socket)
        self.accepted(socket)
        return descriptor

    async def _accept4(self, call: SystemCall) -> int:
        descriptor = await self._accept(call)
        if symbols.number(call.arguments[3]) & symbols.SYMBOLS["SOCK_NONBLOCK"]:
            self._sockets[descriptor].setblocking(False)
        return descriptor

    async def _connect(self, call: SystemCall) -> int:
        host, port = symbols.address(
            call.arguments[1], (self._options.remote_address, self._options.connect_port))
        socket = self._of(call)
        self.connecting(socket.descriptor, port)
        await socket.connect((host, port))
        return 0

    async def _write(self, call: SystemCall) -> int:
        return await self._send_bytes(call, symbols.number(call.arguments[2]), 0)

    async def _send(self, call: SystemCall) -> int:
        return await self._send_bytes(call, symbols.number(call.arguments[2]), symbols.number(call.arguments[3]))

    async def _sendto(self, call: SystemCall) -> int:
        return await self._send(call)

    async def _sendmsg(self, call: SystemCall) -> int:
        return await self._send_bytes(call, _iov_bytes(call.arguments[1]), symbols.number(call.arguments[2]))

    async def _writev(self, call: SystemCall) -> int:
        return await self._send_bytes(call, _vector_bytes(call.arguments[1]), 0)

    async def _send_bytes(self, call: SystemCall, length: int, flags: int) -> int:
        for name in ("MSG_FASTOPEN", "MSG_ZEROCOPY", "MSG_ERRQUEUE"):
            if flags & symbols.SYMBOLS[name]:
                raise Unsupported(name)
        _check_length(length)
        socket = self._of(call)
        descriptor = self._fd(call)
        if call.until is None:
            # A call that returns at once: with room for everything a blocking socket does that, too.
            flags |= symbols.SYMBOLS["MSG_DONTWAIT"]
        data = stream_bytes(self._bytes_written[descriptor], length)
        sent = await socket.send(data, flags)
        self._bytes_written[descriptor] += sent
        return sent

    async def _read_call(self, call: SystemCall, length: int, flags: int) -> int:
        if flags & symbols.SYMBOLS["MSG_ERRQUEUE"]:
            raise Unsupported("MSG_ERRQUEUE")
        _check_length(length)
        descriptor = self._fd(call)
        socket = self._of(call)
        data = await socket.recv(length, flags)
        if flags & symbols.SYMBOLS["MSG_OOB"]:
            self._out_of_band.add(descriptor)
            return len(data)
        start = self._bytes_read[descriptor]
        if not flags & symbols.SYMBOLS["MSG_PEEK"]:
            self._bytes_read[descriptor] += len(data)
        if descriptor not in self._out_of_band and data != stream_bytes(start, len(data)):
            raise Mismatch(f"{call.name} returns bytes that differ from those that arrived ({start} bytes into them)")
        return len(data)

    async def _read(self, call: SystemCall) -> int:
        return await self._read_call(call, symbols.number(call.arguments[2]), 0)

    async def _recv(self, call: SystemCall) -> int:
        return await self._read_call(call, symbols.number(call.arguments[2]), symbols.number(call.arguments[3]))

    async def _recvfrom(self, call: SystemCall) -> int:
        return await self._recv(call)

    async def _recvmsg(self, call: SystemCall) -> int:
        return await self._read_call(call, _iov_bytes(call.arguments[1]), symbols.number(call.arguments[2]))

    async def _readv(self, call: SystemCall) -> int:
        return await self._read_call(call, _vector_bytes(call.arguments[1]), 0)

    async def _shutdown(self, call: SystemCall) -> int:
        await self._of(call).shutdown(symbols.number(call.arguments[1]))
        return 0

    async def _close(self, call: SystemCall) -> int:
        socket = self._of(call)
        await socket.close()
        del self._sockets[self._fd(call)]
        return 0

    async def _setsockopt(self, call: SystemCall) -> int:
        level, name = symbols.number(call.arguments[1]), symbols.number(call.arguments[2])
        await self._of(call).setsockopt(level, name, _option_value(call.arguments[3]))
        return 0

    async def _getsockopt(self, call: SystemCall) -> int:
        level, name = symbols.number(call.arguments[1]), symbols.number(call.arguments[2])
        expected = call.arguments[3]
        wanted = _option_value(expected) if not isinstance(expected, Ellipsis) and expected != Sequence(
            (Ellipsis(),)) else None
        have = await self._of(call).getsockopt(level, name, len(wanted) if isinstance(wanted, bytes) else 0)
        if wanted is not None and have != wanted:
            raise Mismatch(f"getsockopt gives {have!r}, expected {wanted!r}")
        return 0

    async def _fcntl(self, call: SystemCall) -> int:
        descriptor, command = self._fd(call), symbols.number(call.arguments[1])
        socket = self._of(call)
        nonblock = symbols.SYMBOLS["O_NONBLOCK"]
        if command == symbols.SYMBOLS["F_GETFL"]:
            return self._flags[descriptor] | symbols.SYMBOLS["O_RDWR"]
        if command != symbols.SYMBOLS["F_SETFL"]:
            raise Unsupported("this command of fcntl")
        self._flags[descriptor] = symbols.number(call.arguments[2]) & nonblock
        socket.setblocking(not self._flags[descriptor])
        return 0

    async def _ioctl(self, call: SystemCall) -> int:
        self._of(call)
        command = symbols.number(call.arguments[1])
        if command == symbols.SYMBOLS["FIONBIO"]:
            self._sockets[self._fd(call)].setblocking(not symbols.number(call.arguments[2]))
            return 0
        if command not in (symbols.SYMBOLS["SIOCINQ"], symbols.SYMBOLS["SIOCOUTQ"]):
            raise Unsupported("this command of ioctl")
        unread, unacknowledged = self._queues(self._of(call).descriptor)
        have = unread if command == symbols.SYMBOLS["SIOCINQ"] else unacknowledged
        wanted = symbols.number(call.arguments[2])
        if have != wanted:
            raise Mismatch(f"ioctl gives {have}, expected {wanted}")
        return 0

    async def _poll(self, call: SystemCall) -> int:
        entries = call.arguments[0]
        if not isinstance(entries, Sequence):
            raise Unsupported("poll of this form")
        wanted: dict[Socket, int] = {}
        expected: dict[Socket, int] = {}
        for entry in entries.items:
            if not isinstance(entry, Struct):
                raise Unsupported("poll of this form")
            socket = self._socket_of(symbols.number(entry.get("fd")))
            wanted[socket] = symbols.number(entry.get("events"))
            revents = entry.get("revents")
            expected[socket] = symbols.number(revents) if revents is not None else 0
        timeout = symbols.number(call.arguments[2])
        ready = await self._process.poll(wanted, None if timeout < 0 else timeout * kernel.MS)
        for socket, events in expected.items():
            if ready.get(socket, 0) != events:
                raise Mismatch(f"poll finds the events {_events(ready.get(socket, 0))}, expected {_events(events)}")
        return sum(1 for events in ready.values() if events)



def _check_length(length: int) -> None:
    if not 0 <= length <= LARGEST_TRANSFER:
        raise Unsupported(f"a call for {length} bytes")


def _events(events: int) -> str:
    names = [name for name, bit in symbols.SYMBOLS.items() if name.startswith("POLL") and events & bit]
    return "|".join(names) or "none"


def _option_name(call: SystemCall) -> str:
    name = call.arguments[2]
    return name.text if isinstance(name, Name) else str(name)


def _option_value(value: Value) -> int | bytes:
    """A number, a string, or struct linger."""
    if isinstance(value, Sequence) and len(value.items) == 1:
        value = value.items[0]
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, Struct) and value.get("onoff") is not None:
        return struct.pack("<ii", symbols.number(value.get("onoff")), symbols.number(value.get("linger")))
    return symbols.number(value, "a socket option's value")


def _vector_bytes(vector: Value | None) -> int:
    """Bytes of [{..., 1000}, ...]."""
    if not isinstance(vector, Sequence):
        raise Unsupported("an I/O vector of this form")
    return sum(symbols.number(piece.items[1]) for piece in vector.items if isinstance(piece, Sequence))


def _iov_bytes(message: Value) -> int:
    if not isinstance(message, Struct):
        raise Unsupported("a message of this form")
    return _vector_bytes(message.get("msg_iov"))
