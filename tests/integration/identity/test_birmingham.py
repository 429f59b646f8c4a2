"""Section 6 of the Birmingham case, from its own case file through the stored pipeline, in every variant."""

from collections import defaultdict
from datetime import UTC, datetime

import pytest

from deploy.cases.load import Case, events, load
from services.db import Pool, hot_transaction
from tests.integration.intake.traffic import Feed

JOINED = {
    "K+": datetime(2013, 4, 8, 10, tzinfo=UTC),  # 57a, 11:00 in London
    "R+": datetime(2013, 4, 8, 10, tzinfo=UTC),
    "K-": datetime(2013, 5, 27, 14, tzinfo=UTC),  # 67
    "R-": datetime(2013, 6, 3, 9, tzinfo=UTC),  # 67z
}
BEFORE_SHE_IS_NAMED = datetime(2013, 5, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def case() -> Case:
    return load("birmingham")


async def play(pool: Pool, case: Case, variant: str, until: datetime | None = None) -> None:
    past, live = Feed(pool, topic="tocsin.backfill", history=True), Feed(pool)
    live.secrets = past.secrets
    await past.start()
    await live.start()
    for posting in events(case, variant):
        if until is None or posting.at < until:
            feed = past if posting.lane == "history" else live
            await feed.say({**posting.event, "receivedat": posting.at.isoformat()})
            await live.resolve_all()


async def refs_by_person(pool: Pool) -> list[set[tuple[str, str]]]:
    """For each person what events call them, with the agency."""
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch(
            "SELECT person_id, ref, agency FROM mentions JOIN events USING (event_key) JOIN membership USING (record_id)"
        )
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for person, ref, agency in rows:
        found[person].add((ref, agency))
    return list(found.values())


async def reviewed(pool: Pool) -> set[frozenset[str]]:
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch(
            """
            SELECT DISTINCT a.ref, b.ref FROM reviews v
            JOIN membership m ON m.record_id = v.record_id JOIN membership ms USING (person_id)
            JOIN mentions a ON a.record_id = ms.record_id
            JOIN membership n ON n.record_id = v.candidate_record_id JOIN membership ns ON ns.person_id = n.person_id
            JOIN mentions b ON b.record_id = ns.record_id
            WHERE v.closed_at IS NULL
            """
        )
    return {frozenset(row) for row in rows}


@pytest.mark.parametrize("variant", ["K+", "K-", "R+", "R-"])
async def test_who_is_who(pool: Pool, case: Case, variant: str) -> None:
    await play(pool, case, variant)
    people = await refs_by_person(pool)
    refs = [{ref for ref, _ in person} for person in people]
    assert {"W", "X"} in refs
    named_twice = [person for person in people if {ref for ref, _ in person} == {"P1"}]
    assert min(len(person) for person in named_twice) == 1  # the health visitor's
    others = [found for found in refs if found not in ({"W", "X"}, {"P1"})]
    assert all(len(found) == 1 for found in others)
    assert len(others) == len({next(iter(found)) for found in others})
    async with hot_transaction(pool) as conn:
        first = await conn.fetchval("SELECT min(joined_at) FROM slot_joins JOIN slots ON record_id = slot_record")
    assert first == JOINED[variant]


@pytest.mark.parametrize("variant", ["K-", "R-"])
async def test_until_somebody_names_her_it_may_be_either_sister(pool: Pool, case: Case, variant: str) -> None:
    await play(pool, case, variant, until=BEFORE_SHE_IS_NAMED)
    assert {"X"} in [{ref for ref, _ in person} for person in await refs_by_person(pool)]
    assert await reviewed(pool) == {
        frozenset({"X", "W"}),  # I2, I4
        frozenset({"X", "SIS"}),  # I3
        frozenset({"PPQ", "PP"}),  # I1
        frozenset({"P1"}),  # the health visitor's, not in the list of 6.2
        frozenset({"SC", "SCX"}),  # nor this one: the sister's unnamed child and her only named one
    }


async def test_with_the_employer_there_is_nothing_to_review_about_her(pool: Pool, case: Case) -> None:
    await play(pool, case, "K+")
    assert not any("X" in pair for pair in await reviewed(pool))
