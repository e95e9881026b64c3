"""The receiver of a queue set: filters, checksum verification, packet buffer and descriptors."""

from __future__ import annotations

from collections import deque

from firmware.registers import ethernet
from firmware.registers import ethernet_rx as layout
from models.card.bus import Buses, Master
from models.card.descriptor_ring import DescriptorRing, Retired
from models.card.ethernet_interrupts import EthernetInterrupts
from models.card.ethernet_mac import MacControl
from models.card.ethernet_pause import PauseControl
from models.card.ethernet_statistics import EthernetStatistics
from models.card.ethernet_wire import Arrival
from models.card.receive_checksum import packet_checksum, verify
from models.card.receive_filter import ReceiveFilter
from models.card.timing import CardTiming
from models.card.transfer import Transfer
from models.kernel import Event, now, sleep_until
from models.network.ethernet_fcs import FCS_BYTES

_SHORTEST = 64
_LONGEST_STANDARD = 1522
"""With a tag or without (82544 SDM 13.7.15)."""
_ADDRESS_BYTES = 6
_CFI = 0x1000
_EMPTY_STATUS = layout.STATUS_DD


class _Frame:
    """A stored frame with its descriptor's second half: status word (DD, EOP added later) and packet checksum."""

    __slots__ = ("checksum", "content", "ready_ps", "size", "status")

    def __init__(self, content: bytes, status: int, checksum: int, ready_ps: int) -> None:
        self.content = content
        self.status = status
        self.checksum = checksum
        self.ready_ps = ready_ps
        self.size = (len(content) + 7) & ~7


