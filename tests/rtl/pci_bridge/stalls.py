"""Stalls of all that surrounds pci_bridge: AXI, AXI4-Lite and streams, each kind at rates that change on the way."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import cocotb
from cocotb.triggers import Event, RisingEdge

RATES = (0, 15, 30, 45, 60, 80)
"""Clocks of a hundred; each has its turn at each kind of connection."""
AXI, STREAMS, REGISTERS = "axi", "streams", "registers"


def register_channels(*parts: Any) -> list[Any]:
    """Of AXI4-Lite masters or slaves."""
    return [
        channel
        for part in parts
        for channel in (
            part.write_if.aw_channel,
            part.write_if.w_channel,
            part.write_if.b_channel,
            part.read_if.ar_channel,
            part.read_if.r_channel,
        )
    ]


class Stalls:
    """Of the harness `dut`: its AXI stalls, its `streams` by name, and the channels of its AXI4-Lite connections.

    `most` bounds the rate of a stream. Begins without stalls.
    """

    def __init__(
        self,
        dut: Any,
        seed: int,
        streams: Mapping[str, Any],
        registers: Iterable[Any],
        most: Mapping[str, int] | None = None,
    ) -> None:
        self.dut = dut
        self._dice = random.Random(f"stalls, {seed}")
        self._streams = [(stream, (most or {}).get(name, 100)) for name, stream in streams.items()]
        self._registers = list(registers)
        self._rates = {AXI: 0, STREAMS: 0, REGISTERS: 0}
        self._decks: dict[str, list[int]] = {kind: [] for kind in self._rates}
        self._turn = -1
        self._held: set[Any] = set()
        self._changed = Event()
        dut.percent.value = 0
        cocotb.start_soon(self._run())

    def set(self, kind: str, rate: int) -> None:
        self._rates[kind] = rate
        if kind == AXI:
            self.dut.percent.value = rate
        elif not rate:
            for channel in self._registers if kind == REGISTERS else [stream for stream, _ in self._streams]:
                if channel not in self._held:
                    channel.pause = False
        self._changed.set()

    def of_seed(self, seed: int) -> None:
        """For a test whose steps are few: one rate of AXI and AXI4-Lite, another one with the next seed."""
        for kind in (AXI, REGISTERS):
            self.set(kind, (45, 80, 0)[seed % 3])

    def progress(self, done: int, every: int) -> None:
        """So many operations are begun: other rates after each `every`."""
        if done // every == self._turn:
            return
        self._turn = done // every
        for kind, deck in self._decks.items():
            if not deck:
                deck.extend(self._dice.sample(RATES, len(RATES)))
            self.set(kind, deck.pop())

    def hold(self, stream: Any, yes: bool) -> None:
        """One stream stands still, or goes on at the rate of all."""
        (self._held.add if yes else self._held.discard)(stream)
        stream.pause = yes

    async def _run(self) -> None:
        edge = RisingEdge(self.dut.clk)
        dice = self._dice
        while True:
            if not self._rates[STREAMS] and not self._rates[REGISTERS]:
                self._changed.clear()
                await self._changed.wait()
            await edge
            streams, registers = self._rates[STREAMS], self._rates[REGISTERS]
            # One of each kind is drawn anew in a clock: what stands still does so for a while.
            if streams:
                stream, most = dice.choice(self._streams)
                if stream not in self._held:
                    stream.pause = 100 * dice.random() < min(streams, most)
            if registers and self._registers:
                dice.choice(self._registers).pause = 100 * dice.random() < registers

    def check(self, *names: str, least: int = 10) -> None:
        """There have been stalls: the harness counts clocks in which a connection stood still with something to do."""
        for name in names:
            clocks = int(getattr(self.dut, f"{name}_held").value)
            assert clocks >= least, f"{name} stood still in {clocks} clocks only"
