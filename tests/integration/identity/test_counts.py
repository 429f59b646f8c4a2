"""The bus counts its own names; scores follow once a rejudging by the count is approved, for everybody at once, and old ones are told again."""

import random
import re

import orjson
import pytest

from consumers.correlator import Scoring
from services.db import Pool, hot_transaction
from services.identity.compare import compare, model_name
from services.identity.counts import count, store, take
from services.identity.counts.count import Counts
from services.identity.counts.load import CountUnknown, model_of
from services.identity.rejudge import apply
from services.identity.resolve import CountsChanged
from services.identity.scoring import model
from services.identity.standardise import Standard
from tests.integration.identity.histories import random_events
from tests.integration.identity.test_rejudge import applied, assert_as_the_whole_says, reported
from tests.integration.intake.traffic import Feed, event, person

NAMESAKES = 5


async def a_bus(pool: Pool) -> Feed:
    feed = Feed(pool, master=bytes(32))
    await feed.start()
    for number in range(NAMESAKES):
        people = [person("S", "Ottilie Thornquist", f"19{50 + 7 * number}-0{number + 1}-1{number}", role="subject")]
        await feed.say(event(f"namesake-{number}", people))
    for made in random_events(random.Random(3), 24):
        await feed.say(made)
    await feed.resolve_all()
    return feed


async def counted(pool: Pool) -> Counts:
    return await take.count(pool, lambda _: None)


async def test_a_count_scores_by_an_approved_rejudging_alone(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count, "ENOUGH", 1)
    feed = await a_bus(pool)
    counts = await counted(pool)
    assert counts.names["OTTILIE", "THORNQUIST"] >= NAMESAKES
    assert (await counted(pool)).version == counts.version, "nobody came between"
    await Scoring(pool).adopt()
    assert model.current().counts is None, "a count by itself scores nobody"
    await assert_as_the_whole_says(pool)

    async with hot_transaction(pool) as conn:
        model.adopt(await model_of(conn, counts.version))
    await reported(feed)
    model.adopt(model.MODEL)  # an old process
    await Scoring(pool).adopt()
    assert model.current().counts is None, "a report changes nobody"

    # The command: it scores by the count of the report, and puts it in force.
    async with hot_transaction(pool) as conn:
        model.adopt(await model_of(conn, counts.version))
    await approve(pool)
    model.adopt(model.MODEL)
    await feed.say(event("late", [person("S", "Ottilie Thornquist", "1999-09-30", role="subject")]))
    with pytest.raises(CountsChanged):  # refused: it claims nothing
        await feed.resolve_all()
    busy = Scoring(pool, resolving=1)
    await busy.adopt()
    assert model.current().counts is None, "not beneath whoever resolves"
    busy.resolving = 0
    await busy.adopt()
    assert model.current().counts == counts.version
    await applied(feed)
    await assert_as_the_whole_says(pool)
    assert f"counted-{counts.version}" in model_name()

    # Everybody who came since is in another count; what was scored is told again by the name of the old one.
    await assert_scores_are_told_again(pool)
    other = await counted(pool)
    assert other.version != counts.version
    async with hot_transaction(pool) as conn:
        await store.put_in_force(conn, other.version)
        with pytest.raises(CountUnknown):
            await model_of(conn, "0" * 16)
    await Scoring(pool).adopt()
    assert model.current().counts == other.version
    await assert_scores_are_told_again(pool)


async def approve(pool: Pool) -> None:
    async with hot_transaction(pool) as conn:
        await apply.approved(conn, "head of practice")


async def assert_scores_are_told_again(pool: Pool) -> None:
    """From the records, and the count that stands in the name of the model, whatever scores here now."""
    here = model.current()
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch(
            """
            SELECT e.verdict, e.weight, e.reason, e.model, a.standard, b.standard FROM edges e
            JOIN records a ON a.record_id = e.record_a JOIN records b ON b.record_id = e.record_b
            """
        )
        for kind, weight, reason, named, one, other in rows:
            version = re.search(r"/counted-([0-9a-f]{16})\.", named)
            assert version is not None
            model.adopt(await model_of(conn, version[1]))
            again = compare(Standard.from_json(one), Standard.from_json(other))
            assert (kind, weight, named) == (again.kind, again.weight, model_name())
            assert orjson.loads(reason)["reasons"] == [*again.reasons]
    assert rows
    model.adopt(here)
