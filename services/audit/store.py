"""Audit in PostgreSQL: written unchained beside what it tells of, and moved into the chain by the sealer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.audit.chain import Checkpoint, Head, chain
from services.audit.record import Action, Entry, Row, details_text
from services.audit.verify import Report, finish, follow, trusted
from services.db.connection import Connection

PAGE_ROWS: Final = 2_000
"""Rows read in one statement when verifying: a short transaction for each page, whatever the chain's length."""

COLUMNS: Final = (
    "position",
    "written_at",
    "at",
    "actor",
    "action",
    "purpose",
    "basis",
    "thing",
    "details",
    "salt",
    "commitment",
    "hash",
)


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


async def lock_head(conn: Connection) -> Head:
    """Return the end of the chain, locked until the transaction ends: there is one sealer at a time."""
    row = await conn.fetchrow("SELECT position, hash FROM audit_head FOR UPDATE")
    assert row is not None, "migration 0004 writes the row, and nothing deletes it"  # noqa: S101
    return Head(row["position"], row["hash"])


async def seal_batch(conn: Connection, head: Head, limit: int) -> Head:
    """Move up to `limit` committed rows into the chain, in the order in which they were written; return its new end."""
    taken = await conn.fetch(
        """
        DELETE FROM audit_unsealed WHERE audit_id IN (SELECT audit_id FROM audit_unsealed ORDER BY audit_id LIMIT $1)
        RETURNING audit_id, written_at, at, actor, action, purpose, basis, thing, details
        """,
        limit,
    )
    if not taken:
        return head
    # RETURNING keeps no order.
    taken.sort(key=lambda row: row["audit_id"])
    new_head, rows = chain(head, [_unplaced(row) for row in taken])
    await conn.copy_records_to_table(
        "audit", records=[tuple(getattr(row, column) for column in COLUMNS) for row in rows], columns=COLUMNS
    )
    await conn.execute("UPDATE audit_head SET position = $1, hash = $2", new_head.position, new_head.hash)
    return new_head


def _unplaced(row: asyncpg.Record) -> Row:
    return Row(
        position=0,
        written_at=row["written_at"],
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        purpose=row["purpose"],
        basis=row["basis"],
        thing=row["thing"],
        details=row["details"],
        salt=None,
        commitment=b"",
        hash=b"",
    )


async def unsealed(conn: Connection) -> tuple[int, datetime | None]:
    """Return how many rows wait for the sealer, and when the oldest was written."""
    row = await conn.fetchrow("SELECT count(*) AS waiting, min(written_at) AS oldest FROM audit_unsealed")
    return (row["waiting"], row["oldest"]) if row else (0, None)


async def rows_after(conn: Connection, position: int, limit: int = PAGE_ROWS) -> list[Row]:
    """Return the next rows of the chain behind a position."""
    rows = await conn.fetch(
        f"SELECT {', '.join(COLUMNS)} FROM audit WHERE position > $1 ORDER BY position LIMIT $2",  # noqa: S608 - constants
        position,
        limit,
    )
    return [Row(**dict(row)) for row in rows]


class Shown(NamedTuple):
    """One time that something was shown: to whom, what, and for what."""

    written_at: datetime
    actor: str
    action: str
    thing: str
    purpose: str
    basis: str
    recipient: str | None
    """The agency; None once erased."""


async def shown_of(conn: Connection, public_id: UUID, *, actor: str, limit: int) -> list[Shown]:
    """Return who was shown anything of a person or an alert with this id, newest first; write down that `actor` asked.

    Of a person: what was asked under any id they ever had, and every alert that hangs on them. Reads the whole record of what was
    shown, which has no index by thing: a question asked once in a while. No such id: nobody was shown it.
    """
    rows = await conn.fetch(
        """
        WITH theirs AS (
            SELECT m.record_id FROM membership m JOIN persons p USING (person_id) WHERE p.public_id = $1
        ), things AS (
            SELECT 'person:' || record_id AS thing FROM theirs  -- a person's number is that of its first record
            UNION
            SELECT 'alert:' || alert_id FROM alerts
            WHERE public_id = $1 OR owner_record IN (SELECT record_id FROM theirs)
                OR anchor_records && (SELECT coalesce(array_agg(record_id), '{}') FROM theirs)
        )
        SELECT written_at, actor, action, thing, purpose, basis, details->>'recipient' AS recipient
        FROM (
            SELECT written_at, actor, action, thing, purpose, basis, details FROM audit
            UNION ALL SELECT written_at, actor, action, thing, purpose, basis, details FROM audit_unsealed
        ) rows
        WHERE action IN ('consultation', 'disclosure') AND thing IN (SELECT thing FROM things)
        ORDER BY written_at DESC LIMIT $2
        """,
        public_id,
        limit,
    )
    asked = Entry(
        f"operator:{actor}", Action.CONSULTATION, "data-protection", "oversight of disclosures", f"audit-of:{public_id}"
    )
    await record(conn, [asked])
    return [Shown(**dict(row)) for row in rows]


async def verify(conn: Connection, public: Ed25519PublicKey, *, held: Sequence[Checkpoint] = ()) -> Report:
    """Check the whole chain against the stored checkpoints and those held elsewhere.

    Pages are read one by one, so that a long chain holds no long transaction; rows sealed meanwhile are checked too.
    """
    report = Report()
    expected = trusted([*await checkpoints(conn), *held], public, report)
    position = 0
    while page := await rows_after(conn, position):
        follow(report, page, expected)
        position = page[-1].position
    finish(report, expected)
    return report


async def save_checkpoint(conn: Connection, checkpoint: Checkpoint) -> None:
    """Keep a checkpoint."""
    await conn.execute(
        """
        INSERT INTO checkpoints (position, hash, signed_at, key_id, signature) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        """,
        checkpoint.position,
        checkpoint.hash,
        checkpoint.signed_at,
        checkpoint.key_id,
        checkpoint.signature,
    )


async def checkpoints(conn: Connection) -> list[Checkpoint]:
    """Return all checkpoints, oldest first."""
    rows = await conn.fetch("SELECT position, hash, signed_at, key_id, signature FROM checkpoints ORDER BY position")
    return [Checkpoint(**dict(row)) for row in rows]


async def last_checkpoint(conn: Connection) -> tuple[int, datetime | None]:
    """Return where the newest checkpoint stands and when it was signed; (0, None) if there is none."""
    row = await conn.fetchrow("SELECT position, signed_at FROM checkpoints ORDER BY position DESC LIMIT 1")
    return (row["position"], row["signed_at"]) if row else (0, None)


async def make_partitions(conn: Connection) -> None:
    """Make the partitions of this month and the next two."""
    await conn.execute(
        """
        SELECT make_audit_partition((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
        FROM generate_series(0, 2) AS n
        """
    )


async def erase(conn: Connection, positions: Sequence[int], *, actor: str, purpose: str, basis: str) -> int:
    """Take salt and details of these rows away, say so in the audit, and return how many held any."""
    rows = await conn.fetch(
        """
        UPDATE audit SET details = NULL, salt = NULL WHERE position = ANY($1::bigint[]) AND salt IS NOT NULL
        RETURNING position
        """,
        sorted(positions),
    )
    erased = sorted(row["position"] for row in rows)
    await record(conn, [Entry(actor, Action.ERASURE, purpose, basis, f"audit:{position}") for position in erased])
    return len(erased)
