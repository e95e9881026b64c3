"""Flow control of the Ethernet controller: pause frames obeyed and sent (IEEE 802.3 annex 31B; 82544 SDM 3.7).

Follows hdl/ethernet/pause_receive.v and pause_send.v.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware.registers import ethernet
from models.card.ethernet_mac import MacControl
from models.card.ethernet_statistics import EthernetStatistics
from models.card.receive_filter import ReceiveFilter

_OPCODE_PAUSE = 1
_MIN_FRAME_BYTES = 60


@dataclass(frozen=True, slots=True)
class ControlFrame:
    """What to do with a MAC control frame: drop it, or pass it whatever its address; None is neither."""

    passes: bool | None
    opcode: int
    time: int


class PauseControl:
    """Looks at what is received and at how full the packet buffer is; the waiting itself is the transmitter's."""

    def __init__(self, mac: MacControl, filter_: ReceiveFilter, statistics: EthernetStatistics) -> None:
        self._mac = mac
        self._filter = filter_
        self._statistics = statistics
        self._stopped = False

    def _station(self) -> bytes:
        high, low = self._filter.high[0], self._filter.low[0]
        return ((high & ethernet.RA_RAH_RAH) << 32 | low).to_bytes(6, "little")

    def recognise(self, frame: bytes, rctl: int) -> ControlFrame | None:
        """A frame to the pause address or to the station with FCT as its type; None if it is none."""
        mac = self._mac
        if not mac.pause_type or int.from_bytes(frame[12:14], "big") != mac.pause_type:
            return None
        valid = self._filter.high[0] & (ethernet.RA_RAH_AV | ethernet.RA_RAH_AS) == ethernet.RA_RAH_AV
        to_station = valid and frame[:6] == self._station()
        if not to_station and frame[:6] != mac.pause_address:
            return None
        opcode = int.from_bytes(frame[14:16], "big")
        if opcode != _OPCODE_PAUSE:
            passes = bool(rctl & ethernet.RCTL_PMCF)
        else:
            passes = False if mac.receive_pause and to_station and rctl & ethernet.RCTL_DPF else None
        return ControlFrame(passes, opcode, int.from_bytes(frame[16:18], "big"))

    def obey(self, control: ControlFrame) -> None:
        """It has come without error."""
        if control.opcode != _OPCODE_PAUSE:
            self._statistics.count(ethernet.FCRUC)
        elif self._mac.receive_pause:
            self._statistics.count(ethernet.XOFFRXC if control.time else ethernet.XONRXC)
            self._mac.pause(control.time)

    def watch(self, used_bytes: int) -> None:
        """The receive packet buffer holds so many bytes now, or a register has changed."""
        mac = self._mac
        if not mac.transmit_pause or not mac.link:
            self._stopped = False
        elif not self._stopped and mac.pause_high and used_bytes > mac.pause_high:
            self._stopped = True
            self.send_xoff()
        elif self._stopped and used_bytes <= mac.pause_low:
            self._stopped = False
            if mac.pause_xon:
                self._send(0, ethernet.XONTXC)

    def send_xoff(self) -> None:
        """Because of the threshold, or of TCTL.SWXOFF, which does not need CTRL.TFCE (82544 SDM 8.7.6)."""
        if self._mac.link:
            self._send(self._mac.pause_time, ethernet.XOFFTXC)

    def _send(self, time: int, counter: int) -> None:
        mac = self._mac
        numbers = mac.pause_type << 32 | _OPCODE_PAUSE << 16 | time
        frame = mac.pause_address + self._station() + numbers.to_bytes(6, "big")
        mac.send_pause(frame.ljust(_MIN_FRAME_BYTES, b"\0"), counter)
