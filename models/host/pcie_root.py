"""The root complex of the simulated host: DMA goes to a memory object, interrupt messages to a callback.

What differs from cocotbext-pcie's root complex: host memory is any object with `read` and `write`; what it refuses is
answered as unsupported request (reads) or dropped and counted (writes), and no exception reaches the simulator;
completions can be delayed, reordered, split and damaged on purpose.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

import cocotb
from cocotb.triggers import Timer
from cocotbext.pcie.core import RootComplex
from cocotbext.pcie.core.tlp import Tlp

from models.host.pcie_block import Activity
from models.host.pcie_completer import Fault, split, spoil
from models.host.pcie_function import intx_level

MSI_ADDRESS = 0xFEE0_0000
"""Where interrupt messages go, as on a PC; never memory."""
MSI_WINDOW = 0x10_0000


class Memory(Protocol):
    """Host memory by physical address; raises an exception where there is none."""

    def read(self, address: int, length: int) -> bytes: ...

    def write(self, address: int, data: bytes) -> None: ...


class HostRootComplex(RootComplex):
    """Root complex in front of `memory`; counts what it had to refuse."""

    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self.memory: Memory | None = None
        self.interrupt: Callable[[int], None] | None = None
        self.intx: Callable[[bool], None] | None = None
        self.refused_reads = 0
        self.dropped_writes = 0
        self.unexpected_interrupts = 0
        # For tests: a fault for a read request, and a delay of its completions in nanoseconds
        self.read_fault: Callable[[Tlp], Fault | None] | None = None
        self.completion_delay: Callable[[], float] | None = None
        # For tests: completions end at boundaries of its choice
        self.split_dice: random.Random | None = None
        super().__init__()

    async def downstream_send(self, tlp: Tlp) -> None:
        with self.activity:
            await super().downstream_send(tlp)

    async def downstream_recv(self, tlp: Tlp) -> None:
        with self.activity:
            await super().downstream_recv(tlp)

    async def perform_nonposted_operation(self, request: Tlp, timeout: int = 0, timeout_unit: str = "ns") -> list[Tlp]:
        with self.activity:
            return await super().perform_nonposted_operation(request, timeout, timeout_unit)

    # ---- Reads of the card ----

    async def handle_mem_read_tlp(self, tlp: Tlp) -> None:
        completions = self.completions(tlp)
        if self.completion_delay is None:
            for completion in completions:
                await self.send(completion)
        else:
            cocotb.start_soon(self._send_later(completions, self.completion_delay()))

    async def _send_later(self, completions: list[Tlp], delay_ns: float) -> None:
        with self.activity:
            await Timer(max(1, round(delay_ns * 1000)), "ps")
            for completion in completions:
                await self.send(completion)

    def completions(self, tlp: Tlp) -> list[Tlp]:
        """The answer to a memory read of the card."""
        fault = self.read_fault(tlp) if self.read_fault is not None else None
        try:
            if self.memory is None:
                raise LookupError("no host memory connected")
            data = bytes(self.memory.read(tlp.address, 4 * tlp.length))
        except Exception as error:  # noqa: BLE001 - whatever the memory raises means: there is nothing to read
            self.log.info("read of %#x, %d dwords, refused: %s", tlp.address, tlp.length, error)
            fault, data = fault or Fault.UNSUPPORTED_REQUEST, bytes(4 * tlp.length)
        if fault is Fault.UNSUPPORTED_REQUEST:
            self.refused_reads += 1
        boundary = 128 if self.read_completion_boundary else 64
        limit = boundary if self.split_on_all_rcb else 128 << self.max_payload_size
        pieces = split(tlp, data, limit, boundary, self.split_dice)
        return pieces if fault is None else spoil(tlp, pieces, fault)

    # ---- Writes of the card ----

    async def handle_mem_write_tlp(self, tlp: Tlp) -> None:
        self.memory_write(tlp)

    def memory_write(self, tlp: Tlp) -> None:
        """Do what a memory write of the card asks for: write, or interrupt."""
        if MSI_ADDRESS <= tlp.address < MSI_ADDRESS + MSI_WINDOW:
            self._interrupt_message(tlp)
            return
        try:
            if self.memory is None:
                raise LookupError("no host memory connected")
            for address, data in enabled_runs(tlp):
                self.memory.write(address, data)
        except Exception as error:  # noqa: BLE001 - whatever the memory raises means: there is nothing to write to
            self.dropped_writes += 1
            self.log.info("write to %#x, %d dwords, dropped: %s", tlp.address, tlp.length, error)

    def message(self, tlp: Tlp) -> None:
        """A message of the card: INTx."""
        try:
            level = intx_level(tlp)
        except ValueError:
            self.unexpected_interrupts += 1
            return
        if self.intx is not None:
            self.intx(level)

    def _interrupt_message(self, tlp: Tlp) -> None:
        if tlp.address != MSI_ADDRESS or tlp.length != 1 or self.interrupt is None:
            self.unexpected_interrupts += 1
            return
        self.interrupt(int.from_bytes(tlp.get_data()[:2], "little"))


def enabled_runs(tlp: Tlp) -> list[tuple[int, bytes]]:
    """The runs of enabled bytes of a memory write, as (address, data)."""
    data = bytes(tlp.get_data())
    size = 4 * tlp.length
    if tlp.length == 1:
        edge = [bool(tlp.first_be >> k & 1) for k in range(4)]
        enabled = edge
    else:
        first = [bool(tlp.first_be >> k & 1) for k in range(4)]
        last = [bool(tlp.last_be >> k & 1) for k in range(4)]
        if all(first) and all(last):
            return [(tlp.address, data)]
        enabled = first + [True] * (size - 8) + last
    runs: list[tuple[int, bytes]] = []
    begin: int | None = None
    for k in range(size + 1):
        on = k < size and enabled[k]
        if on and begin is None:
            begin = k
        elif not on and begin is not None:
            runs.append((tlp.address + begin, data[begin:k]))
            begin = None
    return runs
