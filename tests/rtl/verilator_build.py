"""Compiles one bench of the card's RTL with Verilator; builds are kept and found again by what they are made from."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from cocotb_tools import config

ROOT = Path(__file__).resolve().parents[2]
BUILDS = ROOT / "out" / "build"
PACKAGE = Path(sysconfig.get_path("purelib")) / "verilator"
MAIN = config.share_dir / "lib" / "verilator" / "verilator.cpp"

_FLAGS = (
    "--cc", "--exe", "--vpi", "--timing", "--language", "1364-2005", "--prefix", "Vtop",
    "--timescale-override", "1ps/1ps", "-Wno-fatal", "-Wno-lint", "-Wno-style", "-DCLOCK_GATES_TRANSPARENT",
    "--x-initial", "0", "--output-split", "20000",
)  # fmt: skip
_COVERAGE_FLAGS = ("--coverage-line",)
_MAKE = (
    "CXX=g++", "LINK=g++", "CFG_CXXFLAGS_PCH_I=-include", "CFG_CXXFLAGS_COROUTINES=-fcoroutines",
    "OPT_SLOW=-O0", "OPT_GLOBAL=-O1", "OPT_FAST=-O0",
)  # fmt: skip
_OF_AN_OUTER_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")


_CLOCK = re.compile(r"^ *always #\(?(\w+)\)? (\w+) = [~!]\2;.*\n", re.MULTILINE)


def clocks(
    toplevel: str, sources: Sequence[Path], parameters: Mapping[str, object]
) -> tuple[Path | None, dict[str, int]]:
    """The file of the bench's harness and the clocks it makes, with their half periods in ps."""
    for source in sources:
        text = source.read_text()
        if source.is_relative_to(ROOT / "tests") and re.search(rf"^module {toplevel}\b", text, re.MULTILINE):
            found = {}
            for half, name in _CLOCK.findall(text):
                if not half.isdigit():
                    default = re.search(rf"parameter\s+{half}\s*=\s*(\d+)", text)
                    half = parameters.get(half) or (default and default[1])
                found[name] = int(half)
            return source, found
    return None, {}


def unlike_defaults(toplevel: str, sources: Sequence[Path], parameters: Mapping[str, object]) -> dict[str, object]:
    """The parameters without those that say what the top's source says already: one build serves both."""
    for source in sources:
        if head := re.search(rf"^module {toplevel}\b.*?\);", source.read_text(), re.MULTILINE | re.DOTALL):
            defaults = dict(re.findall(r"\bparameter\s+(\w+)\s*=\s*(\d+)\s*[,)/\n]", head[0]))
            return {name: value for name, value in parameters.items() if defaults.get(name) != str(value)}
    return dict(parameters)


def seen(toplevel: str, sources: Sequence[Path]) -> list[str]:
    """Modules whose signals Python sees: the top, the bench's own, and memories, which benches fill and look into."""
    files = [s for s in sources if s.is_relative_to(ROOT / "tests") or s.is_relative_to(ROOT / "hdl" / "memory")]
    names = [name for file in files for name in re.findall(r"^module (\w+)", file.read_text(), re.MULTILINE)]
    return names if toplevel in names else [toplevel, *names]


def folder_for(
    toplevel: str,
    sources: Sequence[Path],
    includes: Sequence[Path],
    parameters: Mapping[str, object],
    defines: Mapping[str, object],
    coverage: bool,
) -> Path:
    """Where the build of exactly these sources and settings is, or will be."""
    key = hashlib.sha256(repr((toplevel, sorted(parameters.items()), sorted(defines.items()))).encode())
    key.update(repr((_FLAGS, coverage and _COVERAGE_FLAGS, _MAKE)).encode())
    key.update(repr((_CLOCK.pattern, seen(toplevel, sources), MAIN.read_bytes())).encode())
    for source in [*sources, *(header for folder in includes for header in sorted(folder.glob("*.vh")))]:
        key.update(source.name.encode() + source.read_bytes())
    return BUILDS / f"verilator-{toplevel}-{key.hexdigest()[:16]}"


def build(
    folder: Path,
    toplevel: str,
    sources: Sequence[Path],
    includes: Sequence[Path],
    parameters: Mapping[str, object],
    defines: Mapping[str, object],
    coverage: bool,
) -> None:
    """Leave the program `toplevel` in `folder` unless it is there; raises CalledProcessError, what went wrong is in
    build.log. Of most modules Python sees nothing, so that they are free to be optimized.
    """
    if (folder / "done").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    visible = seen(toplevel, sources)
    # cocotb makes the clocks in place of the harness (clocks_of_bench.py)
    harness, _ = clocks(toplevel, sources, parameters)
    if harness:
        unclocked = folder / harness.name
        unclocked.write_text(_CLOCK.sub("\n", harness.read_text()))
        sources = [unclocked if source == harness else source for source in sources]
    control = folder / "visible.vlt"
    control.write_text("`verilator_config\n" + "".join(f'public_flat_rw -module "{m}" -var "*"\n' for m in visible))
    verilate = [str(PACKAGE / "bin" / "verilator_bin"), *_FLAGS, *(_COVERAGE_FLAGS if coverage else ())]
    verilate += ["--top-module", toplevel, "--Mdir", str(folder), "-o", toplevel]
    verilate += [f"-G{name}={value}" for name, value in parameters.items()]
    verilate += [f"-D{name}={value}" for name, value in defines.items()]
    verilate += [f"-I{include.relative_to(ROOT)}" for include in includes]
    verilate += ["-LDFLAGS", f"-Wl,-rpath,{config.libs_dir} -L{config.libs_dir} -lcocotbvpi_verilator"]
    # coverage names files as they are given: relative ones are the same on any machine
    verilate += [str(MAIN), str(control), *(str(source.relative_to(ROOT)) for source in sources)]
    environment = {name: value for name, value in os.environ.items() if name not in _OF_AN_OUTER_MAKE}
    environment["VERILATOR_ROOT"] = str(PACKAGE)
    make = ["make", "-j2", "-C", str(folder), "-f", "Vtop.mk", f"PYTHON3={sys.executable}", *_MAKE]
    with (folder / "build.log").open("w") as log:

        def run(command: list[str]) -> None:
            log.write(" ".join(command) + "\n")
            log.flush()
            subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=environment, check=True)

        run(verilate)
        # What is the same in every build (Verilator's own library) is compiled once.
        key = hashlib.sha256(repr((_FLAGS, coverage, _MAKE)).encode()).hexdigest()[:16]
        library = BUILDS / f"verilator-library-{key}"
        for kept in library.glob("verilated*.o") if library.is_dir() else ():
            shutil.copy(kept, folder / kept.name)
        run(make)
        if not library.is_dir():
            fresh = library.with_suffix(f".{os.getpid()}")
            fresh.mkdir(parents=True)
            for made in folder.glob("verilated*.o"):
                shutil.copy(made, fresh / made.name)
            try:
                fresh.rename(library)
            except OSError:
                shutil.rmtree(fresh)  # another build was first
    for rest in (*folder.glob("*.o"), *folder.glob("*.a"), *folder.glob("*.gch")):
        rest.unlink()
    (folder / "done").touch()
