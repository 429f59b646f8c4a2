# ruff: noqa: A005 - the product's own word; nobody runs this file by its path
"""The queue loop that all workers share.

A queue is a table (design section 2). Others only insert into it; its worker claims rows with SKIP LOCKED, works, and
deletes them in the same transaction, all inside one `step`. So a worker that dies leaves its rows as they were, and any
number of workers may run. Waiting is polling: a NOTIFY would take a lock shared by all committing transactions.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final

from services.db.rerun import rerun_on_conflict
from services.telemetry import Log, note

Step = Callable[[], Awaitable[int]]
"""One transaction: claim, work, delete. Returns how much it did; 0 = nothing was due."""

FIRST_LOOKS: Final = 4
"""After work, this many looks come at shorter waits: work seldom comes alone."""
FAILED_SECONDS: Final = 0.5
FAILED_CEILING_SECONDS: Final = 30.0


async def work(
    name: str,
    step: Step,
    *,
    stop: asyncio.Event,
    poll_seconds: float,
    wake: asyncio.Event | None = None,
    looked: bool = False,
) -> None:
    """Run `step` until told to stop, at once again while there is work, else every `poll_seconds`.

    `wake` cuts a wait short where the work is made in this very process. `looked`: the caller has just run the step
    itself, so the first turn waits too. Conflicts are rerun and a server that is away
    is waited for (services.db.rerun). Any other error is logged, and the step is tried again after a growing pause: its
    transaction was rolled back, so nothing is lost, and one bad row must not end a worker that others need.
    """
    idle = failures = 0
    if looked:
        await _wait(stop, wake, _pause(poll_seconds, FIRST_LOOKS))
    while not stop.is_set():
        if wake is not None:
            wake.clear()
        try:
            done = await rerun_on_conflict(step)
        except Exception as error:  # noqa: BLE001 - the loop's edge: logged with its place, tried again after a pause
            failures += 1
            note(Log.QUEUE_WORK_FAILED, level=logging.ERROR, error=error, queue=name, failures=failures)
            await _wait(stop, None, min(FAILED_CEILING_SECONDS, FAILED_SECONDS * 2 ** min(failures - 1, 10)))
            continue
        failures = 0
        idle = 0 if done else idle + 1
        if not done:
            await _wait(stop, wake, _pause(poll_seconds, idle))


def _pause(poll_seconds: float, idle: int) -> float:
    """Shorter just after work, and never in step with the other workers."""
    share = min(1.0, idle / FIRST_LOOKS)
    return poll_seconds * share * random.uniform(0.75, 1.25)


async def _wait(stop: asyncio.Event, wake: asyncio.Event | None, seconds: float) -> None:
    """Wait, but not once there is a reason to go on."""
    waits = [asyncio.ensure_future(event.wait()) for event in (stop, wake) if event is not None]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await wait
