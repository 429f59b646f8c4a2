"""Taking in, statement by statement: events, records and what they say. Every bulk insert is sorted by its key, so that two batches
never wait in a circle. How far a partition is taken in: progress_store.py.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from services.db.connection import Connection
from services.intake.read import Event, Named, Target

Name = tuple[str, str]
"""Source and id."""

MARK: Final = 0
"""Kind of a `due` row (see migration 0002)."""

LIVE: Final = 0
BACKFILL: Final = 2
"""Lanes of `due` and `unresolved`."""


class Stands(NamedTuple):
    """The event that stands under a name."""

    event_key: int
    content_hash: bytes


class Known(NamedTuple):
    """A record held before this batch."""

    record_id: int
    first_received_at: datetime


async def insert_events(conn: Connection, events: Sequence[Event], taken_at: datetime) -> dict[Name, int]:
    """Insert what is new; return the event keys of that."""
    ordered = sorted(events, key=lambda event: event.name)
    rows = await conn.fetch(
        """
        INSERT INTO events (source, id, type, version, agency, history, occurred_earliest, occurred_latest, known_at,
            recorded_at, received_at, taken_at, content_hash, body, report, topic, partition, "offset")
        SELECT source, id, type, version, agency, history, occurred_earliest, occurred_latest, known_at,
            recorded_at, received_at, $17, content_hash, body::json, report, topic, partition, "offset"
        FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::bool[], $7::timestamptz[],
            $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::bytea[], $13::text[],
            $14::bool[], $15::text[], $16::int[], $18::bigint[])
        AS given (source, id, type, version, agency, history, occurred_earliest, occurred_latest, known_at,
            recorded_at, received_at, content_hash, body, report, topic, partition, "offset")
        ON CONFLICT (source, id) DO NOTHING
        RETURNING event_key, source, id
        """,
        [event.source for event in ordered],
        [event.id for event in ordered],
        [event.type for event in ordered],
        [event.version for event in ordered],
        [event.agency for event in ordered],
        [event.history for event in ordered],
        [event.occurred.earliest for event in ordered],
        [event.occurred.latest for event in ordered],
        [event.known_at for event in ordered],
        [event.recorded_at for event in ordered],
        [event.received_at for event in ordered],
        [event.content_hash for event in ordered],
        [event.body.decode() for event in ordered],
        [event.report for event in ordered],
        [event.arrived.topic for event in ordered],
        [event.arrived.partition for event in ordered],
        taken_at,
        [event.arrived.offset for event in ordered],
    )
    return {(source, event_id): event_key for event_key, source, event_id in rows}


async def standing_events(conn: Connection, names: Collection[Name]) -> dict[Name, Stands]:
    """Return the events that stand under these names."""
    rows = await conn.fetch(
        """
        SELECT source, id, event_key, content_hash FROM events
        WHERE (source, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
        """,
        [source for source, _ in names],
        [event_id for _, event_id in names],
    )
    return {(source, event_id): Stands(key, digest) for source, event_id, key, digest in rows}


async def insert_conflicts(conn: Connection, conflicts: Sequence[tuple[Event, int]], taken_at: datetime) -> None:
    """Keep what came under a name already taken, with the key of the event that stands."""
    ordered = sorted(conflicts, key=lambda conflict: (conflict[0].name, conflict[0].content_hash))
    await conn.execute(
        """
        INSERT INTO conflicts (source, id, agency, event_key, content_hash, topic, partition, "offset", received_at, taken_at)
        SELECT *, $10 FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::text[], $7::int[],
            $8::bigint[], $9::timestamptz[])
        ON CONFLICT DO NOTHING
        """,
        [event.source for event, _ in ordered],
        [event.id for event, _ in ordered],
        [event.agency for event, _ in ordered],
        [event_key for _, event_key in ordered],
        [event.content_hash for event, _ in ordered],
        [event.arrived.topic for event, _ in ordered],
        [event.arrived.partition for event, _ in ordered],
        [event.arrived.offset for event, _ in ordered],
        [event.received_at for event, _ in ordered],
        taken_at,
    )


async def known_records(conn: Connection, wanted: Mapping[bytes, str]) -> dict[bytes, Known]:
    """Return the records that may be used again, by the hash of their content; `wanted` is hash -> agency."""
    rows = await conn.fetch(
        """
        SELECT r.content_hash, r.record_id, r.first_received_at
        FROM unnest($1::text[], $2::bytea[]) AS given (agency, content_hash)
        CROSS JOIN LATERAL (  -- OFFSET 0 keeps it a lookup, however small the table still is
            SELECT * FROM records
            WHERE agency = given.agency AND content_hash = given.content_hash AND reusable OFFSET 0
        ) r
        """,
        list(wanted.values()),
        list(wanted),
    )
    return {digest: Known(record_id, first) for digest, record_id, first in rows}


class NewRecord(NamedTuple):
    """A record to be made, and the event that makes it."""

    named: Named
    agency: str
    event_key: int
    received_at: datetime


async def insert_records(conn: Connection, new: Sequence[NewRecord], since: datetime) -> dict[bytes, int]:
    """Insert records, each with a person of its own; return those that were new, by the hash of their content."""
    ordered = sorted(new, key=lambda record: (record.agency, record.named.content_hash))
    rows = await conn.fetch(
        """
        WITH fresh AS (
            INSERT INTO records
                (agency, content_hash, reusable, slot, sender, standard, first_event_key, first_received_at, protected)
            SELECT agency, content_hash, reusable, slot, sender, standard::json, event_key, received_at, protected
            FROM unnest($1::text[], $2::bytea[], $3::bool[], $4::bool[], $5::bool[], $6::text[], $7::bigint[],
                $8::timestamptz[], $10::bool[])
            AS given (agency, content_hash, reusable, slot, sender, standard, event_key, received_at, protected)
            ON CONFLICT (agency, content_hash) WHERE reusable DO NOTHING
            RETURNING record_id, content_hash, protected
        ), born AS (
            INSERT INTO persons (person_id, sealed) SELECT record_id, protected FROM fresh
        ), belongs AS (
            INSERT INTO membership (record_id, person_id, since) SELECT record_id, record_id, $9 FROM fresh
        )
        SELECT record_id, content_hash FROM fresh
        """,
        [record.agency for record in ordered],
        [record.named.content_hash for record in ordered],
        [record.named.standard.reusable for record in ordered],
        [record.named.standard.slot for record in ordered],
        [record.named.standard.sender for record in ordered],
        [record.named.stored.decode() for record in ordered],
        [record.event_key for record in ordered],
        [record.received_at for record in ordered],
        since,
        [record.named.standard.protected for record in ordered],
    )
    return {digest: record_id for record_id, digest in rows}


async def insert_keys(conn: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Insert blocking keys, each once, of records made in this transaction: (key, record).

    Nobody else can have keys of them, so no conflict is looked for: that would be a fifth of what it costs.
    """
    ordered = sorted(pairs)
    await conn.execute(
        "INSERT INTO record_keys (key, record_id) SELECT * FROM unnest($1::bigint[], $2::bigint[])",
        [key for key, _ in ordered],
        [record for _, record in ordered],
    )


