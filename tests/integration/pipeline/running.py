"""Correlator and evaluators as their processes run them, on real Kafka and PostgreSQL, and stories posted to them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from consumers import evaluator
from deploy.command.loading import load_directory
from deploy.policy import with_agreements
from deploy.replay.stage import EVENT_TOPICS
from services.clock import real_now
from services.db import Pool, hot_transaction
from services.db.clock_store import set_manual
from services.directory import file
from services.replay import store
from services.replay.logs import Logs, open_logs
from services.settings import Settings
from services.trial.rule_tests import HERE
from services.trial.world import Arrival
from tests.integration.intake.bus import Poster, poster, running
from tests.polling import until

NOT_RUNNING = {"tell", "ladders", "leases"}
"""Queues of the notifier, which these tests do without: what it would do lies there."""


@dataclass
class Pipeline:
    """A clock, the directory of the rule files' tests, a correlator and evaluators."""

    pool: Pool
    bus: Poster
    logs: Logs
    clock: datetime

    async def play(self, arrivals: Sequence[Arrival], *, pause: bool = True) -> None:
        """Post each at its time, or late. With `pause`, wait until it is judged before the next."""
        for arrival in arrivals:
            self.clock = max(self.clock, arrival.received_at)
            await self.set_clock(self.clock)
            event = {**arrival.event, "receivedat": arrival.received_at.isoformat()}
            await self.bus.post(event, key=arrival.event["id"], history=arrival.history)
            if pause:
                await self.settle()

    async def say_now(self, arrival: Arrival) -> None:
        """Post an event that the gateway receives at this moment, by a clock that runs."""
        event = {**arrival.event, "receivedat": real_now().isoformat()}
        await self.bus.post(event, key=arrival.event["id"], history=arrival.history)

    async def set_clock(self, moment: datetime) -> None:
        async with hot_transaction(self.pool) as conn:
            await set_manual(conn, moment)

    async def settle(self) -> None:
        ends = await self.logs.ends(EVENT_TOPICS)

        async def quiet() -> bool:
            async with hot_transaction(self.pool) as conn:
                return set(await store.busy(conn, ends)) <= NOT_RUNNING

        await until(quiet, timeout_seconds=90, what="quiet")

    async def alerts(self, rule: str) -> list[dict[str, Any]]:
        async with hot_transaction(self.pool) as conn:
            rows = await conn.fetch("SELECT * FROM alerts WHERE rule = $1 ORDER BY alert_id", rule)
        return [dict(row) for row in rows]

    async def told(self, rule: str) -> Counter[tuple[int, str, str, bool]]:
        """Every telling of alerts of a rule so far: (alert, agency, why, whether it rings)."""
        async with hot_transaction(self.pool) as conn:
            rows = await conn.fetch(
                """
                SELECT alert_id, details FROM audit_unsealed JOIN alerts ON thing = 'alert:' || alert_id
                WHERE action = 'decision' AND actor = 'process:evaluator' AND rule LIKE $1
                """,
                rule,
            )
        return Counter(
            (row["alert_id"], agency, why, ring)
            for row in rows
            for agency, why, ring in orjson.loads(row["details"])["told"]
        )

    async def rings(self, rule: str) -> Counter[str]:
        """How often a desk of each agency was rung for alerts of a rule."""
        async with hot_transaction(self.pool) as conn:
            rows = await conn.fetch("SELECT agency FROM rings JOIN alerts USING (alert_id) WHERE rule = $1", rule)
        return Counter(row["agency"] for row in rows)

    async def record(self, event_id: str, ref: str) -> int:
        async with hot_transaction(self.pool) as conn:
            found: int = await conn.fetchval(
                "SELECT record_id FROM mentions JOIN events USING (event_key) WHERE id = $1 AND ref = $2", event_id, ref
            )
        return found


@asynccontextmanager
async def pipeline(
    settings: Settings, pool: Pool, begins: datetime | None, *, correlators: int = 1, evaluators: int = 1
) -> AsyncIterator[Pipeline]:
    """Run it all from a moment at which the clock stands; None: by a clock that runs."""
    async with AsyncExitStack() as stack:
        if begins is not None:
            async with hot_transaction(pool) as conn:
                await set_manual(conn, begins - timedelta(days=1))
        bus = await stack.enter_async_context(poster(settings, pool))
        await load_directory(pool, settings, with_agreements(file.read(HERE / "directory.yaml")), actor="tests")
        await stack.enter_async_context(running(settings, count=correlators))
        await stack.enter_async_context(_judging(settings, evaluators))
        logs = await stack.enter_async_context(open_logs(settings))
        yield Pipeline(pool, bus, logs, begins or real_now())


@asynccontextmanager
async def _judging(settings: Settings, count: int) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(evaluator.run(settings, stop)) for _ in range(count)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)
