"""A peer that nobody here wrote: lwIP on an ideal network interface, in simulated time, on the simulation's thread.

Its timers are lwIP's own; applications use it through its raw API, behind the sockets of every other peer.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket as bsd
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import kernel
from models.network.lwip.library import Library
from models.network.peer import PeerInterface
from models.network.peer_checks import checksum_fault
from models.network.socket_interface import Endpoint

PBUF_RAW, PBUF_RAM = 0, 0x0280
"""pbuf_layer and pbuf_type of lwip/pbuf.h: no room for headers; in one piece."""
WRITE_COPY = 1
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
_QUIET_MS = 600_000
"""Without a frame or a call for so long lwIP's timers rest: nothing but silence would go on for ever."""


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@dataclass(frozen=True)
class LwipSettings:
    """What can be chosen about it; the rest is what the distribution's package was built with."""

    mac: str = "02:00:00:00:00:02"
    address: str = "10.0.0.2"
    prefix_length: int = 24
    gateway: str | None = None
    address6: str | None = None
    """IPv6 address beside the IPv4 one; None: lwIP sends nothing in IPv6."""
    mtu: int = 1500
    rate_bps: int = 1_000_000_000


class LwipPeer:
    """Use as `models.network.peer.Peer`. Each has a copy of the library, so that it starts as after a power-on."""

    def __init__(self, settings: LwipSettings | None = None, seed: int = 1) -> None:
        """Raises LwipUnavailable."""
        self.settings = settings = settings or LwipSettings()
        self.wire = PeerInterface(settings.rate_bps)
        self.wire.arrived = self._frame_arrives
        self.library = Library(seed)
        self.lwip, self.structures, self.ffi = self.library.functions, self.library.structures, self.library.ffi
        self.checksum_errors: dict[str, int] = {}
        """Frames whose FCS was right and whose checksum was not, by protocol; lwIP drops them without a word."""
        self.sockets: dict[int, LwipSocket] = {}
        self._handles = 0
        self._to_send: kernel.Queue[bytes] = kernel.Queue()
        self._active = kernel.Event()
        self._last_ms = 0
        self._callbacks = _Callbacks(self)
        self._netif = self.ffi.new("char[]", self.structures.netif_bytes())

    def start(self) -> None:
        """Begin to send and to keep time."""
        self.enter()
        self._add_interface()
        kernel.spawn(self._transmit(), "lwIP transmit")
        kernel.spawn(self._keep_time(), "lwIP timers")

    async def ready(self) -> None:
        """Until applications may use it: at once."""

    async def finish(self, out: Path) -> None:
        """What is left to do at the end of a run, whose results are in `out`: nothing."""

    def details(self) -> dict[str, Any]:
        """What else it has to say in the summary."""
        return {}

    def drops(self) -> dict[str, int]:
        """What arrived and could not be used, by cause."""
        return {
            "peer_fcs": self.wire.fcs_errors,
            **{f"peer_{name}_checksum": count for name, count in sorted(self.checksum_errors.items())},
        }

    async def socket(self) -> LwipSocket:
        """A TCP socket; takes no time, and is awaited as a host's is."""
        return LwipSocket(self)

    async def listen(self, port: int, backlog: int = 128) -> LwipSocket:
        """A listening socket on a port."""
        sock = await self.socket()
        await sock.bind(("", port))
        await sock.listen(backlog)
        return sock

    async def connect(self, address: Endpoint) -> LwipSocket:
        """A connected socket."""
        sock = await self.socket()
        await sock.connect(address)
        return sock

    # For the sockets.

    def enter(self) -> None:
        """Before each call of lwIP: its clock is right, and its timers run."""
        self._last_ms = kernel.now() // kernel.MS
        self.library.set_time(self._last_ms)
        self._active.set()

    def address(self, host: str) -> Any:
        """An ip_addr_t; "" is any. Raises OSError."""
        place = self.ffi.new("char[]", self.structures.address_bytes())
        if host in ("", "0.0.0.0", "::"):
            self.structures.any_address(place)
        elif not self.lwip.ipaddr_aton(host.encode(), place):
            raise error(errno.EINVAL)
        return place

    def text_of(self, address: Any) -> str:
        place = self.ffi.new("char[64]")
        self.lwip.ipaddr_ntoa_r(address, place, 64)
        return str(ipaddress.ip_address(self.ffi.string(place).decode().split("%")[0]))

    def new_handle(self, sock: LwipSocket) -> Any:
        """What lwIP's callbacks bring back to find the socket."""
        self._handles += 1
        self.sockets[self._handles] = sock
        return self.ffi.cast("void *", self._handles)

    @property
    def callbacks(self) -> _Callbacks:
        return self._callbacks

    # Interface.

    def _add_interface(self) -> None:
        settings, ffi, lwip = self.settings, self.ffi, self.lwip

        def address4(text: str) -> Any:
            place = ffi.new("char[4]")
            assert lwip.ip4addr_aton(text.encode(), place), text
            return place

        mask = str(ipaddress.IPv4Network(f"0.0.0.0/{settings.prefix_length}").netmask)
        places = [address4(each) for each in (settings.address, mask, settings.gateway or "0.0.0.0")]
        self._raw_netif = ffi.cast("struct netif *", self._netif)
        added = lwip.netif_add(
            self._raw_netif, *places, ffi.NULL, self._callbacks.describe, ffi.addressof(lwip, "ethernet_input")
        )
        assert added != ffi.NULL
        if settings.address6 is not None:
            self.structures.netif_set_address6(self._raw_netif, self.address(settings.address6))
        lwip.netif_set_default(self._raw_netif)
        lwip.netif_set_up(self._raw_netif)
        lwip.netif_set_link_up(self._raw_netif)

    def describe_interface(self, netif: Any) -> None:
        self.structures.netif_describe(
            netif,
            bytes.fromhex(self.settings.mac.replace(":", "")),
            self.settings.mtu,
            self.ffi.addressof(self.lwip, "etharp_output"),
            self.ffi.addressof(self.lwip, "ethip6_output"),
            self._callbacks.linkoutput,
        )

    def frame_leaves(self, pbuf: Any) -> None:
        """lwIP has built a frame; what it points to belongs to lwIP again afterwards."""
        length = self.structures.pbuf_bytes_in_all(pbuf)
        if self.structures.pbuf_bytes_here(pbuf) == length:
            frame = bytes(self.ffi.buffer(self.structures.pbuf_bytes(pbuf), length))
        else:
            frame = self.copy_of(pbuf, length)
        self._to_send.put(frame)

    def copy_of(self, pbuf: Any, length: int) -> bytes:
        place = self.ffi.new("char[]", length)
        self.lwip.pbuf_copy_partial(pbuf, place, length, 0)
        return bytes(self.ffi.buffer(place, length))

    def _frame_arrives(self, frame: bytes) -> None:
        fault = checksum_fault(frame)
        if fault is not None:
            self.checksum_errors[fault] = self.checksum_errors.get(fault, 0) + 1
        self.enter()
        pbuf = self.lwip.pbuf_alloc(PBUF_RAW, len(frame), PBUF_RAM)
        assert pbuf != self.ffi.NULL
        self.lwip.pbuf_take(pbuf, frame, len(frame))
        if self.lwip.ethernet_input(pbuf, self._raw_netif) != ERR_OK:
            self.lwip.pbuf_free(pbuf)

    async def _transmit(self) -> None:
        while True:
            await self.wire.transmit(await self._to_send.get())

    async def _keep_time(self) -> None:
        while True:
            await self._active
            now_ms = kernel.now() // kernel.MS
            self.library.set_time(now_ms)
            self.lwip.sys_check_timeouts()
            if now_ms - self._last_ms >= _QUIET_MS:
                self._active.clear()
                continue
            wake_ms = now_ms + max(1, self.lwip.sys_timeouts_sleeptime())
            await kernel.sleep_until(wake_ms * kernel.MS)


