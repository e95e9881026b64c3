"""A recorded conversation with the card, as a replay needs it: who sent which frame when, and what TCP said in it.

A recording is a capture that a run has left (wire.pcapng), where what passed the card's pins counts; or a pcap or
pcapng file of another tool, in which the card's own addresses tell which frames were its.
"""

from __future__ import annotations

import ipaddress
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from models.network.ethernet_fcs import fcs, is_good, with_fcs
from models.observation.capture import Direction, read_capture

IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
TCP = 6
FIN, SYN, RST, PSH, ACK, URG = (1 << bit for bit in range(6))
_FLAG_LETTERS = "FSRPAUEC"
OPTION_END, OPTION_NOP, OPTION_SACK, OPTION_TIMESTAMPS = 0, 1, 5, 8


class RecordingError(Exception):
    """A capture that cannot be replayed; the text is one line."""


@dataclass(frozen=True)
class Segment:
    """TCP in a frame; offsets are within the frame."""

    card_port: int
    peer_port: int
    at: int
    end: int
    seq: int
    ack: int
    flags: int
    window: int
    payload: bytes
    options: tuple[tuple[int, int, int], ...]
    """Kind, offset and length of each."""

    @property
    def length(self) -> int:
        """What it takes of the sequence space."""
        return len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)


@dataclass(frozen=True)
class Recorded:
    """A frame of the recording; `time_ps` is when its last bit passed the card's pins."""

    number: int
    time_ps: int
    from_card: bool
    frame: bytes
    """Without FCS."""
    damaged: bytes | None
    """With its wrong FCS, when that is what arrived."""
    segment: Segment | None


@dataclass
class Conversation:
    """A TCP connection of the recording."""

    card_port: int
    peer_port: int
    opened_by_card: bool
    card_isn: int | None = None
    card_timestamp: int | None = None
    frames: list[Recorded] = field(default_factory=list)


@dataclass(frozen=True)
class Recording:
    """All of it, in order of time."""

    path: Path
    frames: tuple[Recorded, ...]
    conversations: tuple[Conversation, ...]
    """In order of their first frames."""
    simulated: bool
    """Times are those of a simulation; otherwise they count from the first frame."""

    @property
    def end_ps(self) -> int:
        return self.frames[-1].time_ps


def parse_segment(frame: bytes, from_card: bool) -> Segment | None:
    """TCP over IPv4 or IPv6 in a frame without FCS; None when there is none, or it is cut short."""
    ethertype = int.from_bytes(frame[12:14], "big")
    if ethertype == IPV4 and len(frame) >= 54 and frame[23] == TCP:
        if int.from_bytes(frame[20:22], "big") & 0x3FFF:
            return None
        at = 14 + (frame[14] & 15) * 4
        end = 14 + int.from_bytes(frame[16:18], "big")
    elif ethertype == IPV6 and len(frame) >= 74 and frame[20] == TCP:
        at = 54
        end = 54 + int.from_bytes(frame[18:20], "big")
    else:
        return None
    if end > len(frame) or end < at + 20:
        return None
    source, target, seq, ack, offset, flags, window = struct.unpack_from(">HHIIBBH", frame, at)
    payload_at = at + (offset >> 4) * 4
    if not at + 20 <= payload_at <= end:
        return None
    card_port, peer_port = (source, target) if from_card else (target, source)
    options = _options(frame, at + 20, payload_at)
    return Segment(card_port, peer_port, at, end, seq, ack, flags, window, frame[payload_at:end], options)


def _options(frame: bytes, at: int, end: int) -> tuple[tuple[int, int, int], ...]:
    found = []
    while at < end and frame[at] != OPTION_END:
        length = 1 if frame[at] == OPTION_NOP else frame[at + 1] if at + 1 < end else 0
        if length < 1 or at + length > end or (length < 2 and frame[at] != OPTION_NOP):
            break
        found.append((frame[at], at, length))
        at += length
    return tuple(found)


def timestamp_of(frame: bytes, segment: Segment) -> int | None:
    """TSval."""
    for kind, at, length in segment.options:
        if kind == OPTION_TIMESTAMPS and length == 10:
            return int.from_bytes(frame[at + 2 : at + 6], "big")
    return None


def describe(frame: bytes, from_card: bool, card_isn: int = 0, peer_isn: int = 0) -> str:
    """What a frame says, in words that are the same whatever the card's initial sequence number is."""
    segment = parse_segment(frame, from_card)
    if segment is None:
        ethertype = int.from_bytes(frame[12:14], "big")
        return "ARP" if ethertype == ARP else f"a frame of type {ethertype:#06x}, {len(frame)} bytes"
    own, other = (card_isn, peer_isn) if from_card else (peer_isn, card_isn)
    flags = "".join(letter for bit, letter in enumerate(_FLAG_LETTERS) if segment.flags >> bit & 1)
    text = f"TCP {flags} seq {(segment.seq - own) % 2**32}"
    if segment.flags & ACK:
        text += f" ack {(segment.ack - other) % 2**32}"
    text += f" win {segment.window} len {len(segment.payload)}"
    for kind, at, length in segment.options:
        if kind == OPTION_SACK:
            edges = struct.unpack_from(f">{(length - 2) // 4}I", frame, at + 2)
            text += " sack " + ",".join(str((edge - other) % 2**32) for edge in edges)
        elif kind not in (OPTION_NOP, OPTION_TIMESTAMPS):
            text += f" option {kind}"
            if length > 2:
                text += f"={frame[at + 2 : at + length].hex()}"
    return text + (f" data {zlib.crc32(segment.payload):08x}" if segment.payload else "")


