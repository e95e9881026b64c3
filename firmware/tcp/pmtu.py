"""The path's MTU: told by routers (RFC 1191), or found out by the loss of probes (RFC 4821), as the payload it admits.

A smaller size is taken at once. Larger ones are tried only ten minutes later, by a probe: one segment of new data that
is larger than the others. Its loss alone says nothing about congestion.
"""

from typing import TYPE_CHECKING

from .config import SECOND
from .states import State

if TYPE_CHECKING:
    from .connection import Connection

LEAST_MTU = 552
"""What a router tells below this is not believed: it would make us send absurdly small segments (RFC 5927 §7.2)."""
LEAST_MTU_IPV6 = 1280
"""RFC 8200 §5: every link takes it, so there is no reason to try less."""
BASE_MTU = 1024
"""What is tried when full segments vanish (RFC 4821 §7.7)."""
RAISE_AFTER = 600 * SECOND
"""RFC 1191 §6.3: at least five, better ten minutes."""
CLOSE_ENOUGH = 32
"""The search ends when so little is left to be gained."""
PLATEAUS = (65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68)
"""RFC 1191 §7.1, for routers that do not tell."""


class PathMtu:
    """The search; sizes are payload bytes, as `send_mss` counts them."""

    __slots__ = ("high", "low", "most", "probe", "raise_at")

    def __init__(self, low: int, high: int, most: int, raise_at: int) -> None:
        self.low = low
        """This gets through."""
        self.high = high
        """More than this does not, or was not tried."""
        self.most = most
        """What the ends admit."""
        self.probe: tuple[int, int] | None = None
        """[start, end) of the probe on its way."""
        self.raise_at = raise_at
        """When the path may have changed."""


def from_quote(mtu: int, quoted_bytes: int) -> int:
    """The MTU of a "fragmentation needed" that quotes a packet of `quoted_bytes`; a router may not tell it (0)."""
    if not mtu:
        mtu = next((plateau for plateau in PLATEAUS if plateau < quoted_bytes), LEAST_MTU)
    return max(mtu, LEAST_MTU)


def known(c: "Connection", mss: int, until: int) -> None:
    """Before the handshake: other connections found that the path takes `mss` (without options)."""
    c.pmtu = PathMtu(mss, mss, 0, until)


def established(c: "Connection") -> None:
    """The sizes both ends admit are known."""
    p, agreed = c.pmtu, c.negotiated
    p.most = agreed.send_mss
    p.low = p.high = min(p.low - agreed.segment_option_bytes, p.most)
    agreed.send_mss = p.low


def told(c: "Connection", mss: int, now: int) -> bool:
    """A router takes payload of `mss` at most, options included; True if that is news."""
    agreed = c.negotiated
    mss -= agreed.segment_option_bytes
    p = c.pmtu
    if p is not None and p.probe is not None and mss >= agreed.send_mss:
        p.high = min(p.high, mss)
        return True
    if mss >= agreed.send_mss:
        return False
    if p is None:
        p = c.pmtu = PathMtu(mss, mss, agreed.send_mss, 0)
    p.low = p.high = mss
    p.raise_at = now + RAISE_AFTER
    p.probe = None
    _resize(c, mss)
    c.count("tcp_path_mtu_reduced")
    return True


def timed_out(c: "Connection", now: int) -> None:
    """Several timeouts in a row: perhaps a black hole for large segments that tells nobody."""
    p, agreed = c.pmtu, c.negotiated
    ipv6 = c.config.ip_header_bytes == 40
    headers = c.config.ip_header_bytes + 20 + agreed.segment_option_bytes
    base, least = (LEAST_MTU_IPV6 if ipv6 else each for each in (BASE_MTU, LEAST_MTU))
    base, least = base - headers, least - headers
    if c.state < State.ESTABLISHED or agreed.send_mss <= least or c.snd_nxt - c.snd_una < agreed.send_mss:
        return
    smaller = base if agreed.send_mss > base else max(agreed.send_mss // 2, least)
    if p is None:
        p = c.pmtu = PathMtu(smaller, 0, agreed.send_mss, 0)
    p.low, p.high = smaller, agreed.send_mss - 1
    p.raise_at = now + RAISE_AFTER
    p.probe = None
    _resize(c, smaller)
    c.count("tcp_black_holes_suspected")


def _resize(c: "Connection", mss: int) -> None:
    c.negotiated.send_mss = mss
    c.congestion.mss_changed(mss)


def probe_size(c: "Connection", available: int, usable: int, now: int) -> int:
    """Payload of a probe to send now instead of ordinary segments; 0 if none is due."""
    p = c.pmtu
    if now >= p.raise_at and p.probe is None:
        p.raise_at = now + RAISE_AFTER
        p.high = p.most
    if p.probe is not None or p.high - p.low < CLOSE_ENOUGH or c.in_recovery or c.rtx.retransmissions:
        return 0
    if c.recovery is not None and (c.recovery.in_loss or c.recovery.board.sacked):
        return 0
    # When the ends' limit was never refuted, it is the most likely answer.
    size = p.high if p.high == p.most else (p.low + p.high + 1) // 2
    # Segments behind it must tell of its loss.
    enough = size + 4 * p.low
    return size if usable >= size and available >= enough and c.congestion.cwnd >= enough else 0


def acknowledged(c: "Connection") -> None:
    """SND.UNA has moved: did the probe arrive?"""
    p = c.pmtu
    start, end = p.probe
    if c.snd_una >= end:
        p.probe = None
        p.low = end - start
        _resize(c, p.low)
        c.count("tcp_path_mtu_raised")


def probe_lost(c: "Connection") -> bool:
    """Something seems lost: is it but the probe? Then that was too large, and nothing else is concluded."""
    p = c.pmtu
    if p.probe is None:
        return False
    start, end = p.probe
    if c.snd_una != start:
        return False
    p.probe = None
    p.high = min(p.high, end - start - 1)
    c.count("tcp_path_mtu_probes_lost")
    return True
