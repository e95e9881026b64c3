"""A peer that nobody here wrote: lwIP on an ideal network interface, in simulated time, on the simulation's thread.

Its timers are lwIP's own; applications use it through its raw API, behind the sockets of every other peer.
"""

from __future__ import annotations

import errno
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import kernel
from models.network.lwip.library import Library
from models.network.lwip.socket import ERR_MEM, ERR_OK, LwipSocket, error
from models.network.peer import PeerInterface
from models.network.peer_checks import checksum_fault
from models.network.socket_interface import Endpoint

PBUF_RAW, PBUF_RAM = 0, 0x0280
"""pbuf_layer and pbuf_type of lwip/pbuf.h: no room for headers; in one piece."""
IP6_ADDR_PREFERRED = 0x30
_QUIET_MS = 600_000
"""Without a frame or a call for so long lwIP's timers rest: nothing but silence would go on for ever."""


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
        lwip.netif_set_default(self._raw_netif)
        lwip.netif_set_up(self._raw_netif)
        lwip.netif_set_link_up(self._raw_netif)
        if settings.address6 is not None:
            index = ffi.new("int8_t *")
            address6 = self.structures.address6_of(self.address(settings.address6))
            status = lwip.netif_add_ip6_address(self._raw_netif, address6, index)
            assert status == ERR_OK, status
            # by hand: valid at once, without asking whether somebody else has it
            lwip.netif_ip6_addr_set_state(self._raw_netif, index[0], IP6_ADDR_PREFERRED)

    def describe_interface(self, netif: Any) -> None:
        self.structures.netif_describe(
            netif,
            bytes.fromhex(self.settings.mac.replace(":", "")),
            self.settings.mtu,
            self.ffi.addressof(self.lwip, "etharp_output"),
            self.ffi.addressof(self.lwip, "ethip6_output"),
            self._callbacks.linkoutput,
            int(self.settings.address6 is not None),
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
