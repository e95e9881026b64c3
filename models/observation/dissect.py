"""Has an independent dissector look at every frame the card transmitted: tshark when installed, scapy otherwise.

A frame counts as transmitted by the card when its capture says outbound; one that carries the comment of the link's
damage is left out. What is looked for: bad FCS, bad IP, TCP, UDP or ICMP checksum, malformed or truncated headers,
frames shorter than Ethernet allows.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

from models.observation.capture import DAMAGED, CapturedFrame, Direction, read_capture

# Smallest Ethernet frame, FCS included (IEEE 802.3 §3.2.8).
MINIMUM_FRAME = 64

_ERROR_SEVERITY = 0x00800000  # epan/proto.h: PI_ERROR
_BAD = "0"
_AGGREGATOR = "|"

_CHECKSUMS = ("ip.checksum", "tcp.checksum", "udp.checksum", "icmp.checksum", "icmpv6.checksum")
_FIELDS = (
    "frame.number",
    "frame.interface_name",
    "frame.len",
    "frame.comment",
    "eth.fcs.status",
    *(f"{name}.status" for name in _CHECKSUMS),
    "_ws.expert.severity",
    "_ws.expert.message",
)
# The payload is anybody's: what a port number makes of it is not the card's business.
_SETTINGS = (
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "ip.check_checksum:TRUE",
    "eth.check_fcs:TRUE",
    "tcp.try_heuristic_first:FALSE",
    "udp.try_heuristic_first:FALSE",
)
_DECODE_AS = ("tcp.port==0-65535,data", "udp.port==0-65535,data")


class DissectorError(RuntimeError):
    """The dissector itself failed, or cannot read the file."""


def dissector() -> str:
    """Which dissector will be used: "tshark" or "scapy"."""
    return "tshark" if shutil.which("tshark") else "scapy"


def problems(path: Path | str, use: str | None = None) -> list[str]:
    """A line for everything wrong with the frames the card transmitted; empty when all are good.

    `use` forces "tshark" or "scapy". Raises DissectorError.
    """
    return _with_tshark(Path(path)) if (use or dissector()) == "tshark" else _with_scapy(Path(path))


def transmitted_frames(path: Path | str) -> int:
    """How many frames problems() looks at; a check that looked at none has shown nothing."""
    return sum(1 for frame in read_capture(path) if _is_checked(frame))


def _is_checked(frame: CapturedFrame) -> bool:
    return frame.direction is Direction.OUTBOUND and not frame.damaged


def _with_tshark(path: Path) -> list[str]:
    command = ["tshark", "-n", "-r", str(path), "-Y", f"frame.packet_flags_direction == {int(Direction.OUTBOUND)}"]
    for setting in _SETTINGS:
        command += ["-o", setting]
    for rule in _DECODE_AS:
        command += ["-d", rule]
    command += ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", f"aggregator={_AGGREGATOR}"]
    for name in _FIELDS:
        command += ["-e", name]
    result = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if result.returncode != 0:
        raise DissectorError(f"tshark cannot read {path}: {result.stderr.strip()}")
    found: list[str] = []
    for line in result.stdout.splitlines():
        values = dict(zip(_FIELDS, line.split("\t"), strict=True))
        if values["frame.comment"].startswith(DAMAGED):
            continue
        where = f"frame {values['frame.number']} ({values['frame.interface_name']})"
        if int(values["frame.len"]) < MINIMUM_FRAME:
            found.append(f"{where}: only {values['frame.len']} bytes")
        if values["eth.fcs.status"] != "1":
            found.append(f"{where}: bad FCS" if values["eth.fcs.status"] == _BAD else f"{where}: no FCS")
        for name in _CHECKSUMS:
            if _BAD in values[f"{name}.status"].split(_AGGREGATOR):
                found.append(f"{where}: bad {name}")
        severities = values["_ws.expert.severity"].split(_AGGREGATOR)
        messages = values["_ws.expert.message"].split(_AGGREGATOR)
        for severity, message in zip(severities, messages, strict=False):
            if severity and int(severity) >= _ERROR_SEVERITY and "checksum" not in message.lower():
                found.append(f"{where}: {message}")
    return found


def _with_scapy(path: Path) -> list[str]:
    try:
        return [
            f"frame {frame.number} ({frame.interface.name}): {problem}"
            for frame in read_capture(path)
            if _is_checked(frame)
            for problem in frame_problems(frame.data)
        ]
    except (OSError, ValueError) as error:
        raise DissectorError(f"cannot read {path}: {error}") from error


def frame_problems(frame: bytes) -> list[str]:
    """What scapy finds wrong with one frame (with FCS)."""
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether

    found = []
    if len(frame) < MINIMUM_FRAME:
        found.append(f"only {len(frame)} bytes")
    if len(frame) < 18:
        return found
    if struct.pack("<I", zlib.crc32(frame[:-4])) != frame[-4:]:
        found.append("bad FCS")
    packet = Ether(frame[:-4])
    if packet.haslayer(IP):
        found += _ipv4_problems(packet[IP])
    elif packet.haslayer(IPv6):
        found += _ipv6_problems(packet[IPv6])
    elif packet.type in (0x0800, 0x86DD):
        found.append("malformed IP header")
    return found


def _ipv4_problems(packet) -> list[str]:  # noqa: ANN001 - scapy builds its classes at run time
    raw = bytes(packet.original)
    header = (raw[0] & 0xF) * 4
    if header < 20 or packet.version != 4 or len(raw) < header:
        return ["malformed IP header"]
    found = [] if _sum16(raw[:header]) == 0xFFFF else ["bad ip.checksum"]
    if not header <= packet.len <= len(raw):
        return [*found, "IP total length exceeds the frame"]
    if packet.frag or packet.flags.MF:
        return found
    payload = raw[header : packet.len]
    pseudo = raw[12:20] + struct.pack("!HH", packet.proto, len(payload))
    return found + _transport_problems(packet.proto, payload, pseudo, version=4)


def _ipv6_problems(packet) -> list[str]:  # noqa: ANN001
    raw = bytes(packet.original)
    if len(raw) < 40 or packet.version != 6:
        return ["malformed IP header"]
    if packet.plen > len(raw) - 40:
        return ["IP payload length exceeds the frame"]
    payload = raw[40 : 40 + packet.plen]
    pseudo = raw[8:40] + struct.pack("!II", len(payload), packet.nh)
    return _transport_problems(packet.nh, payload, pseudo, version=6)


def _transport_problems(protocol: int, payload: bytes, pseudo: bytes, version: int) -> list[str]:
    if protocol == 6:
        if len(payload) < 20 or not 20 <= (payload[12] >> 4) * 4 <= len(payload):
            return ["malformed TCP header"]
        return [] if _sum16(pseudo + payload) == 0xFFFF else ["bad tcp.checksum"]
    if protocol == 17:
        if len(payload) < 8 or not 8 <= int.from_bytes(payload[4:6], "big") <= len(payload):
            return ["malformed UDP header"]
        if payload[6:8] == b"\0\0":
            return [] if version == 4 else ["bad udp.checksum"]
        return [] if _sum16(pseudo + payload) == 0xFFFF else ["bad udp.checksum"]
    if protocol == 1 and version == 4:
        if len(payload) < 8:
            return ["malformed ICMP header"]
        return [] if _sum16(payload) == 0xFFFF else ["bad icmp.checksum"]
    if protocol == 58 and version == 6:
        return [] if _sum16(pseudo + payload) == 0xFFFF else ["bad icmpv6.checksum"]
    return []


def _sum16(data: bytes) -> int:
    """Ones' complement sum of 16-bit words (RFC 1071); 0xFFFF over data that holds its right checksum."""
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total
