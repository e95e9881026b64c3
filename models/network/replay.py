"""A peer that plays a recording: its frames go to the card again, and what the card sends is held against it.

Frames go at their recorded times, but none before the card has sent what it answers: then everything after it is late
by as much. Initial sequence numbers, timestamps and ephemeral ports of the card may differ from the recorded ones;
what answers them is rewritten. Its sockets only follow: `connect` lets the recording's connection begin, `recv` gives
what the card sends, and what is sent is in the recording already.
"""

from __future__ import annotations

import difflib
import errno
import os
import socket as bsd
from collections import deque
from pathlib import Path
from typing import Any

from models import kernel
from models.network.ethernet_fcs import is_good
from models.network.recording import (
    ACK,
    FIN,
    OPTION_SACK,
    OPTION_TIMESTAMPS,
    SYN,
    Conversation,
    Recorded,
    Recording,
    Segment,
    describe,
    load,
    on_wire,
    parse_segment,
    rewritten,
    timestamp_of,
)
from models.network.socket_interface import Endpoint

BIT_PS = 1000
PREAMBLE_BYTES = 8
PATIENCE_PS = 5 * kernel.S
"""How long a frame waits for what it answers, beyond its own time, before it is given up."""
REPORT_FILE = "replay.txt"


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class ReplayInterface:
    """The replay's end of a link (`models.ports.WirePort`)."""

    whole_frames = True

    def __init__(self) -> None:
        self.arrived: Any = None
        self._receive: Any = lambda frame, begin_ps, end_ps: None
        self._free_at_ps = 0

    def connect(self, receive: Any) -> None:
        self._receive = receive

    def send(self, frame: bytes) -> None:
        """A frame from the card has arrived."""
        self.arrived(frame)

    async def transmit(self, frame: bytes, end_ps: int) -> int:
        """Send a frame (with FCS) so that its last bit arrives at `end_ps`, or as soon after as may be."""
        duration_ps = (PREAMBLE_BYTES + len(frame)) * 8 * BIT_PS
        await kernel.sleep_until(max(end_ps - duration_ps, self._free_at_ps))
        begin_ps = kernel.now()
        self._free_at_ps = begin_ps + duration_ps
        self._receive(frame, begin_ps, self._free_at_ps)
        return self._free_at_ps


class _Live:
    """A connection of the recording as it happens now."""

    def __init__(self, recorded: Conversation) -> None:
        self.recorded = recorded
        self.card_port: int | None = None if recorded.opened_by_card else recorded.card_port
        self.card_isn: int | None = None
        self.peer_isn: int = next(
            (each.segment.seq for each in recorded.frames
             if not each.from_card and each.segment is not None and each.segment.flags & SYN), 0)
        self.sent_to: int | None = None
        """One past the highest sequence number that the card has sent (as it counts now)."""
        self.timestamps: dict[int, int] = {}
        """What the card's recorded timestamps are now."""
        self.timestamp_shift = 0
        self.heard: list[tuple[int, bytes]] = []
        self.stream: deque[bytes] = deque()
        self.next_byte = 0
        self.ahead: dict[int, bytes] = {}
        self.fin_at: int | None = None
        self.acknowledged = False
        """The card has acknowledged the peer's SYN: the connection is open."""
        self.changed = kernel.Event()

    @property
    def shift(self) -> int:
        """From recorded sequence numbers of the card to those of now."""
        return ((self.card_isn or 0) - (self.recorded.card_isn or 0)) % 2**32

    def hear(self, frame: bytes, segment: Segment, time_ps: int) -> None:
        """The card has sent this."""
        self.heard.append((time_ps, frame))
        if segment.flags & SYN and self.card_isn is None:
            self.card_isn = segment.seq
            stamp = timestamp_of(frame, segment)
            if stamp is not None and self.recorded.card_timestamp is not None:
                self.timestamp_shift = stamp - self.recorded.card_timestamp
        self.acknowledged |= self.card_isn is not None and bool(segment.flags & ACK)
        end = segment.seq + segment.length
        if self.sent_to is None or 0 < (end - self.sent_to) % 2**32 < 2**31:
            self.sent_to = end % 2**32
        self._map_timestamp(frame, segment)
        if self.card_isn is not None:
            self._take(segment)
        self.changed.set()

    def _map_timestamp(self, frame: bytes, segment: Segment) -> None:
        """The recorded frame in the same place says what this frame's timestamp was then."""
        theirs = [each for each in self.recorded.frames if each.from_card]
        place = len(self.heard) - 1
        if place < len(theirs):
            then = theirs[place]
            assert then.segment is not None
            stamp, recorded = timestamp_of(frame, segment), timestamp_of(then.frame, then.segment)
            same = (then.segment.seq + self.shift - segment.seq) % 2**32 == 0
            if stamp is not None and recorded is not None and same:
                self.timestamps[recorded] = stamp

    def _take(self, segment: Segment) -> None:
        """Put payload into the stream."""
        assert self.card_isn is not None
        offset = (segment.seq + bool(segment.flags & SYN) - self.card_isn - 1) % 2**32
        at = (offset - self.next_byte + 2**31) % 2**32 - 2**31 + self.next_byte  # beyond 4 GiB it goes on
        if segment.flags & FIN:
            self.fin_at = at + len(segment.payload)
        if segment.payload and at + len(segment.payload) > self.next_byte:
            self.ahead[at] = max(self.ahead.get(at, b""), segment.payload, key=len)
        while self.ahead:
            at = min(self.ahead)
            if at > self.next_byte:
                break
            data = self.ahead.pop(at)[self.next_byte - at :]
            if data:
                self.stream.append(data)
                self.next_byte += len(data)

    @property
    def at_end(self) -> bool:
        return self.fin_at is not None and self.next_byte >= self.fin_at


