"""A PCIe block of the tests' own at the streams of pci_bridge: completer of the card's reads, requester to its BARs.

Nothing of a link is in it. Completions of different reads come in any order and at any boundary; a read may meet any
`Fault`, or be answered after its time-out. Posted writes reach `memory` when they are reported on the sequence number
pins, which may be long after the stream took them: what got past them shows.
"""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import Callable

import cocotb
from cocotb.queue import Queue
from cocotb.triggers import ClockCycles, RisingEdge
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiStreamBus
from cocotbext.pcie.core.tlp import CplStatus, Tlp
from cocotbext.pcie.xilinx.us.interface import CcSink, CqSource, RcSource, RqSink, UsPcieFrame
from cocotbext.pcie.xilinx.us.tlp import ErrorCode, ReqType, Tlp_us
from stalls import Stalls, register_channels

from models.host.pcie_block import MOST_NONPOSTED_CREDIT, PcieBlock
from models.host.pcie_completer import Fault, split, spoil
from models.host.pcie_host import payload_code
from models.host.pcie_root import enabled_runs

SEED = int(os.environ.get("COCOTB_RANDOM_SEED", "1"))
CLOCK_PS = 16_000
SLOTS, TAGS_OF_A_SLOT = 8, 4
"""Of the bridge, for the card's reads."""


