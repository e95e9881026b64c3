"""Sequential send and copy: the copy is issued when the last packet is out (published: HL-TCP, figure 6a)."""

from __future__ import annotations

from collections import deque

from firmware.sending.strategy import Hardware, SendJob
from firmware.sending.stream import Keeping


class SequentialSendAndCopy:
    """Copies wait for their send and leave in order."""

    keeping = Keeping.COPY

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware
        self._waiting: deque[SendJob] = deque()

    @property
    def waits(self) -> bool:
        return bool(self._waiting)

    async def send(self, job: SendJob) -> None:
        def sent() -> None:
            job.sent()
            if job.copies:
                self._waiting.append(job)

        await self._hardware.transmit_job(job, sent)

    async def work(self) -> None:
        while self._waiting:
            job = self._waiting.popleft()
            await self._hardware.copy.append(job.copies, job.copied)
