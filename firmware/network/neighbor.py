"""The neighbor cache of IPv6: address resolution and neighbor unreachability detection (RFC 4861 §7.2, §7.3)."""

import enum
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SECOND = 1_000_000_000


class Reachability(enum.Enum):
    """RFC 4861 §7.3.2. REACHABLE becomes STALE by time alone."""

    INCOMPLETE = enum.auto()
    REACHABLE = enum.auto()
    STALE = enum.auto()
    DELAY = enum.auto()
    PROBE = enum.auto()


@dataclass(frozen=True)
class NeighborConfig:
    """Times in ns (RFC 4861 §10)."""

    reachable: int = 30 * SECOND
    retransmission: int = 1 * SECOND
    delay_first_probe: int = 5 * SECOND
    multicast_solicitations: int = 3
    unicast_solicitations: int = 3
    pending_packets: int = 4
    """Complete frames kept per unresolved address; the oldest goes first."""
    cache_entries: int = 1024


class _Entry:
    __slots__ = ("attempts", "deadline", "frames", "is_router", "mac", "reachable_until", "state", "waiters")

    def __init__(self, state: Reachability, mac: bytes | None) -> None:
        self.state = state
        self.mac = mac
        self.reachable_until = 0
        self.deadline = 0
        self.attempts = 0
        self.is_router = False
        self.frames: deque[tuple[str, bytes]] = deque()
        self.waiters: dict[Any, None] = {}


