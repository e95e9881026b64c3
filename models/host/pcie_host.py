"""The host end of a PCI Express link: personality of the card, enumeration, and the requests to its BARs.

What carries the TLPs is beneath: pins (pcie_pins.py) or transactors (pcie_transactor.py). Coroutines here are cocotb
coroutines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from cocotbext.pcie.core.caps import PciCapId
from cocotbext.pcie.core.tlp import CplStatus, Tlp, TlpType

from models.host.pcie_function import on_function_reset, personify
from models.host.pcie_personality import Personality, toe_personality
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
        personify(function, self.personality)
        on_function_reset(function, self._begin_reset)
        self.function = function

    def _begin_reset(self) -> None:
        """The function is to be reset; `reset_over` tells the end of it."""
        raise NotImplementedError

    def connect_intx(self, changed: Callable[[bool], None]) -> None:
        """What is called with each new level of INTA."""
        self.root.intx = changed

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
        if self.personality.msi_vectors:
            write = self._device.capability_write_dword
            await write(PciCapId.MSI, 4, MSI_ADDRESS)
            await write(PciCapId.MSI, 8, 0)
            await write(PciCapId.MSI, 12, 0)
            await self.set_msi(msi)
        await self.set_bus_master(bus_master)

    async def begin_function_reset(self) -> None:
        """Initiate a function-level reset (device control, bit 15); it goes on when this returns."""
        control = await self._device.capability_read_dword(PciCapId.EXP, 8)
        await self._device.capability_write_dword(PciCapId.EXP, 8, control & 0xFFFF | 1 << 15)

    async def restore_after_reset(self, msi: bool = True, bus_master: bool = True) -> None:
        """Give the function back what `start` gave it."""
        for bar in self.personality.bars:
            await self._device.config_write_dword(0x10 + 4 * bar.number, self.bar_addresses[bar.number] & 0xFFFF_FFFF)
            if bar.wide:
                await self._device.config_write_dword(0x14 + 4 * bar.number, self.bar_addresses[bar.number] >> 32)
        await self._device.enable_device()
        control = await self._device.capability_read_dword(PciCapId.EXP, 8)
        control = control & 0x0F1F | payload_code(self.max_payload_bytes) << 5
        await self._device.capability_write_dword(
            PciCapId.EXP, 8, control | payload_code(self.max_read_request_bytes) << 12
        )
        if self.personality.msi_vectors:
            await self.set_msi(msi)
        await self.set_bus_master(bus_master)

    async def set_intx_disable(self, disable: bool) -> None:
        """Bit 10 of the command register."""
        command = await self._device.config_read_word(4)
        await self._device.config_write_word(4, command & ~(1 << 10) | disable << 10)

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
            request = self._request(bar, TlpType.MEM_READ, TlpType.MEM_READ_64, TlpType.IO_READ, address)
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
            request = self._request(bar, TlpType.MEM_WRITE, TlpType.MEM_WRITE_64, TlpType.IO_WRITE, address)
            request.set_addr_be_data(address, data[:size])
            requests.append(request)
            address, data = address + size, data[size:]
        return requests

    def _address(self, bar: int, offset: int, length: int) -> int:
        size = next((entry.size for entry in self.personality.bars if entry.number == bar), 0)
        if bar not in self.bar_addresses or not 0 <= offset <= offset + length <= size:
            raise BusError(f"no BAR{bar} bytes {offset:#x} to {offset + length:#x}")
        return self.bar_addresses[bar] + offset

    def is_io(self, bar: int) -> bool:
        return any(entry.io for entry in self.personality.bars if entry.number == bar)

    def _request(self, bar: int, narrow: TlpType, wide: TlpType, io: TlpType, address: int) -> Tlp:
        request = Tlp()
        request.fmt_type = io if self.is_io(bar) else wide if address >> 32 else narrow
        request.requester_id = self.root.pcie_id
        return request


def payload_code(size: int) -> int:
    """Encoding of maximum payload and maximum read request: 0 is 128 bytes."""
    code = (size // 128).bit_length() - 1
    if not 0 <= code <= 5 or size != 128 << code:
        raise ValueError(f"{size} is not a PCIe payload size")
    return code


def check(request: Tlp, completions: list[Tlp]) -> None:
    """Raises BusError unless a non-posted write was answered with success."""
    if not completions:
        raise BusError(f"write of {request.address:#x}: no completion")
    if completions[0].status != CplStatus.SC:
        raise BusError(f"write of {request.address:#x}: {CplStatus(completions[0].status).name}")


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
