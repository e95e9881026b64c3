"""The wire port of the RTL card: cocotbext-eth drives and samples the GMII pins, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cocotb
from cocotbext.eth import GmiiFrame, GmiiSink, GmiiSource

from models.rtl.clock_hold import ClockHold

_PREAMBLE = b"\x55" * 7 + b"\xd5"


class RtlWirePort:
    """WirePort (models/ports.py) on the GMII pins; keeps the clocks running while a frame waits or passes."""

    def __init__(self, dut: Any, hold: ClockHold) -> None:
        self._source = GmiiSource(dut.gmii_rxd, dut.gmii_rx_er, dut.gmii_rx_dv, dut.gmii_rx_clk)
        self._dut = dut
        self._hold = hold
        self._receive: Callable[[bytes, int, int], None] = lambda frame, begin_ps, end_ps: None

    def start(self) -> None:
        """Begin to sample the transmit pins; the card must be out of reset."""
        dut = self._dut
        sink = GmiiSink(dut.gmii_txd, dut.gmii_tx_er, dut.gmii_tx_en, dut.gmii_tx_clk)
        cocotb.start_soon(self._sample(sink))

    def connect(self, receive: Callable[[bytes, int, int], None]) -> None:
        self._receive = receive

    def set_link(self, up: bool) -> None:
        self._dut.wire_link_down.value = int(not up)

    def send(self, frame: bytes) -> None:
        if self._source.idle():
            self._hold.need(self)
            cocotb.start_soon(self._release_when_sent())
        self._source.send_nowait(GmiiFrame(_PREAMBLE + frame))

    async def _release_when_sent(self) -> None:
        await self._source.wait()
        self._hold.release(self)

    async def _sample(self, sink: GmiiSink) -> None:
        while True:
            frame = await sink.recv()
            data = bytes(frame.data)
            start = data.find(b"\xd5") + 1
            error = bool(frame.error) and any(frame.error)
            if start and not error:
                self._receive(data[start:], frame.sim_time_start, frame.sim_time_end)
