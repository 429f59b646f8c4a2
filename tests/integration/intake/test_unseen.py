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


async def _take(feed: Feed, made: dict[str, Any], rules: Rules | None = RULES, *, history: bool = False) -> None:
    message = feed.post(made)
    found = [read(message, {feed.day_key.id: feed.day_key.cipher}, feed.secrets.tokens, history=history)]
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


def _reached(event_id: str) -> dict[str, Any]:
    """Contact: R12 alone reads it, and only to end what failed attempts began."""
    subject = person("S", "Alban Thorn", "1980-02-03", role="subject", own_id="N-1")
    return event(
        event_id, [subject], agency="probation-north", happened="probation.offender-contact.made", mode="telephone"
    )


async def _reached_before(pool: Pool) -> Feed:
    feed = await _known(pool)
    await _take(feed, _reached("new record"))
    await feed.resolve_all()
    await pool.execute("DELETE FROM due")
    return feed


async def test_what_can_only_end_something_marks_nobody_where_nothing_is(pool: Pool) -> None:
    feed = await _reached_before(pool)
    await _take(feed, _reached("again"))
    assert await marked(pool) == set()


async def _answered_before(pool: Pool) -> Feed:
    """An alert of R12 about the person, which another contact may bring back or end."""
    feed = await _reached_before(pool)
    await pool.execute(
        """
        INSERT INTO alerts (rule, major, anchor, anchor_key, anchor_records, owner_record, condition, urgency, silent, version,
            raised_at, changed_at, release, finding)
        SELECT 'R12', 1, '{}', '', '{}', min(record_id), 'answered', 2, false, 1, domain_now(), domain_now(), '', '{}' FROM membership
        """
    )
    return feed


async def test_what_may_end_an_alert_has_its_person_judged_and_nobody_around(pool: Pool) -> None:
    feed = await _answered_before(pool)
    await _take(feed, _reached("again"))
    assert [tuple(row) for row in await pool.fetch("SELECT lane, kind FROM due")] == [(due.LIVE, due.SPREAD)]


async def test_what_history_may_end_waits_behind_all_that_is_live(pool: Pool) -> None:
    feed = await _answered_before(pool)
    await _take(feed, _reached("again"), history=True)
    assert [tuple(row) for row in await pool.fetch("SELECT lane, kind FROM due")] == [(due.SLOW, due.SPREAD)]


async def test_who_is_being_judged_is_marked_without_waiting(pool: Pool) -> None:
    feed = await _reached_before(pool)
    async with hot_transaction(pool) as judge:
        await judge.execute("SELECT FROM persons FOR NO KEY UPDATE")
        await _take(feed, _reached("meanwhile"))
    assert await marked(pool) != set()


async def test_nobody_is_judged_before_what_left_them_out_is_there(pool: Pool) -> None:
    feed = await _reached_before(pool)
    message = feed.post(_reached("again"))
    found = [read(message, {feed.day_key.id: feed.day_key.cipher}, feed.secrets.tokens, history=False)]
    place = (message.topic, message.partition)
    await pool.execute(
        "INSERT INTO due (record_id, due_at, lane, kind) SELECT min(record_id), domain_now(), 0, 0 FROM membership"
    )
    async with hot_transaction(pool) as conn:
        await take_in(conn, found, {place: message.offset + 1}, {place: message.offset}, feed.secrets, RULES)
        async with hot_transaction(pool) as judge:
            assert not (await due.claim(judge, [due.LIVE], 10)).persons
    async with hot_transaction(pool) as judge:
        assert (await due.claim(judge, [due.LIVE], 10)).persons


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
