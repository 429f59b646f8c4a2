"""The weigher: works out what the items of the review queue would ring, and pages when nobody decides them in time.

It runs beside the evaluator, whose rules it shares, on a connection of its own, and takes a small part of a core at most:
people who wait for an alert come before people who wait for a list.
"""

import asyncio
import contextlib
import logging
from typing import Final

from consumers import queue
from services.clock import monotonic
from services.db import Connection, Pool, hot_transaction, wait_for_pool
from services.directory import store as directories
from services.identity.review.weigh import Scales, page_overdue, weigh_next
from services.judging import store as judging
from services.rules.load import Rules, load_catalogue
from services.settings import Settings
from services.telemetry import Log, note

REST: Final = 4
"""Rest after each item, as a multiple of the time it took: a fifth of a core is the most this takes."""
LONGEST_REST_SECONDS: Final = 2.0
POLL_SECONDS: Final = 0.5
"""Longer than other queues: people read the list, and whoever has just decided waits no longer than a click."""
OVERDUE_SECONDS: Final = 5.0


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Weigh until told to stop."""
    pool = await wait_for_pool(settings, size=2, task="weigher", plan_once=True)
    try:
        weigher = Weigher(pool, load_catalogue())
        async with asyncio.TaskGroup() as group:
            group.create_task(queue.work("reviews", lambda: weigher.rested(stop), stop=stop, poll_seconds=POLL_SECONDS))
            group.create_task(
                queue.work("reviews-overdue", lambda: page(pool), stop=stop, poll_seconds=OVERDUE_SECONDS)
            )
    finally:
        await pool.close()


class Weigher:
    """One worker: its rules, and the directory as it last was."""

    def __init__(self, pool: Pool, rules: Rules) -> None:
        self._pool = pool
        self._rules = rules
        self._revision: int | None = None
        self._scales: Scales | None = None

    async def rested(self, stop: asyncio.Event) -> int:
        """Weigh an item, then leave the processor to others for a while."""
        began = monotonic()
        done = await self.step()
        if done:
            rest = min(LONGEST_REST_SECONDS, REST * (monotonic() - began))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), rest)
        return done

    async def step(self) -> int:
        """Weigh the next item; nothing by rules that are not in force."""
        async with hot_transaction(self._pool) as conn:
            if await judging.in_force(conn) != self._rules.release:
                return 0
            return int(await weigh_next(conn, await self._current(conn)))

    async def _current(self, conn: Connection) -> Scales:
        revision = await directories.revision(conn)
        if self._scales is None or revision != self._revision:
            self._scales = Scales(self._rules, (await directories.current(conn)).directory)
            self._revision = revision
        return self._scales


async def page(pool: Pool) -> int:
    """Page about what is overdue; return how much that was."""
    async with hot_transaction(pool) as conn:
        found = await page_overdue(conn)
    if found:
        note(Log.REVIEW_OVERDUE, level=logging.WARNING, items=found)
    return found
