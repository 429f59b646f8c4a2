"""What became of an event, read from where the correlator left it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.bus.message import Position
from services.db.connection import Connection

State = Literal["on-the-bus", "taken-in", "resolved", "conflict", "refused"]


@dataclass(frozen=True)
class Fate:
    """What became of the event at one position of the bus."""

    state: State
    taken_at: datetime | None = None
    duplicate: bool = False
    """Taken in already under an earlier position: this one said nothing new."""
    reason: str | None = None
    """Code, where it was refused."""
    detail: str | None = None


async def fate_of(connection: Connection, position: Position) -> Fate:
    """What became of the event at this position."""
    row = await connection.fetchrow(
        """
        SELECT e.taken_at AS event_taken_at, e.event_key IS NOT NULL AS is_event,
               EXISTS (SELECT FROM unresolved u WHERE u.event_key = e.event_key) AS is_unresolved,
               c.taken_at AS conflict_taken_at, d.reason, d.detail, d.taken_at AS refused_at,
               coalesce(p.next_offset > $3, false) AS is_past
        FROM (VALUES (1)) AS one_row
        LEFT JOIN events e ON (e.topic, e.partition, e."offset") = ($1, $2, $3)
        LEFT JOIN conflicts c ON (c.topic, c.partition, c."offset") = ($1, $2, $3)
        LEFT JOIN dead_letters d ON (d.topic, d.partition, d."offset") = ($1, $2, $3)
        LEFT JOIN intake_progress p ON (p.topic, p.partition) = ($1, $2)
        """,
        *position,
    )
    assert row is not None, "one row is joined to"  # noqa: S101
    if row["is_event"]:
        return Fate("taken-in" if row["is_unresolved"] else "resolved", taken_at=row["event_taken_at"])
    if row["conflict_taken_at"] is not None:
        return Fate("conflict", taken_at=row["conflict_taken_at"])
    if row["reason"] is not None:
        return Fate("refused", taken_at=row["refused_at"], reason=row["reason"], detail=row["detail"])
    if row["is_past"]:
        return Fate("taken-in", duplicate=True)
    return Fate("on-the-bus")


@dataclass(frozen=True)
class ConflictRow:
    """An event that was not taken in because another with the same source and id stands."""

    conflict_id: int
    source: str
    id: str
    received_at: datetime
    taken_at: datetime


async def conflicts_of(
    connection: Connection, agency: str, *, before: int | None, limit: int
) -> tuple[ConflictRow, ...]:
    """The conflicts of one agency's events, newest first, from below `before`."""
    rows = await connection.fetch(
        """
        SELECT conflict_id, source, id, received_at, taken_at FROM conflicts
        WHERE agency = $1 AND ($2::bigint IS NULL OR conflict_id < $2)
        ORDER BY conflict_id DESC LIMIT $3
        """,
        agency,
        before,
        limit,
    )
    return tuple(ConflictRow(**row) for row in rows)
