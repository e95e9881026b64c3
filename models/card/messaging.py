"""Messaging unit after the 80312: messages, doorbells, index registers and four circular queues in card memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from firmware.registers import messaging as firmware_side
from firmware.registers import messaging_host as host_side
from models.card.memory import CardMemory
from models.ports import BusError

NO_FRAME = 0xFFFF_FFFF
INDEX_DEPTH = 8
"""Index register writes held for the firmware (INDEX_DEPTH of hdl/messaging/messaging_unit.v)."""

_ENTRY_BYTES = 4
_SIZES = {1: 0x4000, 2: 0x8000, 4: 0x10000, 8: 0x20000, 16: 0x40000}
_ALL = 0xFFFF_FFFF


class _Pointers:
    """Head and tail of one queue as byte offsets in it; one entry stays unused, so that full differs from empty."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.head = 0
        self.tail = 0

    def step(self, offset: int, size: int, entries: int = 1) -> int:
        return (offset + _ENTRY_BYTES * entries) & (size - 1)

    def is_empty(self, size: int) -> bool:
        return (self.head ^ self.tail) & (size - 1) == 0

    def is_full(self, size: int) -> bool:
        return self.step(self.head, size) == self.tail & (size - 1)


class MessagingUnit:
    """Host side (BAR0) and firmware side; `changed` is called when an interrupt level may have changed."""

    def __init__(self, memory: CardMemory, host_irq: Callable[[bool], None], firmware_irq: Callable[[bool], None]):
        self._memory = memory
        self._host_irq = host_irq
        self._firmware_irq = firmware_irq
        self.inbound_free = _Pointers(0)
        self.inbound_post = _Pointers(1)
        self.outbound_post = _Pointers(2)
        self.outbound_free = _Pointers(3)
        self._heads = {
            firmware_side.IFHPR: self.inbound_free,
            firmware_side.IPHPR: self.inbound_post,
            firmware_side.OPHPR: self.outbound_post,
            firmware_side.OFHPR: self.outbound_free,
        }
        self._tails = {
            firmware_side.IFTPR: self.inbound_free,
            firmware_side.IPTPR: self.inbound_post,
            firmware_side.OPTPR: self.outbound_post,
            firmware_side.OFTPR: self.outbound_free,
        }
        self.reset()

    def reset(self) -> None:
        for pointers in self._heads.values():
            pointers.head = pointers.tail = 0
        self._imr = [0, 0]
        self._omr = [0, 0]
        self._idr = self._odr = 0
        self._iisr_latched = self._oisr_latched = 0
        self._iimr = self._oimr = 0
        self._enable = False
        self._size_code = 1
        self._size = _SIZES[1]
        self._qbar = 0
        self._prefetched: dict[_Pointers, int] = {}
        self._index: deque[tuple[int, int]] = deque()
        self.inbound_post_drops = self.outbound_free_drops = self.index_drops = self.memory_errors = 0
        self._update()

    @property
    def iisr(self) -> int:
        value = self._iisr_latched
        if self._idr & 0x7FFF_FFFF:
            value |= firmware_side.IISR_ID
        if self._idr >> 31:
            value |= firmware_side.IISR_EID
        if self._enable and not self.inbound_post.is_empty(self._size):
            value |= firmware_side.IISR_IPQ
        if self._index:
            value |= firmware_side.IISR_IR
        return value

    @property
    def oisr(self) -> int:
        value = self._oisr_latched
        if self._odr:
            value |= host_side.OISR_OD
        if self._enable and not self.outbound_post.is_empty(self._size):
            value |= host_side.OISR_OPQ
        return value

    def _update(self) -> None:
        self._firmware_irq(bool(self.iisr & ~self._iimr))
        self._host_irq(bool(self.oisr & ~self._oimr))

    # ---- the host's side

    def host_read(self, offset: int) -> int:
        """A 32-bit read of BAR0; `offset` is a multiple of 4."""
        if offset == host_side.IQP:
            return self._take(self.inbound_free)
        if offset == host_side.OQP:
            return self._take(self.outbound_post)
        if offset == host_side.OISR:
            return self.oisr
        if offset in (host_side.IMR0, host_side.IMR1):
            return self._imr[offset == host_side.IMR1]
        if offset in (host_side.OMR0, host_side.OMR1):
            return self._omr[offset == host_side.OMR1]
        return {
            host_side.IDR: self._idr,
            host_side.IISR: self.iisr,
            host_side.IIMR: self._iimr,
            host_side.ODR: self._odr,
            host_side.OIMR: self._oimr,
        }.get(offset, 0)

    def host_write(self, offset: int, value: int, mask: int = _ALL) -> None:
        """A write of BAR0 of the bytes that `mask` covers."""
        if not mask:
            return
        ones = value & mask
        if offset == host_side.IQP:
            self._give(self.inbound_post, value, mask)
        elif offset == host_side.OQP:
            self._give(self.outbound_free, value, mask)
        elif offset in (host_side.IMR0, host_side.IMR1):
            number = int(offset == host_side.IMR1)
            self._imr[number] = self._imr[number] & ~mask | ones
            self._iisr_latched |= firmware_side.IISR_IM0 << number
        elif offset == host_side.IDR:
            self._idr |= ones
        elif offset == host_side.ODR:
            self._odr &= ~ones
        elif offset == host_side.OISR:
            self._oisr_latched &= ~ones
        elif offset == host_side.OIMR:
            if mask & 0xFF:
                self._oimr = value & 0xF
        elif offset >= host_side.INDEX:
            if len(self._index) < INDEX_DEPTH:
                self._index.append((offset, value))
            else:
                self.index_drops += 1
        self._update()

    def _take(self, queue: _Pointers) -> int:
        if not self._enable or queue.is_empty(self._size):
            return NO_FRAME
        entry = self._prefetched.pop(queue)
        queue.tail = queue.step(queue.tail, self._size)
        self._prefetch(queue)
        self._update()
        return entry

    def _prefetch(self, queue: _Pointers) -> None:
        """The entry at the tail is read before the host asks; an unreadable one counts and is passed on as "none"."""
        if not self._enable or queue.is_empty(self._size):
            self._prefetched.pop(queue, None)
        elif queue not in self._prefetched:
            try:
                entry = int.from_bytes(self._memory.read(self._place(queue, queue.tail), _ENTRY_BYTES), "little")
            except BusError:
                self.memory_errors += 1
                entry = NO_FRAME
            self._prefetched[queue] = entry

    def _place(self, queue: _Pointers, offset: int) -> int:
        return self._qbar + queue.place * self._size + (offset & (self._size - 1))

    def _give(self, queue: _Pointers, value: int, mask: int) -> None:
        size = self._size
        if not self._enable or mask != _ALL or queue.is_full(size):
            self._refuse(queue)
            return
        try:
            self._memory.write(self._place(queue, queue.head), value.to_bytes(_ENTRY_BYTES, "little"))
        except BusError:
            self.memory_errors += 1
            self._refuse(queue)
            return
        queue.head = queue.step(queue.head, size)
        if queue is self.outbound_free and queue.is_full(size):
            self._iisr_latched |= firmware_side.IISR_OFQF

    def _refuse(self, queue: _Pointers) -> None:
        if queue is self.inbound_post:
            self.inbound_post_drops = self.inbound_post_drops + 1 & _ALL
            self._iisr_latched |= firmware_side.IISR_IPQF
        else:
            self.outbound_free_drops = self.outbound_free_drops + 1 & _ALL
            self._iisr_latched |= firmware_side.IISR_OFQF

    # ---- the firmware's side

    def read(self, offset: int) -> int:
        """A register read of the firmware. Raises BusError for what does not exist."""
        if offset == firmware_side.IISR:
            return self.iisr
        if offset in self._heads:
            queue = self._heads[offset]
            return queue.place * self._size + (queue.head & (self._size - 1)) & 0xFFFFF
        if offset in self._tails:
            queue = self._tails[offset]
            return queue.place * self._size + (queue.tail & (self._size - 1)) & 0xFFFFF
        if offset == firmware_side.IAR:
            return self._index[0][0] if self._index else 0
        if offset == firmware_side.INDEX_DATA:
            return self._index[0][1] if self._index else 0
        value = {
            firmware_side.IMR0: self._imr[0],
            firmware_side.IMR1: self._imr[1],
            firmware_side.OMR0: self._omr[0],
            firmware_side.OMR1: self._omr[1],
            firmware_side.IDR: self._idr,
            firmware_side.IIMR: self._iimr,
            firmware_side.ODR: self._odr,
            firmware_side.OISR: self.oisr,
            firmware_side.OIMR: self._oimr,
            firmware_side.MUCR: self._size_code << firmware_side.MUCR_QUEUE_SIZE_LSB | int(self._enable),
            firmware_side.QBAR: self._qbar,
            firmware_side.INBOUND_POST_DROPS: self.inbound_post_drops,
            firmware_side.OUTBOUND_FREE_DROPS: self.outbound_free_drops,
            firmware_side.INDEX_DROPS: self.index_drops,
            firmware_side.MEMORY_ERRORS: self.memory_errors,
        }.get(offset)
        if value is None:
            raise BusError(f"no register of the messaging unit at {offset:#x}")
        return value

    def write(self, offset: int, value: int) -> None:
        """A register write of the firmware. Raises BusError outside the block's registers."""
        if not firmware_side.IMR0 <= offset <= firmware_side.MEMORY_ERRORS:
            raise BusError(f"no register of the messaging unit at {offset:#x}")
        if offset in self._heads:
            queue = self._heads[offset]
            queue.head = value & (self._size - 1) & 0x3FFFC
            self._prefetch_if_taken_from(queue)
        elif offset in self._tails:
            queue = self._tails[offset]
            queue.tail = value & (self._size - 1) & 0x3FFFC
            self._prefetched.pop(queue, None)
            self._prefetch_if_taken_from(queue)
        elif offset in (firmware_side.OMR0, firmware_side.OMR1):
            number = int(offset == firmware_side.OMR1)
            self._omr[number] = value
            self._oisr_latched |= host_side.OISR_OM0 << number
        elif offset == firmware_side.IDR:
            self._idr &= ~value
        elif offset == firmware_side.ODR:
            self._odr |= value
        elif offset == firmware_side.IISR:
            self._iisr_latched &= ~value
            if value & firmware_side.IISR_IR and self._index:
                self._index.popleft()
        elif offset == firmware_side.IIMR:
            self._iimr = value & 0xFF
        elif offset == firmware_side.MUCR:
            self._enable = bool(value & firmware_side.MUCR_ENABLE)
            self._size_code = (value & firmware_side.MUCR_QUEUE_SIZE) >> firmware_side.MUCR_QUEUE_SIZE_LSB
            self._size = _SIZES.get(self._size_code, 0x4000)
            self._refetch()
        elif offset == firmware_side.QBAR:
            self._qbar = value & 0xFFFF_FFF8
            self._refetch()
        self._update()

    def _refetch(self) -> None:
        self._prefetched.clear()
        self._prefetch(self.inbound_free)
        self._prefetch(self.outbound_post)

    def _prefetch_if_taken_from(self, queue: _Pointers) -> None:
        if queue is self.inbound_free or queue is self.outbound_post:
            self._prefetch(queue)
