"""The host port at the card's pins: root complex, Gen 2 x1 link and UltraScale+ PCIe block around `pci_bridge`.

All coroutines here are cocotb coroutines. The clock comes from Verilog and may stand still whenever `idle()` holds;
`on_busy` is called when it is needed again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import cocotb
from cocotb.triggers import Timer
from cocotbext.axi import AxiStreamBus
from cocotbext.pcie.core.port import SimPort
from cocotbext.pcie.core.tlp import Tlp, TlpType

from models.host.pcie_block import Activity, PcieBlock, quiet_model
from models.host.pcie_host import (
    DEFAULT_MAX_PAYLOAD_BYTES,
    DEFAULT_MAX_READ_REQUEST_BYTES,
    DEFAULT_READ_TIMEOUT_NS,
    PCIE_GENERATION,
    PCIE_LANES,
    USER_CLOCK_HZ,
    PcieHost,
    check,
    gather,
)
from models.host.pcie_personality import Personality
from models.host.pcie_root import HostRootComplex

IDLE_CHECK_NS = 250
"""How often a busy model is asked whether it has become idle: 16 clocks."""


class PciePins(PcieHost):
    """Root complex and PCIe block on the pins of `pci_bridge`, which `pins` has by their names there.

    `pins` is any object with the signals as attributes; `prefix` stands before each name.
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
        super().__init__(personality, max_payload_bytes, max_read_request_bytes)
        self.on_busy: Callable[[], None] | None = None
        self.on_idle: Callable[[], None] | None = None
        self._watching = False
        self.activity = Activity()
        self.activity.began = self._began

        logging.getLogger("cocotb.pcie").setLevel(log_level)
        with quiet_model(clock):
            self.root = HostRootComplex(self.activity)
            self._limit_root()
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
            "pcie_cq_np_req",
            "cfg_max_payload",
            "cfg_max_read_req",
            "cfg_function_status",
            "cfg_interrupt_msi_enable",
            "cfg_interrupt_msi_data",
            "cfg_interrupt_msi_select",
            "cfg_interrupt_msi_int",
            "cfg_interrupt_msi_sent",
            "cfg_interrupt_msi_fail",
            "cfg_interrupt_int",
            "cfg_interrupt_sent",
            "cfg_flr_in_process",
            "cfg_flr_done",
        )
        block = PcieBlock(
            self.activity,
            pcie_generation=PCIE_GENERATION,
            pcie_link_width=PCIE_LANES,
            user_clk_frequency=USER_CLOCK_HZ,
            max_payload_size=max(self.max_payload_bytes, 128),
            enable_client_tag=True,
            pf0_msi_enable=True,
            pf0_msi_count=max(self.personality.msi_vectors, 1),
            user_clk=clock,
            rq_bus=AxiStreamBus.from_prefix(pins, prefix + "m_axis_rq"),
            rc_bus=AxiStreamBus.from_prefix(pins, prefix + "s_axis_rc"),
            cq_bus=AxiStreamBus.from_prefix(pins, prefix + "s_axis_cq"),
            cc_bus=AxiStreamBus.from_prefix(pins, prefix + "m_axis_cc"),
            pcie_rq_seq_num_vld0=pin("pcie_rq_seq_num_vld0"),
            **{name: pin(name) for name in names},
        )
        self._personify(block.functions[0])
        return block

    def _count(self, port: SimPort) -> None:
        """A TLP on its way into or out of a port's queues is in none of them for a while."""
        send, receive = port.send, port.rx_handler

        async def counted_send(tlp: Tlp) -> None:
            with self.activity:
                await send(tlp)

        async def counted_receive(tlp: Tlp) -> None:
            with self.activity:
                if tlp.fmt_type == TlpType.MSG_LOCAL:  # ends at the root port
                    tlp.release_fc()
                    self.root.message(tlp)
                    return
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

    async def read(self, bar: int, offset: int, length: int, timeout_ns: int = DEFAULT_READ_TIMEOUT_NS) -> bytes:
        """Read from a BAR; a length of 0 is a flush: it returns after the writes before it. Raises BusError."""
        answers = [
            (request, cocotb.start_soon(self.root.perform_nonposted_operation(request, timeout_ns, "ns")))
            for request in self.read_requests(bar, offset, length)
        ]
        data = bytearray()
        for request, task in answers:
            data += gather(request, await task)
        return bytes(data[:length])

    async def write(self, bar: int, offset: int, data: bytes) -> None:
        """Write to a BAR, posted: returns when the write is on its way."""
        for request in self.write_requests(bar, offset, data):
            if self.is_io(bar):
                answer = await self.root.perform_nonposted_operation(request, DEFAULT_READ_TIMEOUT_NS, "ns")
                check(request, answer)
            else:
                await self.root.perform_posted_operation(request)

    def _begin_reset(self) -> None:
        self.block.begin_reset()

    async def function_reset(self, msi: bool = True, bus_master: bool = True) -> None:
        """Reset the function, wait for the end, and give it back its configuration."""
        await self.begin_function_reset()
        await self.block.reset_over.wait()
        await self.restore_after_reset(msi, bus_master)
