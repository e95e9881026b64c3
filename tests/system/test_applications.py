"""The host's servers on the card, with the simulated peer as their client."""

from __future__ import annotations

import json
from typing import Any

from models import kernel
from models.bench import Bench
from models.host.applications import echo, iperf3_server, service, web_server
from models.host.applications.iperf3_server import Iperf3Server, State
from models.host.applications.web_server import Page, Upload, WebServer
from tests.system.on_card import on_card

WEB = WebServer({"/": Page("text/plain", b"hello"), "/upload": Upload()})


async def serving(bench: Bench, port: int, handler: service.Handler) -> Any:
    """Start a server on the host; returns a connection of the peer to it."""
    listener = await service.listen(bench.host.process(), port)
    kernel.spawn(service.serve(listener, handler, "server"))
    return await bench.peer.connect((bench.host_address, port))


async def read_all(sock: Any) -> bytes:
    data = b""
    while piece := await sock.recv(1 << 16):
        data += piece
    return data


@on_card()
async def test_a_page_and_an_echo_come_over_the_card(bench: Bench) -> None:
    web = await serving(bench, web_server.PORT, WEB.handle)
    await web.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert (await read_all(web)).endswith(b"\r\n\r\nhello")
    sock = await serving(bench, echo.PORT, echo.handle)
    await sock.sendall(b"there and back")
    assert await sock.recv_exactly(14) == b"there and back"


@on_card(card="model")
async def test_a_client_that_says_nothing_is_left_and_one_that_stops_in_the_middle_is_told(bench: Bench) -> None:
    silent = await serving(bench, web_server.PORT, WEB.handle)
    begin_ps = kernel.now()
    assert await read_all(silent) == b""
    assert abs(kernel.now() - begin_ps - web_server.IDLE_PS) < kernel.S
    for beginning in (b"GET / HT", b"POST /upload HTTP/1.1\r\nHost: card\r\nContent-Length: 9\r\n\r\nhalf"):
        sock = await bench.peer.connect((bench.host_address, web_server.PORT))
        await sock.sendall(beginning)
        assert (await read_all(sock)).startswith(b"HTTP/1.1 408 ")


@on_card(card="model")
async def test_iperf3_hears_of_retransmissions_and_of_a_client_that_says_nothing(bench: Bench) -> None:
    control = await serving(bench, iperf3_server.PORT, Iperf3Server(bench.host.processor).handle)
    cookie = b"c" * 37
    await control.sendall(cookie)
    assert await control.recv(1) == bytes([State.PARAM_EXCHANGE])
    text = json.dumps({"tcp": True, "reverse": True, "len": 10_000, "congestion": "cubic", "nodelay": True}).encode()
    await control.sendall(len(text).to_bytes(4, "big") + text)
    assert await control.recv(1) == bytes([State.CREATE_STREAMS])
    stream = await bench.peer.connect((bench.host_address, iperf3_server.PORT))
    await stream.sendall(cookie)
    draining = kernel.spawn(read_all(stream))
    assert await control.recv_exactly(2) == bytes([State.TEST_START, State.TEST_RUNNING])
    await kernel.sleep(20 * kernel.MS)
    await control.sendall(bytes([State.TEST_END]))
    assert await control.recv(1) == bytes([State.EXCHANGE_RESULTS])
    await control.sendall(b"\0\0\0\x02{}")
    values = json.loads(await control.recv_exactly(int.from_bytes(await control.recv_exactly(4), "big")))
    assert values["sender_has_retransmits"] == 1 and values["streams"][0]["retransmits"] == 0
    assert values["cpu_util_total"] > 0 and len(await draining) >= values["streams"][0]["bytes"] > 100_000
    await control.close()

    silent = await bench.peer.connect((bench.host_address, iperf3_server.PORT))
    begin_ps = kernel.now()
    assert await read_all(silent) == b""
    assert abs(kernel.now() - begin_ps - iperf3_server.PATIENCE_PS) < kernel.S
