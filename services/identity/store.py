"""Who is who, statement by statement: what a resolve looks at, locks and writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from services.chronology.facts import Review
from services.db.connection import Connection
from services.identity.cluster import Decision, Held
from services.identity.people import Pair
from services.identity.standardise import Standard


class Claimed(NamedTuple):
    """One row of `unresolved`: an event, a decision or a record to be judged anew, and what kind of event."""

    unresolved_id: int
    event_key: int | None
    decision_id: int | None
    record_id: int | None
    lane: int
    now: datetime
    """Domain time of the transaction that claimed it."""
    retracts: bool
    declares: bool
    """A telephone number."""
    claims: bool
    """A relation by which a placeholder may be joined."""


class Loaded(NamedTuple):
    """A record as it stands now."""

    held: Held
    person: int
    void: bool

    @property
    def unnamed(self) -> bool:
        """A placeholder or an unnamed sender."""
        return self.held.standard.slot or self.held.standard.sender


class Mentioned(NamedTuple):
    """A record an event names, as it stands now."""

    event_key: int
    received_at: datetime
    retracted: bool
    unsearched: bool
    """Nobody has looked who it is: the event that made it is not resolved."""
    replaces: bool
    """The event stands in the place of another that was taken back."""
    loaded: Loaded

    @property
    def record(self) -> int:
        """Its number."""
        return self.loaded.held.record


LOADED: Final = """
    r.record_id, r.standard, r.first_received_at, r.content_hash, m.person_id, r.void, r.protected
"""

# Both claims take the kinds of relation as their second argument, and the version of the count by which the caller scores as
# their third: who scores by another than the one in force gets nothing, and judges nobody back. From when on cases hold an event is kept for back-tests;
# one that is resolved again was held before.
_COUNTED: Final = "(SELECT version FROM name_counts_in_force) IS NOT DISTINCT FROM $3::text"
_CLAIMED: Final = """
    RETURNING u.unresolved_id, u.event_key, u.decision_id, u.record_id, u.lane
), noted AS (
    INSERT INTO resolutions (event_key, resolved_at)
    SELECT event_key, domain_now() FROM claimed WHERE event_key IS NOT NULL ON CONFLICT DO NOTHING
)
SELECT u.unresolved_id, u.event_key, u.decision_id, u.record_id, u.lane, domain_now(),
    EXISTS (SELECT FROM retractions t WHERE t.event_key = u.event_key),
    EXISTS (SELECT FROM declared_numbers d WHERE d.event_key = u.event_key),
    EXISTS (SELECT FROM relationships r WHERE r.event_key = u.event_key AND r.kind = ANY($2::text[]))
