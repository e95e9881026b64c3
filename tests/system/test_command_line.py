"""What a user mistypes at `make sim` is answered with one line and exit code 2, before anything is built or run."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models import simulate
from models.options import request_from
from tests.system.on_card import ROOT


@pytest.mark.parametrize(
    ("words", "tells"),
    [
        (["FILE=no/such/file"], "FILE=no/such/file: no such file"),
        (["FILE=docs"], "FILE=docs: not a regular file"),
        (["FILE=/dev/null"], "FILE=/dev/null: not a regular file"),
        (["DIRECTION=up"], "DIRECTION=up: must be one of send, receive, echo"),
        (["CARD=paper"], "CARD=paper: must be one of"),
        (["PINS=bent"], "PINS=bent: must be one of"),
        (["LOSS=much"], "LOSS=much: must be a number"),
        (["LOSS=-0.1"], "LOSS=-0.1: must be from 0 to"),
        (["LOSS=1"], "LOSS=1: must be from 0 to"),
        (["LOSS=nan"], "LOSS=nan: must be from 0 to"),
        (["LOSS=0,02"], "LOSS=0,02: must be a number"),
        (["DELAY_US=-1"], "DELAY_US=-1: must be from 0"),
        (["DELAY_US=inf"], "DELAY_US=inf: must be from 0"),
        (["SEED=lucky"], "SEED=lucky: must be a whole number"),
        (["SEED=1.5"], "SEED=1.5: must be a whole number"),
        (["SEED=-1"], "SEED=-1: must be from 0"),
        (["WAVES=yes"], "WAVES=yes: must be 0, 1 or from:to"),
        (["WAVES=250us:100us"], "WAVES=250us:100us: must be 0, 1 or from:to"),
        (["WAVES=1:2:3"], "WAVES=1:2:3: must be 0, 1 or from:to"),
        (["SCENARIO=nothing"], "SCENARIO=nothing: neither one of"),
        (["SCENARIO=missing.py"], "SCENARIO=missing.py: neither one of"),
        (["OUT=Makefile"], "OUT=Makefile: exists and is not a folder"),
        (["OUT=Makefile/below"], "OUT=Makefile/below: "),
        (["FIEL=x"], "unknown option 'FIEL=x'; the options are FILE=, DIRECTION="),
        (["file"], "unknown option 'file'"),
        (["--help"], "unknown option '--help'"),
        (["FILE=a\nb"], "FILE=a"),
        (["FILE=" + "x" * 5000], "FILE=x"),
        (["FILE=a\0b"], "FILE=a"),
        (["OUT=" + "x" * 5000], "OUT=x"),
        (["OUT=a\0b"], "OUT=a"),
        (["SCENARIO=" + "x" * 5000 + ".py"], "SCENARIO=x"),
        (["SEED=" + "9" * 5000], "SEED=9"),
        (["x" * 5000], "unknown option 'x"),
    ],
    ids=lambda value: value[0][:24].encode("unicode_escape").decode() if isinstance(value, list) else "",
)
def test_a_bad_option_gives_one_line_and_exit_code_2(
    words: list[str], tells: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert simulate.main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"make sim: {tells}")
    assert len(shown.err.splitlines()) == 1 and len(shown.err) < 300


def test_a_file_that_may_not_be_read_gives_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    file = tmp_path / "secret"
    file.write_bytes(b"x")
    monkeypatch.setattr(Path, "open", refuse)  # the user who runs the tests may be allowed everything
    assert simulate.main([f"FILE={file}"]) == 2
    assert capsys.readouterr().err == f"make sim: FILE={file}: Permission denied\n"


def test_nothing_else_is_printed_by_the_program_itself() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "models.simulate", "DIRECTION=sideways"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == "make sim: DIRECTION=sideways: must be one of send, receive, echo\n"


def test_options_that_are_empty_mean_the_default(tmp_path: Path) -> None:
    out = f"OUT={tmp_path}"
    given = request_from(["FILE=", "DIRECTION=", "LOSS=", "DELAY_US=", "SEED=", "WAVES=", "SCENARIO=", "CARD=", out])
    assert given == request_from([out])


def test_the_options_reach_the_run(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_bytes(b"x")
    words = [f"FILE={file}", "DIRECTION=echo", "LOSS=0.25", "DELAY_US=2.5", "SEED=0x10", "WAVES=100us:0.25ms"]
    request = request_from([*words, f"OUT={tmp_path / 'new' / 'folder'}"])
    assert request.options == {"file": str(file), "direction": "echo"}
    assert (request.settings.loss, request.settings.delay_us, request.settings.seed) == (0.25, 2.5, 16)
    assert request.waves == f"{100 * 10**6}:{250 * 10**6}"
    assert (tmp_path / "new" / "folder").is_dir()


def test_a_scenario_that_fails_is_told_with_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "mine.py"
    scenario.write_text("async def scenario(bench):\n    raise ValueError('not today')\n")
    assert simulate.main([f"SCENARIO={scenario}", "CARD=model", f"OUT={tmp_path / 'out'}"]) == 1
    assert "make sim: ValueError: not today" in capsys.readouterr().err.splitlines()[-1]