class ReplayPeer:
    """Use as `models.network.peer.Peer`; differences from the recording are in `differences` after `finish`."""

    def __init__(self, path: Path, card_mac: str, card_addresses: tuple[str, ...]) -> None:
        """Raises RecordingError, OSError."""
        self.recording: Recording = load(path, card_addresses)
        self.wire = ReplayInterface()
        self.wire.arrived = self._frame_arrives
        self.late_ps = 0
        """How much later than recorded the frames go by now."""
        self.differences: list[str] = []
        self._card_mac = bytes.fromhex(card_mac.replace(":", ""))
        self._live = [_Live(each) for each in self.recording.conversations]
        self._of = {id(each): live for live in self._live for each in live.recorded.frames}
        self._others_heard: list[tuple[int, bytes]] = []
        self._damaged_heard = 0
        self._connects: dict[int, int] = {}
        self._changed = kernel.Event()
        self._played: kernel.Task[None] | None = None
        self._given_up: list[str] = []

    def start(self) -> None:
        """Begin to play, if the recorded times are those of a simulation."""
        if self.recording.simulated:
            self._played = kernel.spawn(self._play(), "replay")

    async def ready(self) -> None:
        """Until applications may use it: at once. What comes from elsewhere begins when the card is up."""
        if self._played is None:
            self.late_ps = kernel.now()
            self._played = kernel.spawn(self._play(), "replay")

    def drops(self) -> dict[str, int]:
        return {"peer_fcs": self._damaged_heard}

    def details(self) -> dict[str, Any]:
        """What else it has to say in the summary."""
        return {
            "replay_frames": sum(not each.from_card for each in self.recording.frames),
            "replay_late_ns": self.late_ps // kernel.NS,
            "replay_differences": len(self.differences),
        }

    async def finish(self, out: Path) -> None:
        """Play to the end, and leave a line for each difference in `out`/replay.txt."""
        assert self._played is not None
        await self._played
        await kernel.sleep_until(self.recording.end_ps + self.late_ps + kernel.US)
        self.differences = self._given_up + self._compare()
        (out / REPORT_FILE).write_text("".join(f"{each}\n" for each in self.differences))

    # Sockets.

    async def socket(self) -> ReplaySocket:
        """A socket that follows a connection of the recording."""
        return ReplaySocket(self)

    async def listen(self, port: int, backlog: int = 128) -> ReplaySocket:
        sock = await self.socket()
        await sock.bind(("", port))
        await sock.listen(backlog)
        return sock

    async def connect(self, address: Endpoint) -> ReplaySocket:
        sock = await self.socket()
        await sock.connect(address)
        return sock

    def conversations(self, port: int, opened_by_card: bool) -> list[_Live]:
        """Of the recording, with this port at the end that listens."""
        return [
            each for each in self._live
            if each.recorded.opened_by_card is opened_by_card
            and port == (each.recorded.peer_port if opened_by_card else each.recorded.card_port)
        ]

    def may_connect(self, port: int) -> _Live:
        """The application connects: one more recorded connection to that port may begin. Raises OSError."""
        found = self.conversations(port, opened_by_card=False)
        count = self._connects.get(port, 0)
        if count >= len(found):
            raise error(errno.ECONNREFUSED)
        self._connects[port] = count + 1
        self._changed.set()
        return found[count]

    # Playing.

    def _frame_arrives(self, frame: bytes) -> None:
        if not is_good(frame):
            self._damaged_heard += 1
            return
        frame = frame[:-4]
        segment = parse_segment(frame, from_card=True)
        if segment is None:
            self._others_heard.append((kernel.now(), frame))
        else:
            live = self._live_of(segment)
            if live is None:
                self._others_heard.append((kernel.now(), frame))
            else:
                live.hear(frame, segment, kernel.now())
        self._changed.set()

    def _live_of(self, segment: Segment) -> _Live | None:
        opens = segment.flags & (SYN | ACK) == SYN
        latest = None
        for each in self._live:
            if each.recorded.peer_port != segment.peer_port:
                continue
            if each.card_port == segment.card_port and not (opens and each.heard and each.card_isn != segment.seq):
                if each.heard or not each.recorded.opened_by_card:
                    latest = each
            elif opens and each.card_port is None and latest is None:
                each.card_port = segment.card_port
                return each
        return latest

    async def _play(self) -> None:
        others_due = 0
        sent_then: dict[int, int] = {}
        for each in self.recording.frames:
            live = self._of.get(id(each))
            if each.from_card:
                if live is None:
                    others_due += 1
                else:
                    assert each.segment is not None
                    end = (each.segment.seq + each.segment.length) % 2**32
                    known = sent_then.get(id(live))
                    if known is None or (end - known) % 2**32 < 2**31:
                        sent_then[id(live)] = end
                continue
            answered = await self._answers_what_was_sent(each, live, others_due, sent_then.get(id(live)))
            if not answered:
                self._given_up.append(
                    f"frame {each.number} of the recording was not played: the card did not send what it answers"
                )
                continue
            frame = self._frame_now(each, live)
            ended_ps = await self.wire.transmit(frame, each.time_ps + self.late_ps)
            self.late_ps = max(self.late_ps, ended_ps - each.time_ps) if ended_ps - each.time_ps > 1 else self.late_ps

    async def _answers_what_was_sent(
        self, each: Recorded, live: _Live | None, others_due: int, sent_then: int | None
    ) -> bool:
        """Wait until the card has sent what the frame answers; False when that does not come."""
        begin_ps = max(kernel.now(), each.time_ps + self.late_ps)
        while not self._may_go(each, live, others_due, sent_then):
            if kernel.now() >= begin_ps + PATIENCE_PS:
                return False
            self._changed.clear()
            await kernel.first(self._changed, kernel.after(begin_ps + PATIENCE_PS - kernel.now()))
        return True

    def _may_go(self, each: Recorded, live: _Live | None, others_due: int, sent_then: int | None) -> bool:
        segment = each.segment
        if live is None or segment is None:
            return each.damaged is not None or len(self._others_heard) >= others_due
        if not live.recorded.opened_by_card and segment.flags & (SYN | ACK) == SYN:
            port = live.recorded.card_port
            return self.conversations(port, opened_by_card=False).index(live) < self._connects.get(port, 0)
        if not segment.flags & ACK or sent_then is None:
            return live.card_port is not None
        if live.sent_to is None:
            return False
        behind = (sent_then - segment.ack) % 2**32
        needed = segment.ack if behind < 2**31 else sent_then  # what it acknowledges too much is not waited for
        return (live.sent_to - needed - live.shift) % 2**32 < 2**31

    def _frame_now(self, each: Recorded, live: _Live | None) -> bytes:
        if each.damaged is not None:
            return each.damaged
        segment = each.segment
        if segment is None or live is None:
            return on_wire(each.frame)
        changes = {segment.at + 2: (live.card_port or live.recorded.card_port).to_bytes(2, "big")}
        if segment.flags & ACK:
            changes[segment.at + 8] = ((segment.ack + live.shift) % 2**32).to_bytes(4, "big")
        for kind, at, length in segment.options:
            if kind == OPTION_TIMESTAMPS and length == 10 and segment.flags & ACK:
                echo = int.from_bytes(each.frame[at + 6 : at + 10], "big")
                now = live.timestamps.get(echo, echo + live.timestamp_shift)
                changes[at + 6] = (now % 2**32).to_bytes(4, "big")
            elif kind == OPTION_SACK:
                for edge in range(at + 2, at + length, 4):
                    value = int.from_bytes(each.frame[edge : edge + 4], "big") + live.shift
                    changes[edge] = (value % 2**32).to_bytes(4, "big")
        return on_wire(rewritten(each.frame, segment, changes))

    # Comparing.

    def _compare(self) -> list[str]:
        """A line for each frame of the card that is not as recorded."""
        end_ps = self.recording.end_ps + self.late_ps
        found: list[str] = []
        others = [(each.number, describe(each.frame, True)) for each in self.recording.frames
                  if each.from_card and id(each) not in self._of]
        found += _differences(others, [(time, describe(frame, True)) for time, frame in self._others_heard
                                       if time <= end_ps])
        for live in self._live:
            isn = live.recorded.card_isn or 0
            then = [(each.number, describe(each.frame, True, isn, live.peer_isn))
                    for each in live.recorded.frames if each.from_card]
            now = [(time, describe(frame, True, live.card_isn or 0, live.peer_isn))
                   for time, frame in live.heard if time <= end_ps]
            found += _differences(then, now)
        return found


