"""The UltraScale+ PCIe block in front of the card, as cocotbext-pcie models it, with its limits removed.

What differs from the library's model: the user clock is the one that Verilog generates and is only observed; nothing
wakes up each clock (status pins follow configuration writes, requests and interrupts wake their own task); requests
are answered and not swallowed while bus master enable is off; a tag whose request timed out may be used again; an
interrupt that cannot be sent is reported on cfg_interrupt_msi_fail.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cocotb
from cocotb.queue import Queue
from cocotb.triggers import Event, RisingEdge, ValueChange
from cocotbext.pcie.core.port import Port
from cocotbext.pcie.core.tlp import CplStatus, Tlp, TlpAttr
from cocotbext.pcie.xilinx.us import UltraScalePlusPcieDevice, usp_model
from cocotbext.pcie.xilinx.us.tlp import ErrorCode, Tlp_us

from models.host.pcie_function import intx_message

TAG_COUNT = 32
"""Tags of a requester without extended tags (PCIe Base Specification 2.2.6.2)."""


MOST_NONPOSTED_CREDIT = 32
"""PG213: where the block's count of non-posted requests asked for ends."""


class Activity:
    """Counts the tasks inside the model that hold a TLP which is in no queue; tells when the first one begins."""

    def __init__(self) -> None:
        self.count = 0
        self.began: Callable[[], None] | None = None

    def __enter__(self) -> None:
        self.count += 1
        if self.began is not None:
            self.began()

    def __exit__(self, *_: object) -> None:
        self.count -= 1


