"""A host: memory, processor, TOE driver and processes around the host port of one card."""

from __future__ import annotations

import ipaddress
import itertools
from dataclasses import dataclass

from firmware.messages import Configure6
from firmware.observer import Observer
from firmware.registers import card
from models.host.driver import ToeDriver
from models.host.memory import PhysicalMemory
from models.host.nic_driver import NicDriver
from models.host.pcie_personality import HOST_QUEUES_BAR
from models.host.processor import Costs, Processor
from models.host.sockets import FIRST_PID, Process
from models.ports import HostPort


@dataclass(frozen=True)
class Interface:
    """Addresses the host gives its card."""

    mac: str
    address: str
    prefix_length: int = 24
    gateway: str = "0.0.0.0"
    mtu: int = 1500
    ipv6: bool = False
    ipv6_address: str = "::"
    """Beside the link-local one; "::": none but what routers advertise."""
    ipv6_prefix_length: int = 64
    ipv6_gateway: str = "::"


@dataclass(frozen=True)
class HostSettings:
    """What can be chosen about a host."""

    memory_bytes: int = 512 << 20
    """Published: 512 MB."""
    costs: Costs = Costs()
    reply_frames: int = 128
    card_memory_bytes: int = card.MEMORY_SIZE


class Host:
    """Use: `host = Host(card.host, seed=1)`; `await host.start(Interface(...))`; `host.process().socket()`."""

    def __init__(self, port: HostPort, settings: HostSettings | None = None, seed: int = 1) -> None:
        settings = settings or HostSettings()
        self.memory = PhysicalMemory(settings.memory_bytes, seed)
        self.processor = Processor(costs=settings.costs)
        self._port = port
        self.driver = ToeDriver(
            port,
            self.memory,
            self.processor,
            reply_frames=settings.reply_frames,
            card_memory_bytes=settings.card_memory_bytes,
        )
        self.processes: dict[int, Process] = {}
        self._pids = itertools.count(FIRST_PID)

    async def start(self, interface: Interface | None = None) -> None:
        """Bring the card up, wait for its firmware, and configure it. Raises DriverError, BusError, OSError."""
        await self.driver.start()
        if interface is not None:
            await self.driver.configure(
                int(interface.mac.replace(":", ""), 16),
                int(ipaddress.IPv4Address(interface.address)),
                interface.prefix_length,
                int(ipaddress.IPv4Address(interface.gateway)),
                interface.mtu,
                Configure6(
                    ipaddress.IPv6Address(interface.ipv6_address).packed,
                    ipaddress.IPv6Address(interface.ipv6_gateway).packed,
                    interface.ipv6_prefix_length,
                )
                if interface.ipv6
                else None,
            )

    def queue_set(self) -> NicDriver:
        """A driver of the Ethernet queue set that a card with two has for its host, on the interrupt of the TOE's."""
        nic = NicDriver(self._port, self.memory, self.processor, HOST_QUEUES_BAR)
        self.driver.interrupt_shared_with.append(nic.interrupted)
        return nic

    def observe(self, observer: Observer) -> None:
        """Show the processor's work and the requests on a timeline."""
        self.processor.observer = self.driver.observer = observer

    def process(self) -> Process:
        """A new process with the next PID; the first is 7654."""
        pid = next(self._pids)
        self.processes[pid] = Process(pid, self.memory, self.processor, self.driver)
        return self.processes[pid]
