"""Corrected records and the decisions about them, statement by statement."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from services.db.connection import Connection


class Heir(NamedTuple):
    """A record that nothing but retracted events names, and one that stands in its place."""

    void: int
    record: int


async def heirs(conn: Connection, void: Collection[int], arrived: Collection[int]) -> list[Heir]:
    """Return who stands in the place of those of these records that are void, and in whose place these events' people do.

    An event stands in another's place where a standing retraction says so; a person in that of the same ref.
    """
    rows = await conn.fetch(
        """
        WITH stood AS (
            SELECT n.record_id, n.ref, e.source, t.replaced_by
            FROM mentions n JOIN events e USING (event_key)
            JOIN retractions t ON (t.target_source, t.target_id) = (e.source, e.id) AND t.replaced_by IS NOT NULL
            JOIN events own ON own.event_key = t.event_key AND own.retracted_at IS NULL
            JOIN records r ON r.record_id = n.record_id AND r.void
            WHERE n.record_id = ANY($1::bigint[])
        ), came AS (
            SELECT n.record_id, n.ref, e.source, t.target_id
            FROM mentions n JOIN events e USING (event_key)
            JOIN retractions t ON (t.target_source, t.replaced_by) = (e.source, e.id)
            JOIN events own ON own.event_key = t.event_key AND own.retracted_at IS NULL
            WHERE n.event_key = ANY($2::bigint[])
        )
        SELECT s.record_id, n.record_id FROM stood s
        JOIN events e ON (e.source, e.id) = (s.source, s.replaced_by)
        JOIN mentions n ON n.event_key = e.event_key AND n.ref = s.ref
        WHERE n.record_id <> s.record_id
        UNION
        SELECT n.record_id, c.record_id FROM came c
        JOIN events e ON (e.source, e.id) = (c.source, c.target_id)
        JOIN mentions n ON n.event_key = e.event_key AND n.ref = c.ref
        JOIN records r ON r.record_id = n.record_id AND r.void
        WHERE n.record_id <> c.record_id
        ORDER BY 1, 2
        """,
        list(void),
        list(arrived),
    )
    return [Heir(*row) for row in rows]


async def carry(conn: Connection, heirs: Collection[Heir]) -> Mapping[int, tuple[int, int]]:
    """Copy the standing decisions about void records to their heirs, who may have decisions of their own.

    Returns the pair of each new decision, by its number.
    """
    rows = await conn.fetch(
        """
        INSERT INTO decisions (record_a, record_b, verdict, actor, reason, decided_at, privileged, carried_from)
        SELECT least(heir, other), greatest(heir, other), verdict, actor, reason, decided_at, privileged, decision_id
        FROM (
            SELECT given.heir, CASE d.record_a WHEN given.void THEN d.record_b ELSE d.record_a END AS other, d.*
            FROM unnest($1::bigint[], $2::bigint[]) AS given (void, heir)
            JOIN decisions d ON given.void IN (d.record_a, d.record_b) AND d.withdrawn_at IS NULL
        ) AS standing
        WHERE heir <> other
        ORDER BY decided_at DESC, decision_id DESC
        ON CONFLICT DO NOTHING
        RETURNING decision_id, record_a, record_b
        """,
        [heir.void for heir in heirs],
        [heir.record for heir in heirs],
    )
    return {row[0]: (row[1], row[2]) for row in rows}
