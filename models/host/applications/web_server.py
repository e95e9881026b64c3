"""A small web server: HTTP/1.1 (RFC 9110, 9112) by h11, which does no I/O, on the sockets of the host."""

from __future__ import annotations

import errno
import hashlib
import json
import socket as bsd
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

import h11

from models import kernel
from models.network.socket_interface import Endpoint

PORT = 80
MOST_HEADER_BYTES = 16 << 10
MOST_BODY_BYTES = 64 << 20
PIECE_BYTES = 1 << 16
IDLE_PS = 60 * kernel.S
"""So long may a client say nothing, between requests or within one."""
LINGER_PS = 2 * kernel.S
"""So long is a client listened to after the last response: a reset would take that from it (RFC 9112 §9.6)."""
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT")


@dataclass(frozen=True)
class Page:
    """What GET and HEAD of a path give."""

    content_type: str
    content: bytes


@dataclass(frozen=True)
class Upload:
    """A path that takes POST and answers with length and SHA-256 of what has come, as JSON."""


@dataclass(frozen=True)
class Response:
    """A final response; `close` if nothing may follow it."""

    status: HTTPStatus
    content_type: str = "text/plain; charset=utf-8"
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    close: bool = False


def _problem(status: int, why: str = "", close: bool = False, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    code = HTTPStatus(status)
    text = f"{code.value} {code.phrase}" + (f": {why}" if why else "")
    return Response(code, content=f"{text}\n".encode(), headers=headers, close=close)


class WebServer:
    """`handle` is for `service.serve`."""

    def __init__(self, site: Mapping[str, Page | Upload], say: Callable[[str], None] = lambda line: None) -> None:
        """`site` by path; `say` is told of each response in a line."""
        self.site = site
        self.say = say
        self.requests = 0

    async def handle(self, sock: Any, address: Endpoint) -> None:
        """Requests and responses in turn, until one of both sides has enough."""
        sock.timeout_ps = IDLE_PS
        connection = _Connection(self, sock, address)
        while await connection.exchange():
            pass


class _Connection:
    """One client."""

    def __init__(self, server: WebServer, sock: Any, address: Endpoint) -> None:
        self._server = server
        self._sock = sock
        self._address = address
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEADER_BYTES)
        self._is_head = False

    async def exchange(self) -> bool:
        """One request and its response; may another follow?"""
        http = self._http
        request: h11.Request | None = None
        try:
            event = await self._event()
            if not isinstance(event, h11.Request):
                return False
            request = event
            self._is_head = request.method == b"HEAD"
            response = await self._response(request)
        except h11.RemoteProtocolError as error:
            response = _problem(error.error_status_hint, str(error), close=True)
        except OSError as error:
            is_idle = request is None and not http.trailing_data[0]
            if error.errno != errno.EAGAIN or is_idle:
                raise
            response = _problem(HTTPStatus.REQUEST_TIMEOUT, close=True)
        self._server.requests += 1
        await self._send(response)
        what = f"{_text(request.method)} {_text(request.target)[:80]}" if request is not None else "what is no request"
        self._server.say(f"web: {self._address[0]} {what}: {response.status.value}, {len(response.content)} bytes")
        if http.our_state is h11.DONE and http.their_state is h11.DONE:
            http.start_next_cycle()
            return True
        await self._linger()
        return False

    async def _event(self) -> Any:
        """The next that is not NEED_DATA. Raises h11.RemoteProtocolError, OSError."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._sock.recv(PIECE_BYTES))
        return event

    async def _response(self, request: h11.Request) -> Response:
        """Raises h11.RemoteProtocolError, OSError."""
        refusal = self._refusal(request)
        if refusal is not None:
            if refusal.close or self._http.they_are_waiting_for_100_continue:
                return replace(refusal, close=True)
            return await self._body(lambda piece: None) or refusal
        resource = self._server.site[_path(request)]
        if isinstance(resource, Page):
            response = Response(HTTPStatus.OK, resource.content_type, resource.content)
            return await self._body(lambda piece: None) or response
        digest, length = hashlib.sha256(), 0

        def take(piece: bytes) -> None:
            nonlocal length
            digest.update(piece)
            length += len(piece)

        too_much = await self._body(take)
        answer = json.dumps({"bytes": length, "sha256": digest.hexdigest()})
        return too_much or Response(HTTPStatus.OK, "application/json", f"{answer}\n".encode())

    def _refusal(self, request: h11.Request) -> Response | None:
        """What the head of a request deserves if it cannot be served."""
        method, headers = _text(request.method), {name: value for name, value in request.headers}
        if request.http_version not in (b"1.0", b"1.1"):
            return _problem(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, close=True)
        if method not in METHODS:
            return _problem(HTTPStatus.NOT_IMPLEMENTED, f"method {method}", close=True)
        if int(headers.get(b"content-length", b"0")) > MOST_BODY_BYTES:
            return _too_large()
        resource = self._server.site.get(_path(request))
        if resource is None:
            return _problem(HTTPStatus.NOT_FOUND)
        allowed = ("GET", "HEAD") if isinstance(resource, Page) else ("POST",)
        if method not in allowed:
            return _problem(HTTPStatus.METHOD_NOT_ALLOWED, headers=(("Allow", ", ".join(allowed)),))
        if method == "POST" and not headers.keys() & {b"content-length", b"transfer-encoding"}:
            return _problem(HTTPStatus.LENGTH_REQUIRED)
        return None

    async def _body(self, take: Callable[[bytes], None]) -> Response | None:
        """Read the rest of the request; a response if it is too much."""
        if self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            await self._sock.sendall(self._http.send(go_on))
        length = 0
        while not isinstance(event := await self._event(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise h11.RemoteProtocolError("the request is not complete")
            length += len(event.data)
            if length > MOST_BODY_BYTES:
                return _too_large()
            take(bytes(event.data))
        return None

    async def _send(self, response: Response) -> None:
        # no Date: the host has no clock that tells the time of day (RFC 9110 §6.6.1)
        headers = [
            ("Server", "HL-TOE"),
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.content))),
            *response.headers,
            *([("Connection", "close")] if response.close else []),
        ]
        http, status = self._http, response.status
        head = h11.Response(status_code=status.value, headers=headers, reason=status.phrase.encode())
        await self._sock.sendall(http.send(head) or b"")
        if not self._is_head:
            for at in range(0, len(response.content), PIECE_BYTES):
                await self._sock.sendall(http.send(h11.Data(data=response.content[at : at + PIECE_BYTES])) or b"")
        http.send(h11.EndOfMessage())

    async def _linger(self) -> None:
        """The last response is out: wait until the client has it."""
        sock = self._sock
        await sock.shutdown(bsd.SHUT_WR)
        sock.timeout_ps = LINGER_PS
        end_ps = kernel.now() + LINGER_PS
        while kernel.now() < end_ps and await sock.recv(PIECE_BYTES):
            pass


def _too_large() -> Response:
    return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {MOST_BODY_BYTES} bytes", close=True)


def _path(request: h11.Request) -> str:
    """Of a target in origin or absolute form (RFC 9112 §3.2)."""
    target = _text(request.target)
    try:
        return unquote(target.partition("?")[0] if target.startswith("/") else urlsplit(target).path or "/")
    except ValueError:
        return ""


def _text(data: bytes) -> str:
    return data.decode("latin-1")
