"""What a script consists of: its options, and a list of events (the parser makes them, the executor runs them)."""

from __future__ import annotations

from dataclasses import dataclass, field

NANOSECONDS = 1_000_000_000


class ScriptError(Exception):
    """The text is not a script; `str` is one line with file and line number."""


class Unsupported(Exception):
    """The script needs something that HL-TCP or this interpreter does not have: it says nothing about HL-TCP."""


@dataclass(frozen=True)
class When:
    """Time of an event, in ns: absolute (since the start) or relative (to the event before); a range has an `end`.

    `any_time` ('*') has neither.
    """

    relative: bool = True
    start: int = 0
    end: int | None = None
    any_time: bool = False


@dataclass(frozen=True)
class Option:
    """A TCP option: its `kind` is mss, wscale, sackOK, sack, TS, nop, eol, or raw (bytes as given)."""

    kind: str
    values: tuple[int, ...] = ()
    data: bytes = b""

    def __str__(self) -> str:
        if self.kind == "sack":
            pairs = zip(self.values[::2], self.values[1::2], strict=True)
            return "sack " + " ".join(f"{left}:{right}" for left, right in pairs)
        if self.kind == "TS":
            return f"TS val {self.values[0]} ecr {self.values[1]}"
        if self.kind == "raw":
            return f"raw {self.data.hex()}"
        return " ".join([self.kind, *map(str, self.values)])


@dataclass(frozen=True)
class TcpPacket:
    """A TCP segment as a script writes it; None is what the script leaves open."""

    flags: int
    seq: int
    length: int
    ack: int | None = None
    window: int | None = None
    urgent: int | None = None
    options: tuple[Option, ...] | None = ()
    """None ('<...>'): whatever there is."""
    ecn: int | None = None
    """The two ECN bits of the IP header; -1 is either ECT."""
    ttl: int | None = None
    tos: int | None = None
    ports: tuple[int, int] | None = None
    addresses: tuple[str, str] | None = None
    extras: tuple[tuple[str, int], ...] = ()
    """Fields that are wrong on purpose (in), or looked at (out)."""


@dataclass(frozen=True)
class IcmpPacket:
    """An ICMP message about the segment `seq` .. `seq + length`, or an echo."""

    kind: str
    code: str | None = None
    mtu: int | None = None
    echo_id: int = 0
    seq: int = 0
    length: int = 0


@dataclass(frozen=True)
class UdpPacket:
    """A UDP datagram."""

    length: int
    ports: tuple[int, int] | None = None


Packet = TcpPacket | IcmpPacket | UdpPacket


@dataclass(frozen=True)
class Ellipsis:
    """'...': the interpreter's choice."""


@dataclass(frozen=True)
class Name:
    """A symbol such as SOL_SOCKET."""

    text: str


@dataclass(frozen=True)
class Or:
    """Alternatives joined by '|'."""

    parts: tuple[Value, ...]


@dataclass(frozen=True)
class Call:
    """htons(8080), inet_addr("10.0.0.1") and the like inside an expression."""

    name: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True)
class Sequence:
    """[a, b], or {a, b} without names."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Struct:
    """{name=value, ...}."""

    members: tuple[tuple[str, Value], ...]

    def get(self, name: str) -> Value | None:
        """The member `name`, or None."""
        return dict(self.members).get(name)


Value = int | str | Ellipsis | Name | Or | Call | Sequence | Struct


@dataclass(frozen=True)
class SystemCall:
    """name(arguments) = result errno; `until` (ns) is when a blocking call returns."""

    name: str
    arguments: tuple[Value, ...]
    result: Value | None
    errno: str | None = None
    until: int | None = None


@dataclass(frozen=True)
class PacketEvent:
    """A packet for HL-TCP (`inbound`), or one that it must send."""

    inbound: bool
    packet: Packet


@dataclass(frozen=True)
class Command:
    """A shell command in backticks."""

    text: str


@dataclass(frozen=True)
class Code:
    """A Python snippet, %{ ... }%."""

    text: str


@dataclass(frozen=True)
class Event:
    """Something at a time, from a line of the script."""

    line: int
    when: When
    action: PacketEvent | SystemCall | Command | Code


@dataclass(frozen=True)
class Script:
    """A whole script; `options` are those at its top, (name, value, line)."""

    path: str
    options: tuple[tuple[str, str, int], ...] = ()
    events: tuple[Event, ...] = field(default=())
