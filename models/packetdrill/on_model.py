"""Scripts on the whole card: HL-TCP's firmware on the functional model, under the modelled host."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from firmware.hl_tcp import HlTcp, Settings
from firmware.stack import Stack
from firmware.tcp.config import TcpConfig
from models import kernel
from models.card.card import ModelCard
from models.host.host import Host, HostSettings, Interface
from models.host.sockets import Process
from models.network.ethernet_fcs import with_fcs
from models.packetdrill.backend import LOCAL_MAC
from models.packetdrill.script import Unsupported
from models.packetdrill.settings import IPV6_PREFIX_LENGTH, Options

CARD_MEMORY = 16 << 20
RETRANSMISSION_BUFFER = 4 << 20
MOST_RECEIVE_BUFFER = 1 << 20
RECEIVE_BUFFERS = 1024
ADDRESSES_SETTLED = 2 * kernel.S
"""By then nobody has objected to the IPv6 addresses, and routers have been asked for."""


class Model:
    """`models.packetdrill.backend.Backend`."""

    settle_ps = 150 * kernel.US
    slack_ns = 6_000_000

    def __init__(self, config: TcpConfig, options: Options) -> None:
        if config.receive_buffer > MOST_RECEIVE_BUFFER:
            raise Unsupported(f"a receive buffer of {config.receive_buffer} bytes on the card")
        self._options = options
        self._card = ModelCard(CARD_MEMORY, record_grants=False)
        self._host = Host(self._card.host, HostSettings(card_memory_bytes=CARD_MEMORY))
        settings = Settings(
            card_memory_bytes=CARD_MEMORY, retransmission_buffer_bytes=RETRANSMISSION_BUFFER,
            receive_buffers=RECEIVE_BUFFERS, largest_mtu=max(1500, options.mtu), receive_buffer=config.receive_buffer,
            send_buffer=1 << 20, tcp=config)
        self._firmware = HlTcp(self._card.firmware, settings)
        self.process: Process = self._host.process()
        self.sent: Callable[[bytes], None] = lambda frame: None

    async def start(self) -> None:
        """Bring card, firmware and host up."""
        self._card.wire.connect(lambda frame, begin_ps, end_ps: self.sent(frame[:-4]))
        await self._card.start()
        self._firmware.start()
        mac = ":".join(f"{octet:02x}" for octet in LOCAL_MAC)
        options = self._options
        if options.ipv6:
            usual = Options()
            await self._host.start(Interface(
                mac, usual.local_address, 24, usual.gateway, options.mtu, True, options.local_address,
                IPV6_PREFIX_LENGTH, options.gateway))
            await kernel.sleep(ADDRESSES_SETTLED)
            return
        ipaddress.IPv4Address(options.local_address)
        await self._host.start(Interface(mac, options.local_address, 24, options.gateway, options.mtu))

    def arrive(self, frame: bytes) -> None:
        """A frame without FCS. Raises Unsupported for one that no wire of this MTU carries."""
        if len(frame) > self._options.mtu + 14:
            raise Unsupported(f"a frame of {len(frame)} bytes")
        self._card.wire.send(with_fcs(frame))

    @property
    def stack(self) -> Stack:
        return self._firmware.stack

    @property
    def sockets(self) -> object:
        return self._firmware.sockets

    @property
    def counters(self) -> dict[str, int]:
        return self._firmware.statistics.counters | self._firmware.stack.counters
