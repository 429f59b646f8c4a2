"""Random histories among few names, so that everything collides, and the answer worked out from the whole at once."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.db import Pool, hot_transaction
from services.identity import store
from services.identity.decide import decide
from services.identity.people import Settled, settle
from services.identity.statements import facts_of
from services.identity.unnamed import store as unnamed
from services.identity.unnamed.facts import Facts
from tests.integration.intake.traffic import START, event, person, rel
from tests.unit.identity.population import compared

AGENCIES = ("police-west-midlands", "probation-wales", "csc-birmingham")
GIVEN = ("Alban", "Alvan", "Ines", "Ottilie", "A")
FAMILY = ("Marrable", "Marable", "Thornquist")
BORN = ("1981-06-14", "1981-06-15", "1981-06", "1984", "1990-01-02", None)
PHONES = ("07700 900111", "07700 900222", None, None)
HOMES = ("1 Example Rise", "2 Example Rise", None, None)
NHS = ("9990000018", "9990000026", "9990000034", None, None, None, None)


def random_person(rng: random.Random, ref: str, role: str) -> dict[str, Any]:
    name = rng.choice(GIVEN) + rng.choice((" ", " ", " Piers ", " Q ")) + rng.choice(FAMILY)
    nhs, phone, home = rng.choice(NHS), rng.choice(PHONES), rng.choice(HOMES)
    more: dict[str, Any] = {"ids": {"nhs": nhs} if nhs else None, "phone": phone, "at": home}
    if rng.random() < 0.2:
        more["works"] = rng.choice(("Tamarisk Rise", "Example Mill"))
    if rng.random() < 0.2:
        more["own_id"] = f"N-{rng.randint(1, 4)}"
    return person(ref, name, rng.choice(BORN), role=role, **more)


def random_events(rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Visits, claims, placeholders, unnamed senders, declared numbers and retractions, in the order they were received."""
    made: list[dict[str, Any]] = []
    for number in range(count):
        made.append(_random_event(rng, number, made))
    return made


def _random_event(rng: random.Random, number: int, before: list[dict[str, Any]]) -> dict[str, Any]:
    agency = rng.choice(AGENCIES)
    at = START + timedelta(minutes=rng.randint(0, 40))
    sector = {"p": "police", "c": "childrens-social-care"}[agency[0]] if agency != "probation-wales" else "probation"
    people = [random_person(rng, "S", "subject")]
    kind = rng.random()
    own = [made for made in before if made["source"].endswith(agency)]
    if kind < 0.12 and own:
        target = rng.choice(own)["id"]
        return event(f"e{number}", (), agency=agency, happened=f"{sector}.event.retracted", at=at,
                     retracts={"id": target}, reason="wrong-fact")  # fmt: skip
    if kind < 0.2:
        sender = {"ref": "S", "role": "subject", "unnamed_sender": True, "phones": [PHONES[rng.randint(0, 1)]]}
        return event(f"e{number}", [sender], agency=AGENCIES[0], happened="police.message.received", at=at,
                     channel="07700 900300")  # fmt: skip
    if kind < 0.26:
        return event(f"e{number}", people, agency=AGENCIES[1], happened="probation.licence-device.declared", at=at,
                     licence="LIC-1", number=PHONES[rng.randint(0, 1)])  # fmt: skip
    other: dict[str, Any] = random_person(rng, "A", "partner")
    if kind < 0.45:
        other = {"ref": "A", "role": "partner", "slot": {"of": "S", "relation": rng.choice(("partner", "child"))}}
        if rng.random() < 0.5:
            other["workplace"] = {"name": rng.choice(("Tamarisk Rise", "Example Mill"))}
    claim = rel("S", "A", rng.choice(("partner", "cohabitant", "parent")))
    if before and rng.random() < 0.5:
        cited = rng.choice(before)
        claim["cites"] = [{"id": cited["id"], "source": cited["source"]}]
    if rng.random() < 0.1:
        claim |= {"status": "ended", "claimed_by": "agency", "grounds": "observed"}
    return event(f"e{number}", [*people, other], agency=agency, happened=f"{sector}.relationship.reported", at=at,
                 relationships=[claim])  # fmt: skip


async def decide_at_random(pool: Pool, rng: random.Random, count: int) -> None:
    for _ in range(count):
        async with hot_transaction(pool) as conn:
            records = [row[0] for row in await conn.fetch("SELECT record_id FROM records ORDER BY content_hash")]
            if len(records) > 1:
                one, other = rng.sample(records, 2)
                await decide(conn, one, other, rng.choice(("same", "different")), actor="desk:x/y", reason="r")


async def whole_answer(pool: Pool) -> tuple[Settled, dict[int, int]]:
    """Who everybody is, worked out from all records and facts at once; and dead records, which are their own."""
    async with hot_transaction(pool) as conn:
        records = [row[0] for row in await conn.fetch("SELECT record_id FROM records")]
        dead = await store.dead(conn, records)
        loaded = await store.load_records(conn, set(records) - dead)
        held = {record: one.held for record, one in loaded.items()}
        events = [row[0] for row in await conn.fetch("SELECT event_key FROM events")]
        facts = facts_of(await unnamed.facts(conn, events), held, await store.decisions(conn, records))
        senders = await unnamed.senders(conn, set(records) - dead)
    whole = Facts(held, facts.slots, facts.claims, senders, facts.declarations, facts.decisions)
    return settle(whole, compared(held)), {record: record for record in dead}


async def stored_answer(pool: Pool) -> tuple[dict[int, int], set[tuple[int, datetime]], set[tuple[int, int]]]:
    """Membership, joins and open reviews as they stand."""
    async with hot_transaction(pool) as conn:
        membership = await conn.fetch("SELECT record_id, person_id FROM membership")
        joins = await conn.fetch("SELECT slot_record, joined_at FROM slot_joins")
        reviews = await conn.fetch("SELECT record_id, candidate_record_id FROM reviews WHERE closed_at IS NULL")
    return dict(map(tuple, membership)), set(map(tuple, joins)), set(map(tuple, reviews))


async def by_label(pool: Pool) -> set[frozenset[str]]:
    """Who is one with whom, by event and ref: comparable between databases."""
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch(
            """
            SELECT array_agg(DISTINCT e.id || '/' || m.ref) FROM mentions m
            JOIN events e USING (event_key) JOIN membership USING (record_id) GROUP BY person_id
            """
        )
    return {frozenset(row[0]) for row in rows}


def expected(
    settled: Settled, dead: Mapping[int, int]
) -> tuple[dict[int, int], set[tuple[int, datetime]], set[tuple[int, int]]]:
    return (
        {**settled.person_of, **dead},
        {(join.slot_record, join.joined_at) for join in settled.joins},
        {(review.record, review.candidate_record) for review in settled.reviews},
    )
