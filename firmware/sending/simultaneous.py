"""Simultaneous send and copy: Ethernet and DMA controller read the host's pages at the same time.

The bus arbiter serves the two in turn, so that the copy uses the time in which Ethernet makes and sends packets
(published: HL-TCP, section 4.3.2, figure 6b).
"""

from __future__ import annotations

from firmware.sending.strategy import Hardware, SendJob
from firmware.sending.stream import Keeping


class SimultaneousSendAndCopy:
    """Both requests are issued at once, Ethernet's first."""

    keeping = Keeping.COPY

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware

    waits = False

    async def send(self, job: SendJob) -> None:
        await self._hardware.transmit_job(job, job.sent)
        if job.copies:
            await self._hardware.copy.append(job.copies, job.copied)

    async def work(self) -> None:
        """Nothing is ever left for later."""
