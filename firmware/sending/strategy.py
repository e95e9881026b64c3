"""What a way of sending is given, and what it has to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple, Protocol

from firmware.drivers.dma import Channel, Copy
from firmware.drivers.ethernet_transmit import Segmentation, TransmitRing
from firmware.sending.stream import Keeping


class SendJob(NamedTuple):
    """One transmit of TCP payload.

    `header` is the prototype of segments that hardware cuts, or, without `segmentation`, the complete header of the
    one segment that leaves, whose checksum hardware inserts if `checksum_from` says where summing begins. `pieces`
    (address, length) is where the payload lies now; `copies` brings the part that is sent for the first time from the
    host's pages to the retransmission buffer (none for a retransmission, or where a copy is not kept). `sent()` is to
    be called when Ethernet no longer needs the pieces, `copied(ok)` when the copies are done or have failed.
    """

    header: bytes
    segmentation: Segmentation | None
    pieces: list[tuple[int, int]]
    copies: list[Copy]
    sent: Callable[[], None]
    copied: Callable[[bool], None]
    checksum_from: int | None = None


class Sending(Protocol):
    """A way of sending. The caller has made sure of room in the transmit ring and in the DMA chain."""

    keeping: ClassVar[Keeping]

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

    async def transmit_job(self, job: SendJob, sent: Callable[[], None]) -> None:
        """Queue the job's payload for Ethernet."""
        if job.segmentation is not None:
            await self.transmit.send_segments(job.header, job.pieces, job.segmentation, sent)
        else:
            await self.transmit.send_segment(job.header, job.pieces, job.checksum_from, sent)
