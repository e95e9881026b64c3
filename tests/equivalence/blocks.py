"""The card's blocks with their scripted stimuli (those of tests/unit/card) and the registers that show their state."""

from __future__ import annotations

import importlib
import inspect
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from firmware.registers import bridge, dma, ethernet, messaging
from tests.unit.card.stimuli import BRIDGE, DMA, ETHERNET, MESSAGING

_ETHERNET = tuple(
    ETHERNET + offset
    for offset in (
        ethernet.CTRL, ethernet.STATUS, ethernet.EECD, ethernet.EERD, ethernet.CTRL_EXT, ethernet.MDIC, ethernet.FCAL,
        ethernet.FCAH, ethernet.FCT, ethernet.VET, ethernet.FCTTV, ethernet.FCRTL, ethernet.FCRTH, ethernet.TIPG,
        ethernet.RA_RAL, ethernet.RA_RAH, ethernet.RCTL, ethernet.TCTL, ethernet.PBA,
        ethernet.RXCSUM, ethernet.RDBAL, ethernet.RDBAH, ethernet.RDLEN, ethernet.RDH, ethernet.RDT,
        ethernet.TDBAL, ethernet.TDBAH, ethernet.TDLEN, ethernet.TDH, ethernet.TDT, ethernet.ITR, ethernet.RDTR,
        ethernet.RADV, ethernet.TIDV, ethernet.TADV, ethernet.IMS, ethernet.ICR, ethernet.ICR,
        *range(ethernet.CRCERRS, ethernet.CRCERRS + 0x140, 4),
    )
)  # fmt: skip
_STEERING = tuple(
    ETHERNET + offset for offset in (ethernet.STEERING, *range(ethernet.RULE_BASE, ethernet.RULE_BASE + 0x200, 4))
)
_DMA = tuple(
    DMA + channel * dma.CHANNEL_STRIDE + offset
    for channel in range(dma.CHANNEL_COUNT)
    for offset in range(0, dma.CHANNEL_DONE + 4, 4)
)
_MESSAGING = tuple(range(MESSAGING + messaging.IMR0, MESSAGING + messaging.MEMORY_ERRORS + 4, 4))
_BRIDGE = tuple(range(BRIDGE, BRIDGE + bridge.BUS_BEATS3 + 4, 4))


@dataclass(frozen=True)
class Block:
    """`module` holds the stimuli; `registers` are read after each of them, in this order."""

    name: str
    module: str
    registers: tuple[int, ...]
    queue_sets: int = 1
    max_frame_bytes: int = 9234


BLOCKS = (
    Block("messaging_unit", "tests.unit.card.test_messaging", _MESSAGING),
    Block("dma_controller", "tests.unit.card.test_dma", _DMA + _BRIDGE),
    Block("ethernet_transmit", "tests.unit.card.test_transmit", _ETHERNET + _BRIDGE),
    Block("ethernet_receive", "tests.unit.card.test_receive", _ETHERNET + _BRIDGE),
    Block("ethernet_control", "tests.unit.card.test_ethernet_control", _ETHERNET),
    Block("ethernet_driver", "tests.unit.card.test_driver_probe", _ETHERNET),
    Block("vlan", "tests.unit.card.test_vlan", _ETHERNET),
    Block("pause", "tests.unit.card.test_pause", _ETHERNET),
    Block("queue_sets", "tests.unit.card.test_queue_sets", _ETHERNET + _STEERING, queue_sets=2),
    Block("long_frames", "tests.unit.card.test_long_frames", _ETHERNET, max_frame_bytes=33792),
    Block("interrupts", "tests.unit.card.test_interrupts", _ETHERNET),
    Block("resets", "tests.unit.card.test_resets", _BRIDGE + _DMA + _MESSAGING, queue_sets=2),
    Block("bridge_and_arbiter", "tests.unit.card.test_bus", _BRIDGE + _DMA + _MESSAGING),
)

LATENCIES = Block("latencies", "tests.equivalence.latencies", ())


@dataclass(frozen=True)
class Stimulus:
    """`scenario(rig, **arguments)` is the coroutine to run."""

    name: str
    scenario: Any
    arguments: dict[str, Any]
    start_host: bool


def block_of(name: str) -> Block:
    return next(block for block in (*BLOCKS, LATENCIES) if block.name == name)


def stimuli(block: Block, seed: int) -> list[Stimulus]:
    """Every stimulus of a block with each set of its parameters; those that need the host not to have started first."""
    found = []
    for name, test in vars(importlib.import_module(block.module)).items():
        if not hasattr(test, "stimulus"):
            continue
        seeded = {"seed": seed} if "seed" in inspect.signature(test.stimulus).parameters else {}
        for arguments in _parameters(test):
            shown = "-".join(str(value) for value in arguments.values())
            title = name.removeprefix("test_") + (f"[{shown}]" if shown else "")
            found.append(Stimulus(title, test.stimulus, {**arguments, **seeded}, test.start_host))
    return sorted(found, key=lambda each: each.start_host)


def _parameters(test: Any) -> Iterator[dict[str, Any]]:
    """What pytest.mark.parametrize says."""
    axes = []
    for mark in getattr(test, "pytestmark", ()):
        names, rows = mark.args
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        axes.append([dict(zip(names, row if len(names) > 1 else (row,), strict=True)) for row in rows])
    for chosen in itertools.product(*axes):
        yield {name: value for part in chosen for name, value in part.items()}
