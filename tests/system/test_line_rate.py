"""The whole card at the rate of the wire, both ways, with the host behind a Gen 2 x1 link."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.system.bare_card import run_on_bare_card

pytestmark = pytest.mark.skipif(os.environ.get("CARD") == "model", reason="the functional model has no clock")

GAP = "12"
"""Byte times between two frames (IEEE 802.3, 4.4.2)."""


def transmitted(name: str, **options: Any) -> None:
    card = options.pop("card", None)
    settings = {"card": card} if card else {}
    parameters = {name: options.pop(name) for name in ("GMII_TX_PERIOD_FS", "GMII_TX_PHASE_PS") if name in options}
    options["period_fs"] = parameters.get("GMII_TX_PERIOD_FS", 8_000_000)
    result = run_on_bare_card("tests.system.line_rate", "transmit", options, parameters=parameters, **settings)
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


@pytest.mark.parametrize(("length", "in_host", "count"), [(64, False, 1400), (1518, True, 110)])
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


# ---- clock domain crossings: the clocks of the wire run off that of the bus, at every phase --------------------------

PPM_FS = 8
"""A part in a million of a GMII clock's period (IEEE 802.3 allows 100 either way)."""


@pytest.mark.parametrize(("ppm", "phase_ps"), [(100, 0), (-100, 3998), (0, 8000)])
def test_the_receive_clock_may_be_off_and_at_any_phase(ppm: int, phase_ps: int, seed: int) -> None:
    received(250, 64, True, gmii_rx_ppm=ppm, gmii_rx_phase_ps=phase_ps, seed=seed)


@pytest.mark.nightly
@pytest.mark.parametrize("ppm", [-100, 0, 100])
def test_the_receive_clock_at_swept_phases(ppm: int, seed: int) -> None:
    for phase_ps in range(0, 16_000, 998):  # of the clock of the bus, 16 ns
        received(300, 64, True, card="verilator", gmii_rx_ppm=ppm, gmii_rx_phase_ps=phase_ps, send=8 << 10, seed=seed)


@pytest.mark.nightly
@pytest.mark.parametrize("ppm", [-100, 100])
@pytest.mark.parametrize(("count", "length"), [(10_000, 64), (1000, 1518)])
def test_a_long_row_of_frames_over_a_clock_that_is_off(count: int, length: int, ppm: int, seed: int) -> None:
    received(count, length, True, card="verilator", gmii_rx_ppm=ppm, send=256 << 10, delay_ns=500, seed=seed)


def at_transmit_clock(ppm: int, phase_ps: int, seed: int) -> None:
    clock = {"GMII_TX_PERIOD_FS": 8_000_000 + PPM_FS * ppm, "GMII_TX_PHASE_PS": phase_ps}
    transmitted(f"{ppm} ppm, {phase_ps} ps", size=24 << 10, send=8 << 10, copies=0, delay_ns=0, seed=seed, **clock)


@pytest.mark.parametrize(("ppm", "phase_ps"), [(100, 0), (-100, 4000)])
def test_the_transmit_clock_may_be_off_and_at_any_phase(ppm: int, phase_ps: int, seed: int) -> None:
    at_transmit_clock(ppm, phase_ps, seed)


@pytest.mark.nightly
@pytest.mark.parametrize("phase_ps", range(0, 16_000, 1998))
@pytest.mark.parametrize("ppm", [-100, 0, 100])
def test_the_transmit_clock_at_swept_phases(ppm: int, phase_ps: int, seed: int) -> None:
    at_transmit_clock(ppm, phase_ps, seed)


# ---- protocol monitors on every bus and stream of the card -----------------------------------------------------------


def test_no_rule_of_a_bus_is_broken_while_all_masters_work(seed: int) -> None:
    options = {"size": 24 << 10, "send": 12 << 10, "copies": 2, "delay_ns": 0, "seed": seed}
    run_on_bare_card("tests.system.line_rate", "transmit", options, monitors=True)
    options = {"count": 120, "length": 200, "in_host": True, "throttle_ns": 51_200, "send": 4 << 10, "delay_ns": 0}
    run_on_bare_card("tests.system.line_rate", "receive", {**options, "seed": seed}, monitors=True)


# ---- frames of all kinds ------------------------------------------------------------------------------------------


def test_good_frames_arrive_and_bad_ones_are_counted(seed: int) -> None:
    run_on_bare_card("tests.system.line_rate", "receive_random", {"count": 150, "in_host": False, "seed": seed})


@pytest.mark.nightly
@pytest.mark.parametrize("in_host", [False, True])
def test_ten_thousand_frames_of_all_kinds(in_host: bool, seed: int) -> None:
    options = {"count": 10_000, "in_host": in_host, "seed": seed}
    run_on_bare_card("tests.system.line_rate", "receive_random", options, card="verilator", clk_cycle_limit=50_000_000)
