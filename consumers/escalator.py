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
from services.db import Connection, Pool, hot_transaction, wait_for_pool
from services.escalation import store as ladders
from services.escalation.store import DueRing
from services.intake import progress_store
from services.operators import store as operators
from services.settings import Settings
from services.telemetry import Log, note
from services.webhooks import store as deliveries
from services.webhooks import tell_store

BATCH: Final = 50
AUDIT_SECONDS: Final = 60.0
REDRIVEN_MOST: Final = 1_000
BEHIND_SECONDS: Final = 120.0
"""How late the newest facts may reach the rules before a person looks: U1 deadlines wait 60 s for them, then ring blindly."""
BEHIND_ABOUT: Final = "intake"
STUCK_ABOUT: Final = "alerts"


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Climb ladders until told to stop."""
    pool = await wait_for_pool(settings, size=2, task="escalator")
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
    await tell_store.tell_rings(conn, rows)


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
    was_behind = False

    async def step() -> int:
        nonlocal was_behind
        await redrive(pool)
        await look_whom_nobody_hears(pool)
        was_behind = await look_whether_behind(pool, was_behind=was_behind)
        return 0

    await queue.work("auditor", step, stop=stop, poll_seconds=AUDIT_SECONDS)


async def redrive(pool: Pool) -> int:
    """Drive stuck rings and deliveries again and page an operator about them; return how many there were."""
    async with hot_transaction(pool) as conn:
        await deliveries.make_partitions(conn)
        rings = await ladders.redrive(conn)
        untold = await deliveries.redrive(conn, REDRIVEN_MOST)
        if rings or untold:
            await operators.page(conn, "stuck-alerts", [STUCK_ABOUT], [f"{rings} rings", f"{untold} deliveries"])
        else:
            await operators.close_pages(conn, "stuck-alerts", [STUCK_ABOUT])
    if rings or untold:
        note(Log.LADDER_STUCK, level=logging.ERROR, rings=rings, deliveries=untold)
    return rings + untold


async def look_whom_nobody_hears(pool: Pool) -> int:
    """Page an operator about each pressing alert that stands and was told to nobody; return how many there are."""
    async with hot_transaction(pool) as conn:
        alerts = await ladders.told_to_nobody(conn)
        new = await operators.page(conn, "alert-reaches-nobody", alerts)
        paged = await operators.open_pages(conn, "alert-reaches-nobody")
        await operators.close_pages(conn, "alert-reaches-nobody", sorted({*paged} - {*alerts}))
    for alert in new:
        note(Log.ALERT_UNHEARD, level=logging.ERROR, alert=alert)
    return len(alerts)


async def look_whether_behind(pool: Pool, *, was_behind: bool) -> bool:
    """Page an operator if facts reach the rules too late, and did at the look before; say whether they do now.

    Asked of the database alone, so that it is noticed too when no correlator runs or Kafka is away. Not at the first
    look: whoever has just started has yet to catch up.
    """
    async with hot_transaction(pool) as conn:
        behind = await progress_store.behind_by(conn)
        if behind is None or behind.total_seconds() <= BEHIND_SECONDS:
            await operators.close_pages(conn, "bus-behind", [BEHIND_ABOUT])
            return False
        new = was_behind and await operators.page(conn, "bus-behind", [BEHIND_ABOUT])
    if new:
        note(Log.BUS_BEHIND, level=logging.ERROR, behind_seconds=behind.total_seconds())
    return True
