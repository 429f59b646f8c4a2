"""Waiting in tests: for a condition, never for a number of seconds that somebody once found to be enough."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

from services.clock import monotonic

Found = TypeVar("Found")
POLL_SECONDS = 0.02


@overload
async def until(
    condition: Callable[[], Awaitable[Found]], *, timeout_seconds: float = ..., what: str = ...
) -> Found: ...
@overload
async def until(condition: Callable[[], Found], *, timeout_seconds: float = ..., what: str = ...) -> Found: ...
async def until(
    condition: Callable[[], object], *, timeout_seconds: float = 60.0, what: str = "the condition"
) -> object:
    """Ask until the answer is truthy, and give it. Raises AssertionError with the last answer."""
    ends = monotonic() + timeout_seconds
    while True:
        asked = condition()
        answer: object = await asked if inspect.isawaitable(asked) else asked
        if answer:
            return answer
        if monotonic() > ends:
            raise AssertionError(f"{what} did not come true in {timeout_seconds:g} s; the last answer was {answer!r}")
        await asyncio.sleep(POLL_SECONDS)


async def stays(condition: Callable[[], object], *, for_seconds: float = 0.5, what: str = "the condition") -> None:
    """Ask for a while and fail as soon as the answer is no longer truthy: for what must not happen."""
    ends = monotonic() + for_seconds
    while monotonic() < ends:
        asked = condition()
        answer = await asked if inspect.isawaitable(asked) else asked
        if not answer:
            raise AssertionError(f"{what} was to stay true; the answer became {answer!r}")
        await asyncio.sleep(POLL_SECONDS)
