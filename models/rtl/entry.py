"""What the simulator process runs: the one cocotb test that puts a scenario on the RTL card."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cocotb

from models.bench import run_bench
from models.kernel import hdl
from models.rtl.card import RtlCard
from models.runner import REQUEST_VARIABLE
from models.settings import RunRequest


@cocotb.test()
async def scenario(dut: Any) -> None:
    """Run the scenario that the request file names."""
    request_path = Path(os.environ[REQUEST_VARIABLE])
    request = RunRequest.load(request_path)
    card = RtlCard(dut, request.settings)
    await hdl.run(run_bench(request, card, request_path.parent), at_work=card.clocks_run)
