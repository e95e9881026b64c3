"""Transmit ring of the Ethernet controller: complete frames, and sends that the hardware cuts into segments (TSO).

Headers and complete frames stand in a ring of bytes beside the descriptor ring; payload is named where it lies, in
host or card memory. Descriptors are reported done (RS) where somebody waits for it, and often enough to reuse the ring.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from firmware.card_memory import CardMemory
from firmware.observer import Observer
from firmware.processor import Bus
from firmware.registers import card, ethernet
from firmware.registers import ethernet_tx_context as context
from firmware.registers import ethernet_tx_data as data
from firmware.registers import ethernet_tx_legacy as legacy
from models.kernel import now

_DESCRIPTOR = struct.Struct("<QII")
_CONTEXT = struct.Struct("<IIII")
DESCRIPTOR_BYTES = data.SIZE_BYTES
DATA_TYPE = 1
ETHERNET_HEADER_BYTES = 14
LARGEST_HEADER_BYTES = 128


@dataclass(slots=True)
class _Send:
    """One send in the ring: descriptor slots up to `end` and header bytes up to `header_end` (both ever growing)."""

    end: int
    header_end: int
    reported: bool
    done: Callable[[], None] | None


class Segmentation(NamedTuple):
    """What the hardware needs to cut a send into segments: IP and TCP headers, which are where Ethernet's ends."""

    mss: int
    ip_header_bytes: int = 20
    ipv6: bool = False