FROM claimed u
"""


async def claim(
    conn: Connection, limit: int, avoid: Collection[int], kinds: Collection[str], counts: str | None
) -> list[Claimed]:
    """Take the next rows of the queue that nobody else works on: what is live first, then in their order.

    Deleted at once: what proves them done is that this transaction commits.
    """
    rows = await conn.fetch(
        f"""
        WITH claimed AS (DELETE FROM unresolved u WHERE u.unresolved_id = ANY(ARRAY(
            SELECT unresolved_id FROM unresolved WHERE unresolved_id <> ALL($4::bigint[]) AND {_COUNTED}
            ORDER BY lane, unresolved_id LIMIT $1 FOR UPDATE SKIP LOCKED
        )) {_CLAIMED}
        """,  # noqa: S608 - a constant
        limit,
        list(kinds),
        counts,
        list(avoid),
    )
    return [Claimed(*row) for row in rows]


async def claim_again(
    conn: Connection, wanted: Collection[int], kinds: Collection[str], counts: str | None
) -> list[Claimed]:
    """Take those of these rows that are still there and free."""
    rows = await conn.fetch(
        f"""
        WITH claimed AS (DELETE FROM unresolved u WHERE u.unresolved_id = ANY(ARRAY(
            SELECT unresolved_id FROM unresolved WHERE unresolved_id = ANY($1::bigint[]) AND {_COUNTED}
            ORDER BY lane, unresolved_id FOR UPDATE SKIP LOCKED
        )) {_CLAIMED}
        """,  # noqa: S608 - a constant
        list(wanted),
        list(kinds),
        counts,
    )
    return [Claimed(*row) for row in rows]


async def mentioned(conn: Connection, event_keys: Collection[int], claimed: Collection[int]) -> list[Mentioned]:
    """Return the records these events name; `claimed` are the events whose row of the queue we hold."""
    rows = await conn.fetch(
        f"""
        SELECT n.event_key, e.received_at, e.retracted_at IS NOT NULL,
            r.first_event_key = ANY($2::bigint[])
                OR EXISTS (SELECT FROM unresolved u WHERE u.event_key = r.first_event_key),
            EXISTS (SELECT FROM retractions t WHERE (t.target_source, t.replaced_by) = (e.source, e.id)),
            {LOADED}
        FROM mentions n
        CROSS JOIN LATERAL (SELECT * FROM events WHERE event_key = n.event_key OFFSET 0) e
        CROSS JOIN LATERAL (SELECT * FROM records WHERE record_id = n.record_id OFFSET 0) r
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = n.record_id OFFSET 0) m
        WHERE n.event_key = ANY($1::bigint[])
        """,  # noqa: S608 - a constant
        list(event_keys),
        list(claimed),
    )
    return [Mentioned(row[0], row[1], row[2], row[3], row[4], loaded_of(row[5:])) for row in rows]


async def beside(conn: Connection, records: Collection[int]) -> set[int]:
    """Return the records that standing events name together with one of these."""
    if not records:
        return set()
    rows = await conn.fetch(
        """
        SELECT DISTINCT other.record_id FROM unnest($1::bigint[]) AS given (record_id)
        CROSS JOIN LATERAL (SELECT event_key FROM mentions WHERE record_id = given.record_id OFFSET 0) n
        JOIN events e ON e.event_key = n.event_key AND e.retracted_at IS NULL
        CROSS JOIN LATERAL (SELECT record_id FROM mentions WHERE event_key = n.event_key OFFSET 0) other
        """,
        list(records),
    )
    return {row[0] for row in rows}


async def claimants(conn: Connection, event_keys: Collection[int], kinds: Collection[str]) -> set[int]:
    """Return the records between which these events claim a relation of one of the kinds."""
    rows = await conn.fetch(
        "SELECT from_record, to_record FROM relationships WHERE event_key = ANY($1::bigint[]) AND kind = ANY($2::text[])",
        list(event_keys),
        list(kinds),
    )
    return {record for row in rows for record in row}


async def decided_pairs(conn: Connection, decision_ids: Collection[int]) -> set[int]:
    """Return the records these decisions are about."""
    rows = await conn.fetch(
        "SELECT record_a, record_b FROM decisions WHERE decision_id = ANY($1::bigint[])", list(decision_ids)
    )
    return {record for row in rows for record in row}


def loaded_of(row: Any) -> Loaded:  # noqa: ANN401 - a database record
    """A row of the columns LOADED."""
    return Loaded(Held(row[0], standard_of(row[1], row[6]), row[2], row[3]), row[4], row[5])


@lru_cache(maxsize=20_000)
def standard_of(stored: str, protected: bool) -> Standard:
    """Records do not change but for being protected, and every resolve looks twice."""
    standard = Standard.from_json(stored)
    return replace(standard, protected=True) if protected else standard


async def load_records(conn: Connection, records: Collection[int]) -> dict[int, Loaded]:
    """Load records with the person each belongs to."""
    if not records:
        return {}
    rows = await conn.fetch(
        f"""
        SELECT {LOADED} FROM records r JOIN membership m USING (record_id) WHERE r.record_id = ANY($1::bigint[])
        """,  # noqa: S608 - a constant
        list(records),
    )
    return {row[0]: loaded_of(row) for row in rows}


async def persons_of(conn: Connection, records: Collection[int]) -> dict[int, int]:
    """Return the person each of these records belongs to."""
    if not records:
        return {}
    rows = await conn.fetch(
        "SELECT record_id, person_id FROM membership WHERE record_id = ANY($1::bigint[])", list(records)
    )
    return {row[0]: row[1] for row in rows}


async def load_persons(conn: Connection, persons: Collection[int]) -> dict[int, Loaded]:
    """Load all records of these persons."""
    if not persons:
        return {}
    rows = await conn.fetch(
        f"""
        SELECT {LOADED} FROM membership m JOIN records r USING (record_id) WHERE m.person_id = ANY($1::bigint[])
        """,  # noqa: S608 - a constant
        list(persons),
    )
    return {row[0]: loaded_of(row) for row in rows}


async def dead(conn: Connection, records: Collection[int]) -> set[int]:
    """Return those of the records that only retracted events name."""
    if not records:
        return set()
    rows = await conn.fetch(
        """
        SELECT r.record_id FROM unnest($1::bigint[]) AS r (record_id)
        WHERE NOT EXISTS (
            SELECT FROM mentions m JOIN events e USING (event_key)
            WHERE m.record_id = r.record_id AND e.retracted_at IS NULL
        )
        """,
        list(records),
    )
    return {row[0] for row in rows}


async def set_void(conn: Connection, records: Collection[int], void: bool) -> None:
    """Note that records are void, or no longer."""
    await conn.execute("UPDATE records SET void = $2 WHERE record_id = ANY($1::bigint[])", sorted(records), void)


async def search(conn: Connection, keys: Collection[int]) -> list[tuple[int, int]]:
    """Return (key, record) of every record stored under one of the keys. Never cut off: that would hide people."""
    if not keys:
        return []
    rows = await conn.fetch("SELECT key, record_id FROM record_keys WHERE key = ANY($1::bigint[])", list(keys))
    return [(row[0], row[1]) for row in rows]


async def decisions(conn: Connection, records: Collection[int]) -> list[Decision]:
    """Return the standing decisions about any of the records."""
    rows = await conn.fetch(
        """
        SELECT record_a, record_b, verdict, decided_at, privileged FROM decisions
        WHERE withdrawn_at IS NULL AND (record_a = ANY($1::bigint[]) OR record_b = ANY($1::bigint[]))
        """,
        list(records),
    )
    return [Decision(*row) for row in rows]


async def lock_persons(conn: Connection, persons: Collection[int]) -> None:
    """Lock persons until the transaction ends, in the order of their numbers, as everybody does."""
    await conn.execute(
        "SELECT FROM persons WHERE person_id = ANY($1::bigint[]) ORDER BY person_id FOR NO KEY UPDATE", sorted(persons)
    )


# Writing


async def move(conn: Connection, moved: Mapping[int, int], now: datetime) -> None:
    """Give records to other persons, and keep since when they belonged to the old ones."""
    ordered = sorted(moved)
    await conn.execute(
        """
        WITH given AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS given (record_id, person_id)),
        before AS (
            INSERT INTO membership_history (record_id, person_id, since, until)
            SELECT m.record_id, m.person_id, m.since, $3 FROM membership m JOIN given USING (record_id)
            ON CONFLICT DO NOTHING
        )
        UPDATE membership m SET person_id = given.person_id, since = $3 FROM given WHERE m.record_id = given.record_id
        """,
        ordered,
        [moved[record] for record in ordered],
        now,
    )


async def open_reviews(conn: Connection, records: Collection[int]) -> dict[Pair, int]:
    """Return the open items that one of the records is in: (record, candidate) -> item."""
    rows = await conn.fetch(
        """
        SELECT record_id, candidate_record_id, review_id FROM reviews
        WHERE closed_at IS NULL AND (record_id = ANY($1::bigint[]) OR candidate_record_id = ANY($1::bigint[]))
        """,
        list(records),
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def write_reviews(conn: Connection, opened: Sequence[Review], closed: Collection[int], now: datetime) -> None:
    """Open items for people to look at, and close those that are settled."""
    ordered = sorted(opened, key=lambda review: (review.record, review.candidate_record))
    if closed:
        await conn.execute("UPDATE reviews SET closed_at = $2 WHERE review_id = ANY($1::bigint[])", sorted(closed), now)
    if ordered:
        await conn.execute(
            """
            INSERT INTO reviews (record_id, candidate_record_id, reason, opened_at, agencies)
            SELECT record, candidate, to_json(reason), at, ARRAY(
                SELECT DISTINCT r.agency FROM membership w JOIN membership m USING (person_id)
                JOIN records r ON r.record_id = m.record_id
                WHERE w.record_id IN (record, candidate) AND NOT r.void ORDER BY r.agency
            )
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[]) AS given (record, candidate, reason, at)
            ON CONFLICT DO NOTHING
            """,
            [review.record for review in ordered],
            [review.candidate_record for review in ordered],
            [review.reason for review in ordered],
            [review.opened_at for review in ordered],
        )


# Decisions


async def insert_decision(
    conn: Connection, a: int, b: int, verdict: str, actor: str, reason: str, *, privileged: bool
) -> int:
    """Keep a decision; return its number."""
    decision: int = await conn.fetchval(
        """
        INSERT INTO decisions (record_a, record_b, verdict, actor, reason, privileged, decided_at)
        VALUES ($1, $2, $3, $4, $5, $6, domain_now()) RETURNING decision_id
        """,
        a,
        b,
        verdict,
        actor,
        reason,
        privileged,
    )
    return decision


async def withdraw_decision(conn: Connection, a: int, b: int) -> list[int]:
    """Withdraw the standing decision about a pair, and those carried over from it; return their numbers, its own first."""
    rows = await conn.fetch(
        """
        WITH RECURSIVE gone (decision_id) AS (
            SELECT decision_id FROM decisions WHERE record_a = $1 AND record_b = $2 AND withdrawn_at IS NULL
            UNION SELECT d.decision_id FROM decisions d JOIN gone ON d.carried_from = gone.decision_id
        )
        UPDATE decisions d SET withdrawn_at = domain_now() FROM gone
        WHERE d.decision_id = gone.decision_id AND withdrawn_at IS NULL RETURNING d.decision_id
        """,
        a,
        b,
    )
    return sorted(row[0] for row in rows)


async def queue_decision(conn: Connection, decision_id: int) -> None:
    """Queue both records of a decision for resolving."""
    await conn.execute(
        "INSERT INTO unresolved (decision_id, received_at, lane) VALUES ($1, domain_now(), 0)", decision_id
    )


# Retractions


class Retraction(NamedTuple):
    """An event that takes another back, and the name of that."""

    event_key: int
    source: str
    id: str


async def retractions(conn: Connection, event_keys: Collection[int]) -> list[Retraction]:
    """Return those of these events that take another back."""
    rows = await conn.fetch(
        "SELECT event_key, target_source, target_id FROM retractions WHERE event_key = ANY($1::bigint[])",
        list(event_keys),
    )
    return [Retraction(*row) for row in rows]


async def lock_take_in(conn: Connection) -> None:
    """Wait for every batch being taken in, and let none begin until the transaction ends.

    A target just being taken in would otherwise see no retraction, and the retraction no target.
    """
    await conn.execute("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE")


async def mark_retracted(conn: Connection, names: Iterable[tuple[str, str]]) -> set[int]:
    """Set from the retractions that stand whether the events of these names are retracted; return their keys."""
    ordered = sorted(set(names))
    rows = await conn.fetch(
        """
        UPDATE events e SET retracted_at = (
            SELECT min(t.received_at) FROM retractions t JOIN events own ON own.event_key = t.event_key
            WHERE (t.target_source, t.target_id) = (e.source, e.id) AND own.retracted_at IS NULL
        )
        WHERE (e.source, e.id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
        RETURNING e.event_key
        """,
        [source for source, _ in ordered],
        [event_id for _, event_id in ordered],
    )
    return {row[0] for row in rows}
