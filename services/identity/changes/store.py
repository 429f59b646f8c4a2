"""The outbox of `tocsin.identity.changes`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.db.connection import Connection

PUBLISHER_LOCK: Final = 7_605_018
"""Advisory lock that makes publishers take turns, so that the news goes out in order. Any number nobody else uses."""


class Change(NamedTuple):
    """A person whose records belong to others now, or to several."""

    seq: int
    changed_at: datetime
    person: UUID
    became: Sequence[UUID]


async def next_changes(conn: Connection, limit: int) -> list[Change]:
    """Return the next changes to publish; none while another publisher is at it."""
    rows = await conn.fetch(
        """
        SELECT seq, changed_at, person, became FROM identity_changes
        WHERE pg_try_advisory_xact_lock($2) ORDER BY seq LIMIT $1
        """,
        limit,
        PUBLISHER_LOCK,
    )
    return [Change(*row) for row in rows]


async def delete_changes(conn: Connection, seqs: Sequence[int]) -> None:
    """Delete what was published."""
    await conn.execute("DELETE FROM identity_changes WHERE seq = ANY($1::bigint[])", list(seqs))
