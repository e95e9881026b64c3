"""The host end of a PCI Express link: personality of the card, enumeration, and the requests to its BARs.

What carries the TLPs is beneath: pins (pcie_pins.py) or transactors (pcie_transactor.py). Coroutines here are cocotb
coroutines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cocotbext.pcie.core.caps import PciCapId
from cocotbext.pcie.core.tlp import CplStatus, Tlp, TlpType

from models.host.pcie_root import MSI_ADDRESS, HostRootComplex, Memory
from models.ports import BusError

PCIE_GENERATION = 2
PCIE_LANES = 1
USER_CLOCK_HZ = 62.5e6
PAGE_BYTES = 4096

DEFAULT_MAX_PAYLOAD_BYTES = 256
"""What current PC root ports grant."""
DEFAULT_MAX_READ_REQUEST_BYTES = 512
"""Reset value of the PCI Express device control register."""
DEFAULT_READ_TIMEOUT_NS = 1_000_000


@dataclass(frozen=True)
class Bar:
    """A base address register: number, size in bytes (a power of two), and its attributes."""

    number: int
    size: int
    prefetchable: bool = False
    wide: bool = False
    """64 bits; takes the next number as well."""


@dataclass(frozen=True)
class Personality:
    """What the function looks like in configuration space."""

    vendor_id: int
    device_id: int
    subsystem_vendor_id: int
    subsystem_id: int
    class_code: int
    bars: tuple[Bar, ...]
    msi_vectors: int


CARD_MEMORY_BYTES = 16 << 20


def toe_personality(card_memory_bytes: int = CARD_MEMORY_BYTES) -> Personality:
    """The TOE: BAR0 messaging unit, BAR1 window on card memory, one MSI (docs/architecture.md)."""
    return Personality(
        vendor_id=0x1234,
        device_id=0x70E0,
        subsystem_vendor_id=0x1234,
        subsystem_id=0x0001,
        class_code=0x02_80_00,
        bars=(Bar(0, 4096), Bar(1, card_memory_bytes)),
        msi_vectors=1,
    )


class PcieHost:
    """Root complex, and the one function behind it; whoever inherits makes `root` and `function`.

    The address of a BAR is known after `start`.
    """

    root: HostRootComplex
    function: Any

    def __init__(self, personality: Personality | None, max_payload_bytes: int, max_read_request_bytes: int) -> None:
        self.personality = personality or toe_personality()
        self.max_payload_bytes = max_payload_bytes
        self.max_read_request_bytes = max_read_request_bytes
        self.bar_addresses: dict[int, int] = {}
        self._device: Any = None

    def _limit_root(self) -> None:
        self.root.max_payload_size = payload_code(self.max_payload_bytes)
        self.root.max_read_request_size = payload_code(self.max_read_request_bytes)

    def _personify(self, function: Any) -> None:
        """Give the function its identity and BARs."""
        function.vendor_id = self.personality.vendor_id
        function.device_id = self.personality.device_id
        function.subsystem_vendor_id = self.personality.subsystem_vendor_id
        function.subsystem_id = self.personality.subsystem_id
        function.class_code = self.personality.class_code
        for bar in self.personality.bars:
            function.configure_bar(bar.number, bar.size, bar.wide, bar.prefetchable)
        self.function = function

    def connect(self, memory: Memory, interrupt: Callable[[int], None]) -> None:
        """What answers the card's DMA, and what is called with the vector number at each interrupt message."""
        self.root.memory = memory
        self.root.interrupt = interrupt

    async def start(self, msi: bool = True, bus_master: bool = True) -> None:
        """Enumerate the bus, assign BARs, enable memory space, MSI and bus mastering."""
        level = self.root.log.level
        self.root.log.setLevel(max(level, logging.ERROR))  # it warns of each device number without a device
        await self.root.enumerate()
        self.root.log.setLevel(level)
        self._device = self.root.find_device(self.function.pcie_id)
        if self._device is None:
            raise BusError("the card did not answer enumeration")
        await self._device.enable_device()
        await self._device.set_readrq(payload_code(self.max_read_request_bytes))
        self.bar_addresses = {bar.number: self._device.bar_addr[bar.number] for bar in self.personality.bars}
        write = self._device.capability_write_dword
        await write(PciCapId.MSI, 4, MSI_ADDRESS)
        await write(PciCapId.MSI, 8, 0)
        await write(PciCapId.MSI, 12, 0)
        await self.set_msi(msi)
        await self.set_bus_master(bus_master)

    async def set_bus_master(self, enable: bool) -> None:
        await self._device.set_master(enable)

    async def set_msi(self, enable: bool) -> None:
        await self._device.msi_set_enable(enable)

    def read_requests(self, bar: int, offset: int, length: int) -> list[Tlp]:
        """The requests that read from a BAR; a length of 0 is a flush: answered after the writes before it."""
        requests = []
        address, left = self._address(bar, offset, length), length
        while left or not requests:
            size = min(
                left,
                self.max_read_request_bytes - address % self.max_read_request_bytes,
                PAGE_BYTES - address % PAGE_BYTES,
            )
            request = self._request(TlpType.MEM_READ, TlpType.MEM_READ_64, address)
            request.set_addr_be(address, max(size, 1))
            if not length:
                request.first_be = 0
            requests.append(request)
            address += size
            left -= size
        return requests

    def write_requests(self, bar: int, offset: int, data: bytes) -> list[Tlp]:
        """The requests that write to a BAR."""
        requests = []
        address = self._address(bar, offset, len(data))
        limit = self.max_payload_bytes
        while data:
            size = min(len(data), limit - address % limit)
            request = self._request(TlpType.MEM_WRITE, TlpType.MEM_WRITE_64, address)
            request.set_addr_be_data(address, data[:size])
            requests.append(request)
            address, data = address + size, data[size:]
        return requests

    def _address(self, bar: int, offset: int, length: int) -> int:
        size = next((entry.size for entry in self.personality.bars if entry.number == bar), 0)
        if bar not in self.bar_addresses or not 0 <= offset <= offset + length <= size:
            raise BusError(f"no BAR{bar} bytes {offset:#x} to {offset + length:#x}")
        return self.bar_addresses[bar] + offset

    def _request(self, narrow: TlpType, wide: TlpType, address: int) -> Tlp:
        request = Tlp()
        request.fmt_type = wide if address >> 32 else narrow
        request.requester_id = self.root.pcie_id
        return request


def payload_code(size: int) -> int:
    """Encoding of maximum payload and maximum read request: 0 is 128 bytes."""
    code = (size // 128).bit_length() - 1
    if not 0 <= code <= 5 or size != 128 << code:
        raise ValueError(f"{size} is not a PCIe payload size")
    return code


def gather(request: Tlp, completions: list[Tlp]) -> bytes:
    """The enabled bytes of a read; raises BusError unless all of them came."""
    data = bytearray()
    wanted = request.get_be_byte_count()
    for completion in completions:
        if completion.status != CplStatus.SC:
            raise BusError(f"read of {request.address:#x}: {CplStatus(completion.status).name}")
        if completion.ep:
            raise BusError(f"read of {request.address:#x}: poisoned")
        if completion.byte_count != wanted - len(data):
            raise BusError(f"read of {request.address:#x}: byte count {completion.byte_count}")
        skip = completion.lower_address & 3
        data += completion.get_data()[skip : skip + completion.byte_count]
    if len(data) < wanted:
        raise BusError(f"read of {request.address:#x}: no completion")
    return bytes(data[:wanted])