def load(path: Path, card_addresses: tuple[str, ...]) -> Recording:
    """Read a capture. Raises RecordingError, OSError."""
    own = _own(path)
    frames = tuple(own or _foreign(path, card_addresses))
    if not any(each.from_card for each in frames) or all(each.from_card for each in frames):
        raise RecordingError(f"{path} does not have frames of both the card ({', '.join(card_addresses)}) and a peer")
    return Recording(path, frames, tuple(_conversations(path, frames)), simulated=bool(own))


def _own(path: Path) -> list[Recorded]:
    """A capture of a run; empty when it is none."""
    try:
        captured = [each for each in read_capture(path) if each.interface.name == "card"]
    except (ValueError, IndexError, struct.error):
        return []
    frames = []
    for each in captured:
        if each.direction is Direction.UNKNOWN or len(each.data) < 18:
            continue
        from_card = each.direction is Direction.OUTBOUND
        frame = each.data[:-4]
        damaged = None if is_good(each.data) else each.data
        segment = None if damaged else parse_segment(frame, from_card)
        frames.append(Recorded(each.number, each.time_ps, from_card, frame, damaged, segment))
    return frames


def _foreign(path: Path, card_addresses: tuple[str, ...]) -> list[Recorded]:
    from scapy.error import Scapy_Exception
    from scapy.utils import RawPcapReader

    ours = {ipaddress.ip_address(each).packed for each in card_addresses}
    frames: list[Recorded] = []
    try:
        with RawPcapReader(str(path)) as packets:
            for number, (data, metadata) in enumerate(packets, 1):
                if hasattr(metadata, "tshigh"):
                    time_ps = (metadata.tshigh << 32 | metadata.tslow) * 10**12 // metadata.tsresol
                else:
                    fraction_ps = 10**3 if getattr(packets, "nano", False) else 10**6
                    time_ps = metadata.sec * 10**12 + metadata.usec * fraction_ps
                if len(data) < 14 or metadata.caplen != metadata.wirelen:
                    continue
                from_card = _source(data) in ours
                frames.append(Recorded(number, time_ps, from_card, data, None, parse_segment(data, from_card)))
    except (Scapy_Exception, EOFError, struct.error) as error:
        raise RecordingError(f"{path} is not a capture: {(str(error) or 'it is empty').splitlines()[0]}") from None
    if not frames:
        raise RecordingError(f"{path} is not a capture, or has no whole Ethernet frame in it")
    begin_ps = frames[0].time_ps
    return [Recorded(each.number, each.time_ps - begin_ps, each.from_card, each.frame, None, each.segment)
            for each in frames]


def _source(frame: bytes) -> bytes:
    ethertype = int.from_bytes(frame[12:14], "big")
    if ethertype == ARP:
        return frame[28:32]
    return frame[26:30] if ethertype == IPV4 else frame[22:38] if ethertype == IPV6 else b""


def _conversations(path: Path, frames: tuple[Recorded, ...]) -> list[Conversation]:
    found: list[Conversation] = []
    latest: dict[tuple[int, int], Conversation] = {}
    for each in frames:
        segment = each.segment
        if segment is None:
            continue
        key = segment.card_port, segment.peer_port
        opens = segment.flags & (SYN | ACK) == SYN
        known = latest.get(key)
        if known is None or (opens and _is_over(known)):
            if not segment.flags & SYN and not segment.flags & RST:
                raise RecordingError(f"{path}: frame {each.number} is of a connection whose beginning is not recorded")
            known = latest[key] = Conversation(*key, opened_by_card=each.from_card)
            found.append(known)
        if each.from_card and segment.flags & SYN and known.card_isn is None:
            known.card_isn = segment.seq
            known.card_timestamp = timestamp_of(each.frame, segment)
        known.frames.append(each)
    return found


def _is_over(conversation: Conversation) -> bool:
    """Both have sent FIN, or one RST: a SYN opens another connection."""
    flags = {each.from_card: 0 for each in conversation.frames}
    for each in conversation.frames:
        assert each.segment is not None
        flags[each.from_card] |= each.segment.flags
        if each.segment.flags & RST:
            return True
    return len(flags) == 2 and all(each & FIN for each in flags.values())


def rewritten(frame: bytes, segment: Segment, changes: dict[int, bytes]) -> bytes:
    """`frame` with bytes of its TCP header changed (by offset); a right checksum stays right, a wrong one wrong."""
    changed = bytearray(frame)
    for at, value in changes.items():
        changed[at : at + len(value)] = value
    total = (_sum(changed, segment) - _sum(frame, segment)) % 0xFFFF
    old = int.from_bytes(frame[segment.at + 16 : segment.at + 18], "big")
    new = 0xFFFF - ((0xFFFF - old) + total) % 0xFFFF  # RFC 1624
    changed[segment.at + 16 : segment.at + 18] = (new % 0xFFFF).to_bytes(2, "big")
    return bytes(changed)


def _sum(frame: bytes | bytearray, segment: Segment) -> int:
    """Of the header's 16-bit words but its checksum."""
    header = bytearray(frame[segment.at : segment.end - len(segment.payload)])
    header[16:18] = b"\0\0"
    return int.from_bytes(header, "big") % 0xFFFF


def on_wire(frame: bytes, damaged: bool = False) -> bytes:
    """With FCS; a wrong one for a frame that is to arrive damaged."""
    good = with_fcs(frame)
    return good[:-4] + bytes(each ^ 0xFF for each in fcs(good[:-4])) if damaged else good
