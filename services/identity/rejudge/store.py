"""Judging a whole population anew, statement by statement."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from services.db.connection import Connection
from services.identity.store import LOADED, Loaded, loaded_of
from services.intake.store import BACKFILL

Kind = Literal["merge", "split", "review-opened", "review-closed"]


class Rejudging(NamedTuple):
    """One judging of everybody anew, and how far it is. Positions are numbers of records."""

    number: int
    model: str
    last_record: int
    keyed_to: int
    reported_to: int
    reported_at: datetime | None
    approved_by: str | None
    queued_to: int
    applied_at: datetime | None
    counts: str | None
    """Version of the count of the bus's own names that the model scores by, if by one."""


class Change(NamedTuple):
    """What would become of some people."""

    kind: Kind
    record: int
    """The lowest of the records concerned."""
    persons: tuple[int, ...]
    """Merge: those that become one. Split: the one that is parted. Review: the two that may be one."""
    parts: int
    """How many people they are then."""


_COLUMNS: Final = (
    "rejudging_id, model, last_record, keyed_to, reported_to, reported_at, approved_by, queued_to, applied_at, counts"
)


async def begin(conn: Connection, model: str, counts: str | None) -> Rejudging:
    """Begin a report over everybody held now."""
    rows = await conn.fetch(
        f"""
        INSERT INTO rejudgings (model, counts, began_at, last_record)
        SELECT $1, $2, domain_now(), coalesce(max(record_id), 0) FROM records RETURNING {_COLUMNS}
        """,  # noqa: S608 - a constant
        model,
        counts,
    )
    return Rejudging(*rows[0])


async def _set(conn: Connection, rejudging: int, what: str, *values: Any) -> Rejudging:  # noqa: ANN401 - of a column
    rows = await conn.fetch(
        f"UPDATE rejudgings SET {what} WHERE rejudging_id = $1 RETURNING {_COLUMNS}",  # noqa: S608 - constants of this file
        rejudging,
        *values,
    )
    return Rejudging(*rows[0])


