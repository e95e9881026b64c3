"""An iperf3 server for TCP: `iperf3 -c`, also with -R, --bidir, -P, -O, -t, -n, -l, -C and -N.

A test has a control connection and data connections, all to the same port; each begins with the client's cookie. On the
control connection both sides send states, a byte each; parameters and results are JSON after their length
(iperf3's src/iperf_api.h and iperf_server_api.c).
"""

from __future__ import annotations

import enum
import errno
import json
import socket as bsd
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from firmware.tcp.info import LAYOUT, TcpInfo
from models import kernel
from models.host.processor import Processor
from models.network.socket_interface import Endpoint

PORT = 5201
COOKIE_BYTES = 37
MOST_STREAMS = 128
MOST_BLOCK_BYTES = 1 << 20
MOST_JSON_BYTES = 1 << 20
PATIENCE_PS = 10 * kernel.S
"""So long may a client take for its next step, other than the test itself."""
LOOK_PS = kernel.S // 2
"""So often does a stream on which nothing moves look whether the test is over."""


class State(enum.IntEnum):
    """What is said on the control connection."""

    TEST_START = 1
    TEST_RUNNING = 2
    TEST_END = 4
    PARAM_EXCHANGE = 9
    CREATE_STREAMS = 10
    SERVER_TERMINATE = 11
    CLIENT_TERMINATE = 12
    EXCHANGE_RESULTS = 13
    DISPLAY_RESULTS = 14
    IPERF_DONE = 16
    ACCESS_DENIED = -1
    SERVER_ERROR = -2


class Fault(enum.IntEnum):
    """iperf3's numbers of what went wrong, which its client turns into words."""

    STREAM_COUNT = 6
    BLOCK_SIZE = 7
    NOT_IMPLEMENTED = 13
    CONTROL_CLOSED = 109
    UNKNOWN_MESSAGE = 110
    PARAMETERS = 114
    RESULTS = 117
    CONGESTION = 134
    STREAM_CONNECT = 203