class Receiver:
    """Follows hdl/ethernet/rx_packet_buffer.v for what is kept and rx_engine.v for where it goes."""

    def __init__(
        self,
        timing: CardTiming,
        buses: Buses,
        interrupts: EthernetInterrupts,
        statistics: EthernetStatistics,
        mac: MacControl,
        owns_mac: bool = True,
    ) -> None:
        self._mac_control = mac
        self._owns_mac = owns_mac
        self._timing = timing
        self._buses = buses
        self._interrupts = interrupts
        self._statistics = statistics
        self.ring = DescriptorRing(timing, buses, lambda: statistics.count(ethernet.WBERR))
        self.filter = ReceiveFilter()
        self.pause = PauseControl(mac, self.filter, statistics)
        self.vlan_table = [0] * ethernet.VFTA_COUNT
        self.rctl = 0
        self.rxcsum = 0
        self._stored: deque[_Frame] = deque()
        self._stores = Event()
        self._used = 0
        self._below = True

    def tasks(self) -> list:
        """The coroutines to run."""
        return [self._engine(), self.ring.run()]

    def watch_threshold(self) -> None:
        """RXDMT0 when the free descriptors fall to the threshold of RCTL.RDMTS."""
        ring = self.ring
        threshold = ring.count >> 1 + ((self.rctl & ethernet.RCTL_RDMTS) >> ethernet.RCTL_RDMTS_LSB)
        below = ring.free <= threshold
        if below and not self._below and self.enabled:
            self._interrupts.cause(ethernet.ICR_RXDMT0)
        self._below = below

    def watch_pause(self) -> None:
        """A register of the flow control has changed."""
        self.pause.watch(self._used)

    @property
    def enabled(self) -> bool:
        return bool(self.rctl & ethernet.RCTL_EN)

    @property
    def buffer_bytes(self) -> int:
        """Size of a receive buffer (RCTL.BSIZE and BSEX)."""
        code = (self.rctl & ethernet.RCTL_BSIZE) >> ethernet.RCTL_BSIZE_LSB
        size = 2048 >> code
        return size << 4 if self.rctl & ethernet.RCTL_BSEX and code else size

    # ---- from the MAC

    def take(self, arrival: Arrival, mine: bool = True) -> None:
        """Decide about a frame that has come whole; `mine`: it was steered here."""
        if not self.enabled or not self._mac_control.link:
            return
        if not mine:
            self._obey(arrival)
            return
        frame = arrival.frame
        statistics = self._statistics
        octets = len(frame)
        statistics.seen(octets)
        bad = arrival.bad
        self._obey(arrival)
        accepted, inexact = self._filter(arrival)
        if not accepted:
            return
        legal = self._length_is_legal(arrival)
        if not legal:
            statistics.count(ethernet.RLEC)
            if octets < _SHORTEST:
                statistics.count(ethernet.RFC if bad else ethernet.RUC)
            else:
                statistics.count(ethernet.RJC if bad else ethernet.ROC)
        elif bad:
            statistics.count(ethernet.CRCERRS)
        if not legal or bad:
            fits = octets <= self._timing.max_frame_bytes + FCS_BYTES
            if not (fits and self.rctl & ethernet.RCTL_SBP):
                return
        content = arrival.content
        destination = content[:6]
        stored = self._store(arrival.plain, content, bad, inexact)
        if arrival.stripped:
            stored.status |= layout.STATUS_VP | arrival.tag << layout.STATUS_SPECIAL_LSB
        if self._used + stored.size > self._timing.receive_buffer_bytes or (
            len(self._stored) >= self._timing.receive_frames
        ):
            statistics.count(ethernet.MPC)
            self._interrupts.cause(ethernet.ICR_RXO)
            return
        if legal and not bad:
            statistics.good(octets, destination)
        self._used += stored.size
        self.pause.watch(self._used)
        self._stored.append(stored)
        self._stores.set()

    def _filter(self, arrival: Arrival) -> tuple[bool, bool]:
        """Is it for us, and did only the multicast hash say so? What has no address and FCS is for nobody."""
        if len(arrival.plain) < _ADDRESS_BYTES + FCS_BYTES:
            return False, False
        accepted, inexact = self.filter.accept(arrival.content[:_ADDRESS_BYTES], self.rctl)
        accepted = accepted and (arrival.tag is None or self._vlan_accepts(arrival.tag))
        control = arrival.control
        if control is not None and control.passes is not None:
            accepted = control.passes and (self._owns_mac or accepted)
        return accepted, inexact

    def _length_is_legal(self, arrival: Arrival) -> bool:
        long = self.rctl & ethernet.RCTL_LPE
        limit = self._timing.max_frame_bytes + FCS_BYTES if long else _LONGEST_STANDARD
        return _SHORTEST <= len(arrival.frame) <= limit

    def _obey(self, arrival: Arrival) -> None:
        """Flow control is the matter of the set that has the MAC, whoever gets the frame."""
        good = arrival.control is not None and not arrival.bad and self._length_is_legal(arrival)
        if self._owns_mac and good:
            self.pause.obey(arrival.control)

    def _vlan_accepts(self, tag: int) -> bool:
        """RCTL.VFE: the VLAN filter table, and CFI."""
        rctl = self.rctl
        if not rctl & ethernet.RCTL_VFE:
            return True
        if not self.vlan_table[tag >> 5 & 0x7F] >> (tag & 31) & 1:
            return False
        return not rctl & ethernet.RCTL_CFIEN or bool(tag & _CFI) == bool(rctl & ethernet.RCTL_CFI)

    def _store(self, frame: bytes, content: bytes, bad: bool, inexact: bool) -> _Frame:
        rxcsum = self.rxcsum
        verdict = verify(content, bool(rxcsum & ethernet.RXCSUM_IPOFL), bool(rxcsum & ethernet.RXCSUM_TUOFL))
        status = layout.STATUS_PIF if inexact else 0
        if verdict.ip_good is None and verdict.tu_good is None:
            status |= layout.STATUS_IXSM
        if verdict.ip_good is not None:
            status |= layout.STATUS_IPCS | (0 if verdict.ip_good else layout.STATUS_IPE)
        if verdict.tu_good is not None:
            status |= layout.STATUS_TCPCS | (0 if verdict.tu_good else layout.STATUS_TCPE)
        if bad:
            status |= layout.STATUS_CE
        kept = content if self.rctl & ethernet.RCTL_SECRC else frame
        checksum = packet_checksum(content, rxcsum & ethernet.RXCSUM_PCSS)
        gathered_ps = -(-min(len(kept), self._timing.burst_bytes) // 8) * self._timing.clock_ps
        return _Frame(kept, status, checksum, now() + self._timing.receive_pipeline_ps + gathered_ps)

    # ---- to memory

    async def _engine(self) -> None:
        stored = self._stored
        while True:
            if not stored:
                self._stores.clear()
                await self._stores
            frame = stored.popleft()
            await sleep_until(frame.ready_ps)
            await self._spread(frame)

    async def _spread(self, frame: _Frame) -> None:
        """Put a frame into as many buffers as it takes; an unreadable descriptor or one without buffer stays empty."""
        content = frame.content
        position = 0
        counted = False
        while position < len(content):
            if self.ring.exhausted and not counted:
                counted = True
                self._statistics.count(ethernet.RNBC)
            descriptor = await self.ring.take()
            address = int.from_bytes(descriptor[:8], "little") if descriptor is not None else 0
            if not address:
                if descriptor is None:
                    self._statistics.count(ethernet.RXDESCERR)
                self._retire(None, 0, _EMPTY_STATUS | (layout.STATUS_RXE if descriptor is None else 0), 0, None)
                continue
            chunk = min(self.buffer_bytes, len(content) - position)
            part = content if chunk == len(content) else content[position : position + chunk]
            transfer = self._buses.write(Master.ETHERNET_DATA, address, part)
            position += chunk
            if position < len(content):
                self._retire(transfer, chunk, _EMPTY_STATUS, 0, None)
            else:
                status = frame.status | layout.STATUS_DD | layout.STATUS_EOP
                self._retire(transfer, chunk, status, frame.checksum, frame)

    def _retire(self, transfer: Transfer | None, length: int, status: int, checksum: int, ended: _Frame | None) -> None:
        def finish() -> tuple[int, bytes]:
            word = status
            if transfer is not None and transfer.error:
                self._statistics.count(ethernet.RXWRERR)
                word |= layout.STATUS_RXE
            if ended is not None:
                self._used -= ended.size
                self.pause.watch(self._used)
            return 8, (word << 32 | checksum << 16 | length).to_bytes(8, "little")

        def after_write(_written: bool) -> None:
            self.watch_threshold()
            if ended is not None:
                self._interrupts.received()

        self.ring.retire(Retired(transfer, finish, after_write))
