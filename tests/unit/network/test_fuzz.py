"""Whatever comes over the wire: no exception, no hang, bounded memory, and every frame is accounted for by name."""

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.network.ipv6_layer import Ipv6Config
from firmware.network.outcomes import OUTCOMES
from firmware.stack import CONTROL_QUEUE, PATH_MTUS, Stack, needs_whole_frame, segment_in_software
from firmware.tcp import DataArrived, TcpConfig
from firmware.tcp.connection import CallError

from .random_frames import ADDRESS, ADDRESS6, FIXED, MAC, PEER, PEER6, Frames

MS = 1_000_000
BACKLOG = 8


class Reference:
    """A receive buffer that cannot be read."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> "Reference":
        begin, end, _ = part.indices(self._length)
        return Reference(max(0, end - begin))


class Fuzzed:
    """A stack with two listeners and applications that answer what they get."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = random.Random(seed)
        self.now = 0
        self.stack = Stack(MAC, ADDRESS, 24, "10.0.0.254", secret=b"s", rng=random.Random(1),
                           config=TcpConfig(out_of_order_segments=16), ipv6=Ipv6Config(address=ADDRESS6))
        self.stack.listen(80, BACKLOG)
        self.stack.listen(81, BACKLOG)
        self.work()
        if seed % 4:  # our addresses are known to be ours alone
            self.now = 2000 * MS
            self.work()

    def put(self, frame: bytes) -> None:
        """A frame as the wire brings it, sometimes of unreadable payload; it has one outcome, and each piece has."""
        stack, whole = self.stack, self.rng.random() < 0.5 or needs_whole_frame(frame)
        before = stack.frames_in, stack.segments_in, self.counted()
        stack.frame_arrives(frame if whole else frame[:160], frame if whole else Reference(len(frame)), self.now,
                            None if whole else True)
        arrived = stack.frames_in - before[0]
        assert arrived >= 1
        assert arrived == stack.segments_in - before[1] + self.counted() - before[2], frame.hex()

    def counted(self) -> int:
        return sum(count for name, count in self.stack.counters.items() if name in OUTCOMES)

    def work(self) -> None:
        """Applications, timers and the interface do what they have to; each comes to an end."""
        stack = self.stack
        while stack.events:
            connection, event = stack.events.popleft()
            if isinstance(event, DataArrived) and self.rng.random() < 0.7:
                connection.consumed(min(len(event.payload), connection.rcv_unread), self.now)
            with contextlib.suppress(CallError):  # it is closing, or gone
                match self.rng.randrange(12):
                    case 0:
                        connection.send(self.rng.choice((1, 1000, 5000)), self.now)
                    case 1:
                        connection.close(self.now)
                    case 2:
                        connection.release(self.now)
        for listener in stack.listeners:
            if self.rng.random() < 0.5:
                listener.accept()
        for _turn in range(2000):
            offer = stack.poll_transmit(self.now)
            if offer is None:
                break
            if self.rng.random() < 0.05:
                segment_in_software(offer, bytes(offer.length))
            stack.transmitted(offer, self.now)
        else:
            raise AssertionError("the stack does not stop sending")
        for _turn in range(50):
            deadline = stack.next_deadline()
            if deadline is None or deadline > self.now:
                break
            stack.timeout(self.now)
        else:
            raise AssertionError(f"a timer at {deadline} comes again and again")

    def check_bounds(self) -> None:
        stack = self.stack
        assert len(stack.output.control) <= CONTROL_QUEUE and len(stack.table.path_mtus) <= PATH_MTUS
        assert not stack._reassembled
        for layer in (stack.ipv4, stack.ipv6):
            assert layer.reassembler.held_bytes <= 1 << 18 and len(layer.reassembler) <= 64
        assert len(stack.arp._cache) <= 1024 and len(stack.arp._pending) <= 1024 + len(stack.connections)
        assert len(stack.ipv6.neighbors._entries) <= 1024 + len(stack.connections)
        assert len(stack.ipv6.addresses.known()) <= 16
        assert len(stack.ipv6.routes._prefixes) <= 32 and len(stack.ipv6.routes._routers) <= 16
        assert len(stack.ipv6.routes._redirects) <= 256 and len(stack.ipv4._redirects) <= 256
        assert len(stack.timers) <= 200 + 4 * len(stack.connections)

    def connect(self) -> None:
        """Open connections, to who answers and who does not."""
        for remote in (PEER, PEER6, "192.0.2.1", "2001:db8:1::1"):
            with contextlib.suppress(CallError):  # no route yet, or an address that turned out to be another's
                self.stack.connect(remote, 9, self.now)

    def run(self, frames: int) -> None:
        supply = Frames(self.rng, self.stack)
        for number in range(frames):
            self.put(supply.next())
            if self.rng.random() < 0.3:
                self.now += self.rng.choice((1, 1000, MS, MS, 10 * MS, 50 * MS)) if self.rng.random() < 0.98 else (
                    self.rng.choice((1000 * MS, 5000 * MS, 70_000 * MS)))
                self.work()
            if self.rng.random() < 0.002:
                self.connect()
            if len(self.stack.connections) > 64:
                for connection in self.stack.connections[:32]:
                    connection.abort(self.now)
            if not number % 500:
                self.check_bounds()
        self.check_bounds()


def test_frames_at_random_and_mutated_are_accounted_for(seed: int) -> None:
    fuzzed = Fuzzed(seed)
    fuzzed.run(6000)
    kinds = {name for name in fuzzed.stack.counters if name in OUTCOMES}
    assert len(kinds) > 50, "the mutations reach too little"
    assert fuzzed.stack.segments_in > 500


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(8))
def test_many_more_frames_at_random_are_accounted_for(seed: int, part: int) -> None:
    Fuzzed(seed * 1000 + part).run(150_000)


@given(st.binary(max_size=200))
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    fuzzed = Fuzzed()
    fuzzed.put(data)
    fuzzed.put(bytes.fromhex(MAC.replace(":", "")) + data)


@given(st.sampled_from(FIXED), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6),
       st.integers(0, 200))
def test_good_frames_with_other_bytes_are_accounted_for(frame: bytes, changes: list[tuple[int, int]],
                                                        length: int) -> None:
    fuzzed = Fuzzed()
    fuzzed.now = 2000 * MS
    fuzzed.work()
    mutated = bytearray(frame)
    for at, value in changes:
        mutated[at % len(mutated)] = value
    fuzzed.put(bytes(mutated))
    fuzzed.put(bytes(mutated[:14 + length]))
    fuzzed.work()
    fuzzed.check_bounds()
