"""The correlator is away over a deadline: what lies unread in Kafka is not missing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from consumers import evaluator
from services.db import Pool, hot_transaction
from services.db.clock_store import set_manual
from services.directory import file
from services.directory import store as directories
from services.settings import Settings
from tests.integration.alerts.world import DIRECTORY, POLICE, START, at
from tests.integration.intake.bus import Poster, poster, running, settled
from tests.polling import stays, until

HANDLING = {"code": "P", "purpose": "safeguarding", "legal_basis": "CJA2003-s325", "regime": "part-3"}


def event(name: str, happened: str, minutes: float, **fields: Any) -> dict[str, Any]:
    moment = at(minutes).isoformat()
    return {
        "specversion": "1.0",
        "id": name,
        "source": f"urn:tocsin:agency:{POLICE}",
        "type": f"{happened}.v1",
        "receivedat": moment,
        "data": {
            "occurred": moment,
            "known_at": moment,
            "recorded_at": moment,
            "people": [
                {
                    "ref": "S",
                    "role": "subject",
                    "own_id": "N-1",
                    "names": [{"given": "Corin", "family": "Ashdown"}],
                    "born": "1984-03-22",
                }
            ],
            "handling": HANDLING,
            **fields,
        },
    }


async def set_clock(pool: Pool, moment: datetime) -> None:
    async with hot_transaction(pool) as conn:
        await set_manual(conn, moment)


@asynccontextmanager
async def judged(settings: Settings, pool: Pool) -> AsyncIterator[None]:
    """An evaluator over the Birmingham directory."""
    async with hot_transaction(pool) as conn:
        await set_manual(conn, START)
        await directories.save(
            conn, file.read(DIRECTORY), actor="tests", taken_at=START, token=directories.phone_token(bytes(32))
        )
    stop = asyncio.Event()
    task = asyncio.create_task(evaluator.run(settings, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def watermark_at(pool: Pool, moment: datetime) -> bool:
    found: bool = await pool.fetchval("SELECT at >= $1 FROM watermark", moment)
    return found


async def raised(pool: Pool) -> int:
    found: int = await pool.fetchval("SELECT count(*) FROM alerts")
    return found


async def ask(bus: Poster, settings: Settings, pool: Pool) -> None:
    """A message reaches a watched channel; then the correlator is away, and the clock goes over the deadline."""
    async with running(settings):
        await bus.post(event("m1", "police.message.received", 0, channel="07700 900300"))
        await until(lambda: settled(pool, 1))
        await set_clock(pool, at(14))
        await until(lambda: watermark_at(pool, at(14)))
    await until(lambda: pool.fetchval("SELECT count(*) = 1 AND min(due_at) = $1 FROM due", at(15)))


async def test_an_outage_over_a_deadline_rings_nothing_whose_answer_lay_unread(
    live_settings: Settings, pool: Pool
) -> None:
    async with poster(live_settings, pool) as bus, judged(live_settings, pool):
        await ask(bus, live_settings, pool)
        await bus.post(event("m2", "police.message.read", 14.5, message={"id": "m1"}, read_by="police-om"))
        await set_clock(pool, at(15.5))
        await stays(lambda: _none(pool), for_seconds=1, what="nothing rings while the answer may lie unread")
        async with running(live_settings):
            await until(lambda: settled(pool, 2))
            await until(lambda: watermark_at(pool, at(15.5)))
            await until(lambda: pool.fetchval("SELECT count(*) = 0 FROM due"))
        assert await raised(pool) == 0


async def test_after_ten_minutes_a_deadline_no_longer_waits_for_the_bus(live_settings: Settings, pool: Pool) -> None:
    """R15 about somebody nobody manages is U2 and waits ten minutes; then it rings and says that the bus is behind."""
    async with poster(live_settings, pool) as bus, judged(live_settings, pool):
        await ask(bus, live_settings, pool)
        await set_clock(pool, at(24))
        await stays(lambda: _none(pool), for_seconds=0.5, what="it waits")
        await set_clock(pool, at(25))
        await until(lambda: raised(pool))
        assert "The bus is behind" in await pool.fetchval("SELECT finding::text FROM alerts")


async def _none(pool: Pool) -> bool:
    return await raised(pool) == 0
