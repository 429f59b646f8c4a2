"""One snapshot of all queues, the next thing due, and the outcome: alerts, rings, people as the database has them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from services.db.connection import Connection
from services.replay.logs import Place

CORNER: Final = "replay_"
"""What the names of databases begin with that are made for a replay, and gone after it."""

TRUNCATED_BYTES: Final = 1_000_000
"""Smaller tables are emptied row by row: a truncated one has all its plans made anew, which costs more."""

# Everything that is or could be under way. Queues first; a delivery under way shows its lease, all other work its rows.
_BUSY: Final = """
    SELECT
        (SELECT count(*) FROM unresolved) AS unresolved,
        (SELECT count(*) FROM due WHERE due_at <= now.at) AS due,
        (SELECT count(*) FROM ladders WHERE due_at <= now.at) AS ladders,
        (SELECT count(*) FROM tell WHERE due_at <= transaction_timestamp()) AS tell,
        (SELECT count(*) FROM deliveries WHERE lease_until > transaction_timestamp()) AS leases,
        (SELECT count(*) FROM identity_changes) AS identity_changes,
        (SELECT count(*) FROM review_due WHERE lane = 0) AS decisions,
        (SELECT count(*) FROM unnest($1::text[], $2::int[], $3::bigint[]) AS wanted (topic, partition, ends)
            LEFT JOIN intake_progress p USING (topic, partition)
            WHERE wanted.ends > 0 AND coalesce(p.next_offset, 0) < wanted.ends) AS untaken
    FROM (SELECT domain_now() AS at) AS now
"""


async def busy(conn: Connection, ends: Mapping[Place, int]) -> dict[str, int]:
    """Return what is still to be done at or before the clock; empty when all is quiet.

    `ends` are the logs' ends, read before: what came later is not waited for. One statement, so one snapshot.
    """
    row = await conn.fetchrow(
        _BUSY,
        [place.topic for place in ends],
        [place.partition for place in ends],
        list(ends.values()),
    )
    assert row is not None, "it selects counts"  # noqa: S101
    return {name: count for name, count in row.items() if count}


async def next_due(conn: Connection) -> datetime | None:
    """Return when the next timer or rung falls due after the clock."""
    found: datetime | None = await conn.fetchval(
        """
        SELECT min(at) FROM (
            SELECT min(due_at) AS at FROM due WHERE due_at > domain_now()
            UNION ALL
            SELECT min(due_at) FROM ladders WHERE due_at > domain_now()
        ) AS coming
        """
    )
    return found


async def dead_letters(conn: Connection) -> list[tuple[str, str]]:
    """Return reason and detail of everything that could not be taken in."""
    rows = await conn.fetch("SELECT reason, detail FROM dead_letters ORDER BY dead_letter_id")
    return [(row["reason"], row["detail"]) for row in rows]


async def incomplete(conn: Connection) -> list[tuple[str, str]]:
    """Return rule and reason of every evaluation that could not be finished."""
    rows = await conn.fetch("SELECT rule, reason FROM incomplete_evaluations ORDER BY rule, reason")
    return [(row["rule"], row["reason"]) for row in rows]


class Version(NamedTuple):
    """One content an alert has had."""

    at: datetime
    kinds: tuple[str, ...]
    condition: str
    urgency: int
    joined_to: UUID | None
    finding: Mapping[str, Any]


class StoredAlert(NamedTuple):
    """An alert with its whole story."""

    alert: UUID
    rule: str
    anchor: Sequence[Sequence[Any]]
    """As services.alerts.codec.anchor_parts writes it."""
    versions: tuple[Version, ...]


async def alerts(conn: Connection) -> list[StoredAlert]:
    """Return every alert, oldest first."""
    rows = await conn.fetch(
        """
        SELECT a.alert_id, a.public_id, a.rule, a.anchor, v.at, v.kinds, v.condition, v.urgency, v.finding,
            j.public_id AS joined_to
        FROM alerts a JOIN alert_versions v USING (alert_id) LEFT JOIN alerts j ON j.alert_id = v.joined_to
        ORDER BY a.alert_id, v.version
        """
    )
    versions: dict[int, list[Version]] = {}
    heads: dict[int, tuple[UUID, str, Any]] = {}
    for row in rows:
        heads[row["alert_id"]] = (row["public_id"], row["rule"], orjson.loads(row["anchor"]))
        versions.setdefault(row["alert_id"], []).append(
            Version(
                row["at"],
                tuple(row["kinds"]),
                row["condition"],
                row["urgency"],
                row["joined_to"],
                orjson.loads(row["finding"]),
            )
        )
    return [StoredAlert(*heads[number], tuple(found)) for number, found in versions.items()]


async def anchor_of(conn: Connection, alert: UUID) -> tuple[str, Sequence[Sequence[Any]]]:
    """Return rule and anchor of an alert; LookupError if there is none."""
    row = await conn.fetchrow("SELECT rule, anchor FROM alerts WHERE public_id = $1", alert)
    if row is None:
        raise LookupError(f"alert {alert} was told of and is not there")
    return row["rule"], orjson.loads(row["anchor"])


class StoredRing(NamedTuple):
    """One rung of one agency's ladder that was told."""

    alert: UUID
    agency: str
    rung: int
    desks: tuple[str, ...]
    urgency: int
    started_at: datetime
    closed_at: datetime | None
    closed_why: str | None


