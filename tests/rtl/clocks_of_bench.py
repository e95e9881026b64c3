"""Makes a bench's clocks under Verilator, from the simulation's first moment on; loaded before the bench, has no tests.

Verilator shows a change made in Verilog to the program only after all that follows from it: a bench that waits for an
edge would see the registers behind it changed already. A clock that cocotb makes is seen before. The runner has taken
these clocks out of the harness (tests/rtl/verilator_build.py); BENCH_CLOCKS lists them, `name:half period in ps`.
"""

import os

import cocotb
import cocotb.simulator
from cocotb.handle import _GPISetAction


def _start(name: str, half_ps: int) -> object:
    clock = cocotb.simulator.clock_create(getattr(cocotb.top, name)._handle)
    clock.start(2 * half_ps, half_ps, False, _GPISetAction.DEPOSIT.value)
    return clock


CLOCKS = [_start(name, int(half)) for name, half in (item.split(":") for item in os.environ["BENCH_CLOCKS"].split())]
