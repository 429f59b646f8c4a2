"""The queue `due` in PostgreSQL, as its worker sees it; and what is kept of each evaluation.

Lanes: 0 live events and timers, 1 merges and spread, 2 backfill and releases. Kinds: a mark says that a case changed, a
spread that a neighbour's did, a timer that a moment comes. Timers come in two kinds, because a U1 deadline waits 60 s for
a lagging bus and the others 10 min, and a claim must know by which of the two times a row is due.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.chronology.store import LINKED
from services.db.connection import Connection
from services.rules.findings import OTHER_WAIT, U1_WAIT, Incomplete, Judging

MARK, SPREAD, TIMER_U1, TIMER = range(4)
LIVE, SPREADING, SLOW = range(3)

CLAIM: Final = f"""
WITH times AS MATERIALIZED (
    SELECT n.clock, w.at AS watermark,
        greatest(least(n.clock, w.at), n.clock - $3::interval) AS u1,
        greatest(least(n.clock, w.at), n.clock - $4::interval) AS other
    FROM (SELECT domain_now() AS clock) n, watermark w
),
picked AS MATERIALIZED (
    SELECT lane.rank, d.record_id, d.due_at
    FROM times, unnest($1::smallint[]) WITH ORDINALITY AS lane (lane, rank)
    CROSS JOIN LATERAL (
        SELECT record_id, due_at FROM due
        WHERE due.lane = lane.lane AND due.due_at <= times.clock
        AND (due.kind < 2 OR due.due_at <= CASE due.kind WHEN 2 THEN times.u1 ELSE times.other END)
        ORDER BY due.due_at LIMIT 4 * $2
    ) d
),
wanted AS MATERIALIZED (
    SELECT m.person_id, min((p.rank, p.due_at)) AS turn
    FROM picked p CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = p.record_id OFFSET 0) m
    GROUP BY m.person_id
),
-- The limit counts those locked, not those wanted: what others hold is first in turn for us too, and would be all we ask for.
locked AS MATERIALIZED (
    SELECT p.person_id FROM wanted w JOIN persons p USING (person_id)
    ORDER BY w.turn LIMIT $2 FOR NO KEY UPDATE OF p SKIP LOCKED
),
-- Neighbours with marks of their own come along: judged in one snapshot, they need no spread between them. Where there was
-- room for more, whoever has a mark in these lanes is among them, or with somebody else.
near AS MATERIALIZED (
    SELECT DISTINCT m.person_id
    FROM (SELECT person_id FROM locked WHERE (SELECT count(*) FROM locked) >= $2) w
    CROSS JOIN LATERAL (SELECT record_id FROM membership WHERE person_id = w.person_id OFFSET 0) o
    CROSS JOIN LATERAL ({LINKED}) r
    CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = r.record_id OFFSET 0) m
),
marked AS MATERIALIZED (
    SELECT n.person_id FROM near n, times WHERE n.person_id NOT IN (SELECT person_id FROM locked) AND EXISTS (
        SELECT FROM (SELECT record_id FROM membership WHERE person_id = n.person_id OFFSET 0) o
        CROSS JOIN LATERAL (
            SELECT FROM due WHERE record_id = o.record_id AND kind = 0 AND due_at <= times.clock OFFSET 0
        ) d
    ) LIMIT $2
),
along AS MATERIALIZED (
    SELECT p.person_id FROM marked JOIN persons p USING (person_id) FOR NO KEY UPDATE OF p SKIP LOCKED
)
SELECT times.clock, times.u1, times.other, greatest(times.watermark, 'epoch') AS watermark, (SELECT release FROM rules_release) AS release,
    (SELECT coalesce(max(load_id), 0) FROM directory_loads) AS revision,
    (SELECT coalesce(max(parameter_id), 0) FROM rule_parameters) AS parameters,
    EXISTS (SELECT FROM incomplete_evaluations) AS unfinished,
    ARRAY(SELECT person_id FROM locked UNION ALL SELECT person_id FROM along) AS persons
