"""Settings shared by all tests: the seed, printed at the head of each run, and hypothesis without chance or clock."""

import os

import hypothesis
import pytest

DEFAULT_SEED = 1


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


@pytest.fixture
def seed() -> int:
    """The run's seed: SEED=, 1 when not given."""
    return _seed()
