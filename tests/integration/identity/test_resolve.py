import asyncio
from typing import Any

import pytest

from services.db import Pool, hot_transaction
from services.identity.decide import decide, withdraw
from services.identity.persons.store import stands_for
from tests.integration.identity.histories import stored_answer
from tests.integration.intake.traffic import Feed, event, marked, people, person, rel

HIM = person("S", "Alban Piers Thornquist", "1981-06-14", role="subject")
KENT, ESSEX = "police-kent", "police-essex"


@pytest.fixture
async def feed(pool: Pool) -> Feed:
    made = Feed(pool)
    await made.start(0, 1)
    return made


async def record_of(pool: Pool, label: str) -> int:
    async with hot_transaction(pool) as conn:
        found: int = await conn.fetchval(
            "SELECT record_id FROM mentions JOIN events USING (event_key) WHERE id || '/' || ref = $1", label
        )
    return found


async def say_and_resolve(feed: Feed, *args: Any, **kwargs: Any) -> None:
    await feed.say(event(*args, at=feed.later(), **kwargs))
    await feed.resolve_all()


async def column(pool: Pool, query: str) -> list[Any]:
    async with hot_transaction(pool) as conn:
        return [row[0] for row in await conn.fetch(query)]


# Merging


async def test_two_agencies_name_one_person(feed: Feed, pool: Pool) -> None:
    await feed.say(event("a", [HIM]))
    await feed.say(event("b", [person("S", "Alban Thornquist", "1981-06-14", role="subject")], agency=KENT))
    await feed.say(event("c", [person("S", "Ottilie Marrable", "1987-02-02", role="subject")], agency=KENT))
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"a/S", "b/S"}), frozenset({"c/S"})}
    assert await marked(pool) == {"a/S", "b/S", "c/S"}


async def test_a_known_record_is_marked_at_once_and_resolves_nothing(feed: Feed, pool: Pool) -> None:
    await say_and_resolve(feed, "a", [HIM])
    await marked(pool)
    taken = await feed.say(event("b", [HIM], at=feed.later()))
    assert (taken.new, taken.new_records, taken.unresolved) == (1, 0, 0)
    assert await marked(pool) == {"a/S", "b/S"}


async def test_a_record_between_two_people_makes_them_one_and_marks_both(feed: Feed, pool: Pool) -> None:
    await say_and_resolve(feed, "a", [person("S", "Alban Thornquist", role="subject", ids={"nhs": "9990000018"})])
    other = person("S", "Alban Marrable", role="subject", ids={"nhs": "9990000026"}, own_id="N-1")
    await say_and_resolve(feed, "b", [other], agency=KENT)
    await say_and_resolve(feed, "c", [person("S", "Alban Thornquist", "1981-06-14", role="subject", own_id="N-2")])
    await marked(pool)
    both = person("S", "Alban Thornquist", "1981-06-14", role="subject", ids={"nhs": "9990000018"})
    await say_and_resolve(feed, "d", [both], agency=ESSEX)
    assert await people(pool) == {frozenset({"a/S", "c/S", "d/S"}), frozenset({"b/S"})}
    assert await marked(pool) == {"a/S", "c/S", "d/S"}


async def test_the_oldest_record_gives_the_person_its_number_and_the_others_stay_aliases(
    feed: Feed, pool: Pool
) -> None:
    await feed.say(event("new", [person("S", "Alban Thornquist", "1981-06-14")], agency=KENT, at=feed.later()))
    await feed.resolve_all()
    await feed.say(event("old", [HIM]))  # received before it, came after it
    await feed.resolve_all()
    old, new = await record_of(pool, "old/S"), await record_of(pool, "new/S")
    people_now, _, _ = await stored_answer(pool)
    assert people_now == {old: old, new: old}
    assert await column(pool, "SELECT record_id FROM membership_history") == [new]
    async with hot_transaction(pool) as conn:
        parts = await stands_for(conn, [new, old])
    assert {person: [part.person for part in found] for person, found in parts.items()} == {new: [old], old: [old]}


async def test_two_workers_that_each_hold_half_of_a_person_join_them(feed: Feed, pool: Pool) -> None:
    for turn in range(15):
        born = f"{1961 + turn}-{turn % 9 + 1:02d}-{10 + turn}"
        halves = [
            event(f"a{turn}", [person("S", "Alban Thornquist", born)], at=feed.later()),
            event(f"b{turn}", [person("S", "Alban Piers Thornquist", born)], agency=KENT, at=feed.later()),
        ]

        async def take_and_resolve(half: dict[str, Any], partition: int) -> None:
            await feed.say(half, partition=partition)
            await feed.resolve_all()

        await asyncio.gather(*(take_and_resolve(half, n) for n, half in enumerate(halves)))
        assert frozenset({f"a{turn}/S", f"b{turn}/S"}) in await people(pool)


