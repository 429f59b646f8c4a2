"""Sealed identities on the real store: whatever comes first, nothing of the machine's joins them, and nothing is kept."""

import asyncio
import itertools
from typing import Any

import pytest

from services.db import Pool, hot_transaction
from services.identity.decide import ProtectedIdentity, decide
from tests.integration.identity.test_resolve import column, record_of
from tests.integration.intake.traffic import Feed, event, marked, people, person

CSC = "csc-birmingham"
KNOWN = person("S", "Posy Larkin", "2015-03-04", role="subject", ids={"nhs": "9990000018"})
SEALED = {**KNOWN, "own_id": "A-7", "protected": True}
UNAWARE = {**KNOWN, "own_id": "A-7", "sex": "f"}
"""What another system of the same agency goes on sending."""

SAID = {
    "police": event("police", [KNOWN]),
    "sealed": event("sealed", [SEALED], agency=CSC),
    "unaware": event("unaware", [UNAWARE], agency=CSC),
    "nurse": event("nurse", [{**KNOWN, "sex": "f"}], agency="health-birmingham-community"),
}


@pytest.fixture
async def feed(pool: Pool) -> Feed:
    made = Feed(pool)
    await made.start(0, 1)
    return made


async def sealed(pool: Pool) -> set[str]:
    return set(
        await column(
            pool,
            """
            SELECT e.id || '/' || n.ref FROM persons p JOIN membership m USING (person_id)
            JOIN mentions n USING (record_id) JOIN events e USING (event_key) WHERE p.sealed
            """,
        )
    )


@pytest.mark.parametrize("order", list(itertools.permutations(SAID)), ids="-".join)
async def test_in_whatever_order_they_come_only_the_open_ones_are_joined(
    feed: Feed, pool: Pool, order: tuple[str, ...]
) -> None:
    for name in order:
        await feed.say(SAID[name])
        await feed.resolve_all()
    assert await people(pool) == {
        frozenset({"police/S", "nurse/S"}),
        frozenset({"sealed/S"}),
        frozenset({"unaware/S"}),
    }
    assert await sealed(pool) == {"sealed/S", "unaware/S"}
    assert await column(pool, "SELECT review_id FROM reviews WHERE closed_at IS NULL") == []
    near = await column(pool, "SELECT unnest(ARRAY[record_a, record_b]) FROM edges")
    assert set(near) == {await record_of(pool, "police/S"), await record_of(pool, "nurse/S")}


async def test_protection_that_arrives_cuts_what_was_joined_and_marks_everybody(feed: Feed, pool: Pool) -> None:
    for name in ("police", "unaware", "nurse"):
        await feed.say(SAID[name])
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"police/S", "unaware/S", "nurse/S"})}
    await marked(pool)
    await feed.say(SAID["sealed"])
    await feed.resolve_all()
    assert frozenset({"unaware/S"}) in await people(pool)
    assert await marked(pool) == {"police/S", "nurse/S", "unaware/S", "sealed/S"}


async def test_it_is_marked_for_judging_also_where_nothing_moves(feed: Feed, pool: Pool) -> None:
    await feed.say(SAID["unaware"])
    await feed.resolve_all()
    await marked(pool)
    await feed.say(SAID["sealed"])
    await feed.resolve_all()
    assert await marked(pool) == {"unaware/S", "sealed/S"}


async def test_taken_back_it_opens_what_was_said_without_it_and_keeps_what_was_said_under_it(
    feed: Feed, pool: Pool
) -> None:
    for name in ("police", "unaware", "sealed"):
        await feed.say(SAID[name])
    await feed.resolve_all()
    back = event(
        "back", (), agency=CSC, happened="childrens-social-care.event.retracted", retracts={"id": "sealed"},
        reason="wrong-person",
    )  # fmt: skip
    await feed.say(back)
    await feed.resolve_all()
    assert frozenset({"police/S", "unaware/S"}) in await people(pool)
    assert await sealed(pool) == {"sealed/S"}


async def test_only_the_named_role_links_them_and_the_person_is_sealed_as_a_whole(feed: Feed, pool: Pool) -> None:
    for name in ("police", "sealed"):
        await feed.say(SAID[name])
    await feed.resolve_all()
    one, other = await record_of(pool, "police/S"), await record_of(pool, "sealed/S")

    async def say(verdict: Any, *, privileged: bool) -> None:
        async with hot_transaction(pool) as conn:
            await decide(conn, one, other, verdict, actor="desk:csc/x", reason="file", privileged=privileged)
        await feed.resolve_all()

    for verdict in ("same", "different"):
        with pytest.raises(ProtectedIdentity):
            await say(verdict, privileged=False)
    assert len(await people(pool)) == 2
    await say("same", privileged=True)
    assert await people(pool) == {frozenset({"police/S", "sealed/S"})}
    assert await sealed(pool) == {"police/S", "sealed/S"}
    await say("different", privileged=True)
    assert len(await people(pool)) == 2
    assert await sealed(pool) == {"sealed/S"}


async def test_an_earlier_decision_of_anybody_else_no_longer_holds(feed: Feed, pool: Pool) -> None:
    apart = person("S", "Posy Quillfeather", "2015", role="subject", own_id="A-7")
    await feed.say(SAID["police"])
    await feed.say(event("apart", [apart], agency=CSC))
    await feed.resolve_all()
    async with hot_transaction(pool) as conn:
        one, other = await record_of(pool, "police/S"), await record_of(pool, "apart/S")
        await decide(conn, one, other, "same", actor="desk:x/y", reason="file")
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"police/S", "apart/S"})}
    await feed.say(SAID["sealed"])
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"police/S"}), frozenset({"apart/S"}), frozenset({"sealed/S"})}


async def test_a_record_and_what_protects_it_at_the_same_moment(feed: Feed, pool: Pool) -> None:
    for turn in range(10):
        known = {
            **KNOWN,
            "born": f"{2006 + turn}-{turn % 9 + 1:02d}-{10 + turn}",
            "identifiers": [],
            "own_id": f"A-{turn}",
        }
        await feed.say(event(f"police-{turn}", [{**known, "own_id": f"N-{turn}"}]))

        async def say(made: dict[str, Any], partition: int) -> None:
            await feed.say(made, partition=partition)
            await feed.resolve_all()

        await asyncio.gather(
            say(event(f"u{turn}", [{**known, "sex": "f"}], agency=CSC), 0),
            say(event(f"s{turn}", [{**known, "protected": True}], agency=CSC), 1),
        )
        found = await people(pool)
        assert {frozenset({f"u{turn}/S"}), frozenset({f"s{turn}/S"}), frozenset({f"police-{turn}/S"})} <= found
