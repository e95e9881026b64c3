"""`make sim`: run a scenario on the card and show what came of it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from models.network.live_wire import FolderInUse, live_wire
from models.network.namespace import NamespaceUnavailable
from models.network.peer_names import TAP_PEER
from models.observation.progress import Progress
from models.observation.summary import print_values, write_run
from models.options import OptionError, request_from
from models.rtl.simulator import SimulatorError
from models.runner import RunResult, ScenarioFailed, run_scenario
from models.settings import RunRequest

DIFFERENCES_SHOWN = 20
"""Lines on the terminal; all of them are in replay.txt."""


def main(words: list[str]) -> int:
    """Exit code: 0, 1 when the run failed or the data did not arrive intact, 2 for a bad option."""
    try:
        request = request_from(words)
    except OptionError as error:
        print(f"make sim: {error}", file=sys.stderr)
        return 2
    begin = time.perf_counter()
    try:
        result = _run_live(request) if request.settings.peer == TAP_PEER else _run(request)
    except (NamespaceUnavailable, FolderInUse) as error:
        print(f"make sim: {error}", file=sys.stderr)
        return 1
    except ScenarioFailed as failure:
        print(failure.detail, file=sys.stderr)
        print(f"make sim: {failure} (what was recorded is in {request.out})", file=sys.stderr)
        return 1
    except SimulatorError as error:
        print(f"make sim: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"make sim: interrupted (what was recorded is in {request.out})", file=sys.stderr)
        return 130
    wall_seconds = time.perf_counter() - begin
    write_run(result.out / "run.json", wall_seconds)
    intact = result.summary["sha256_sent"] == result.summary["sha256_received"]
    print_values(result.summary)
    _print_what_is_where(request, wall_seconds)
    if not intact:
        print("make sim: what arrived is not what was sent", file=sys.stderr)
    as_recorded = _print_differences(result.out / "replay.txt")
    return 0 if intact and as_recorded else 1


def _print_differences(path: Path) -> bool:
    """A line for each of the first differences between a replay and its recording; True when there are none."""
    differences = path.read_text().splitlines() if path.exists() else []
    for line in differences[:DIFFERENCES_SHOWN]:
        print(line, file=sys.stderr)
    if differences:
        more = f"; all of them are in {path}" if len(differences) > DIFFERENCES_SHOWN else ""
        print(f"make sim: {len(differences)} differences from the recording{more}", file=sys.stderr)
    return not differences


def _run(request: RunRequest) -> RunResult:
    progress: Progress | None = None

    def show(done: int, total: int, note: str) -> None:
        nonlocal progress
        if not total:
            print(note, flush=True)
            return
        progress = progress or Progress(request.name.replace("_", " "), total)
        progress.update(done, note)

    try:
        return run_scenario(request, show)
    finally:
        if progress is not None:
            progress.close()


def _run_live(request: RunRequest) -> RunResult:
    """This machine is the peer. Raises NamespaceUnavailable, FolderInUse."""
    from models.live import MACHINE_ADDRESSES, PEER_MAC

    with live_wire(request, PEER_MAC, MACHINE_ADDRESSES) as (request, name):
        print(f"the wire ends in the network namespace {name}: ip netns exec {name} ...", flush=True)
        return _run(request)


_FILES = (
    ("summary.json", "these values"),
    ("wire.pcapng", "every frame, before and after the link (Wireshark)"),
    ("waves.fst", "every signal (make waves)"),
    ("timeline.json", "host, firmware, DMA, bus and wire on one time axis (ui.perfetto.dev)"),
    ("replay.txt", "what was not as recorded, a line each"),
    ("bus_grants.txt", "the bus arbiter's grants, a line a burst"),
)


def _print_what_is_where(request: RunRequest, wall_seconds: float) -> None:
    out = Path(request.out)
    for name, meaning in _FILES:
        if (out / name).exists():
            print(f"  {out / name}: {meaning}")
    print(f"took {wall_seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
