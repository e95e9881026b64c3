"""Runs after a bench whose waveform is kept: writes the save file that goes with it."""

import os
from pathlib import Path

import cocotb

from models.observation.design_view import Block, discover, ranges_of
from models.observation.wave_view import write_save_file


@cocotb.test()
async def write_wave_view(dut):
    """Signals of the bench's top first, then of each block in it."""
    out = Path(os.environ["WAVE_VIEW"])
    groups = discover(dut, [Block(dut._name, dut._name, (r"\w+",), closed=False, states=False)], inside=dut._name)
    write_save_file(out / "waves.gtkw", out / "waves.fst", groups, ranges_of(dut))
