"""Processes and their BSD sockets: sys_socketcall goes straight to toe_socketcall, which asks the card."""

from __future__ import annotations

import errno
import ipaddress
import os
import select
import socket as bsd
import struct
from collections.abc import Awaitable

from firmware import messages
from firmware.messages import Command, Flag, IdKind, Message, MessageError, Piece
from models import kernel
from models.host.driver import Request, ToeDriver
from models.host.memory import (
    PAGE_BYTES,
    PAGE_MASK,
    AddressSpace,
    PhysicalMemory,
    Protection,
    SegmentationFault,
)
from models.host.processor import Category, Processor
from models.network.socket_interface import Endpoint

FIRST_PID = 7654
MOST_OPTION_BYTES = 256
"""Longest value of a socket option."""


def error(number: int) -> OSError:
    """OSError with its text."""
    return OSError(number, os.strerror(number))


class Process:
    """A process: its PID, its memory and its sockets. Coroutines that use them are its threads."""

    def __init__(self, pid: int, memory: PhysicalMemory, processor: Processor, driver: ToeDriver) -> None:
        self.pid = pid
        self.space = AddressSpace(memory, f"process {pid}")
        self.processor = processor
        self.driver = driver
        self.sockets: dict[int, Socket] = {}
        self._buffers: dict[int, list[int]] = {}

    # User memory.

    def malloc(self, length: int, protection: Protection = Protection.READ | Protection.WRITE) -> int:
        """New zeroed memory; returns its virtual address."""
        return self.space.map(length, protection)

    def free(self, address: int) -> None:
        self.space.unmap(address)

    def write(self, address: int, data: bytes) -> None:
        """The application writes its memory: no simulated time. Raises SegmentationFault."""
        self.space.write(address, data)

    def read(self, address: int, length: int) -> bytes:
        """The application reads its memory: no simulated time. Raises SegmentationFault."""
        return self.space.read(address, length)

    def borrow_buffer(self, length: int) -> int:
        """A page-aligned buffer of at least `length` bytes for one call; contents undefined."""
        pages = max(1, -(-length // PAGE_BYTES))
        free = self._buffers.setdefault(pages, [])
        return free.pop() if free else self.malloc(pages * PAGE_BYTES)

    def return_buffer(self, address: int, length: int) -> None:
        """Only once no request names the buffer any more."""
        self._buffers[max(1, -(-length // PAGE_BYTES))].append(address)

    # System calls.

    async def socket(
        self, domain: int = bsd.AF_INET, type: int = bsd.SOCK_STREAM, protocol: int = 0, blocking: bool = True
    ) -> Socket:
        """socket(2)."""
        if not all(0 <= each <= 0xFFFF for each in (domain, type, protocol)):
            raise error(errno.EINVAL)
        parameters = messages.SocketRequest(domain, type, protocol).pack()
        reply = await self.call(Command.SOCKET, IdKind.PID, self.pid, parameters)
        return self.open(_value(reply), blocking, domain)

    def open(self, descriptor: int, blocking: bool = True, domain: int = bsd.AF_INET) -> Socket:
        """Take up a descriptor that the card has made for this process."""
        self.sockets[descriptor] = Socket(self, descriptor, blocking, domain)
        return self.sockets[descriptor]

    async def poll(self, wanted: dict[Socket, int], timeout_ps: int | None = None) -> dict[Socket, int]:
        """poll(2) on several sockets: events that are there, by socket; empty when the time is over."""
        return await poll(self, wanted, timeout_ps)

    async def exit(self) -> None:
        """End: close what is open, give the memory back (pages with requests under way stay until answered)."""
        for each in list(self.sockets.values()):
            await each.close()
        self._buffers.clear()
        self.space.unmap_all()

    async def call(
        self,
        command: Command,
        id_kind: IdKind,
        identifier: int,
        parameters: bytes = b"",
        flags: int = 0,
        buffer: tuple[int, int, Protection] | None = None,
        transfer_flags: int = 0,
        timeout_ps: int | None = None,
    ) -> Message:
        """sys_socketcall: one request and its reply. Raises OSError with the reply's status.

        `buffer` (virtual address, length, access) is pinned and translated, and follows `transfer_flags`.
        """
        costs = self.processor.costs
        await self.enter()
        pieces: list[Piece] = []
        if buffer is not None:
            pieces = await self._translate(*buffer)
            parameters = messages.TransferRequest(transfer_flags, len(pieces)).pack() + messages.pack_pieces(pieces)
        pinned = (self.space, pieces) if pieces else None
        request = await self.driver.post(command, id_kind, identifier, parameters, flags, pinned)
        reply = await self.driver.wait(request, timeout_ps)
        await self.processor.charge(Category.ADDRESS_TRANSLATION, len(pieces) * costs.unpin_page)
        await self.leave(woken=True)
        if reply.status:
            raise error(reply.status)
        return reply

    async def enter(self) -> None:
        costs = self.processor.costs
        await self.processor.charge(Category.SYSTEM_CALL, costs.system_call_entry + costs.socket_lookup)

    async def leave(self, woken: bool) -> None:
        costs = self.processor.costs
        if woken:
            await self.processor.charge(Category.WAKE_UP, costs.wake_up)
        await self.processor.charge(Category.SYSTEM_CALL, costs.system_call_exit)

    async def _translate(self, address: int, length: int, access: Protection) -> list[Piece]:
        """get_user_pages and kmap. Raises OSError: EFAULT."""
        costs = self.processor.costs
        try:
            pieces = self.space.get_user_pages(address, length, access)
        except SegmentationFault:
            await self.processor.charge(Category.ADDRESS_TRANSLATION, costs.get_user_pages)
            raise error(errno.EFAULT) from None
        try:
            await self.processor.charge(
                Category.ADDRESS_TRANSLATION, costs.get_user_pages + len(pieces) * costs.translate_page
            )
        except BaseException:
            self.space.put_pages(pieces)
            raise
        return pieces


class Socket:
    """A socket of a process (`models.network.socket_interface.Socket`)."""

    def __init__(self, process: Process, descriptor: int, blocking: bool = True, domain: int = bsd.AF_INET) -> None:
        self.process = process
        self.domain = domain
        self.descriptor = descriptor
        self.timeout_ps: int | None = None
        """SO_RCVTIMEO and SO_SNDTIMEO in one: past it a call ends with EAGAIN, or with what it has done."""
        self._blocking = blocking
        self._linger_ps: int | None = None

    def fileno(self) -> int:
        return self.descriptor

    def setblocking(self, blocking: bool) -> None:
        """O_NONBLOCK; kept by the kernel, each request says which it wants."""
        self._blocking = blocking

    async def bind(self, address: Endpoint) -> None:
        await self._call(Command.BIND, _pack_address(address, self.domain))

    async def listen(self, backlog: int = 128) -> None:
        await self._call(Command.LISTEN, messages.ListenRequest(max(0, backlog)).pack())

    async def accept(self) -> tuple[Socket, Endpoint]:
        reply = await self._call(Command.ACCEPT, timeout=True)
        accepted = self.process.open(_value(reply), domain=self.domain)
        accepted._linger_ps = self._linger_ps
        return accepted, _address(reply)

    async def connect(self, address: Endpoint) -> None:
        await self._call(Command.CONNECT, _pack_address(address, self.domain), timeout=True)

    async def send(self, data: bytes, flags: int = 0) -> int:
        """Copy `data` into the process's memory (application data: no simulated time) and send it from there."""
        buffer = self.process.borrow_buffer(len(data))
        self.process.write(buffer, data)
        try:
            sent = await self.send_from(buffer, len(data), flags)
        except OSError:
            self.process.return_buffer(buffer, len(data))
            raise
        # A call that was cancelled keeps its buffer: the card may still read it.
        self.process.return_buffer(buffer, len(data))
        return sent

    async def sendall(self, data: bytes, flags: int = 0) -> None:
        """send until all is taken."""
        while data:
            data = data[await self.send(data, flags) :]

    async def send_from(self, address: int, length: int, flags: int = 0) -> int:
        """send(2) of user memory; returns the bytes taken. A blocking send takes all unless an error ends it."""
        sent = 0
        while True:
            part = min(length - sent, _most_bytes(address + sent))
            try:
                moved = await self._transfer(Command.SEND, address + sent, part, Protection.READ, flags)
            except OSError:
                if sent:
                    return sent
                raise
            sent += moved
            if sent >= length or moved == 0 or (moved < part and not self._waits(flags)):
                return sent

    async def recv(self, size: int, flags: int = 0) -> bytes:
        """recv(2) into the process's memory; returns what came as bytes (reading it takes no simulated time)."""
        buffer = self.process.borrow_buffer(size)
        try:
            got = await self.recv_into(buffer, size, flags)
        except OSError:
            self.process.return_buffer(buffer, size)
            raise
        data = self.process.read(buffer, got)
        self.process.return_buffer(buffer, size)
        return data

    async def recv_into(self, address: int, length: int, flags: int = 0) -> int:
        """recv(2) into user memory; returns the bytes received, 0 at the end of the peer's stream.

        With MSG_WAITALL it asks again until all is there, for what is more than one message can carry.
        """
        got = 0
        while True:
            part = min(length - got, _most_bytes(address + got))
            try:
                moved = await self._transfer(Command.RECV, address + got, part, Protection.WRITE, flags)
            except OSError:
                if got:
                    return got
                raise
            got += moved
            if moved < part or got >= length or not flags & bsd.MSG_WAITALL or flags & bsd.MSG_PEEK:
                return got

    async def recv_exactly(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end of the stream."""
        return await self.recv(size, bsd.MSG_WAITALL)

    async def shutdown(self, how: int) -> None:
        await self._call(Command.SHUTDOWN, messages.ShutdownRequest(how).pack())

    async def close(self) -> None:
        """The descriptor is gone whatever the card answers. With SO_LINGER it waits no longer than that."""
        self.process.sockets.pop(self.descriptor, None)
        await self._call(Command.CLOSE, closing=True)

    async def getsockname(self) -> Endpoint:
        return _address(await self._call(Command.GETSOCKNAME))

    async def getpeername(self) -> Endpoint:
        return _address(await self._call(Command.GETPEERNAME))

    async def getsockopt(self, level: int, name: int, buflen: int = 0) -> int | bytes:
        """A number; with `buflen` at most so many bytes of a structured option (TCP_INFO, TCP_CONGESTION, SO_LINGER).

        `buflen` with an option that is a number gives its four bytes.
        """
        reply = await self._call(Command.GETSOCKOPT, messages.OptionRequest(level, name, 0).pack())
        value, data = _value(reply), reply.parameters[messages.Result.SIZE :]
        if not buflen:
            return value
        return (data or value.to_bytes(4, "little", signed=True))[:buflen]

    async def setsockopt(self, level: int, name: int, value: int | bytes) -> None:
        """A number, or the bytes of a structured option."""
        number, data = (0, value) if isinstance(value, bytes) else (int(value), b"")
        if len(data) > MOST_OPTION_BYTES:
            raise error(errno.EINVAL)
        await self._call(Command.SETSOCKOPT, messages.OptionRequest(level, name, number).pack() + data)
        if (level, name) == (bsd.SOL_SOCKET, bsd.SO_LINGER):
            on, seconds = struct.unpack_from("<ii", data)
            self._linger_ps = max(seconds, 0) * kernel.S if on else None

    async def poll(self, events: int, timeout_ps: int | None = None) -> int:
        """poll(2) on this socket alone: the events that are there, 0 when the time is over."""
        return (await poll(self.process, {self: events}, timeout_ps)).get(self, 0)

    @property
    def closed(self) -> bool:
        return self.process.sockets.get(self.descriptor) is not self

    def _waits(self, flags: int = 0) -> bool:
        return self._blocking and not flags & bsd.MSG_DONTWAIT

    async def _call(
        self, command: Command, parameters: bytes = b"", timeout: bool = False, closing: bool = False
    ) -> Message:
        if self.closed and not closing:
            raise error(errno.EBADF)
        flags = 0 if self._waits() else Flag.DONTWAIT
        return await self._eintr_is_eagain(
            self.process.call(
                command,
                IdKind.DESCRIPTOR,
                self.descriptor,
                parameters,
                flags,
                timeout_ps=self._linger_ps if closing else self.timeout_ps if timeout else None,
            )
        )

    async def _transfer(self, command: Command, address: int, length: int, access: Protection, flags: int) -> int:
        if self.closed:
            raise error(errno.EBADF)
        reply = await self._eintr_is_eagain(
            self.process.call(
                command,
                IdKind.DESCRIPTOR,
                self.descriptor,
                flags=0 if self._waits(flags) else Flag.DONTWAIT,
                buffer=(address, length, access),
                transfer_flags=flags,
                timeout_ps=self.timeout_ps,
            )
        )
        return _value(reply)

    async def _eintr_is_eagain(self, call: Awaitable[Message]) -> Message:
        """A request that was cancelled because its time was over."""
        try:
            return await call
        except OSError as failure:
            if failure.errno == errno.EINTR and self.timeout_ps is not None:
                raise error(errno.EAGAIN) from None
            raise


async def poll(process: Process, wanted: dict[Socket, int], timeout_ps: int | None = None) -> dict[Socket, int]:
    """poll(2): one POLL request a socket; the first reply ends the wait and the others are cancelled.

    A timeout of 0 looks once. A closed socket shows POLLNVAL.
    """
    driver = process.driver
    await process.enter()
    ready = {each: select.POLLNVAL for each in wanted if each.closed}
    waits = not ready and (timeout_ps is None or timeout_ps > 0)
    requests: dict[Socket, Request] = {}
    try:
        for each, events in wanted.items():
            if each not in ready:
                parameters = messages.PollRequest(events).pack()
                flags = 0 if waits else Flag.DONTWAIT
                requests[each] = await driver.post(Command.POLL, IdKind.DESCRIPTOR, each.descriptor, parameters, flags)
        if waits and requests:
            expiry = [] if timeout_ps is None else [kernel.after(timeout_ps)]
            await kernel.first(*(request.done for request in requests.values()), *expiry)
            for request in requests.values():
                if not request.done.is_set:
                    await driver.cancel(request)
        for each, request in requests.items():
            reply = await driver.wait(request)
            if reply.status == 0 and _value(reply):
                ready[each] = _value(reply)
            elif reply.status not in (0, errno.EAGAIN, errno.EINTR):
                ready[each] = select.POLLNVAL if reply.status == errno.EBADF else select.POLLERR
    except BaseException:
        for request in requests.values():
            driver.abandon(request)
        raise
    await process.leave(woken=waits)
    return ready


def _most_bytes(address: int) -> int:
    """How much of a buffer one message can carry: MAX_PIECES pages, the first one perhaps in part."""
    return messages.MAX_PIECES * PAGE_BYTES - (address & PAGE_MASK)


def _value(reply: Message) -> int:
    """Raises OSError: EPROTO, for a reply that holds no result."""
    try:
        return messages.Result.unpack(reply.parameters)[0].value
    except MessageError:
        raise error(errno.EPROTO) from None


def _pack_address(address: Endpoint, domain: int) -> bytes:
    """Raises OSError: EINVAL."""
    host, port = address
    kind = ipaddress.IPv6Address if domain == bsd.AF_INET6 else ipaddress.IPv4Address
    try:
        packed = kind(host or 0).packed
    except ValueError:
        raise error(errno.EINVAL) from None
    if not 0 <= port <= 0xFFFF:
        raise error(errno.EINVAL)
    return messages.pack_address(port, packed)


def _address(reply: Message) -> Endpoint:
    """The address that follows the result. Raises OSError: EPROTO."""
    try:
        _, port, address = messages.unpack_address(reply.parameters[messages.Result.SIZE :])
    except MessageError:
        raise error(errno.EPROTO) from None
    return str(ipaddress.ip_address(address)), port
