"""Runs a scenario on a card: in a simulator process for RTL, in this process for the functional model."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from models.settings import BenchSettings, RunRequest

REQUEST_FILE = "request.json"
RESULT_FILE = "result.json"
REQUEST_VARIABLE = "TOE_REQUEST"
"""Environment variable that tells the simulator process where the request is."""

RTL_CARDS = ("icarus", "verilator")
"""Cards that a simulator process runs."""

OnProgress = Callable[[int, int, str], None]
"""Bytes done, bytes in all, and a note; 0 of 0: what the scenario says (`Bench.say`)."""

_LEFT_BY_A_RUN = (
    RESULT_FILE,
    "waves.fst",
    "waves.gtkw",
    "wire.pcapng",
    "timeline.json",
    "summary.json",
    "bus_grants.txt",
    "simulator.log",
    "replay.txt",
    "run.json",
    "inputs.pcapng",
    "received*",
)
"""Patterns of what an earlier run left in the same folder: none of it may pass for this run's."""


class ScenarioFailed(Exception):
    """The scenario raised; `detail` is the traceback from where it ran."""

    def __init__(self, text: str, detail: str) -> None:
        super().__init__(text)
        self.detail = detail


@dataclass(frozen=True)
class RunResult:
    """What a run left: what the scenario returned, the summary, and the folder with everything else."""

    returned: Any
    summary: dict[str, Any]
    out: Path


def scenario_of(module: str, function: str) -> Callable[..., Any]:
    """The scenario `function` of an importable module or a Python file; a test function carries it as `.scenario`."""
    loaded = getattr(_load(module), function)
    return getattr(loaded, "scenario", loaded)


def _load(module: str) -> ModuleType:
    if not module.endswith(".py"):
        return importlib.import_module(module)
    spec = importlib.util.spec_from_file_location(Path(module).stem, module)
    if spec is None or spec.loader is None:
        raise ImportError(f"{module} is not a Python file")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def run_scenario(request: RunRequest, on_progress: OnProgress | None = None) -> RunResult:
    """Run it to its end; `on_progress(done bytes, total bytes, note)` is called from another thread meanwhile.

    Raises ScenarioFailed when the scenario raised and SimulatorError when the simulator did not work.
    """
    out = Path(request.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    for pattern in _LEFT_BY_A_RUN:
        for path in out.glob(pattern):
            path.unlink()
    if request.settings.card in RTL_CARDS:
        _run_rtl(request, out, on_progress)
    else:
        from models.bench import run_on_model

        with _Progress(out / "progress", on_progress):
            run_on_model(request, out)
    return _collect(out)


def _collect(out: Path) -> RunResult:
    path = out / RESULT_FILE
    if not path.exists():
        log = (out / "simulator.log").read_text()
        raise ScenarioFailed("the simulation ended before the scenario did", log[-4000:])
    result = json.loads(path.read_text())
    path.unlink()
    if "error" in result:
        raise ScenarioFailed(result["error"], result["detail"])
    return RunResult(result["returned"], json.loads((out / "summary.json").read_text()), out)


def rtl_parameters(settings: BenchSettings) -> dict[str, int]:
    """Parameters of hdl/sim/toe_sim.v."""
    return {
        "CARD_MEMORY_BYTES": settings.card_memory_bytes,
        "MAX_FRAME_BYTES": settings.max_frame_bytes,
        "QUEUE_SETS": settings.queue_sets,
        "GMII_RX_PERIOD_FS": 8_000_000 - 8 * settings.gmii_rx_ppm,
        "GMII_RX_PHASE_PS": settings.gmii_rx_phase_ps,
        "TRANSACTORS": int(settings.pins == "transactor"),
        "PCIE_PAYLOAD_BYTES": settings.max_payload_bytes,
        "PCIE_PUSH_BEATS": max(80, settings.max_payload_bytes // 8 + 4),
        "MONITORS": int(settings.monitors),
    }


def _run_rtl(request: RunRequest, out: Path, on_progress: OnProgress | None) -> None:
    from models.rtl import simulator

    settings = request.settings
    parameters = rtl_parameters(settings)
    folder = simulator.build(settings.card, parameters, waves=request.waves != "0")
    plusargs = [f"+grants={out / 'bus_grants.txt'}"] if request.captures and request.timeline else []
    plusargs += [f"+{name}={parameters[name]}" for name in simulator.CLOCK_PARAMETERS]
    plusargs.append(f"+mac_address={bytes.fromhex(settings.mac_address.replace(':', ''))[::-1].hex()}")
    if settings.clocks_never_stop:
        plusargs.append("+clocks_never_stop")
    if settings.clk_cycle_limit:
        plusargs.append(f"+clk_cycle_limit={settings.clk_cycle_limit}")
    if request.waves != "0":
        plusargs = [*plusargs, f"+waves={out / 'waves.fst'}"]
        if request.waves != "1":
            begin, end = request.waves.split(":")
            plusargs += [f"+waves_from={begin}", f"+waves_to={end}"]
    request_path = out / REQUEST_FILE
    request.save(request_path)
    environment = {
        REQUEST_VARIABLE: str(request_path),
        "PYTHONWARNINGS": "ignore::DeprecationWarning",  # of the libraries that drive the pins
        "COCOTB_RANDOM_SEED": str(settings.seed),
        "COCOTB_REWRITE_ASSERTION_FILES": "",  # rewriting every module takes longer than a short scenario
        # Through transactors Python writes nothing that a clock edge of the same moment samples.
        "COCOTB_TRUST_INERTIAL_WRITES": str(int(settings.card == "icarus" and settings.pins == "transactor")),
        "COCOTB_LOG_LEVEL": os.environ.get("COCOTB_LOG_LEVEL", "WARNING"),
    }
    try:
        with _Progress(out / "progress", on_progress):
            simulator.run(
                settings.card, folder, "models.rtl.entry", out, environment, plusargs, waves=request.waves != "0"
            )
    except simulator.SimulatorError:
        if not (out / RESULT_FILE).exists():
            raise
    finally:
        request_path.unlink(missing_ok=True)


class _Progress:
    """A named pipe through which the simulator process tells how far it is."""

    def __init__(self, path: Path, on_progress: OnProgress | None) -> None:
        self._path = path
        self._on_progress = on_progress

    def __enter__(self) -> None:
        if self._on_progress is not None:
            self._path.unlink(missing_ok=True)
            os.mkfifo(self._path)
            # read-write, so that opening does not wait for the other side
            self._descriptor = os.open(self._path, os.O_RDWR)
            self._thread = threading.Thread(target=self._follow, daemon=True)
            self._thread.start()

    def _follow(self) -> None:
        with os.fdopen(self._descriptor, "r", closefd=False) as lines:
            for line in lines:
                if line == "end\n":
                    return
                done, total, note = line.rstrip("\n").split(" ", 2)
                self._on_progress(int(done), int(total), note)

    def __exit__(self, *_: object) -> None:
        if self._on_progress is not None:
            os.write(self._descriptor, b"end\n")
            self._thread.join()
            os.close(self._descriptor)
            self._path.unlink()