class NeighborCache:
    """Maps neighbors to MAC addresses.

    solicit(target, mac): send a neighbor solicitation, to the solicited-node group (None) or to that MAC address.
    send(kind, frame): a complete frame. resolved(waiter), failed(waiter): for who waits. unreachable(neighbor): it
    does not answer any more.
    """

    __slots__ = ("_config", "_count", "_entries", "_failed", "_resolved", "_send", "_solicit", "_timed",
                 "_unreachable", "reachable", "retransmission")

    def __init__(self, config: NeighborConfig, solicit: Callable[[bytes, bytes | None], None],
                 send: Callable[[str, bytes], None], resolved: Callable[[Any], None], failed: Callable[[Any], None],
                 unreachable: Callable[[bytes], None], count: Callable[[str], None]) -> None:
        self._config = config
        self._solicit = solicit
        self._send = send
        self._resolved = resolved
        self._failed = failed
        self._unreachable = unreachable
        self._count = count
        self._entries: dict[bytes, _Entry] = {}
        self._timed: dict[bytes, _Entry] = {}
        """Entries with a deadline: INCOMPLETE, DELAY, PROBE."""
        self.reachable = config.reachable
        self.retransmission = config.retransmission
        """Routers may advertise others."""

    # -- use ----------------------------------------------------------------------------------------------------------

    def lookup(self, neighbor: bytes, now: int) -> bytes | None:
        """The MAC address to use now, if there is one; using what is STALE begins the way to a probe."""
        entry = self._entries.get(neighbor)
        if entry is None or entry.mac is None:
            return None
        if entry.state is Reachability.REACHABLE and now >= entry.reachable_until:
            entry.state = Reachability.STALE
        if entry.state is Reachability.STALE:
            self._await(neighbor, entry, Reachability.DELAY, now + self._config.delay_first_probe)
        return entry.mac

    def resolve(self, neighbor: bytes, now: int, waiter: Any = None, kind: str = "",
                frame: bytes | None = None) -> None:
        """Ask for a neighbor. Then `waiter` is told, and `frame` (with any destination MAC) leaves."""
        entry = self._entries.get(neighbor)
        if entry is None:
            if waiter is None and len(self._timed) >= self._config.cache_entries:
                self._count("neighbors_pending_full")  # answers to strangers; connections are never refused
                return
            entry = self._new(neighbor, Reachability.INCOMPLETE, None)
            self._await(neighbor, entry, Reachability.INCOMPLETE, now + self.retransmission)
            self._ask(neighbor, entry)
        if waiter is not None:
            entry.waiters[waiter] = None
        if frame is not None:
            if len(entry.frames) >= self._config.pending_packets:
                self._count("neighbor_pending_dropped")
                entry.frames.popleft()
            entry.frames.append((kind, frame))

    def confirm(self, neighbor: bytes, now: int) -> None:
        """A layer above has heard that what we send arrives (RFC 4861 §7.3.1)."""
        entry = self._entries.get(neighbor)
        if entry is not None and entry.mac is not None:
            self._reach(neighbor, entry, now)

    def doubt(self, neighbor: bytes, now: int) -> None:
        """A layer above hears nothing: probe at once."""
        entry = self._entries.get(neighbor)
        if entry is not None and entry.state not in (Reachability.INCOMPLETE, Reachability.PROBE):
            self._begin_probe(neighbor, entry, now)

    def state(self, neighbor: bytes, now: int) -> Reachability | None:
        """How the neighbor stands; None if nothing is known."""
        entry = self._entries.get(neighbor)
        if entry is None:
            return None
        if entry.state is Reachability.REACHABLE and now >= entry.reachable_until:
            return Reachability.STALE
        return entry.state

    def is_router(self, neighbor: bytes) -> bool:
        """Has it said so?"""
        entry = self._entries.get(neighbor)
        return entry is not None and entry.is_router

    # -- what is heard ------------------------------------------------------------------------------------------------

    def learn(self, neighbor: bytes, mac: bytes, now: int, is_router: bool | None = None) -> None:
        """A source (or target) link-layer address option: STALE if it is news (RFC 4861 §7.2.3, §6.3.4, §8.3)."""
        entry = self._entries.get(neighbor)
        if entry is None:
            entry = self._new(neighbor, Reachability.STALE, mac)
        elif entry.mac != mac:
            entry.mac = mac
            self._rest(neighbor, entry, Reachability.STALE)
            self._release(entry, now)
        if is_router is not None:
            entry.is_router = is_router

    def advertised(self, neighbor: bytes, mac: bytes | None, now: int, is_router: bool, solicited: bool,
                   override: bool) -> bool:
        """A neighbor advertisement (RFC 4861 §7.2.5); False if the neighbor ceased to be a router."""
        entry = self._entries.get(neighbor)
        if entry is None:
            return True
        if entry.state is Reachability.INCOMPLETE:
            if mac is None:
                return True
            entry.mac = mac
            entry.is_router = is_router
            self._accept(neighbor, entry, now, solicited)
            self._release(entry, now)
            return True
        differs = mac is not None and mac != entry.mac
        if differs and not override:
            if entry.state is Reachability.REACHABLE:
                self._rest(neighbor, entry, Reachability.STALE)
            return True
        if differs:
            entry.mac = mac
        if solicited:
            self._reach(neighbor, entry, now)
        elif differs:
            self._rest(neighbor, entry, Reachability.STALE)
        was_router, entry.is_router = entry.is_router, is_router
        return is_router or not was_router

    # -- time ---------------------------------------------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """When `timeout` must be called."""
        return min((entry.deadline for entry in self._timed.values()), default=None)

    def timeout(self, now: int) -> None:
        """Probe, ask again, or give up."""
        for neighbor, entry in list(self._timed.items()):
            if now < entry.deadline or self._timed.get(neighbor) is not entry:
                continue
            if entry.state is Reachability.DELAY:
                self._begin_probe(neighbor, entry, now)
                continue
            incomplete = entry.state is Reachability.INCOMPLETE
            limit = self._config.multicast_solicitations if incomplete else self._config.unicast_solicitations
            if entry.attempts < limit:
                entry.deadline = now + self.retransmission
                self._ask(neighbor, entry)
                continue
            del self._timed[neighbor], self._entries[neighbor]
            self._count("neighbors_unresolved" if incomplete else "neighbors_unreachable")
            self._unreachable(neighbor)
            for waiter in entry.waiters:
                self._failed(waiter)

    # -- entries ------------------------------------------------------------------------------------------------------

    def _new(self, neighbor: bytes, state: Reachability, mac: bytes | None) -> _Entry:
        if len(self._entries) >= self._config.cache_entries:
            oldest = next((key for key, each in self._entries.items() if not each.waiters), None)
            if oldest is not None:
                del self._entries[oldest]
                self._timed.pop(oldest, None)
        entry = self._entries[neighbor] = _Entry(state, mac)
        return entry

    def _await(self, neighbor: bytes, entry: _Entry, state: Reachability, deadline: int) -> None:
        entry.state = state
        entry.deadline = deadline
        self._timed[neighbor] = entry

    def _rest(self, neighbor: bytes, entry: _Entry, state: Reachability) -> None:
        entry.state = state
        entry.attempts = 0
        self._timed.pop(neighbor, None)

    def _reach(self, neighbor: bytes, entry: _Entry, now: int) -> None:
        entry.reachable_until = now + self.reachable
        if entry.state is not Reachability.REACHABLE:
            self._rest(neighbor, entry, Reachability.REACHABLE)

    def _accept(self, neighbor: bytes, entry: _Entry, now: int, solicited: bool) -> None:
        if solicited:
            self._reach(neighbor, entry, now)
        else:
            self._rest(neighbor, entry, Reachability.STALE)

    def _release(self, entry: _Entry, now: int) -> None:
        """What waited for the address leaves."""
        frames, waiters = list(entry.frames), list(entry.waiters)
        entry.frames.clear()
        entry.waiters.clear()
        for kind, frame in frames:
            self._send(kind, entry.mac + frame[6:])
        for waiter in waiters:
            self._resolved(waiter)

    def _begin_probe(self, neighbor: bytes, entry: _Entry, now: int) -> None:
        entry.attempts = 0
        self._await(neighbor, entry, Reachability.PROBE, now + self.retransmission)
        self._ask(neighbor, entry)

    def _ask(self, neighbor: bytes, entry: _Entry) -> None:
        entry.attempts += 1
        self._count("neighbor_solicitations_sent")
        self._solicit(neighbor, entry.mac if entry.state is Reachability.PROBE else None)
