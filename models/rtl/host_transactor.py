"""The host port of the RTL card: whole TLPs cross to hdl/sim/pcie_transactor.v once."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import cocotb
from cocotb.triggers import Timer
from cocotbext.pcie.core.tlp import Tlp, TlpType

from models import kernel
from models.host.pcie_block import PcieBlock
from models.host.pcie_direct import LinkDirection, PcieDirect
from models.host.pcie_host import DEFAULT_READ_TIMEOUT_NS, check, gather
from models.host.pcie_personality import nic_personality, toe_personality
from models.kernel.hdl import from_cocotb, simulator_time_ps
from models.ports import PhysicalMemory
from models.rtl.changes import Changes
from models.rtl.host_port import RESET_PS
from models.settings import BenchSettings

TAGS = 32
CLOCK_PS = 16_000
FRAMING_BYTES = 8
"""Of a TLP on the link beside header and payload: framing, sequence number, CRC."""
DESCRIPTOR_BYTES = 16
QUEUED_PUSHES = 60
"""What the transactor's queues hold, less a few."""

_LAST_LSB = 128


class _Player:
    """Puts TLPs into one of the streams towards the card (hdl/sim/tlp_player.v)."""

    def __init__(self, push: Any, played: Any) -> None:
        self._push = push
        self._played = played
        self._beats = (len(push) - _LAST_LSB) // 66
        self._number = 0
        self._pushed_ps = -1
        self._waiting: deque[tuple[int, list[bytes], int]] = deque()
        push.value = 0

    def play(self, arrival_ps: int, tlps: list[bytes], user: int) -> None:
        """Queue TLPs, given as their streams' bytes; the first is there at `arrival_ps`, the others right behind it."""
        batch: list[bytes] = []
        beats = 0
        for tlp in tlps:
            size = (len(tlp) + 7) // 8
            if beats + size > self._beats and batch:
                self._queue(arrival_ps, batch, user)
                batch, beats = [], 0
            batch.append(tlp)
            beats += size
        self._queue(arrival_ps, batch, user)

    def _queue(self, arrival_ps: int, batch: list[bytes], user: int) -> None:
        if self._waiting or self._pushed_ps == simulator_time_ps() or self._full():
            if not self._waiting:
                cocotb.start_soon(self._push_waiting())
            self._waiting.append((arrival_ps, batch, user))
        else:
            self._write(arrival_ps, batch, user)

    async def _push_waiting(self) -> None:
        """Runs only while there is something that cannot cross at once: one push a moment, and only where is room."""
        while self._waiting:
            await Timer(CLOCK_PS if self._full() else 2, "step")
            if self._full():
                continue
            arrival_ps, batch, user = self._waiting.popleft()
            beats = sum((len(tlp) + 7) // 8 for tlp in batch)
            while self._waiting and self._waiting[0][2] == user:  # they would be played one behind the other anyway
                beats += sum((len(tlp) + 7) // 8 for tlp in self._waiting[0][1])
                if beats > self._beats:
                    break
                batch = batch + self._waiting.popleft()[1]
            self._write(arrival_ps, batch, user)

    def _full(self) -> bool:
        # looked at now and then only: what is not far ahead of the last look has room
        if self._number - self._seen < QUEUED_PUSHES:
            return False
        self._seen = self._number - ((self._number - int(self._played.value)) & 0xFF)
        return self._number - self._seen >= QUEUED_PUSHES

    _seen = 0

    def _write(self, arrival_ps: int, batch: list[bytes], user: int) -> None:
        now_ps = simulator_time_ps()
        self._pushed_ps = now_ps
        self._number += 1
        last = half = beats = 0
        words = []
        for tlp in batch:
            beats += (len(tlp) + 7) // 8
            last |= 1 << beats - 1
            if len(tlp) % 8:
                half |= 1 << beats - 1
                tlp = tlp + bytes(4)
            words.append(tlp)
        delay = min(max(0, -(-(arrival_ps - now_ps) // CLOCK_PS)), 0xFFFF)
        self._push.value = (
            self._number & 0xFF
            | beats << 8
            | delay << 24
            | user << 40
            | last << _LAST_LSB
            | half << _LAST_LSB + self._beats
            | int.from_bytes(b"".join(words), "little") << _LAST_LSB + 2 * self._beats
        )


class TransactorHostPort:
    """HostPort (models/ports.py) on hdl/sim/pcie_transactor.v; nothing here wakes except for a TLP."""

    def __init__(self, dut: Any, changes: Changes, settings: BenchSettings) -> None:
        self._dut = dut
        self._changes = changes
        dut.rst.value = 1
        dut.strap_nic.value = int(settings.nic)
        dut.cfg_flr_in_process.value = 0
        dut.clock_hold.value = 0
        self.malformed_requests = 0
        self.dropped_while_bus_master_off = 0
        self.unexpected_completions = 0
        self._log = logging.getLogger("cocotb.pcie.transactor")
        self._up, self._down = LinkDirection(), LinkDirection()
        self._completer = _Player(dut.pcie_cq_push, dut.pcie_cq_played)
        self._requester = _Player(dut.pcie_rc_push, dut.pcie_rc_played)
        self._free_tags: kernel.Queue[int] = kernel.Queue()
        for tag in range(TAGS):
            self._free_tags.put(tag)
        self._reads: dict[int, tuple[list[Tlp], int, kernel.Event]] = {}
        self.pcie = PcieDirect(
            nic_personality() if settings.nic else toe_personality(settings.card_memory_bytes, settings.queue_sets),
            settings.max_payload_bytes,
            settings.max_read_request_bytes,
            self._show_configuration,
            self._send_message,
            on_reset=self._reset_function,
        )
        self._show_configuration()

    async def reset(self) -> None:
        """Power-on reset of the card."""
        await kernel.sleep(RESET_PS)
        self._dut.rst.value = 0
        await kernel.sleep(RESET_PS)
        self._changes.watch(self._dut.pcie_rq_number, self._card_requests)
        self._changes.watch(self._dut.pcie_cc_number, self._card_completes)
        self._changes.watch(self._dut.pcie_msi_number, self._card_interrupts)
        self._changes.watch(self._dut.pcie_intx_level, self._card_intx)
        self._changes.watch(self._dut.pcie_flr_number, self._reset_done)

    def connect(self, memory: PhysicalMemory, interrupt: Callable[[int], None]) -> None:
        self.pcie.connect(memory, interrupt)

    def connect_intx(self, changed: Callable[[bool], None]) -> None:
        self.pcie.connect_intx(changed)

    async def start(self) -> None:
        await from_cocotb(self.pcie.start())

    async def set_bus_master(self, enable: bool) -> None:
        await from_cocotb(self.pcie.set_bus_master(enable))

    # ---- Function-level reset ----

    def _reset_function(self) -> None:
        self._reset_over = kernel.Event()
        self._dut.cfg_flr_in_process.value = 1

    def _reset_done(self) -> None:
        self._dut.cfg_flr_in_process.value = 0
        self._reset_over.set()

    async def function_reset(self) -> None:
        """Reset the function, wait for the end, and give it back its configuration."""
        await from_cocotb(self.pcie.begin_function_reset())
        await self._reset_over
        await from_cocotb(self.pcie.restore_after_reset())

    def _show_configuration(self) -> None:
        """What the block tells the card of its configuration space."""
        function, dut = self.pcie.function, self._dut
        status = (0x7 if function.bus_master_enable else 0) | (0x8 if function.interrupt_disable else 0)
        dut.cfg_max_payload.value = function.pcie_cap.max_payload_size & 3
        dut.cfg_max_read_req.value = function.pcie_cap.max_read_request_size
        dut.cfg_function_status.value = status
        dut.cfg_interrupt_msi_enable.value = int(bool(function.msi_cap.msi_enable))
        dut.cfg_interrupt_msi_data.value = function.msi_cap.msi_mask_bits

    # ---- Requests of the host ----

    async def write(self, bar: int, offset: int, data: bytes) -> None:
        for request in self.pcie.write_requests(bar, offset, data):
            if self.pcie.is_io(bar):
                check(request, await self._ask(request, bar))
            else:
                self._request(request, bar)

    async def _ask(self, request: Tlp, bar: int) -> list[Tlp]:
        """A non-posted write and its completion."""
        request.tag = await self._free_tags.get()
        completions: list[Tlp] = []
        done = kernel.Event()
        self._reads[request.tag] = (completions, 0, done)
        self._request(request, bar)
        await kernel.first(done, kernel.after(DEFAULT_READ_TIMEOUT_NS * kernel.NS))
        self._reads.pop(request.tag, None)
        self._free_tags.put(request.tag)
        if done.is_set:
            await kernel.sleep(done.value - kernel.now())
        return completions

    async def read(self, bar: int, offset: int, length: int) -> bytes:
        reads = []
        for request in self.pcie.read_requests(bar, offset, length):
            request.tag = await self._free_tags.get()
            completions: list[Tlp] = []
            done = kernel.Event()
            self._reads[request.tag] = (completions, request.get_be_byte_count(), done)
            self._request(request, bar)
            reads.append((request, completions, done))
        data = bytearray()
        for request, completions, done in reads:
            timeout = kernel.after(DEFAULT_READ_TIMEOUT_NS * kernel.NS)
            await kernel.first(done, timeout)
            self._reads.pop(request.tag, None)
            self._free_tags.put(request.tag)
            if done.is_set:
                await kernel.sleep(done.value - kernel.now())
            data += gather(request, completions)
        return bytes(data[:length])

    def _request(self, request: Tlp, bar: int) -> None:
        arrival_ps = self._down.arrival(simulator_time_ps(), request.get_size() + FRAMING_BYTES)
        user = request.first_be | request.last_be << 4 | 0xFFFF_FFFF << 8 | 1 << 40
        self._completer.play(arrival_ps, [self.pcie.pack_request(request, bar)], user)

    def _card_completes(self) -> None:
        dut = self._dut
        words = _bytes_of(dut.pcie_cc_head, DESCRIPTOR_BYTES)
        dwords = _value_of(dut.pcie_cc_dwords)
        if dwords > 4:
            words += _bytes_of(dut.pcie_cc_rest, 4 * (dwords - 4))
        completion = self.pcie.unpack_completion(words)
        arrival_ps = self._up.arrival(simulator_time_ps(), completion.get_size() + FRAMING_BYTES)
        read = self._reads.get(completion.tag)
        if read is None:
            self.unexpected_completions += 1
            return
        completions, wanted, done = read
        completions.append(completion)
        got = sum(len(each.data) - (each.lower_address & 3) for each in completions)
        if got >= wanted or not completion.data:
            done.set(arrival_ps)

    # ---- Requests of the card ----

    def _card_requests(self) -> None:
        dut = self._dut
        head = _value_of(dut.pcie_rq_head)
        user = _value_of(dut.pcie_rq_user)
        payload = b""
        if head >> 75 & 0xF:
            payload_dwords = _value_of(dut.pcie_rq_dwords) - 4
            payload = _bytes_of(dut.pcie_rq_rest, 4 * payload_dwords)
        self._serve(head, user, payload)

    def _serve(self, head: int, user: int, payload: bytes) -> None:
        """Host memory is read and written as soon as the request has left the card; the answer comes in time."""
        pcie = self.pcie
        request = pcie.unpack_request(head, user & 0xF, user >> 4 & 0xF, payload)
        if user >> 11 & 1 or not PcieBlock.well_formed(request):
            self.malformed_requests += 1
            self._log.error("malformed request dropped: %r", request)
            return
        if not pcie.function.bus_master_enable:
            self.dropped_while_bus_master_off += 1
            if request.is_nonposted():
                refusal = Tlp.create_ur_completion_for_tlp(request, request.requester_id)
                self._requester.play(0, pcie.pack_completions(request, [refusal]), _RC_USER)
            return
        now_ps = simulator_time_ps()
        arrival_ps = self._up.arrival(now_ps, request.get_size() + FRAMING_BYTES)
        if not request.is_nonposted():
            pcie.root.memory_write(request)
            return
        completions = pcie.root.completions(request)
        if not completions:
            return
        if pcie.root.completion_delay is not None:
            arrival_ps += round(1000 * pcie.root.completion_delay())
        there_ps = self._down.arrival(arrival_ps, completions[0].get_size() + FRAMING_BYTES)
        for completion in completions[1:]:
            self._down.arrival(arrival_ps, completion.get_size() + FRAMING_BYTES)
        self._requester.play(there_ps, pcie.pack_completions(request, completions), _RC_USER)

    # ---- Interrupts ----

    def _card_interrupts(self) -> None:
        cocotb.start_soon(self.pcie.function.msi_cap.issue_msi_interrupt(0))

    def _card_intx(self) -> None:
        cocotb.start_soon(self.pcie.send_intx(bool(_value_of(self._dut.pcie_intx_level))))

    async def _send_message(self, tlp: Tlp) -> None:
        now_ps = simulator_time_ps()
        await Timer(self._up.arrival(now_ps, tlp.get_size() + FRAMING_BYTES) - now_ps, "step")
        if tlp.fmt_type == TlpType.MSG_LOCAL:
            self.pcie.root.message(tlp)
        else:
            self.pcie.root.memory_write(tlp)


_RC_USER = 0xFFFF_FFFF | 1 << 32
"""All bytes enabled, start of frame."""


def _value_of(handle: Any) -> int:
    # the binary string of the handle: `.value` of a wide vector is parsed bit by bit
    return int(handle._handle.get_signal_val_binstr(), 2)


def _bytes_of(handle: Any, length: int) -> bytes:
    """The lowest `length` bytes of a vector."""
    bits = handle._handle.get_signal_val_binstr()
    return int(bits[-8 * length :].replace("x", "0").replace("X", "0"), 2).to_bytes(length, "little")
