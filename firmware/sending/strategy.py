"""What a way of sending is given, and what it has to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from firmware.drivers.dma import Channel, Copy
from firmware.drivers.ethernet_transmit import Segmentation, TransmitRing


class SendJob(NamedTuple):
    """One transmit of TCP payload.

    `pieces` (address, length) is where the payload lies now; `copies` brings the part that is sent for the first time
    from the host's pages to the retransmission buffer (none for a retransmission). `sent()` is to be called when
    Ethernet no longer needs the pieces, `copied(ok)` when the copies are done or have failed.
    """

    header: bytes
    segmentation: Segmentation
    pieces: list[tuple[int, int]]
    copies: list[Copy]
    sent: Callable[[], None]
    copied: Callable[[bool], None]


class Sending(Protocol):
    """A way of sending. The caller has made sure of room in the transmit ring and in the DMA chain."""

    @property
    def waits(self) -> bool:
        """Is there something for `work` to issue?"""

    async def send(self, job: SendJob) -> None:
        """Issue the hardware's work for `job`."""

    async def work(self) -> None:
        """Issue what an earlier job left for later; called whenever something has completed."""


class Hardware:
    """What every way of sending works with."""

    def __init__(self, transmit: TransmitRing, copy: Channel) -> None:
        self.transmit = transmit
        self.copy = copy