class StreamBlock:
    """Streams and configuration pins of the harness `dut`; `memory` has read(address, length) and write(address, data).

    `registers` are AXI4-Lite masters and slaves of the harness, which `stalls` holds up with the rest.
    `fault(tlp)` chooses what happens to a read of the card, `late_clocks(tlp)` holds all of its answer back.
    """

    def __init__(  # noqa: ANN001
        self, dut, memory, dice: random.Random, max_payload: int, max_read_request: int, *registers: object
    ) -> None:
        self.dut = dut
        self.memory = memory
        self.dice = dice
        self.max_payload = max_payload
        self.split_dice: random.Random | None = dice
        """Where completions are cut; None: where they have `completion_bytes`."""
        self.completion_bytes = max_payload
        self.fault: Callable[[Tlp], Fault | None] = lambda tlp: None
        self.late_clocks: Callable[[Tlp], int] = lambda tlp: 0
        self.report_clocks: Callable[[], int] = lambda: 0
        self.reads: list[Tlp] = []
        self.writes: list[Tlp] = []
        self.malformed: list[Tlp] = []
        self.completions: dict[int, list[Tlp]] = {}
        self.vectors: list[int] = []
        self.intx: list[bool] = []
        """Levels that INTx messages told of."""
        self.interrupts: list[int] = []
        """Times of the MSIs."""
        self.on_interrupt: Callable[[], None] | None = None
        """Called when the card asks for an MSI, or for the message that asserts INTx."""
        self.on_completion: Callable[[Tlp], None] | None = None
        self.answer_interrupts = True
        self.posted = 0
        """Posted writes taken from the stream and not yet in memory."""
        self._nonposted: deque[tuple[UsPcieFrame, Callable[[], None]]] = deque()
        self._nonposted_credit = 0
        self._answers: list[tuple[int, deque[Tlp], Tlp, set[int]]] = []
        self._complete: deque[Tlp] = deque(maxlen=64)
        self._reports: deque[tuple[int, Tlp]] = deque()
        self._answer_events: dict[int, Queue] = {}
        bus = AxiStreamBus.from_prefix
        self.rq = RqSink(bus(dut, "m_axis_rq"), dut.clk)
        self.rc = RcSource(bus(dut, "s_axis_rc"), dut.clk)
        self.cq = CqSource(bus(dut, "s_axis_cq"), dut.clk)
        self.cc = CcSink(bus(dut, "m_axis_cc"), dut.clk)
        for stream in (self.rq, self.rc, self.cq, self.cc):
            stream.log.setLevel("WARNING")
        # Read completions that come too slowly would meet the time-out.
        streams = {"rq": self.rq, "rc": self.rc, "cq": self.cq, "cc": self.cc}
        self.stalls = Stalls(dut, SEED, streams, register_channels(*registers), most={"rc": 30})
        dut.cfg_max_payload.value = payload_code(max_payload)
        dut.cfg_max_read_req.value = payload_code(max_read_request)
        self.set_bus_master(True)
        self.set_msi(True)
        for task in (
            self._take_requests(),
            self._each_clock(),
            self._take_completions(),
            self._interrupts(),
            self._intx(),
        ):
            cocotb.start_soon(task)

    def set_bus_master(self, enable: bool, intx_disable: bool = False) -> None:
        self.dut.cfg_function_status.value = (7 if enable else 3) | (8 if intx_disable else 0)

    def set_msi(self, enable: bool, mask: int = 0, multiple: int = 0) -> None:
        self.dut.cfg_interrupt_msi_enable.value = int(enable)
        self.dut.cfg_interrupt_msi_data.value = mask

    def starve(self, yes: bool) -> None:
        """No credits: the requester request stream takes nothing."""
        self.stalls.hold(self.rq, yes)

    def forget_answers(self) -> None:
        """What is held back never comes."""
        self._answers.clear()

    def idle(self) -> bool:
        waiting = self._answers or self._reports or self._nonposted or self.rq.sample_obj is not None
        return not waiting and self.rc.idle() and self.cq.idle()

    # ---- Requests of the card ----

    async def _take_requests(self) -> None:
        while True:
            frame = await self.rq.recv()
            tlp = Tlp_us.unpack_us_rq(frame)
            if tlp.discontinue or not PcieBlock.well_formed(tlp):
                self.malformed.append(tlp)
                continue
            now = get_sim_time("ps")
            if tlp.has_data():
                self.writes.append(tlp)
                self.posted += 1
                self._reports.append((now + self.report_clocks() * CLOCK_PS, tlp))
            else:
                self._forget_too_late(tlp)
                self.reads.append(tlp)
                self._reports.append((now, tlp))

    def _forget_too_late(self, tlp: Tlp) -> None:
        """An answer whose tag is used again after all others of its slot: so late, the card cannot tell it from the
        one to the new request (docs/pci_bridge.md)."""
        for entry in list(self._answers):
            late, others = entry[2], entry[3]
            if late.tag == tlp.tag and len(others) == TAGS_OF_A_SLOT - 1:
                self._answers.remove(entry)
            elif late.tag != tlp.tag and late.tag % SLOTS == tlp.tag % SLOTS:
                others.add(tlp.tag)

    def _answer(self, tlp: Tlp_us, now: int) -> None:
        data = bytes(self.memory.read(tlp.address, 4 * tlp.length))
        pieces = split(tlp, data, self.completion_bytes, 64, self.split_dice)
        fault = self.fault(tlp)
        if fault is not None:
            pieces = spoil(tlp, pieces, fault)
        end = tlp.address + tlp.get_first_be_offset() + tlp.get_be_byte_count()
        ready = deque()
        for piece in pieces:
            completion = Tlp_us(piece)
            if piece.status != CplStatus.SC:
                completion.error_code, completion.request_completed = ErrorCode.BAD_STATUS, True
            else:
                completion.lower_address = (end - piece.byte_count) & 0xFFF
                completion.request_completed = piece.byte_count <= 4 * piece.length - (completion.lower_address & 3)
                if piece.ep:
                    completion.error_code = ErrorCode.POISONED
            ready.append(completion)
        if ready:
            wait = self.late_clocks(tlp) or self.dice.choice((0, 0, 20, 200))
            self._answers.append((now + wait * CLOCK_PS, ready, tlp, set()))

    async def _each_clock(self) -> None:
        """Completions in any order across tags; reports of posted writes in order, those of reads among them."""
        edge = RisingEdge(self.dut.clk)
        reporting = False
        while True:
            await edge
            if reporting:
                self.dut.pcie_rq_seq_num_vld0.value = 0
                reporting = False
            asked = self.dut.pcie_cq_np_req.value
            if asked.is_resolvable and int(asked):
                self._nonposted_credit = min(self._nonposted_credit + 1, MOST_NONPOSTED_CREDIT)
                self._deliver_nonposted()
            if not self._answers and not self._reports:
                continue
            now = get_sim_time("ps")
            if self._reports and self._reports[0][0] <= now:
                _, tlp = self._reports.popleft()
                if tlp.has_data():
                    for address, data in enabled_runs(tlp):
                        self.memory.write(address, data)
                    self.posted -= 1
                else:  # behind the writes before it
                    self._answer(tlp, now)
                self.dut.pcie_rq_seq_num0.value = tlp.seq_num
                self.dut.pcie_rq_seq_num_vld0.value = 1
                reporting = True
            due = [entry for entry in self._answers if entry[0] <= now]
            if due and self.rc.empty():
                entry = self.dice.choice(due)
                completion = entry[1].popleft()
                # The block knows what it has no request for; of a late answer it cannot know that the card gave up.
                if completion.tag != entry[2].tag or any(entry[2] is done for done in self._complete):
                    completion.error_code = ErrorCode.INVALID_TAG
                elif completion.request_completed:
                    self._complete.append(entry[2])
                if not entry[1]:
                    self._answers.remove(entry)
                self.rc.send_nowait(completion.pack_us_rc())

    # ---- Requests to the card ----

    async def _take_completions(self) -> None:
        while True:
            completion = Tlp_us.unpack_us_cc(await self.cc.recv())
            self.completions.setdefault(completion.tag, []).append(completion)
            if self.on_completion is not None:
                self.on_completion(completion)
            if completion.tag in self._answer_events:
                self._answer_events[completion.tag].put_nowait(completion)

    def post(self, request: Tlp_us | UsPcieFrame, delivered: Callable[[], None] = lambda: None) -> None:
        """A request to the card; its completions, if any, are in `completions` by tag.

        `delivered` is called when it enters the stream: non-posted requests wait until the card asks for them, and
        posted ones pass them meanwhile (PG213, selective flow control).
        """
        frame = request.pack_us_cq() if isinstance(request, Tlp_us) else request
        kind = frame.data[2] >> 11 & 0xF
        if kind == ReqType.MEM_WRITE or kind >= ReqType.MSG:
            delivered()
            self.cq.send_nowait(frame)
        else:
            self._nonposted.append((frame, delivered))
            self._deliver_nonposted()

    def _deliver_nonposted(self) -> None:
        while self._nonposted and self._nonposted_credit:
            self._nonposted_credit -= 1
            frame, delivered = self._nonposted.popleft()
            delivered()
            self.cq.send_nowait(frame)

    async def ask(self, tlp: Tlp_us) -> list[Tlp]:
        """A non-posted request and all its completions."""
        queue = self._answer_events[tlp.tag] = Queue()
        self.post(tlp)
        answer = [await queue.get()]
        while answer[-1].status == CplStatus.SC and answer[-1].byte_count > 4 * answer[-1].length - (
            answer[-1].lower_address & 3
        ):
            if not answer[-1].length:
                break
            answer.append(await queue.get())
        del self._answer_events[tlp.tag]
        return answer

    # ---- Interrupt messages ----

    async def _interrupts(self) -> None:
        dut = self.dut
        while True:
            await RisingEdge(dut.clk)
            if int(dut.rst.value) or not int(dut.cfg_interrupt_msi_int.value):
                continue
            self.vectors.append(int(dut.cfg_interrupt_msi_int.value).bit_length() - 1)
            self.interrupts.append(get_sim_time("ps"))
            if self.on_interrupt is not None:
                self.on_interrupt()
            await ClockCycles(dut.clk, 1 + self.dice.randrange(3))
            (dut.cfg_interrupt_msi_sent if self.answer_interrupts else dut.cfg_interrupt_msi_fail).value = 1
            await RisingEdge(dut.clk)
            dut.cfg_interrupt_msi_sent.value = 0
            dut.cfg_interrupt_msi_fail.value = 0

    async def _intx(self) -> None:
        dut = self.dut
        level = False
        while True:
            await RisingEdge(dut.clk)
            if int(dut.rst.value) or bool(int(dut.cfg_interrupt_int.value)) == level:
                continue
            level = not level
            if level and self.on_interrupt is not None:
                self.on_interrupt()
            await ClockCycles(dut.clk, 1 + self.dice.randrange(5))
            self.intx.append(level)
            dut.cfg_interrupt_sent.value = 1
            await RisingEdge(dut.clk)
            dut.cfg_interrupt_sent.value = 0