FROM times
"""  # noqa: S608 - constants of ours

# Arrays of records keep this a lookup: joined, the planner reads the whole queue, timers of years to come included.
TAKE: Final = """
WITH own AS MATERIALIZED (SELECT record_id, person_id FROM membership WHERE person_id = ANY($1::bigint[])),
gone AS (
    DELETE FROM due d WHERE d.record_id = ANY (ARRAY(SELECT record_id FROM own))
    AND d.due_at <= CASE WHEN d.kind < 2 THEN $2::timestamptz WHEN d.kind = 2 THEN $3::timestamptz ELSE $4::timestamptz END
    RETURNING d.record_id, d.kind
)
SELECT person_id, bool_or(kind = 0) AS marked FROM gone JOIN own USING (record_id) GROUP BY person_id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """People under lock, with the times by which they are to be judged."""

    now: Judging
    watermark: datetime
    release: str | None
    revision: int
    """Of the directory."""
    parameters: int
    """Number of what was set last for an area."""
    unfinished: bool
    """Somebody's evaluation is kept as incomplete."""
    persons: tuple[int, ...]


async def claim(conn: Connection, lanes: Sequence[int], limit: int) -> Claim:
    """Lock up to `limit` people who have something due in these lanes, the first lane first, and marked neighbours."""
    row: Any = await conn.fetchrow(CLAIM, list(lanes), limit, U1_WAIT, OTHER_WAIT)
    return Claim(
        now=Judging(row["clock"], row["u1"], row["other"]),
        watermark=row["watermark"],
        release=row["release"],
        revision=row["revision"],
        parameters=row["parameters"],
        unfinished=row["unfinished"],
        persons=tuple(row["persons"]),
    )


async def take(conn: Connection, claimed: Claim) -> dict[int, bool]:
    """Delete what is due of the claimed people; return who had something, and whether a mark was among it.

    A statement of its own: it must see what was committed before the locks were had.
    """
    now = claimed.now
    rows = await conn.fetch(TAKE, list(claimed.persons), now.clock, now.u1, now.other)
    return {row["person_id"]: row["marked"] for row in rows}


@dataclass(frozen=True, slots=True)
class Again:
    """A row for the queue."""

    person: int
    at: datetime
    lane: int
    kind: int


