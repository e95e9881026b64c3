"""Bench of interrupt_moderation: causes, mask, delay timers, throttle and line, clock by clock against a reference.

The reference knows of times only: when a timer ends, when the line may rise again.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge

from firmware.registers import ethernet

CLOCKS = int(os.environ.get("OPERATIONS", "3000"))
"""With traffic, in which most do something."""
DELAY_CLOCKS = 4
"""A unit of the delay timers, with UNIT_CYCLES 1; that of the throttle is one clock."""
TIMES = ("interval", "rx_delay", "rx_absolute", "tx_delay", "tx_absolute")
ACCESSES = ("icr_read", "icr_write", "ics_write", "ims_write", "imc_write")
EVENTS = {
    "tx_empty": ethernet.ICR_TXQE,
    "rx_threshold": ethernet.ICR_RXDMT0,
    "rx_overrun": ethernet.ICR_RXO,
    "link_change": ethernet.ICR_LSC,
    "mdi_done": ethernet.ICR_MDAC,
}
"""Events that are causes at once."""
PULSES = (*ACCESSES, *EVENTS, "rx_frame", "rx_flush", "tx_written", "tx_written_delay")
NAMED = sum(EVENTS.values()) | ethernet.ICR_TXDW | ethernet.ICR_RXT0


@dataclass
class Delay:
    """The pair of timers of a direction: from the last event on, and from the first one that waits."""

    due: int | None = None
    absolute: int | None = None

    def clock(self, now: int, event: bool, at_once: bool, flush: bool, delay: int, absolute: int) -> bool:
        """Whether the cause is there in this clock."""
        waits = self.due is not None
        expires = waits and (flush or now in (self.due, self.absolute))
        if expires or at_once:
            self.due = self.absolute = None
        if event and not at_once:
            if absolute and self.absolute is None:
                self.absolute = now + DELAY_CLOCKS * absolute
            self.due = now + DELAY_CLOCKS * delay
        return expires or at_once


@dataclass
class Reference:
    """What the registers and the line are in the clock at hand."""

    now: int = 0
    icr: int = 0
    ims: int = 0
    line: bool = False
    quiet_until: int = 0
    just_read: bool = False
    rx: Delay = field(default_factory=Delay)
    tx: Delay = field(default_factory=Delay)

    def clock(self, pulse: dict[str, bool], data: int, times: dict[str, int]) -> None:
        """Go on to the next clock."""
        causes = sum(cause for name, cause in EVENTS.items() if pulse[name])
        if pulse["ics_write"]:
            causes |= data
        frame, written = pulse["rx_frame"], pulse["tx_written"]
        at_once = written and not (pulse["tx_written_delay"] and times["tx_delay"])
        if self.rx.clock(
            self.now, frame, frame and not times["rx_delay"], pulse["rx_flush"], times["rx_delay"], times["rx_absolute"]
        ):
            causes |= ethernet.ICR_RXT0
        if self.tx.clock(self.now, written, at_once, False, times["tx_delay"], times["tx_absolute"]):
            causes |= ethernet.ICR_TXDW
        asks = bool(self.icr & self.ims)
        if not asks or self.just_read:  # whoever has read all causes hears of the next one by a rise
            self.line = False
        elif not self.line and self.now >= self.quiet_until:
            self.line = True
            self.quiet_until = self.now + times["interval"] + 1
        left = 0 if pulse["icr_read"] else self.icr & ~(data if pulse["icr_write"] else 0)
        self.icr = left | causes
        if pulse["ims_write"]:
            self.ims |= data
        if pulse["imc_write"]:
            self.ims &= ~data
        self.just_read = pulse["icr_read"]
        self.now += 1


def random_times(dice: random.Random) -> dict[str, int]:
    return {name: dice.choice([0, 0, 1, 2, dice.randrange(3, 12)]) for name in TIMES}


def random_pulses(dice: random.Random, often: float) -> dict[str, bool]:
    pulse = {name: dice.random() < often for name in PULSES}
    for name in ("icr_write", "ics_write", "ims_write", "imc_write"):  # one write port
        pulse[name] = False
    if dice.random() < often:
        pulse[dice.choice(["icr_write", "ics_write", "ims_write", "ims_write", "imc_write"])] = True
    pulse["icr_read"] = dice.random() < often
    pulse["rx_flush"] = pulse["rx_flush"] and dice.random() < 0.2
    return pulse


async def reset(dut: Any) -> tuple[Reference, random.Random]:
    for name in (*PULSES, *TIMES, "write_data"):
        getattr(dut, name).value = 0
    dut.rst.value = 1
    cocotb.start_soon(Clock(dut.clk, 16, "ns").start())
    for _ in range(4):
        await RisingEdge(dut.clk)
    dut.rst.value = 0
    return Reference(), random.Random(cocotb.RANDOM_SEED)


async def clock(dut: Any, reference: Reference, pulse: dict[str, bool], data: int, times: dict[str, int]) -> None:
    """One clock, from edge to edge, in which this happens; what is to be seen in it is looked at in its middle."""
    for name in PULSES:
        getattr(dut, name).value = int(pulse.get(name, False))
    dut.write_data.value = data
    await FallingEdge(dut.clk)
    found = int(dut.icr.value), int(dut.ims.value), bool(dut.irq.value)
    wanted = reference.icr, reference.ims, reference.line
    assert found == wanted, f"clock {reference.now}: ICR, IMS, line {found} instead of {wanted}, {times}"
    if reference.line != bool(reference.icr & reference.ims) or reference.rx.due or reference.tx.due:
        assert dut.busy.value == 1, "something is to come, and the block is idle"
    reference.clock({name: pulse.get(name, False) for name in PULSES}, data, times)
    await RisingEdge(dut.clk)


@cocotb.test()
async def causes_and_line_are_those_of_the_reference(dut: Any) -> None:
    reference, dice = await reset(dut)
    times: dict[str, int] = dict.fromkeys(TIMES, 0)
    risen = 0
    for number in range(CLOCKS):
        if number % 100 == 0:  # as a driver does: at rest
            for _ in range(100):
                await clock(dut, reference, {"icr_read": True}, 0, times)
            times = random_times(dice)
            for name, value in times.items():
                getattr(dut, name).value = value
            often = dice.choice([0.02, 0.1, 0.3])
        data = dice.choice([NAMED, dice.getrandbits(32), 1 << dice.randrange(8)])
        before = reference.line
        await clock(dut, reference, random_pulses(dice, often), data, times)
        risen += reference.line and not before
    assert risen > CLOCKS // 100


@cocotb.test()
async def a_cause_in_the_clock_of_the_read_is_a_rise_of_the_line(dut: Any) -> None:
    """By a message signalled interrupt one hears of rises alone: a line that stayed up would be silent for good."""
    reference, _ = await reset(dut)
    times = dict.fromkeys(TIMES, 0)
    await clock(dut, reference, {"ims_write": True}, NAMED, times)
    for name in (*EVENTS, "rx_frame", "tx_written"):
        await clock(dut, reference, {name: True}, 0, times)
        for _ in range(3):
            await clock(dut, reference, {}, 0, times)
        assert dut.irq.value == 1
        await clock(dut, reference, {"icr_read": True, name: True}, 0, times)
        rises, level = 0, int(dut.irq.value)
        for _ in range(4):
            await clock(dut, reference, {}, 0, times)
            rises += not level and int(dut.irq.value)
            level = int(dut.irq.value)
        assert rises == 1 and level == 1, name
        await clock(dut, reference, {"icr_read": True}, 0, times)
        await clock(dut, reference, {}, 0, times)
        await clock(dut, reference, {}, 0, times)
        assert dut.irq.value == 0
