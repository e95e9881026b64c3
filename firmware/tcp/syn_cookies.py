"""SYN cookies (RFC 4987 §3.6): a full backlog answers SYNs without keeping anything of them.

Our initial sequence number is the cookie: the slot of time (5 bits), the peer's MSS by a table (3 bits) and 24 bits
of a keyed hash over both, the 4-tuple and the peer's number. With timestamps the low bits of ours hold what else the
SYN had: window scale (4 bits), SACK and ECN. From the ACK that brings both back the connection is made as if it had
had the SYN.
"""

import hashlib
from typing import TYPE_CHECKING

from .config import SECOND
from .ecn import SETUP_SYN
from .options import DEFAULT_SEND_MSS, Options
from .segment import SYN, TcpHeader
from .sequence import MASK

if TYPE_CHECKING:
    from .connection import Connection
    from .transmit import Transmit

SLOT = 64 * SECOND
SLOTS_VALID = 2
"""A cookie is good for the slot in which it was made and the next: at least 64 s."""
LIFETIME = SLOT * SLOTS_VALID
MSS_TABLE = (64, 216, DEFAULT_SEND_MSS, 1220, 1360, 1440, 1460, 8960)
NO_WINDOW_SCALE = 15
TIMESTAMP_BITS = 6
_SACK, _ECN = 0x10, 0x20


def cookie(secret: bytes, key: bytes, peer_seq: int, slot: int, mss_index: int) -> int:
    """The cookie for the 4-tuple `key` and the peer's initial sequence number."""
    told = key + peer_seq.to_bytes(4, "big") + bytes((slot & 31, mss_index))
    digest = hashlib.blake2s(told, key=secret[:32], digest_size=3, person=b"cookie").digest()
    return (slot & 31) << 27 | mss_index << 24 | int.from_bytes(digest, "big")


def answer(c: "Connection", secret: bytes, key: bytes, syn: TcpHeader, now: int) -> "Transmit":
    """The SYN-ACK with a cookie; `c` is a fresh connection in LISTEN, to be thrown away."""
    asked = syn.options
    mss = DEFAULT_SEND_MSS if asked.mss is None else asked.mss
    index = max((k for k, each in enumerate(MSS_TABLE) if each <= mss), default=0)
    c.iss = c.snd_una = c.snd_nxt = cookie(secret, key, syn.seq, now // SLOT, index)
    if c.config.timestamps and asked.ts_val is not None:
        bits = (NO_WINDOW_SCALE if asked.window_scale is None else min(asked.window_scale, 14))
        bits |= (_SACK if asked.sack_permitted else 0) | (_ECN if syn.flags & SETUP_SYN == SETUP_SYN else 0)
        clock = c.timestamp(now)
        told = clock >> TIMESTAMP_BITS << TIMESTAMP_BITS | bits
        if told > clock:
            told -= 1 << TIMESTAMP_BITS  # it must not go back afterwards
        c.ts_offset += told - clock
    else:  # nowhere to keep more than the MSS
        syn = TcpHeader(syn.source_port, syn.destination_port, syn.seq, 0, SYN, syn.window, Options(mss=asked.mss))
    c.segment_arrives(syn, b"", now)
    return c.poll_transmit(now)


def syn_of(secret: bytes, key: bytes, ack: TcpHeader, now: int) -> TcpHeader | None:
    """The SYN that the ACK of a cookie's SYN-ACK once followed; None if there is no such cookie."""
    value, peer_seq = (ack.ack - 1) & MASK, (ack.seq - 1) & MASK
    age = (now // SLOT - (value >> 27)) & 31
    index = value >> 24 & 7
    if age >= SLOTS_VALID or value != cookie(secret, key, peer_seq, now // SLOT - age, index):
        return None
    options, flags = Options(mss=MSS_TABLE[index]), SYN
    if ack.options.ts_val is not None and ack.options.ts_ecr:
        bits = ack.options.ts_ecr & ((1 << TIMESTAMP_BITS) - 1)
        scale = bits & 15
        options = Options(MSS_TABLE[index], None if scale == NO_WINDOW_SCALE else scale, bool(bits & _SACK),
                          ack.options.ts_val, 0)
        if bits & _ECN:
            flags |= SETUP_SYN
    return TcpHeader(ack.source_port, ack.destination_port, peer_seq, 0, flags, ack.window, options)


def restore(c: "Connection", syn: TcpHeader, ack: TcpHeader, now: int) -> None:
    """Bring a fresh connection in LISTEN to where it is after `syn` and our answer; `ack` is to follow."""
    c.iss = c.snd_una = c.snd_nxt = (ack.ack - 1) & MASK
    c.rexmit_nxt = c.rexmit_end = c.recover = c.snd_small = c.iss
    c.snd_end = c.snd_psh = c.iss + 1
    c.segment_arrives(syn, b"", now)
    c.transmitted(c.poll_transmit(now), now)
    c.rtx.timed_end = None  # when it really left is not known
