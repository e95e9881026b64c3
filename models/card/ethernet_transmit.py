"""The transmitter of a queue set: descriptors, contexts, segmentation and packet buffer."""

from __future__ import annotations

from collections import deque
from struct import Struct

from firmware.registers import ethernet
from firmware.registers import ethernet_tx_context as context
from firmware.registers import ethernet_tx_data as data
from firmware.registers import ethernet_tx_legacy as legacy
from models.card.bus import Buses, Master
from models.card.descriptor_ring import DescriptorRing, Retired
from models.card.ethernet_interrupts import EthernetInterrupts
from models.card.ethernet_mac import MacControl
from models.card.ethernet_statistics import EthernetStatistics
from models.card.timing import CardTiming
from models.card.transfer import Transfer
from models.card.transmit_packet import Context, Packet, Send, finish_plain, finish_segment
from models.kernel import Event, now
from models.network.ethernet_fcs import MIN_FRAME_BYTES, fcs

_DESCRIPTOR = Struct("<QII")
_ADDRESSES_BYTES = 12
_DONE = (12, bytes([data.STATUS_DD]))
"""Write-back of a descriptor: its status byte."""


def _report() -> tuple[int, bytes]:
    return _DONE


def _inserts_fcs(command: int, tag: bytes) -> bool:
    """A tagged frame has its FCS inserted whatever IFCS says (SDM p. 48, table of VLAN tag insertion)."""
    return bool(tag or command & data.COMMAND_IFCS)


def _report_nothing() -> None:
    return None


