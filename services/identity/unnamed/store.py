"""Placeholders, unnamed senders and what they are joined by, statement by statement."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import orjson

from services.chronology.build import fact, stored_of
from services.chronology.facts import EventRef, Fact, Join
from services.db.connection import Connection
from services.identity.unnamed.facts import SenderStated


class SlotRow(NamedTuple):
    """A placeholder: its record, the event that states it, and the record it belongs to."""

    record: int
    event_key: int
    subject_record: int


async def slots_near(conn: Connection, records: Collection[int], kinds: Collection[str]) -> list[SlotRow]:
    """Return the placeholders that a change of these records may concern.

    Their own, those of their persons, those of anybody with a claimed relation to them, and those that are they.
    """
    rows = await conn.fetch(
        """
        WITH touched AS MATERIALIZED (
            SELECT record_id FROM membership
            WHERE person_id = ANY (ARRAY(SELECT person_id FROM membership WHERE record_id = ANY($1::bigint[])))
        ), own AS MATERIALIZED (SELECT array_agg(record_id) AS records FROM touched),
        related AS (
            SELECT to_record AS record_id FROM relationships
            WHERE from_record = ANY ((SELECT records FROM own)::bigint[]) AND kind = ANY($2::text[])
            UNION
            SELECT from_record FROM relationships
            WHERE to_record = ANY ((SELECT records FROM own)::bigint[]) AND kind = ANY($2::text[])
        ), near AS MATERIALIZED (
            SELECT record_id FROM touched
            UNION
            SELECT record_id FROM membership WHERE person_id = ANY (ARRAY(
                SELECT person_id FROM membership WHERE record_id = ANY (ARRAY(SELECT record_id FROM related))
            ))
        )
        SELECT s.record_id, s.event_key, s.subject_record FROM near n JOIN slots s ON s.subject_record = n.record_id
        UNION
        SELECT s.record_id, s.event_key, s.subject_record FROM touched t JOIN slots s USING (record_id)
        """,
        list(records),
        list(kinds),
    )
    return [SlotRow(*row) for row in rows]


async def slots_of(conn: Connection, records: Collection[int]) -> list[SlotRow]:
    """Return the placeholders that belong to these records."""
    rows = await conn.fetch(
        "SELECT record_id, event_key, subject_record FROM slots WHERE subject_record = ANY($1::bigint[])", list(records)
    )
    return [SlotRow(*row) for row in rows]


async def claims_about(
    conn: Connection, records: Collection[int], kinds: Collection[str]
) -> list[tuple[int, int, int]]:
    """Return (event, from record, to record) of every claim of these kinds that one of the records is in."""
    rows = await conn.fetch(
        """
        SELECT event_key, from_record, to_record FROM relationships
        WHERE kind = ANY($2::text[]) AND (from_record = ANY($1::bigint[]) OR to_record = ANY($1::bigint[]))
        """,
        list(records),
        list(kinds),
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def declared(conn: Connection, numbers: Collection[str]) -> list[tuple[int, int]]:
    """Return (event, record) of the declarations of these numbers."""
    rows = await conn.fetch(
        "SELECT event_key, record_id FROM declared_numbers WHERE number = ANY($1::text[])", list(numbers)
    )
    return [(row[0], row[1]) for row in rows]


async def numbers_declared_in(conn: Connection, event_keys: Collection[int]) -> set[str]:
    """Return the numbers declared in these events."""
    rows = await conn.fetch("SELECT number FROM declared_numbers WHERE event_key = ANY($1::bigint[])", list(event_keys))
    return {row[0] for row in rows}


_STANDING: Final = """
    e.retracted_at IS NULL AND NOT EXISTS (SELECT FROM unresolved u WHERE u.event_key = e.event_key)
"""


async def facts(conn: Connection, event_keys: Collection[int]) -> list[Fact]:
    """Return events as facts, without those retracted or still unresolved."""
    rows = await conn.fetch(
        f"""
        SELECT e.event_key, e.source, e.id, e.type, e.version, e.agency, e.history, e.occurred_earliest,
            e.occurred_latest, e.known_at, e.recorded_at, e.received_at, e.taken_at, e.body,
            coalesce((SELECT json_object_agg(m.ref, m.record_id) FROM mentions m WHERE m.event_key = e.event_key), '{{}}')
                AS records
        FROM events e WHERE e.event_key = ANY($1::bigint[]) AND {_STANDING}
        """,  # noqa: S608 - a constant
        list(event_keys),
    )
    return [fact(stored_of(row), orjson.loads(row["body"]), orjson.loads(row["records"])) for row in rows]


async def senders(conn: Connection, records: Collection[int]) -> list[SenderStated]:
    """Return the unnamed senders among these records whose event stands. Each is named by one event alone."""
    rows = await conn.fetch(
        f"""
        SELECT r.record_id, e.source, e.id, e.received_at
        FROM records r JOIN events e ON e.event_key = r.first_event_key
        WHERE r.record_id = ANY($1::bigint[]) AND r.sender AND {_STANDING}
        """,  # noqa: S608 - a constant
        list(records),
    )
    return [SenderStated(row[0], EventRef(row[1], row[2]), row[3]) for row in rows]


async def joins(conn: Connection, slot_records: Collection[int]) -> dict[int, Join]:
    """Return the joins of these placeholders and senders as they stand."""
    rows = await conn.fetch(
        """
        SELECT slot_record, person_record, joined_at, reason, "by" FROM slot_joins WHERE slot_record = ANY($1::bigint[])
        """,
        list(slot_records),
    )
    return {
        row[0]: Join(row[0], row[1], row[2], row[3], tuple(EventRef(*ref) for ref in orjson.loads(row[4])))
        for row in rows
    }


async def write_joins(conn: Connection, found: Sequence[Join], undone: Collection[int]) -> None:
    """Keep joins, and undo those that no longer hold; what stood before stays readable, with the time it ended."""
    ordered = sorted(found, key=lambda join: join.slot_record)
    replaced = sorted({join.slot_record for join in ordered} | set(undone))
    if replaced:
        await conn.execute(
            """
            WITH gone AS (DELETE FROM slot_joins WHERE slot_record = ANY($1::bigint[]) RETURNING *)
            INSERT INTO slot_join_history (slot_record, person_record, joined_at, reason, "by", since, until)
            SELECT slot_record, person_record, joined_at, reason, "by", since, domain_now() FROM gone
            """,
            replaced,
        )
    if ordered:
        await conn.execute(
            """
            INSERT INTO slot_joins (slot_record, person_record, joined_at, reason, "by")
            SELECT slot, person, at, reason, refs::json
            FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[])
                AS given (slot, person, at, reason, refs)
            """,
            [join.slot_record for join in ordered],
            [join.person_record for join in ordered],
            [join.joined_at for join in ordered],
            [join.reason for join in ordered],
            [orjson.dumps([tuple(ref) for ref in join.by]).decode() for join in ordered],
        )
