"""Runs one workload once, in a process of its own, and writes what was measured as JSON (argument: a request file)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from models.observation.progress import Progress
from models.runner import run_scenario
from models.settings import RunRequest


def main(path: str) -> None:
    request = RunRequest.load(Path(path))
    progress: Progress | None = None

    def show(done: int, total: int, note: str) -> None:
        nonlocal progress
        progress = progress or Progress(request.name, total)
        progress.update(done, note)

    try:
        measured = run_scenario(request, show).returned
    finally:
        if progress is not None:
            progress.close()
    Path(request.out, "measured.json").write_text(json.dumps(measured))


if __name__ == "__main__":
    main(sys.argv[1])
