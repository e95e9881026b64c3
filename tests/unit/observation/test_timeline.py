"""The timeline file: valid trace-event JSON, exact times, rows without overlaps, the same bytes twice."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.observation.timeline import PROCESSES, Timeline, microseconds


def events(path: Path) -> list[dict]:
    return json.loads(path.read_text(), parse_float=Decimal)["traceEvents"]


def names(path: Path, kind: str) -> list[str]:
    return [e["args"]["name"] for e in events(path) if e["name"] == kind]


@given(st.integers(-(10**18), 10**18))
def test_microseconds_are_exact(time_ps: int) -> None:
    assert Decimal(microseconds(time_ps)) == Decimal(time_ps) / 1_000_000
    json.loads(microseconds(time_ps))


def test_processes_come_in_the_declared_order_and_new_ones_after(tmp_path: Path) -> None:
    with Timeline(tmp_path / "t") as timeline:
        timeline.track("wire", "card to peer")
        timeline.track("peer", "TCP")
    assert names(tmp_path / "t", "process_name") == [*PROCESSES, "peer"]


def test_spans_instants_and_counters_carry_time_name_and_arguments(tmp_path: Path) -> None:
    with Timeline(tmp_path / "t") as timeline:
        track = timeline.track("wire", "card to peer")
        track.span('frame "1"', 1_500_001, 2_500_002, bytes=1514)
        track.instant("drop", 3_000_000, cause="loss")
        track.counter(4_000_000, queued=3)
    span, instant, counter = [e for e in events(tmp_path / "t") if e["ph"] != "M"]
    assert (span["ph"], span["ts"], span["dur"]) == ("X", Decimal("1.500001"), Decimal("1.000001"))
    assert (span["name"], span["args"]) == ('frame "1"', {"bytes": 1514})
    assert (instant["ph"], instant["ts"], instant["s"], instant["args"]) == ("i", 3, "t", {"cause": "loss"})
    assert (counter["ph"], counter["name"], counter["args"]) == ("C", "card to peer", {"queued": 3})


def test_overlapping_spans_go_to_rows_of_their_own(tmp_path: Path) -> None:
    with Timeline(tmp_path / "t") as timeline:
        track = timeline.track("DMA", "channel 0")
        track.span("a", 0, 10)
        track.span("b", 5, 15)
        track.span("c", 10, 20)
    a, b, c = [e["tid"] for e in events(tmp_path / "t") if e["ph"] == "X"]
    assert a == c != b
    assert names(tmp_path / "t", "thread_name") == ["channel 0", "channel 0 (2)"]


def test_nested_spans_share_a_row(tmp_path: Path) -> None:
    with Timeline(tmp_path / "t") as timeline:
        track = timeline.track("firmware", "core 0", nested=True)
        track.span("inner", 2, 5)
        track.span("outer", 0, 10)
    assert len({e["tid"] for e in events(tmp_path / "t") if e["ph"] == "X"}) == 1


def test_a_span_cannot_end_before_it_begins(tmp_path: Path) -> None:
    with Timeline(tmp_path / "t") as timeline, pytest.raises(ValueError, match="before it begins"):
        timeline.track("host", "x").span("a", 5, 4)


def test_same_events_give_the_same_bytes_and_an_empty_timeline_is_valid(tmp_path: Path) -> None:
    for name in "ab":
        with Timeline(tmp_path / name) as timeline:
            timeline.track("host", "CPU").span("copy", 1, 2, bytes=3, page="0x1000")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with Timeline(tmp_path / "empty", processes=()):
        pass
    assert events(tmp_path / "empty") == []


def test_an_observer_names_the_track_at_each_call(tmp_path: Path) -> None:
    with Timeline(tmp_path / "t") as timeline:
        observer = timeline.observer("firmware")
        observer.span("core 0", "checksum", 1, 2, instructions=7)
        observer.instant("interrupts", "ring", 3)
        observer.span("core 0", "copy", 2, 3)
    assert names(tmp_path / "t", "thread_name") == ["core 0", "interrupts"]
    assert [e["name"] for e in events(tmp_path / "t") if e["ph"] in "Xi"] == ["checksum", "ring", "copy"]
