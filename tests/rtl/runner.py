"""Builds and runs one cocotb bench of the card's RTL under Icarus."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_SEED = 1


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
    The seed is, in this order, the argument, the environment's `SEED`, or 1; it is printed.
    """
    parameters = dict(parameters or {})
    seed = int(os.environ.get("SEED", DEFAULT_SEED)) if seed is None else seed
    bench = next((ROOT / "tests" / "rtl").rglob(f"{module}.py"))
    key = repr(
        (toplevel, module, sorted(parameters.items()), sorted((defines or {}).items()), testcase, seed, plusargs)
    )
    build = ROOT / "out" / "build" / f"{toplevel}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    for folder in (str(ROOT), str(bench.parent)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    print(f"bench {module}: top {toplevel}, parameters {parameters}, seed {seed}")

    build.mkdir(parents=True, exist_ok=True)
    with open(build.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second run of the same bench would overwrite this one's files
        runner = get_runner("icarus")
        runner.build(
            sources=[ROOT / source for source in sources],
            includes=[ROOT / include for include in includes],
            defines=dict(defines or {}),
            parameters=parameters,
            hdl_toplevel=toplevel,
            build_dir=build,
            build_args=["-g2005", "-Wall", "-Wno-timescale"],
            timescale=("1ps", "1ps"),
            always=True,
            waves=waves,
        )
        results = runner.test(
            test_module=module,
            hdl_toplevel=toplevel,
            build_dir=build,
            test_dir=build,
            seed=seed,
            testcase=testcase,
            plusargs=list(plusargs),
            extra_env=dict(environment or {}),
            results_xml=str(build / "results.xml"),
            waves=waves,
            timescale=("1ps", "1ps"),
        )
        total, failed = get_results(Path(results))
    assert total > 0 and failed == 0, f"bench {module}: {failed} of {total} tests failed (seed {seed})"
    return build
