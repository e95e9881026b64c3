"""Captures: what other programs read from them, and that the same frames give the same bytes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.utils import PcapNgReader

from models.observation.capture import DAMAGED, Capture, Direction, Interface, read_capture
from tests.unit.observation.frames import flipped, segment

PINS = Interface("card pins", "GMII", 1_000_000_000)
LINK = Interface("after the link")


def write_example(path: Path) -> None:
    frame = segment()
    with Capture(path, [PINS, LINK]) as capture:
        capture.write(0, 1_000_000_000_123, frame, Direction.OUTBOUND)
        damaged = flipped(frame, 50)
        capture.write(1, 5_000_000_000_001, damaged, Direction.OUTBOUND, f"{DAMAGED}: bit 400", crc_error=True)
        capture.write(0, 5_000_000_000_002, segment(b"x" * 1460), Direction.INBOUND)


def test_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    write_example(tmp_path / "a")
    write_example(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_reading_back_gives_what_was_written(tmp_path: Path) -> None:
    write_example(tmp_path / "a")
    first, second, third = read_capture(tmp_path / "a")
    assert (first.interface, first.time_ps, first.data) == (PINS, 1_000_000_000_123, segment())
    assert (first.direction, first.comment, first.damaged) == (Direction.OUTBOUND, None, False)
    assert (second.interface, second.time_ps, second.damaged) == (LINK, 5_000_000_000_001, True)
    assert (third.direction, third.number) == (Direction.INBOUND, 3)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 1),
            st.integers(0, 2**64 - 1),
            st.binary(max_size=80),
            st.sampled_from(Direction),
            st.none() | st.text(max_size=20),
        ),
        max_size=5,
    )
)
def test_any_frame_survives_the_file(tmp_path_factory: pytest.TempPathFactory, frames: list) -> None:
    path = tmp_path_factory.mktemp("capture") / "a"
    with Capture(path, [PINS, LINK]) as capture:
        for interface, time_ps, data, direction, comment in frames:
            capture.write(interface, time_ps, data, direction, comment)
    read = [((PINS, LINK).index(f.interface), f.time_ps, f.data, f.direction, f.comment) for f in read_capture(path)]
    assert read == frames


def test_scapy_reads_frames_times_and_comments(tmp_path: Path) -> None:
    write_example(tmp_path / "a")
    packets = PcapNgReader(str(tmp_path / "a")).read_all()
    assert [bytes(p) for p in packets][0] == segment()
    assert abs(float(packets[1].time) - 5.000000000001) < 1e-9
    assert [p.sniffed_on for p in packets] == ["card pins", "after the link", "card pins"]
    assert b"damaged by the link" in (packets[1].comments or [b""])[0]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_sees_interfaces_directions_comments_and_fcs(tmp_path: Path) -> None:
    write_example(tmp_path / "a")
    fields = ["frame.interface_name", "frame.packet_flags_direction", "frame.comment", "eth.fcs.status", "frame.len"]
    command = ["tshark", "-r", str(tmp_path / "a"), "-o", "eth.check_fcs:TRUE", "-T", "json"]
    for field in fields:
        command += ["-e", field]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    layers = [packet["_source"]["layers"] for packet in json.loads(result.stdout)]
    assert [f["frame.interface_name"] for f in layers] == [["card pins"], ["after the link"], ["card pins"]]
    assert [int(f["frame.packet_flags_direction"][0], 0) for f in layers] == [2, 2, 1]
    assert [f["eth.fcs.status"] for f in layers] == [["1"], ["0"], ["1"]]
    assert [f.get("frame.comment") for f in layers] == [None, ["damaged by the link: bit 400"], None]


def test_frames_are_in_the_file_before_it_is_closed(tmp_path: Path) -> None:
    capture = Capture(tmp_path / "a", [PINS])
    capture.write(0, 7, segment())
    capture.flush()
    assert [f.time_ps for f in read_capture(tmp_path / "a")] == [7]
    capture.close()


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with Capture(tmp_path / "a", [PINS]) as capture:
        with pytest.raises(IndexError, match="no interface 1"):
            capture.write(1, 0, b"")
        with pytest.raises(ValueError, match="-1 ps"):
            capture.write(0, -1, b"")
    with pytest.raises(ValueError, match="interface"):
        Capture(tmp_path / "b", [])


def test_a_file_cut_short_is_an_error(tmp_path: Path) -> None:
    write_example(tmp_path / "a")
    data = (tmp_path / "a").read_bytes()
    (tmp_path / "b").write_bytes(data[:-5])
    with pytest.raises(ValueError, match="cut short"):
        list(read_capture(tmp_path / "b"))
