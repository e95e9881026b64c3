"""docs/errors.md: the tests and the registers it names are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firmware.registers import bridge, dma, ethernet, messaging

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text()
TESTS = sorted(set(re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", PAGE)))
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_the_page_names_tests_that_are_there(path: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)


def test_every_error_has_a_test_and_its_registers_are_there() -> None:
    known = {name for block in (bridge, dma, ethernet, messaging) for name in vars(block)}
    for error, place, test in ((row[0], row[1], row[2]) for row in ROWS if "error" != row[0].strip()):
        assert "`tests/" in test, error
        for name in re.findall(r"\b[A-Z][A-Z_]{3,}\b", place):
            assert name in known | {"DECERR", "SLVERR", "IXSM", "TCPCS"}, f"{error.strip()}: {name}"
