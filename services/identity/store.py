"""Who is who, statement by statement: what a resolve looks at, locks and writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from services.chronology.facts import Review
from services.db.connection import Connection
from services.identity.cluster import Decision, Held
from services.identity.compare import MODEL, Verdict
from services.identity.people import Pair
from services.identity.standardise import Standard


class Claimed(NamedTuple):
    """One row of `unresolved`: an event or a decision, and what kind of event."""

    unresolved_id: int
    event_key: int | None
    decision_id: int | None
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
    loaded: Loaded

    @property
    def record(self) -> int:
        """Its number."""
        return self.loaded.held.record


_LOADED: Final = """
    r.record_id, r.standard, r.first_received_at, r.content_hash, m.person_id, r.void, r.protected
"""

# Both claims take the kinds of relation as their second argument.
_CLAIMED: Final = """
    RETURNING u.unresolved_id, u.event_key, u.decision_id, u.lane, domain_now(),
        EXISTS (SELECT FROM retractions t WHERE t.event_key = u.event_key),
        EXISTS (SELECT FROM declared_numbers d WHERE d.event_key = u.event_key),
        EXISTS (SELECT FROM relationships r WHERE r.event_key = u.event_key AND r.kind = ANY($2::text[]))
"""


async def claim(conn: Connection, limit: int, avoid: Collection[int], kinds: Collection[str]) -> list[Claimed]:
    """Take the next rows of the queue that nobody else works on: what is live first, then in their order.

    Deleted at once: what proves them done is that this transaction commits.
    """
    rows = await conn.fetch(
        f"""
        DELETE FROM unresolved u WHERE u.unresolved_id = ANY(ARRAY(
            SELECT unresolved_id FROM unresolved WHERE unresolved_id <> ALL($3::bigint[])
            ORDER BY lane, unresolved_id LIMIT $1 FOR UPDATE SKIP LOCKED
        )) {_CLAIMED}
        """,  # noqa: S608 - a constant
        limit,
        list(kinds),
        list(avoid),
    )
    return [Claimed(*row) for row in rows]


async def claim_again(conn: Connection, wanted: Collection[int], kinds: Collection[str]) -> list[Claimed]:
    """Take those of these rows that are still there and free."""
    rows = await conn.fetch(
        f"""
        DELETE FROM unresolved u WHERE u.unresolved_id = ANY(ARRAY(
            SELECT unresolved_id FROM unresolved WHERE unresolved_id = ANY($1::bigint[])
            ORDER BY lane, unresolved_id FOR UPDATE SKIP LOCKED
        )) {_CLAIMED}
        """,  # noqa: S608 - a constant
        list(wanted),
        list(kinds),
    )
    return [Claimed(*row) for row in rows]


async def mentioned(conn: Connection, event_keys: Collection[int], claimed: Collection[int]) -> list[Mentioned]:
    """Return the records these events name; `claimed` are the events whose row of the queue we hold."""
    rows = await conn.fetch(
        f"""
        SELECT n.event_key, e.received_at, e.retracted_at IS NOT NULL,
            r.first_event_key = ANY($2::bigint[])
                OR EXISTS (SELECT FROM unresolved u WHERE u.event_key = r.first_event_key),
            {_LOADED}
        FROM mentions n
        CROSS JOIN LATERAL (SELECT received_at, retracted_at FROM events WHERE event_key = n.event_key OFFSET 0) e
        CROSS JOIN LATERAL (SELECT * FROM records WHERE record_id = n.record_id OFFSET 0) r
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = n.record_id OFFSET 0) m
        WHERE n.event_key = ANY($1::bigint[])
        """,  # noqa: S608 - a constant
        list(event_keys),
        list(claimed),
    )
    return [Mentioned(row[0], row[1], row[2], row[3], _loaded(row[4:])) for row in rows]


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


def _loaded(row: Any) -> Loaded:  # noqa: ANN401 - a database record
    return Loaded(Held(row[0], _standard(row[1], row[6]), row[2], row[3]), row[4], row[5])


@lru_cache(maxsize=20_000)
def _standard(stored: str, protected: bool) -> Standard:
    """Records do not change but for being protected, and every resolve looks twice."""
    standard = Standard.from_json(stored)
    return replace(standard, protected=True) if protected else standard


async def load_records(conn: Connection, records: Collection[int]) -> dict[int, Loaded]:
    """Load records with the person each belongs to."""
    if not records:
        return {}
    rows = await conn.fetch(
        f"""
        SELECT {_LOADED} FROM records r JOIN membership m USING (record_id) WHERE r.record_id = ANY($1::bigint[])
        """,  # noqa: S608 - a constant
        list(records),
    )
    return {row[0]: _loaded(row) for row in rows}


async def load_persons(conn: Connection, persons: Collection[int]) -> dict[int, Loaded]:
    """Load all records of these persons."""
    if not persons:
        return {}
    rows = await conn.fetch(
        f"""
        SELECT {_LOADED} FROM membership m JOIN records r USING (record_id) WHERE m.person_id = ANY($1::bigint[])
        """,  # noqa: S608 - a constant
        list(persons),
    )
    return {row[0]: _loaded(row) for row in rows}


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


async def candidates(conn: Connection, keys: Collection[int]) -> list[tuple[list[int], Loaded]]:
    """Return (keys, record) of every record stored under some of these keys, as it stands. Never cut off."""
    rows = await conn.fetch(
        f"""
        WITH found AS MATERIALIZED (
            SELECT record_id, array_agg(key) AS keys FROM record_keys WHERE key = ANY($1::bigint[]) GROUP BY record_id
        )
        SELECT f.keys, {_LOADED} FROM found f
        CROSS JOIN LATERAL (SELECT * FROM records WHERE record_id = f.record_id OFFSET 0) r
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = f.record_id OFFSET 0) m
        """,  # noqa: S608 - a constant
        list(keys),
    )
    return [(row[0], _loaded(row[1:])) for row in rows]


# The persons of some records, and all that edges (who only comes near is one who else it may be) and decisions connect to
# them. Person by person, not record by record: a person of a thousand records costs a thousand rows, not a million.
# OFFSET 0 keeps each step a lookup, whatever the planner believes of how many there are.
_REACHED: Final = """
    WITH RECURSIVE reached (person_id) AS (
        SELECT person_id FROM membership WHERE record_id = ANY($1::bigint[])
        UNION
        SELECT m.person_id FROM reached r
        CROSS JOIN LATERAL (
            SELECT DISTINCT beside.record_id
            FROM (SELECT record_id FROM membership WHERE person_id = r.person_id OFFSET 0) own
            CROSS JOIN LATERAL (
                SELECT record_b FROM edges WHERE record_a = own.record_id AND verdict <> 'none'
                UNION ALL
                SELECT record_a FROM edges WHERE record_b = own.record_id AND verdict <> 'none'
                UNION ALL
                SELECT record_b FROM decisions
                WHERE record_a = own.record_id AND verdict = 'same' AND withdrawn_at IS NULL
                UNION ALL
                SELECT record_a FROM decisions
                WHERE record_b = own.record_id AND verdict = 'same' AND withdrawn_at IS NULL
            ) AS beside (record_id)
        ) AS linked
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = linked.record_id OFFSET 0) m
    )
