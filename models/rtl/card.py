"""The card in RTL (hdl/sim/toe_sim.v) behind the three ports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.observation import bus_log
from models.observation.design_view import discover, ranges_of
from models.observation.wave_view import write_save_file
from models.rtl.changes import Changes
from models.rtl.firmware_port import RtlFirmwarePort
from models.rtl.wave_blocks import BLOCKS
from models.settings import BenchSettings


class RtlCard:
    """`host`, `firmware` and `wire` are the ports.

    Whole TLPs and frames cross to transactors in Verilog, or cocotbext-pcie and cocotbext-eth drive the pins.
    """

    def __init__(self, dut: Any, settings: BenchSettings) -> None:
        self._dut = dut
        changes = Changes()
        self.firmware = RtlFirmwarePort(dut, changes)
        if settings.pins == "transactor":
            self.host, self.wire = _transactors(dut, changes, settings)
        else:
            self.host, self.wire = _pins(dut, settings)

    async def start(self) -> None:
        """Out of reset: from here on firmware and host may use the card."""
        await self.host.reset()
        self.firmware.start()
        self.wire.start()

    def bus_beats(self) -> dict[str, int]:
        beats = int(self._dut.bus_beats.value)
        return {bus_log.master_name(master): beats >> 32 * master & 0xFFFF_FFFF for master in range(4)}

    def clock_cycles(self) -> int:
        return int(self._dut.clk_cycles.value)

    def clocks_run(self) -> bool:
        """Is anything in the card, or on its way to it, still at work?"""
        return bool(self._dut.clocks_run.value)

    def write_bus_log(self, path: Path) -> None:
        """The simulation writes it by itself (hdl/sim/grant_recorder.v)."""

    def write_wave_view(self, out: Path, start_ps: int = 0) -> None:
        dump = out / "waves.fst"
        if dump.exists():
            groups = discover(self._dut, BLOCKS, inside="toe_sim.card")
            write_save_file(out / "waves.gtkw", dump, groups, ranges_of(self._dut), start_ps=start_ps)


def _transactors(dut: Any, changes: Changes, settings: BenchSettings) -> tuple[Any, Any]:
    from models.rtl.host_transactor import TransactorHostPort
    from models.rtl.wire_transactor import TransactorWirePort

    return TransactorHostPort(dut, changes, settings), TransactorWirePort(dut, changes)


def _pins(dut: Any, settings: BenchSettings) -> tuple[Any, Any]:
    from models.rtl.clock_hold import ClockHold
    from models.rtl.host_port import RtlHostPort
    from models.rtl.wire_port import RtlWirePort

    hold = ClockHold(dut.clock_hold)
    return RtlHostPort(dut, hold, settings), RtlWirePort(dut, hold)
