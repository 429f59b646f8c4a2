"""The correlator: takes events in from Kafka and works out who their people are.

Any number of correlators may run: Kafka gives each some partitions, and all share the queue of what is unresolved. One
consumer reads what is live and another reads history, so that a backfill of any size delays nobody.
"""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from consumers import queue
from consumers.runner import AWAY_SECONDS, Consumer
from schemas.topics import BACKFILL, TOPICS, Topic
from services.bus.producer import Bus
from services.clock import monotonic
from services.db.connection import Pool, hot_transaction, wait_for_pool
from services.db.rerun import rerun_on_conflict
from services.errors import BusUnavailable
from services.identity.changes.publish import publish_next
from services.identity.counts.load import model_in_force
from services.identity.rejudge import outdated
from services.identity.resolve import CountsChanged, ResolveFailed, resolve
from services.identity.scoring import model
from services.intake.batch import open_intake
from services.intake.poison import TooMuchPoison
from services.intake.read import Arrived
from services.kafka import create_topics
from services.receipts.notices import tell_next
from services.rules.load import load_catalogue
from services.settings import Settings
from services.telemetry import Log, note
from services.tokens import Tokens

GROUP: Final = "tocsin.correlator"
BACKFILL_GROUP: Final = "tocsin.correlator.backfill"
RESOLVE_ROWS: Final = 100
"""Rows of the queue resolved together: enough to share the statements, few enough that nobody waits long for a lock."""
INTAKE_CONNECTIONS: Final = 4  # one batch and one look at the watermark for each of two consumers
FAILED_FIRST_SECONDS: Final = 1.0
FAILED_CEILING_SECONDS: Final = 300.0
CONFLICT_SECONDS: Final = 1.0
"""Between two looks for senders to tell of conflicts: seldom needed, and for people at their desks."""
OUTDATED_SECONDS: Final = 600.0
"""Between two looks at whether who is held was judged by this release: only a release or a person changes that."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Take in and resolve until told to stop.

    Raises:
        TooMuchPoison: it stopped itself; nothing is lost, and somebody has to look.
        LogLost: events are gone for good.
    """
    await _make_topics(settings, stop)
    bus = Bus(settings, client_id="correlator")
    await bus.start()
    intake_pool = await wait_for_pool(settings, size=INTAKE_CONNECTIONS, task="take-in", plan_once=True)
    resolve_pool = await wait_for_pool(settings, size=settings.resolve_workers + 1, task="resolve", plan_once=True)
    try:
        scoring = Scoring(resolve_pool)
        await rerun_on_conflict(scoring.adopt)
        # Before anything is taken in: an empty installation is noted as this release's own.
        await rerun_on_conflict(lambda: look_whether_outdated(resolve_pool))
        await _all_until_stop(_tasks(settings, stop, bus, intake_pool, scoring), stop)
    finally:
        await intake_pool.close()
        await resolve_pool.close()
        await bus.stop()


def _tasks(
    settings: Settings, stop: asyncio.Event, bus: Bus, intake_pool: Pool, scoring: "Scoring"
) -> list[Coroutine[Any, Any, None]]:
    resolve_pool, poll_seconds = scoring.pool, settings.queue_poll_milliseconds / 1_000
    taken_in = [asyncio.Event() for _ in range(settings.resolve_workers)]
    live = [topic for topic in TOPICS if "correlator" in topic.readers and topic is not BACKFILL]
    tasks = [
        _consume(settings, stop, bus, intake_pool, live, GROUP, taken_in),
        _consume(settings, stop, bus, intake_pool, [BACKFILL], BACKFILL_GROUP, taken_in),
        queue.work(
            "identity-changes", lambda: publish_next(resolve_pool, bus, settings), stop=stop, poll_seconds=poll_seconds
        ),
        queue.work(
            "conflicts", lambda: tell_next(resolve_pool, bus, settings), stop=stop, poll_seconds=CONFLICT_SECONDS
        ),
        queue.work(
            "identity-outdated",
            lambda: look_whether_outdated(resolve_pool),
            stop=stop,
            poll_seconds=OUTDATED_SECONDS,
            looked=True,
        ),
    ]
    for wake in taken_in:
        step = Resolver(scoring, Tokens(settings.master_key_bytes)).step
        tasks.append(queue.work("unresolved", step, stop=stop, poll_seconds=poll_seconds, wake=wake))
    return tasks


