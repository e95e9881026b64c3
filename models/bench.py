"""The assembled bench: one card between a host with its firmware and a peer over a link, watched and recorded."""

from __future__ import annotations

import json
import os
import random
import socket
import traceback
from pathlib import Path
from typing import Any, Protocol

from firmware.hl_tcp import HlTcp
from firmware.lwip_like import settings_for
from firmware.network.ethernet import mac
from models import kernel
from models.card.card import ModelCard
from models.card.timing import CardTiming
from models.host.host import Host, HostSettings, Interface
from models.network.impairment import Chance, Impairment
from models.network.link import Direction, Link, LinkSettings
from models.network.peers import peer_for
from models.observation import bus_log
from models.observation.capture import DAMAGED, Capture
from models.observation.capture import Direction as CaptureDirection
from models.observation.capture import Interface as CaptureInterface
from models.observation.summary import Summary, goodput_mbps, write_summary
from models.observation.timeline import Timeline
from models.ports import FirmwarePort, HostPort, WirePort
from models.runner import RESULT_FILE, scenario_of
from models.settings import BenchSettings, RunRequest

HOST_MAC, HOST_ADDRESS = BenchSettings.mac_address, "10.0.0.1"
PEER_MAC, PEER_ADDRESS = "02:00:00:00:00:02", "10.0.0.2"
HOST_ADDRESS_IPV6, PEER_ADDRESS_IPV6 = "fd00::1", "fd00::2"

CARD_PINS, BEYOND_LINK = 0, 1
"""Interfaces of the capture: the card's pins, and the peer's end of the link."""


class Card(Protocol):
    """Any implementation of the card."""

    host: HostPort
    firmware: FirmwarePort
    wire: WirePort

    async def start(self) -> None:
        """Bring the card out of reset."""

    def bus_beats(self) -> dict[str, int]:
        """Data beats on the host bus by master."""

    def clock_cycles(self) -> int:
        """Cycles of the card's clock that were simulated; while nothing happens there are none."""

    def write_bus_log(self, path: Path) -> None:
        """Leave the bus log at `path`."""

    def write_wave_view(self, out: Path, start_ps: int = 0) -> None:
        """Leave a save file for the waveform in `out`, where there is one; it opens at `start_ps`."""


