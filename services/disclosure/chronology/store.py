"""The chronology of one person from PostgreSQL, for one agency, as the bus knew it at a time.

An agency sees what it said itself and what the alerts it was told of show it, as in services.disclosure.people. For the
purpose of a statutory review, which takes a scope of its own, it sees beyond that what agreements for that purpose grant it.
Who is not there for the agency is as unknown as a made-up id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.chronology import store as chronology
from services.chronology.facts import EventRef, Fact
from services.db.clock_store import read_clock
from services.db.connection import Connection
from services.disclosure.agreements import OWN
from services.disclosure.chronology.discrepancies import discrepancies
from services.disclosure.chronology.entries import entries
from services.disclosure.content import moment
from services.disclosure.masks import Mask, mask
from services.disclosure.material import Material, Viewer
from services.disclosure.membership_store import people_in
from services.disclosure.people.store import There, there, told_masks
from services.disclosure.store import Context, load
from services.identity.persons.store import sealed_among
from services.rules.findings import Disclosure

REVIEW: Final = "statutory-review"
"""The purpose under which a review sees what agreements for it grant, beyond what the agency was told."""

EVENTS_MAX: Final = 5_000
"""Events of one person in one answer: five times the largest case a rule judges. More are said to be left out, the oldest."""

# Records a person held then: those held now since before, and those given to somebody else since. A placeholder counts with
# whom it was found to be.
HELD: Final = """
WITH held AS (
    SELECT record_id FROM membership WHERE person_id = $1 AND since <= $2
    UNION
    SELECT record_id FROM membership_history WHERE person_id = $1 AND since <= $2 AND until > $2
)
SELECT record_id FROM held
UNION
SELECT j.slot_record FROM slot_joins j JOIN held ON held.record_id = j.person_record
WHERE coalesce(j.since, j.joined_at) <= $2
UNION
SELECT j.slot_record FROM slot_join_history j JOIN held ON held.record_id = j.person_record
WHERE coalesce(j.since, j.joined_at) <= $2 AND j.until > $2
"""

EVENTS: Final = """
SELECT e.source, e.id FROM events e
WHERE e.event_key IN (SELECT event_key FROM mentions WHERE record_id = ANY($1::bigint[]))
AND e.taken_at <= $2 AND (e.retracted_at IS NULL OR e.retracted_at > $2) AND ($3::text IS NULL OR e.agency = $3)
ORDER BY e.received_at DESC, e.event_key DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose chronology, for whom and what for, as known when."""

    person: UUID
    agency: str
    purpose: str
    actor: str
    as_known_at: datetime | None = None
    """None: now."""
    privileged: bool = False
    """For the role that may see sealed identities."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The id stands for another now, or for several."""

    became: tuple[UUID, ...]


async def read_chronology(conn: Connection, context: Context, asked: Asked) -> dict[str, Any] | Moved | None:
    """Return the chronology, or where the id has gone; None: nobody is there for this agency. What is shown is audited."""
    found = await there(conn, asked.agency, asked.person, privileged=asked.privileged, review=asked.purpose == REVIEW)
    if not found:
        return None
    if len(found) > 1 or found[0].part.public_id != asked.person:
        return Moved(tuple(one.part.public_id for one in found))
    return await _chronology(conn, context, asked, found[0])


async def _chronology(conn: Connection, context: Context, asked: Asked, one: There) -> dict[str, Any] | None:
    now = (await read_clock(conn)).now
    at = min(asked.as_known_at or now, now)
    person = one.part.person
    held = {row[0] for row in await conn.fetch(HELD, person, at)}
    if not asked.privileged:  # what was this person's then and is sealed now is not said of them any more
        held -= await sealed_among(conn, held)
    review = asked.purpose == REVIEW
    rows = await conn.fetch(EVENTS, sorted(held), at, None if review else asked.agency, EVENTS_MAX + 1)
    refs = {EventRef(row["source"], row["id"]) for row in rows[:EVENTS_MAX]}
    facts = await chronology.by_ref(conn, refs, context.facts)
    told = await _told(conn, context, asked, one, at)
    facts |= {ref: fact for ref, (_, fact) in told.items()}
    people = await people_in(conn, (), facts.values())
    protected = frozenset[int]() if asked.privileged else people.protected

    def person_of(record: int) -> int:
        return person if record in held else people(record)

    material = Material(facts, person_of, context.masks, now, protected, people.hidden)
    masked = {ref: told[ref][0] for ref in told if ref not in refs}
    masked |= {ref: shown_to(facts[ref], asked, material, told.get(ref), review=review) for ref in refs if ref in facts}
    listed = entries(person, masked, material, asked.agency)
    if not listed and not one.records:
        return None
    await _write_down(conn, asked, person, [facts[ref] for ref, mask in masked.items() if mask.fields], at, now)
    return {
        "person": str(asked.person),
        "agency": asked.agency,
        "purpose": asked.purpose,
        "as_known_at": moment(at),
        "entries": listed,
        "discrepancies": discrepancies(person, masked, material),
        "withheld": sorted({"n1"} | {reason for mask in masked.values() for reason in mask.withheld}),
        "left_out": max(0, len(rows) - EVENTS_MAX),
    }


def shown_to(fact: Fact, asked: Asked, material: Material, told: tuple[Mask, Fact] | None, *, review: bool) -> Mask:
    """Return the mask of one fact: one's own whole, another's by agreement for the review, or as an alert showed it."""
    seen = mask(Viewer(asked.agency, "reader", Disclosure.D3), fact, (), asked.purpose, material)
    if fact.agency == asked.agency and seen.permitted:
        return Mask(OWN.fields, frozenset(), OWN, permitted=True)
    return told[0] if told is not None and (not review or len(told[0].fields) > len(seen.fields)) else seen


async def _told(
    conn: Connection, context: Context, asked: Asked, one: There, at: datetime
) -> Mapping[EventRef, tuple[Mask, Fact]]:
    """What alerts about this person show of others' facts that were known then. Only for the purpose of their rules."""
    loaded = await load(
        conn, context, asked.agency, alerts=sorted(one.alerts), evidence=True, privileged=asked.privileged
    )
    masked, facts = told_masks([each for each in loaded if each.alert.rule.purpose == asked.purpose])
    return {ref: (masked[ref], fact) for ref, fact in facts.items() if fact.taken_at <= at}


async def _write_down(
    conn: Connection, asked: Asked, person: int, shown: list[Fact], at: datetime, now: datetime
) -> None:
    sources = sorted({fact.agency for fact in shown})
    details = {
        "recipient": asked.agency,
        "facts": len(shown),
        "sources": sources,
        "as_known_at": at.isoformat(),
        "privileged": asked.privileged,
    }
    basis = "own information" if sources in ([], [asked.agency]) else "agreements and alerts"
    thing = f"person:{person}"
    await audit.record(conn, [Entry(asked.actor, Action.CONSULTATION, asked.purpose, basis, thing, details)], at=now)
