"""Set-up says in one line what is missing when it may not install it, and does nothing when all is there."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """setup/environment.py, working on an empty folder."""
    spec = importlib.util.spec_from_file_location("setup_environment", ROOT / "setup" / "environment.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "VENV_PYTHON": venv / "bin" / "python",
        "STAMP": venv / ".ready",
    }.items():
        monkeypatch.setattr(module, name, value)
    return module


def test_every_requirement_is_pinned_to_one_version() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    assert packages and all(line.count("==") == 1 for line in packages)


def test_without_root_and_sudo_one_line_says_what_to_install(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "missing_packages", lambda: ["iverilog", "python3.11-venv"])
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(environment.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    assert environment.main() == 1
    error = capsys.readouterr().err
    assert error == (
        "set-up: please install: iverilog python3.11-venv (sudo apt-get install iverilog python3.11-venv)\n"
    )


def test_an_old_python_is_refused_with_the_way_out(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "OLDEST_PYTHON", (99, 0))
    assert environment.main() == 1
    assert "make PYTHON=" in capsys.readouterr().err


def test_nothing_is_done_while_the_stamp_holds_and_all_again_when_a_pin_changes(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1\n")
    installed: list[str] = []

    def create() -> None:
        (tmp_path / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
        if not environment.VENV_PYTHON.exists():
            environment.VENV_PYTHON.symlink_to(sys.executable)

    monkeypatch.setattr(environment, "REQUIREMENTS", requirements)
    monkeypatch.setattr(environment, "missing_packages", list)
    monkeypatch.setattr(environment, "venv_is_usable", lambda: False)
    monkeypatch.setattr(environment, "create_venv", create)
    monkeypatch.setattr(environment, "install_requirements", lambda: installed.append(requirements.read_text()))
    monkeypatch.setattr(environment, "find_shared_library", lambda: str(requirements))
    assert [environment.main(), environment.main()] == [0, 0]
    assert installed == ["one==1\n"]
    requirements.write_text("one==2\n")
    assert environment.main() == 0
    assert installed == ["one==1\n", "one==2\n"]


def test_a_compiler_is_asked_for_only_with_the_card_that_needs_it(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "is_ready", lambda: True)
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(environment.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    assert environment.main() == 0
    assert environment.main(["verilator"]) == 1
    assert "please install: g++ make zlib1g-dev liblz4-dev" in capsys.readouterr().err


@pytest.mark.parametrize(("need", "code"), [("lwip", 1), ("lwip-if-permitted", 0)])
def test_lwip_is_needed_by_its_peer_and_only_welcome_for_the_tests(
    need: str, code: int, environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "is_ready", lambda: True)
    monkeypatch.setattr(environment, "missing_for_lwip", lambda: ["liblwip-dev"])
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(environment.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    assert environment.main([need]) == code
    shown = capsys.readouterr()
    told = shown.err if code else shown.out
    assert "please install: liblwip-dev (sudo apt-get install liblwip-dev)" in told
    assert len((shown.err + shown.out).splitlines()) == 1


@pytest.mark.parametrize(
    ("need", "code", "packages"),
    [
        ("live", 1, "iproute2"),
        ("live-tests-if-permitted", 0, "iproute2 iputils-ping curl netcat-openbsd iperf3"),
    ],
)
def test_live_needs_iproute2_and_its_tests_welcome_programs_to_reach_the_card_with(
    need: str,
    code: int,
    packages: str,
    environment: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(environment, "is_ready", lambda: True)
    monkeypatch.setattr(environment, "is_installed", lambda program: False)
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(environment.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    assert environment.main([need]) == code
    shown = capsys.readouterr()
    assert f"please install: {packages} (sudo apt-get install {packages})" in (shown.err if code else shown.out)
    assert len((shown.err + shown.out).splitlines()) == 1
