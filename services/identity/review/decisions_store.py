"""What reviewers decided, in PostgreSQL: an item under lock, the decision that stands about its pair, and every step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final, Literal
from uuid import UUID

import asyncpg

from services.db.connection import Connection
from services.identity.review.order import Turn

Verdict = Literal["same", "different", "cannot-tell"]
State = Literal["held", "proposed", "in-force", "refused", "withdrawn"]
StepName = Literal["decided", "confirmed", "refused", "withdrawn"]

VERSION_BYTES: Final = 8
"""Enough to tell a handful of versions of one item apart."""

PARTY: Final = """
EXISTS (
    SELECT FROM membership w JOIN membership m ON m.person_id = w.person_id JOIN records r ON r.record_id = m.record_id
    WHERE w.record_id IN (v.record_id, v.candidate_record_id) AND r.agency = $1 AND NOT r.void
) AND ($2 OR NOT EXISTS (
    SELECT FROM membership w JOIN persons p USING (person_id)
    WHERE w.record_id IN (v.record_id, v.candidate_record_id) AND p.sealed
))
"""
"""Who may see item `v`: an agency ($1) that holds a record of either person; of a sealed identity only with leave ($2)."""


@dataclass(frozen=True, slots=True)
class Locked:
    """An item, locked until the transaction ends."""

    review: int
    public_id: UUID
    record: int
    candidate: int
    closed: bool
    turn: Turn
    changing: bool
    """It has not been weighed as it is now."""
    version: str
    """Of the evidence: which records the two people have."""

    @property
    def pair(self) -> tuple[int, int]:
        """The two records, the lower number first."""
        return min(self.record, self.candidate), max(self.record, self.candidate)


async def lock(conn: Connection, public_id: UUID, agency: str, *, protected: bool) -> Locked | None:
    """Lock an item; None if it is not there for this agency."""
    row = await conn.fetchrow(
        f"SELECT v.* FROM reviews v WHERE v.public_id = $3 AND {PARTY} FOR UPDATE",  # noqa: S608 - a constant
        agency,
        protected,
        public_id,
    )
    if row is None:
        return None
    changing: bool = await conn.fetchval(
        """
        SELECT EXISTS (SELECT FROM review_due WHERE review_id = $1) OR EXISTS (
            SELECT FROM membership w JOIN membership m USING (person_id) JOIN due d ON d.record_id = m.record_id
            WHERE w.record_id = ANY($2::bigint[]) AND d.kind < 2 AND d.due_at <= domain_now()
        )
        """,
        row["review_id"],
        [row["record_id"], row["candidate_record_id"]],
    )
    return Locked(
        review=row["review_id"],
        public_id=row["public_id"],
        record=row["record_id"],
        candidate=row["candidate_record_id"],
        closed=row["closed_at"] is not None,
        turn=Turn(row["turn"]),
        changing=changing or row["weighed_at"] is None,
        version=await version(conn, row["record_id"], row["candidate_record_id"]),
    )


async def version(conn: Connection, record: int, candidate: int) -> str:
    """Return the version of what there is to compare: another one as soon as either person has another record."""
    records: list[int] = await conn.fetchval(
        """
        SELECT array_agg(DISTINCT m.record_id ORDER BY m.record_id)
        FROM membership w JOIN membership m USING (person_id) WHERE w.record_id IN ($1, $2)
        """,
        record,
        candidate,
    )
    return blake2b(" ".join(map(str, records)).encode(), digest_size=VERSION_BYTES).hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what about a decision."""

    step: StepName
    agency: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A decision with its story."""

    number: int
    public_id: UUID
    verdict: Verdict
    state: State
    decision: int | None
    """Of the table `decisions`."""
    privileged: bool
    """By the role for sealed identities."""
    steps: tuple[Step, ...]

    @property
    def by(self) -> Step:
        """Whoever decided."""
        return self.steps[0]

    def was(self, step: StepName, agency: str, actor: str) -> bool:
        """Whether this member of staff took that step."""
        return any((s.step, s.agency, s.actor.casefold()) == (step, agency, actor.casefold()) for s in self.steps)


async def about(conn: Connection, pair: tuple[int, int]) -> list[Made]:
    """Return every decision about a pair of records, oldest first."""
    return await between(conn, pair[:1], pair[1:])


async def between(conn: Connection, ones: Collection[int], others: Collection[int]) -> list[Made]:
    """Return every decision about a record of each, oldest first. One replaced outside the queue counts as withdrawn."""
    rows = await conn.fetch(
        """
        SELECT d.*, s.step, s.agency, s.actor, s.reason, s.at,
            CASE WHEN d.state = 'in-force' AND x.withdrawn_at IS NOT NULL THEN 'withdrawn' ELSE d.state END AS now
        FROM review_decisions d JOIN review_steps s USING (review_decision_id) LEFT JOIN decisions x USING (decision_id)
        WHERE (d.record_a = ANY($1::bigint[]) AND d.record_b = ANY($2::bigint[]))
        OR (d.record_a = ANY($2::bigint[]) AND d.record_b = ANY($1::bigint[]))
        ORDER BY d.review_decision_id, s.review_step_id
        """,
        list(ones),
        list(others),
    )
    return _made(rows)


def _made(rows: Sequence[asyncpg.Record]) -> list[Made]:
    found: dict[int, Made] = {}
    for row in rows:
        before = found.get(row["review_decision_id"])
        step = Step(row["step"], row["agency"], row["actor"], row["reason"], row["at"])
        found[row["review_decision_id"]] = Made(
            number=row["review_decision_id"],
            public_id=row["public_id"],
            verdict=row["verdict"],
            state=row["now"],
            decision=row["decision_id"],
            privileged=row["privileged"],
            steps=(*before.steps, step) if before else (step,),
        )
    return list(found.values())


async def insert(
    conn: Connection, item: Locked, public_id: UUID, verdict: Verdict, state: State, *, privileged: bool
) -> int:
    """Keep a new decision; return its number. What was replaced outside the queue makes room.

    Of "cannot tell" the records of both people are kept: it holds until there is another.
    """
    await conn.execute(
        """
        UPDATE review_decisions d SET state = 'withdrawn' FROM decisions x
        WHERE d.record_a = $1 AND d.record_b = $2 AND d.state = 'in-force'
        AND x.decision_id = d.decision_id AND x.withdrawn_at IS NOT NULL
        """,
        *item.pair,
    )
    number: int = await conn.fetchval(
        """
        INSERT INTO review_decisions (public_id, review_id, record_a, record_b, verdict, state, privileged, seen)
        SELECT $1, $2, $3, $4, $5, $6, $7, CASE WHEN $5 = 'cannot-tell' THEN ARRAY(
            SELECT m.record_id FROM membership w JOIN membership m USING (person_id)
            WHERE w.record_id IN ($3, $4) ORDER BY m.record_id) ELSE '{}' END
        RETURNING review_decision_id
        """,
        public_id,
        item.review,
        *item.pair,
        verdict,
        state,
        privileged,
    )
    return number


async def step(
    conn: Connection, number: int, name: StepName, agency: str, actor: str, reason: str, note: bytes | None
) -> None:
    """Keep a step of a decision."""
    await conn.execute(
        """
        INSERT INTO review_steps (review_decision_id, step, agency, actor, reason, note_sealed, at)
        VALUES ($1, $2, $3, $4, $5, $6, domain_now())
        """,
        number,
        name,
        agency,
        actor,
        reason,
        note,
    )


async def move(conn: Connection, number: int, state: State, decision: int | None = None) -> None:
    """Give a decision its new state, and the number it has in `decisions`."""
    await conn.execute(
        """
        UPDATE review_decisions SET state = $2, decision_id = coalesce($3, decision_id) WHERE review_decision_id = $1
        """,
        number,
        state,
        decision,
    )


async def held(conn: Connection, review: int) -> tuple[tuple[int, int], UUID] | None:
    """Return the pair and the decision of an item that waits until the item is weighed. The item is locked by then."""
    row = await conn.fetchrow(
        """
        SELECT d.record_a, d.record_b, d.public_id FROM reviews v JOIN review_decisions d
        ON d.record_a = least(v.record_id, v.candidate_record_id)
        AND d.record_b = greatest(v.record_id, v.candidate_record_id)
        WHERE v.review_id = $1 AND d.state = 'held'
        """,
        review,
    )
    return None if row is None else ((row["record_a"], row["record_b"]), row["public_id"])


async def wait(conn: Connection, review: int, until: datetime) -> None:
    """Give an item until then to be confirmed."""
    await conn.execute("UPDATE reviews SET due_at = $2, overdue_at = NULL WHERE review_id = $1", review, until)


async def put_aside(conn: Connection, review: int) -> None:
    """Take an item out of the queue until there is new evidence."""
    await conn.execute(
        "UPDATE reviews SET aside_at = domain_now(), due_at = NULL, overdue_at = NULL WHERE review_id = $1", review
    )
