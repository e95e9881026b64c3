"""The record of bus grants: reading, counting, fairness, drawing."""

import json
from pathlib import Path

import pytest

from models.observation.bus_log import (
    BusLogError,
    Grant,
    beats_per_master,
    draw,
    longest_run_while_other_waits,
    parse_grant,
    read_bus_log,
)
from models.observation.timeline import Timeline

LOG = "100 200 300 0 R 0000000000001000 64\n\n150 300 500 2 W 8000000000000200 12\n"


def burst(request: int, grant: int, master: int) -> Grant:
    return Grant(request, grant, grant + 1, master, False, 0, 1)


def test_reading_gives_times_master_direction_address_and_beats(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    first, second = read_bus_log(tmp_path / "log")
    assert first == Grant(100, 200, 300, 0, False, 0x1000, 64)
    assert second == Grant(150, 300, 500, 2, True, 0x8000000000000200, 12)
    assert (first.wait_ps, second.wait_ps) == (100, 150)


@pytest.mark.parametrize(
    "line",
    ["100 200 300 0 R 1000", "100 200 300 0 X 1000 4", "100 200 300 0 R zz 4", "x 2 3 0 R 0 1", "300 200 400 0 R 0 1"],
)
def test_a_line_that_is_no_grant_is_an_error_with_its_number(tmp_path: Path, line: str) -> None:
    with pytest.raises(BusLogError):
        parse_grant(line)
    (tmp_path / "log").write_text(LOG + line + "\n")
    with pytest.raises(BusLogError, match="log:4: "):
        list(read_bus_log(tmp_path / "log"))


def test_beats_are_counted_for_every_master(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    beats = beats_per_master(read_bus_log(tmp_path / "log"))
    assert beats == {"Ethernet data": 64, "Ethernet descriptors": 0, "DMA controller": 12, "firmware": 0}


def test_alternation_is_a_run_of_one() -> None:
    grants = [burst(0, 10, 0), burst(0, 20, 2), burst(11, 30, 0), burst(21, 40, 2)]
    assert longest_run_while_other_waits(grants, 0, 2) == 1
    assert longest_run_while_other_waits(grants, 2, 0) == 1


def test_a_master_that_is_served_twice_while_the_other_waits_is_seen() -> None:
    grants = [burst(0, 10, 0), burst(11, 20, 0), burst(0, 30, 2), burst(25, 40, 0)]
    assert longest_run_while_other_waits(grants, 0, 2) == 2


def test_a_master_alone_on_the_bus_is_no_unfairness() -> None:
    grants = [burst(0, 10, 0), burst(11, 20, 0), burst(21, 30, 0), burst(35, 40, 2)]
    assert longest_run_while_other_waits(grants, 0, 2) == 0


def test_bursts_and_waiting_are_drawn_under_the_masters_name(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    with Timeline(tmp_path / "t") as timeline:
        draw(read_bus_log(tmp_path / "log"), timeline)
    events = json.loads((tmp_path / "t").read_text())["traceEvents"]
    rows = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    drawn = {(rows[e["tid"]], e["name"]) for e in events if e["ph"] == "X"}
    assert drawn == {
        ("Ethernet data", "read 64 beats"),
        ("Ethernet data: waiting", "waiting"),
        ("DMA controller", "write 12 beats"),
        ("DMA controller: waiting", "waiting"),
    }
