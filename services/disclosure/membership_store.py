"""Whom a view is about, from PostgreSQL: who records belong to now, whose whereabouts are kept from somebody, and by what numbers the
agency itself knows them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from services.alerts.codec import anchor_records
from services.chronology.facts import Fact
from services.db.connection import Connection
from services.disclosure.material import OwnId
from services.rules.findings import Finding

OWN: Final = "local:own"
"""The system of an agency's own person id, where it stands among identifiers."""

PEOPLE: Final = """
SELECT m.record_id, p.person_id, p.public_id, p.sealed
FROM membership m
LEFT JOIN slot_joins j ON j.slot_record = m.record_id
LEFT JOIN membership joined ON joined.record_id = j.person_record
JOIN persons p ON p.person_id = coalesce(joined.person_id, m.person_id)
WHERE m.record_id = ANY($1::bigint[])
"""

HIDDEN: Final = """
SELECT p.person_id FROM unnest($1::bigint[]) AS p (person_id)
WHERE EXISTS (
    SELECT FROM (
        SELECT record_id FROM membership WHERE person_id = p.person_id
        UNION ALL
        SELECT j.slot_record FROM membership m JOIN slot_joins j ON j.person_record = m.record_id
        WHERE m.person_id = p.person_id
    ) held
    JOIN mentions n ON n.record_id = held.record_id AND n.role = 'subject'
    JOIN events e ON e.event_key = n.event_key
    WHERE e.type LIKE '%.protection.address-flagged' AND e.retracted_at IS NULL)
"""
"""Until it is taken back, whatever end the flag names: nobody is found because a date was not renewed. A flag may be about
somebody without a name ("his former partner"): it counts for whom that was found to be.
"""

OWN_IDS: Final = """
SELECT me.person_id, said.person->>'own_id' AS own_id, said.person->'identifiers' AS identifiers
FROM membership me
JOIN records r ON r.record_id = me.record_id AND r.agency = $1 AND NOT r.void
JOIN mentions m ON m.event_key = r.first_event_key AND m.record_id = r.record_id
JOIN events e ON e.event_key = r.first_event_key
CROSS JOIN LATERAL json_array_elements(e.body->'people') AS said (person)
WHERE me.person_id = ANY($2::bigint[]) AND said.person->>'ref' = m.ref
ORDER BY r.record_id
"""


@dataclass(frozen=True, slots=True)
class People:
    """Who records belong to now; a slot that joined somebody stands for them."""

    person_of: Mapping[int, int]
    public_ids: Mapping[int, str]
    protected: frozenset[int]
    hidden: frozenset[int]

    def __call__(self, record: int) -> int:
        """Whose a record is."""
        return self.person_of.get(record, record)


async def people_in(conn: Connection, findings: Iterable[Finding], facts: Iterable[Fact]) -> People:
    """Return who all that findings and facts name belong to now."""
    records = {record for finding in findings for record in anchor_records(finding.anchor)}
    records |= {
        int(value)
        for finding in findings
        for values in finding.details.values()
        for value in values
        if value.isdecimal()
    }
    records |= {mention.record for fact in facts for mention in fact.mentions}
    rows = await conn.fetch(PEOPLE, sorted(records))
    return People(
        {row["record_id"]: row["person_id"] for row in rows},
        {row["person_id"]: str(row["public_id"]) for row in rows},
        frozenset(row["person_id"] for row in rows if row["sealed"]),
        await hidden_among(conn, {row["person_id"] for row in rows}),
    )


async def hidden_among(conn: Connection, persons: Collection[int]) -> frozenset[int]:
    """Return whose whereabouts are to be kept from somebody."""
    return frozenset(row["person_id"] for row in await conn.fetch(HIDDEN, sorted(persons)))


async def own_ids_of(conn: Connection, agency: str, persons: Iterable[int]) -> dict[int, tuple[OwnId, ...]]:
    """Return by what numbers the agency itself knows these people."""
    found: dict[int, dict[OwnId, None]] = {}
    for row in await conn.fetch(OWN_IDS, agency, sorted(persons)):
        own = found.setdefault(row["person_id"], {})
        if row["own_id"]:
            own[OwnId(OWN, row["own_id"])] = None
        for identifier in orjson.loads(row["identifiers"]) if row["identifiers"] else ():
            own[OwnId(identifier["system"], identifier["value"])] = None
    return {person: tuple(own) for person, own in found.items()}
