"""The simulation kernel in virtual time: order, waiting, cancelling, and what is said when nothing happens any more."""

import pytest

from models import kernel


def test_sleeps_end_in_order_of_time_on_odd_picoseconds():
    async def main():
        seen = []

        async def sleeper(duration):
            await kernel.sleep(duration)
            seen.append((duration, kernel.now()))

        tasks = [kernel.spawn(sleeper(duration)) for duration in (30, 10, 20)]
        for task in tasks:
            await task
        return seen

    assert kernel.run(main()) == [(10, 11), (20, 21), (30, 31)]


def test_tasks_that_wake_at_the_same_time_run_in_the_order_in_which_they_went_to_sleep():
    async def main():
        seen = []

        async def sleeper(name):
            await kernel.sleep(100)
            seen.append(name)

        tasks = [kernel.spawn(sleeper(name)) for name in "abc"]
        for task in tasks:
            await task
        return seen

    assert kernel.run(main()) == ["a", "b", "c"]


def test_first_returns_what_is_there_and_leaves_the_others_usable():
    async def main():
        queue, late = kernel.Queue(), kernel.after(100)

        async def producer():
            await kernel.sleep(10)
            queue.put("item")

        kernel.spawn(producer())
        assert await kernel.first(late, queue) is queue
        assert queue.get_nowait() == "item"
        assert await kernel.first(queue, late) is late
        return kernel.now()

    assert kernel.run(main()) == 101


def test_a_timer_that_nobody_waited_for_in_time_has_passed():
    async def main():
        early = kernel.after(10)
        await kernel.sleep(50)
        assert early.is_set
        await early
        return kernel.now()

    assert kernel.run(main()) == 51


def test_a_timer_that_lost_can_be_waited_for_again():
    async def main():
        late = kernel.after(100)
        await kernel.first(kernel.after(3), late)
        await kernel.sleep(1)
        await late
        return kernel.now()

    assert kernel.run(main()) == 101


def test_an_awaited_task_gives_its_result_or_raises_its_error():
    async def main():
        async def good():
            return 7

        async def bad():
            await kernel.sleep(1)
            raise KeyError("bad")

        assert await kernel.spawn(good()) == 7
        with pytest.raises(KeyError):
            await kernel.spawn(bad())

    kernel.run(main())


def test_an_error_that_nobody_awaits_ends_the_run():
    async def main():
        async def bad():
            raise KeyError("nobody waits")

        kernel.spawn(bad())
        await kernel.sleep(10)

    with pytest.raises(KeyError):
        kernel.run(main())


def test_a_cancelled_task_cleans_up_where_it_waits():
    async def main():
        seen = []

        async def sleeper():
            try:
                await kernel.sleep(100)
            finally:
                seen.append(kernel.now())

        task = kernel.spawn(sleeper())
        await kernel.sleep(10)
        task.cancel()
        await kernel.sleep(10)
        assert task.done
        return seen

    assert kernel.run(main()) == [11]


def test_a_task_cancelled_while_it_waits_for_one_of_several_leaves_none_of_them_behind():
    async def main():
        event = kernel.Event()

        async def waiter():
            await kernel.first(event, kernel.after(100))

        task = kernel.spawn(waiter())
        await kernel.sleep(10)
        task.cancel()
        await kernel.sleep(1)
        assert not event.waited_for
        return task.done

    assert kernel.run(main())


def test_a_full_queue_refuses():
    async def main():
        queue = kernel.Queue(limit=1)
        assert queue.put(1)
        assert not queue.put(2)
        assert await queue.get() == 1
        assert queue.put(3)

    kernel.run(main())


def test_a_deadlock_says_where_every_task_waits():
    async def waits_for_ever():
        await kernel.Event()

    with pytest.raises(kernel.Deadlock, match=r"main: waits_for_ever \(test_scheduler.py:\d+\)"):
        kernel.run(waits_for_ever())


def test_a_run_can_be_limited():
    with pytest.raises(TimeoutError):
        kernel.run(kernel.sleep(100), limit_ps=50)


def test_timers_that_nobody_waits_for_any_more_do_not_pile_up() -> None:
    async def main() -> int:
        late = kernel.spawn(kernel.sleep(2 * kernel.S))
        for _ in range(5000):
            soon = kernel.after(kernel.NS)
            assert await kernel.first(kernel.after(kernel.S), soon) is soon
        kept = len(kernel.Kernel.current._timers)
        await late
        assert kernel.now() == 2 * kernel.S + 1
        return kept

    assert kernel.run(main()) < 1000


def test_a_task_that_runs_ahead_alone_meets_the_others_at_their_times() -> None:
    seen: list[tuple[str, int]] = []

    async def tick(name: str, period_ps: int, count: int) -> None:
        for _ in range(count):
            await kernel.sleep(period_ps)
            seen.append((name, kernel.now()))

    async def main() -> None:
        slow = kernel.spawn(tick("slow", 1000, 3))
        await tick("fast", 300, 12)
        await slow

    kernel.run(main())
    assert [time_ps for _, time_ps in seen] == sorted(time_ps for _, time_ps in seen)
    assert [time_ps for name, time_ps in seen if name == "slow"] == [1001, 2001, 3001]
    assert len(seen) == 15


def test_a_task_that_never_ends_by_itself_does_not_outlive_main() -> None:
    async def forever() -> None:
        while True:
            await kernel.sleep(100)

    async def main() -> int:
        kernel.spawn(forever())
        await kernel.sleep(1000)
        return 5

    assert kernel.run(main()) == 5


def test_the_limit_holds_for_a_task_that_is_alone() -> None:
    async def main() -> None:
        while True:
            await kernel.sleep(kernel.US)

    with pytest.raises(TimeoutError):
        kernel.run(main(), limit_ps=kernel.MS)