async def idle(conn: Connection, asked: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return the (record, rule) whose person owns no alert of that rule, ended ones included, and is not being judged.

    They stay so until the caller's transaction ends: nobody is judged meanwhile. Who is locked by somebody else is left out
    rather than waited for. Asked apart from the locking, to see what was committed before the locks were had.
    """
    rows = sorted(asked)
    locked = await conn.fetch(
        """
        SELECT person_id FROM persons
        WHERE person_id IN (SELECT person_id FROM membership WHERE record_id = ANY($1::bigint[]))
        ORDER BY person_id FOR SHARE SKIP LOCKED
        """,
        sorted({record for record, _ in rows}),
    )
    # OFFSET 0: as in services.chronology.store, each lookup stays a lookup.
    found = await conn.fetch(
        """
        SELECT a.record_id, a.rule FROM unnest($1::bigint[], $2::text[]) AS a (record_id, rule)
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = a.record_id OFFSET 0) m
        WHERE m.person_id = ANY($3::bigint[]) AND NOT EXISTS (
            SELECT FROM (SELECT record_id FROM membership WHERE person_id = m.person_id OFFSET 0) o
            CROSS JOIN LATERAL (SELECT FROM alerts WHERE owner_record = o.record_id AND rule = a.rule OFFSET 0) found
        )
        """,
        [record for record, _ in rows],
        [rule for _, rule in rows],
        [row[0] for row in locked],
    )
    return {(row[0], row[1]) for row in found}


async def queue(conn: Connection, judged: Sequence[int], rows: Sequence[Again]) -> None:
    """Replace the timers of the people judged, and insert what spreads. Timers that stay as they are are not touched."""
    await conn.execute(
        """
        WITH wanted AS MATERIALIZED (
            SELECT * FROM unnest($2::bigint[], $3::timestamptz[], $4::smallint[], $5::smallint[])
            AS g (record_id, due_at, lane, kind)
        ), standing AS MATERIALIZED (
            SELECT ctid, record_id, due_at, lane, kind FROM due WHERE kind >= 2
            AND record_id = ANY (ARRAY(SELECT record_id FROM membership WHERE person_id = ANY($1::bigint[])))
        ), gone AS (
            DELETE FROM due WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM standing
                WHERE (record_id, due_at, lane, kind) NOT IN (SELECT record_id, due_at, lane, kind FROM wanted)
            ))
        )
        INSERT INTO due (record_id, due_at, lane, kind)
        SELECT record_id, due_at, lane, kind FROM wanted
        WHERE (record_id, due_at, lane, kind) NOT IN (SELECT record_id, due_at, lane, kind FROM standing)
        """,
        list(judged),
        [row.person for row in rows],
        [row.at for row in rows],
        [row.lane for row in rows],
        [row.kind for row in rows],
    )


async def log(conn: Connection, claimed: Claim, release: str, judged: Sequence[int]) -> None:
    """Note who was judged by which times: a back-test replays these instants."""
    await conn.execute(
        "INSERT INTO evaluations (clock, watermark, release, persons) VALUES ($1, $2, $3, $4)",
        claimed.now.clock,
        claimed.watermark,
        release,
        list(judged),
    )


async def note_incomplete(
    conn: Connection, clock: datetime, judged: Sequence[int], found: Mapping[int, Sequence[Incomplete]]
) -> dict[int, int]:
    """Keep what could not be judged and forget what can be again; return the tries so far, by person."""
    await conn.execute(
        """
        DELETE FROM incomplete_evaluations i WHERE person_id = ANY($1::bigint[]) AND NOT EXISTS (
            SELECT FROM unnest($2::bigint[], $3::text[]) AS g (person_id, rule)
            WHERE g.person_id = i.person_id AND g.rule = i.rule
        )
        """,
        list(judged),
        [person for person, reasons in found.items() for _ in reasons],
        [reason.rule or "" for reasons in found.values() for reason in reasons],
    )
    rows = {(person, reason.rule or ""): reason.reason for person, reasons in found.items() for reason in reasons}
    if not rows:
        return {}
    kept = await conn.fetch(
        """
        INSERT INTO incomplete_evaluations AS i (person_id, rule, reason, since, last_at, tries)
        SELECT person_id, rule, reason, $4, $4, 1 FROM unnest($1::bigint[], $2::text[], $3::text[])
            AS g (person_id, rule, reason)
        ON CONFLICT (person_id, rule) DO UPDATE SET reason = excluded.reason, last_at = excluded.last_at,
            tries = i.tries + 1
        RETURNING person_id, tries
        """,
        [person for person, _ in rows],
        [rule for _, rule in rows],
        list(rows.values()),
        clock,
    )
    return {row["person_id"]: row["tries"] for row in kept}


async def in_force(conn: Connection) -> str | None:
    """Return the release of the rules in force; None before the first."""
    release: str | None = await conn.fetchval("SELECT release FROM rules_release")
    return release


async def activate(conn: Connection, release: str, *, back: bool = False) -> bool:
    """Put a release of the rules in force and have everybody judged by it, slowly. Return whether it was put in force now.

    One that was in force before and was replaced stays replaced, so that an old process that starts again does not turn
    the rules back; `back` does that on purpose.
    """
    new = await conn.fetchval(
        """
        INSERT INTO rules_releases (release, first_at) VALUES ($1, domain_now()) ON CONFLICT DO NOTHING RETURNING true
        """,
        release,
    )
    if not new and not back:
        return False
    changed = await conn.fetchval(
        """
        INSERT INTO rules_release AS r (release, active_since) VALUES ($1, domain_now())
        ON CONFLICT (only_row) DO UPDATE SET release = excluded.release, active_since = excluded.active_since
        WHERE r.release <> excluded.release
        RETURNING true
        """,
        release,
    )
    if not changed:
        return False
    await look_again(conn)
    return True


async def look_again(conn: Connection, at: datetime | None = None) -> None:
    """Mark every person, in the lane of releases: now, or at a moment to come. One row each, by the record they began with."""
    await conn.execute(
        """
        INSERT INTO due (record_id, due_at, lane, kind)
        SELECT record_id, coalesce($1, domain_now()), 2, 0 FROM membership WHERE record_id = person_id ORDER BY record_id
        """,
        at,
    )