async def latest(conn: Connection) -> Rejudging | None:
    """Return the last one begun, if any; locked, so that two operators take turns."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM rejudgings ORDER BY rejudging_id DESC LIMIT 1 FOR UPDATE"  # noqa: S608 - a constant
    )
    return None if row is None else Rejudging(*row)


async def records_after(conn: Connection, after: int, last: int, limit: int) -> dict[int, Loaded]:
    """Return the next records that name somebody, in the order of their numbers."""
    rows = await conn.fetch(
        f"""
        SELECT {LOADED} FROM records r JOIN membership m USING (record_id)
        WHERE r.record_id > $1 AND r.record_id <= $2 AND NOT r.slot AND NOT r.sender ORDER BY r.record_id LIMIT $3
        """,  # noqa: S608 - a constant
        after,
        last,
        limit,
    )
    return {row[0]: loaded_of(row) for row in rows}


# Keys


async def note_keyed(conn: Connection, rejudging: int, to: int) -> Rejudging:
    """Note how far keys are as they should be."""
    return await _set(conn, rejudging, "keyed_to = $2", to)


async def add_keys(conn: Connection, keys_of: Mapping[int, Collection[int]]) -> None:
    """Insert those of these keys of records that are not there yet."""
    pairs = sorted((key, record) for record, keys in keys_of.items() for key in keys)
    await conn.execute(
        "INSERT INTO record_keys (key, record_id) SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING",
        [key for key, _ in pairs],
        [record for _, record in pairs],
    )


async def drop_keys(conn: Connection, keys_of: Mapping[int, Collection[int]]) -> None:
    """Delete all keys of these records but these."""
    pairs = sorted((record, key) for record, keys in keys_of.items() for key in keys)
    await conn.execute(
        """
        DELETE FROM record_keys k USING (
            SELECT key, record_id FROM record_keys WHERE record_id = ANY($1::bigint[])
            EXCEPT SELECT * FROM unnest($2::bigint[], $3::bigint[])
        ) gone WHERE (k.key, k.record_id) = (gone.key, gone.record_id)
        """,
        sorted(keys_of),
        [key for _, key in pairs],
        [record for record, _ in pairs],
    )


# The report


async def keep_changes(conn: Connection, rejudging: int, changes: Iterable[Change], to: int) -> Rejudging:
    """Keep what would change, and how far the report is."""
    ordered = sorted(set(changes))
    await conn.execute(
        """
        INSERT INTO rejudged (rejudging_id, kind, record_id, persons, parts)
        SELECT $1, kind, record, persons::bigint[], parts
        FROM unnest($2::text[], $3::bigint[], $4::text[], $5::int[]) AS given (kind, record, persons, parts)
        ON CONFLICT DO NOTHING
        """,
        rejudging,
        [change.kind for change in ordered],
        [change.record for change in ordered],
        # As the text of an array: arrays of arrays do not pass through unnest.
        [f"{{{','.join(map(str, change.persons))}}}" for change in ordered],
        [change.parts for change in ordered],
    )
    return await _set(conn, rejudging, "reported_to = $2", to)


async def finish_report(conn: Connection, rejudging: int) -> Rejudging:
    """Note that the report is whole."""
    return await _set(conn, rejudging, "reported_to = last_record, reported_at = domain_now()")


class Found(NamedTuple):
    """A report in figures."""

    changes: Mapping[str, int]
    """Kind -> how many."""
    people: int
    """Who are merged or parted."""
    standing: int
    """Alerts that stand and are about one of these: each is judged anew, and may end or be told anew."""


async def figures(conn: Connection, rejudging: int) -> Found:
    """Count what would change."""
    rows = await conn.fetch(
        "SELECT kind, count(*) FROM rejudged WHERE rejudging_id = $1 GROUP BY kind ORDER BY kind", rejudging
    )
    row = await conn.fetchrow(
        """
        WITH moved AS (
            SELECT DISTINCT unnest(persons) AS person_id FROM rejudged WHERE rejudging_id = $1 AND kind IN ('merge', 'split')
        ), records AS (SELECT array_agg(record_id) AS ids FROM membership JOIN moved USING (person_id))
        SELECT (SELECT count(*) FROM moved), (
            SELECT count(*) FROM alerts a, records
            WHERE a.condition = 'standing' AND a.anchor_records && records.ids
        )
        """,
        rejudging,
    )
    assert row is not None, "it selects counts"  # noqa: S101
    return Found(dict(map(tuple, rows)), row[0], row[1])


async def examples(conn: Connection, rejudging: int, limit: int) -> list[tuple[str, list[UUID], int]]:
    """Return (kind, people by public id, parts) of some changes of each kind, none about a sealed identity."""
    rows: list[Any] = await conn.fetch(
        """
        SELECT kind, people, parts FROM (
            SELECT kind, parts, row_number() OVER (PARTITION BY kind ORDER BY record_id) AS n,
                ARRAY(SELECT public_id FROM persons WHERE person_id = ANY(persons) ORDER BY person_id) AS people
            FROM rejudged
            WHERE rejudging_id = $1 AND NOT EXISTS (SELECT FROM persons WHERE person_id = ANY(persons) AND sealed)
        ) found WHERE n <= $2 ORDER BY kind, n
        """,
        rejudging,
        limit,
    )
    return [(row[0], row[1], row[2]) for row in rows]


# Application


async def approve(conn: Connection, rejudging: int, by: str) -> Rejudging:
    """Note who approved it. From now on it is about everybody held now: the last of them may be of the old model."""
    everybody = "last_record = (SELECT coalesce(max(record_id), 0) FROM records)"
    return await _set(conn, rejudging, f"approved_by = $2, approved_at = domain_now(), {everybody}", by)


async def queue(conn: Connection, rejudging: int, records: Collection[int]) -> Rejudging:
    """Give records to the resolve workers, behind all that is live, and note how far that is."""
    await conn.execute(
        """
        INSERT INTO unresolved (record_id, received_at, lane)
        SELECT record_id, domain_now(), $2 FROM unnest($1::bigint[]) AS given (record_id)
        """,
        sorted(records),
        BACKFILL,
    )
    return await _set(conn, rejudging, "queued_to = $2", max(records))


async def waiting(conn: Connection) -> int:
    """Return how many records the resolve workers have still to judge anew."""
    found: int = await conn.fetchval("SELECT count(*) FROM unresolved WHERE record_id IS NOT NULL")
    return found


async def finish(conn: Connection, rejudging: int) -> Rejudging:
    """Note that all of it is applied."""
    return await _set(conn, rejudging, "applied_at = domain_now()")


async def of_other_models(conn: Connection, model: str) -> int:
    """Return how many edges another model judged."""
    found: int = await conn.fetchval("SELECT count(*) FROM edges WHERE model <> $1", model)
    return found


# By which release everybody is


async def made_by(conn: Connection, here: str) -> str:
    """Return by which release everybody held was last compared; where nothing is noted yet, nobody is held: note this one."""
    await conn.execute("INSERT INTO identity_made_by (release) VALUES ($1) ON CONFLICT DO NOTHING", here)
    found: str = await conn.fetchval("SELECT release FROM identity_made_by")
    return found


async def note_made_by(conn: Connection, here: str) -> None:
    """Note that everybody held is compared by this release."""
    await conn.execute("UPDATE identity_made_by SET release = $1", here)
