"""The card as a server that this machine's programs can talk to: echo, web and iperf3 on the host's sockets."""

from __future__ import annotations

import socket as bsd
from pathlib import Path

from models import kernel
from models.bench import Bench
from models.host.applications import echo, iperf3_server, service, web_server
from models.host.applications.iperf3_server import Iperf3Server
from models.host.applications.web_server import Page, Upload, WebServer

READY = "ready"
"""What it says when every service is there."""
PICTURE = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "three-ports.png"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>HL-TOE</title></head>
<body>
<h1>HL-TOE</h1>
<p>This page has come over a TCP offload engine card: its firmware made the segments, its Ethernet controller read them
from the memory of a modelled host, and this server is a process of that host.</p>
<p><img src="/three-ports.png" alt="The card between host, firmware and wire" width="700"></p>
<form action="/upload" method="post" enctype="multipart/form-data">
<p>Send a file to the host: <input type="file" name="file"> <input type="submit" value="Send"></p>
</form>
</body>
</html>
"""


async def live(bench: Bench) -> None:
    """Options: `seconds` of simulated time after which it ends by itself (0: never), `file` for the web server.

    Ends when the peer's `stopped` is set.
    """
    process = bench.host.process()
    web = WebServer(_site(bench.options["file"]), bench.say)
    iperf3 = Iperf3Server(bench.host.processor, bench.say)
    services = (
        ("echo", echo.PORT, echo.handle),
        ("web", web_server.PORT, web.handle),
        ("iperf3", iperf3_server.PORT, iperf3.handle),
    )
    for name, port, handler in services:
        for family in (bsd.AF_INET, bsd.AF_INET6) if bench.ipv6 else (bsd.AF_INET,):
            kernel.spawn(service.serve(await service.listen(process, port, family), handler, name), f"{name} server")
    await _addresses_are_usable(bench)
    bench.say(READY)
    seconds = bench.options["seconds"]
    await kernel.first(bench.peer.stopped, *([kernel.after(round(seconds * kernel.S))] if seconds else []))
    bench.report(web_requests=web.requests, iperf3_tests=iperf3.tests)


async def _addresses_are_usable(bench: Bench) -> None:
    """Nobody else has the card's IPv6 addresses (RFC 4862 §5.4): until this is known they do not answer."""
    while bench.ipv6 and bench.firmware.stack.ipv6.addresses.any_tentative:
        await kernel.sleep(10 * kernel.MS)


def _site(file: str) -> dict[str, Page | Upload]:
    site: dict[str, Page | Upload] = {
        "/": Page("text/html; charset=utf-8", _PAGE.encode()),
        "/three-ports.png": Page("image/png", PICTURE.read_bytes()),
        "/upload": Upload(),
    }
    if file:
        site[f"/{Path(file).name}"] = Page("application/octet-stream", Path(file).read_bytes())
    return site
