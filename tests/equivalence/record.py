"""Runs a stimulus on a card and records as plain data what came of it, the same for every card."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Sequence
from typing import Any

from models import kernel
from models.kernel import US
from models.observation.bus_log import Grant, longest_run_while_other_waits
from models.ports import BusError
from tests.equivalence.blocks import Block, Stimulus
from tests.unit.card.stimuli import MEMORY, MEMORY_BYTES, Rig

PAGE_BYTES = 512
SETTLE_PS = 30 * US
"""After a stimulus: what is under way comes to its end."""
LIMIT_PS = 20 * kernel.MS

Record = dict[str, Any]


async def record(stimulus: Stimulus, rig: Rig, block: Block) -> Record:
    """Kernel coroutine: bring the card up, run the stimulus and look at everything afterwards."""
    await rig.start()
    rig.levels.clear()  # a reset may have taken interrupts back
    begin_ps = kernel.now()
    error = await _run(stimulus, rig)
    await kernel.sleep(SETTLE_PS)
    firmware = rig.card.unobserved.firmware
    registers = []
    for address in block.registers:
        try:
            registers.append([address, int.from_bytes(await firmware.read(address, 4), "little")])
        except BusError:
            registers.append([address, "BusError"])
    return {
        "error": error,
        "begin_ps": begin_ps,
        "end_ps": kernel.now(),
        "cut_ps": rig.cut_ps,
        "measured": rig.measured,
        "accesses": rig.trace,
        "frames": [frame.hex() for frame, _, _ in rig.frames],
        "interrupt messages": len(rig.interrupts),
        "interrupt lines": [levels for _, levels in rig.levels],
        "registers": registers,
        "host memory": _pages(bytes(rig.memory.bytes)),
    }


async def _run(stimulus: Stimulus, rig: Rig) -> str | None:
    async def guarded() -> str | None:
        try:
            await stimulus.scenario(rig, **stimulus.arguments)
        except Exception:  # noqa: BLE001 - told to whoever compares
            return traceback.format_exc()
        return None

    running = kernel.spawn(guarded(), stimulus.name)
    limit = kernel.after(LIMIT_PS)
    if await kernel.first(running, limit) is limit:
        where = running.place()
        running.cancel()
        return f"not over after {LIMIT_PS} ps, waits at {where}"
    return await running


def _pages(memory: bytes) -> list[list[Any]]:
    """Pages that hold anything: [offset, contents]."""
    empty = bytes(PAGE_BYTES)
    pages = ((offset, memory[offset : offset + PAGE_BYTES]) for offset in range(0, len(memory), PAGE_BYTES))
    return [[offset, page.hex()] for offset, page in pages if page != empty]


def on_model(stimulus: Stimulus, block: Block) -> Record:
    """On a functional model of its own."""
    from models.card import CardTiming, ModelCard

    timing = CardTiming.with_frames_of(block.max_frame_bytes)
    another = functools.partial(ModelCard, memory_bytes=MEMORY_BYTES, timing=timing, queue_sets=block.queue_sets)
    rig = Rig(another(), start_host=stimulus.start_host, another=another)
    result = kernel.run(record(stimulus, rig, block))
    card = rig.card.unobserved
    result["card memory"] = _pages(card.memory.read(0, MEMORY_BYTES))
    add_grants(result, list(card.grants))
    return result


def add_grants(result: Record, grants: Sequence[Grant]) -> None:
    """Put the bursts and who waited for whom into the record; the address of a burst is that of its first beat.

    What was granted before a reset that cut it off is left out.
    """
    grants = [each for each in grants if each.grant_ps >= result["cut_ps"]]
    result["grants"] = [[each.master, "W" if each.write else "R", each.address & ~7, each.beats] for each in grants]
    masters = sorted({each.master for each in grants})
    result["turns"] = [
        [master, other, longest_run_while_other_waits(grants, master, other)]
        for master in masters
        for other in masters
        if master != other
    ]


def pages_to_look_at(model: Record) -> list[int]:
    """Offsets of the pages of card memory that hold anything on the model, and of those beside them."""
    used = {offset for offset, _ in model["card memory"]}
    beside = {offset + step for offset in used for step in (-PAGE_BYTES, 0, PAGE_BYTES)}
    return sorted(offset for offset in beside if 0 <= offset < MEMORY_BYTES)


async def read_and_clear(firmware: Any, offsets: list[int]) -> list[list[Any]]:
    """Kernel coroutine: the pages among `offsets` that hold anything; card memory is as after power-on again."""
    pages = []
    empty = bytes(PAGE_BYTES)
    for offset in offsets:
        page = await firmware.read(MEMORY + offset, PAGE_BYTES)
        if page != empty:
            pages.append([offset, page.hex()])
            await firmware.write(MEMORY + offset, empty)
    return pages
