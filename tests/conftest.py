"""Settings shared by all tests: the seed, printed at the head of each run, and hypothesis without chance or clock."""

import os

import hypothesis
import pytest

DEFAULT_SEED = 1
MEASURED = "measured"
"""Property of a test (record_property) with a text for the end of the run."""


def _seed() -> int:
    text = os.environ.get("SEED", str(DEFAULT_SEED))
    try:
        return int(text, 0)
    except ValueError:
        raise pytest.UsageError(f"SEED={text}: a seed is a whole number") from None


def pytest_configure(config: pytest.Config) -> None:
    # Workers and the simulators that tests start read the seed from here.
    os.environ["SEED"] = str(_seed())
    nightly = os.environ.get("NIGHTLY") == "1"
    hypothesis.settings.register_profile(
        "project", derandomize=True, deadline=None, database=None, max_examples=1000 if nightly else 100
    )
    hypothesis.settings.load_profile("project")


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {_seed()} (repeat with SEED={_seed()})"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests measured: those that passed keep their output to themselves, and those of workers always do."""
    tables = [
        text
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, text in report.user_properties
        if name == MEASURED
    ]
    if tables:
        terminalreporter.section("measured")
        for table in tables:
            terminalreporter.line(table)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The run's seed: SEED=, 1 when not given. Parametrized indirectly: so many further."""
    return _seed() + getattr(request, "param", 0)
