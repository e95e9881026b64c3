"""The host port of the RTL card: cocotbext-pcie's root complex and UltraScale+ block on the PCIe pins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models import kernel
from models.host.pcie_personality import nic_personality, toe_personality
from models.host.pcie_pins import PciePins
from models.kernel.hdl import from_cocotb
from models.ports import PhysicalMemory
from models.rtl.clock_hold import ClockHold
from models.settings import BenchSettings

RESET_PS = 400 * kernel.NS


class RtlHostPort:
    """HostPort (models/ports.py) on the pins; keeps the clocks running while a TLP is anywhere in Python."""

    def __init__(self, dut: Any, hold: ClockHold, settings: BenchSettings) -> None:
        self._dut = dut
        dut.rst.value = 1
        dut.strap_nic.value = int(settings.nic)
        self.pins = PciePins(
            dut,
            dut.clk,
            nic_personality() if settings.nic else toe_personality(settings.card_memory_bytes, settings.queue_sets),
            max_payload_bytes=settings.max_payload_bytes,
            max_read_request_bytes=settings.max_read_request_bytes,
        )
        self.pins.on_busy = lambda: hold.need(self)
        self.pins.on_idle = lambda: hold.release(self)

    async def reset(self) -> None:
        """Power-on reset of the card."""
        await kernel.sleep(RESET_PS)
        self._dut.rst.value = 0
        await kernel.sleep(RESET_PS)

    def connect(self, memory: PhysicalMemory, interrupt: Callable[[int], None]) -> None:
        self.pins.connect(memory, interrupt)

    def connect_intx(self, changed: Callable[[bool], None]) -> None:
        self.pins.connect_intx(changed)

    async def start(self) -> None:
        await from_cocotb(self.pins.start())

    async def function_reset(self) -> None:
        await from_cocotb(self.pins.function_reset())

    async def set_bus_master(self, enable: bool) -> None:
        await from_cocotb(self.pins.set_bus_master(enable))

    async def read(self, bar: int, offset: int, length: int) -> bytes:
        return await from_cocotb(self.pins.read(bar, offset, length))

    async def write(self, bar: int, offset: int, data: bytes) -> None:
        await from_cocotb(self.pins.write(bar, offset, data))
