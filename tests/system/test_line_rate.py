"""The whole card at the rate of the wire, both ways, with the host behind a Gen 2 x1 link."""

from __future__ import annotations

from typing import Any

import pytest

from tests.system.bare_card import run_on_bare_card

GAP = "12"
"""Byte times between two frames (IEEE 802.3, 4.4.2)."""


def transmitted(name: str, **options: Any) -> None:
    card = options.pop("card", None)
    settings = {"card": card} if card else {}
    result = run_on_bare_card("tests.system.line_rate", "transmit", options, **settings)
    shown = {gap: (len(frames), frames[:8]) for gap, frames in result["gaps"].items()}
    assert set(result["gaps"]) == {GAP}, f"{name}: gaps in byte times: (how many, before which frames) {shown}"
    assert not result["copy_ended_before_the_last_frame"] or not options["copies"], "the copy did not last"


def test_consecutive_sends_leave_without_a_gap_while_their_pages_are_copied(seed: int) -> None:
    transmitted("64 KiB", size=64 << 10, send=24 << 10, copies=4, delay_ns=0, seed=seed)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("send", "copies", "delay_ns"),
    [(256 << 10, 0, 0), (256 << 10, 4, 0), (256 << 10, 4, 1000), (65535, 4, 0), (16 << 10, 4, 1000)],
)
def test_a_mebibyte_leaves_without_a_gap_while_its_pages_are_copied(
    send: int, copies: int, delay_ns: int, seed: int
) -> None:
    transmitted("1 MiB", card="verilator", size=1 << 20, send=send, copies=copies, delay_ns=delay_ns, seed=seed)
