"""Builds and runs one cocotb bench of the card's RTL under Icarus, or under Verilator with CARD=verilator."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner

from tests.rtl import verilator_build

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_SEED = 1
CLOCK_GATE = "hdl/lib/clock_gate.v"
"""In nearly every block."""
MONITOR = "MONITOR "
"""In each line that a protocol monitor (hdl/sim) prints."""
BREACHES_SHOWN = 20


def run_bench(
    toplevel: str,
    sources: Sequence[str | Path],
    module: str,
    parameters: Mapping[str, object] | None = None,
    includes: Sequence[str | Path] = ("hdl/registers/generated",),
    seed: int | None = None,
    defines: Mapping[str, object] | None = None,
    plusargs: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    testcase: str | None = None,
    waves: bool = False,
) -> Path:
    """Build `toplevel` from `sources`, run the cocotb tests of `module`; returns the build folder.

    Fails if one of them failed, or if a protocol monitor has reported a breach, whether or not the bench looks at it.

    Paths are relative to the project's root. `module` is the name of a file below tests/rtl (without .py).
    The seed is, in this order, the argument, the environment's `SEED`, or 1; it is printed. With `waves` or WAVES=1
    in the environment the waveform and its save file are kept in out/test/<name of the test>. With
    RTL_COVERAGE=<folder> in the environment Verilator's line coverage is left there.
    """
    simulator = "verilator" if os.environ.get("CARD") == "verilator" and not waves else "icarus"
    coverage = os.environ.get("RTL_COVERAGE", "") if simulator == "verilator" else ""
    waves = waves or os.environ.get("WAVES", "0") != "0"
    parameters = dict(parameters or {})
    sources = [*dict.fromkeys([CLOCK_GATE, *map(str, sources)])]
    seed = int(os.environ.get("SEED", DEFAULT_SEED)) if seed is None else seed
    bench = next((ROOT / "tests" / "rtl").rglob(f"{module}.py"))
    key = repr(
        (toplevel, module, sorted(parameters.items()), sorted((defines or {}).items()), testcase, seed, plusargs, waves)
        + (simulator,)
    )
    build = ROOT / "out" / "build" / f"{toplevel}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    for folder in (str(ROOT), str(bench.parent), str(ROOT / "tests" / "rtl")):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    test = os.environ.get("PYTEST_CURRENT_TEST", module).split("::")[-1].split(" ")[0]
    kept = ROOT / "out" / "test" / re.sub(r"[^\w.-]+", "_", test)
    if waves:
        kept.mkdir(parents=True, exist_ok=True)
    print(f"bench {module}: top {toplevel}, parameters {parameters}, seed {seed}")

    build.mkdir(parents=True, exist_ok=True)
    with open(build.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second run of the same bench would overwrite this one's files
        os.environ.pop("WAVES", None)  # cocotb's runner would take it for its own; the argument says it
        runner = get_runner(simulator)
        modules = [module, "wave_view_of_bench"] if waves else [module]
        environment = dict(environment or {})
        if simulator == "verilator":
            _, clocks = verilator_build.clocks(toplevel, [ROOT / source for source in sources], parameters)
            if clocks:
                modules.insert(0, "clocks_of_bench")
                environment["BENCH_CLOCKS"] = " ".join(f"{name}:{half}" for name, half in clocks.items())
            compiled = _compile_with_verilator(toplevel, sources, includes, parameters, defines or {}, bool(coverage))
        else:
            compiled = build
            runner.build(
                sources=[ROOT / source for source in sources] + ([ROOT / "tests/rtl/bench_waves.v"] if waves else []),
                includes=[ROOT / include for include in includes],
                defines={**(defines or {}), **({"BENCH_TOP": toplevel} if waves else {})},
                parameters=parameters,
                hdl_toplevel=toplevel,
                build_dir=build,
                build_args=["-g2005", "-Wall", "-Wno-timescale", *(["-s", "bench_waves"] if waves else [])],
                timescale=("1ps", "1ps"),
                always=True,
            )
        log = build / "simulator.log"
        log.unlink(missing_ok=True)
        try:
            results = runner.test(
                test_module=modules,
                hdl_toplevel=toplevel,
                hdl_toplevel_lang="verilog",
                build_dir=compiled,
                test_dir=build,
                seed=seed,
                testcase=testcase,
                plusargs=[*plusargs, *([f"+waves={kept / 'waves.fst'}"] if waves else [])],
                extra_env={**environment, **({"WAVE_VIEW": str(kept)} if waves else {})},
                results_xml=str(build / "results.xml"),
                waves=waves,
                timescale=("1ps", "1ps"),
                log_file=log,
            )
        finally:
            output = log.read_text(errors="replace") if log.exists() else ""
            print(output)
        total, failed = get_results(Path(results))
        if coverage and (build / "coverage.dat").exists():
            Path(coverage).mkdir(parents=True, exist_ok=True)
            (build / "coverage.dat").replace(Path(coverage) / f"{build.name}.dat")
    where = f"; waveform in {kept.relative_to(ROOT)}" if waves else "; WAVES=1 keeps the waveform"
    assert total > 0 and failed == 0, f"bench {module}: {failed} of {total} tests failed (seed {seed}{where})"
    breaches = [line for line in output.splitlines() if MONITOR in line]
    assert not breaches, "\n".join(
        [f"bench {module}: {len(breaches)} breaches of a protocol (seed {seed}{where})", *breaches[:BREACHES_SHOWN]]
    )
    return build


def _compile_with_verilator(
    toplevel: str,
    sources: Sequence[str],
    includes: Sequence[str | Path],
    parameters: Mapping[str, object],
    defines: Mapping[str, object],
    coverage: bool,
) -> Path:
    """The folder with the program; it is built only once for the same sources and parameters."""
    defines = {name: value for name, value in defines.items() if name != "CLOCK_GATES_TRANSPARENT"}  # always so here
    parameters = verilator_build.unlike_defaults(toplevel, [ROOT / source for source in sources], parameters)
    files, folders = [ROOT / source for source in sources], [ROOT / include for include in includes]
    folder = verilator_build.folder_for(toplevel, files, folders, parameters, defines, coverage)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        verilator_build.build(folder, toplevel, files, folders, parameters, defines, coverage)
    return folder
