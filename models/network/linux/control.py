"""Calls to the guest's agent, each a frame on an interface of its own, and their answers."""

from __future__ import annotations

import os
from typing import Any

from models import kernel
from models.network.linux.guest import framing
from models.network.linux.network_device import NetworkDevice


class Control:
    """Use: `words, data = await control.call("recv", fd=3, size=100)`; raises OSError as the guest's kernel did."""

    def __init__(self) -> None:
        self.device = NetworkDevice(framing.GUEST, framing.MTU)
        self.device.something_to_send = self._something_to_send
        self.hello = kernel.Event()
        """Set when the agent is there, with what it says of itself."""
        self.last_ps = 0
        """When it was last called."""
        self._serial = 0
        self._waiting: dict[int, tuple[kernel.Event, list[bytes]]] = {}
        self._something = kernel.Event()

    def start(self) -> None:
        kernel.spawn(self._take(), "Linux guest's answers")

    async def call(self, name: str, data: bytes = b"", /, **parameters: Any) -> tuple[dict[str, Any], bytes]:
        """Words and data of the answer."""
        self._serial += 1
        self.last_ps = kernel.now()
        serial = self._serial
        answered = kernel.Event()
        self._waiting[serial] = answered, []
        words = {"call": name, "id": serial, **parameters}
        self.device.receive(framing.pack(framing.SIMULATION, framing.GUEST, words, data))
        answer = await answered
        number = answer.pop("errno", 0)
        if number:
            raise OSError(number, os.strerror(number))
        pieces = self._waiting.pop(serial)[1]
        return answer, b"".join(pieces)

    def _something_to_send(self) -> None:
        self._something.set()

    async def _take(self) -> None:
        while True:
            await self._something
            self._something.clear()
            while (taken := self.device.take_frame()) is not None:
                frame, chain = taken
                self.device.frame_is_sent(chain)
                self._answer_comes(frame)

    def _answer_comes(self, frame: bytes) -> None:
        unpacked = framing.unpack(frame)
        if unpacked is None:
            return
        words, data = unpacked
        serial = words.pop("id")
        if serial == 0:
            self.hello.set(words)
            return
        answered, pieces = self._waiting[serial]
        if data:
            pieces.append(data)
        if not words.pop("more", 0):
            answered.set(words)
