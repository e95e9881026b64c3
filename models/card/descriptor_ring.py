"""A descriptor ring of the Ethernet controller: fetching ahead up to the tail, and retiring in order up to the head."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from models.card.bus import Buses, Master
from models.card.timing import CardTiming
from models.card.transfer import Transfer
from models.kernel import Event

DESCRIPTOR_BYTES = 16
_BATCH = 16
"""Write-backs under way (DEPTH of hdl/ethernet/descriptor_retire.v)."""


@dataclass(slots=True)
class Retired:
    """A descriptor that is done once `transfer` is over; `finish` gives its write-back, (offset, bytes), or None."""

    transfer: Transfer | None
    finish: Callable[[], tuple[int, bytes] | None]
    after: Callable[[bool], None]
    """Called when the head has moved past it, with whether it was written back."""


class DescriptorRing:
    """Base, length and tail are software's; the head is the first descriptor not yet retired (82544 SDM 3.2.6, 3.4).

    Nothing is fetched while the ring is disabled or head or tail lie beyond its end.
    """

    def __init__(self, timing: CardTiming, buses: Buses, write_back_failed: Callable[[], None]) -> None:
        self._timing = timing
        self._buses = buses
        self._write_back_failed = write_back_failed
        self._cache: deque[bytes | None] = deque()
        self._fetch: Transfer | None = None
        self._changed = Event()
        self._epoch = 0
        self._next = 0
        self._retire: deque[Retired] = deque()
        self._to_retire = Event()
        self.base = 0
        self.count = 0
        self.tail = 0
        self.head = 0
        self.enabled = False

    def poke(self) -> None:
        """A register of the ring has changed."""
        self._fetch_ahead()
        self._changed.set()

    def load_head(self, head: int) -> None:
        """Software writes the head: what was fetched is void, fetching begins there."""
        self._cache.clear()
        self._fetch = None
        self._epoch += 1
        self._next = self.head = head
        self.poke()

    @property
    def free(self) -> int:
        """Descriptors between head and tail."""
        return self.tail - self.head if self.tail >= self.head else self.tail - self.head + self.count

    @property
    def exhausted(self) -> bool:
        """Everything up to the tail has been handed on, or the ring cannot be used."""
        return not self._cache and self._fetch is None and not self._waiting()

    def _waiting(self) -> int:
        if not (self.enabled and self.tail < self.count and self._next < self.count):
            return 0
        return self.tail - self._next if self.tail >= self._next else self.count - self._next

    def _fetch_ahead(self) -> None:
        """Ask for descriptors unless there are some."""
        if self._cache or self._fetch is not None:
            return
        waiting = self._waiting()
        if not waiting:
            return
        address = self.base + DESCRIPTOR_BYTES * self._next
        burst = self._timing.burst_bytes
        in_burst = (burst - address % burst) // DESCRIPTOR_BYTES
        amount = min(waiting, self._timing.descriptor_cache, in_burst)
        self._next = (self._next + amount) % self.count
        self._fetch = self._buses.read(Master.ETHERNET_DESCRIPTORS, address, DESCRIPTOR_BYTES * amount)

    async def take(self) -> bytes | None:
        """The next descriptor; None if it could not be read."""
        while not self._cache:
            fetch = self._fetch
            if fetch is None:
                self._fetch_ahead()
                if self._fetch is None:
                    self._changed.clear()
                    await self._changed
                continue
            await fetch.wait()
            if fetch is not self._fetch:
                continue  # void: the head was written
            self._fetch = None
            if fetch.error:
                self._cache.extend([None] * (fetch.length // DESCRIPTOR_BYTES))
            else:
                data = fetch.data
                self._cache.extend(data[at : at + DESCRIPTOR_BYTES] for at in range(0, len(data), DESCRIPTOR_BYTES))
        descriptor = self._cache.popleft()
        self._fetch_ahead()
        return descriptor

    def retire(self, entry: Retired) -> None:
        """The next descriptor in ring order has been worked on."""
        self._retire.append(entry)
        self._to_retire.set()

    async def run(self) -> None:
        """Task: write back and move the head, in order; write-backs that are due together overlap."""
        index = self.head
        waiting = self._retire
        while True:
            if not waiting:
                self._to_retire.clear()
                await self._to_retire
            batch = [waiting.popleft()]
            epoch = self._epoch
            last: Transfer | None = None
            transfers: list[Transfer | None] = []
            position = 0
            while position < len(batch):
                entry = batch[position]
                if entry.transfer is not None and not entry.transfer.is_over:
                    await entry.transfer.wait()
                if position == 0:
                    index = self.head
                written = entry.finish()
                if written is None:
                    transfers.append(None)
                else:
                    address = self.base + DESCRIPTOR_BYTES * index + written[0]
                    last = self._buses.write(Master.ETHERNET_DESCRIPTORS, address, written[1])
                    transfers.append(last)
                index = index + 1 if index + 1 < self.count else 0
                position += 1
                while waiting and position == len(batch) < _BATCH and _is_over(waiting[0]):
                    batch.append(waiting.popleft())
            if last is not None:
                await last.wait()
            for entry, transfer in zip(batch, transfers, strict=True):
                if transfer is not None and transfer.error:
                    self._write_back_failed()
                if epoch == self._epoch:
                    self.head = self.head + 1 if self.head + 1 < self.count else 0
                entry.after(transfer is not None)


def _is_over(entry: Retired) -> bool:
    return entry.transfer is None or entry.transfer.is_over
