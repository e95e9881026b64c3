"""Root complex and the card's function joined without a link model; TLPs of the data path enter above it.

Configuration requests go through cocotbext-pcie's root port and configuration space as ever, in no time. Requests to
BARs and requests of the card are whole TLPs that whoever moves them exchanges with `PcieDirect`; `LinkDirection` tells
when they would arrive over the link.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cocotbext.pcie.core import bridge
from cocotbext.pcie.core.port import PCIE_GEN_RATE
from cocotbext.pcie.core.tlp import CplStatus, Tlp, TlpType
from cocotbext.pcie.core.utils import PcieId
from cocotbext.pcie.xilinx.us.tlp import ErrorCode
from cocotbext.pcie.xilinx.us.usp_model import UltraScalePlusPcieFunction

from models.host.pcie_block import Activity
from models.host.pcie_function import intx_message
from models.host.pcie_host import PCIE_GENERATION, PCIE_LANES, PcieHost, payload_code
from models.host.pcie_personality import Personality
from models.host.pcie_root import HostRootComplex

BYTE_PS = round(8e12 / (PCIE_GEN_RATE[PCIE_GENERATION] * PCIE_LANES))
"""Time of a byte on the link: 2 ns, Gen 2 x1."""
LINK_DELAY_PS = 10_000
"""From one port to the other, as cocotbext-pcie's ports have it."""


class LinkDirection:
    """One direction of the link: when what is sent into it arrives, one TLP behind the other."""

    def __init__(self) -> None:
        self._free_ps = 0

    def arrival(self, now_ps: int, wire_bytes: int) -> int:
        """Time at which a TLP of `wire_bytes` (framing included) has arrived that is sent no earlier than now."""
        self._free_ps = max(now_ps, self._free_ps) + wire_bytes * BYTE_PS
        return self._free_ps + LINK_DELAY_PS


class _Unlinked:
    """Stands where the library would start a port's link model."""

    def __init__(self, *_: object, **__: object) -> None:
        self.rx_handler: Any = None

    async def send(self, tlp: Tlp) -> None:
        raise RuntimeError(f"nothing is connected: {tlp!r}")


@contextmanager
def _no_link() -> Iterator[None]:
    saved, bridge.SimPort = bridge.SimPort, _Unlinked
    try:
        yield
    finally:
        bridge.SimPort = saved


