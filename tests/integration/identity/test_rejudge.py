"""Judging everybody anew: the report says what would change and changes nobody; applied, it is as if the model had always been so."""

import random
from collections import defaultdict

import pytest

from consumers.correlator import look_whether_outdated
from services.db import Pool, hot_transaction
from services.identity.compare import model_name
from services.identity.rejudge import apply, report, store
from services.identity.rejudge.outdated import look, made_here
from services.identity.rejudge.store import Found, Rejudging
from services.identity.scoring.model import PEOPLE, assume_people
from services.operators.store import open_pages
from tests.integration.identity.histories import decide_at_random, expected, random_events, stored_answer, whole_answer
from tests.integration.intake.traffic import Feed

FEW = 4_096
"""People of another model: a stranger agrees by chance 256 times less often than among a million."""


async def a_history(pool: Pool, seed: int, events: int = 36) -> Feed:
    rng = random.Random(seed)
    feed = Feed(pool, master=bytes(32))
    await feed.start()
    for made in random_events(rng, events):
        await feed.say(made)
    await feed.resolve_all()
    await decide_at_random(pool, rng, 4)
    await feed.resolve_all()
    return feed


async def reported(feed: Feed, *, anew: bool = False) -> tuple[Rejudging, Found]:
    """A whole report; asked for again before each step, as whoever broke it off does."""
    while True:
        async with hot_transaction(feed.pool) as conn:
            run = await report.begun(conn, anew=anew)
        anew = False
        if run.reported_at is not None:
            async with hot_transaction(feed.pool) as conn:
                return run, await store.figures(conn, run.number)
        await report.step(feed.pool, feed.secrets.tokens, run)


async def applied(feed: Feed, *, limit: int = 7) -> None:
    while True:
        async with hot_transaction(feed.pool) as conn:
            run = await apply.approved(conn, "head of practice")
        run, _ = await apply.step(feed.pool, feed.secrets.tokens, run)
        if run.applied_at is not None:
            return
        await feed.resolve_all(limit=limit)


async def people_of_named(pool: Pool) -> dict[int, int]:
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch(
            "SELECT record_id, person_id FROM membership JOIN records USING (record_id) WHERE NOT slot AND NOT sender"
        )
    return dict(map(tuple, rows))


async def reviews_of_named(pool: Pool) -> set[tuple[int, int]]:
    """The two records of each open question."""
    async with hot_transaction(pool) as conn:
        found = await conn.fetch(
            """
            SELECT v.record_id, v.candidate_record_id FROM reviews v JOIN records a USING (record_id)
            JOIN records b ON b.record_id = v.candidate_record_id
            WHERE closed_at IS NULL AND NOT a.slot AND NOT a.sender AND NOT b.slot AND NOT b.sender
            """
        )
    return {(row[0], row[1]) for row in found}


def questions(pairs: set[tuple[int, int]], person_of: dict[int, int]) -> set[tuple[int, tuple[int, ...]]]:
    """Each question as a report says it: two that concern one lowest record and two people as they stand are one."""
    return {(min(pair), tuple(sorted({person_of[record] for record in pair}))) for pair in pairs}


def changed(before: dict[int, int], after: dict[int, int]) -> set[tuple[str, tuple[int, ...]]]:
    """What happened to people between two moments, as a report says it."""
    came, went = defaultdict(set), defaultdict(set)
    for record, person in before.items():
        came[after[record]].add(person)
        went[person].add(after[record])
    merges = {("merge", tuple(sorted(persons))) for persons in came.values() if len(persons) > 1}
    return merges | {("split", (person,)) for person, parts in went.items() if len(parts) > 1}


async def assert_as_the_whole_says(pool: Pool) -> None:
    assert await stored_answer(pool) == expected(*await whole_answer(pool))
    async with hot_transaction(pool) as conn:
        assert await store.of_other_models(conn, model_name()) == 0


