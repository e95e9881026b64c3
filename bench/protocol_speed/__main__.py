"""`make protocol-speed`: times the workloads; writes protocol_speed.json and prints a line for each."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

from bench.protocol_speed.workloads import WORKLOADS, run
from bench.speed.profile import Profiler

_DEFAULTS = {
    "WORKLOADS": ",".join(WORKLOADS),
    "SEGMENTS": "20000",
    "RUNS": "3",
    "PROFILE": "0",
    "OUT": "out/protocol_speed",
}


class OptionError(ValueError):
    """A word that cannot be taken; the text is one line."""


def main(words: list[str]) -> int:
    try:
        options = _options(words)
        workloads = options["WORKLOADS"].replace(",", " ").split()
        if not workloads or not set(workloads) <= set(WORKLOADS):
            raise OptionError(f"WORKLOADS={options['WORKLOADS']}: must be some of {', '.join(WORKLOADS)}")
        segments, runs = (_whole(name, options[name]) for name in ("SEGMENTS", "RUNS"))
        if options["PROFILE"] not in ("0", "1"):
            raise OptionError(f"PROFILE={options['PROFILE']}: must be 0 or 1")
    except OptionError as error:
        print(f"make protocol-speed: {error}", file=sys.stderr)
        return 2
    out = Path(options["OUT"])
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for workload in workloads:
        measured = [run(workload, segments) for _ in range(runs)]
        median_s = statistics.median_low(each.cpu_s for each in measured)
        row = next(each for each in measured if each.cpu_s == median_s).row() | {"runs": runs}
        print(f"{workload}: {row['segments_per_s']:,} segments a second of CPU time "
              f"({row['segments']:,} in {row['cpu_s']:.2f} s, {row['data_segments']:,} of them with data)")
        if options["PROFILE"] == "1":
            profiler = Profiler()
            profiler.start()
            run(workload, segments)
            row["profile"] = profiler.stop()
            for spent, calls, name in row["profile"]["functions"]:
                print(f"  {spent:8.3f} s {calls:9,} calls  {name}")
        rows.append(row)
        (out / "protocol_speed.json").write_text(json.dumps(rows, indent=1) + "\n")
    print(f"  {out / 'protocol_speed.json'}: these values")
    return 0


def _options(words: list[str]) -> dict[str, str]:
    options = dict(_DEFAULTS)
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in options:
            raise OptionError(f"unknown option {word!r}; the options are {', '.join(f'{each}=' for each in options)}")
        options[name] = value or _DEFAULTS[name]
    return options


def _whole(name: str, text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise OptionError(f"{name}={text}: must be a whole number from 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
