"""The independent check of captures finds what is wrong, only that, and the same with both dissectors."""

import shutil
from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether

from models.observation import dissect
from models.observation.capture import DAMAGED, Capture, Direction, Interface
from tests.unit.observation.frames import flipped, flipped_before_fcs, segment, with_fcs

DISSECTORS = [
    pytest.param("tshark", marks=pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark not installed")),
    "scapy",
]
ETHERNET = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")


def problems(tmp_path: Path, use: str, *frames: bytes, **options: object) -> list[str]:
    path = tmp_path / "wire.pcapng"
    with Capture(path, [Interface("card pins")]) as capture:
        for number, frame in enumerate(frames):
            capture.write(0, number, frame, **{"direction": Direction.OUTBOUND, **options})
    return dissect.problems(path, use)


@pytest.mark.parametrize("use", DISSECTORS)
def test_good_frames_pass_whatever_their_payload_and_port(tmp_path: Path, use: str) -> None:
    frames = [segment(bytes(range(256)), port) for port in (7, 53, 80, 445, 3260)]
    frames += [segment(b""), segment(b"x")]
    frames.append(with_fcs(bytes(ETHERNET / ARP(psrc="10.0.0.1", pdst="10.0.0.2"))))
    frames.append(with_fcs(bytes(ETHERNET / IP(src="10.0.0.1", dst="10.0.0.2") / ICMP() / b"echo")))
    frames.append(with_fcs(bytes(ETHERNET / IPv6(src="fe80::1", dst="fe80::2") / UDP(sport=9, dport=9) / b"odd")))
    assert problems(tmp_path, use, *frames) == []


@pytest.mark.parametrize("use", DISSECTORS)
@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (flipped(segment(b"long enough to need no padding"), 66), ["bad FCS", "bad tcp.checksum"]),
        (flipped_before_fcs(segment(b"long enough to need no padding"), 66), ["bad tcp.checksum"]),
        (flipped_before_fcs(segment(), 24), ["bad ip.checksum"]),
        (flipped_before_fcs(with_fcs(bytes(ETHERNET / IP() / ICMP() / b"echo")), 40), ["bad icmp.checksum"]),
        (segment()[:50], ["only 50 bytes", "bad FCS"]),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, use: str, frame: bytes, expected: list[str]) -> None:
    found = problems(tmp_path, use, segment(), frame)
    assert all(line.startswith("frame 2 (card pins): ") for line in found)
    for text in expected:
        assert any(line.endswith(text) for line in found), found
    if len(frame) >= dissect.MINIMUM_FRAME:
        assert len(found) == len(expected), found


@pytest.mark.parametrize("use", DISSECTORS)
def test_truncated_ip_packet_with_good_fcs_is_malformed(tmp_path: Path, use: str) -> None:
    frame = with_fcs(segment(b"x" * 500)[:100])
    assert problems(tmp_path, use, frame) != []


@pytest.mark.parametrize("use", DISSECTORS)
def test_frames_damaged_by_the_link_and_frames_towards_the_card_are_not_the_cards(tmp_path: Path, use: str) -> None:
    bad = flipped(segment(b"x" * 100), 66)
    assert problems(tmp_path, use, bad, comment=f"{DAMAGED}: bit flipped") == []
    assert problems(tmp_path, use, bad, direction=Direction.INBOUND) == []
    assert problems(tmp_path, use, bad, comment="dropped by the link") != []


@pytest.mark.parametrize("use", DISSECTORS)
def test_a_file_that_is_no_capture_is_an_error(tmp_path: Path, use: str) -> None:
    (tmp_path / "x").write_bytes(b"this is not a capture at all....")
    with pytest.raises(dissect.DissectorError):
        dissect.problems(tmp_path / "x", use)


def test_frames_looked_at_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "wire.pcapng"
    with Capture(path, [Interface("card pins")]) as capture:
        capture.write(0, 0, segment(), Direction.OUTBOUND)
        capture.write(0, 1, segment(), Direction.OUTBOUND, f"{DAMAGED}: cut")
        capture.write(0, 2, segment(), Direction.INBOUND)
    assert dissect.transmitted_frames(path) == 1
