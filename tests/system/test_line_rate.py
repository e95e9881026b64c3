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


def received(count: int, length: int, in_host: bool, *, card: str = "", **options: Any) -> dict[str, Any]:
    options = {"throttle_ns": 0, "send": 0, "delay_ns": 0, **options}
    settings = {name: options.pop(name) for name in ("gmii_rx_ppm", "gmii_rx_phase_ps") if name in options}
    if card:
        settings["card"] = card
    options = {"count": count, "length": length, "in_host": in_host, **options}
    result = run_on_bare_card("tests.system.line_rate", "receive", options, **settings)
    assert result["beyond_the_wire_ns"] < 20_000 + options["throttle_ns"], "frames did not come back to back"
    if options["throttle_ns"]:
        on_wire_ns = count * (length + 20) * 8
        assert 2 <= result["interrupts"] <= on_wire_ns // options["throttle_ns"] + 2
        assert result["apart_ns"] >= 0.9 * options["throttle_ns"]
    assert not options["send"] or result["gaps"] == [int(GAP)]
    return result


@pytest.mark.parametrize(
    ("count", "length", "in_host", "throttle_ns"),
    [(700, 64, False, 0), (700, 64, True, 51_200), (60, 1518, False, 0), (60, 1518, True, 102_400)],
)
def test_frames_back_to_back_all_arrive(count: int, length: int, in_host: bool, throttle_ns: int, seed: int) -> None:
    received(count, length, in_host, throttle_ns=throttle_ns, seed=seed)


@pytest.mark.parametrize(("length", "in_host", "count"), [(64, False, 300), (1518, True, 80)])
def test_frames_without_buffers_are_missed_and_counted_and_nothing_else(
    length: int, in_host: bool, count: int, seed: int
) -> None:
    options = {"length": length, "in_host": in_host, "count": count, "buffers": 16, "seed": seed}
    result = run_on_bare_card("tests.system.line_rate", "ring_dry", options)
    assert result["missed"] > 0


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("count", "length", "in_host", "throttle_ns", "delay_ns"),
    [
        (4000, 64, False, 0, 0),
        (4000, 64, True, 102_400, 1000),
        (4000, 65, False, 0, 0),
        (500, 1518, False, 0, 0),
        (500, 1518, True, 204_800, 1000),
        (500, 1517, True, 0, 0),
    ],
)
def test_many_frames_back_to_back_all_arrive_while_a_send_leaves(
    count: int, length: int, in_host: bool, throttle_ns: int, delay_ns: int, seed: int
) -> None:
    received(
        count,
        length,
        in_host,
        card="verilator",
        throttle_ns=throttle_ns,
        delay_ns=delay_ns,
        send=128 << 10,
        seed=seed,
    )
