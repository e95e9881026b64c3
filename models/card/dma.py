"""The DMA controller's register block: channels alike and independent; one that is not built answers with an error."""

from __future__ import annotations

from collections.abc import Callable

from firmware.registers import dma
from models.card.bus import Buses
from models.card.dma_channel import DmaChannel
from models.card.timing import CardTiming
from models.kernel import spawn
from models.ports import BusError


class DmaController:
    """`lines` are called with the level of each built channel's interrupt line."""

    def __init__(self, timing: CardTiming, buses: Buses, lines: tuple[Callable[[bool], None], ...]) -> None:
        self.channels = tuple(DmaChannel(timing, buses, line) for line in lines)

    def start(self) -> None:
        for number, channel in enumerate(self.channels):
            spawn(channel.fetch(), f"DMA channel {number} descriptors")
            spawn(channel.move(), f"DMA channel {number} data")
            spawn(channel.finish(), f"DMA channel {number} writes")

    def read(self, offset: int) -> int:
        return self._channel(offset).read(offset % dma.CHANNEL_STRIDE)

    def write(self, offset: int, value: int) -> None:
        self._channel(offset).write(offset % dma.CHANNEL_STRIDE, value)

    def _channel(self, offset: int) -> DmaChannel:
        number = offset // dma.CHANNEL_STRIDE
        if number >= len(self.channels):
            raise BusError(f"no DMA channel {number}")
        return self.channels[number]
