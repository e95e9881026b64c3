"""When each connection must be called next: one heap for all of them."""

import heapq

from ..tcp.connection import Connection

STALE = 64
"""Entries of no use that are kept without more ado."""


class ConnectionTimers:
    """The earliest deadline of many connections. At most one entry of a connection counts: `binding.scheduled`.

    A deadline that moves away leaves its entry, which follows when it comes to the top; only one that comes nearer
    makes a new entry.
    """

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, Connection]] = []
        """Deadline in ns, a serial number, and whose it is."""
        self._serial = 0
        self._stale = 0
        """Entries of `heap` that are of no use any more; they are removed when they are the most."""

    def __len__(self) -> int:
        return len(self.heap)

    def schedule(self, connection: Connection) -> None:
        """The connection was called: its deadline may be another."""
        deadline = connection.next_deadline()
        binding = connection.binding
        if deadline is not None and (binding.scheduled is None or deadline < binding.scheduled):
            if binding.scheduled is not None:
                self._abandon()
            binding.scheduled = deadline
            self._serial += 1
            heapq.heappush(self.heap, (deadline, self._serial, connection))

    def forget(self, connection: Connection) -> None:
        """The connection is gone."""
        if connection.binding.scheduled is not None:
            connection.binding.scheduled = None
            self._abandon()

    def next_deadline(self) -> int | None:
        """The earliest of all, ns; None if nothing is waited for."""
        heap = self.heap
        while heap:
            deadline, _, connection = heap[0]
            binding = connection.binding
            if binding.scheduled != deadline:
                heapq.heappop(heap)
                self._stale = max(self._stale - 1, 0)
                continue
            # The connection's own deadline may have moved since: an entry only follows when it comes to the top.
            actual = connection.next_deadline()
            if actual is None or actual > deadline:
                heapq.heappop(heap)
                binding.scheduled = None
                self.schedule(connection)
                continue
            return deadline
        return None

    def timeout(self, now: int) -> None:
        """Call every connection whose deadline has come."""
        heap = self.heap
        while heap and heap[0][0] <= now:
            deadline, _, connection = heapq.heappop(heap)
            binding = connection.binding
            if binding.scheduled != deadline:
                self._stale = max(self._stale - 1, 0)
                continue
            binding.scheduled = None
            connection.timeout(now)
            self.schedule(connection)

    def _abandon(self) -> None:
        """An entry became useless. It would keep its connection until its time has come."""
        self._stale += 1
        if self._stale > STALE and 2 * self._stale > len(self.heap):
            self.heap[:] = [entry for entry in self.heap if entry[2].binding.scheduled == entry[0]]
            heapq.heapify(self.heap)
            self._stale = 0