class Transmitter:
    """Follows hdl/ethernet/tx_engine.v descriptor by descriptor and tx_segmenter.v packet by packet."""

    def __init__(
        self,
        timing: CardTiming,
        buses: Buses,
        interrupts: EthernetInterrupts,
        statistics: EthernetStatistics,
        mac: MacControl,
        wake: Event,
    ) -> None:
        self._timing = timing
        self._buses = buses
        self._interrupts = interrupts
        self._statistics = statistics
        self._mac_control = mac
        self.ring = DescriptorRing(timing, buses, lambda: statistics.count(ethernet.WBERR))
        self.pad_short = False
        """TCTL.PSP."""
        self._plain_context = Context()
        self._segmented_context = Context()
        self._send: Send | None = None
        self._discard = False
        self._pieces: list[Transfer] = []
        self._packets: deque[Packet] = deque()
        self._packets_changed = Event()
        self._ahead = 0
        self._room = Event()
        self._frames: deque[tuple[bytes, int, int]] = deque()
        self._frames_changed = wake
        self._buffered = 0
        self._released = Event()
        self.leaving_until_ps = 0
        """When the wire is over with the frame of this set that left last, its gap included."""

    def tasks(self) -> list:
        """The coroutines to run."""
        return [self._engine(), self._builder(), self.ring.run()]

    def discard_waiting(self) -> None:
        """Frames in the packet buffer of which nothing has left are lost."""
        self._frames.clear()

    # ---- descriptors

    async def _engine(self) -> None:
        while True:
            raw = await self.ring.take()
            if raw is None:
                self._swallow_faulty(True, False, False, True)
                self._retire(None, False, False)
                continue
            address, command, status = _DESCRIPTOR.unpack(raw)
            # an early report (RPS) comes with the ordinary one: the packet buffer keeps no descriptors
            report = bool(command & (data.COMMAND_RS | data.COMMAND_RPS))
            delayed = bool(command & data.COMMAND_IDE)
            if not command & data.COMMAND_DEXT:
                length = command & legacy.COMMAND_LENGTH
                segmented = False
            else:
                kind = (command & data.COMMAND_DTYP) >> data.COMMAND_DTYP_LSB
                if kind == 0:
                    self._set_context(raw, command, status)
                    self._retire(None, report, delayed)
                    continue
                segmented = bool(command & data.COMMAND_TSE)
                if kind != 1:
                    self._swallow_faulty(False, segmented, bool(command & data.COMMAND_EOP), True)
                    self._retire(None, report, delayed)
                    continue
                length = command & data.COMMAND_DTALEN
            eop = bool(command & data.COMMAND_EOP)
            if self._send is None:
                bad = segmented and not self._segmented_context.can_segment(self._timing.max_frame_bytes)
                if bad or self._discard:
                    self._swallow_faulty(False, segmented, eop, not bad)
                    self._retire(None, report, delayed)
                    continue
                self._open(command, status, segmented)
            last = await self._spread(address, length, command, status, eop)
            self._retire(last, report, delayed)

    def _set_context(self, raw: bytes, command: int, status: int) -> None:
        chosen = Context.from_words(
            int.from_bytes(raw[:4], "little"), int.from_bytes(raw[4:8], "little"), command, status
        )
        if command & context.COMMAND_TSE:
            self._segmented_context = chosen
        else:
            self._plain_context = chosen

    def _swallow_faulty(self, unreadable: bool, segmented: bool, eop: bool, faulty: bool) -> None:
        """A descriptor of which no byte is sent; the rest of its send, up to EOP, goes the same way."""
        count = self._statistics.count
        if unreadable:
            count(ethernet.TXDESCERR)
        if self._send is not None:
            self._abort()
        elif not self._discard:
            count(ethernet.TXBADD)
            if segmented and not faulty:
                count(ethernet.TSCTFC)
        self._discard = not eop

    def _abort(self) -> None:
        """The open send is dropped; segments that were complete before leave nevertheless."""
        self._statistics.count(ethernet.TXBADD)
        if self._send.segmented:
            self._statistics.count(ethernet.TSCTFC)
        self._drop_packet()
        self._send = None

    def _drop_packet(self) -> None:
        if self._pieces:
            self._emit(Packet(self._send, self._pieces, dropped=True))

    def _open(self, command: int, status: int, segmented: bool) -> None:
        if command & data.COMMAND_DEXT:
            chosen = self._segmented_context if segmented else self._plain_context
            ixsm, txsm = bool(status & data.STATUS_IXSM), bool(status & data.STATUS_TXSM)
        else:
            chosen = Context(tucss=(status & legacy.STATUS_CSS) >> legacy.STATUS_CSS_LSB)
            ixsm = txsm = False
        tag = self._tag(command, status)
        self._send = Send(segmented, ixsm, txsm, chosen, _inserts_fcs(command, tag), tag)
        self._header_left = chosen.hdrlen if segmented else 0
        self._packet_left = chosen.mss if segmented else self._timing.max_frame_bytes
        self._payload_left = chosen.paylen
        self._any_segment = False

    async def _spread(self, address: int, left: int, command: int, status: int, eop: bool) -> Transfer | None:
        """Order the bytes of a data descriptor, cut at header and MSS boundaries; returns its last read."""
        send = self._send
        segmented = send.segmented
        last: Transfer | None = None
        while True:
            in_header = self._header_left != 0
            room = self._header_left if in_header else self._packet_left
            fits = left <= room
            chunk = left if fits else room
            send_end = fits and eop
            empty = send_end and (in_header or (not self._pieces and left == 0))
            if (not segmented and not fits) or (empty and (in_header or not segmented or not self._any_segment)):
                self._abort()
                self._discard = not eop
                return last
            fills = segmented and chunk == room and left != 0
            if chunk:
                if not self._pieces:
                    while self._ahead >= self._timing.transmit_packets_ahead:
                        self._room.clear()
                        await self._room
                    self._ahead += 1
                last = self._buses.read(Master.ETHERNET_DATA, address, chunk)
                self._pieces.append(last)
            is_last = fits and (eop or self._payload_left == chunk)
            if (fills or send_end) and self._pieces:
                tag = send.tag if segmented else self._tag(command, status)
                insert = send_end and not command & data.COMMAND_DEXT and bool(command & legacy.COMMAND_IC)
                self._emit(
                    Packet(
                        send,
                        self._pieces,
                        header=in_header,
                        last=is_last and not in_header,
                        fcs=send.fcs if segmented else _inserts_fcs(command, tag),
                        tag=tag,
                        insert_at=(command & legacy.COMMAND_CSO) >> legacy.COMMAND_CSO_LSB if insert else None,
                    )
                )
            address += chunk
            left -= chunk
            falls_short = self._payload_left > chunk
            if in_header:
                self._header_left -= chunk
            else:
                self._payload_left = max(0, self._payload_left - chunk)
                if fills or send_end:
                    self._packet_left = send.context.mss
                    self._any_segment = True
                else:
                    self._packet_left -= chunk
            if fits:
                break
        if send_end:
            if segmented:
                self._statistics.count(ethernet.TSCTFC if falls_short else ethernet.TSCTC)
            self._send = None
        return last

    def _tag(self, command: int, status: int) -> bytes:
        """The VLAN tag that a descriptor asks for."""
        if not command & data.COMMAND_VLE or not self._mac_control.vlan_mode:
            return b""
        return self._mac_control.vlan_type + (status >> data.STATUS_SPECIAL_LSB).to_bytes(2, "big")

    def _emit(self, packet: Packet) -> None:
        self._pieces = []
        self._packets.append(packet)
        self._packets_changed.set()

    def _retire(self, transfer: Transfer | None, report: bool, delayed: bool) -> None:
        def after_write(written: bool) -> None:
            if written:
                self._interrupts.transmitted(delayed)
            if self.ring.head == self.ring.tail:
                self._interrupts.cause(ethernet.ICR_TXQE)

        self.ring.retire(Retired(transfer, _report if report else _report_nothing, after_write))

    # ---- packets

    async def _builder(self) -> None:
        packets = self._packets
        while True:
            if not packets:
                self._packets_changed.clear()
                await self._packets_changed
            packet = packets.popleft()
            for piece in packet.pieces:
                if not piece.is_over:
                    await piece.wait()
            self._ahead -= 1
            self._room.set()
            frame = self._build(packet)
            if frame is None:
                continue
            size = (len(frame) + 7) & ~7
            while self._buffered + size > self._timing.transmit_buffer_bytes and self._buffered:
                self._released.clear()
                await self._released
            self._buffered += size
            self._frames.append((frame, now() + self._timing.transmit_pipeline_ps, size))
            self._frames_changed.set()

    def _build(self, packet: Packet) -> bytes | None:
        """The frame as it leaves, or None if there is none."""
        send = packet.send
        pieces = packet.pieces
        failed = pieces[0].error if len(pieces) == 1 else any([piece.error for piece in pieces])
        if failed and not send.poisoned:
            send.poisoned = True
            self._statistics.count(ethernet.TXRDERR)
        if send.poisoned or packet.dropped:
            return None
        content = pieces[0].data if len(pieces) == 1 else b"".join([piece.data for piece in pieces])
        if packet.header:
            send.header = bytearray(content)
            return None
        frame = finish_segment(packet, content) if send.segmented else finish_plain(packet, content)
        if packet.tag and len(frame) > _ADDRESSES_BYTES:
            frame = frame[:_ADDRESSES_BYTES] + packet.tag + frame[_ADDRESSES_BYTES:]
        octets = len(frame)
        if packet.fcs:
            if self.pad_short and octets < MIN_FRAME_BYTES:
                frame += bytes(MIN_FRAME_BYTES - octets)
            frame += fcs(frame)
        return frame

    # ---- to the MAC

    @property
    def has_frame(self) -> bool:
        """A frame is whole and may leave (models/card/ethernet_wire.py)."""
        return bool(self._frames) and self._mac_control.link

    def take(self) -> tuple[bytes, int, int]:
        """The next frame, when it is ready to leave, and the room it has in the packet buffer."""
        return self._frames.popleft()

    def left(self, frame: bytes, size: int) -> None:
        """It is out."""
        self._statistics.sent(len(frame), frame[:6])
        self._buffered -= size
        self._released.set()
