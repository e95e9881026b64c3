"""Compares what a stimulus left on two cards; what may differ between them is listed here, and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from firmware.registers import bridge
from tests.equivalence.record import Record
from tests.unit.card.stimuli import BRIDGE

MAY_DIFFER = {
    "times": "begin and end of frames, interrupts and grants: the model has latencies where the RTL has clocks; "
    "bulk transfers are held together by test_transfers.py instead",
    "polls": "how often a register is read until it changes, and how far beyond it has come by then",
    "what a reset cuts off": "how many bursts and beats of the card's were granted before such a reset, how "
    "many of them found bus mastering off, and how many completions came late",
    "order of grants between masters": "who asks first depends on times; each master's own bursts are the same, in "
    "the same order, and none gets two in succession while another waits",
}
"""What, and why. All the rest is compared for equality."""


def differences(one: Record, other: Record) -> list[str]:
    """What differs, a line each; empty when the two did the same."""
    found = []
    for name, record in (("one", one), ("other", other)):
        if record["error"]:
            found.append(f"the stimulus failed on the {name}: {record['error']}")
    for what in ("accesses", "frames", "interrupt lines"):
        found += _sequences(what, one[what], other[what])
    if one["interrupt messages"] != other["interrupt messages"]:
        found.append(f"interrupt messages: {one['interrupt messages']} and {other['interrupt messages']}")
    registers = [_without_cut(each) for each in (one, other)]
    found += _sequences("registers", *registers, everything=True)
    for what in ("card memory", "host memory"):
        found += _pages(what, one[what], other[what])
    ones, others = _by_master(one["grants"]), _by_master(other["grants"])
    for master in sorted(ones.keys() | others.keys()):
        found += _sequences(f"bursts of master {master[0]} {master[1]}", ones[master], others[master])
    # no master gets two bursts in succession while another waits
    for name, record in (("one", one), ("other", other)):
        for master, waiting, run in record["turns"]:
            if run > 1:
                found.append(f"the {name} gave master {master} {run} turns while {waiting} waited")
    return found


_COUNTS_OF_CUT = {
    BRIDGE + offset
    for offset in (
        bridge.BUS_MASTER_OFF_DROPS,
        bridge.UNEXPECTED_COMPLETIONS,
        *range(bridge.BUS_BEATS0, bridge.BUS_BEATS3 + 4, 4),
    )
}
_STATUS_OF_CUT = bridge.STATUS_BUS_MASTER_OFF | bridge.STATUS_UNEXPECTED_COMPLETION


def _without_cut(record: Record) -> list[Any]:
    """The registers, but for what tells how much a reset has cut off."""
    if not record["cut_ps"]:
        return record["registers"]
    found = []
    for address, value in record["registers"]:
        if address == BRIDGE + bridge.STATUS:
            value &= ~_STATUS_OF_CUT
        if address not in _COUNTS_OF_CUT:
            found.append([address, value])
    return found


def _sequences(what: str, one: list[Any], other: list[Any], everything: bool = False) -> list[str]:
    found = []
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            found.append(f"{what}, number {index}: {_shown(left)} and {_shown(right)}")
            if not everything:
                return found
    if len(one) != len(other):
        longer = one if len(one) > len(other) else other
        extra = _shown(longer[min(len(one), len(other))])
        found.append(f"{what}: {len(one)} and {len(other)} of them, the first beyond is {extra}")
    return found


def _pages(what: str, one: list[Any], other: list[Any]) -> list[str]:
    ones, others = dict(map(tuple, one)), dict(map(tuple, other))
    found = []
    for offset in sorted(ones.keys() | others.keys()):
        left, right = (bytes.fromhex(pages.get(offset, "")) or bytes(512) for pages in (ones, others))
        if left != right:
            at = next(index for index in range(len(left)) if left[index] != right[index])
            found.append(f"{what} at {offset + at:#x}: {left[at : at + 16].hex()} and {right[at : at + 16].hex()}")
    return found[:8]


def _by_master(grants: list[Any]) -> dict[tuple[int, str], list[list[int]]]:
    bursts = defaultdict(list)
    for master, direction, address, beats in grants:
        bursts[master, direction].append([address, beats])
    return bursts


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_shown(each) for each in value)
    text = hex(value) if isinstance(value, int) else str(value)
    return text if len(text) < 200 else text[:200] + "..."
