"""Says where the time of a run goes: Python's by groups of modules, and the rest, which the HDL simulation takes."""

from __future__ import annotations

import cProfile
import pstats
import time
from typing import Any

GROUPS = (
    ("PCIe model", ("cocotbext/pcie", "models/host/pcie_", "models/rtl/host_")),
    ("wire model", ("cocotbext/eth", "models/rtl/wire_", "models/network/link", "models/network/ethernet_fcs",
                    "models/network/impairment")),
    ("simulator interface", ("/cocotb/", "cocotb.simulator", "cocotbext/axi", "cocotb_bus", "models/kernel/hdl",
                             "models/rtl/")),
    ("kernel", ("models/kernel/",)),
    ("firmware", ("/firmware/",)),
    ("functional model", ("models/card/",)),
    ("host", ("models/host/",)),
    ("peer", ("models/network/",)),
)  # fmt: skip
"""The first group of which a part occurs in a function's path gets its time."""
OTHER = "other Python"
HDL = "HDL"
SHOWN_FUNCTIONS = 25


class Profiler:
    """Measures from start() to stop(); the profiler itself makes Python look slower than it is."""

    def __init__(self) -> None:
        self._profile = cProfile.Profile()
        self._begin_s = 0.0

    def start(self) -> None:
        self._begin_s = time.process_time()
        self._profile.enable()

    def stop(self) -> dict[str, Any]:
        """Seconds of CPU time by group, and the functions that take most, as [seconds, calls, name]."""
        self._profile.disable()
        total_s = time.process_time() - self._begin_s
        groups = {name: 0.0 for name, _ in GROUPS} | {OTHER: 0.0}
        functions = []
        # for each function: primitive calls, calls, own time, cumulated time, callers
        for function, (_, calls, own_s, _, callers) in pstats.Stats(self._profile).stats.items():
            functions.append([round(own_s, 4), calls, _name(function)])
            group = _group(function)
            if group is not None:
                groups[group] += own_s
                continue
            for caller, values in callers.items():  # a builtin works for whoever calls it
                groups[_group(caller) or OTHER] += values[2]
        functions.sort(reverse=True)
        groups[HDL] = max(0.0, total_s - sum(groups.values()))
        return {
            "seconds": {name: round(seconds, 4) for name, seconds in groups.items() if seconds >= 0.0001},
            "functions": functions[:SHOWN_FUNCTIONS],
        }


def _group(function: tuple[str, int, str]) -> str | None:
    """The group of a function; None for one that is part of Python itself."""
    path = function[0] if function[0] != "~" else function[2]
    path = path.replace("\\", "/")
    for name, parts in GROUPS:
        if any(part in path for part in parts):
            return name
    return None if function[0] == "~" else OTHER


def _name(function: tuple[str, int, str]) -> str:
    path, line, name = function
    return name if path == "~" else f"{'/'.join(path.split('/')[-2:])}:{line} {name}"
