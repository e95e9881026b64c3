"""A capture is played to the card again: the same run repeats exactly, and whatever differs is told in a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from models import simulate
from models.network.ethernet_fcs import with_fcs
from models.network.peer_checks import checksum_fault
from models.network.recording import OPTION_SACK, OPTION_TIMESTAMPS, RecordingError, load, parse_segment, rewritten
from models.observation.capture import Capture, CapturedFrame, Direction, Interface, read_capture
from models.runner import RunResult, ScenarioFailed
from tests.interop.carry import DIRECTIONS, IMPAIRED, carry

SIZE = 60_000
CARD = ("10.0.0.1", "fd00::1")
Change = Callable[[CapturedFrame], bytes | None]


def replay(name: str, recorded: RunResult, direction: str, seed: int, path: Path | None = None, **other) -> RunResult:
    path = path or recorded.out / "wire.pcapng"
    return carry(
        name, direction, SIZE, seed, file=recorded.out / "file.bin", peer=f"replay:{path}", delay_us=0.0, **other
    )


def differences(result: RunResult) -> list[str]:
    lines = (result.out / "replay.txt").read_text().splitlines()
    assert len(lines) == result.summary["replay_differences"]
    return lines


def changed(recorded: RunResult, change: Change) -> Path:
    """The recording with frames changed or left out."""
    captured = list(read_capture(recorded.out / "wire.pcapng"))
    path = recorded.out / "changed.pcapng"
    with Capture(path, [Interface("card")]) as capture:
        for each in captured:
            if each.interface.name == "card":
                data = change(each)
                if data is not None:
                    capture.write(0, each.time_ps, data, each.direction, each.comment)
    return path


@pytest.mark.parametrize("impairment", ["none", *IMPAIRED])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_run_is_repeated_exactly(direction: str, impairment: str, seed: int) -> None:
    """What the link did to the frames for the peer included: the card retransmits again."""
    recorded = carry(f"recorded-{direction}-{impairment}", direction, SIZE, seed, **IMPAIRED.get(impairment, {}))
    result = replay(f"replay-{direction}-{impairment}", recorded, direction, seed)
    assert differences(result) == []
    assert result.summary["replay_late_ns"] == 0
    assert result.summary["retransmissions"] == recorded.summary["retransmissions"]
    if direction != "receive":
        return  # the host begins when the peer's application has seen the connection, which is not in the recording
    sent = [
        [(each.time_ps, each.data) for each in read_capture(run.out / "wire.pcapng")
         if each.direction is Direction.OUTBOUND and each.interface.name == "card"]
        for run in (recorded, result)
    ]  # fmt: skip
    assert sent[1][: len(sent[0])] == sent[0], "the same frames at the same picosecond"


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_another_seed_and_so_other_sequence_numbers_and_ports(direction: str, family: str, seed: int) -> None:
    recorded = carry(f"recorded-{direction}-{family}", direction, SIZE, seed, loss=0.15, family=family)
    peer = [each for each in load(recorded.out / "wire.pcapng", CARD).frames if not each.from_card and each.segment]
    options = {kind for each in peer for kind, _, _ in each.segment.options}
    assert OPTION_TIMESTAMPS in options and (direction == "receive" or OPTION_SACK in options)
    result = replay(f"replay-seed-{direction}-{family}", recorded, direction, seed + 1, family=family)
    assert differences(result) == []
    first = [
        next(parse_segment(each.data, True) for each in read_capture(run.out / "wire.pcapng")
             if each.direction is Direction.OUTBOUND and parse_segment(each.data, True) is not None)
        for run in (recorded, result)
    ]  # fmt: skip
    assert first[0].seq != first[1].seq


@pytest.mark.parametrize("direction", ["send", "receive"])
def test_what_the_functional_model_did_on_the_rtl(direction: str, seed: int) -> None:
    recorded = carry(f"recorded-model-{direction}", direction, 8000, seed)
    result = replay(f"replay-rtl-{direction}", recorded, direction, seed, card="icarus")
    assert not [line for line in differences(result) if "did not" in line]


def test_a_segment_that_is_not_as_recorded_is_told_in_one_line(seed: int) -> None:
    recorded = carry("recorded-changed", "send", SIZE, seed)
    frames = [each for each in read_capture(recorded.out / "wire.pcapng") if each.interface.name == "card"]
    numbers = [place for place, each in enumerate(frames, 1)
               if each.direction is Direction.OUTBOUND and len(each.data) > 1000]  # fmt: skip
    victim = frames[numbers[3] - 1]

    def flip(each: CapturedFrame) -> bytes:
        if each.number != victim.number:
            return each.data
        frame = bytearray(each.data)
        frame[200] ^= 1
        return with_fcs(bytes(frame[:-4]))

    lines = differences(replay("replay-changed", recorded, "send", seed, changed(recorded, flip)))
    assert len(lines) == 1 and f"frame {numbers[3]} of the recording is TCP" in lines[0]

    lines = differences(
        replay("replay-more", recorded, "send", seed,
               changed(recorded, lambda each: None if each.number == victim.number else each.data))
    )  # fmt: skip
    assert len(lines) == 1 and lines[0].endswith("which is not in the recording")


def test_a_frame_that_answers_what_the_card_never_sends_is_given_up(seed: int) -> None:
    """The recording is of a file twice as long: the card has nothing more to send."""
    recorded = carry("recorded-long", "send", SIZE, seed)
    (recorded.out / "file.bin").write_bytes((recorded.out / "file.bin").read_bytes()[: SIZE // 2])
    lines = differences(replay("replay-short", recorded, "send", seed))
    assert any("was not played: the card did not send what it answers" in line for line in lines)
    assert any("did not come: TCP" in line for line in lines)


def test_a_connection_that_the_recording_does_not_have_is_refused(seed: int) -> None:
    recorded = carry("recorded-send", "send", SIZE, seed)
    with pytest.raises(ScenarioFailed, match="refused"):
        replay("replay-other-way", recorded, "receive", seed)


def test_capture_of_another_tool(seed: int, tmp_path: Path) -> None:
    """pcap with microseconds and no FCS, as tcpdump writes it; the card's address tells its frames."""
    from scapy.utils import RawPcapWriter

    recorded = carry("recorded-pcap", "receive", SIZE, seed)
    path = tmp_path / "tcpdump.pcap"
    writer = RawPcapWriter(str(path), linktype=1)
    writer.write_header(None)
    for each in read_capture(recorded.out / "wire.pcapng"):
        if each.interface.name == "card":
            writer.write_packet(each.data[:-4], sec=each.time_ps // 10**12, usec=each.time_ps // 10**6 % 10**6)
    writer.close()
    recording, own = load(path, CARD), load(recorded.out / "wire.pcapng", CARD)
    assert [each.frame for each in recording.frames] == [each.frame for each in own.frames]
    assert [each.from_card for each in recording.frames] == [each.from_card for each in own.frames]
    replay("replay-pcap", recorded, "receive", seed, path)


def test_a_changed_header_keeps_a_right_checksum_right_and_a_wrong_one_wrong(seed: int) -> None:
    recorded = carry("recorded-checksums", "echo", 20_000, seed, family="ipv6")
    for each in load(recorded.out / "wire.pcapng", CARD).frames:
        if each.segment is None:
            continue
        changes = {each.segment.at + 2: b"\xab\xcd", each.segment.at + 8: b"\xff\xff\xff\xfe"}
        assert checksum_fault(rewritten(each.frame, each.segment, changes)) is None
        wrong = bytearray(each.frame)
        wrong[each.segment.at + 4] ^= 0x40
        assert checksum_fault(rewritten(bytes(wrong), each.segment, changes)) == "tcp"


def test_frames_that_arrived_damaged_are_damaged_again(seed: int) -> None:
    """ACKs in the middle, which the next one makes up for."""
    recorded = carry("recorded-damaged", "send", SIZE, seed)

    def damage(each: CapturedFrame) -> bytes:
        if each.direction is not Direction.INBOUND or not 100 < each.number < 150:
            return each.data
        return each.data[:-4] + bytes(byte ^ 0xFF for byte in each.data[-4:])

    path = changed(recorded, damage)
    damaged = [each.damaged for each in load(path, CARD).frames if each.damaged is not None]
    assert damaged
    result = replay("replay-damaged", recorded, "send", seed, path)
    assert sum(count for cause, count in result.summary["dropped"].items() if "crc" in cause) == len(damaged)


@pytest.mark.parametrize(
    ("content", "tells"),
    [
        (b"", "is not a capture"),
        (b"text, not frames" * 10, "is not a capture"),
        (bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"), "is not a capture, or has no whole"),
    ],
    ids=["empty", "text", "no frames"],
)
def test_what_is_no_capture_gives_one_line(
    content: bytes, tells: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.pcapng"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=tells):
        load(path, CARD)
    assert simulate.main([f"PEER=replay:{path}", "CARD=model", f"OUT={tmp_path / 'out'}"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("make sim: PEER=replay:") and tells in shown and len(shown.splitlines()) == 1


def test_a_capture_that_does_not_have_the_card_or_the_beginning(seed: int) -> None:
    recorded = carry("recorded-parts", "send", 10_000, seed)
    inbound = changed(recorded, lambda each: each.data if each.direction is Direction.INBOUND else None)
    with pytest.raises(RecordingError, match="frames of both the card"):
        load(inbound, CARD)
    tail = changed(recorded, lambda each: each.data if each.time_ps > 10**9 // 5 else None)
    with pytest.raises(RecordingError, match="whose beginning is not recorded|frames of both"):
        load(tail, CARD)
