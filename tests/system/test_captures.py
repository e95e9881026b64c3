"""Captures: at the pins with FCS, before and after the link; the dissector that looks at each would complain."""

import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from models import kernel
from models.bench import Bench
from models.network.impairment import Corrupt, Drop, Rule, Truncate
from models.observation import dissect
from models.observation.capture import DAMAGED, Capture, CapturedFrame, Direction, read_capture
from models.observation.capture import Interface as CaptureInterface
from models.runner import RunResult
from tests.system.connection import connect, tell
from tests.system.on_card import on_card
from tests.system.segments import BEYOND_LINK, CARD_PINS, data_segments

NO_TSHARK = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
DISSECTORS = [pytest.param("tshark", marks=NO_TSHARK), "scapy"]


def has_fcs(frame: bytes) -> bool:
    return len(frame) >= 64 and zlib.crc32(frame[:-4]).to_bytes(4, "little") == frame[-4:]


def on(frames: list[CapturedFrame], interface: str, direction: Direction) -> list[CapturedFrame]:
    return [each for each in frames if each.interface.name == interface and each.direction is direction]


def check_captures(result: RunResult) -> None:
    path = result.out / "wire.pcapng"
    frames = list(read_capture(path))
    assert {each.interface.name: each.interface.fcs_length for each in frames} == {CARD_PINS: 4, BEYOND_LINK: 4}
    assert [each.time_ps for each in frames] == sorted(each.time_ps for each in frames)
    for direction, before, after in (
        (Direction.OUTBOUND, CARD_PINS, BEYOND_LINK),
        (Direction.INBOUND, BEYOND_LINK, CARD_PINS),
    ):
        sent, arrived = on(frames, before, direction), on(frames, after, direction)
        assert all(has_fcs(each.data) for each in sent), "every frame as it left, with its FCS"
        assert [bool(each.comment) for each in sent].count(True) == 3
        assert len(arrived) == len(sent) - 1
        damaged = [each for each in arrived if each.damaged]
        assert [each.comment.startswith(DAMAGED) for each in damaged] == [True, True]
        assert not any(has_fcs(each.data) for each in damaged)
        assert all(has_fcs(each.data) for each in arrived if not each.damaged)
        whole = {each.data for each in sent}
        assert all(each.data in whole for each in arrived if not each.damaged)
    sent_by_card = on(frames, CARD_PINS, Direction.OUTBOUND)
    assert result.summary["frames_sent"] == len(sent_by_card)
    assert dissect.transmitted_frames(path) == 2 * len(sent_by_card) - 3, "not those lost, and not those damaged"
    for use in ("tshark", "scapy") if shutil.which("tshark") else ("scapy",):
        assert dissect.problems(path, use) == []
    if shutil.which("tshark"):
        check_with_tshark(path, frames)
    check_the_dissector_complains(path, frames)


def check_with_tshark(path: Path, frames: list[CapturedFrame]) -> None:
    """What others read in the file: interfaces, direction and comments."""
    fields = ("frame.interface_name", "frame.packet_flags_direction", "eth.fcs.status", "frame.comment")
    command = ["tshark", "-n", "-r", str(path), "-o", "eth.check_fcs:TRUE", "-T", "fields", "-E", "separator=/t"]
    for field in fields:
        command += ["-e", field]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == len(frames)
    for line, frame in zip(lines, frames, strict=True):
        interface, direction, fcs, comment = line.split("\t")
        assert (interface, int(direction, 0), comment) == (frame.interface.name, frame.direction, frame.comment or "")
        assert fcs in ("1" if has_fcs(frame.data) else "0", ""), "FCS is declared, and checked"


def check_the_dissector_complains(path: Path, frames: list[CapturedFrame]) -> None:
    """The same capture with one frame of the card changed on its way into the file."""
    chosen = max(on(frames, CARD_PINS, Direction.OUTBOUND), key=lambda each: len(each.data))
    body = bytearray(chosen.data[:-4])
    body[60] ^= 1
    faults = {
        "bad FCS": bytes(body) + chosen.data[-4:],
        "checksum": bytes(body) + zlib.crc32(body).to_bytes(4, "little"),
        "only 40 bytes": chosen.data[:40],
    }
    for expected, data in faults.items():
        other = path.with_name("corrupted.pcapng")
        with Capture(other, [CaptureInterface(CARD_PINS), CaptureInterface(BEYOND_LINK)]) as capture:
            for each in frames:
                interface = [CARD_PINS, BEYOND_LINK].index(each.interface.name)
                content = data if each is chosen else each.data
                capture.write(interface, each.time_ps, content, each.direction, each.comment)
        for use in ("tshark", "scapy") if shutil.which("tshark") else ("scapy",):
            found = dissect.problems(other, use)
            assert any(expected in line for line in found), (use, expected, found)
            assert all(f"frame {chosen.number} " in line for line in found), (use, found)
        other.unlink()


@on_card(check_captures, delay_us=20)
async def test_captures_show_both_ends_of_the_link_with_fcs_and_tell_of_damage(bench: Bench) -> None:
    data = bench.rng.randbytes(6 * 1460)
    for direction in (bench.link.a_to_b, bench.link.b_to_a):
        direction.impairment.rules = [
            Rule(data_segments(2), Drop()),
            Rule(data_segments(3), Corrupt(count=2)),
            Rule(data_segments(4), Truncate(70)),
        ]
    connection = await connect(bench)
    await connection.host.sendall(data)
    tell(bench, data, await connection.peer.recv_exactly(len(data)))
    await connection.peer.sendall(data)
    tell(bench, data, await connection.host.recv_exactly(len(data)))
    await connection.close()
    await kernel.sleep(kernel.MS)  # nothing is under way any more


@pytest.mark.parametrize("use", DISSECTORS)
def test_a_capture_that_cannot_be_read_is_an_error_and_not_a_pass(use: str, tmp_path: Path) -> None:
    path = tmp_path / "wire.pcapng"
    path.write_bytes(b"no capture at all, but long enough to look like one")
    with pytest.raises(dissect.DissectorError):
        dissect.problems(path, use)
