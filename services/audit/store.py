"""Audit in PostgreSQL: written unchained beside what it tells of, and moved into the chain by the sealer."""

from collections.abc import Sequence
from datetime import datetime

from services.audit.record import Entry, details_text
from services.db.connection import Connection


async def record(conn: Connection, entries: Sequence[Entry], *, at: datetime | None = None) -> None:
    """Write entries in the caller's transaction; `at` is its domain time, read from the clock if not given."""
    if not entries:
        return
    await conn.execute(
        """
        INSERT INTO audit_unsealed (at, actor, action, purpose, basis, thing, details)
        SELECT coalesce($7, (SELECT domain_now())), actor, action, purpose, basis, thing, details::json
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
            AS given (actor, action, purpose, basis, thing, details)
        """,
        [entry.actor for entry in entries],
        [str(entry.action) for entry in entries],
        [entry.purpose for entry in entries],
        [entry.basis for entry in entries],
        [entry.thing for entry in entries],
        [details_text(entry.details) for entry in entries],
        at,
    )
