"""Interrupt causes and mask of the Ethernet controller, its delay timers and the throttle of its line.

82544 SDM 3.2.7, 3.4.3, 13.4.17 to 13.4.22; ITR as in the later parts of the family.
"""

from __future__ import annotations

from collections.abc import Callable

from firmware.registers import ethernet
from models.kernel import NS, now, sleep_until, spawn

ITR_UNIT_PS = 256 * NS
DELAY_UNIT_PS = 1024 * NS
_ALL = 0xFFFF_FFFF


class _Alarm:
    """Calls back at a time that may be moved; at most one task waits."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._sleeps_until: int | None = None
        self.time_ps: int | None = None

    def set(self, time_ps: int) -> None:
        self.time_ps = time_ps
        if self._sleeps_until is None or time_ps < self._sleeps_until:
            self._sleeps_until = time_ps
            spawn(self._wait(time_ps), "Ethernet timer")

    def clear(self) -> None:
        self.time_ps = None

    async def _wait(self, until_ps: int) -> None:
        while True:
            await sleep_until(until_ps)
            if self._sleeps_until != until_ps:
                return  # another task took over, for an earlier time
            if self.time_ps is None:
                self._sleeps_until = None
                return
            if self.time_ps <= now():
                self._sleeps_until = None
                self.time_ps = None
                self._ring()
                return
            self._sleeps_until = until_ps = self.time_ps


class _Delay:
    """A delay from the last event and one from the first; whichever ends first raises the cause."""

    def __init__(self, raise_cause: Callable[[], None]) -> None:
        self._raise = raise_cause
        self._last = _Alarm(self.expire)
        self._first = _Alarm(self.expire)

    @property
    def armed(self) -> bool:
        return self._last.time_ps is not None or self._first.time_ps is not None

    def clear(self) -> None:
        self._last.clear()
        self._first.clear()

    def expire(self) -> None:
        self.clear()
        self._raise()

    def event(self, delay: int, absolute: int) -> None:
        """An event that may wait `delay` units, and `absolute` units (0: no such limit) from the first."""
        self._last.set(now() + delay * DELAY_UNIT_PS)
        if absolute and self._first.time_ps is None:
            self._first.set(now() + absolute * DELAY_UNIT_PS)


class EthernetInterrupts:
    """ICR, IMS, ITR, RDTR, RADV, TIDV, TADV; `line` is called with the level of the interrupt line."""

    def __init__(self, line: Callable[[bool], None]) -> None:
        self._line = line
        self._rx = _Delay(lambda: self.cause(ethernet.ICR_RXT0))
        self._tx = _Delay(lambda: self.cause(ethernet.ICR_TXDW))
        self._throttle = _Alarm(self._update)
        self._quiet_until_ps = 0
        self._level = False
        self.reset()

    def reset(self) -> None:
        self.icr = 0
        self.ims = 0
        self.itr = self.rdtr = self.radv = self.tidv = self.tadv = 0
        self._rx.clear()
        self._tx.clear()
        self._quiet_until_ps = 0
        self._update()

    def read_icr(self) -> int:
        value, self.icr = self.icr, 0
        self._update()
        return value

    def write_icr(self, value: int) -> None:
        self.icr &= ~value
        self._update()

    def cause(self, bits: int) -> None:
        """Set causes."""
        self.icr |= bits & _ALL
        self._update()

    def set_mask(self, bits: int) -> None:
        self.ims |= bits
        self._update()

    def clear_mask(self, bits: int) -> None:
        self.ims &= ~bits
        self._update()

    def transmitted(self, delayed: bool) -> None:
        """A descriptor with RS was written back; `delayed`: it has IDE."""
        if delayed and self.tidv:
            self._tx.event(self.tidv, self.tadv)
        else:
            self._tx.clear()
            self.cause(ethernet.ICR_TXDW)

    def received(self) -> None:
        """The last descriptor of a frame was written back."""
        if self.rdtr:
            self._rx.event(self.rdtr, self.radv)
        else:
            self._rx.clear()
            self.cause(ethernet.ICR_RXT0)

    def flush(self) -> None:
        """RDTR.FPD."""
        if self._rx.armed:
            self._rx.expire()

    def _update(self) -> None:
        pending = bool(self.icr & self.ims)
        if pending == self._level:
            return
        if pending:
            if now() < self._quiet_until_ps:
                self._throttle.set(self._quiet_until_ps)
                return
            self._quiet_until_ps = now() + self.itr * ITR_UNIT_PS
        self._level = pending
        self._line(pending)