def _differences(then: list[tuple[int, str]], now: list[tuple[int, str]]) -> list[str]:
    matcher = difflib.SequenceMatcher(None, [text for _, text in then], [text for _, text in now], autojunk=False)
    lines = []
    for kind, begin, end, now_begin, now_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for place in range(max(end - begin, now_end - now_begin)):
            recorded = then[begin + place] if begin + place < end else None
            seen = now[now_begin + place] if now_begin + place < now_end else None
            when = "" if seen is None else f"at {seen[0] / kernel.US:.3f} us the card sent {seen[1]}"
            if recorded is None:
                lines.append(f"{when}, which is not in the recording")
            elif seen is None:
                lines.append(f"frame {recorded[0]} of the recording did not come: {recorded[1]}")
            else:
                lines.append(f"{when}, frame {recorded[0]} of the recording is {recorded[1]}")
    return lines


class ReplaySocket:
    """Follows one connection of the recording (`models.network.socket_interface.Socket`)."""

    def __init__(self, peer: ReplayPeer, live: _Live | None = None) -> None:
        self._peer = peer
        self._live = live
        self._port = 0
        self._waiting: list[_Live] = []

    async def bind(self, address: Endpoint) -> None:
        self._port = address[1]

    async def listen(self, backlog: int = 128) -> None:
        self._waiting = self._peer.conversations(self._port, opened_by_card=True)

    async def accept(self) -> tuple[ReplaySocket, Endpoint]:
        if not self._waiting:
            raise error(errno.EINVAL)
        live = self._waiting.pop(0)
        child = ReplaySocket(self._peer, live)
        await child._until_open()
        return child, await child.getpeername()

    async def connect(self, address: Endpoint) -> None:
        self._live = self._peer.may_connect(address[1])
        await self._until_open()

    async def _until_open(self) -> None:
        live = self._connection()
        while not live.acknowledged:
            live.changed.clear()
            await live.changed

    async def send(self, data: bytes, flags: int = 0) -> int:
        """What the peer has sent is in the recording."""
        self._connection()
        return len(data)

    async def sendall(self, data: bytes, flags: int = 0) -> None:
        self._connection()

    async def recv(self, size: int, flags: int = 0) -> bytes:
        """What the card has sent, in order and once; b"" after its FIN."""
        if flags & int(bsd.MSG_WAITALL):
            return await self.recv_exactly(size)
        live = self._connection()
        while size and not live.stream:
            if live.at_end:
                return b""
            live.changed.clear()
            await live.changed
        data = live.stream.popleft()
        if len(data) > size:
            live.stream.appendleft(data[size:])
        return data[:size]

    async def recv_exactly(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end of the stream."""
        parts = []
        while size and (part := await self.recv(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    async def shutdown(self, how: int) -> None:
        """In the recording."""

    async def close(self) -> None:
        """In the recording."""

    async def getsockname(self) -> Endpoint:
        return "", self._port if self._live is None else self._live.recorded.peer_port

    async def getpeername(self) -> Endpoint:
        return "", self._connection().card_port or 0

    def _connection(self) -> _Live:
        if self._live is None:
            raise error(errno.ENOTCONN)
        return self._live
