"""Firmware that behaves and costs like the published port of lwIP to the card, with its improvements as switches.

It is HL-TCP's own protocol: what it shares with lwIP is what the published comparison is about: packet buffers in card
memory through which all payload goes, sizes of segments and windows, copies and checksums by the processor, an ACK for
each segment, and what lwIP's paths cost. It is not lwIP's code, and does on the wire what lwIP would not
(window scaling, selective acknowledgment, CUBIC).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Any

from firmware.processor import INSTRUCTIONS_PER_US, Costs
from firmware.settings import Settings


class Improvement(enum.Enum):
    """Published: HL-TCP, table 2, in its order."""

    SIZES = "larger packet buffer, MSS and TCP window"
    NO_DRIVER_COPY = "no copy between Ethernet driver and packet buffer"
    DELAYED_ACK = "delayed ACK"
    OFFLOAD = "TSO and CSO"


ALL = tuple(Improvement)


@dataclass(frozen=True)
class Sizes:
    """Published: HL-TCP, table 1; in bytes."""

    packet_buffer: int
    mss: int
    window: int


ORIGINAL = Sizes(packet_buffer=128, mss=128, window=2048)
MODIFIED = Sizes(packet_buffer=1514, mss=1460, window=65535)
"""65536 is published; a window field holds 65535."""

COSTS = Costs(
    send=47 * INSTRUCTIONS_PER_US,
    receive=19 * INSTRUCTIONS_PER_US,
    make_ack=43 * INSTRUCTIONS_PER_US,
    take_ack=12 * INSTRUCTIONS_PER_US,
    message=14 * INSTRUCTIONS_PER_US,
)
"""Fitted to tables 2 and 3 (bandwidth and latency) together with HL-TCP's, which are about a quarter of these; copies
and checksums a byte, interrupts and DMA set-ups are the same for both."""


def lwip_like(*improvements: Improvement, settings: Settings | None = None) -> Settings:
    """Settings of the firmware with these improvements; everything else as in `settings`."""
    settings = settings or Settings()
    sizes = MODIFIED if Improvement.SIZES in improvements else ORIGINAL
    offload = Improvement.OFFLOAD in improvements
    return replace(
        settings,
        sending="copy",
        page_per_send=True,
        packet_buffer=sizes.packet_buffer,
        mss=sizes.mss,
        receive_buffer=sizes.window,
        send_buffer=max(sizes.window, 2 * sizes.mss),
        driver_copy=Improvement.NO_DRIVER_COPY not in improvements,
        delayed_ack=Improvement.DELAYED_ACK in improvements,
        segmentation_offload=offload,
        checksum_offload=offload,
        costs=COSTS,
    )


FIRMWARE = ("hl_tcp", "lwip_like")


def settings_for(bench: Any) -> Settings:
    """The firmware's settings from those of a bench, whose `firmware` is one of FIRMWARE."""
    settings = Settings.for_bench(bench)
    if bench.firmware == "hl_tcp":
        return settings
    if bench.firmware != "lwip_like":
        raise ValueError(f"firmware {bench.firmware!r} is none of {', '.join(FIRMWARE)}")
    return lwip_like(*ALL[: bench.lwip_improvements], settings=settings)