class _Callbacks:
    """The functions that lwIP calls. They must live as long as the library may call them."""

    def __init__(self, peer: LwipPeer) -> None:
        ffi, sockets = peer.ffi, peer.sockets

        def socket_of(handle: Any) -> LwipSocket | None:
            return sockets.get(int(ffi.cast("uintptr_t", handle)))

        def describe(netif: Any) -> int:
            peer.describe_interface(netif)
            return ERR_OK

        def linkoutput(_netif: Any, pbuf: Any) -> int:
            peer.frame_leaves(pbuf)
            return ERR_OK

        def accept(handle: Any, pcb: Any, number: int) -> int:
            listener = socket_of(handle)
            if listener is None or number != ERR_OK or pcb == ffi.NULL:
                return ERR_MEM
            listener.accepts(pcb)
            return ERR_OK

        def connected(handle: Any, _pcb: Any, _number: int) -> int:
            sock = socket_of(handle)
            if sock is not None:
                sock.connected()
            return ERR_OK

        def recv(handle: Any, _pcb: Any, pbuf: Any, _number: int) -> int:
            sock = socket_of(handle)
            if pbuf == ffi.NULL:
                if sock is not None:
                    sock.at_end()
                return ERR_OK
            length = peer.structures.pbuf_bytes_in_all(pbuf)
            if sock is not None:
                sock.arrived(peer.copy_of(pbuf, length))
            peer.lwip.pbuf_free(pbuf)
            return ERR_OK

        def sent(handle: Any, _pcb: Any, _count: int) -> int:
            sock = socket_of(handle)
            if sock is not None:
                sock.changed.set()
            return ERR_OK

        def failed(handle: Any, number: int) -> None:
            sock = socket_of(handle)
            if sock is not None:
                sock.failed(number)

        self.describe = ffi.callback("netif_init_fn", describe)
        self.linkoutput = ffi.callback("netif_linkoutput_fn", linkoutput)
        self.accept = ffi.callback("tcp_accept_fn", accept)
        self.connected = ffi.callback("tcp_connected_fn", connected)
        self.recv = ffi.callback("tcp_recv_fn", recv)
        self.sent = ffi.callback("tcp_sent_fn", sent)
        self.failed = ffi.callback("tcp_err_fn", failed)


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
