import asyncio
import random

import orjson
import pytest

from consumers import queue
from services.db import Pool
from services.identity.compare import compare, model_name
from services.identity.resolve import resolve
from services.identity.standardise import Standard
from tests.integration.identity.histories import (
    by_label,
    decide_at_random,
    expected,
    random_events,
    stored_answer,
    whole_answer,
)
from tests.integration.intake.traffic import Feed

PARTITIONS = 3
EVENTS = 40
WORKERS = 8


async def run_through(pool: Pool, seed: int, order: int) -> Feed:
    """Three consumers, eight resolve workers, everything sent twice, in an order of its own."""
    rng = random.Random(seed)
    events = random_events(rng, EVENTS)
    shuffled = random.Random(order)
    twice = events * 2
    shuffled.shuffle(twice)
    # One key for all orders: between equals the content decides, tokens included.
    feed = Feed(pool, master=bytes(32))
    await feed.start(*range(PARTITIONS))
    for made in twice:
        feed.post(made, partition=int(made["id"][1:]) % PARTITIONS)
    consumed = asyncio.Event()

    async def consume(partition: int) -> None:
        log = feed.logs[partition]
        at = 0
        while at < len(log):
            size = shuffled.randint(1, 8)
            await feed.take(log[at : at + size])
            at += size

    async def step() -> int:
        return (await resolve(pool, feed.secrets.tokens, shuffled.choice((1, 5, 20)))).rows

    workers = [
        asyncio.create_task(queue.work("unresolved", step, stop=consumed, poll_seconds=0.005)) for _ in range(WORKERS)
    ]
    await asyncio.gather(*(consume(partition) for partition in range(PARTITIONS)))
    consumed.set()
    await asyncio.gather(*workers)
    await feed.resolve_all()
    return feed


async def assert_as_the_whole_says(pool: Pool) -> None:
    people, joins, reviews = await stored_answer(pool)
    people_wanted, joins_wanted, reviews_wanted = expected(*await whole_answer(pool))
    assert {r: (p, people_wanted[r]) for r, p in people.items() if p != people_wanted[r]} == {}
    assert joins ^ joins_wanted == set()
    assert reviews ^ reviews_wanted == set()


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_stored_is_what_the_whole_says(pool: Pool, seed: int) -> None:
    feed = await run_through(pool, seed, order=seed)
    await assert_as_the_whole_says(pool)
    await decide_at_random(pool, random.Random(seed), 6)
    await feed.resolve_all(limit=3)
    await assert_as_the_whole_says(pool)


async def test_a_stored_score_is_what_its_records_and_model_give_again(pool: Pool) -> None:
    await run_through(pool, seed=5, order=5)
    async with pool.acquire() as conn:
        rows = await conn.fetch(
            """
            SELECT e.verdict, e.weight, e.reason, e.model, a.standard, b.standard FROM edges e
            JOIN records a ON a.record_id = e.record_a JOIN records b ON b.record_id = e.record_b
            """
        )
    assert rows
    for kind, weight, reason, model, one, other in rows:
        again = compare(Standard.from_json(one), Standard.from_json(other))
        said = {"weight": again.weight, "doubt": again.doubt, "reasons": [*again.reasons], "blocked": [*again.blocked]}
        assert (kind, weight, orjson.loads(reason), model) == (again.kind, again.weight, said, model_name())


@pytest.mark.parametrize("seed", range(2))
async def test_the_order_of_arrival_does_not_matter(pool: Pool, seed: int) -> None:
    found = []
    for order in range(3):
        async with pool.acquire() as conn:
            await conn.execute(
                """
                TRUNCATE events, conflicts, retractions, records, mentions, relationships, slots, declared_numbers, persons,
                    membership, membership_history, record_keys, edges, decisions, slot_joins, reviews, unresolved, due,
                    intake_progress, identity_changes, event_keys, sealed_parts
                """
            )
        await run_through(pool, seed, order=order)
        found.append(await by_label(pool))
    assert found[0] == found[1] == found[2]