async def insert_protections(conn: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Insert who says that an identity is sealed: (key of the agency's own number, record)."""
    await conn.execute(
        "INSERT INTO protections (key, record_id) SELECT * FROM unnest($1::bigint[], $2::bigint[])",
        *_columns(sorted(pairs), 2),
    )


async def insert_mentions(conn: Connection, mentions: Iterable[tuple[int, str, str, int]]) -> None:
    """Insert (event, ref, role, record)."""
    ordered = sorted(mentions)
    await conn.execute(
        """
        INSERT INTO mentions (event_key, ref, role, record_id)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])
        """,
        *_columns(ordered, 4),
    )


async def insert_relationships(conn: Connection, claims: Iterable[tuple[int, int, int, int, str, str]]) -> None:
    """Insert (event, n, from record, to record, kind, status)."""
    await conn.execute(
        """
        INSERT INTO relationships (event_key, n, from_record, to_record, kind, status)
        SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
        """,
        *_columns(sorted(claims), 6),
    )


async def insert_slots(conn: Connection, slots: Iterable[tuple[int, int, int, str]]) -> None:
    """Insert (record of the placeholder, event, record of its subject, relation)."""
    await conn.execute(
        """
        INSERT INTO slots (record_id, event_key, subject_record, relation)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
        """,
        *_columns(sorted(slots), 4),
    )


async def insert_numbers(conn: Connection, numbers: Iterable[tuple[int, int, str]]) -> None:
    """Insert declared numbers: (event, record, token)."""
    await conn.execute(
        """
        INSERT INTO declared_numbers (event_key, record_id, number)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[]) ON CONFLICT DO NOTHING
        """,
        *_columns(sorted(numbers), 3),
    )


async def insert_retractions(conn: Connection, retractions: Sequence[tuple[int, Target, datetime]]) -> None:
    """Insert (event of the retraction, its target, when it was received)."""
    await conn.execute(
        """
        INSERT INTO retractions (event_key, target_source, target_id, received_at, replaced_by)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
        """,
        [event_key for event_key, _, _ in retractions],
        [target.source for _, target, _ in retractions],
        [target.id for _, target, _ in retractions],
        [received_at for _, _, received_at in retractions],
        [target.replaced_by for _, target, _ in retractions],
    )


async def taken_back(conn: Connection, event_keys: Collection[int]) -> set[int]:
    """Mark those of the new events that were taken back before they came; return those that stand in another's place.

    Must run after the events are inserted: whoever resolves a retraction locks that table first.
    """
    rows = await conn.fetch(
        """
        WITH hit AS (
            SELECT e.event_key, min(t.received_at) AS received_at
            FROM events e
            JOIN retractions t ON (t.target_source, t.target_id) = (e.source, e.id)
            JOIN events own ON own.event_key = t.event_key AND own.retracted_at IS NULL
            WHERE e.event_key = ANY($1::bigint[]) GROUP BY e.event_key
        ), marked AS (
            UPDATE events e SET retracted_at = hit.received_at FROM hit WHERE hit.event_key = e.event_key
        )
        SELECT e.event_key FROM events e JOIN retractions t ON (t.target_source, t.replaced_by) = (e.source, e.id)
        WHERE e.event_key = ANY($1::bigint[])
        """,
        list(event_keys),
    )
    return {row[0] for row in rows}


async def not_yet_settled(conn: Connection, records: Collection[int]) -> set[int]:
    """Return those of these records that are still unresolved, or void and hereby named again.

    Must run after the mentions are inserted, for the same reason as `taken_back`.
    """
    rows = await conn.fetch(
        """
        SELECT r.record_id FROM records r
        WHERE r.record_id = ANY($1::bigint[])
        AND (r.void OR EXISTS (SELECT FROM unresolved u WHERE u.event_key = r.first_event_key))
        """,
        list(records),
    )
    return {row[0] for row in rows}


async def seen_earlier(conn: Connection, earlier: Mapping[int, datetime]) -> None:
    """Note that records were first named earlier than was known: an event came late."""
    ordered = sorted(earlier)
    await conn.execute(
        """
        UPDATE records r SET first_received_at = least(r.first_received_at, given.at)
        FROM unnest($1::bigint[], $2::timestamptz[]) AS given (record_id, at) WHERE r.record_id = given.record_id
        """,
        ordered,
        [earlier[record] for record in ordered],
    )


async def claimed_before(
    conn: Connection, claims: Collection[tuple[int, int, str, str]], event_keys: Collection[int]
) -> dict[tuple[int, int, str, str], datetime]:
    """Return when claims (from, to, kind, status) were first received, of those that others of our events make."""
    rows = await conn.fetch(
        """
        SELECT r.from_record, r.to_record, r.kind, r.status, min(e.received_at)
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS given (from_record, to_record, kind, status)
        JOIN relationships r USING (from_record, to_record, kind, status)
        JOIN events e USING (event_key)
        WHERE e.retracted_at IS NULL AND e.event_key <> ALL($5::bigint[])
        GROUP BY 1, 2, 3, 4
        """,
        *_columns(sorted(claims), 4),
        list(event_keys),
    )
    return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}


async def insert_unresolved(
    conn: Connection, rows: Iterable[tuple[int, str, int, datetime, datetime | None, int]]
) -> None:
    """Queue (event, topic, partition, received_at, holds_at, lane) for resolving."""
    await conn.execute(
        """
        INSERT INTO unresolved (event_key, topic, partition, received_at, holds_at, lane)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::smallint[])
        """,
        *_columns(sorted(rows), 6),
    )


async def insert_due(conn: Connection, marks: Iterable[tuple[int, int, int]], due_at: datetime) -> None:
    """Mark (record, lane, kind) for judging."""
    await conn.execute(
        """
        INSERT INTO due (record_id, due_at, lane, kind)
        SELECT record_id, $4, lane, kind FROM unnest($1::bigint[], $2::smallint[], $3::smallint[]) AS given (record_id, lane, kind)
        """,
        *_columns(sorted(marks), 3),
        due_at,
    )


async def release_in_force(conn: Connection) -> str | None:
    """Return the release of the rules by which people are judged, and let no other come into force before we commit."""
    release: str | None = await conn.fetchval("SELECT release FROM rules_release FOR SHARE")
    return release


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[column] for row in rows] for column in range(width)]
