"""What stands behind a person id for one agency, from PostgreSQL; who is not there for it is as unknown as a made-up id.

Somebody is there for an agency that has a standing record of them itself, or that was told of an alert about them which
has not proved wrong. It sees what it said itself, and what those alerts show it: nothing else that the bus holds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
from services.disclosure.content import Json, conceals, masks_of, person_said, shown_of
from services.disclosure.masks import Mask
from services.disclosure.material import Material, OwnId
from services.disclosure.membership_store import own_ids_of, people_in
from services.disclosure.store import Context, Loaded, load
from services.identity.persons.store import Part, stands_for
from services.rules.findings import Disclosure

OWN_RECORDS_MAX: Final = 200
"""Records of one's own that are read for one person, the newest: an agency's system has a handful."""
ALERTS_MAX: Final = 50
"""Alerts about one person that are read for one answer, the newest told."""

THERE: Final = """
SELECT given.person_id,
    ARRAY(
        SELECT a.alert_id FROM alerts a JOIN alert_recipients r USING (alert_id)
        WHERE a.anchor_records && ARRAY(SELECT record_id FROM membership WHERE person_id = given.person_id)
        AND a.condition NOT IN ('withdrawn', 'superseded') AND NOT a.cut AND r.agency = $1 AND r.told AND r.left_at IS NULL
        ORDER BY r.told_at DESC, a.alert_id LIMIT $3
    ) AS alerts,
    ARRAY(
        SELECT m.record_id FROM membership m JOIN records r USING (record_id)
        WHERE m.person_id = given.person_id AND r.agency = $1 AND NOT r.void
        ORDER BY m.record_id DESC LIMIT $4
    ) AS records
