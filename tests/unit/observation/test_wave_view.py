"""The GTKWave save file: groups, ranges as the dump has them, names of states from the RTL."""

from pathlib import Path

from models.observation.wave_view import Group, Signal, write_save_file

VERILOG = """
// localparam STATE_WRONG = 7;
localparam [1:0] STATE_IDLE = 2'd0,   // waits
                 STATE_RUN  = 2'b01;
localparam STATE_LAST = 'h2, WIDTH = 8, STATE_MADE = WIDTH + 1;
"""


def test_signals_stand_in_their_group_with_range_label_and_names(tmp_path: Path) -> None:
    groups = [
        Group("DMA controller", [Signal("top.dma.busy"), Signal("top.dma.state_reg", "state", 2, names={0: "IDLE"})]),
        Group("Bus", [Signal("top.bus.araddr", width=64)], closed=True),
    ]
    assert write_save_file(tmp_path / "waves.gtkw", tmp_path / "waves.fst", groups) == []
    lines = (tmp_path / "waves.gtkw").read_text().splitlines()
    names = tmp_path / "waves.gtkw.names" / "top.dma.state_reg.txt"
    assert f'[dumpfile] "{tmp_path}/waves.fst"' in lines
    begin = lines.index("-DMA controller")
    end = lines.index("-DMA controller", begin + 1)
    assert [line for line in lines[begin + 1 : end] if line[0] not in "@"] == [
        "top.dma.busy",
        f"^1 {names}",
        "+{state} top.dma.state_reg[1:0]",
    ]
    assert "top.bus.araddr[63:0]" in lines[end:]
    assert names.read_text() == "0 IDLE\n"


def test_the_design_is_asked_for_ranges_and_what_it_lacks_is_left_out(tmp_path: Path) -> None:
    design = {"top.a": None, "top.b": (7, 4)}
    groups = [
        Group("There", [Signal("top.a", width=9), Signal("top.b", names={3: "C", 99: "too big"}), Signal("top.c")]),
        Group("Not there", [Signal("top.d")]),
    ]
    missing = write_save_file(tmp_path / "w.gtkw", tmp_path / "w.fst", groups, range_of=design.__getitem__)
    text = (tmp_path / "w.gtkw").read_text()
    assert missing == ["top.c", "top.d"]
    assert "\ntop.a\n" in text and "\ntop.b[7:4]\n" in text
    assert "Not there" not in text
    assert (tmp_path / "w.gtkw.names" / "top.b.txt").read_text() == "3 C\n"


def test_signals_with_the_same_names_share_one_file(tmp_path: Path) -> None:
    names = {0: "IDLE", 1: "RUN"}
    group = Group("Both", [Signal("top.a", width=2, names=names), Signal("top.b", width=2, names=names)])
    write_save_file(tmp_path / "w.gtkw", tmp_path / "w.fst", [group])
    assert [f.name for f in (tmp_path / "w.gtkw.names").iterdir()] == ["top.a.txt"]
    assert (tmp_path / "w.gtkw").read_text().count(f"^1 {tmp_path}/w.gtkw.names/top.a.txt\n") == 2