class TestFailed(Exception):
    """The test cannot go on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name.lower().replace("_", " "))
        self.fault = fault


@dataclass(frozen=True)
class Parameters:
    """What the client wants."""

    streams: int = 1
    """In each direction that there is."""
    reverse: bool = False
    bidirectional: bool = False
    block_bytes: int = 1 << 17
    omit_s: int = 0
    """Seconds at the beginning that do not count."""
    nodelay: bool = False
    congestion: str = ""

    @classmethod
    def from_json(cls, values: Any) -> Parameters:
        """Raises TestFailed."""
        if not isinstance(values, dict):
            raise TestFailed(Fault.PARAMETERS)
        if values.get("udp") or values.get("sctp"):
            raise TestFailed(Fault.NOT_IMPLEMENTED)
        return cls(
            streams=_whole(values, "parallel", 1, MOST_STREAMS, Fault.STREAM_COUNT),
            reverse=bool(values.get("reverse")),
            bidirectional=bool(values.get("bidirectional")),
            block_bytes=_whole(values, "len", cls.block_bytes, MOST_BLOCK_BYTES, Fault.BLOCK_SIZE) or cls.block_bytes,
            omit_s=_whole(values, "omit", 0, 600, Fault.PARAMETERS),
            nodelay=bool(values.get("nodelay")),
            congestion=str(values.get("congestion", "")),
        )

    @property
    def connections(self) -> int:
        return self.streams * (2 if self.bidirectional else 1)

    def sends(self, number: int) -> bool:
        """Does the server send on the data connection that came as `number`, from 0?"""
        return number >= self.streams if self.bidirectional else self.reverse


def _whole(values: dict[str, Any], name: str, usual: int, most: int, fault: Fault) -> int:
    value = values.get(name, usual)
    if type(value) is not int:
        raise TestFailed(Fault.PARAMETERS)
    if not 0 <= value <= most:
        raise TestFailed(fault)
    return value


class Iperf3Server:
    """`handle` is for `service.serve`. One test at a time, as iperf3 does it."""

    def __init__(self, processor: Processor | None = None, say: Callable[[str], None] = lambda line: None) -> None:
        """`processor` is the one whose use is reported; `say` is told of each test in a line."""
        self.processor = processor
        self.say = say
        self.tests = 0
        self._test: _Test | None = None

    async def handle(self, sock: Any, address: Endpoint) -> None:
        """A connection: the control connection of a test, or one with its data."""
        sock.timeout_ps = PATIENCE_PS
        cookie = await sock.recv_exactly(COOKIE_BYTES)
        if len(cookie) < COOKIE_BYTES:
            return
        test = self._test
        if test is not None and test.wants(cookie):
            await test.carry(sock)
        elif test is not None:
            await sock.sendall(_state_byte(State.ACCESS_DENIED))
        else:
            test = self._test = _Test(self, sock, cookie)
            self.tests += 1
            try:
                await test.run()
            finally:
                test.is_over.set()
                self._test = None
                self.say(f"iperf3: {address[0]} {test.outcome()}")


class _Stream:
    """A data connection."""

    def __init__(self, number: int, sock: Any, sends: bool) -> None:
        self.number = number
        self.sock = sock
        self.sends = sends
        self.bytes = 0
        self.retransmits = -1
        self.sent = kernel.Event()
        """All that is to be sent has been taken by the card, and the end of the stream too."""

    @property
    def identifier(self) -> int:
        """As the client numbers its streams: there is no 2."""
        return self.number + 1 if self.number == 0 else self.number + 2


class _Test:
    """One test; `run` is at the control connection, `carry` at each of the others."""

    def __init__(self, server: Iperf3Server, control: Any, cookie: bytes) -> None:
        self._server = server
        self._control = control
        self._cookie = cookie
        self._parameters: Parameters | None = None
        self._streams: list[_Stream] = []
        self._came = kernel.Event()
        self._runs = kernel.Event()
        self.is_over = kernel.Event()
        self._ended = False
        self._begin_ps = self._end_ps = 0
        self._failure = ""

    def wants(self, cookie: bytes) -> bool:
        """Is this a data connection of the test?"""
        parameters = self._parameters
        return parameters is not None and cookie == self._cookie and len(self._streams) < parameters.connections

    async def run(self) -> None:
        """From the cookie to the last word. Raises OSError."""
        try:
            await self._run()
        except TestFailed as failure:
            self._failure = str(failure)
            await self._control.sendall(_state_byte(State.SERVER_ERROR) + struct.pack(">ii", failure.fault, 0))
        except OSError as error:
            self._failure = error.strerror or str(error)
            raise

    async def _run(self) -> None:
        control = self._control
        await control.setsockopt(bsd.IPPROTO_TCP, bsd.TCP_NODELAY, 1)
        await self._tell(State.PARAM_EXCHANGE)
        self._parameters = parameters = Parameters.from_json(await self._receive_json(Fault.PARAMETERS))
        await self._tell(State.CREATE_STREAMS)
        while len(self._streams) < parameters.connections:
            self._came.clear()
            late = kernel.after(PATIENCE_PS)
            if await kernel.first(self._came, late) is late:
                raise TestFailed(Fault.STREAM_CONNECT)
        for stream in self._streams:
            await self._prepare(stream)
        await self._tell(State.TEST_START)
        self._begin_ps = kernel.now() + parameters.omit_s * kernel.S
        processor = self._server.processor
        used = processor.measure() if processor is not None else None
        self._runs.set()
        await self._tell(State.TEST_RUNNING)
        control.timeout_ps = None
        await self._expect(State.TEST_END)
        self._ended, self._end_ps = True, kernel.now()
        cpu_percent = 100 * used.utilization if used is not None else 0.0
        control.timeout_ps = PATIENCE_PS
        # a client that waits for a block's rest learns only from the end of the stream that there is none
        late = kernel.after(PATIENCE_PS)
        for stream in self._streams:
            if stream.sends:
                await kernel.first(stream.sent, late)
        await self._tell(State.EXCHANGE_RESULTS)
        await self._receive_json(Fault.RESULTS)
        await self._send_json(self._results(cpu_percent))
        await self._tell(State.DISPLAY_RESULTS)
        await control.recv(1)  # IPERF_DONE, or the end

    async def _prepare(self, stream: _Stream) -> None:
        assert self._parameters is not None
        if self._parameters.nodelay:
            await stream.sock.setsockopt(bsd.IPPROTO_TCP, bsd.TCP_NODELAY, 1)
        if self._parameters.congestion:
            try:
                name = self._parameters.congestion.encode()
                await stream.sock.setsockopt(bsd.IPPROTO_TCP, bsd.TCP_CONGESTION, name)
            except OSError:
                raise TestFailed(Fault.CONGESTION) from None

    async def carry(self, sock: Any) -> None:
        """A data connection, until the test is over."""
        assert self._parameters is not None
        stream = _Stream(len(self._streams), sock, self._parameters.sends(len(self._streams)))
        self._streams.append(stream)
        self._came.set()
        await kernel.first(self._runs, self.is_over)
        sock.timeout_ps = LOOK_PS
        block = bytes(self._parameters.block_bytes)
        if stream.sends:
            await self._send(stream, block)
        else:
            await self._receive(stream, len(block))

    async def _send(self, stream: _Stream, block: bytes) -> None:
        while not (self._ended or self.is_over.is_set):
            with _unless_late():
                self._count(stream, await stream.sock.send(block))
        stream.retransmits = await _retransmits(stream.sock)
        await stream.sock.shutdown(bsd.SHUT_WR)
        stream.sent.set()
        await self.is_over

    async def _receive(self, stream: _Stream, size: int) -> None:
        while not self.is_over.is_set:
            with _unless_late():
                piece = await stream.sock.recv(size)
                if not piece:
                    await self.is_over
                self._count(stream, len(piece))

    def _count(self, stream: _Stream, count: int) -> None:
        if not self._ended and kernel.now() >= self._begin_ps:
            stream.bytes += count

    def _results(self, cpu_percent: float) -> dict[str, Any]:
        seconds = max(0, self._end_ps - self._begin_ps) / kernel.S
        return {
            "cpu_util_total": cpu_percent,
            "cpu_util_user": 0,
            "cpu_util_system": cpu_percent,
            "sender_has_retransmits": int(any(stream.retransmits >= 0 for stream in self._streams)),
            "streams": [
                {
                    "id": stream.identifier,
                    "bytes": stream.bytes,
                    "retransmits": stream.retransmits,
                    "jitter": 0,
                    "errors": 0,
                    "omitted_errors": 0,
                    "packets": 0,
                    "omitted_packets": 0,
                    "start_time": 0,
                    "end_time": seconds,
                }
                for stream in self._streams
            ],
        }

    def outcome(self) -> str:
        """In a line."""
        if self._failure:
            return f"test failed: {self._failure}"
        sent = sum(stream.bytes for stream in self._streams if stream.sends)
        received = sum(stream.bytes for stream in self._streams if not stream.sends)
        seconds = max(1, self._end_ps - self._begin_ps) / kernel.S
        rate = (sent + received) * 8 / seconds / 1e6
        return f"sent {sent} and received {received} bytes in {seconds:.3f} simulated s: {rate:.1f} Mb/s"

    # The control connection.

    async def _tell(self, state: State) -> None:
        await self._control.sendall(_state_byte(state))

    async def _expect(self, state: State) -> None:
        said = await self._control.recv(1)
        if not said or said == _state_byte(State.CLIENT_TERMINATE):
            raise OSError(errno.ECONNABORTED, "the client has given up")
        if said != _state_byte(state):
            raise TestFailed(Fault.UNKNOWN_MESSAGE)

    async def _receive_json(self, fault: Fault) -> Any:
        """Raises TestFailed, OSError."""
        head = await self._control.recv_exactly(4)
        length = int.from_bytes(head, "big")
        if len(head) < 4 or length > MOST_JSON_BYTES:
            raise TestFailed(fault)
        text = await self._control.recv_exactly(length)
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise TestFailed(fault) from None

    async def _send_json(self, values: dict[str, Any]) -> None:
        text = json.dumps(values).encode()
        await self._control.sendall(len(text).to_bytes(4, "big") + text)


@contextmanager
def _unless_late() -> Iterator[None]:
    """A call whose time was over is to be tried again."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EAGAIN:
            raise


def _state_byte(state: State) -> bytes:
    return struct.pack("b", state)


async def _retransmits(sock: Any) -> int:
    """Of a connection so far; -1 if it does not say."""
    with suppress(OSError, ValueError):
        return TcpInfo.unpack(await sock.getsockopt(bsd.IPPROTO_TCP, bsd.TCP_INFO, LAYOUT.size)).total_retrans
    return -1