async def rings(conn: Connection) -> list[StoredRing]:
    """Return every ring in order of time."""
    rows = await conn.fetch(
        """
        SELECT a.public_id, r.agency, r.rung, r.desks, r.urgency, r.started_at, r.closed_at, r.closed_why
        FROM rings r JOIN alerts a USING (alert_id) ORDER BY r.started_at, r.ring_id
        """
    )
    return [
        StoredRing(
            row["public_id"],
            row["agency"],
            row["rung"],
            tuple(row["desks"]),
            row["urgency"],
            row["started_at"],
            row["closed_at"],
            row["closed_why"],
        )
        for row in rows
    ]


class StoredAcknowledgement(NamedTuple):
    """Somebody at a desk took an alert on."""

    alert: UUID
    agency: str
    version: int
    desk: str
    actor: str
    action: str | None
    at: datetime


async def acknowledgements(conn: Connection) -> list[StoredAcknowledgement]:
    """Return every acknowledgement in order of time."""
    rows = await conn.fetch(
        """
        SELECT a.public_id, k.agency, k.version, k.desk, k.actor, k.action, k.at
        FROM acknowledgements k JOIN alerts a USING (alert_id) ORDER BY k.at, k.agency, a.public_id
        """
    )
    return [StoredAcknowledgement(*row) for row in rows]


class StoredMention(NamedTuple):
    """One person of one event: which record, and who that is now."""

    source: str
    id: str
    ref: str
    record: int
    person: int
    agency: str


async def mentions(conn: Connection) -> list[StoredMention]:
    """Return every mention of every event taken in."""
    rows = await conn.fetch(
        """
        SELECT e.source, e.id, m.ref, m.record_id, coalesce(s.person_id, s.record_id, m.record_id) AS person, e.agency
        FROM mentions m JOIN events e USING (event_key) LEFT JOIN membership s USING (record_id)
        ORDER BY e.event_key, m.ref
        """
    )
    return [
        StoredMention(row["source"], row["id"], row["ref"], row["record_id"], row["person"], row["agency"])
        for row in rows
    ]


class Pair(NamedTuple):
    """Two records and since when: a join of a placeholder, or a review item that is open."""

    record: int
    other: int
    at: datetime


async def joins(conn: Connection) -> list[Pair]:
    """Return which placeholders and unnamed senders were found to be somebody."""
    rows = await conn.fetch("SELECT slot_record, person_record, joined_at FROM slot_joins ORDER BY slot_record")
    return [Pair(row["slot_record"], row["person_record"], row["joined_at"]) for row in rows]


async def reviews(conn: Connection) -> list[Pair]:
    """Return every review item there has been."""
    rows = await conn.fetch("SELECT record_id, candidate_record_id, opened_at FROM reviews ORDER BY review_id")
    return [Pair(row["record_id"], row["candidate_record_id"], row["opened_at"]) for row in rows]


async def open_reviews(conn: Connection) -> list[tuple[int, int]]:
    """Return record and candidate record of every review item that is open."""
    rows = await conn.fetch(
        "SELECT record_id, candidate_record_id FROM reviews WHERE closed_at IS NULL ORDER BY review_id"
    )
    return [(row["record_id"], row["candidate_record_id"]) for row in rows]


async def tables_in_use(conn: Connection) -> dict[str, int]:
    """Return the tables that hold anything, and their sizes in bytes."""
    rows = await conn.fetch(
        """
        SELECT relname, pg_relation_size(oid) AS bytes FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
        ORDER BY relname
        """
    )
    return {row["relname"]: row["bytes"] for row in rows}


async def empty_tables(conn: Connection, but: Collection[str]) -> None:
    """Empty all tables but these, in a corner of our own; RuntimeError anywhere else."""
    database = await conn.fetchval("SELECT current_database()")
    if not database.startswith(CORNER):
        raise RuntimeError("only a database made for a replay is ever emptied")
    tables = {table: size for table, size in (await tables_in_use(conn)).items() if table not in but}
    if large := [table for table, size in tables.items() if size >= TRUNCATED_BYTES]:
        await conn.execute(f"TRUNCATE {', '.join(large)} CASCADE")
    small = [f"gone{n} AS (DELETE FROM {t})" for n, t in enumerate(tables) if t not in large]  # noqa: S608 - its own names
    if small:
        await conn.execute(f"WITH {', '.join(small)} SELECT")  # one statement: whichever refers to which


async def holds_events(conn: Connection) -> bool:
    """Say whether the installation has taken anything in: a replay begins on an empty one."""
    found: bool = await conn.fetchval("SELECT EXISTS (SELECT FROM events)")
    return found


async def make_database(url: str, name: str) -> None:
    """Create an empty database on the server of this URL."""
    await _outside(url, f"CREATE DATABASE {name}")


async def drop_database(url: str, name: str) -> None:
    """Remove a database, whoever is still connected."""
    await _outside(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def _outside(url: str, statement: str) -> None:
    """Run a statement that no transaction may hold."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
