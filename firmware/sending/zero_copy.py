"""Zero-copy: Ethernet reads the host's pages, for retransmissions once more (published: HL-TCP, section 4.3.1).

Nothing is kept in card memory, so a SEND holds its pages until the peer has acknowledged them. A SEND that may not wait
for that (non-blocking, cancelled, its socket closed) is copied into the retransmission buffer after all.
"""

from __future__ import annotations

from firmware.sending.strategy import Hardware, SendJob
from firmware.sending.stream import Keeping


class ZeroCopy:
    """Ethernet's request is the only one."""

    keeping = Keeping.PAGES
    waits = False

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware

    async def send(self, job: SendJob) -> None:
        await self._hardware.transmit_job(job, job.sent)

    async def work(self) -> None:
        """Nothing is ever left for later."""
