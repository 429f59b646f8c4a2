"""The escalator: tells the next rung when nobody at the last one acknowledged in time.

It runs on the human clock and knows nothing of webhooks: whether a call got through has no say in whether somebody must
answer. The policy was frozen when the ladder started. Every minute an auditor looks for what is stuck and drives it again.
"""

import asyncio
import logging
from typing import Final

from consumers import queue
from services.alerts.ladder import desk_of
from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db import Connection, Pool, hot_transaction, open_pool
from services.escalation import store as ladders
from services.escalation.store import DueRing
from services.operators import store as operators
from services.settings import Settings
from services.telemetry import Log, note
from services.webhooks import store as deliveries

BATCH: Final = 50
AUDIT_SECONDS: Final = 60.0
REDRIVEN_MOST: Final = 1_000


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Climb ladders until told to stop."""
    pool = await open_pool(settings, size=2, task="escalator")
    try:
        async with asyncio.TaskGroup() as group:
            poll = settings.queue_poll_milliseconds / 1000
            group.create_task(queue.work("ladders", lambda: climb_due(pool), stop=stop, poll_seconds=poll))
            group.create_task(_auditor(pool, stop))
    finally:
        await pool.close()


async def climb_due(pool: Pool) -> int:
    """Handle one batch of rings whose time has come; return how many there were."""
    async with hot_transaction(pool) as conn:
        due = await ladders.claim(conn, BATCH)
        waiting = [ring for ring in due if ring.open or ring.expired]
        climbing = [ring for ring in waiting if ring.policy.desks(ring.rung + 1)]
        topmost = [ring for ring in waiting if not ring.policy.desks(ring.rung + 1)]
        if climbing:
            await _climb(conn, climbing)
        if topmost:
            await ladders.exhaust(conn, topmost)
            about = [f"{ring.alert_id} {ring.agency}" for ring in topmost]
            await operators.page(conn, "ladder-exhausted", about)
        await audit.record(conn, [_entry(ring) for ring in waiting])
    for ring in waiting:
        level = logging.INFO if ring.policy.desks(ring.rung + 1) else logging.ERROR
        note(Log.LADDER_CLIMBED, level=level, alert=ring.alert, agency=ring.agency, rung=ring.rung + 1)
    return len(due)


async def _climb(conn: Connection, climbing: list[DueRing]) -> None:
    started = await ladders.climb(conn, climbing)
    rows = [
        (ring.alert, ring.agency, started[ring.alert, ring.agency], desk_of(ring.agency, path))
        for ring in climbing
        for path in ring.policy.desks(ring.rung + 1)
    ]
    await deliveries.tell_rings(conn, rows)


def _entry(ring: DueRing) -> Entry:
    return Entry(
        actor="process:escalator",
        action=Action.DECISION,
        purpose="safeguarding",
        basis="escalation policy of the directory",
        thing=f"alert:{ring.alert}",
        details={
            "agency": ring.agency,
            "rung": ring.rung,
            "next": list(ring.policy.desks(ring.rung + 1)),
            "version": ring.version,
            "acknowledged_without_action": ring.expired,
        },
    )


async def _auditor(pool: Pool, stop: asyncio.Event) -> None:
    async def step() -> int:
        await redrive(pool)
        return 0

    await queue.work("auditor", step, stop=stop, poll_seconds=AUDIT_SECONDS)


async def redrive(pool: Pool) -> int:
    """Drive stuck rings and deliveries again and page an operator about them; return how many there were."""
    async with hot_transaction(pool) as conn:
        await deliveries.make_partitions(conn)
        rings = await ladders.redrive(conn)
        untold = await deliveries.redrive(conn, REDRIVEN_MOST)
        if rings or untold:
            await operators.page(conn, "stuck-alerts", ["alerts"], [f"{rings} rings", f"{untold} deliveries"])
    if rings or untold:
        note(Log.LADDER_STUCK, level=logging.ERROR, rings=rings, deliveries=untold)
    return rings + untold