class PcieDirect(PcieHost):
    """Use: `start()`, then pack and unpack TLPs with the methods below.

    `on_configuration` is called after each write to configuration space, `on_message` (a cocotb coroutine function)
    with what the function itself sends: interrupt messages.
    """

    def __init__(
        self,
        personality: Personality,
        max_payload_bytes: int,
        max_read_request_bytes: int,
        on_configuration: Callable[[], None],
        on_message: Callable[[Tlp], Awaitable[None]],
        log_level: int = logging.WARNING,
        on_reset: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(personality, max_payload_bytes, max_read_request_bytes)
        logging.getLogger("cocotb.pcie").setLevel(log_level)
        self._on_configuration = on_configuration
        self._on_reset = on_reset
        self._on_message = on_message
        with _no_link():
            self.root = HostRootComplex(Activity())
            self._limit_root()
            self._root_port = self.root.make_port()
        self._root_port.downstream_tx_handler = self._configuration_request
        self._make_function()

    def _make_function(self) -> None:
        function = UltraScalePlusPcieFunction()
        function.pcie_id = PcieId(0, 0, 0)
        function.upstream_tx_handler = self._from_function
        function.msi_cap.msi_multiple_message_capable = max(self.personality.msi_vectors - 1, 0).bit_length()
        function.deregister_capability(function.msix_cap)
        function.pcie_cap.max_payload_size_supported = payload_code(max(self.max_payload_bytes, 128))
        function.pcie_cap.extended_tag_supported = False
        self._personify(function)
        write = function.write_config_register

        async def write_config_register(register: int, data: int, mask: int) -> None:
            await write(register, data, mask)
            self._on_configuration()

        function.write_config_register = write_config_register

    def _begin_reset(self) -> None:
        if self._on_reset is not None:
            self._on_reset()

    async def send_intx(self, level: bool) -> None:
        """The function tells of a new level of INTA."""
        await self._on_message(intx_message(level, self.function))

    async def _configuration_request(self, tlp: Tlp) -> None:
        function = self.function
        if tlp.fmt_type in (TlpType.CFG_READ_0, TlpType.CFG_WRITE_0):
            if tlp.completer_id.device == 0 and tlp.completer_id.function == 0:
                function.pcie_id = function.pcie_id._replace(bus=tlp.completer_id.bus)
                await function.upstream_recv(tlp)
                return
            await self._root_port.downstream_recv(Tlp.create_ur_completion_for_tlp(tlp, function.pcie_id))

    async def _from_function(self, tlp: Tlp) -> None:
        if tlp.fmt_type in (TlpType.CPL, TlpType.CPL_DATA):
            await self._root_port.downstream_recv(tlp)
        else:
            await self._on_message(tlp)

    # ---- What the PCIe block does with TLPs (PG213) ----

    def pack_request(self, tlp: Tlp, bar: int) -> bytes:
        """A request to a BAR as the completer request stream carries it."""
        size = next(entry.size for entry in self.personality.bars if entry.number == bar)
        request_type = (3 if tlp.has_data() else 2) if self.is_io(bar) else 1 if tlp.has_data() else 0
        return (
            struct.pack(
                "<QII",
                tlp.address,
                tlp.length | request_type << 11 | int(tlp.requester_id) << 16,
                tlp.tag | bar << 16 | (size - 1).bit_length() << 19 | tlp.tc << 25 | tlp.attr << 28,
            )
            + tlp.data
        )

    @staticmethod
    def unpack_completion(words: bytes) -> Tlp:
        """A completion of the card from the completer completion stream."""
        first, second, third = struct.unpack_from("<III", words)
        tlp = Tlp()
        length = second & 0x7FF
        tlp.fmt_type = TlpType.CPL_DATA if length else TlpType.CPL
        tlp.lower_address = first & 0x7F
        tlp.byte_count = first >> 16 & 0x1FFF
        tlp.length = length
        tlp.status = CplStatus(second >> 11 & 7)
        tlp.ep = bool(second >> 14 & 1)
        tlp.requester_id = PcieId.from_int(second >> 16)
        tlp.tag = third & 0xFF
        tlp.data = bytearray(words[12 : 12 + 4 * length])
        return tlp

    def unpack_request(self, head: int, first_be: int, last_be: int, payload: bytes) -> Tlp:
        """A request of the card from the requester request stream; `head` is its descriptor."""
        tlp = Tlp()
        tlp.address = head & 0xFFFF_FFFF_FFFF_FFFC
        if head >> 75 & 0xF:
            tlp.fmt_type = TlpType.MEM_WRITE_64 if tlp.address >> 32 else TlpType.MEM_WRITE
            tlp.data = bytearray(payload)
        else:
            tlp.fmt_type = TlpType.MEM_READ_64 if tlp.address >> 32 else TlpType.MEM_READ
        tlp.length = head >> 64 & 0x7FF
        tlp.tag = head >> 96 & 0xFF
        tlp.requester_id = self.function.pcie_id
        tlp.first_be = first_be
        tlp.last_be = last_be
        return tlp

    @staticmethod
    def pack_completions(request: Tlp, completions: list[Tlp]) -> list[bytes]:
        """The answer to a read of the card as the requester completion stream carries it."""
        end = request.address + request.get_first_be_offset() + request.get_be_byte_count()
        packed = []
        for tlp in completions:
            error, completed, lower_address = ErrorCode.NORMAL_TERMINATION, True, tlp.lower_address
            if tlp.status != CplStatus.SC:
                error = ErrorCode.BAD_STATUS
            else:
                lower_address = end - tlp.byte_count & 0xFFF
                completed = tlp.byte_count <= 4 * tlp.length - (lower_address & 3)
                if tlp.ep:
                    error = ErrorCode.POISONED
            packed.append(
                struct.pack(
                    "<III",
                    lower_address | error << 12 | tlp.byte_count << 16 | completed << 30,
                    tlp.length | tlp.status << 11 | bool(tlp.ep) << 14 | int(tlp.requester_id) << 16,
                    tlp.tag | int(tlp.completer_id) << 8 | tlp.tc << 25 | tlp.attr << 28,
                )
                + tlp.data
            )
        return packed
