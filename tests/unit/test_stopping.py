"""How a process ends: drained if it can be, cut short if it waits for a server that is away."""

import asyncio

from deploy.command.roles import together
from services.settings import Settings


async def drains(_: Settings, stop: asyncio.Event) -> None:
    await stop.wait()


async def fails(_: Settings, __: asyncio.Event) -> None:
    raise RuntimeError


async def waits_for_ever(_: Settings, __: asyncio.Event) -> None:
    await asyncio.Event().wait()


async def stopped() -> asyncio.Event:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)
    return stop


async def test_what_can_be_drained_is() -> None:
    assert await together([drains, drains], Settings(), await stopped()) == 0


async def test_one_that_fails_ends_the_others_and_the_process_says_so() -> None:
    assert await together([drains, fails], Settings(), asyncio.Event()) == 1


async def test_who_waits_for_a_server_that_is_away_is_cut_short() -> None:
    ending = together([drains, waits_for_ever], Settings(), await stopped(), drain_seconds=0.01)
    assert await asyncio.wait_for(ending, 10) == 0


async def test_a_failure_is_said_though_another_is_cut_short() -> None:
    ending = together([fails, waits_for_ever], Settings(), asyncio.Event(), drain_seconds=0.01)
    assert await asyncio.wait_for(ending, 10) == 1
