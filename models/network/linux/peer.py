"""Linux's own TCP as a peer: a User-Mode Linux guest in simulated time, on an ideal network interface."""

from __future__ import annotations

import re
import socket as bsd
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import kernel
from models.network.linux import image
from models.network.linux.control import Control
from models.network.linux.guest import agent
from models.network.linux.guest_process import Guest, GuestError
from models.network.linux.network_device import DEVICE_ID, NetworkDevice
from models.network.linux.socket import LinuxSocket
from models.network.peer import PeerInterface
from models.network.peer_checks import checksum_fault
from models.network.socket_interface import Endpoint

LOOK_AHEAD_NS = 1300
"""A frame takes 672 ns at the least (1 Gb/s), and so does what answers it: nothing that the guest does comes back to it
sooner than this."""
CONSOLE = "linux_console.log"
_A_DAY_PS = 86_400 * kernel.S
"""Without a frame or a call for so long, everybody else waits for something that will not come: the guest's own timers
would go on for ever."""


OF_A_LARGER_HOST = (("net.ipv4.tcp_rmem", "4096 131072 6291456"), ("net.ipv4.tcp_wmem", "4096 16384 4194304"))
"""Linux derives the largest buffers from its memory: these are of any host with a gigabyte or more."""


@dataclass(frozen=True)
class LinuxSettings:
    """What can be chosen about it; the rest is what a Linux host has by default."""

    mac: str = "02:00:00:00:00:02"
    address: str = "10.0.0.2"
    prefix_length: int = 24
    gateway: str | None = None
    address6: str | None = None
    """IPv6 address beside the IPv4 one; None: IPv6 is off."""
    prefix_length6: int = 64
    mtu: int = 1500
    rate_bps: int = 1_000_000_000
    sysctls: tuple[tuple[str, str], ...] = ()
    """Names as sysctl(8) takes them, and values."""
    memory: str = "256M"


@dataclass(frozen=True)
class Ended:
    """A program that has run in the guest."""

    code: int
    output: str