# Splitting


async def test_a_decision_parts_two_and_marks_both_and_another_joins_them_again(feed: Feed, pool: Pool) -> None:
    await say_and_resolve(feed, "a", [HIM])
    await say_and_resolve(feed, "b", [person("S", "Alban Thornquist", "1981-06-14")], agency=KENT)
    await marked(pool)
    one, other = await record_of(pool, "a/S"), await record_of(pool, "b/S")
    async with hot_transaction(pool) as conn:
        await decide(conn, one, other, "different", actor="desk:csc-kent/duty", reason="two men of one name")
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"a/S"}), frozenset({"b/S"})}
    assert await marked(pool) == {"a/S", "b/S"}
    async with hot_transaction(pool) as conn:
        assert await withdraw(conn, other, one, actor="desk:csc-kent/duty")
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"a/S", "b/S"})}


async def test_a_decision_joins_what_only_came_near_and_ends_the_review(feed: Feed, pool: Pool) -> None:
    await say_and_resolve(feed, "a", [person("S", "Leonard Arthur Spurway", "1955-02-19")])
    await say_and_resolve(feed, "b", [person("S", "Leonard Spurwey")], agency=KENT)
    one, other = await record_of(pool, "a/S"), await record_of(pool, "b/S")
    assert await column(pool, "SELECT (record_id, candidate_record_id)::text FROM reviews") == [f"({other},{one})"]
    async with hot_transaction(pool) as conn:
        await decide(conn, one, other, "same", actor="desk:csc-kent/duty", reason="own file")
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"a/S", "b/S"})}
    assert await column(pool, "SELECT review_id FROM reviews WHERE closed_at IS NULL") == []


async def test_a_retraction_takes_back_what_joined_two_and_marks_them(feed: Feed, pool: Pool) -> None:
    await say_and_resolve(feed, "a", [person("S", "Alban Thornquist", ids={"nhs": "9990000018"})])
    await say_and_resolve(feed, "b", [person("S", "Alban Thornquist", "1981-06-14")], agency=KENT)
    bridge = person("S", "Alban Thornquist", "1981-06-14", ids={"nhs": "9990000018"})
    await say_and_resolve(feed, "c", [bridge], agency=ESSEX)
    assert await people(pool) == {frozenset({"a/S", "b/S", "c/S"})}
    await marked(pool)
    retraction = event(
        "r", (), agency=ESSEX, happened="police.event.retracted", retracts={"id": "c"}, reason="wrong-fact"
    )
    await feed.say(retraction)
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"a/S"}), frozenset({"b/S"}), frozenset({"c/S"})}
    assert await marked(pool) == {"a/S", "b/S", "c/S"}
    again = event("r2", (), agency=ESSEX, happened="police.event.retracted", retracts={"id": "r"}, reason="wrong-fact")
    await feed.say(again)
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"a/S", "b/S", "c/S"})}


async def test_a_retraction_that_comes_before_its_target_holds(feed: Feed, pool: Pool) -> None:
    retraction = event("r", (), happened="police.event.retracted", retracts={"id": "a"}, reason="wrong-fact")
    await feed.say(retraction)
    await feed.resolve_all()
    await say_and_resolve(feed, "a", [HIM])
    await say_and_resolve(feed, "b", [person("S", "Alban Thornquist", "1981-06-14")], agency=KENT)
    assert await people(pool) == {frozenset({"a/S"}), frozenset({"b/S"})}
    assert await column(pool, "SELECT count(*) FROM events WHERE retracted_at IS NOT NULL") == [1]


async def test_a_retraction_and_its_target_at_the_same_moment(feed: Feed, pool: Pool) -> None:
    for turn in range(10):
        target = event(f"a{turn}", [HIM], at=feed.later())
        taking_back = event(
            f"r{turn}", (), happened="police.event.retracted", retracts={"id": f"a{turn}"}, reason="test"
        )

        async def both(made: dict[str, Any], partition: int) -> None:
            await feed.say(made, partition=partition)
            await feed.resolve_all()

        await asyncio.gather(both(target, 0), both(taking_back, 1))
    assert await column(pool, "SELECT count(*) FROM events WHERE retracted_at IS NOT NULL") == [10]


