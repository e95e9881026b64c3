"""The options of a connection between HL-TCP and Linux are those of a connection between two Linux hosts.

The SYN and the SYN-ACK of each pairing are taken apart by scapy and compared field by field.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from models import kernel
from models.bench import Bench
from models.network.link import Direction, Link, LinkSettings
from models.network.linux.peer import LinuxPeer, LinuxSettings
from tests.interop.carry import needs_linux
from tests.system.on_card import run

pytestmark = needs_linux
PORT = 5001
SYN, ACK, ECE, CWR = 0x02, 0x10, 0x40, 0x80
FREE = {"src", "dst", "sport", "dport", "seq", "ack", "chksum", "id", "window"}
"""Fields that may differ: addresses, ports, numbers, and how much room there is for data."""


def fields(frame: bytes) -> dict[str, Any]:
    """Everything that a SYN says, except what may differ; of options whose value may differ, that they are there."""
    packet = Ether(frame)
    said: dict[str, Any] = {}
    for layer in (IP, IPv6, TCP):
        if layer in packet:
            values = {each.name: packet[layer].getfieldval(each.name) for each in packet[layer].fields_desc}
            said |= {f"{layer.__name__}.{name}": value for name, value in values.items() if name not in FREE}
    said.pop("IPv6.fl", None)  # RFC 6437: any value
    said["TCP.flags"] = int(said["TCP.flags"])
    options = []
    for name, value in said["TCP.options"]:
        if name == "Timestamp":
            value = f"echoes {'something' if value[1] else 'nothing'}"
        elif name == "WScale":
            value = "0 to 14" if 0 <= value <= 14 else value
        options.append((name, value))
    said["TCP.options"] = options
    return said


def handshake_of(frames: list[bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """SYN and SYN-ACK among frames with FCS."""
    opening = [fields(each[:-4]) for each in frames if TCP in Ether(each[:-4]) and Ether(each[:-4])[TCP].flags & SYN]
    syn, syn_ack = opening
    return syn, syn_ack


def recorder(frames: list[bytes]) -> Callable[[bytes, int, Direction, str | None], None]:
    return lambda frame, time_ps, direction, comment: frames.append(frame)


@dataclass(frozen=True)
class Choice:
    """What one end has chosen otherwise than by default: of a Linux host, and of HL-TCP.

    By default all options are offered, and ECN is agreed to when it is asked for.
    """

    sysctls: tuple[tuple[str, str], ...] = ()
    tcp: tuple[tuple[str, bool], ...] = ()


DEFAULTS = {"tcp_ecn": "2", "tcp_sack": "1", "tcp_timestamps": "1", "tcp_window_scaling": "1"}
CHOICES = {
    "default": Choice(),
    "ecn": Choice((("tcp_ecn", "1"),), (("ecn", True),)),
    "ecn_refused": Choice((("tcp_ecn", "0"),), (("ecn_accept", False),)),
    "no_sack": Choice((("tcp_sack", "0"),), (("sack", False),)),
    "no_timestamps": Choice((("tcp_timestamps", "0"),), (("timestamps", False),)),
    "no_window_scaling": Choice((("tcp_window_scaling", "0"),), (("window_scaling", False),)),
    "bare": Choice(
        (("tcp_sack", "0"), ("tcp_timestamps", "0"), ("tcp_window_scaling", "0")),
        (("sack", False), ("timestamps", False), ("window_scaling", False)),
    ),
}
OTHERS = ("default", "ecn")
"""What the other end may have chosen meanwhile: a refusal of ECN shows only when it is asked for."""


QUICK = ("ecn", "bare")
"""The card's choices that are tried in every run of the tests; the others at night."""


async def choose(peer: LinuxPeer, choice: str) -> None:
    for name, value in {**DEFAULTS, **dict(CHOICES[choice].sysctls)}.items():
        await peer.sysctl(f"net.ipv4.{name}", value)


