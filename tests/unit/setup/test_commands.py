"""The commands of the Makefile: options reach the program unharmed, and a mistyped one is refused in one line."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def make(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs make without what a surrounding make or test run has put into the environment."""
    hidden = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "SEED", "WAVES", "K", "FILE", "OUT", "CARD", "PINS"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        env={**environment, **variables},
        capture_output=True,
        text=True,
    )


def arguments(*words: str, **variables: str) -> list[str]:
    """What `make sim` would hand to models.simulate."""
    line = make("-n", "sim", *words, **variables).stdout.splitlines()[-1]
    parts = shlex.split(line)
    return parts[parts.index("models.simulate") + 1 :]


@pytest.mark.parametrize("goal", ["sim", "live", "test", "lint", "waves"])
def test_an_unknown_option_is_refused_in_one_line(goal: str) -> None:
    result = make(goal, "FIEL=x")
    assert result.returncode != 0
    assert len(result.stderr.splitlines()) == 1
    assert f"make {goal} has no option FIEL" in result.stderr


def test_an_option_of_another_command_is_unknown() -> None:
    assert "has no option LOSS" in make("test", "LOSS=0.1").stderr


@pytest.mark.parametrize(
    "name", ["plain", "with space", "it's", 'dou"ble', "dollar $HOME", "$(shell)", "semi;colon", "a=b"]
)
def test_any_file_name_arrives_as_given(name: str) -> None:
    assert arguments(f"FILE={name}", "LOSS=0.02") == [f"FILE={name}", "LOSS=0.02"]


def test_options_may_come_from_the_environment() -> None:
    assert arguments(SEED="7") == ["SEED=7"]
    assert arguments() == []


def test_the_nightly_tests_go_on_to_the_other_cards_unless_something_is_chosen() -> None:
    assert "for card in verilator model;" in make("-n", "test-nightly").stdout
    for chosen in ("K=checksum", "CARD=verilator", "PINS=cocotbext"):
        assert "for card in ;" in make("-n", "test-nightly", chosen).stdout


def test_help_explains_every_command() -> None:
    text = make("help").stdout
    for goal in ("help", "sim", "live", "test", "waves", "lint", "registers", "clean"):
        assert f"make {goal} " in text
    for option in ("FILE", "DIRECTION", "LOSS", "DELAY_US", "SEED", "WAVES", "OUT", "SCENARIO", "CARD", "K", "JOBS"):
        assert f" {option}=" in text