class Bench:
    """What a scenario works with: `host`, `peer`, `link`, `firmware`, `card`; `options` are the scenario's own.

    `rng` is seeded by the run's seed and belongs to the scenario.
    """

    host_address = HOST_ADDRESS
    peer_address = PEER_ADDRESS
    family = socket.AF_INET
    """With `settings.family` ipv6: these are of IPv6, which both ends speak beside IPv4 then."""

    def __init__(self, request: RunRequest, card: Card, out: Path) -> None:
        settings = request.settings
        self.request = request
        self.settings: BenchSettings = settings
        self.options: dict[str, Any] = request.options
        self.out = out
        self.rng = random.Random(f"scenario {settings.seed}")
        self.card = card
        self.timeline = Timeline(out / "timeline.json") if request.captures and request.timeline else None
        self.host = Host(card.host, HostSettings(card_memory_bytes=settings.card_memory_bytes), seed=settings.seed)
        if self.timeline is not None:
            self.host.observe(self.timeline.observer("host"))
        self.firmware = HlTcp(
            card.firmware,
            settings_for(settings),
            seed=settings.seed,
            observer=self.timeline.observer("firmware") if self.timeline else None,
            transfer_observer=self.timeline.observer("DMA") if self.timeline else None,
        )
        self.ipv6 = settings.family == "ipv6"
        if self.ipv6:
            self.host_address, self.peer_address = HOST_ADDRESS_IPV6, PEER_ADDRESS_IPV6
            self.family = socket.AF_INET6
        self.peer: Any = peer_for(
            settings,
            Interface(
                PEER_MAC,
                PEER_ADDRESS,
                ipv6=self.ipv6,
                ipv6_address=PEER_ADDRESS_IPV6 if self.ipv6 else "::",
            ),
            settings.mac_address,
            (HOST_ADDRESS, HOST_ADDRESS_IPV6),
            out,
        )
        """Of the kind that the settings name; all have `socket`, `listen`, `connect`, and `wire`."""
        path = LinkSettings(
            delay_ps=round(settings.delay_us * kernel.US),
            rate_bps=None if settings.link_mbps == 1000 else settings.link_mbps * 10**6,
        )
        chance = Chance(settings.loss, duplication=settings.duplication, reordering=settings.reordering)
        self.link = Link(
            card.wire,
            self.peer.wire,
            path,
            path,
            Impairment(chance=chance, seed=f"{settings.seed} from the card"),
            Impairment(chance=chance, seed=f"{settings.seed} to the card"),
        )
        self.capture: Capture | None = None
        if request.captures:
            self.capture = Capture(
                out / "wire.pcapng",
                [
                    CaptureInterface("card", "at the card's pins", settings.link_mbps * 10**6),
                    CaptureInterface("peer", "at the peer's end of the link", settings.link_mbps * 10**6),
                ],
            )
            self.link.tap_sent(self._show_sent)
            self.link.tap_received(self._show_received)
        self._reported: dict[str, Any] = {}
        self._expected_bytes = 0
        self._transferred_bytes = 0
        self._begin_ps = 0
        self._end_ps: int | None = None
        self._cpu_percent = 0.0
        self._measurement: Any = None
        self._progress = os.open(out / "progress", os.O_WRONLY) if request.progress else None
        self._told_percent = -1

    async def start(self) -> None:
        """Bring up card, firmware, host, link and peer."""
        await self.card.start()
        self.link.start()
        self.peer.start()
        if self.settings.nic:  # no firmware, and a driver that the scenario brings
            await self.card.host.start()
            self.transfer_begins(0)
            return
        self.firmware.start()
        await self.host.start(
            Interface(
                self.settings.mac_address,
                HOST_ADDRESS,
                ipv6=self.ipv6,
                ipv6_address=HOST_ADDRESS_IPV6 if self.ipv6 else "::",
            )
        )
        await self.peer.ready()
        self.transfer_begins(0)

    # What a scenario tells about itself.

    def transfer_begins(self, expected_bytes: int) -> None:
        """From here on payload is carried, `expected_bytes` of it: goodput and the host's CPU are measured."""
        self._expected_bytes = expected_bytes
        self._transferred_bytes = 0
        self._begin_ps = kernel.now()
        self._measurement = self.host.processor.measure()

    def transferred(self, count: int) -> None:
        """`count` more bytes of payload have arrived."""
        self._transferred_bytes += count
        if self._progress is None or not self._expected_bytes:
            return
        percent = 100 * self._transferred_bytes // self._expected_bytes
        if percent != self._told_percent:
            self._told_percent = percent
            note = f"{kernel.now() / kernel.MS:.3f} ms simulated"
            os.write(self._progress, f"{self._transferred_bytes} {self._expected_bytes} {note}\n".encode())

    def say(self, line: str) -> None:
        """A line for whoever has started the run."""
        if self._progress is not None:
            os.write(self._progress, f"0 0 {line}\n".encode())

    def transfer_ends(self) -> None:
        """All payload has arrived."""
        self._end_ps = kernel.now()
        self._cpu_percent = 100 * self._measurement.utilization

    def report(self, **values: Any) -> None:
        """Put values into the summary (file_bytes, sha256_sent, ..., or names of the scenario's own)."""
        self._reported.update(values)

    # What a run leaves.

    def _show_sent(self, frame: bytes, time_ps: int, direction: Direction, comment: str | None) -> None:
        self._show(direction, sent=True, frame=frame, time_ps=time_ps, comment=comment)

    def _show_received(self, frame: bytes, time_ps: int, direction: Direction, comment: str | None) -> None:
        self._show(direction, sent=False, frame=frame, time_ps=time_ps, comment=comment)

    def _show(self, direction: Direction, sent: bool, frame: bytes, time_ps: int, comment: str | None) -> None:
        from_card = direction is Direction.A_TO_B
        interface = CARD_PINS if from_card == sent else BEYOND_LINK
        damaged = comment is not None and comment.startswith(DAMAGED)
        if damaged and sent:
            comment = f"to be {comment}"  # it is whole yet, and is looked at by the dissector like any other
        assert self.capture is not None
        self.capture.write(
            interface,
            time_ps,
            frame,
            CaptureDirection.OUTBOUND if from_card else CaptureDirection.INBOUND,
            comment=comment,
            crc_error=damaged and not sent,
        )
        if self.timeline is None:
            return
        track = self.timeline.track("wire", "card to peer" if from_card else "peer to card")
        if interface == CARD_PINS:
            duration_ps = (len(frame) + 8) * 8 * kernel.NS
            track.span(_frame_name(frame), time_ps - duration_ps, time_ps, bytes=len(frame), link=comment or "")

    def summary(self) -> Summary:
        """What the run has shown so far."""
        end_ps = self._end_ps if self._end_ps is not None else kernel.now()
        known = {"file_bytes": 0, "sha256_sent": "", "sha256_received": ""}
        known.update({name: value for name, value in self._reported.items() if name in known})
        details = {name: value for name, value in self._reported.items() if name not in known}
        statistics = self.firmware.statistics.counters
        return Summary(
            scenario=self.request.name,
            seed=self.settings.seed,
            card=self.settings.card,
            simulated_ns=kernel.now() // kernel.NS,
            goodput_mbps=goodput_mbps(self._transferred_bytes, end_ps - self._begin_ps),
            frames_sent=self.link.statistics(Direction.A_TO_B).sent,
            frames_received=self.link.statistics(Direction.B_TO_A).delivered,
            retransmissions=self.firmware.retransmissions,
            host_cpu_percent=self._cpu_percent,
            bus_beats={name.lower().replace(" ", "_"): beats for name, beats in self.card.bus_beats().items()},
            dropped=self._dropped(),
            details={
                **details,
                **self.peer.details(),
                "transfer_ns": (end_ps - self._begin_ps) // kernel.NS,
                "host_cpu_ns": {
                    name: busy // kernel.NS for name, busy in sorted(self._measurement.by_category().items())
                },
                "firmware": dict(sorted(statistics.items())),
            },
            **known,
        )

    def _dropped(self) -> dict[str, int]:
        causes: dict[str, int] = {}
        for name, direction in (("card_to_peer", Direction.A_TO_B), ("peer_to_card", Direction.B_TO_A)):
            link = self.link.statistics(direction)
            causes[f"link_{name}_lost"] = link.lost
            causes[f"link_{name}_damaged"] = link.damaged
            causes[f"link_{name}_queue_full"] = link.queue_drops
        causes.update(sorted(self.firmware.drops().items()))
        causes.update(self.peer.drops())
        return causes

    async def finish(self) -> None:
        """Write everything that the run leaves."""
        if not self.settings.nic:
            await self.firmware.read_counters()
        await self.peer.finish(self.out)
        write_summary(self.out / "summary.json", self.summary())
        if self.capture is not None:
            self.capture.close()
        if self.timeline is not None:
            self.card.write_bus_log(self.out / "bus_grants.txt")
            bus_log.draw(bus_log.read_bus_log(self.out / "bus_grants.txt"), self.timeline)
            self.timeline.close()
        self.card.write_wave_view(self.out, self._begin_ps)


