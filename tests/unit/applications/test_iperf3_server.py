"""iperf3's protocol by the byte: what its client says, and what a client says that does not keep to it."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from models import kernel
from models.host.applications import iperf3_server
from models.host.applications.iperf3_server import Fault, Iperf3Server, State
from tests.unit.applications import in_simulation

COOKIE = b"c" * 36 + b"\0"
SERVER = (in_simulation.SERVER, iperf3_server.PORT)


def state(each: State) -> bytes:
    return struct.pack("b", each)


def framed(values: Any) -> bytes:
    text = values if isinstance(values, bytes) else json.dumps(values).encode()
    return len(text).to_bytes(4, "big") + text


class Client:
    """One test of an iperf3 client, a step at a time."""

    def __init__(self, peer: Any, cookie: bytes = COOKIE) -> None:
        self.peer = peer
        self.cookie = cookie

    async def open(self) -> Any:
        self.control = await self.connect()
        return self

    async def connect(self) -> Any:
        sock = await self.peer.connect(SERVER)
        await sock.sendall(self.cookie)
        return sock

    async def expect(self, each: State) -> None:
        assert await self.control.recv(1) == state(each)

    async def parameters(self, **values: Any) -> None:
        await self.expect(State.PARAM_EXCHANGE)
        await self.control.sendall(framed({"tcp": True, "time": 1, "parallel": 1, "len": 4096, **values}))

    async def streams(self, count: int) -> list[Any]:
        await self.expect(State.CREATE_STREAMS)
        socks = [await self.connect() for _ in range(count)]
        await self.expect(State.TEST_START)
        await self.expect(State.TEST_RUNNING)
        return socks

    async def results(self) -> dict[str, Any]:
        await self.control.sendall(state(State.TEST_END))
        await self.expect(State.EXCHANGE_RESULTS)
        await self.control.sendall(framed({"cpu_util_total": 1, "streams": []}))
        length = int.from_bytes(await self.control.recv_exactly(4), "big")
        values = json.loads(await self.control.recv_exactly(length))
        await self.expect(State.DISPLAY_RESULTS)
        await self.control.sendall(state(State.IPERF_DONE))
        assert await self.control.recv(1) == b""
        return values

    async def fault(self) -> Fault:
        await self.expect(State.SERVER_ERROR)
        number, _ = struct.unpack(">ii", await self.control.recv_exactly(8))
        assert await self.control.recv(1) == b""
        return Fault(number)


def run(client: Any) -> list[str]:
    """The lines that the server says."""
    lines: list[str] = []
    in_simulation.run(iperf3_server.PORT, Iperf3Server(say=lines.append).handle, client)
    return lines


def test_the_client_sends_and_learns_what_has_arrived() -> None:
    async def main(peer: Any) -> None:
        for number in range(2):  # one test after the other
            client = await Client(peer, bytes([65 + number]) * 36 + b"\0").open()
            await client.parameters()
            (sock,) = await client.streams(1)
            await sock.sendall(bytes(100_000))
            await kernel.sleep(kernel.S)
            values = await client.results()
            (stream,) = values["streams"]
            assert (stream["id"], stream["bytes"]) == (1, 100_000)
            assert stream["end_time"] == pytest.approx(1, abs=0.01)
            assert {"cpu_util_total", "cpu_util_user", "cpu_util_system", "sender_has_retransmits"} <= values.keys()
            await sock.close()

    lines = run(main)
    assert len(lines) == 2 and "sent 0 and received 100000 bytes" in lines[0]


def test_parallel_streams_have_the_numbers_that_the_client_gives_them() -> None:
    async def main(peer: Any) -> None:
        client = await Client(peer).open()
        await client.parameters(parallel=3)
        socks = await client.streams(3)
        for number, sock in enumerate(socks, 1):
            await sock.sendall(bytes(1000 * number))
        await kernel.sleep(kernel.S)
        values = await client.results()
        assert [(each["id"], each["bytes"]) for each in values["streams"]] == [(1, 1000), (3, 2000), (4, 3000)]

    run(main)


@pytest.mark.parametrize("options", [{"reverse": True}, {"bidirectional": True}], ids=["reverse", "bidirectional"])
def test_the_server_sends_until_the_test_ends(options: dict[str, Any]) -> None:
    async def main(peer: Any) -> None:
        client = await Client(peer).open()
        await client.parameters(**options)
        socks = await client.streams(len(options) + ("bidirectional" in options))
        got = 0

        async def drain(sock: Any) -> None:
            nonlocal got
            while piece := await sock.recv(1 << 16):
                got += len(piece)

        draining = kernel.spawn(drain(socks[-1]))
        await kernel.sleep(100 * kernel.MS)
        values = await client.results()
        await draining
        assert values["streams"][-1]["bytes"] > 1_000_000
        assert got == pytest.approx(values["streams"][-1]["bytes"], abs=4096)

    run(main)


def test_what_comes_in_the_omitted_seconds_does_not_count() -> None:
    async def main(peer: Any) -> None:
        client = await Client(peer).open()
        await client.parameters(omit=2)
        (sock,) = await client.streams(1)
        await sock.sendall(bytes(10_000))
        await kernel.sleep(3 * kernel.S)
        await sock.sendall(bytes(500))
        await kernel.sleep(kernel.S)
        (stream,) = (await client.results())["streams"]
        assert stream["bytes"] == 500 and stream["end_time"] == pytest.approx(2, abs=0.01)

    run(main)


def test_who_comes_during_a_test_is_refused_and_the_test_goes_on() -> None:
    async def main(peer: Any) -> None:
        client = await Client(peer).open()
        await client.parameters()
        (sock,) = await client.streams(1)
        other = await Client(peer, b"x" * 37).open()
        await other.expect(State.ACCESS_DENIED)
        await sock.sendall(bytes(10))
        await kernel.sleep(kernel.S)
        assert (await client.results())["streams"][0]["bytes"] == 10

    run(main)


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        (framed({"udp": True}), Fault.NOT_IMPLEMENTED),
        (framed({"tcp": True, "parallel": 1000}), Fault.STREAM_COUNT),
        (framed({"tcp": True, "parallel": "two"}), Fault.PARAMETERS),
        (framed({"tcp": True, "len": 1 << 30}), Fault.BLOCK_SIZE),
        (framed([1, 2]), Fault.PARAMETERS),
        (framed(b"no JSON"), Fault.PARAMETERS),
        (b"\xff\xff\xff\xff", Fault.PARAMETERS),
    ],
    ids=["UDP", "streams", "no number", "block", "no object", "no JSON", "length"],
)
def test_parameters_that_cannot_be_are_answered_with_iperf3s_number(parameters: bytes, fault: Fault) -> None:
    async def main(peer: Any) -> None:
        client = await Client(peer).open()
        await client.expect(State.PARAM_EXCHANGE)
        await client.control.sendall(parameters)
        assert await client.fault() is fault
        again = await Client(peer).open()  # the server is free again
        await again.parameters()
        await again.expect(State.CREATE_STREAMS)

    assert "test failed" in run(main)[0]


def test_streams_that_do_not_come_end_the_test() -> None:
    async def main(peer: Any) -> None:
        client = await Client(peer).open()
        await client.parameters(parallel=2)
        await client.expect(State.CREATE_STREAMS)
        await client.connect()
        assert await client.fault() is Fault.STREAM_CONNECT

    run(main)


@pytest.mark.parametrize("words", [state(State.CLIENT_TERMINATE), b"", b"?"], ids=["terminated", "gone", "nonsense"])
def test_a_client_that_gives_up_in_the_middle_leaves_the_server_free(words: bytes) -> None:
    async def main(peer: Any) -> None:
        client = await Client(peer).open()
        await client.parameters(reverse=True)
        (sock,) = await client.streams(1)
        await client.control.sendall(words)
        await client.control.close()
        await sock.close()
        await kernel.sleep(kernel.S)
        again = await Client(peer).open()
        await again.parameters()
        await again.expect(State.CREATE_STREAMS)

    assert "test failed" in run(main)[0]
