"""Builds and runs one cocotb bench of the card's RTL under Icarus."""

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

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_SEED = 1
CLOCK_GATE = "hdl/lib/clock_gate.v"
"""In nearly every block."""


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
    """Build `toplevel` from `sources`, run the cocotb tests of `module`, fail if one failed; returns the build folder.

    Paths are relative to the project's root. `module` is the name of a file below tests/rtl (without .py).
    The seed is, in this order, the argument, the environment's `SEED`, or 1; it is printed. With `waves` or WAVES=1
    in the environment the waveform and its save file are kept in out/test/<name of the test>.
    """
    waves = waves or os.environ.get("WAVES", "0") != "0"
    parameters = dict(parameters or {})
    sources = [*dict.fromkeys([CLOCK_GATE, *map(str, sources)])]
    seed = int(os.environ.get("SEED", DEFAULT_SEED)) if seed is None else seed
    bench = next((ROOT / "tests" / "rtl").rglob(f"{module}.py"))
    key = repr(
        (toplevel, module, sorted(parameters.items()), sorted((defines or {}).items()), testcase, seed, plusargs, waves)
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
        runner = get_runner("icarus")
        os.environ.pop("WAVES", None)  # cocotb's runner would take it for its own; the argument says it
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
        results = runner.test(
            test_module=[module, "wave_view_of_bench"] if waves else module,
            hdl_toplevel=toplevel,
            build_dir=build,
            test_dir=build,
            seed=seed,
            testcase=testcase,
            plusargs=[*plusargs, *([f"+waves={kept / 'waves.fst'}"] if waves else [])],
            extra_env={**(environment or {}), **({"WAVE_VIEW": str(kept)} if waves else {})},
            results_xml=str(build / "results.xml"),
            waves=waves,
            timescale=("1ps", "1ps"),
        )
        total, failed = get_results(Path(results))
    where = f"; waveform in {kept.relative_to(ROOT)}" if waves else "; WAVES=1 keeps the waveform"
    assert total > 0 and failed == 0, f"bench {module}: {failed} of {total} tests failed (seed {seed}{where})"
    return build
