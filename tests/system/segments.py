"""TCP segments as a capture or an impairment rule sees them, and rules that act on chosen ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.observation.capture import Direction, read_capture

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CARD_PINS, BEYOND_LINK = "card", "peer"
"""Names of the two interfaces of a capture."""


@dataclass(frozen=True)
class Segment:
    """What is read off one frame; `comment` is what the link has done to it."""

    time_ps: int
    seq: int
    ack: int
    flags: int
    payload: bytes
    comment: str | None = None

    def __len__(self) -> int:
        return len(self.payload)


def parse(frame: bytes, time_ps: int = 0, comment: str | None = None) -> Segment | None:
    """The TCP segment in a frame with FCS; None if there is none."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return None
    tcp = 14 + (frame[14] & 15) * 4
    end = 14 + int.from_bytes(frame[16:18], "big")
    begin = tcp + (frame[tcp + 12] >> 4) * 4
    return Segment(
        time_ps,
        int.from_bytes(frame[tcp + 4 : tcp + 8], "big"),
        int.from_bytes(frame[tcp + 8 : tcp + 12], "big"),
        frame[tcp + 13],
        frame[begin:end],
        comment,
    )


def segments(capture: Path, interface: str, direction: Direction) -> Iterator[Segment]:
    """Segments of one interface and direction (as the card sees it) that the link had not damaged, in order."""
    for frame in read_capture(capture):
        if frame.interface.name == interface and frame.direction is direction and not frame.damaged:
            found = parse(frame.data, frame.time_ps, frame.comment)
            if found is not None:
                yield found


def sent_by_card(capture: Path) -> list[Segment]:
    """Every segment that left the card's pins."""
    return list(segments(capture, CARD_PINS, Direction.OUTBOUND))


def retransmitted(sent: Iterable[Segment]) -> list[Segment]:
    """Segments with payload whose first byte had been sent before."""
    seen: set[int] = set()
    again = []
    for each in sent:
        if each.payload:
            if each.seq in seen:
                again.append(each)
            seen.add(each.seq)
    return again


def data_segments(*numbers: int) -> Callable[[int, bytes], bool]:
    """For a Rule: the n-th frames with TCP payload of a direction, the first is 1; retransmissions count too."""
    count = 0

    def when(_: int, frame: bytes) -> bool:
        nonlocal count
        segment = parse(frame)
        if segment is None or not segment.payload:
            return False
        count += 1
        return count in numbers

    return when


def first_with_byte(*offsets: int) -> Callable[[int, bytes], bool]:
    """For a Rule: the first segment that carries each of these bytes of a direction's only stream."""
    begin = 0
    left = set(offsets)

    def when(_: int, frame: bytes) -> bool:
        nonlocal begin
        segment = parse(frame)
        if segment is None:
            return False
        if segment.flags & SYN:
            begin = segment.seq + 1
        at = (segment.seq - begin) % 2**32
        carried = {each for each in left if at <= each < at + len(segment)}
        left.difference_update(carried)
        return bool(carried)

    return when
