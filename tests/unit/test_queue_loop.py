import asyncio

import asyncpg

from consumers import queue
from tests.polling import until


async def test_it_goes_on_at_once_while_there_is_work_and_stops_when_told() -> None:
    stop, left = asyncio.Event(), [3]

    async def step() -> int:
        if left[0] == 0:
            stop.set()
            return 0
        left[0] -= 1
        return 1

    await asyncio.wait_for(queue.work("test", step, stop=stop, poll_seconds=60), 5)
    assert left == [0]


async def test_an_error_ends_no_worker() -> None:
    stop, tries = asyncio.Event(), []

    async def step() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("a bad row")
        stop.set()
        return 0

    await asyncio.wait_for(queue.work("test", step, stop=stop, poll_seconds=60), 10)
    assert len(tries) == 2


async def test_a_conflict_is_rerun_within_the_step() -> None:
    stop, tries = asyncio.Event(), []

    async def step() -> int:
        tries.append(1)
        if len(tries) < 4:
            raise asyncpg.DeadlockDetectedError
        stop.set()
        return 0

    await asyncio.wait_for(queue.work("test", step, stop=stop, poll_seconds=60), 10)
    assert len(tries) == 4


async def test_it_can_be_woken() -> None:
    stop, wake, looks = asyncio.Event(), asyncio.Event(), []

    async def step() -> int:
        looks.append(1)
        return 0

    task = asyncio.create_task(queue.work("test", step, stop=stop, poll_seconds=3600, wake=wake))
    await until(lambda: looks)
    wake.set()
    await until(lambda: len(looks) > 1)
    stop.set()
    await asyncio.wait_for(task, 5)


async def test_who_has_just_looked_waits_before_the_first_look() -> None:
    stop, wake, order = asyncio.Event(), asyncio.Event(), []

    async def step() -> int:
        order.append("look")
        stop.set()
        return 0

    async def work_comes() -> None:
        order.append("work")
        wake.set()

    looking = queue.work("test", step, stop=stop, poll_seconds=3600, wake=wake, looked=True)
    await asyncio.wait_for(asyncio.gather(looking, work_comes()), 5)
    assert order == ["work", "look"]
