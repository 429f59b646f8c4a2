"""The review queue in PostgreSQL: which items are to be weighed, what they are worth, and which are overdue."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.db.connection import Connection
from services.identity.review.order import Turn, unevenness

DECIDED, CHANGED = range(2)
"""Lanes of `review_due`."""


async def touch(conn: Connection, persons: Collection[int]) -> None:
    """Queue the open items about these people: something about them has changed."""
    await conn.execute(
        """
        INSERT INTO review_due (review_id, lane)
        SELECT DISTINCT v.review_id, $2::smallint FROM unnest($1::bigint[]) AS given (person_id)
        CROSS JOIN LATERAL (SELECT record_id FROM membership WHERE person_id = given.person_id OFFSET 0) m
        CROSS JOIN LATERAL (
            SELECT review_id FROM reviews WHERE record_id = m.record_id AND closed_at IS NULL
            UNION ALL
            SELECT review_id FROM reviews WHERE candidate_record_id = m.record_id AND closed_at IS NULL
            OFFSET 0
        ) v
        """,
        sorted(persons),
        CHANGED,
    )


async def queue(conn: Connection, review: int) -> None:
    """Queue an item whose decision waits to be weighed."""
    await conn.execute("INSERT INTO review_due (review_id, lane) VALUES ($1, $2)", review, DECIDED)


async def claim(conn: Connection) -> tuple[bool, int | None]:
    """Take the next item off the queue, with all its rows that nobody else holds.

    Return whether there was a row, and the item; None if it is closed by now, and nothing is to be weighed.
    """
    review: int | None = await conn.fetchval(
        "SELECT review_id FROM review_due ORDER BY lane, review_due_id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    if review is None:
        return False, None
    await conn.execute(
        """
        DELETE FROM review_due WHERE review_due_id = ANY(ARRAY(
            SELECT review_due_id FROM review_due WHERE review_id = $1 FOR UPDATE SKIP LOCKED
        ))
        """,
        review,
    )
    is_open = await conn.fetchval("SELECT closed_at IS NULL FROM reviews WHERE review_id = $1", review)
    return True, review if is_open else None


@dataclass(frozen=True, slots=True)
class Item:
    """An open item as the weighing needs it."""

    review: int
    record: int
    candidate: int
    one: int
    """Person of the record."""
    other: int
    unnamed: bool
    turn: Turn
    turn_since: datetime | None
    due_at: datetime | None
    aside: bool
    """Put aside so far."""
    told_apart: bool
    """Somebody looked at just what there is now, and could not tell."""
    proposed: bool
    weight: int | None
    agencies: tuple[str, ...]
    clock: datetime


async def item(conn: Connection, review: int) -> Item | None:
    """Load an open item; None if it is closed, or the two are one by now."""
    row = await conn.fetchrow(
        """
        WITH item AS MATERIALIZED (
            SELECT v.*, a.person_id AS one, b.person_id AS other FROM reviews v
            JOIN membership a ON a.record_id = v.record_id JOIN membership b ON b.record_id = v.candidate_record_id
            WHERE v.review_id = $1 AND v.closed_at IS NULL AND a.person_id <> b.person_id
        ),
        own AS MATERIALIZED (
            SELECT r.record_id, r.agency, r.void, m.person_id FROM item
            JOIN membership m ON m.person_id IN (item.one, item.other)
            JOIN records r ON r.record_id = m.record_id
        )
        SELECT item.*, r.slot OR r.sender AS unnamed, domain_now() AS clock,
            ARRAY(SELECT DISTINCT agency FROM own WHERE NOT void ORDER BY agency) AS parties,
            (SELECT max(e.weight) FROM edges e
                JOIN own x ON x.record_id = e.record_a JOIN own y ON y.record_id = e.record_b
                WHERE x.person_id <> y.person_id) AS figure,
            EXISTS (
                SELECT FROM review_decisions d JOIN own x ON x.record_id = d.record_a JOIN own y ON y.record_id = d.record_b
                WHERE d.verdict = 'cannot-tell' AND d.state = 'in-force' AND x.person_id <> y.person_id
                AND d.seen @> ARRAY(SELECT record_id FROM own)
            ) AS told_apart,
            EXISTS (
                SELECT FROM review_decisions d WHERE d.state = 'proposed'
                AND d.record_a = least(item.record_id, item.candidate_record_id)
                AND d.record_b = greatest(item.record_id, item.candidate_record_id)
            ) AS proposed
        FROM item JOIN records r ON r.record_id = item.record_id
        """,
        review,
    )
    if row is None:
        return None
    return Item(
        review=row["review_id"],
        record=row["record_id"],
        candidate=row["candidate_record_id"],
        one=row["one"],
        other=row["other"],
        unnamed=row["unnamed"],
        turn=Turn(row["turn"]),
        turn_since=row["turn_since"],
        due_at=row["due_at"],
        aside=row["aside_at"] is not None,
        told_apart=row["told_apart"],
        proposed=row["proposed"],
        weight=row["figure"],
        agencies=tuple(row["parties"]),
        clock=row["clock"],
    )


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an item is worth."""

    turn: Turn
    turn_since: datetime
    rules: tuple[str, ...]
    areas: tuple[str, ...]
    due_at: datetime | None


async def keep(conn: Connection, found: Item, weighed: Weighed) -> None:
    """Keep what an item is worth. One that is due later than it was is no longer overdue."""
    await conn.execute(
        """
        UPDATE reviews SET turn = $2, turn_since = $3, rules = $4, areas = $5, weight = $6, agencies = $7,
            weighed_at = $8, due_at = $9, aside_at = CASE WHEN $10 THEN coalesce(aside_at, $8) END,
            overdue_at = CASE WHEN NOT $10 AND $9 <= due_at THEN overdue_at END, unevenness = $11
        WHERE review_id = $1 AND closed_at IS NULL
        """,
        found.review,
        int(weighed.turn),
        weighed.turn_since,
        list(weighed.rules),
        list(weighed.areas),
        found.weight,
        list(found.agencies),
        found.clock,
        weighed.due_at,
        found.told_apart,
        unevenness(found.weight),
    )


@dataclass(frozen=True, slots=True)
class Overdue:
    """An item whose time ran out."""

    public_id: str
    turn: Turn
    rules: Sequence[str]
    proposed: bool


async def overdue(conn: Connection, limit: int) -> list[Overdue]:
    """Mark items whose time has run out, and return them."""
    rows = await conn.fetch(
        """
        UPDATE reviews v SET overdue_at = domain_now() WHERE review_id = ANY(ARRAY(
            SELECT review_id FROM reviews
            WHERE due_at <= domain_now() AND closed_at IS NULL AND aside_at IS NULL AND overdue_at IS NULL
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
        ))
        RETURNING public_id, turn, rules, EXISTS (
            SELECT FROM review_decisions d WHERE d.review_id = v.review_id AND d.state = 'proposed') AS proposed
        """,
        limit,
    )
    return [Overdue(str(row["public_id"]), Turn(row["turn"]), row["rules"], row["proposed"]) for row in rows]


async def done_with(conn: Connection, abouts: Collection[str]) -> list[str]:
    """Return those of these items that are no longer overdue: decided, settled, put aside or given more time."""
    rows = await conn.fetch(
        """
        SELECT about FROM unnest($1::text[]) AS given (about) WHERE NOT EXISTS (
            SELECT FROM reviews WHERE public_id::text = about
            AND closed_at IS NULL AND aside_at IS NULL AND overdue_at IS NOT NULL
        )
        """,
        list(abouts),
    )
    return [row["about"] for row in rows]