class TransmitRing:
    """Sends leave in the order in which they are queued."""

    def __init__(self, bus: Bus, memory: CardMemory, entries: int, header_bytes: int) -> None:
        if entries % 8 or entries < 16:
            raise ValueError(f"a transmit ring of {entries} descriptors (multiple of 8, at least 16)")
        if header_bytes < 2 * LARGEST_HEADER_BYTES:
            raise ValueError(f"{header_bytes} bytes for headers")
        self._bus = bus
        self._entries = entries
        self._ring = memory.take("transmit descriptors", entries * DESCRIPTOR_BYTES, 128)
        self._headers = memory.take("transmit headers", header_bytes)
        self._tail = 0
        self._clean = 0
        self._header_tail = 0
        self._header_clean = 0
        self._sends: deque[_Send] = deque()
        self._unreported = 0
        self._unreported_headers = 0
        self.sends = 0
        self.descriptors = 0
        self.observer = Observer()

    @property
    def most_pieces(self) -> int:
        """Pieces of payload that one send may have: a few sends fit into the ring at once."""
        return self._entries // 4 - 2

    @property
    def outstanding(self) -> int:
        """Sends not known to be done."""
        return len(self._sends)

    async def start(self) -> None:
        """Give the ring to the hardware and enable it; the controller must have been reset."""
        base = card.ETHERNET_BASE
        write = self._bus.write_register
        await write(base + ethernet.TDBAL, self._ring.address & 0xFFFFFFFF)
        await write(base + ethernet.TDBAH, self._ring.address >> 32)
        await write(base + ethernet.TDLEN, self._ring.size)
        await write(base + ethernet.TDH, 0)
        await write(base + ethernet.TDT, 0)
        # IPG as the manual recommends for the copper part: IPGT 8, IPGR1 8, IPGR2 6 (82544 SDM, TIPG)
        await write(base + ethernet.TIPG, 8 << ethernet.TIPG_IPGT_LSB | 8 << ethernet.TIPG_IPGR1_LSB
                    | 6 << ethernet.TIPG_IPGR2_LSB)
        await write(base + ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP)

    def room(self, pieces: int, header_bytes: int) -> bool:
        """Is there room for a send of `pieces` pieces of payload and `header_bytes`?"""
        return (self._tail - self._clean + pieces + 2 < self._entries
                and self._place_header(header_bytes) + header_bytes - self._header_clean <= self._headers.size)

    def _place_header(self, size: int) -> int:
        """Where the next header begins: it is never cut by the end of its ring."""
        into = self._header_tail % self._headers.size
        return self._header_tail if into + size <= self._headers.size else self._header_tail + self._headers.size - into

    async def send_frame(self, frame: bytes, done: Callable[[], None] | None = None) -> None:
        """Queue a complete frame without FCS; `done()` is called when it has left."""
        begin = self._place_header(len(frame))
        command = legacy.COMMAND_EOP | legacy.COMMAND_IFCS | len(frame)
        address = self._headers.address + begin % self._headers.size
        await self._queue(frame, begin, [(address, command, 0)], done)

    async def send_segments(self, header: bytes, pieces: Sequence[tuple[int, int]], segmentation: Segmentation,
                            done: Callable[[], None] | None = None) -> None:
        """Queue TCP payload given by (address, length) pieces behind its prototype header (82544 SDM, 3.5).

        The header has IP length 0 and as TCP checksum the sum of the pseudo-header without a length.
        """
        begin = self._place_header(len(header))
        tcp_start = ETHERNET_HEADER_BYTES + segmentation.ip_header_bytes
        total = sum(length for _, length in pieces)
        words = _CONTEXT.pack(
            ETHERNET_HEADER_BYTES << context.IP_IPCSS_LSB | ETHERNET_HEADER_BYTES + 10 << context.IP_IPCSO_LSB
            | tcp_start - 1 << context.IP_IPCSE_LSB,
            tcp_start << context.TU_TUCSS_LSB | tcp_start + 16 << context.TU_TUCSO_LSB,
            total | context.COMMAND_TCP | (0 if segmentation.ipv6 else context.COMMAND_IP) | context.COMMAND_TSE
            | context.COMMAND_DEXT,
            len(header) << context.STATUS_HDRLEN_LSB | segmentation.mss << context.STATUS_MSS_LSB,
        )
        command = (DATA_TYPE << data.COMMAND_DTYP_LSB | data.COMMAND_IFCS | data.COMMAND_TSE | data.COMMAND_DEXT)
        options = data.STATUS_TXSM if segmentation.ipv6 else data.STATUS_IXSM | data.STATUS_TXSM
        descriptors = [_DESCRIPTOR.unpack(words),
                       (self._headers.address + begin % self._headers.size, command | len(header), options)]
        descriptors += [(address, command | length, options) for address, length in pieces]
        address, last, status = descriptors[-1]
        descriptors[-1] = (address, last | data.COMMAND_EOP, status)
        await self._queue(header, begin, descriptors, done)

    async def send_segment(self, header: bytes, pieces: Sequence[tuple[int, int]], checksum_from: int | None,
                           done: Callable[[], None] | None = None) -> None:
        """Queue one packet: a complete header and payload by (address, length) pieces.

        Its TCP checksum stands in the header, or is summed by hardware from `checksum_from` on, where the TCP header
        begins and holds the sum of the pseudo-header (82544 SDM, 3.4).
        """
        begin = self._place_header(len(header))
        command = DATA_TYPE << data.COMMAND_DTYP_LSB | data.COMMAND_IFCS | data.COMMAND_DEXT
        options = 0
        descriptors = []
        if checksum_from is not None:
            options = data.STATUS_TXSM
            words = _CONTEXT.pack(0, checksum_from << context.TU_TUCSS_LSB | checksum_from + 16 << context.TU_TUCSO_LSB,
                                  context.COMMAND_TCP | context.COMMAND_DEXT, 0)
            descriptors.append(_DESCRIPTOR.unpack(words))
        descriptors.append((self._headers.address + begin % self._headers.size, command | len(header), options))
        descriptors += [(address, command | length, options) for address, length in pieces]
        address, last, status = descriptors[-1]
        descriptors[-1] = (address, last | data.COMMAND_EOP, status)
        await self._queue(header, begin, descriptors, done)

    async def _queue(self, header: bytes, header_begin: int, descriptors: list[tuple[int, int, int]],
                     done: Callable[[], None] | None) -> None:
        size = self._entries
        self._unreported += len(descriptors)
        self._unreported_headers += header_begin + len(header) - self._header_tail
        report = (done is not None or self._unreported * 8 >= size
                  or self._unreported_headers * 4 >= self._headers.size)
        if report:
            address, command, status = descriptors[-1]
            descriptors[-1] = (address, command | data.COMMAND_RS, status)
            self._unreported = self._unreported_headers = 0
        first = self._tail
        self._tail += len(descriptors)
        self._header_tail = header_begin + len(header)
        if done is not None:
            done = self._observed(done, sum(command & data.COMMAND_DTALEN for _, command, _ in descriptors[1:]))
        self._sends.append(_Send(self._tail, self._header_tail, report, done))
        self.sends += 1
        self.descriptors += len(descriptors)
        await self._bus.write(self._headers.address + header_begin % self._headers.size, header)
        packed = b"".join(_DESCRIPTOR.pack(*each) for each in descriptors)
        slot = first % size
        before_wrap = (size - slot) * DESCRIPTOR_BYTES
        await self._bus.write(self._ring.address + slot * DESCRIPTOR_BYTES, packed[:before_wrap])
        if len(packed) > before_wrap:
            await self._bus.write(self._ring.address, packed[before_wrap:])
        await self._bus.write_register(card.ETHERNET_BASE + ethernet.TDT, self._tail % size)

    def _observed(self, done: Callable[[], None], size: int) -> Callable[[], None]:
        begin = now()

        def sent() -> None:
            self.observer.span("Ethernet transmit", "read", begin, now(), bytes=size)
            done()

        return sent

    async def reclaim(self) -> int:
        """Take back what is done, calling `done` of each; returns the number of sends."""
        taken = 0
        sends = self._sends
        while sends:
            for reported in sends:
                if reported.reported:
                    break
            else:
                break
            slot = (reported.end - 1) % self._entries
            status = await self._bus.read_register(
                self._ring.address + slot * DESCRIPTOR_BYTES + data.STATUS)
            if not status & data.STATUS_DD:
                break
            while True:
                send = sends.popleft()
                self._clean = send.end
                self._header_clean = send.header_end
                taken += 1
                if send.done is not None:
                    send.done()
                if send is reported:
                    break
        return taken
