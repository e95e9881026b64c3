"""Asks a running design for what its waveform view should show."""

from pathlib import Path
from typing import Any

import cocotb
import pytest
from cocotb.triggers import Timer

from models.observation.design_view import Block, discover, ranges_of
from models.observation.wave_view import write_save_file

BLOCKS = [Block("First channel", "example_design.channel[0].engine"), Block("Not there", "example_design.nothing")]


@cocotb.test()
async def groups_hold_states_and_handshakes_and_nothing_else(dut: Any) -> None:
    await Timer(1, "ns")
    groups = discover(dut, BLOCKS, inside="example_design")
    assert [g.name for g in groups] == ["First channel", "channel", "other"]
    shown = {s.label: s.names for s in groups[0].signals}
    assert shown == {
        "state": {0: "IDLE", 1: "RUN", 2: "END"},
        "w_state": {0: "IDLE", 1: "DATA"},
        "clk": None,
        "busy": None,
        "m_axi_awvalid": None,
        "m_axi_awaddr": None,
    }
    assert {s.label for s in groups[1].signals} == {
        f"[{i}]/engine/{name}" for i in (0, 1) for name in ("state", "w_state")
    }


@cocotb.test()
async def ranges_are_those_of_the_design(dut: Any) -> None:
    await Timer(1, "ns")
    range_of = ranges_of(dut)
    assert range_of("example_design.clk") is None
    assert range_of("example_design.channel[1].engine.m_axi_awaddr") == (63, 0)
    for path in ("nothing", "other", "other.memory", "other.STATE_IDLE", "channel[7].busy"):
        with pytest.raises(KeyError):
            range_of(f"example_design.{path}")


@cocotb.test()
async def the_save_file_names_every_signal_as_the_dump_does(dut: Any) -> None:
    await Timer(1, "ns")
    groups = discover(dut, BLOCKS, inside="example_design")
    assert write_save_file(Path("waves.gtkw"), Path("waves.fst"), groups, ranges_of(dut)) == []
    lines = Path("waves.gtkw").read_text().splitlines()
    assert "+{state} example_design.channel[0].engine.state_reg[1:0]" in lines
    assert "+{busy} example_design.other.busy" in lines
