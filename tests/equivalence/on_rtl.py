"""What the simulator process runs: all stimuli of a block, one after the other, with a power-on reset before each."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cocotb

from models import kernel
from models.kernel import hdl
from models.rtl.card import RtlCard
from models.rtl.host_port import RESET_PS
from models.settings import BenchSettings
from tests.equivalence.blocks import block_of, stimuli
from tests.equivalence.record import pages_to_look_at, read_and_clear, record
from tests.unit.card.stimuli import Rig

REQUEST_VARIABLE = "TOE_STIMULI"


class _SameCard:
    """The card under simulation, brought up anew for each stimulus; the host enumerates it once."""

    def __init__(self, dut: Any, card: RtlCard) -> None:
        self._dut = dut
        self._card = card
        self._up = False
        self.host = _SameHostPort(card.host)
        self.firmware = card.firmware
        self.wire = card.wire

    async def start(self) -> None:
        if not self._up:
            self._up = True
            await self._card.start()
            return
        self._dut.rst.value = 1
        self.firmware.was_reset()
        await kernel.sleep(RESET_PS)
        self._dut.rst.value = 0
        await kernel.sleep(RESET_PS)


class _SameHostPort:
    def __init__(self, port: Any) -> None:
        self._port = port
        self._started = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    async def start(self) -> None:
        if not self._started:
            self._started = True
            await self._port.start()


@cocotb.test()
async def run_stimuli(dut: Any) -> None:
    """Request: block, seed, settings, `model` (file with the model's records) and `out` (file for these)."""
    request = json.loads(Path(os.environ[REQUEST_VARIABLE]).read_text())
    block = block_of(request["block"])
    expected = json.loads(Path(request["model"]).read_text())
    card = _SameCard(dut, RtlCard(dut, BenchSettings(**request["settings"])))
    records = {}

    async def main() -> None:
        for stimulus in stimuli(block, request["seed"]):
            rig = Rig(card, start_host=stimulus.start_host)
            result = await record(stimulus, rig, block)
            offsets = pages_to_look_at(expected[stimulus.name])
            result["card memory"] = await read_and_clear(card.firmware, offsets)
            records[stimulus.name] = result
            Path(request["out"]).write_text(json.dumps(records))

    await hdl.run(main())
