"""Simulated time that a party outside paces: in real time with a clock of the test's own, and again as recorded."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from models import kernel
from models.kernel.pacer import RealTime, Recorded


class Machine:
    """A wall clock that moves only in waits, and descriptors that are readable from a time on (in seconds)."""

    def __init__(self, readable_at: dict[int, float] | None = None) -> None:
        self.seconds = 0.0
        self.readable_at = readable_at or {}
        self.waits: list[float | None] = []

    def clock_ns(self) -> int:
        return round(self.seconds * 1e9)

    def wait(self, descriptors: Sequence[int], seconds: float | None) -> list[int]:
        self.waits.append(seconds)
        times = [self.readable_at[each] for each in descriptors if each in self.readable_at]
        end = self.seconds + seconds if seconds is not None else max(self.seconds, min(times))
        end = min([end, *(max(each, self.seconds) for each in times)])
        self.seconds = end
        return [each for each in descriptors if each in self.readable_at and self.readable_at[each] <= end]

    def pacer(self) -> RealTime:
        return RealTime(self.clock_ns, self.wait)


def test_time_jumps_only_as_far_as_the_wall_clock_has_come() -> None:
    machine = Machine()

    async def main() -> None:
        kernel.pace(machine.pacer())
        for _ in range(3):
            await kernel.sleep(2 * kernel.S)

    kernel.run(main())
    assert machine.seconds == pytest.approx(6, abs=0.001)


def test_what_comes_while_time_waits_enters_at_that_moment() -> None:
    machine = Machine({5: 0.25})

    async def main() -> tuple[int, bool]:
        pacer, arrived = machine.pacer(), kernel.Event()
        pacer.watch(5, arrived)
        kernel.pace(pacer)
        later = kernel.after(kernel.S)
        assert await kernel.first(later, arrived) is arrived
        return kernel.now(), later.is_set

    time_ps, later = kernel.run(main())
    assert time_ps == pytest.approx(kernel.S // 4, abs=kernel.MS) and time_ps % 2 == 1 and not later


def test_with_nothing_pending_it_waits_without_end_instead_of_giving_up() -> None:
    machine = Machine({5: 1000.0})

    async def main() -> int:
        pacer, arrived = machine.pacer(), kernel.Event()
        pacer.watch(5, arrived)
        kernel.pace(pacer)
        await arrived
        return kernel.now()

    assert kernel.run(main()) == pytest.approx(1000 * kernel.S, abs=kernel.MS)
    assert machine.waits == [None], "one wait: nothing burns the processor meanwhile"


def test_a_simulation_that_is_slower_than_real_time_does_not_catch_up() -> None:
    machine = Machine()

    async def main() -> None:
        kernel.pace(machine.pacer())
        await kernel.sleep(kernel.MS)
        machine.seconds += 10  # a millisecond of it has taken ten seconds
        await kernel.sleep(kernel.MS)
        await kernel.sleep(kernel.S)

    kernel.run(main())
    assert machine.seconds == pytest.approx(11, abs=0.01)


def test_without_time_to_wait_the_outside_is_heard_all_the_same() -> None:
    machine = Machine({5: 0.0})

    async def main() -> int:
        pacer, arrived = machine.pacer(), kernel.Event()
        pacer.watch(5, arrived)
        kernel.pace(pacer)
        busy = kernel.spawn(_busy())
        await arrived
        busy.cancel()
        return kernel.now()

    async def _busy() -> None:
        while True:
            await kernel.sleep(100 * kernel.NS)

    assert kernel.run(main()) <= 2 * RealTime.LOOK_OUT_PS


def test_a_readable_descriptor_is_left_alone_until_its_event_is_cleared() -> None:
    machine = Machine({5: 0.0})

    async def main() -> None:
        pacer, arrived = machine.pacer(), kernel.Event()
        pacer.watch(5, arrived)
        kernel.pace(pacer)
        await arrived
        await kernel.sleep(kernel.S)

    kernel.run(main())
    assert machine.seconds == pytest.approx(1, abs=0.001)


def test_only_one_party_paces() -> None:
    async def main() -> None:
        kernel.pace(Recorded([]))
        with pytest.raises(RuntimeError):
            kernel.pace(Recorded([]))

    kernel.run(main())


def test_a_recording_gives_the_same_order_of_events_at_the_same_times() -> None:
    """What enters at a time goes before the timers of that time, live and again."""
    machine = Machine({5: 0.5})
    seen: list[list[tuple[str, int]]] = []

    async def main(pacer: RealTime | Recorded, arrived: kernel.Event) -> None:
        kernel.pace(pacer)
        kernel.spawn(_tick(0.1))
        kernel.spawn(_tick(0.25))
        await arrived
        seen[-1].append(("arrived", kernel.now()))
        await kernel.sleep(kernel.S // 2)
        seen[-1].append(("end", kernel.now()))

    async def _tick(seconds: float) -> None:
        while True:
            await kernel.sleep(round(seconds * kernel.S))
            seen[-1].append((f"tick {seconds}", kernel.now()))

    arrived, pacer = kernel.Event(), machine.pacer()
    pacer.watch(5, arrived)
    seen.append([])
    kernel.run(main(pacer, arrived))
    (entered_ps,) = [time_ps for what, time_ps in seen[0] if what == "arrived"]
    seen.append([])
    again = kernel.Event()
    kernel.run(main(Recorded([(entered_ps, again)]), again))
    assert seen[0] == seen[1]
    # and at the very time of a timer
    tick_ps = next(time_ps for what, time_ps in seen[0] if what == "tick 0.25")
    seen.append([])
    again = kernel.Event()
    kernel.run(main(Recorded([(tick_ps, again)]), again))
    assert [what for what, time_ps in seen[2] if time_ps == tick_ps] == ["arrived", "tick 0.25"]


def test_a_recording_lets_time_jump_freely() -> None:
    async def main() -> int:
        arrived = kernel.Event()
        kernel.pace(Recorded([(10**15 + 1, arrived)]))
        await kernel.sleep(kernel.S)
        await arrived
        return kernel.now()

    assert kernel.run(main()) == 10**15 + 1


def test_after_a_recording_a_task_that_waits_for_more_is_told() -> None:
    async def main() -> None:
        kernel.pace(Recorded([(1001, kernel.Event())]))
        await kernel.Event()

    with pytest.raises(kernel.Deadlock):
        kernel.run(main())
