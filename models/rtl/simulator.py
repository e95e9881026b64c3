"""Builds the card's RTL with Icarus or Verilator, once for each set of parameters, and runs it under cocotb."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from pathlib import Path

from cocotb_tools.runner import get_runner

from models.rtl import verilator

ROOT = Path(__file__).resolve().parents[2]
FILE_LIST = ROOT / "hdl" / "card.f"
INCLUDES = [ROOT / "hdl" / "registers" / "generated", ROOT / "hdl" / "ethernet"]
TOP = "toe_sim"
CLOCK_PARAMETERS = ("GMII_RX_PERIOD_FS", "GMII_RX_PHASE_PS")
"""Parameters that are also given as plusargs: under Verilator they need no other build (hdl/sim/verilator_main.cpp)."""


class SimulatorError(Exception):
    """The RTL could not be built or the simulator ended without a result; names the log to read."""


def sources() -> list[Path]:
    """The card's RTL as listed in hdl/card.f, and what only the simulation needs."""
    listed = [line.split("//")[0].strip() for line in FILE_LIST.read_text().splitlines()]
    return [ROOT / line for line in listed if line] + sorted((ROOT / "hdl" / "sim").glob("*.v"))


def build(simulator: str, parameters: Mapping[str, int], waves: bool = False) -> Path:
    """Compile the card for "icarus" or "verilator" unless that was done before; returns the folder of the build.

    Two processes that want the same build wait for each other. Raises SimulatorError.
    """
    if simulator == "verilator":
        parameters = {name: value for name, value in parameters.items() if name not in CLOCK_PARAMETERS}
    digest = hashlib.sha256(repr(sorted(parameters.items())).encode())
    for path in [*sources(), *(path for folder in INCLUDES for path in sorted(folder.glob("*.vh")))]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    if simulator == "verilator":
        digest.update(f"{waves} {verilator.key()}".encode())
    folder = ROOT / "out" / "build" / f"{simulator}-{digest.hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "build.log"
    with _locked(folder / "lock"):
        if not (folder / "done").exists():
            try:
                if simulator == "verilator":
                    verilator.build(folder, sources(), INCLUDES, TOP, parameters, waves, log)
                else:
                    _build_icarus(folder, parameters, log)
            except verilator.ToolMissing as error:
                raise SimulatorError(str(error)) from error
            except (SystemExit, Exception) as error:
                raise SimulatorError(f"the RTL does not compile: see {_shown(log)}") from error
            (folder / "done").touch()
    return folder


def _build_icarus(folder: Path, parameters: Mapping[str, int], log: Path) -> None:
    with _quiet(), _environment({}):
        get_runner("icarus").build(
            sources=sources(),
            includes=INCLUDES,
            hdl_toplevel=TOP,
            parameters=dict(parameters),
            build_args=["-g2005", "-Wall", "-Wno-timescale"],
            build_dir=folder,
            always=True,
            log_file=log,
        )


def run(
    simulator: str,
    folder: Path,
    module: str,
    test_dir: Path,
    environment: Mapping[str, str],
    plusargs: list[str],
    waves: bool,
) -> None:
    """Run the cocotb tests of `module` on the build in `folder`; raises SimulatorError when one did not pass.

    The simulator's output goes to simulator.log in `test_dir`.
    """
    log = test_dir / "simulator.log"
    results = test_dir / "results.xml"
    results.unlink(missing_ok=True)
    runner = get_runner(simulator)
    try:
        with _quiet(), _environment(environment):
            runner.test(
                test_module=module,
                hdl_toplevel=TOP,
                hdl_toplevel_lang="verilog",
                build_dir=folder,
                test_dir=test_dir,
                results_xml=str(results),
                plusargs=plusargs,
                waves=waves and simulator == "icarus",  # toe_sim itself dumps; only vvp must be told the format
                log_file=log,
            )
    except (SystemExit, Exception) as error:
        raise SimulatorError(f"the simulation failed: see {_shown(log)}{_waiting(log)}") from error
    if not results.exists():
        raise SimulatorError(f"the simulator ended before it began: see {_shown(log)}")
    root = ElementTree.parse(results).getroot()
    if any(True for _ in root.iter("failure")) or any(True for _ in root.iter("error")):
        raise SimulatorError(f"the simulation failed: see {_shown(log)}{_waiting(log)}")
    results.unlink(missing_ok=True)


def _waiting(log: Path) -> str:
    """What the log says of the tasks that were waiting (models/kernel/hdl.py), when the simulation came to a halt."""
    lines = log.read_text(errors="replace").splitlines()
    at = next((index for index, line in enumerate(lines) if line.endswith("the tasks were at:")), None)
    if at is None:
        return ""
    end = next((index for index in range(at + 1, len(lines)) if not lines[index].startswith("  ")), len(lines))
    return "\n" + "\n".join(lines[at:end])


def _shown(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The environment with `values`, and without WAVES, which cocotb's runner would take for its own."""
    saved, path = dict(os.environ), list(sys.path)
    os.environ.update(values)
    os.environ.pop("WAVES", None)
    sys.path.insert(0, str(ROOT))  # handed on to the simulator, which runs in another folder
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)
        sys.path[:] = path


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The runner announces each command and each failure, which the caller reports in its own words."""
    loggers = [logging.getLogger(name) for name in ("Icarus", "Verilator")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
