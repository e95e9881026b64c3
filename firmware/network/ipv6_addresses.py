"""The interface's own IPv6 addresses: duplicate address detection, lifetimes, and which one to send from (RFC 4862)."""

import enum
from collections.abc import Callable

from . import ipv6

MOST_ADDRESSES = 16
FOREVER = 1 << 62
TWO_HOURS = 7200 * 1_000_000_000


class AddressState(enum.Enum):
    """RFC 4862 §2. DUPLICATE: another node has it; it is not used."""

    TENTATIVE = enum.auto()
    PREFERRED = enum.auto()
    DUPLICATE = enum.auto()


class OwnAddress:
    """One address; times in ns."""

    __slots__ = ("deadline", "preferred_until", "probes_left", "state", "valid_until")

    def __init__(self, preferred_until: int, valid_until: int) -> None:
        self.state = AddressState.TENTATIVE
        self.preferred_until = preferred_until
        self.valid_until = valid_until
        self.probes_left = 0
        self.deadline = 0


class Addresses:
    """solicit(address): send a solicitation for duplicate address detection. settled(): no address is tentative."""

    __slots__ = ("_count", "_interval", "_own", "_probes", "_settled", "_solicit", "_tentative")

    def __init__(self, probes: int, interval: int, solicit: Callable[[bytes], None], settled: Callable[[], None],
                 count: Callable[[str], None]) -> None:
        self._probes = probes
        self._interval = interval
        self._solicit = solicit
        self._settled = settled
        self._count = count
        self._own: dict[bytes, OwnAddress] = {}
        self._tentative: dict[bytes, OwnAddress] = {}

    def __contains__(self, address: bytes) -> bool:
        return address in self._own

    def add(self, address: bytes, now: int, preferred_until: int = FOREVER, valid_until: int = FOREVER) -> None:
        """Make an address ours, once nobody else turns out to have it."""
        if len(self._own) >= MOST_ADDRESSES:
            self._count("ipv6_addresses_full")
            return
        own = self._own[address] = OwnAddress(preferred_until, valid_until)
        if not self._probes:
            own.state = AddressState.PREFERRED
            return
        own.probes_left = self._probes - 1
        own.deadline = now + self._interval
        self._tentative[address] = own
        self._solicit(address)

    def advertised(self, address: bytes, preferred: int, valid: int, now: int) -> None:
        """An autonomous prefix has come again: its lifetimes in ns, by the two-hour rule (RFC 4862 §5.5.3 (e))."""
        own = self._own[address]
        own.preferred_until = now + preferred
        left = own.valid_until - now
        if valid > TWO_HOURS or valid > left:
            own.valid_until = now + valid
        elif left > TWO_HOURS:
            own.valid_until = now + TWO_HOURS

    def usable(self, address: bytes, now: int) -> bool:
        """May packets come to it?"""
        own = self._own.get(address)
        return own is not None and own.state is AddressState.PREFERRED and now < own.valid_until

    def tentative(self, address: bytes) -> bool:
        """Is it not known yet whether another node has it?"""
        return address in self._tentative

    @property
    def any_tentative(self) -> bool:
        return bool(self._tentative)

    def state(self, address: bytes) -> AddressState | None:
        """How one address stands; None if it is not ours."""
        own = self._own.get(address)
        return None if own is None else own.state

    def known(self) -> list[bytes]:
        """All of them, duplicates too."""
        return list(self._own)

    def duplicate(self, address: bytes) -> None:
        """Another node has or wants it."""
        self._own[address].state = AddressState.DUPLICATE
        self._count("ipv6_duplicate_addresses")
        if self._tentative.pop(address, None) is not None and not self._tentative:
            self._settled()

    def source_for(self, destination: bytes, now: int) -> bytes | None:
        """RFC 6724 §5 as far as one interface needs it: scope, preferred before deprecated, longest common prefix."""
        local = ipv6.is_link_local(destination)
        wanted = int.from_bytes(destination, "big")
        best, rank = None, (-1, -1)
        for address, own in self._own.items():
            if ipv6.is_link_local(address) != local or own.state is AddressState.DUPLICATE or now >= own.valid_until:
                continue
            this = (own.state is AddressState.PREFERRED) * 2 + (now < own.preferred_until), 128 - (
                int.from_bytes(address, "big") ^ wanted).bit_length()
            if this > rank:
                best, rank = address, this
        return best

    def next_deadline(self) -> int | None:
        """When `timeout` must be called."""
        return min((own.deadline for own in self._tentative.values()), default=None)

    def timeout(self, now: int) -> None:
        """Ask again, or take the address; forget those whose time is over."""
        if not self._tentative:
            return
        for address, own in list(self._tentative.items()):
            if now < own.deadline:
                continue
            if own.probes_left:
                own.probes_left -= 1
                own.deadline = now + self._interval
                self._solicit(address)
                continue
            own.state = AddressState.PREFERRED
            del self._tentative[address]
        if not self._tentative:
            self._settled()

    def prune(self, now: int) -> None:
        """Forget addresses whose lifetime is over."""
        for address in [each for each, own in self._own.items() if now >= own.valid_until]:
            del self._own[address]
            self._tentative.pop(address, None)
