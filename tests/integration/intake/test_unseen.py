"""Take-in marks nobody for an event that no rule in force can see, and everybody as soon as it cannot be sure."""

import asyncio
from dataclasses import replace
from typing import Any

from services.db import Pool, hot_transaction
from services.intake.read import read
from services.intake.take_in import take_in
from services.judging import store as due
from services.rules.load import Rules, load_catalogue
from tests.integration.intake.traffic import Feed, event, marked, person
from tests.polling import until

RULES = load_catalogue()


def _seen(event_id: str, **more: Any) -> dict[str, Any]:
    subject = person("S", "Alban Thorn", "1980-02-03", role="subject", own_id="N-1", **more)
    kind = "prison.professional-visit.held"
    return event(event_id, [subject], agency="prison-service", happened=kind, role="offender-manager")


async def _take(feed: Feed, made: dict[str, Any], rules: Rules | None = RULES) -> None:
    message = feed.post(made)
    found = [read(message, {feed.day_key.id: feed.day_key.cipher}, feed.secrets.tokens, history=False)]
    place = (message.topic, message.partition)
    async with hot_transaction(feed.pool) as conn:
        await take_in(conn, found, {place: message.offset + 1}, {place: message.offset}, feed.secrets, rules)


async def _known(pool: Pool) -> Feed:
    """Somebody taken in, resolved and judged; the rules are in force."""
    feed = Feed(pool)
    await feed.start()
    async with hot_transaction(pool) as conn:
        await due.activate(conn, RULES.release)
    await _take(feed, _seen("first"))
    await feed.resolve_all()
    assert await marked(pool) == {"first/S"}
    return feed


async def test_nobody_is_marked_for_what_no_rule_can_see(pool: Pool) -> None:
    feed = await _known(pool)
    await _take(feed, _seen("again"))
    assert await marked(pool) == set()


async def test_a_new_record_or_anything_said_of_the_person_marks(pool: Pool) -> None:
    feed = await _known(pool)
    await _take(feed, _seen("moved", area="exford"))
    await feed.resolve_all()
    assert "moved/S" in await marked(pool)


async def test_a_type_that_a_rule_reads_marks(pool: Pool) -> None:
    feed = await _known(pool)
    subject = person("S", "Alban Thorn", "1980-02-03", role="subject", own_id="N-1")
    said: dict[str, Any] = {"agency": "prison-service", "happened": "prison.risk-flag.set"}
    await _take(feed, event("flag", [subject], **said, flag="schedule-1", rationale="given"))
    assert "flag/S" in await marked(pool)


async def test_rules_that_are_not_in_force_or_not_known_mark(pool: Pool) -> None:
    feed = await _known(pool)
    await _take(feed, _seen("other release"), replace(RULES, release="another"))
    assert await marked(pool) != set()
    await _take(feed, _seen("no rules"), None)
    assert await marked(pool) != set()


async def test_rules_come_into_force_only_when_what_was_left_out_is_there(pool: Pool) -> None:
    feed = await _known(pool)
    message = feed.post(_seen("between"))
    found = [read(message, {feed.day_key.id: feed.day_key.cipher}, feed.secrets.tokens, history=False)]
    place = (message.topic, message.partition)

    async def activate() -> bool:
        async with hot_transaction(pool) as conn:
            return await due.activate(conn, "another")

    async def waits() -> bool:
        return bool(await pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))

    async with hot_transaction(pool) as conn:
        await take_in(conn, found, {place: message.offset + 1}, {place: message.offset}, feed.secrets, RULES)
        activating = asyncio.create_task(activate())
        await until(waits, what="the activation waiting for the batch")
    assert await activating
    assert "between/S" in await marked(pool)