@pytest.mark.parametrize(("first", "second", "seed"), [(FEW, PEOPLE, 1), (PEOPLE, FEW, 4)])
async def test_everybody_is_judged_anew_as_the_report_said(pool: Pool, first: int, second: int, seed: int) -> None:
    assume_people(first)
    feed = await a_history(pool, seed)
    stands, before, asked = await stored_answer(pool), await people_of_named(pool), await reviews_of_named(pool)
    assume_people(second)
    async with hot_transaction(pool) as conn:  # keys of another release: some are missing, some are of no use
        await conn.execute("DELETE FROM record_keys WHERE key % 3 = 0")
        await conn.execute("INSERT INTO record_keys SELECT 4711, record_id FROM records")
    _, found = await reported(feed)
    assert await stored_answer(pool) == stands, "a report changes nobody"
    await applied(feed)
    await assert_as_the_whole_says(pool)
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch("SELECT kind, record_id, persons FROM rejudged")
        audited = await conn.fetchval("SELECT count(*) FROM audit_unsealed WHERE action = 'combination'")
        useless = await conn.fetchval(
            "SELECT count(*) FROM record_keys JOIN records USING (record_id) WHERE key = 4711 AND NOT slot AND NOT sender"
        )
    moves = {(kind, tuple(persons)) for kind, _, persons in rows if kind in {"merge", "split"}}
    assert moves == changed(before, await people_of_named(pool))
    assert moves
    assert found.changes.get("merge", 0) + found.changes.get("split", 0) == len(moves)
    asked_now = await reviews_of_named(pool)
    for kind, pairs in (("review-opened", asked_now - asked), ("review-closed", asked - asked_now)):
        assert questions(pairs, before) == {(row[1], tuple(row[2])) for row in rows if row[0] == kind}
    assert audited
    assert useless == 0


async def test_what_arrives_while_it_is_applied_is_resolved_first_and_judged_alike(pool: Pool) -> None:
    assume_people(FEW)
    feed = await a_history(pool, 3, events=20)
    assume_people(PEOPLE)
    await reported(feed)
    async with hot_transaction(pool) as conn:
        run = await apply.approved(conn, "head of practice")
    await apply.step(pool, feed.secrets.tokens, run)
    for number, made in enumerate(random_events(random.Random(4), 10)):
        await feed.say(made | {"id": f"late-{number}"})
    assert await lanes(pool) == [0, 2]
    await feed.resolve_all(limit=3)
    assert await lanes(pool) == []
    await applied(feed)
    await assert_as_the_whole_says(pool)
    # A third model finds comparisons that the second called nothing.
    assume_people(FEW)
    await reported(feed)
    await applied(feed)
    await assert_as_the_whole_says(pool)


async def lanes(pool: Pool) -> list[int]:
    async with hot_transaction(pool) as conn:
        return [row[0] for row in await conn.fetch("SELECT DISTINCT lane FROM unresolved ORDER BY lane")]


async def test_nothing_is_applied_that_nobody_reported(pool: Pool) -> None:
    feed = await a_history(pool, 5, events=3)
    async with hot_transaction(pool) as conn:
        with pytest.raises(apply.NotReported):
            await apply.approved(conn, "head of practice")
    await reported(feed)
    assume_people(FEW)
    async with hot_transaction(pool) as conn:
        with pytest.raises(apply.NotReported):  # of another model
            await apply.approved(conn, "head of practice")
    assume_people(PEOPLE)
    await applied(feed)
    async with hot_transaction(pool) as conn:
        with pytest.raises(apply.NotReported):  # applied already
            await apply.approved(conn, "head of practice")


async def test_who_is_held_by_another_release_is_paged_until_judged_anew(pool: Pool) -> None:
    async def outdated() -> tuple[bool, list[str]]:
        await look_whether_outdated(pool)
        async with hot_transaction(pool) as conn:
            return (await look(conn)).outdated, await open_pages(conn, "identity-outdated")

    assert await outdated() == (False, []), "nobody is held"
    feed = await a_history(pool, 5, events=3)
    assert await outdated() == (False, [])
    assume_people(FEW)
    assert await outdated() == (True, [made_here()])
    await reported(feed)
    assert await outdated() == (True, [made_here()]), "a report changes nobody"
    await applied(feed)
    assert await outdated() == (False, [])
