"""A second card with its own host and firmware, as the peer of the first: host to host, HL-TCP at both ends."""

from __future__ import annotations

import dataclasses
import socket as bsd
from pathlib import Path
from typing import Any

from firmware.hl_tcp import HlTcp
from firmware.lwip_like import settings_for
from firmware.network.ethernet import mac
from models import kernel
from models.card.card import ModelCard
from models.host.host import Host, HostSettings, Interface
from models.host.sockets import Socket
from models.network.socket_interface import Endpoint
from models.settings import BenchSettings

_OTHER_SEED = 0x5EED
"""Apart from the first card's: two ends that draw the same numbers would agree where others do not."""


class CardPeer:
    """Use as `models.network.peer.Peer`; after `start()` wait for `ready()`. The card is the functional model."""

    def __init__(self, settings: BenchSettings, interface: Interface) -> None:
        settings = dataclasses.replace(settings, mac_address=interface.mac, seed=settings.seed ^ _OTHER_SEED)
        self._interface = interface
        self._family = bsd.AF_INET6 if interface.ipv6 else bsd.AF_INET
        self.card = ModelCard(
            settings.card_memory_bytes, seed=settings.seed, record_grants=False, mac_address=mac(interface.mac)
        )
        self.wire = self.card.wire
        self.host = Host(self.card.host, HostSettings(card_memory_bytes=settings.card_memory_bytes), settings.seed)
        self.firmware = HlTcp(self.card.firmware, settings_for(settings), seed=settings.seed)
        self.process = self.host.process()
        self._starting: kernel.Task[None] | None = None

    def start(self) -> None:
        """Power on; card, firmware and host come up while the first card's do."""
        self._starting = kernel.spawn(self._start(), "second card comes up")

    async def ready(self) -> None:
        """Until the second host may open sockets. Raises DriverError, BusError, OSError."""
        assert self._starting is not None
        await self._starting

    async def _start(self) -> None:
        await self.card.start()
        self.firmware.start()
        await self.host.start(self._interface)

    def drops(self) -> dict[str, int]:
        """What the second firmware has dropped, by cause."""
        return {f"peer_{cause}": count for cause, count in sorted(self.firmware.drops().items())}

    def details(self) -> dict[str, Any]:
        """What else it has to say in the summary."""
        return {"peer_retransmissions": self.firmware.retransmissions}

    async def finish(self, out: Path) -> None:
        """Before the run is summed up: the counters that are in the card."""
        await self.firmware.read_counters()

    async def socket(self) -> Socket:
        """A TCP socket of a process of the second host."""
        return await self.process.socket(self._family)

    async def listen(self, port: int, backlog: int = 128) -> Socket:
        """A listening socket on a port."""
        sock = await self.socket()
        await sock.bind(("", port))
        await sock.listen(backlog)
        return sock

    async def connect(self, address: Endpoint) -> Socket:
        """A connected socket."""
        sock = await self.socket()
        await sock.connect(address)
        return sock
