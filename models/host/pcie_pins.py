"""The host port at the card's pins: root complex, Gen 2 x1 link and UltraScale+ PCIe block around `pci_bridge`.

All coroutines here are cocotb coroutines. The clock comes from Verilog and may stand still whenever `idle()` holds;
`on_busy` is called when it is needed again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cocotb
from cocotb.triggers import Timer
from cocotbext.axi import AxiStreamBus
from cocotbext.pcie.core.caps import PciCapId
from cocotbext.pcie.core.port import SimPort
from cocotbext.pcie.core.tlp import CplStatus, Tlp, TlpType

from models.host.pcie_block import Activity, PcieBlock, quiet_model
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
IDLE_CHECK_NS = 250
"""How often a busy model is asked whether it has become idle: 16 clocks."""


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


class PciePins:
    """Root complex and PCIe block on the pins of `pci_bridge`, which `pins` has by their names there.

    `pins` is any object with the signals as attributes; `prefix` stands before each name. The address of a BAR is
    known after `start`.
    """

    def __init__(
        self,
        pins: Any,
        clock: Any,
        personality: Personality | None = None,
        prefix: str = "",
        max_payload_bytes: int = DEFAULT_MAX_PAYLOAD_BYTES,
        max_read_request_bytes: int = DEFAULT_MAX_READ_REQUEST_BYTES,
        log_level: int = logging.WARNING,
    ) -> None:
        self.personality = personality or toe_personality()
        self.max_payload_bytes = max_payload_bytes
        self.max_read_request_bytes = max_read_request_bytes
        self.on_busy: Callable[[], None] | None = None
        self.on_idle: Callable[[], None] | None = None
        self.bar_addresses: dict[int, int] = {}
        self._watching = False
        self._device: Any = None
        self.activity = Activity()
        self.activity.began = self._began

        logging.getLogger("cocotb.pcie").setLevel(log_level)
        with quiet_model(clock):
            self.root = HostRootComplex(self.activity)
            self.root.max_payload_size = _code(max_payload_bytes)
            self.root.max_read_request_size = _code(max_read_request_bytes)
            self.block = self._make_block(pins, clock, prefix)
            self.root_port = self.root.make_port()
            self.root_port.connect(self.block)
        for ends in (self.block.rq_sink, self.block.rc_source, self.block.cq_source, self.block.cc_sink):
            ends.log.setLevel(log_level)
        self._ports: tuple[SimPort, ...] = (self.root_port.downstream_port, self.block.upstream_port)
        for port in self._ports:
            self._count(port)
        self.root_port.downstream_tx_handler = self.root_port.downstream_port.send

    def _make_block(self, pins: Any, clock: Any, prefix: str) -> PcieBlock:
        def pin(name: str) -> Any:
            return getattr(pins, prefix + name)

        names = (
            "pcie_rq_seq_num0",
            "cfg_max_payload",
            "cfg_max_read_req",
            "cfg_function_status",
            "cfg_interrupt_msi_enable",
            "cfg_interrupt_msi_data",
            "cfg_interrupt_msi_select",
            "cfg_interrupt_msi_int",
            "cfg_interrupt_msi_sent",
            "cfg_interrupt_msi_fail",
        )
        block = PcieBlock(
            self.activity,
            pcie_generation=PCIE_GENERATION,
            pcie_link_width=PCIE_LANES,
            user_clk_frequency=USER_CLOCK_HZ,
            max_payload_size=max(self.max_payload_bytes, 128),
            enable_client_tag=True,
            pf0_msi_enable=True,
            pf0_msi_count=self.personality.msi_vectors,
            user_clk=clock,
            rq_bus=AxiStreamBus.from_prefix(pins, prefix + "m_axis_rq"),
            rc_bus=AxiStreamBus.from_prefix(pins, prefix + "s_axis_rc"),
            cq_bus=AxiStreamBus.from_prefix(pins, prefix + "s_axis_cq"),
            cc_bus=AxiStreamBus.from_prefix(pins, prefix + "m_axis_cc"),
            pcie_rq_seq_num_vld0=pin("pcie_rq_seq_num_vld0"),
            **{name: pin(name) for name in names},
        )
        function = block.functions[0]
        function.vendor_id = self.personality.vendor_id
        function.device_id = self.personality.device_id
        function.subsystem_vendor_id = self.personality.subsystem_vendor_id
        function.subsystem_id = self.personality.subsystem_id
        function.class_code = self.personality.class_code
        for bar in self.personality.bars:
            function.configure_bar(bar.number, bar.size, bar.wide, bar.prefetchable)
        return block

    def _count(self, port: SimPort) -> None:
        """A TLP on its way into or out of a port's queues is in none of them for a while."""
        send, receive = port.send, port.rx_handler

        async def counted_send(tlp: Tlp) -> None:
            with self.activity:
                await send(tlp)

        async def counted_receive(tlp: Tlp) -> None:
            with self.activity:
                await receive(tlp)

        port.send, port.rx_handler = counted_send, counted_receive

    # ---- Quiescence ----

    def idle(self) -> bool:
        """No TLP is queued or in flight anywhere in Python; conservative: what is not acknowledged is in flight."""
        if self.activity.count or not self.block.idle():
            return False
        for port in self._ports:
            if not (port.tx_queue.empty() and port.rx_queue.empty() and port.retry_buffer.empty()):
                return False
        for switch_port in self.root.switch_ports:
            if not switch_port.ingress_queue.empty() or any(not queue.empty() for _, queue in switch_port.tx_queues):
                return False
        return True

    def _began(self) -> None:
        if self._watching:
            return
        self._watching = True
        if self.on_busy is not None:
            self.on_busy()
        cocotb.start_soon(self._watch())

    async def _watch(self) -> None:
        """Runs only while the model is busy."""
        while not self.idle():
            await Timer(IDLE_CHECK_NS, "ns")
        self._watching = False
        if self.on_idle is not None:
            self.on_idle()

    async def wait_idle(self) -> None:
        """Returns when `idle()` holds."""
        while not self.idle():
            await Timer(IDLE_CHECK_NS, "ns")

    # ---- Host's side ----

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
        self._device = self.root.find_device(self.block.functions[0].pcie_id)
        if self._device is None:
            raise BusError("the card did not answer enumeration")
        await self._device.enable_device()
        await self._device.set_readrq(_code(self.max_read_request_bytes))
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

    async def read(self, bar: int, offset: int, length: int, timeout_ns: int = DEFAULT_READ_TIMEOUT_NS) -> bytes:
        """Read from a BAR; a length of 0 is a flush: it returns after the writes before it. Raises BusError."""
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
            requests.append(
                (request, cocotb.start_soon(self.root.perform_nonposted_operation(request, timeout_ns, "ns")))
            )
            address += size
            left -= size
        data = bytearray()
        for request, task in requests:
            completions = await task
            data += _gather(request, completions)
        return bytes(data[:length])

    async def write(self, bar: int, offset: int, data: bytes) -> None:
        """Write to a BAR, posted: returns when the write is on its way."""
        address = self._address(bar, offset, len(data))
        limit = self.max_payload_bytes
        while data:
            size = min(len(data), limit - address % limit)
            request = self._request(TlpType.MEM_WRITE, TlpType.MEM_WRITE_64, address)
            request.set_addr_be_data(address, data[:size])
            await self.root.perform_posted_operation(request)
            address, data = address + size, data[size:]

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


def _code(size: int) -> int:
    """Encoding of maximum payload and maximum read request: 0 is 128 bytes."""
    code = (size // 128).bit_length() - 1
    if not 0 <= code <= 5 or size != 128 << code:
        raise ValueError(f"{size} is not a PCIe payload size")
    return code


def _gather(request: Tlp, completions: list[Tlp]) -> bytes:
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
