"""How host memory answers a memory read of the card: in completions cut at read completion boundaries, or wrongly.

Used by the root complex (pcie_root.py) and, without one, by tests that drive the card's requester streams themselves.
"""

from __future__ import annotations

import enum
import random

from cocotbext.pcie.core.tlp import Tlp
from cocotbext.pcie.core.utils import PcieId

ROOT_ID = PcieId(0, 0, 0)


class Fault(enum.Enum):
    """What may happen to a read request of the card."""

    UNSUPPORTED_REQUEST = "unsupported request"
    COMPLETER_ABORT = "completer abort"
    RETRY = "configuration request retry status, which a memory read must never get"
    POISONED = "poisoned data"
    SHORT = "fewer bytes than asked for, which the last completion calls all of them"
    LONG = "more bytes than asked for"
    INCOMPLETE = "the last completion does not come"
    REPEATED = "the first completion comes twice"
    WRONG_TAG = "completions with a tag that the card does not use"
    LOST = "no completion at all"


WITHOUT_ANSWER = frozenset({Fault.LOST, Fault.INCOMPLETE, Fault.WRONG_TAG})
"""Faults that the card meets with its completion time-out."""

_STATUS = {
    Fault.UNSUPPORTED_REQUEST: Tlp.create_ur_completion_for_tlp,
    Fault.COMPLETER_ABORT: Tlp.create_ca_completion_for_tlp,
    Fault.RETRY: Tlp.create_crs_completion_for_tlp,
}


def split(request: Tlp, data: bytes, limit: int, boundary: int = 64, dice: random.Random | None = None) -> list[Tlp]:
    """Completions of at most `limit` bytes that end at read completion boundaries (PCIe Base Specification 2.3.1.1).

    With `dice` each ends at a boundary of its choice; otherwise at multiples of `limit`. `data` are whole dwords.
    """
    byte_count = request.get_be_byte_count()
    address = request.address
    skip = request.get_first_be_offset()
    pieces: list[Tlp] = []
    while data:
        if dice is None:
            length = limit - address % limit
        else:
            length = boundary * dice.randint(1, limit // boundary) - address % boundary
        length = min(length, len(data))
        piece = Tlp.create_completion_data_for_tlp(request, ROOT_ID)
        piece.byte_count = byte_count
        piece.lower_address = (address + skip) & 0x7F
        piece.set_data(data[:length])
        pieces.append(piece)
        byte_count -= length - skip
        data, address, skip = data[length:], address + length, 0
    return pieces


def spoil(request: Tlp, pieces: list[Tlp], fault: Fault) -> list[Tlp]:
    """What comes instead of the completions `pieces`."""
    if fault is Fault.LOST:
        return []
    if fault in _STATUS:
        return [_STATUS[fault](request, ROOT_ID)]
    if fault is Fault.POISONED:
        pieces[-1].ep = True
    elif fault is Fault.SHORT:
        last = pieces[-1]
        if last.length > 1:
            last.set_data(bytes(last.data[:-4]))
            last.byte_count -= 4
        else:
            del pieces[-1]
            if not pieces:  # a single dword cannot be shorter
                return [Tlp.create_ca_completion_for_tlp(request, ROOT_ID)]
            pieces[-1].byte_count = 4 * pieces[-1].length - (pieces[-1].lower_address & 3)
    elif fault is Fault.LONG:
        last = pieces[-1]
        last.set_data(bytes(last.data) + bytes(8))
    elif fault is Fault.INCOMPLETE:
        del pieces[-1]
    elif fault is Fault.REPEATED:
        pieces.insert(0, pieces[0])
    elif fault is Fault.WRONG_TAG:
        for piece in pieces:
            piece.tag = 0xFE
    return pieces