def _frame_name(frame: bytes) -> str:
    """A few words for the timeline."""
    ethertype = int.from_bytes(frame[12:14], "big")
    if ethertype == 0x0806:
        return "ARP"
    ipv6 = ethertype == 0x86DD
    if frame[20 if ipv6 else 23] == 6 and (ipv6 or ethertype == 0x0800):
        header = 54 if ipv6 else 14 + (frame[14] & 15) * 4
        length = int.from_bytes(frame[18:20], "big") + 40 if ipv6 else int.from_bytes(frame[16:18], "big")
        payload = length - (header - 14) - (frame[header + 12] >> 4) * 4
        flags = "".join(letter for bit, letter in enumerate("FSR") if frame[header + 13] >> bit & 1)
        return f"TCP {payload}" + (f" {flags}" if flags else "") if payload or flags else "ACK"
    if ipv6:
        return "neighbor discovery" if frame[20] == 58 and 133 <= frame[54] <= 137 else "IPv6"
    return "ICMP" if ethertype == 0x0800 and frame[23] == 1 else f"{ethertype:04x}"


async def run_bench(request: RunRequest, card: Card, out: Path) -> None:
    """Kernel coroutine: run the scenario on a fresh bench and leave its result and everything else in `out`."""
    result: dict[str, Any]
    bench: Bench | None = None
    try:
        scenario = scenario_of(request.module, request.function)
        bench = Bench(request, card, out)
        await bench.start()
        returned = await scenario(bench)
        await bench.finish()
        result = {"returned": returned}
    except Exception as error:  # noqa: BLE001 - told to whoever asked for the run
        result = {"error": f"{type(error).__name__}: {error}", "detail": traceback.format_exc()}
        if bench is not None:
            await _leave_what_there_is(bench)
    (out / RESULT_FILE).write_text(json.dumps(result))


async def _leave_what_there_is(bench: Bench) -> None:
    """After a failure: capture, timeline and save file are what one looks at first."""
    try:
        if bench.capture is not None:
            bench.capture.close()
        if bench.timeline is not None:
            bench.timeline.close()
        bench.card.write_wave_view(bench.out, bench._begin_ps)
    except Exception:  # noqa: BLE001 - the first failure is the one to report
        traceback.print_exc()


def run_on_model(request: RunRequest, out: Path) -> None:
    """Run a scenario on the functional model of the card, in this process and in virtual time."""
    settings = request.settings
    card = ModelCard(
        settings.card_memory_bytes,
        CardTiming.with_frames_of(settings.max_frame_bytes),
        seed=settings.seed,
        record_grants=request.captures and request.timeline,
        mac_address=mac(settings.mac_address),
        nic=settings.nic,
        queue_sets=settings.queue_sets,
    )
    try:
        kernel.run(run_bench(request, card, out))
    except kernel.Deadlock as error:
        (out / RESULT_FILE).write_text(json.dumps({"error": str(error).splitlines()[0], "detail": str(error)}))
    except Exception as error:  # noqa: BLE001 - of a task beside the scenario; told to whoever asked for the run
        text = f"{type(error).__name__}: {error}"
        (out / RESULT_FILE).write_text(json.dumps({"error": text, "detail": traceback.format_exc()}))
