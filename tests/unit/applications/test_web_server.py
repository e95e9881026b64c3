"""HTTP by the byte: what clients send, well-formed or not, and what they get."""

from __future__ import annotations

import hashlib
import io
import json
import socket as bsd
from dataclasses import dataclass
from typing import Any

import pytest

from models import kernel
from models.host.applications import web_server
from models.host.applications.web_server import Page, Upload, WebServer
from tests.unit.applications import in_simulation

FILE = bytes(range(256)) * 1000
SITE = {"/": Page("text/html", b"<p>page</p>"), "/a file": Page("image/png", FILE), "/upload": Upload()}


@dataclass(frozen=True)
class Answer:
    """A response as it stands on the wire."""

    version: str
    status: int
    headers: dict[str, str]
    body: bytes


def answers(data: bytes, heads: tuple[int, ...] = ()) -> list[Answer]:
    """All responses in a stream, to its last byte; `heads` are the places of those to HEAD."""
    found: list[Answer] = []
    stream = io.BytesIO(data)
    while line := stream.readline():
        version, status, _ = line.decode().rstrip("\r\n").split(" ", 2)
        headers = {}
        while (line := stream.readline()) != b"\r\n":
            name, value = line.decode().rstrip("\r\n").split(": ", 1)
            headers[name.lower()] = value
        final = int(status) >= 200
        length = int(headers["content-length"]) if final and len(found) not in heads else 0
        body = stream.read(length)
        assert len(body) == length
        found.append(Answer(version, int(status), headers, body))
    return found


def talk(*pieces: bytes, heads: tuple[int, ...] = (), shutdown: bool = True) -> list[Answer]:
    """Send the pieces, one after the other, and read until the server closes."""

    async def client(peer: Any) -> bytes:
        sock = await peer.connect((in_simulation.SERVER, web_server.PORT))
        received = []

        async def read() -> None:
            while piece := await sock.recv(1 << 16):
                received.append(piece)

        reading = kernel.spawn(read())
        for piece in pieces:
            await sock.sendall(piece)
            await kernel.sleep(kernel.MS)
        if shutdown:
            await sock.shutdown(bsd.SHUT_WR)
        await reading
        return b"".join(received)

    return answers(in_simulation.run(web_server.PORT, WebServer(SITE).handle, client), heads)


