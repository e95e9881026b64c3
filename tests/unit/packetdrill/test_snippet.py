"""Snippets assert, and cannot do anything else."""

import pytest

from models.packetdrill import snippet
from models.packetdrill.script import Unsupported


def test_what_holds_and_what_does_not() -> None:
    snippet.run("assert a == 1 and (b & 4) == 4, a\nassert a in (1, 2)", {"a": 1, "b": 6})
    with pytest.raises(snippet.AssertionFailed, match="a is 1, b is 6"):
        snippet.run("assert a == b", {"a": 1, "b": 6})
    with pytest.raises(snippet.AssertionFailed, match="division"):
        snippet.run("assert 1 / a", {"a": 0})


def test_conditions_assignments_and_prints() -> None:
    with pytest.raises(snippet.AssertionFailed):
        snippet.run("x = a + 1\nif x == 2:\n    assert False\nelse:\n    assert True\nprint(x)", {"a": 1})


def test_a_counter_that_was_never_counted_is_zero() -> None:
    snippet.run("assert count_anything == 0", {})


@pytest.mark.parametrize("text", [
    "import os", "().__class__", "open('x')", "a.b", "lambda: 1", "[x for x in y]", "while True: pass", "eval('1')",
    "9 ** 9 ** 9", "1 << 1000", "'a' * 99999999", "a[0]", "def f(): pass", "del a", "assert unknown == 1",
])
def test_anything_else_is_unsupported(text: str) -> None:
    with pytest.raises(Unsupported):
        snippet.run(text, {"a": 1})