FROM unnest($2::bigint[]) AS given (person_id)
"""

OWN_EVENTS: Final = """
SELECT e.source, e.id FROM unnest($1::bigint[]) AS given (record_id)
CROSS JOIN LATERAL (
    SELECT e.source, e.id FROM mentions n JOIN events e USING (event_key)
    WHERE n.record_id = given.record_id AND e.retracted_at IS NULL
    ORDER BY e.received_at DESC, e.event_key DESC LIMIT 1
) e
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an id stands for, for one agency: itself, another, or several. Each with what may be seen of it."""

    asked: UUID
    people: tuple[Json, ...]

    @property
    def moved_to(self) -> str | None:
        """The one other it stands for."""
        only = self.people[0]["person"] if len(self.people) == 1 else None
        return only if only != str(self.asked) else None


@dataclass(frozen=True, slots=True)
class There:
    """Somebody an agency may know of, and through what."""

    part: Part
    alerts: Sequence[int]
    records: Sequence[int]


async def read_person(
    conn: Connection, context: Context, agency: str, asked: UUID, *, actor: str, purpose: str, privileged: bool
) -> Answer | None:
    """Return who the id stands for now, as far as this agency may know, and write down that it was consulted; None: nobody.

    `privileged`: for the role that may see sealed identities; to anybody else they are not there.
    """
    near = await there(conn, agency, asked, privileged=privileged)
    numbers = {alert for one in near for alert in one.alerts}
    loaded = await load(conn, context, agency, alerts=sorted(numbers), evidence=True, privileged=privileged)
    told = {one.alert_id: one for one in loaded if one.alert.rule.purpose == purpose}
    known = [one for one in near if one.records or any(alert in told for alert in one.alerts)]
    if not known:
        return None
    own_ids = await own_ids_of(conn, agency, [one.part.person for one in known])
    people = []
    for one in known:
        view, records = await _view(conn, context, one, told, own_ids.get(one.part.person, ()), privileged=privileged)
        people.append(view | {"purpose": purpose})
        await _write_down(conn, agency, one, records, actor=actor, purpose=purpose, told=told, privileged=privileged)
    return Answer(asked, tuple(people))


async def known_to(conn: Connection, agency: str, asked: UUID) -> int | None:
    """Return the record an id was first given to, if it stands for anybody this agency may know; sealed identities count."""
    if not await there(conn, agency, asked, privileged=True):
        return None
    person: int = await conn.fetchval("SELECT person_id FROM persons WHERE public_id = $1", asked)
    return person


async def there(conn: Connection, agency: str, asked: UUID, *, privileged: bool, review: bool = False) -> list[There]:
    """Return who the id stands for that the agency may know of; in a statutory review, whoever it stands for."""
    person = await conn.fetchval("SELECT person_id FROM persons WHERE public_id = $1", asked)
    if person is None:
        return []
    parts = [part for part in (await stands_for(conn, [person]))[person] if privileged or not part.sealed]
    rows = await conn.fetch(THERE, agency, [part.person for part in parts], ALERTS_MAX, OWN_RECORDS_MAX)
    found = {row["person_id"]: row for row in rows}
    known = [There(part, found[part.person]["alerts"], found[part.person]["records"]) for part in parts]
    return [one for one in known if review or one.alerts or one.records]


async def _view(
    conn: Connection,
    context: Context,
    one: There,
    told: Mapping[int, Loaded],
    own_ids: Collection[OwnId],
    *,
    privileged: bool,
) -> tuple[Json, set[int]]:
    """What may be seen of somebody, and the records it was taken from."""
    alerts = [told[alert] for alert in one.alerts if alert in told]
    masked, facts = told_masks(alerts)
    own = await conn.fetch(OWN_EVENTS, list(one.records))
    mine = await chronology.by_ref(conn, {EventRef(row["source"], row["id"]) for row in own}, context.facts)
    facts |= mine
    masked |= {ref: Mask(OWN.fields, frozenset(), OWN, permitted=True) for ref in mine}
    people = await people_in(conn, (), facts.values())
    now: datetime = (await read_clock(conn)).now
    protected = frozenset[int]() if privileged else people.protected
    material = Material(facts, people, context.masks, now, protected, people.hidden)
    person = one.part.person
    said = person_said(person, masked, material)
    view: dict[str, Any] = {"person": str(one.part.public_id), **said}
    view["identifiers"] = [{"system": own_id.system, "value": own_id.value} for own_id in own_ids]
    view["alerts"] = [each.alert.reference for each in alerts]
    view["withheld"] = sorted({"n1"} | {reason for mask in masked.values() for reason in mask.withheld})
    shown = {m.record for ref, mask in masked.items() if mask.fields for m in facts[ref].mentions}
    return view, {record for record in shown if people(record) == person} | set(one.records)


def told_masks(alerts: Sequence[Loaded]) -> tuple[dict[EventRef, Mask], dict[EventRef, Fact]]:
    """What the alerts show of their evidence: of a piece that several rest on, what the most generous shows."""
    masked: dict[EventRef, Mask] = {}
    facts: dict[EventRef, Fact] = {}
    for each in alerts:
        alert = each.alert
        found = masks_of(each.viewer, alert.finding, alert.rule, alert.material)
        if conceals(alert.finding, alert.material) or shown_of(each.viewer, found) < Disclosure.D2:
            found = {
                ref: replace(mask, fields=frozenset(), withheld=frozenset({"class"})) for ref, mask in found.items()
            }
        for ref, mask in found.items():
            if ref not in masked or len(mask.fields) > len(masked[ref].fields):
                masked[ref], facts[ref] = mask, alert.material.facts[ref]
    return masked, facts


async def _write_down(
    conn: Connection,
    agency: str,
    one: There,
    records: Collection[int],
    *,
    actor: str,
    purpose: str,
    told: Mapping[int, Loaded],
    privileged: bool,
) -> None:
    now = (await read_clock(conn)).now
    await conn.execute(
        """
        INSERT INTO people_shown (agency, person_id, records, shown_at, actor) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (agency, person_id) DO UPDATE SET records = excluded.records, shown_at = excluded.shown_at,
            actor = excluded.actor
        """,
        agency,
        one.part.person,
        sorted(records),
        now,
        actor,
    )
    alerts = [alert for alert in one.alerts if alert in told]
    bases = {basis for alert in alerts for basis in told[alert].alert.rule.legal_basis}
    details = {"recipient": agency, "alerts": alerts, "records": sorted(records), "privileged": privileged}
    thing = f"person:{one.part.person}"
    basis = ", ".join(sorted(bases)) or "own information"
    await audit.record(conn, [Entry(actor, Action.CONSULTATION, purpose, basis, thing, details)], at=now)