class LinuxPeer:
    """Use as `models.network.peer.Peer`; after `start()` wait for `ready()`."""

    def __init__(self, settings: LinuxSettings | None = None, seed: int = 1, out: Path | None = None) -> None:
        """`out`: folder for the guest's console. Raises image.LinuxUnavailable."""
        self.settings = settings = settings or LinuxSettings()
        self.wire = PeerInterface(settings.rate_bps)
        self.wire.arrived = self._frame_arrives
        self.control = Control()
        self.checksum_errors: dict[str, int] = {}
        """Frames whose FCS was right and whose checksum was not, by protocol."""
        self._device = NetworkDevice(bytes.fromhex(settings.mac.replace(":", "")), settings.mtu)
        self._device.something_to_send = self._frames_wait
        self._frames = kernel.Event()
        self._asked = kernel.Event()
        self._last_ps = 0
        self._family = bsd.AF_INET6 if settings.address6 is not None else bsd.AF_INET
        self.guest = Guest(
            image.find(),
            _SimulatedTime(),
            [(self._device, DEVICE_ID), (self.control.device, DEVICE_ID)],
            [image.PYTHON, "-I", "-S", Path(agent.__file__)],
            seed,
            (out or Path.cwd()) / CONSOLE,
            memory=settings.memory,
            variables=["PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1"],
        )
        self.guest.requested = self._asked.set
        self.release = ""
        """Of the guest's kernel."""
        self._starting: kernel.Task[None] | None = None

    def start(self) -> None:
        """Boot, and set the interface up."""
        self.control.start()
        kernel.spawn(self._transmit(), "Linux transmit")
        kernel.spawn(self._keep_time(), "Linux clock")
        self._starting = kernel.spawn(self._set_up(), "Linux comes up")

    async def ready(self) -> None:
        """Until its interface is up. Raises GuestError, OSError."""
        assert self._starting is not None
        await self._starting

    async def finish(self, out: Path) -> None:
        """Before the run is summed up; the guest stays until the run ends."""

    def drops(self) -> dict[str, int]:
        """What arrived and could not be used, by cause."""
        return {
            "peer_fcs": self.wire.fcs_errors,
            "peer_receive_ring": self._device.frames_without_buffer,
            **{f"peer_{name}_checksum": count for name, count in sorted(self.checksum_errors.items())},
        }

    def details(self) -> dict[str, Any]:
        """What else it has to say in the summary."""
        return {"peer_kernel": self.release}

    async def socket(self) -> LinuxSocket:
        """A TCP socket."""
        words, _ = await self.control.call("socket", family=int(self._family), kind=int(bsd.SOCK_STREAM))
        return LinuxSocket(self.control, words["fd"], self._family)

    async def listen(self, port: int, backlog: int = 128) -> LinuxSocket:
        """A listening socket on a port."""
        sock = await self.socket()
        await sock.setsockopt(bsd.SOL_SOCKET, bsd.SO_REUSEADDR, 1)
        await sock.bind(("", port))
        await sock.listen(backlog)
        return sock

    async def connect(self, address: Endpoint) -> LinuxSocket:
        """A connected socket."""
        sock = await self.socket()
        await sock.connect(address)
        return sock

    async def run(self, *command: str) -> Ended:
        """Run a program of the machine in the guest, to its end."""
        words, output = await self.control.call("run", argv=list(command))
        return Ended(words["code"], output.decode(errors="replace"))

    async def sysctl(self, name: str, value: str) -> None:
        """Raises OSError."""
        await self.control.call("write", value.encode(), path=f"/proc/sys/{name.replace('.', '/')}")

    async def connections(self) -> list[dict[str, str]]:
        """What `ss` says of the guest's TCP connections: state, local, peer."""
        ended = await self.run("ss", "-H", "-t", "-a", "-n")
        if ended.code:
            raise GuestError(f"ss in the guest: {ended.output.strip()[:200]}")
        found = []
        for line in ended.output.splitlines():
            state, _, _, local, peer, *_ = re.split(r"\s+", line.strip())
            found.append({"state": state, "local": local, "peer": peer})
        return found

    # Frames.

    def _frames_wait(self) -> None:
        self._frames.set()

    async def _transmit(self) -> None:
        while True:
            await self._frames
            self._frames.clear()
            await kernel.sleep_until(self.guest.now_ns * kernel.NS)
            while (taken := self._device.take_frame()) is not None:
                frame, chain = taken
                self._last_ps = kernel.now()
                await self.wire.transmit(frame)
                # when its last bit is out, as a card gives a descriptor back
                await kernel.sleep_until(self.wire.free_at_ps)
                self._device.frame_is_sent(chain)

    def _frame_arrives(self, frame: bytes) -> None:
        self._last_ps = kernel.now()
        fault = checksum_fault(frame)
        if fault is not None:
            self.checksum_errors[fault] = self.checksum_errors.get(fault, 0) + 1
        self._device.receive(frame)

    # Time.

    async def _keep_time(self) -> None:
        guest = self.guest
        try:
            guest.boot()
            while True:
                self._asked.clear()
                if guest.next_ns is None:
                    await self._asked
                    continue
                if kernel.now() - max(self._last_ps, self.control.last_ps) > _A_DAY_PS:
                    raise GuestError("the Linux guest: for a day nobody has sent it a frame or asked it for anything")
                wait_ps = guest.next_ns * kernel.NS - kernel.now()
                if wait_ps > 0:
                    await kernel.first(self._asked, kernel.after(wait_ps))
                guest.run()
        finally:
            guest.close()

    async def _set_up(self) -> None:
        settings = self.settings
        hello = await self.control.hello
        self.release = hello["hello"]
        await self.sysctl("net.ipv6.conf.all.disable_ipv6", "0" if settings.address6 is not None else "1")
        for name, value in (*OF_A_LARGER_HOST, *settings.sysctls):
            await self.sysctl(name, value)
        commands: list[Sequence[str]] = [
            ("link", "set", "lo", "up"),
            ("address", "add", f"{settings.address}/{settings.prefix_length}", "dev", "eth0"),
        ]
        if settings.address6 is not None:
            address6 = f"{settings.address6}/{settings.prefix_length6}"
            commands.append(("-6", "address", "add", address6, "dev", "eth0", "nodad"))
        commands.append(("link", "set", "eth0", "mtu", str(settings.mtu), "up"))
        if settings.gateway is not None:
            commands.append(("route", "add", "default", "via", settings.gateway))
        for command in commands:
            ended = await self.run("ip", *command)
            if ended.code:
                raise GuestError(f"ip {' '.join(command)} in the guest: {ended.output.strip()[:200]}")


class _SimulatedTime:
    """The guest's view of the simulation's time (`models.network.linux.guest_process.Clock`)."""

    @staticmethod
    def now_ns() -> int:
        return kernel.now() // kernel.NS

    @staticmethod
    def quiet_until_ns() -> int:
        now_ps = kernel.now()
        return min(kernel.quiet_until(), now_ps + LOOK_AHEAD_NS * kernel.NS) // kernel.NS