@functools.lru_cache
def between_linux_hosts(ipv6: bool, out: Path, seed: int) -> dict[tuple[str, str], tuple[dict, dict]]:
    """Handshakes of two Linux hosts, by the choice of the one that connects and of the one that listens."""
    found = {}
    frames: list[bytes] = []
    for each in ("client", "server"):
        (out / each).mkdir(parents=True, exist_ok=True)

    async def main() -> None:
        addresses = ("fd00::1", "fd00::2") if ipv6 else (None, None)
        client = LinuxPeer(LinuxSettings("02:00:00:00:00:01", "10.0.0.1", address6=addresses[0]), seed, out / "client")
        server = LinuxPeer(LinuxSettings(address6=addresses[1]), seed + 1, out / "server")
        link = Link(client.wire, server.wire, LinkSettings(delay_ps=5 * kernel.US))
        link.tap_received(recorder(frames))
        link.start()
        for each in (client, server):
            each.start()
        for each in (client, server):
            await each.ready()
        for port, (active, passive) in enumerate(itertools.product(CHOICES, CHOICES), PORT):
            await choose(client, active)
            await choose(server, passive)
            frames.clear()
            listener = await server.listen(port)
            accepting = kernel.spawn(listener.accept())
            await client.connect((addresses[1] or "10.0.0.2", port))
            await accepting
            found[active, passive] = handshake_of(frames)

    kernel.run(main())
    return found


async def with_the_card(bench: Bench) -> list[tuple[str, str, list[str]]]:
    """Options: `choices` of Linux. Returns who connected, Linux's choice, and the frames of the link."""
    frames: list[bytes] = []
    found = []
    bench.link.tap_received(recorder(frames))
    process = bench.host.process()
    for port, (active, choice) in enumerate(itertools.product(("card", "linux"), bench.options["choices"]), PORT):
        await choose(bench.peer, choice)
        frames.clear()
        host = await process.socket(bench.family)
        if active == "card":
            listener = await bench.peer.listen(port)
            accepting = kernel.spawn(listener.accept())
            await host.connect((bench.peer_address, port))
            await accepting
        else:
            await host.bind(("", port))
            await host.listen(1)
            connecting = kernel.spawn((await bench.peer.socket()).connect((bench.host_address, port)))
            await host.accept()
            await connecting
        found.append((active, choice, [each.hex() for each in frames]))
    return found


@pytest.mark.parametrize(
    ("ours", "theirs", "family"),
    [
        ("default", tuple(CHOICES), "ipv4"),
        *(pytest.param(each, OTHERS, "ipv4", marks=() if each in QUICK else pytest.mark.nightly) for each in CHOICES),
        pytest.param("ecn", OTHERS, "ipv6", marks=pytest.mark.nightly),
    ],
    ids=lambda each: each if isinstance(each, str) else "_or_".join(each) if len(each) < 3 else "any",
)
def test_the_handshake_is_that_of_two_linux_hosts(
    ours: str, theirs: tuple[str, ...], family: str, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """The card has made a choice, Linux one of several; either connects to the other."""
    result = run(
        with_the_card,
        f"negotiation-{ours}-{len(theirs)}-{family}",
        {"choices": theirs},
        seed=seed,
        peer="linux",
        card="model",
        family=family,
        tcp=dict(CHOICES[ours].tcp),
    )
    expected = between_linux_hosts(family == "ipv6", tmp_path_factory.getbasetemp() / family, seed)
    assert len(result.returned) == 2 * len(theirs)
    for active, choice, frames in result.returned:
        pair = (ours, choice) if active == "card" else (choice, ours)
        for mine, linux in zip(handshake_of([bytes.fromhex(each) for each in frames]), expected[pair], strict=True):
            assert mine == linux, f"{active} connects, Linux has chosen {choice}"


def test_what_may_differ_does_not_hide_what_must_not() -> None:
    """The comparison sees an option that is missing, in another place or of another value, and every flag."""
    options = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (7, 0)), ("NOP", None), ("WScale", 7)]

    def said(flags: str = "S", **changed: Any) -> dict[str, Any]:
        return fields(bytes(Ether() / IP(flags="DF") / TCP(flags=flags, options=changed.get("options", options))))

    assert said() == said(options=[*options[:2], ("Timestamp", (9, 0)), *options[3:-1], ("WScale", 3)])
    for other in (
        said("SEC"),
        said(options=options[1:]),
        said(options=[("MSS", 1459), *options[1:]]),
        said(options=[options[1], options[0], *options[2:]]),
        said(options=[*options[:2], ("Timestamp", (7, 1)), *options[3:]]),
        said(options=[*options[:-1], ("WScale", 15)]),
    ):
        assert other != said()
