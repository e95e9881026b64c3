"""Copy and send: first into packet buffers in card memory, from there to the wire (published: HL-TCP, section 4.3.1).

The packet buffers are the retransmission buffer. Pages are copied by a chain of the DMA controller each, ahead of their
send by no more than the setting `copy_ahead_bytes`; the copies are issued where the stream is (`HlTcp`), because the
windows of TCP do not hold them up.
"""

from __future__ import annotations

from firmware.sending.strategy import Hardware, SendJob
from firmware.sending.stream import Keeping


class CopyAndSend:
    """What comes here is copied already."""

    keeping = Keeping.COPY_FIRST
    waits = False

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware

    async def send(self, job: SendJob) -> None:
        await self._hardware.transmit_job(job, job.sent)

    async def work(self) -> None:
        """Nothing is ever left for later."""
