"""`make scale`: measures with ever more connections; writes scale.json, prints a table, fails if the cost grows."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.scale.measure import Result, measure

MOST_GROWTH = 0.25
"""What a segment may cost more with the most connections than with the fewest."""
_DEFAULTS = {"CONNECTIONS": "1,64,1024,8192", "REQUESTS": "2000", "RUNS": "3", "OUT": "out/scale"}


def main(words: list[str]) -> int:
    options = dict(_DEFAULTS)
    try:
        for word in words:
            name, found, value = word.partition("=")
            if not found or name not in options:
                raise ValueError(f"no option {word!r}; there are {', '.join(options)}")
            options[name] = value
        counts = [int(each) for each in options["CONNECTIONS"].split(",")]
        requests, runs = int(options["REQUESTS"]), int(options["RUNS"])
        if min(*counts, requests, runs, 16000) < 1 or max(counts) > 16000:
            raise ValueError("numbers must be from 1 to 16000")
    except ValueError as wrong:
        print(f"make scale: {wrong}", file=sys.stderr)
        return 2
    out = Path(options["OUT"])
    out.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    for count in counts:
        # the least time is the one that was disturbed least
        results.append(min((measure(count, requests) for _ in range(runs)), key=lambda each: each.wall_us_per_segment))
        (out / "scale.json").write_text(json.dumps([each.row() for each in results], indent=1) + "\n")
    table = Table("connections", "wall us a segment", "cycles a segment", "state, bytes")
    for each in results:
        table.add_row(str(each.connections), f"{each.wall_us_per_segment:.1f}", f"{each.cycles_per_segment:.0f}",
                      str(each.state_bytes))
    Console().print(table)
    grown = [name for name in ("wall_us_per_segment", "cycles_per_segment")
             if getattr(results[-1], name) > (1 + MOST_GROWTH) * getattr(results[0], name)]
    if grown:
        print(f"make scale: {' and '.join(grown)} grew by more than {MOST_GROWTH:.0%}", file=sys.stderr)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
