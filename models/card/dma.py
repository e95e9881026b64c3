"""The DMA controller's register block: channels alike and independent; one that is not built answers with an error."""

from __future__ import annotations

from collections.abc import Callable

from firmware.registers import dma
from models.card.bus import Buses
from models.card.dma_channel import DmaChannel
from models.card.timing import CardTiming
from models.kernel import Task, spawn
from models.ports import BusError


class DmaController:
    """`lines` are called with the level of each built channel's interrupt line."""

    def __init__(self, timing: CardTiming, buses: Buses, lines: tuple[Callable[[bool], None], ...]) -> None:
        self._timing = timing
        self._buses = buses
        self._lines = lines
        self._tasks: list[Task] = []
        self.channels = tuple(DmaChannel(timing, buses, line) for line in lines)

    def start(self) -> None:
        self._tasks = [
            spawn(task, f"DMA channel {number} {name}")
            for number, channel in enumerate(self.channels)
            for task, name in (
                (channel.fetch(), "descriptors"),
                (channel.move(), "data"),
                (channel.finish(), "writes"),
            )
        ]

    def reset(self) -> None:
        """Function-level reset: every channel as after power-on, nothing under way."""
        for task in self._tasks:
            task.cancel()
        for line in self._lines:
            line(False)
        self.channels = tuple(DmaChannel(self._timing, self._buses, line) for line in self._lines)
        self.start()

    def read(self, offset: int) -> int:
        return self._channel(offset).read(offset % dma.CHANNEL_STRIDE)

    def write(self, offset: int, value: int) -> None:
        self._channel(offset).write(offset % dma.CHANNEL_STRIDE, value)

    def _channel(self, offset: int) -> DmaChannel:
        number = offset // dma.CHANNEL_STRIDE
        if number >= len(self.channels):
            raise BusError(f"no DMA channel {number}")
        return self.channels[number]
