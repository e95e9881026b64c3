"""Packets of the transmitter: contexts, the fields of a segment's header, and checksum insertion (SDM 3.5, 3.6)."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from firmware.registers import ethernet_tx_context as layout
from models.card.checksum import fold, ones_sum
from models.card.transfer import Transfer

_CWR, _PSH, _FIN = 0x80, 0x08, 0x01
_IPV6_HEADER = 40
_U16 = Struct("!H")
_U32 = Struct("!I")


@dataclass(frozen=True, slots=True)
class Context:
    """What a context descriptor says; the fields' names are the manual's."""

    ipcss: int = 0
    ipcso: int = 0
    ipcse: int = 0
    tucss: int = 0
    tucso: int = 0
    tucse: int = 0
    tcp: bool = True
    ipv4: bool = False
    paylen: int = 0
    hdrlen: int = 0
    mss: int = 0

    @classmethod
    def from_words(cls, ip: int, tu: int, command: int, status: int) -> Context:
        return cls(
            ipcss=ip & layout.IP_IPCSS,
            ipcso=(ip & layout.IP_IPCSO) >> layout.IP_IPCSO_LSB,
            ipcse=ip >> layout.IP_IPCSE_LSB,
            tucss=tu & layout.TU_TUCSS,
            tucso=(tu & layout.TU_TUCSO) >> layout.TU_TUCSO_LSB,
            tucse=tu >> layout.TU_TUCSE_LSB,
            tcp=bool(command & layout.COMMAND_TCP),
            ipv4=bool(command & layout.COMMAND_IP),
            paylen=command & layout.COMMAND_PAYLEN,
            hdrlen=(status & layout.STATUS_HDRLEN) >> layout.STATUS_HDRLEN_LSB,
            mss=status >> layout.STATUS_MSS_LSB,
        )

    def can_segment(self, max_frame_bytes: int) -> bool:
        return bool(self.hdrlen and self.mss and self.hdrlen + self.mss <= max_frame_bytes)


@dataclass(slots=True, eq=False)
class Send:
    """One send: plain, or segmented with the header that every segment gets."""

    segmented: bool
    ixsm: bool
    txsm: bool
    context: Context
    fcs: bool = True
    """Of a segmented send: that of its first descriptor (SDM p. 49), as the tag."""
    tag: bytes = b""
    header: bytearray | None = None
    first: bool = True
    poisoned: bool = False
    """A read of it failed: nothing of it leaves any more."""
    usual: bool | None = None
    """None: not known yet."""


@dataclass(slots=True, eq=False)
class Packet:
    """What one packet is read from: the header of a segmented send, a segment's payload, or a whole plain frame."""

    send: Send
    pieces: list[Transfer]
    header: bool = False
    last: bool = False
    fcs: bool = False
    insert_at: int | None = None
    """Legacy checksum insertion: its offset."""
    tag: bytes = b""
    """VLAN tag to insert, its type included."""
    dropped: bool = False


def finish_plain(packet: Packet, content: bytes) -> bytes:
    """Insert the checksums that the descriptors ask for; both are summed over what was in memory."""
    send = packet.send
    context = send.context
    if packet.insert_at is None:
        at = context.tucso if send.txsm else None
    else:
        at = packet.insert_at if context.tucss < len(content) else None  # nothing to sum: no checksum (SDM 3.3.3)
    if at is None and not send.ixsm:
        return content
    frame = bytearray(content)
    if send.ixsm and context.ipcso + 1 < len(frame):
        total = ones_sum(content[context.ipcss : context.ipcse + 1 if context.ipcse else None])
        frame[context.ipcso : context.ipcso + 2] = (total ^ 0xFFFF).to_bytes(2, "big")
    if at is not None and at + 1 < len(frame):
        total = ones_sum(content[context.tucss : context.tucse + 1 if context.tucse else None])
        frame[at : at + 2] = _complement(total, context.tcp).to_bytes(2, "big")
    return bytes(frame)


