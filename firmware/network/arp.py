"""Address resolution (RFC 826, RFC 1122 §2.3.2, RFC 5227 announcements): the cache and its requests."""

import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import ethernet

PACKET = struct.Struct("!HHBBH6s4s6s4s")
PACKET_BYTES = 28
REQUEST = 1
REPLY = 2


@dataclass(frozen=True)
class ArpConfig:
    """Times in ns."""

    lifetime: int = 60_000_000_000
    """An entry older than this is asked for again before use, first of its owner alone (RFC 1122 §2.3.2.1 (2))."""
    retry_interval: int = 1_000_000_000
    """Between requests; also the limit on requests for one address (RFC 1122: one per second)."""
    attempts: int = 3
    """Requests by broadcast."""
    defence_interval: int = 10_000_000_000
    """Our address is announced when another host claims it, no more often than this (RFC 5227 §2.4 (b))."""
    pending_packets: int = 4
    """Complete frames kept per unresolved address; the oldest goes first."""
    cache_entries: int = 1024


class _Pending:
    __slots__ = ("attempts", "deadline", "frames", "waiters")

    def __init__(self, deadline: int, limit: int) -> None:
        self.attempts = 0
        self.deadline = deadline
        self.frames: deque[tuple[str, bytes]] = deque(maxlen=limit)
        self.waiters: dict[Any, None] = {}


class ArpCache:
    """Maps next hops to MAC addresses; `send(kind, frame)` takes complete frames, `failed(waiter)` tells of no
    answer. A waiter is any hashable object."""

    __slots__ = ("_cache", "_config", "_count", "_defended", "_failed", "_ip", "_mac", "_pending", "_resolved", "_send")

    def __init__(self, mac: bytes, ip: bytes, config: ArpConfig, send: Callable[[str, bytes], None],
                 resolved: Callable[[Any], None], failed: Callable[[Any], None], count: Callable[[str], None]) -> None:
        self._mac = mac
        self._ip = ip
        self._config = config
        self._send = send
        self._resolved = resolved
        self._failed = failed
        self._count = count
        self._cache: dict[bytes, tuple[bytes, int]] = {}
        self._pending: dict[bytes, _Pending] = {}
        self._defended: int | None = None

    def lookup(self, ip: bytes, now: int) -> bytes | None:
        """The MAC address if it is known and fresh; asks for nothing."""
        entry = self._cache.get(ip)
        if entry is None or now >= entry[1]:
            return None
        return entry[0]

    def resolve(self, ip: bytes, now: int, waiter: Any = None, kind: str = "",
                frame: bytes | None = None) -> None:
        """Ask for `ip`. Then `waiter` is told, and `frame` (with any destination MAC) leaves."""
        pending = self._pending.get(ip)
        if pending is None:
            if waiter is None and len(self._pending) >= self._config.cache_entries:
                self._count("arp_pending_full")  # answers to strangers; connections are never refused
                return
            pending = self._pending[ip] = _Pending(now + self._config.retry_interval, self._config.pending_packets)
            self._request(ip, pending)
        if waiter is not None:
            pending.waiters[waiter] = None
        if frame is not None:
            if len(pending.frames) == self._config.pending_packets:
                self._count("arp_pending_dropped")
            pending.frames.append((kind, frame))

    def forget(self, ip: bytes) -> None:
        """Doubtful entry (retransmissions without answer): ask again before the next use."""
        self._cache.pop(ip, None)

    def add(self, ip: bytes, mac: bytes, now: int) -> None:
        """Learn an address; whatever waited for it leaves."""
        if ip not in self._cache and len(self._cache) >= self._config.cache_entries:
            del self._cache[next(iter(self._cache))]
        self._cache[ip] = (mac, now + self._config.lifetime)
        pending = self._pending.pop(ip, None)
        if pending is not None:
            for kind, frame in pending.frames:
                self._send(kind, mac + frame[6:])
            for waiter in pending.waiters:
                self._resolved(waiter)

    def packet_arrives(self, head: bytes, now: int) -> None:
        """An ARP frame (RFC 826 "Packet Reception")."""
        if len(head) < ethernet.HEADER_BYTES + PACKET_BYTES:
            self._count("arp_truncated")
            return
        hardware, protocol, hlen, plen, operation, sender_mac, sender_ip, _, target_ip = PACKET.unpack_from(
            head, ethernet.HEADER_BYTES)
        if (hardware, protocol, hlen, plen) != (1, ethernet.TYPE_IPV4, 6, 4):
            self._count("arp_bad_format")
            return
        if sender_mac[0] & 1 or sender_mac == bytes(6):
            self._count("arp_bad_sender")
            return
        if sender_ip == self._ip:
            self._count("arp_address_conflicts")
            if self._defended is None or now - self._defended >= self._config.defence_interval:
                self._defended = now
                self._send("arp", self.announcement())
            return
        known = sender_ip in self._cache or sender_ip in self._pending
        if sender_ip != bytes(4) and (known or target_ip == self._ip):
            self.add(sender_ip, sender_mac, now)
        if target_ip != self._ip:
            self._count("arp_not_for_us")
        elif operation == REQUEST:
            self._count("arp_requests_answered")
            self._send("arp", self._build(sender_mac, REPLY, sender_mac, sender_ip))
        elif operation == REPLY:
            self._count("arp_replies_received")
        else:
            self._count("arp_bad_operation")

    def announcement(self) -> bytes:
        """A gratuitous ARP frame for our address."""
        return self._build(ethernet.BROADCAST, REQUEST, bytes(6), self._ip)

    @property
    def asks(self) -> bool:
        """Some address has been asked for and not been told yet."""
        return bool(self._pending)

    def next_deadline(self) -> int | None:
        """When `timeout` must be called."""
        return min((pending.deadline for pending in self._pending.values()), default=None)

    def timeout(self, now: int) -> None:
        """Ask again, or give up."""
        for ip, pending in list(self._pending.items()):
            if now < pending.deadline:
                continue
            if pending.attempts >= self._config.attempts:
                del self._pending[ip]
                self._count("arp_unresolved")
                for waiter in pending.waiters:
                    self._failed(waiter)
                continue
            pending.deadline = now + self._config.retry_interval
            self._request(ip, pending)

    def _request(self, ip: bytes, pending: _Pending) -> None:
        """Of the owner as it was, if that is known but old; else of everyone."""
        self._count("arp_requests_sent")
        old = self._cache.pop(ip, None)
        if old is None:
            pending.attempts += 1
        self._send("arp", self._build(ethernet.BROADCAST if old is None else old[0], REQUEST, bytes(6), ip))

    def _build(self, destination: bytes, operation: int, target_mac: bytes, target_ip: bytes) -> bytes:
        return ethernet.build_header(destination, self._mac, ethernet.TYPE_ARP) + PACKET.pack(
            1, ethernet.TYPE_IPV4, 6, 4, operation, self._mac, self._ip, target_mac, target_ip)
