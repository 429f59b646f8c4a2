"""What became of an event, read from where the correlator left it."""

from collections.abc import Sequence
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
    """Taken in already under an earlier position: this one said nothing new. Its state is that of the one it repeats."""
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
        return Fate("taken-in" if await _waits_before(connection, position) else "resolved", duplicate=True)
    return Fate("on-the-bus")


async def _waits_before(connection: Connection, position: Position) -> bool:
    """Whether an event before this one on its partition is still to be resolved.

    What a duplicate repeats is not noted with it, but stands before it on the same partition (the same key; design section 3): once
    nothing before it waits, that is resolved. Where the original came by another topic, as history, this may be early.
    """
    waits: bool = await connection.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM unresolved u JOIN events e USING (event_key)
            WHERE (e.topic, e.partition) = ($1, $2) AND e."offset" < $3
        )
        """,
        *position,
    )
    return waits


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


@dataclass(frozen=True)
class Untold:
    """A conflict that its sender was not told of."""

    conflict_id: int
    agency: str
    position: Position
    """Of the event that was not taken in."""
    cluster: str
    """Whose position that is."""
    received_at: datetime
    taken_at: datetime


async def untold(connection: Connection, limit: int) -> list[Untold]:
    """Lock the next conflicts to be told, oldest first."""
    rows = await connection.fetch(
        """
        SELECT conflict_id, agency, topic, partition, "offset", cluster_id, received_at, taken_at
        FROM conflicts CROSS JOIN bus_cluster
        WHERE told_at IS NULL ORDER BY conflict_id LIMIT $1 FOR UPDATE OF conflicts SKIP LOCKED
        """,
        limit,
    )
    return [Untold(row[0], row[1], Position(*row[2:5]), *row[5:]) for row in rows]


async def note_told(connection: Connection, conflicts: Sequence[int]) -> None:
    """Their senders' topics have them."""
    await connection.execute(
        "UPDATE conflicts SET told_at = clock_timestamp() WHERE conflict_id = ANY($1::bigint[])", list(conflicts)
    )
