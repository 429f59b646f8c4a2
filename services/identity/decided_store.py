"""What people decided about a record, for whoever looks into a wrong merge."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from services.db.connection import Connection


class Decided(NamedTuple):
    """A decision in force about two records."""

    record: int
    other: int
    verdict: Literal["same", "different"]
    actor: str
    reason: str
    at: datetime
    review: UUID | None
    """The review it was made in: it is taken back there, by whoever may."""


async def about(conn: Connection, record: int) -> list[Decided]:
    """Return the decisions in force that name this record, the newest first."""
    rows = await conn.fetch(
        """
        SELECT d.record_a, d.record_b, d.verdict, d.actor, d.reason, d.decided_at, v.public_id
        FROM decisions d
        LEFT JOIN review_decisions made USING (decision_id)
        LEFT JOIN reviews v ON v.review_id = made.review_id
        WHERE (d.record_a = $1 OR d.record_b = $1) AND d.withdrawn_at IS NULL
        ORDER BY d.decided_at DESC, d.decision_id DESC
        """,
        record,
    )
    return [Decided(*row) for row in rows]