async def _all_until_stop(tasks: Sequence[Awaitable[None]], stop: asyncio.Event) -> None:
    """Run all; if one fails, stop the others as if told to, and raise what it raised."""
    running = [asyncio.ensure_future(task) for task in tasks]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        stop.set()
        done, _ = await asyncio.wait(running)
    for task in done:
        if error := task.exception():
            if isinstance(error, TooMuchPoison):
                note(Log.INTAKE_STOPPED, level=logging.CRITICAL, error=error)
            raise error


async def _consume(
    settings: Settings,
    stop: asyncio.Event,
    bus: Bus,
    pool: Pool,
    topics: list[Topic],
    group: str,
    taken_in: list[asyncio.Event],
) -> None:
    history = topics == [BACKFILL]
    intake = await open_intake(pool, bus, settings, history=history, rules=load_catalogue())

    async def take(messages: Sequence[Arrived]) -> None:
        unresolved = (await intake.take(messages)).unresolved
        for wake in taken_in[: ceil(unresolved / RESOLVE_ROWS)]:  # who finds nothing has opened a transaction for it
            wake.set()

    prefix = settings.topic_prefix
    consumer = Consumer(settings, pool, [prefix + topic.name for topic in topics], prefix + group, history, take)
    await consumer.run(stop)


async def look_whether_outdated(pool: Pool) -> int:
    """Say so, loudly, while who is held waits to be judged anew by this release. Returns 0: there is nothing more to do at once."""
    async with hot_transaction(pool) as conn:
        seen = await outdated.look(conn)
    if seen.outdated:
        note(Log.IDENTITY_OUTDATED, level=logging.ERROR, held=seen.held, here=seen.here)
    return 0


@dataclass(slots=True)
class Scoring:
    """The count of names by which all resolve workers of this process score."""

    pool: Pool
    resolving: int = 0
    """Workers that may have claimed something, to be judged by one count to its end."""

    async def adopt(self) -> int:
        """Score by the count in force from now on, unless somebody resolves: then it is for a later turn. Returns 0: nothing was done."""
        async with hot_transaction(self.pool) as conn:
            found = await model_in_force(conn)
        # No await from here on. Who began meanwhile has claimed nothing, or the count it scores by is in force again.
        if not self.resolving and found.counts != model.current().counts:
            note(Log.IDENTITY_COUNTS, counts=found.counts or "none", before=model.current().counts or "none")
            model.adopt(found)
        return 0


class Resolver:
    """One resolve worker: sets rows aside that fail by themselves, so that they hold nobody up."""

    def __init__(self, scoring: Scoring, tokens: Tokens) -> None:
        self._scoring = scoring
        self._tokens = tokens
        self._singly = 0
        """Rows to go one by one, after a batch failed."""
        self._aside: dict[int, tuple[float, float]] = {}
        """Row -> (not before, next pause)."""

    async def step(self) -> int:
        """Resolve the next rows."""
        now = monotonic()
        avoid = [row for row, (until, _) in self._aside.items() if until > now]
        self._scoring.resolving += 1
        try:
            done = await resolve(self._scoring.pool, self._tokens, 1 if self._singly else RESOLVE_ROWS, avoid)
        except CountsChanged:
            done = None
        except ResolveFailed as failed:
            note(
                Log.QUEUE_WORK_FAILED,
                level=logging.ERROR,
                error=failed.__cause__,
                queue="unresolved",
                rows=len(failed.rows),
            )
            if len(failed.rows) > 1:
                self._singly = len(failed.rows)
            else:
                self._set_aside(failed.rows[0], now)
            return 1
        finally:
            self._scoring.resolving -= 1
        if done is None:
            return await self._scoring.adopt()
        self._singly = max(0, self._singly - 1)
        return done.rows

    def _set_aside(self, row: int, now: float) -> None:
        _, pause = self._aside.get(row, (now, FAILED_FIRST_SECONDS))
        self._aside[row] = now + pause, min(FAILED_CEILING_SECONDS, pause * 2)


async def _make_topics(settings: Settings, stop: asyncio.Event) -> None:
    """Make what is missing of the topics; a broker that is away is waited for."""
    while not stop.is_set():
        try:
            await create_topics(settings, TOPICS)
        except BusUnavailable as error:
            note(Log.BUS_AWAY, level=logging.WARNING, error=error)
            await asyncio.sleep(AWAY_SECONDS)
        else:
            return