"""


async def connected(conn: Connection, records: Collection[int]) -> set[int]:
    """Return the persons that edges, decisions and present persons connect to these records."""
    rows = await conn.fetch(f"{_REACHED} SELECT person_id FROM reached", list(records))  # noqa: S608 - a constant
    return {row[0] for row in rows}


class Component(NamedTuple):
    """What hangs together, as it stands."""

    loaded: dict[int, Loaded]
    verdicts: dict[Pair, Verdict]
    outdated: set[Pair]
    """Pairs whose verdict another model gave."""
    decisions: list[Decision]


_RECORD, _EDGE, _DECISION = range(3)


async def component(conn: Connection, records: Collection[int]) -> Component:
    """Load all that edges, decisions and present persons connect to these records."""
    found = Component({}, {}, set(), [])
    if not records:
        return found
    rows = await conn.fetch(
        f"""
        {_REACHED}, own AS MATERIALIZED (
            SELECT m.record_id, m.person_id FROM reached r
            CROSS JOIN LATERAL (SELECT record_id, person_id FROM membership WHERE person_id = r.person_id OFFSET 0) m
        )
        SELECT 0, r.record_id, m.person_id, r.standard::text, NULL, NULL,
            r.first_received_at, r.content_hash, r.void, r.protected
        FROM own m CROSS JOIN LATERAL (SELECT * FROM records WHERE record_id = m.record_id OFFSET 0) r
        UNION ALL
        SELECT 1, e.record_a, e.record_b, e.verdict, e.reason::text, e.model, NULL, NULL, NULL, NULL
        FROM own m CROSS JOIN LATERAL (SELECT * FROM edges WHERE record_a = m.record_id OFFSET 0) e
        UNION ALL
        SELECT 2, record_a, record_b, verdict, NULL, NULL, decided_at, NULL, privileged, NULL FROM decisions
        WHERE withdrawn_at IS NULL
        AND (record_a IN (SELECT record_id FROM own) OR record_b IN (SELECT record_id FROM own))
        """,  # noqa: S608 - a constant
        list(records),
    )
    for kind, one, other, text, reason, model, at, content, flag, protected in rows:
        if kind == _RECORD:
            found.loaded[one] = Loaded(Held(one, _standard(text, protected), at, content), other, flag)
        elif kind == _EDGE:
            found.verdicts[one, other] = _verdict(text, reason)
            if model != MODEL:
                found.outdated.add((one, other))
        else:
            found.decisions.append(Decision(one, other, text, at, flag))
    return found


def _verdict(kind: Any, stored: str) -> Verdict:  # noqa: ANN401 - the column's CHECK says which three it may be
    reason = orjson.loads(stored)
    return Verdict(kind, reason["weight"], tuple(reason["reasons"]), tuple(reason["blocked"]), reason["doubt"])


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


async def write_edges(conn: Connection, verdicts: Mapping[Pair, Verdict]) -> None:
    """Keep what was found about pairs that are new, or that another model judged."""
    ordered = sorted(verdicts)
    await conn.execute(
        """
        INSERT INTO edges (record_a, record_b, verdict, reason, model)
        SELECT a, b, verdict, reason::json, $5
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS given (a, b, verdict, reason)
        ON CONFLICT (record_a, record_b) DO UPDATE
        SET verdict = excluded.verdict, reason = excluded.reason, model = excluded.model
        WHERE edges.model <> excluded.model
        """,
        [a for a, _ in ordered],
        [b for _, b in ordered],
        [verdicts[pair].kind for pair in ordered],
        [_reason(verdicts[pair]) for pair in ordered],
        MODEL,
    )


def _reason(verdict: Verdict) -> str:
    said = {"weight": verdict.weight, "doubt": verdict.doubt, "reasons": verdict.reasons, "blocked": verdict.blocked}
    return orjson.dumps(said).decode()


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
            INSERT INTO reviews (record_id, candidate_record_id, reason, opened_at)
            SELECT record, candidate, to_json(reason), at
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


async def withdraw_decision(conn: Connection, a: int, b: int) -> int | None:
    """Withdraw the standing decision about a pair; return its number, None if there is none."""
    decision: int | None = await conn.fetchval(
        """
        UPDATE decisions SET withdrawn_at = domain_now()
        WHERE record_a = $1 AND record_b = $2 AND withdrawn_at IS NULL RETURNING decision_id
        """,
        a,
        b,
    )
    return decision


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