def finish_segment(packet: Packet, payload: bytes) -> bytes:
    """A segment: the header with this segment's fields and checksums, and its payload; advances the header."""
    send = packet.send
    context = send.context
    header = send.header
    if send.usual is None:
        send.usual = _is_usual(send)
    if send.usual:
        return _finish_usual(packet, payload)
    out = bytearray(header)
    hdrlen = len(header)
    total = hdrlen + len(payload)
    ipcss, tucss = context.ipcss, context.tucss
    if context.ipv4:
        _put(out, ipcss + 2, total - ipcss, tucss)
    else:
        _put(out, ipcss + 4, total - ipcss - _IPV6_HEADER, tucss)
    if context.tcp:
        if tucss + 13 < hdrlen:
            if not send.first:
                out[tucss + 13] &= ~_CWR
            if not packet.last:
                out[tucss + 13] &= ~(_PSH | _FIN)
    else:
        _put(out, tucss + 4, total - tucss, hdrlen)
    ip_sum = ones_sum(out[ipcss : context.ipcse + 1 if context.ipcse else None])
    tu_sum = fold(ones_sum(out[tucss:] + payload) + total - tucss)
    if send.ixsm and context.ipcso + 1 < total:
        out[context.ipcso : context.ipcso + 2] = (ip_sum ^ 0xFFFF).to_bytes(2, "big")
    if send.txsm and context.tucso + 1 < total:
        out[context.tucso : context.tucso + 2] = _complement(tu_sum, context.tcp).to_bytes(2, "big")
    _advance(header, context, len(payload))
    send.first = False
    return bytes(out + payload)


def _is_usual(send: Send) -> bool:
    """TCP over IPv4 whose fields all lie in the header, with both checksums wanted where they belong."""
    context = send.context
    ipcss, tucss = context.ipcss, context.tucss
    return (
        context.ipv4
        and context.tcp
        and send.ixsm
        and send.txsm
        and ipcss + 20 <= tucss
        and tucss + 20 <= len(send.header)
        and context.ipcso == ipcss + 10
        and context.ipcse == tucss - 1
        and context.tucso == tucss + 16
        and context.tucse == 0
    )


def _finish_usual(packet: Packet, payload: bytes) -> bytes:
    """What finish_segment() does, for `_is_usual` sends."""
    send = packet.send
    context = send.context
    header = send.header
    ipcss, tucss = context.ipcss, context.tucss
    out = bytearray(header)
    size = len(payload)
    total = len(out) + size
    _U16.pack_into(out, ipcss + 2, total - ipcss & 0xFFFF)
    if not packet.last:
        out[tucss + 13] &= ~(_PSH | _FIN) & (0xFF if send.first else ~_CWR)
    elif not send.first:
        out[tucss + 13] &= ~_CWR
    ip_sum = ones_sum(out[ipcss:tucss])
    out += payload
    tu_sum = fold(ones_sum(out[tucss:]) + total - tucss)
    _U16.pack_into(out, ipcss + 10, ip_sum ^ 0xFFFF)
    _U16.pack_into(out, tucss + 16, tu_sum ^ 0xFFFF)
    # the next segment's sequence number and identification
    _U32.pack_into(header, tucss + 4, _U32.unpack_from(header, tucss + 4)[0] + size & 0xFFFF_FFFF)
    _U16.pack_into(header, ipcss + 4, _U16.unpack_from(header, ipcss + 4)[0] + 1 & 0xFFFF)
    send.first = False
    return bytes(out)


def _advance(header: bytearray, context: Context, payload_bytes: int) -> None:
    """Sequence number and identification of the next segment."""
    at = context.tucss + 4
    if context.tcp and at + 4 <= len(header):
        sequence = int.from_bytes(header[at : at + 4], "big") + payload_bytes
        header[at : at + 4] = (sequence & 0xFFFF_FFFF).to_bytes(4, "big")
    at = context.ipcss + 4
    if context.ipv4 and at + 2 <= min(len(header), context.tucss):
        identification = int.from_bytes(header[at : at + 2], "big") + 1
        header[at : at + 2] = (identification & 0xFFFF).to_bytes(2, "big")


def _put(header: bytearray, at: int, value: int, limit: int) -> None:
    """A 16-bit field of the header, if it lies before `limit`."""
    if at + 2 <= min(limit, len(header)):
        header[at : at + 2] = (value & 0xFFFF).to_bytes(2, "big")


def _complement(total: int, tcp: bool) -> int:
    """UDP sends no zero: it would mean "no checksum" (RFC 768)."""
    return 0xFFFF if total == 0xFFFF and not tcp else total ^ 0xFFFF