class _NoClock:
    """Stands where the library would start a clock written in Python."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    async def start(self) -> None:
        return


async def _no_timer(_port: Port) -> None:
    """Stands where the library sends flow control updates every 10 us although nothing has changed."""


@contextmanager
def quiet_model(clock: Any) -> Iterator[None]:
    """While the model is built: `clock` is left alone, no Python clock and no idle credit timer is started."""
    saved_clock, saved_init, saved_timer = usp_model.Clock, usp_model.init_signal, Port._run_fc_update_idle_timer

    def init_signal(signal: Any, width: int | None = None, initval: int | None = None) -> Any:
        return signal if signal is clock else saved_init(signal, width, initval)

    usp_model.Clock, usp_model.init_signal, Port._run_fc_update_idle_timer = _NoClock, init_signal, _no_timer
    try:
        yield
    finally:
        usp_model.Clock, usp_model.init_signal, Port._run_fc_update_idle_timer = saved_clock, saved_init, saved_timer


class PcieBlock(UltraScalePlusPcieDevice):
    """UltraScalePlusPcieDevice that wakes up only for work; build it inside `quiet_model`."""

    def __init__(self, activity: Activity, **arguments: Any) -> None:
        self.activity = activity
        self.dropped_while_bus_master_off = 0
        self.malformed_requests = 0
        self._configuration_changed = Event()
        self._status_shown = False
        self._report_shown = True
        self._nonposted: deque[Tlp_us] = deque()
        self._nonposted_credit = 0
        self._delivered: Queue[Tlp_us] = Queue()
        super().__init__(**arguments)
        for function in self.functions:
            self._watch_configuration(function)
        self.reset_over = Event()
        if self.cfg_interrupt_int is not None:
            cocotb.start_soon(self._run_intx_logic())

    def _watch_configuration(self, function: Any) -> None:
        write = function.write_config_register

        async def write_config_register(register: int, data: int, mask: int) -> None:
            await write(register, data, mask)
            self._status_shown = False
            self._configuration_changed.set()

        function.write_config_register = write_config_register

    def idle(self) -> bool:
        """Nothing is queued for the pins or came from them, and the pins show the state of affairs."""
        for source in (self.rc_source, self.cq_source):
            if source.drive_obj is not None or not source.idle():
                return False
        for sink in (self.rq_sink, self.cc_sink):
            if sink.sample_obj is not None or sink.active or not sink.empty():
                return False
        return (
            self._status_shown
            and self._report_shown
            and self.cq_queue.empty()
            and not self._nonposted
            and self._delivered.empty()
            and self.rc_queue.empty()
            and self.rq_seq_num.empty()
        )

    # ---- Status pins ----

    async def _run_cfg_status_logic(self) -> None:
        edge = RisingEdge(self.user_clk)
        while True:
            await edge
            self._configuration_changed.clear()
            self._show_status()
            self._status_shown = True
            await self._configuration_changed.wait()

    def _show_status(self) -> None:
        function = self.functions[0]
        msi = function.msi_cap
        status = (0x7 if function.bus_master_enable else 0) | (0x8 if function.interrupt_disable else 0)
        for pin, value in (
            (self.cfg_max_payload, function.pcie_cap.max_payload_size & 3),
            (self.cfg_max_read_req, function.pcie_cap.max_read_request_size),
            (self.cfg_function_status, status),
            (self.cfg_interrupt_msi_enable, int(bool(msi.msi_enable))),
            (self.cfg_interrupt_msi_mmenable, msi.msi_multiple_message_enable & 7),
            (self.cfg_interrupt_msi_data, msi.msi_mask_bits),
        ):
            if pin is not None:
                pin.value = value

    async def _run_cfg_ctrl_logic(self) -> None:
        self.config_space_enable = True

    # ---- Interrupts ----

    async def _run_cfg_int_logic(self) -> None:
        edge = RisingEdge(self.user_clk)
        pin = self.cfg_interrupt_msi_int
        if pin is None:
            return
        change = ValueChange(pin)
        while True:
            await change
            await edge
            vectors = int(pin.value) if pin.value.is_resolvable else 0
            if not vectors:
                continue
            with self.activity:
                answer = self.cfg_interrupt_msi_sent
                try:
                    number = vectors.bit_length() - 1
                    await self.functions[0].msi_cap.issue_msi_interrupt(number, attr=TlpAttr(0))
                except Exception as error:  # noqa: BLE001 - the library raises bare Exception when MSI is off
                    self.log.info("MSI not sent: %s", error)
                    answer = self.cfg_interrupt_msi_fail
                await edge
                answer.value = 1
                await edge
                answer.value = 0

    async def _run_intx_logic(self) -> None:
        edge, change = RisingEdge(self.user_clk), ValueChange(self.cfg_interrupt_int)
        level = False
        while True:
            await change
            await edge
            wanted = self.cfg_interrupt_int.value
            if not wanted.is_resolvable or bool(int(wanted) & 1) == level:
                continue
            level = not level
            with self.activity:
                await self.send(intx_message(level, self.functions[0]))
                await edge
                self.cfg_interrupt_sent.value = 1
                await edge
                self.cfg_interrupt_sent.value = 0

    # ---- Function-level reset ----

    def begin_reset(self) -> None:
        self.reset_over.clear()
        cocotb.start_soon(self._reset_function())

    async def _reset_function(self) -> None:
        edge = RisingEdge(self.user_clk)
        with self.activity:
            await edge
            self.cfg_flr_in_process.value = 1
            self.active_request = [None] * len(self.active_request)
            await edge
            while not int(self.cfg_flr_done.value):
                await edge
            self.cfg_flr_in_process.value = 0
            await edge
        self.reset_over.set()

    # ---- Requests of the host ----

    async def _run_cq_logic(self) -> None:
        """Posted requests pass non-posted ones that the card has not asked for yet (PG213, selective flow control)."""
        cocotb.start_soon(self._run_nonposted_credit())
        cocotb.start_soon(self._run_delivery())
        while True:
            tlp = await self.cq_queue.get()
            if tlp.is_nonposted():
                self._nonposted.append(tlp)
                self._deliver_nonposted()
            else:
                self._delivered.put_nowait(tlp)

    async def _run_nonposted_credit(self) -> None:
        edge, changes = RisingEdge(self.user_clk), ValueChange(self.pcie_cq_np_req)
        while True:
            await changes
            await edge
            if self.pcie_cq_np_req.value.is_resolvable and int(self.pcie_cq_np_req.value):
                self._nonposted_credit = min(self._nonposted_credit + 1, MOST_NONPOSTED_CREDIT)
                self._deliver_nonposted()

    def _deliver_nonposted(self) -> None:
        while self._nonposted and self._nonposted_credit:
            self._nonposted_credit -= 1
            self._delivered.put_nowait(self._nonposted.popleft())

    async def _run_delivery(self) -> None:
        while True:
            tlp = await self._delivered.get()
            with self.activity:
                await self.cq_source.send(tlp.pack_us_cq())

    # ---- Requests of the card ----

    async def _run_rq_logic(self) -> None:
        while True:
            frame = await self.rq_sink.recv()
            with self.activity:
                await self._request(Tlp_us.unpack_us_rq(frame, self.enable_parity))

    async def _run_rq_np_queue_logic(self) -> None:
        """Not needed: with client tags nothing is queued here."""

    async def _request(self, tlp: Tlp_us) -> None:
        if tlp.discontinue or not self.well_formed(tlp):
            self.malformed_requests += 1
            self.log.error("malformed request dropped: %r", tlp)
            return
        tlp.requester_id = tlp.requester_id._replace(bus=self.bus_num)
        if not self.functions[0].bus_master_enable:
            self.dropped_while_bus_master_off += 1
            if tlp.is_nonposted():
                self._refuse(tlp)
        else:
            if tlp.is_nonposted():
                # An entry still there belongs to a request that the card has given up.
                self.active_request[tlp.tag] = tlp
            await self.send(Tlp(tlp))
        self.rq_seq_num.put_nowait(tlp.seq_num)

    @staticmethod
    def well_formed(tlp: Tlp) -> bool:
        """PCIe Base Specification 2.2.5 and 2.2.7: byte enables, length, 4 KiB."""
        if tlp.is_nonposted() and tlp.tag >= TAG_COUNT:
            return False
        if not 1 <= tlp.length <= 1024 or tlp.address % 4096 + 4 * tlp.length > 4096:
            return False
        if tlp.has_data() and len(tlp.data) != 4 * tlp.length:
            return False
        if tlp.length == 1:
            return tlp.last_be == 0
        if not tlp.first_be or not tlp.last_be:
            return False
        if tlp.length == 2 and tlp.address % 8 == 0:
            return True
        return tlp.first_be in (0xF, 0xE, 0xC, 0x8) and tlp.last_be in (0xF, 0x7, 0x3, 0x1)

    def _refuse(self, tlp: Tlp_us) -> None:
        """Answer a read of the card as unsupported, from within the block."""
        completion = Tlp_us(Tlp.create_ur_completion_for_tlp(tlp, tlp.requester_id))
        completion.status = CplStatus.UR
        completion.error_code = ErrorCode.BAD_STATUS
        completion.request_completed = True
        self.rc_queue.put_nowait(completion)

    async def _run_rq_seq_num_logic(self) -> None:
        edge = RisingEdge(self.user_clk)
        while True:
            number = await self.rq_seq_num.get()
            self._report_shown = False
            await edge
            self.pcie_rq_seq_num0.value = number
            self.pcie_rq_seq_num_vld0.value = 1
            while not self.rq_seq_num.empty():
                await edge
                self.pcie_rq_seq_num0.value = self.rq_seq_num.get_nowait()
            await edge
            self.pcie_rq_seq_num_vld0.value = 0
            self._report_shown = True