async def test_nobody_takes_back_what_another_agency_said(feed: Feed, pool: Pool) -> None:
    await say_and_resolve(feed, "a", [HIM])
    foreign = {"id": "a", "source": "urn:tocsin:agency:police-west-midlands"}
    await say_and_resolve(
        feed, "r", (), agency=KENT, happened="police.event.retracted", retracts=foreign, reason="wrong-fact"
    )
    assert await column(pool, "SELECT count(*) FROM events WHERE retracted_at IS NOT NULL") == [0]


# Those nobody has named

CORIN = person("S", "Corin Ashdown", "1984-03-22", role="subject")
MAREN = person("W", "Maren Tolland", "1988-01-30", role="partner")
SLOT = {"ref": "X", "role": "partner", "slot": {"of": "S", "relation": "partner"}}


async def test_a_placeholder_joins_whom_a_source_names_and_leaves_when_that_is_taken_back(
    feed: Feed, pool: Pool
) -> None:
    await say_and_resolve(feed, "slot", [CORIN, SLOT], relationships=[rel("S", "X")])
    await say_and_resolve(feed, "again", [CORIN, SLOT], agency=KENT)
    assert await people(pool) == {frozenset({"slot/S", "again/S"}), frozenset({"slot/X", "again/X"})}
    await marked(pool)
    cites = [{"id": "again", "source": "urn:tocsin:agency:police-kent"}]
    await say_and_resolve(feed, "named", [CORIN, MAREN], relationships=[rel("S", "W", cites=cites)])
    assert frozenset({"slot/X", "again/X", "named/W"}) in await people(pool)
    assert await marked(pool) == {"slot/S", "again/S", "named/S", "slot/X", "again/X", "named/W"}
    await say_and_resolve(
        feed, "r", (), happened="police.event.retracted", retracts={"id": "named"}, reason="wrong-fact"
    )
    assert frozenset({"slot/X", "again/X"}) in await people(pool)
    assert await column(pool, "SELECT slot_record FROM slot_joins") == []


async def test_a_placeholder_joins_the_only_one_claimed_who_works_there(feed: Feed, pool: Pool) -> None:
    await say_and_resolve(feed, "claim", [CORIN, MAREN], relationships=[rel("S", "W")])
    await say_and_resolve(feed, "slot", [CORIN, {**SLOT, "workplace": {"name": "Tamarisk Rise"}}])
    assert frozenset({"slot/X"}) in await people(pool)
    works = person("W", "Maren Tolland", "1988-01-30", works="Tamarisk Rise", role="subject")
    await say_and_resolve(feed, "works", [works], agency="employer-tamarisk", happened="employer.concern.reported")
    assert frozenset({"slot/X", "claim/W", "works/W"}) in await people(pool)


async def test_an_unnamed_sender_is_who_declared_the_number_until_another_declares_it_too(
    feed: Feed, pool: Pool
) -> None:
    sender = {"ref": "S", "role": "subject", "unnamed_sender": True, "phones": ["07700 900417"]}
    message = event("text", [sender], happened="police.message.received", channel="07700 900300")
    await feed.say(message)
    await feed.resolve_all()
    assert frozenset({"text/S"}) in await people(pool)
    declared = {"happened": "probation.licence-device.declared", "licence": "LIC-1", "number": "07700 900417"}
    await say_and_resolve(feed, "his", [CORIN], agency="probation-wales", **declared)
    assert await people(pool) == {frozenset({"text/S", "his/S"})}
    await say_and_resolve(feed, "hers", [HIM], agency="probation-wales", **declared)
    assert frozenset({"text/S"}) in await people(pool)
    assert await column(pool, "SELECT slot_record FROM slot_joins") == []


async def test_a_sender_who_comes_last_is_whom_two_agencies_know_under_the_number(feed: Feed, pool: Pool) -> None:
    """The holders have to be looked up: nothing else in the batch names them."""
    known = person("S", "Alban Thornquist", "1981-06-14", role="subject", phone="07700 900417")
    for event_id, agency in (("a", KENT), ("b", ESSEX)):
        await say_and_resolve(feed, event_id, [known], agency=agency)
    sender = {"ref": "S", "role": "subject", "unnamed_sender": True, "phones": ["07700 900417"]}
    await say_and_resolve(feed, "text", [sender], happened="police.message.received", channel="07700 900300")
    assert await people(pool) == {frozenset({"a/S", "b/S", "text/S"})}
