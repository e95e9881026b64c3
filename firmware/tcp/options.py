"""TCP options: the codec, and what is negotiated with them (RFC 9293 §3.2, RFC 7323, RFC 2018)."""

import struct
from dataclasses import dataclass

from .config import TcpConfig

END_OF_LIST = 0
NO_OPERATION = 1
MAXIMUM_SEGMENT_SIZE = 2
WINDOW_SCALE = 3
SACK_PERMITTED = 4
SACK = 5
TIMESTAMPS = 8

DEFAULT_SEND_MSS = 536
"""IPv4, when the peer sends no MSS option (MUST-15)."""
MINIMUM_SEND_MSS = 64
"""A peer's MSS below this is raised to it, so that an absurd option cannot make us send one byte a segment."""
LARGEST_SHIFT = 14
"""RFC 7323 §2.3."""
TIMESTAMPS_BYTES = 12
"""The timestamps option with the two NOPs before it (RFC 7323 appendix A)."""
MOST_OPTION_BYTES = 40

_TIMESTAMPS = struct.Struct("!II")
_TIMESTAMPS_OPTION = struct.Struct("!III")
_TIMESTAMPS_PREFIX = bytes((NO_OPERATION, NO_OPERATION, TIMESTAMPS, 10))
_TIMESTAMPS_WORD = int.from_bytes(_TIMESTAMPS_PREFIX, "big")

SackBlock = tuple[int, int]
"""Left and right edge; wire numbers in options, extended numbers in a connection."""


@dataclass(slots=True)
class Options:
    """The options of one segment that we understand; None where absent. Not frozen: made for every segment."""

    mss: int | None = None
    window_scale: int | None = None
    sack_permitted: bool = False
    ts_val: int | None = None
    ts_ecr: int = 0
    sack: tuple[SackBlock, ...] = ()


NO_OPTIONS = Options()

_LENGTHS = {MAXIMUM_SEGMENT_SIZE: (4,), WINDOW_SCALE: (3,), SACK_PERMITTED: (2,), SACK: (10, 18, 26, 34),
            TIMESTAMPS: (10,)}


def parse_options(data: bytes, start: int, end: int) -> Options | None:
    """Parse data[start:end]. Unknown ones are skipped by length (MUST-6); None upon an illegal length (MUST-7)."""
    if end - start == TIMESTAMPS_BYTES and data[start:start + 4] == _TIMESTAMPS_PREFIX:
        ts_val, ts_ecr = _TIMESTAMPS.unpack_from(data, start + 4)
        return Options(None, None, False, ts_val, ts_ecr)
    found = None
    while start < end:
        kind = data[start]
        if kind == END_OF_LIST:
            break
        if kind == NO_OPERATION:
            start += 1
            continue
        if start + 1 >= end:
            return None
        length = data[start + 1]
        if length < 2 or start + length > end:
            return None
        legal = _LENGTHS.get(kind)
        if legal is not None:
            if length not in legal:
                return None
            if found is None:
                found = Options()
            _take(found, kind, data, start + 2, length - 2)
        start += length
    return found or NO_OPTIONS


def _take(options: Options, kind: int, data: bytes, start: int, length: int) -> None:
    if kind == MAXIMUM_SEGMENT_SIZE:
        options.mss = data[start] << 8 | data[start + 1]
    elif kind == TIMESTAMPS:
        options.ts_val, options.ts_ecr = _TIMESTAMPS.unpack_from(data, start)
    elif kind == WINDOW_SCALE:
        options.window_scale = data[start]
    elif kind == SACK_PERMITTED:
        options.sack_permitted = True
    else:
        edges = struct.unpack_from(f"!{length // 4}I", data, start)
        options.sack = tuple(zip(edges[::2], edges[1::2], strict=True))


def pad(options: bytes) -> bytes:
    """Zero padding to a 32-bit boundary (MUST-69)."""
    return options + bytes(-len(options) % 4)


def timestamps_option(ts_val: int, ts_ecr: int) -> bytes:
    """The timestamps option, 12 bytes."""
    return _TIMESTAMPS_OPTION.pack(_TIMESTAMPS_WORD, ts_val, ts_ecr)


def syn_options(mss: int, window_scale: int | None = None, sack_permitted: bool = False,
                timestamps: tuple[int, int] | None = None) -> bytes:
    """Options of our SYN or SYN-ACK."""
    options = bytes((MAXIMUM_SEGMENT_SIZE, 4, mss >> 8, mss & 0xFF))
    if timestamps is not None:
        before = bytes((SACK_PERMITTED, 2)) if sack_permitted else bytes((NO_OPERATION, NO_OPERATION))
        options += before + bytes((TIMESTAMPS, 10)) + _TIMESTAMPS.pack(*timestamps)
    elif sack_permitted:
        options += bytes((NO_OPERATION, NO_OPERATION, SACK_PERMITTED, 2))
    if window_scale is not None:
        options += bytes((NO_OPERATION, WINDOW_SCALE, 3, window_scale))
    return options


def window_shift(receive_buffer: int) -> int:
    """The smallest shift with which a window of `receive_buffer` bytes can be told."""
    return min(max(receive_buffer.bit_length() - 16, 0), LARGEST_SHIFT)


class Negotiated:
    """What both ends agreed on in their SYNs."""

    __slots__ = ("rcv_wind_shift", "sack", "segment_option_bytes", "send_mss", "snd_wind_shift", "timestamps",
                 "window_scaling")

    def __init__(self) -> None:
        self.send_mss = DEFAULT_SEND_MSS
        self.window_scaling = False
        self.snd_wind_shift = 0
        self.rcv_wind_shift = 0
        self.timestamps = False
        self.sack = False
        self.segment_option_bytes = 0
        """Bytes of options in every segment after the SYN; they come off the segment's payload (MUST-16)."""

    def peer_syn(self, options: Options, config: TcpConfig) -> None:
        """Take the options of the peer's SYN: in force is what both sides have."""
        if config.window_scaling and options.window_scale is not None:
            self.window_scaling = True
            self.snd_wind_shift = min(options.window_scale, LARGEST_SHIFT)
            self.rcv_wind_shift = window_shift(config.receive_buffer)
        self.timestamps = config.timestamps and options.ts_val is not None
        self.sack = config.sack and options.sack_permitted
        self.segment_option_bytes = TIMESTAMPS_BYTES if self.timestamps else 0
        peer = DEFAULT_SEND_MSS if options.mss is None else max(options.mss, MINIMUM_SEND_MSS)
        self.send_mss = min(peer, config.mss) - self.segment_option_bytes
