"""What a run is made of: the settings of the bench, and the request to run a scenario on it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class BenchSettings:
    """One card between a host and a peer; everything random in it comes from `seed`."""

    card: str = "icarus"
    """Implementation of the card: icarus or verilator (RTL), or model (functional model)."""
    pins: str = "transactor"
    """How the RTL card's host and wire port are reached: transactor (whole TLPs and frames cross to Verilog) or
    cocotbext (cocotbext-pcie and cocotbext-eth drive each pin)."""
    seed: int = 1
    peer: str = "simulated"
    """At the other end of the link: simulated, lwip, linux, card (a second one with its own host), replay:<capture>,
    tap:<network namespace> (this machine, in real time) or recorded:<folder> (of a run with tap)."""
    loss: float = 0.0
    """Probability that the link loses a frame, each direction."""
    reordering: float = 0.0
    """Probability that the link holds a frame until others have passed, each direction."""
    duplication: float = 0.0
    """Probability that the link delivers a frame twice, each direction."""
    delay_us: float = 5.0
    """One-way delay of the link in microseconds."""
    link_mbps: int = 1000
    mtu: int = 1500
    family: str = "ipv4"
    """What scenarios carry data over: ipv4 or ipv6."""
    mac_address: str = "02:00:00:00:00:01"
    """The card's: in its EEPROM, and the firmware's own."""
    firmware: str = "hl_tcp"
    """hl_tcp, or lwip_like: the published port of lwIP as a cost model on the same protocol, which sends by copy."""
    lwip_improvements: int = 4
    """Of lwip_like: how many of the published improvements are applied, in their order."""
    sending: str = "simultaneous"
    """Way of sending: copy (to card memory, from there to the wire), zero_copy (from the host's pages, which are kept),
    sequential (copy after the last packet is out) or simultaneous (send and copy at once)."""
    page_per_send: bool = False
    """One request to Ethernet for each page of the host, instead of joined pages."""
    copy_ahead_bytes: int = 0
    """Copy and send: most that is copied ahead of Ethernet's reading; 0: no limit."""
    copy_tail: bool = False
    """Zero-copy: copy the last segments, whose ACK the peer may delay."""
    packet_buffer: int = 0
    """Size of a packet buffer in card memory; 0: no limit."""
    segmentation_offload: bool = True
    checksum_offload: bool = True
    """TSO and CSO; False: the I/O processor does it."""
    delayed_ack: bool = True
    mss: int = 0
    """Largest payload of a segment; 0: what the MTU admits."""
    driver_copy: bool = False
    """The I/O processor copies every received frame."""
    tcp: dict[str, Any] = field(default_factory=dict)
    """What differs from the defaults of `firmware.tcp.config.TcpConfig`, by name."""
    queue_sets: int = 1
    """Of the Ethernet controller: the firmware's, and with 2 one of the host (BAR2 of the TOE) beside it. The card has
    two; the simulation leaves the host's out unless a scenario asks: results are the same, Verilator is faster."""
    max_frame_bytes: int = 9234
    """Longest frame of the Ethernet controller, FCS included: 1522 to 33792."""
    nic: bool = False
    """Personality of the card: the 82544 alone, without firmware, instead of the TOE."""
    round_robin: bool = True
    """Policy of the bus arbiter; False is fixed priority."""
    ideal_processor: bool = False
    """True: instructions of the I/O processor cost no time."""
    card_memory_bytes: int = 1 << 22
    retransmission_buffer_bytes: int = 1 << 19
    transmit_ring: int = 256
    receive_ring: int = 256
    """Descriptors in the Ethernet controller's rings."""
    receive_buffers: int = 768
    """Buffers for received frames, in card memory."""
    receive_buffer: int = 65535
    """Receive window of a connection of the card, in bytes."""
    send_buffer: int = 1 << 17
    """Most that a connection of the card holds unacknowledged, in bytes."""
    request_frames: int = 256
    """Message frames that the host may have in use at once."""
    max_payload_bytes: int = 256
    max_read_request_bytes: int = 512
    clocks_never_stop: bool = False
    clk_cycle_limit: int = 0
    """RTL: cycles of `clk` after which a run is ended as hung; 0: none."""
    monitors: bool = False
    """RTL: protocol monitors watch every bus and stream of the card; a breach is a line "MONITOR" in simulator.log."""
    gmii_rx_ppm: int = 0
    gmii_rx_phase_ps: int = 0


@dataclass(frozen=True)
class RunRequest:
    """A scenario to run: `module` is an importable name or the path of a Python file, `function` is in it."""

    module: str
    function: str
    name: str
    out: str
    settings: BenchSettings = field(default_factory=BenchSettings)
    options: dict[str, Any] = field(default_factory=dict)
    """What the scenario itself takes (file, direction, ...)."""
    waves: str = "0"
    """0, 1 or from:to in picoseconds."""
    captures: bool = True
    """Capture, timeline and bus log are kept; without them a run's memory does not grow with its length."""
    timeline: bool = True
    """With captures: timeline and bus log too."""
    progress: bool = False

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(dataclasses.asdict(self), indent=1))

    @classmethod
    def load(cls, path: Path) -> RunRequest:
        data = json.loads(path.read_text())
        return cls(**{**data, "settings": BenchSettings(**data["settings"])})
