"""TCP segmentation by the whole card, and by its model, against a segmenter in plain byte arithmetic."""

from __future__ import annotations

import os

import pytest

from tests.system.bare_card import run_on_bare_card


def compare(seed: int, sends: int, largest: int, segments: int, **settings: str) -> None:
    options = {"sends": sends, "largest": largest, "segments": segments, "seed": seed}
    result = run_on_bare_card("tests.system.segmentation", "segmented_sends", options, seed=seed, **settings)
    print(f"{sends} sends, {result['bytes']} bytes in {result['frames']} frames")


@pytest.mark.parametrize("card", [os.environ.get("CARD") or "icarus", "model"])
def test_segmented_sends_leave_as_the_reference_cuts_them(card: str, seed: int) -> None:
    compare(seed, card=card, sends=24, largest=8 << 10, segments=24)


def test_segmented_sends_of_the_model_up_to_256_kib(seed: int) -> None:
    compare(seed, card="model", sends=40, largest=256 << 10, segments=3000)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_segmented_sends_up_to_256_kib(part: int, seed: int) -> None:
    compare(1000 * seed + part, card="verilator", sends=50, largest=256 << 10, segments=3000)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_thousands_of_small_segmented_sends(part: int, seed: int) -> None:
    compare(1000 * seed + part, card="verilator", sends=1000, largest=6 << 10, segments=10)
