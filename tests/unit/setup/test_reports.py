"""The reports of make synth and make coverage add up what the tools say."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.rtl import coverage

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def synthesize() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_synthesize", ROOT / "setup" / "synthesize.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_block_counts_its_parts(synthesize: ModuleType) -> None:
    def cells(*kinds: str) -> dict:
        return {"attributes": {}, "cells": {f"c{n}": {"type": kind} for n, kind in enumerate(kinds)}}

    black_box = {"attributes": {"blackbox": "1"}, "cells": {}}
    design = {
        "top": cells("LUT6", "FDRE", "part", "part"),
        "part": cells("RAMB18E2", "LUT2", "RAM32M16"),
        "LUT6": black_box,
    }
    top = synthesize.block("top", "top", design)
    assert top.use == synthesize.Use(lut=3, lut_ram=16, ff=1, bram=1.0)
    assert [part.module for part in top.parts] == ["part", "part"]


def test_where_a_memory_went_is_read_from_the_log(synthesize: ModuleType) -> None:
    log = (
        "mapping memory $paramod$12ab\\card_memory.mem via $__XILINX_BLOCKRAM_TDP_\n"
        "mapping memory $paramod\\packet_ram\\ADDR_WIDTH=s32'1011.mem via $__XILINX_LUTRAM_SDP_\n"
        "using FF mapping for memory ethernet_crc32.table_rom\n"
    )
    assert synthesize.memories(log) == {
        "card_memory.mem": "block RAM",
        "packet_ram.mem": "LUT RAM",
        "ethernet_crc32.table_rom": "flip-flops",
    }


def test_lines_of_all_data_files_count_together(tmp_path: Path) -> None:
    def point(line: int, covered: str, count: int) -> str:
        fields = {"f": "hdl/x.v", "l": line, "n": 5, "page": "v_line/x", "S": covered}
        return "C '" + "".join(f"\x01{name}\x02{value}" for name, value in fields.items()) + f"' {count}\n"

    (tmp_path / "a.dat").write_text("# SystemC::Coverage-3\n" + point(3, "3-5", 0) + point(9, "9", 0))
    (tmp_path / "b.dat").write_text("# SystemC::Coverage-3\n" + point(3, "3-5", 2) + point(9, "9", 0))
    assert coverage.read(sorted(tmp_path.glob("*.dat"))) == {"hdl/x.v": {3: 2, 4: 2, 5: 2, 9: 0}}
