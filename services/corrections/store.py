"""Noticing wrong disclosures in the transaction that finds the people apart, listing them, and settling them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.alerts.state import Change, Condition
from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection
from services.operators import store as operators

PURPOSE = "data-protection"
BASIS = "correction of a disclosure"


NOTICE: Final = """
WITH resting AS (
    SELECT alert_id, unnest(anchor_records) AS record_id FROM alerts WHERE alert_id = ANY($1::bigint[])
    UNION
    SELECT a.alert_id, n.record_id FROM alerts a
    CROSS JOIN LATERAL json_array_elements(a.finding->'evidence') AS evidence (ref)
    JOIN events e ON e.source = evidence.ref->>0 AND e.id = evidence.ref->>1
    JOIN mentions n USING (event_key)
    WHERE a.alert_id = ANY($1::bigint[])
), stood AS (
    SELECT alert_id, record_id, person_id, since, 'infinity' AS until FROM resting JOIN membership USING (record_id)
    UNION
    SELECT alert_id, record_id, h.person_id, h.since, h.until FROM resting JOIN alerts USING (alert_id)
    JOIN membership_history h USING (record_id) WHERE h.until >= changed_at
), several AS (
    SELECT one.alert_id, array_agg(DISTINCT p.public_id ORDER BY p.public_id) AS people
    FROM stood one
    JOIN stood other ON other.alert_id = one.alert_id AND other.person_id = one.person_id
        AND other.record_id <> one.record_id AND one.since < other.until AND other.since < one.until
    JOIN membership m ON m.record_id = one.record_id
    JOIN membership o ON o.record_id = other.record_id AND o.person_id <> m.person_id
    JOIN records r ON r.record_id = one.record_id AND NOT r.void
    JOIN records s ON s.record_id = other.record_id AND NOT s.void
    JOIN persons p ON p.person_id = m.person_id
    GROUP BY one.alert_id
), news AS (
    INSERT INTO wrong_disclosures (kind, agency, alert_id, version, people, told_at, noticed_at)
    SELECT 'alert', r.agency, r.alert_id, r.version, several.people, r.told_at, $2
    FROM several JOIN alert_recipients r USING (alert_id) WHERE r.told AND r.told_at IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING wrong_id
)
SELECT ARRAY(SELECT alert_id FROM several) AS alerts, (SELECT count(*) FROM news) AS news
"""
"""An alert rested on several people taken for one if two records of its anchor and evidence were one person's when it
was last changed, or later, at one time, and are two people's now. What was taken back is no person's."""


async def note_split(conn: Connection, records: Collection[int], persons: Collection[int], at: datetime) -> None:
    """Notice what rested on these records being one person's, now that they no longer all are, and cut access to it.

    `records` are those of the people concerned, `persons` whom they belonged to before. In the transaction that parts
    them: what is about several people at once is a pointer from now on, until it is judged anew.
    """
    alerts = await conn.fetch(
        """
        SELECT alert_id FROM alerts
        WHERE anchor_records && $1::bigint[] AND condition NOT IN ('withdrawn', 'superseded')
        """,
        sorted(records),
    )
    if wrong := await note_alerts(conn, [row[0] for row in alerts], at):
        await conn.execute("UPDATE alerts SET cut = true WHERE alert_id = ANY($1::bigint[])", sorted(wrong))
    await _note_people(conn, persons, at)


async def note_alerts(conn: Connection, alerts: Collection[int], at: datetime) -> list[int]:
    """Notice who was told of those of these alerts that rested on several people taken for one; return those alerts."""
    if not alerts:
        return []
    (row,) = await conn.fetch(NOTICE, sorted(alerts), at)
    await _page(conn, row["news"])
    return list(row["alerts"])


def losing(changes: Iterable[Change]) -> list[int]:
    """The alerts that lose evidence they told of, or are withdrawn: only those can have rested on something wrong."""
    return [
        change.alert
        for change in changes
        if change.before is not None
        and any(state.told for state in change.before.recipients.values())
        and (
            change.after.condition is Condition.WITHDRAWN
            or not set(change.before.finding.evidence) <= set(change.after.finding.evidence)
        )
    ]


async def open_again(conn: Connection, alerts: Collection[int]) -> None:
    """Show what was cut: it has been judged anew."""
    await conn.execute("UPDATE alerts SET cut = false WHERE alert_id = ANY($1::bigint[])", sorted(alerts))


async def _note_people(conn: Connection, persons: Collection[int], at: datetime) -> None:
    """Notice who was shown one of these people, some of whose records have just gone to somebody else, as one."""
    rows = await conn.fetch(
        """
        INSERT INTO wrong_disclosures (kind, agency, people, told_at, noticed_at)
        SELECT 'person', agency, people, shown_at, $2 FROM (
            SELECT s.agency, s.person_id, s.shown_at, array_agg(DISTINCT p.public_id ORDER BY p.public_id) AS people
            FROM people_shown s CROSS JOIN LATERAL unnest(s.records) AS shown (record_id)
            JOIN records r ON r.record_id = shown.record_id AND NOT r.void
            JOIN membership m ON m.record_id = shown.record_id
            JOIN persons p ON p.person_id = m.person_id
            WHERE s.person_id = ANY($1::bigint[]) GROUP BY s.agency, s.person_id, s.shown_at
        ) AS found WHERE cardinality(people) > 1
        ON CONFLICT DO NOTHING RETURNING wrong_id
        """,
        sorted(persons),
        at,
    )
    await _page(conn, len(rows))


async def _page(conn: Connection, news: int) -> None:
    if news:
        await operators.page(conn, "wrong-disclosure", ["list"])


class Wrong(NamedTuple):
    """One disclosure that rested on several people taken for one."""

    number: int
    kind: str
    """`alert`, or `person` for an answer of the people route."""
    agency: str
    alert: UUID | None
    version: int | None
    people: Sequence[UUID]
    told_at: datetime
    noticed_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    outcome: str | None


async def listed(conn: Connection, *, settled: bool, after: int = 0, limit: int = 100) -> list[Wrong]:
    """Return them in the order in which they were noticed: the open ones, or with `settled` all."""
    rows = await conn.fetch(
        """
        SELECT w.wrong_id, w.kind, w.agency, a.public_id, w.version, w.people, w.told_at, w.noticed_at, w.settled_at,
            w.settled_by, w.outcome
        FROM wrong_disclosures w LEFT JOIN alerts a USING (alert_id)
        WHERE w.wrong_id > $1 AND ($2 OR w.settled_at IS NULL) ORDER BY w.wrong_id LIMIT $3
        """,
        after,
        settled,
        limit,
    )
    return [Wrong(*row) for row in rows]


async def settle(conn: Connection, numbers: Collection[int], *, actor: str, outcome: str) -> int:
    """Note what came of these, and who says so; return how many were open. The page goes with the last."""
    rows = await conn.fetch(
        """
        UPDATE wrong_disclosures SET settled_at = domain_now(), settled_by = $2, outcome = $3
        WHERE wrong_id = ANY($1::bigint[]) AND settled_at IS NULL RETURNING wrong_id
        """,
        list(numbers),
        actor,
        outcome,
    )
    done = sorted(row[0] for row in rows)
    entries = [
        Entry(actor, Action.DECISION, PURPOSE, BASIS, f"wrong-disclosure:{number}", {"outcome": outcome})
        for number in done
    ]
    await audit.record(conn, entries)
    if not await listed(conn, settled=False, limit=1):
        await operators.close_pages(conn, "wrong-disclosure", ["list"])
    return len(done)