def get(path: str, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    lines = [f"{method} {path} HTTP/{version}", "Host: card", *headers, "", ""]
    return "\r\n".join(lines).encode()


def post(body: bytes, *headers: str, path: str = "/upload") -> bytes:
    return get(path, f"Content-Length: {len(body)}", *headers, method="POST") + body


def upload_of(data: bytes) -> dict[str, object]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_a_page_and_a_file_on_one_connection() -> None:
    page, file = talk(get("/"), get("/a%20file?version=2"))
    assert (page.status, page.headers["content-type"], page.body) == (200, "text/html", b"<p>page</p>")
    assert (file.status, file.headers["content-type"], file.body) == (200, "image/png", FILE)


def test_requests_that_come_all_at_once_are_answered_in_order() -> None:
    body = bytes(100_000)
    found = talk(get("/") + get("/nothing") + post(body) + get("/a%20file"))
    assert [each.status for each in found] == [200, 404, 200, 200]
    assert json.loads(found[2].body) == upload_of(body) and found[3].body == FILE


def test_a_request_that_comes_byte_by_byte() -> None:
    (page,) = talk(*(bytes([each]) for each in get("/")))
    assert page.status == 200


def test_head_has_the_headers_of_get_and_no_body() -> None:
    head, page = talk(get("/a%20file", method="HEAD"), get("/"), heads=(0,))
    assert head.headers["content-length"] == str(len(FILE)) and page.body == b"<p>page</p>"


def test_a_megabyte_is_answered_with_its_length_and_digest() -> None:
    body = FILE * 4
    (answer,) = talk(post(body))
    assert answer.headers["content-type"] == "application/json" and json.loads(answer.body) == upload_of(body)


def test_a_client_that_waits_for_100_continue_gets_it_and_then_the_answer() -> None:
    body = bytes(2000)
    request = post(body, "Expect: 100-continue")
    go_on, answer = talk(request[: -len(body)], body)
    assert go_on.status == 100 and json.loads(answer.body) == upload_of(body)


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/", 405)])
def test_a_client_that_waits_for_100_continue_in_vain_is_told_why(path: str, status: int) -> None:
    (answer,) = talk(post(b"", "Expect: 100-continue", path=path).replace(b"Length: 0", b"Length: 9"), shutdown=False)
    assert answer.status == status and answer.headers["connection"] == "close"


def test_a_body_in_chunks() -> None:
    request = get("/upload", "Transfer-Encoding: chunked", method="POST")
    (answer,) = talk(request, b"5\r\nhello\r\n", b"6;name=value\r\n world\r\n0\r\n\r\n")
    assert json.loads(answer.body) == upload_of(b"hello world")


def test_an_empty_body() -> None:
    (answer,) = talk(post(b""))
    assert json.loads(answer.body) == upload_of(b"")


@pytest.mark.parametrize("request_", [get("/", "Connection: close"), get("/", version="1.0")], ids=["close", "1.0"])
def test_the_server_closes_when_the_client_wants_it(request_: bytes) -> None:
    (page,) = talk(request_, shutdown=False)
    assert page.status == 200 and page.headers["connection"] == "close"


def test_the_whole_address_as_target() -> None:
    (page,) = talk(get("http://card/"))
    assert page.status == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: card\r\nno colon\r\n\r\n", 400),
        (get("/", "Content-Length: many"), 400),
        (get("/", "Content-Length: 1", "Content-Length: 2"), 400),
        (get("/upload", "Transfer-Encoding: chunked", method="POST") + b"no number\r\n", 400),
        (get("/upload", "Transfer-Encoding: gzip, chunked", method="POST"), 501),
        (get("/nothing"), 404),
        (get("http://[/"), 404),
        (get("*", method="OPTIONS"), 404),
        (get("/", method="DELETE"), 405),
        (get("/upload"), 405),
        (get("/upload", method="POST"), 411),
        (get("/upload", f"Content-Length: {web_server.MOST_BODY_BYTES + 1}", method="POST"), 413),
        (get("/" + "x" * 20_000), 431),
        (get("/", "Long: " + "x" * 20_000), 431),
        (get("/", method="BREW"), 501),
        (get("/", version="2.0"), 505),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_what_cannot_be_served_is_answered(request_: bytes, status: int) -> None:
    (answer,) = talk(request_)
    assert answer.status == status and answer.headers["content-type"].startswith("text/plain") and answer.body
    if status == 405:
        assert answer.headers["allow"]


def test_after_a_refusal_that_leaves_the_stream_whole_the_connection_goes_on() -> None:
    found = talk(get("/nothing"), post(bytes(5000), path="/"), get("/", method="DELETE"), get("/"))
    assert [each.status for each in found] == [404, 405, 405, 200]


def test_chunks_without_end_are_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "MOST_BODY_BYTES", 10_000)
    chunk = b"1000\r\n" + bytes(4096) + b"\r\n"
    (answer,) = talk(get("/upload", "Transfer-Encoding: chunked", method="POST"), *([chunk] * 5), shutdown=False)
    assert answer.status == 413 and answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "beginning", [b"", b"GET / HT", get("/upload", "Content-Length: 100", method="POST") + b"short"],
    ids=["nothing", "half a head", "half a body"],
)  # fmt: skip
def test_a_client_that_goes_in_the_middle_leaves_the_server_well(beginning: bytes) -> None:
    assert [each.status for each in talk(beginning)] == ([400] if beginning else [])
