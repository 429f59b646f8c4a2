"""Deliveries in PostgreSQL as the courier sees them: claimed, leased and noted. Whoever tells writes them (tell_store.py).

A delivery means "bring this endpoint to the alert's present version". Tell rows say that it may be behind; the row without
a ring carries the lease for its rings too, so that one call at most is under way for each alert and endpoint. A claim
leaves a tell row at the end of the lease: if the courier dies, the delivery is due again by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from services.db.connection import Connection


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a delivery goes."""

    endpoint: int
    public_id: UUID
    agency: str
    desk: str | None
    kind: str
    url: str | None
    secrets_sealed: tuple[bytes | None, ...]
    """The present one, and while a rotation overlaps the one before."""
    allowed_networks: tuple[str, ...]
    removed: bool = False
    """Since it was to be told: what failed before, or was written at the same time, still waits for it."""


@dataclass(frozen=True, slots=True)
class Ring:
    """What of a ring stands in a message."""

    rung: int
    desks: tuple[str, ...]
    open: bool
    told: bool
    """This endpoint was told of it already."""
    acknowledge_by: datetime | None
    """When the next rung is rung; None on the last."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery under lease, and how the alert and its recipient stood after the claim."""

    delivery: int
    parent: int
    """The delivery without a ring, which carries the lease."""
    public_id: UUID
    parent_public_id: UUID
    lease: UUID
    lease_until: datetime
    alert: int
    alert_id: UUID
    agency: str
    version: int
    """The recipient's, which the message names."""
    stands: bool
    """The alert stands and the agency is for it; what is over is told only to whoever was told of it."""
    joined: bool
    """It is part of an older alert now, which speaks for it."""
    told_version: int | None
    """What the endpoint knows, by whichever delivery."""
    tries: int
    endpoint: Endpoint
    ring: Ring | None


CLAIM: Final = """
WITH room AS MATERIALIZED (
    SELECT e.endpoint_id, CASE
        WHEN e.degraded_at IS NULL THEN $2
        WHEN e.probe_at <= clock_timestamp() THEN 1 ELSE 0
    END - (
        SELECT count(*) FROM deliveries d WHERE d.endpoint_id = e.endpoint_id AND d.lease_until > clock_timestamp()
    ) AS free
    FROM endpoints e
    WHERE EXISTS (SELECT FROM tell t WHERE t.endpoint_id = e.endpoint_id AND t.due_at <= clock_timestamp())
),
picked AS MATERIALIZED (
    SELECT t.delivery_id, t.due_at FROM room CROSS JOIN LATERAL (
        SELECT t.delivery_id, min(t.due_at) AS due_at FROM (
            SELECT t.delivery_id, t.due_at FROM tell t JOIN deliveries d USING (delivery_id)
            JOIN deliveries p ON p.alert_id = d.alert_id AND p.endpoint_id = d.endpoint_id
                AND p.agency = d.agency AND p.ring_id IS NULL
            WHERE t.endpoint_id = room.endpoint_id AND t.due_at <= clock_timestamp() AND p.delivery_id <> ALL($3::bigint[])
            AND (p.lease_until IS NULL OR p.lease_until <= clock_timestamp())
            ORDER BY t.due_at LIMIT 2 * room.free
        ) t GROUP BY t.delivery_id ORDER BY 2 LIMIT room.free
    ) t
    WHERE room.free > 0
)
SELECT d.delivery_id, p.delivery_id AS parent
FROM picked JOIN deliveries d USING (delivery_id)
JOIN deliveries p ON p.alert_id = d.alert_id AND p.endpoint_id = d.endpoint_id
    AND p.agency = d.agency AND p.ring_id IS NULL
WHERE p.lease_until IS NULL OR p.lease_until <= clock_timestamp()
ORDER BY d.ring_id IS NULL, picked.due_at LIMIT $1
FOR UPDATE OF p, d SKIP LOCKED
"""
"""The ring's own row too: a join moves it to the older alert, whose deliveries are others."""


async def claim(
    conn: Connection, *, limit: int, per_endpoint: int, lease: timedelta, in_hand: Sequence[int] = ()
) -> list[Claimed]:
    """Lock deliveries that may be behind, take leases on them, and read their alerts: one snapshot, then send.

    `in_hand`: those whose calls the caller still has under way or to note (`Claimed.parent`), left alone whatever their lease.

    Raises:
        asyncpg.SerializationError: one was changed meanwhile; claim again.
    """
    locked = await conn.fetch(CLAIM, limit, per_endpoint, in_hand)
    chosen: dict[int, int] = {}
    for row in locked:  # a ring stands first; what is left of the same alert and endpoint waits for the lease
        chosen.setdefault(row["parent"], row["delivery_id"])
    if not chosen:
        return []
    lease_id = uuid4()
    until: datetime = await conn.fetchval(
        """
        WITH gone AS (DELETE FROM tell WHERE delivery_id = ANY($1::bigint[]) AND due_at <= clock_timestamp()),
        moment AS MATERIALIZED (SELECT clock_timestamp() + $4::interval AS until),
        leased AS (
            UPDATE deliveries SET lease_id = $3, lease_until = moment.until FROM moment
            WHERE delivery_id = ANY($2::bigint[])
        ),
        again AS (
            INSERT INTO tell (delivery_id, endpoint_id, due_at)
            SELECT d.delivery_id, d.endpoint_id, moment.until FROM deliveries d, moment
            WHERE d.delivery_id = ANY($1::bigint[])
        )
        SELECT until FROM moment
        """,
        list(chosen.values()),
        list(chosen),
        lease_id,
        lease,
    )
    rows = await conn.fetch(READ, list(chosen.values()), list(chosen))
    return [_claimed(row, lease_id, until) for row in rows]


READ: Final = """
SELECT d.delivery_id, p.delivery_id AS parent, d.public_id, p.public_id AS parent_public_id, d.agency, d.tries,
    a.alert_id, a.public_id AS reference,
    greatest(p.told_version, d.told_version) AS told_version, coalesce(x.version, 0) AS version,
    a.condition = 'standing' AND x.told AND x.left_at IS NULL AS stands, a.joined_to IS NOT NULL AS joined,
    e.endpoint_id, e.public_id AS endpoint_public_id, e.agency AS endpoint_agency, e.desk, e.kind, e.url, e.secret_sealed,
    CASE WHEN e.previous_until > clock_timestamp() THEN e.previous_sealed END AS previous_sealed,
    e.allowed_networks, e.removed_at IS NOT NULL AS removed,
    r.rung, r.desks, r.closed_at IS NULL AS open, d.told_version IS NOT NULL AS rung_told,
    CASE WHEN r.rung < json_array_length(r.policy -> 'rungs')
        THEN r.started_at + make_interval(secs => (r.policy ->> 'patience_seconds')::float) END AS acknowledge_by
FROM unnest($1::bigint[], $2::bigint[]) AS g (delivery_id, parent)
JOIN deliveries d ON d.delivery_id = g.delivery_id JOIN deliveries p ON p.delivery_id = g.parent
JOIN endpoints e ON e.endpoint_id = d.endpoint_id JOIN alerts a ON a.alert_id = d.alert_id
LEFT JOIN alert_recipients x ON x.alert_id = d.alert_id AND x.agency = d.agency
LEFT JOIN rings r ON r.ring_id = d.ring_id
"""


def _claimed(row: Any, lease: UUID, until: datetime) -> Claimed:  # noqa: ANN401 - a database record
    ring = None
    if row["rung"] is not None:
        ring = Ring(row["rung"], tuple(row["desks"]), row["open"], row["rung_told"], row["acknowledge_by"])
    return Claimed(
        delivery=row["delivery_id"],
        parent=row["parent"],
        public_id=row["public_id"],
        parent_public_id=row["parent_public_id"],
        lease=lease,
        lease_until=until,
        alert=row["alert_id"],
        alert_id=row["reference"],
        agency=row["agency"],
        version=row["version"],
        stands=bool(row["stands"]),
        joined=row["joined"],
        told_version=row["told_version"],
        tries=row["tries"],
        endpoint=Endpoint(
            endpoint=row["endpoint_id"],
            public_id=row["endpoint_public_id"],
            agency=row["endpoint_agency"],
            desk=row["desk"],
            kind=row["kind"],
            url=row["url"],
            secrets_sealed=(row["secret_sealed"], row["previous_sealed"]),
            allowed_networks=tuple(row["allowed_networks"]),
            removed=row["removed"],
        ),
        ring=ring,
    )


@dataclass(frozen=True, slots=True)
class Noted:
    """How one try went."""

    claimed: Claimed
    version: int
    outcome: str
    """told, timeout, refused, unreachable, blocked, throttled; empty: nothing had to be sent."""
    status: int | None = None
    milliseconds: int = 0
    address: str | None = None
    again_after: timedelta | None = None
    """None with a failure: given up."""

    @property
    def told(self) -> bool:
        """Whether the endpoint counts as told: a timeout does, for it may have been heard."""
        return self.outcome in {"told", "timeout"}

    @property
    def failed(self) -> bool:
        """Whether something was sent and has to be sent again, or given up."""
        return bool(self.outcome) and not self.told


async def note(conn: Connection, noted: Sequence[Noted]) -> None:
    """Write down tries, mark what the endpoints now know or when to try again, and give the leases back.

    One try at most for each lease: of two, only one would be marked.
    """
    await _log(conn, [one for one in noted if one.outcome])
    await conn.execute(
        """
        WITH g AS MATERIALIZED (
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::bigint[], $6::interval[],
                $7::boolean[], $8::bigint[], $9::boolean[])
                AS g (delivery, parent, lease, until, endpoint, again_after, told, version, failed)
        ),
        gone AS (DELETE FROM tell USING g WHERE delivery_id = g.delivery AND due_at = g.until),
        again AS (
            INSERT INTO tell (delivery_id, endpoint_id, due_at)
            SELECT delivery, endpoint, clock_timestamp() + again_after FROM g WHERE again_after IS NOT NULL
        ),
        -- A ring's delivery and the one that carries its lease, each once.
        rows AS (SELECT delivery AS id, g.* FROM g UNION ALL SELECT parent, g.* FROM g WHERE parent <> delivery)
        UPDATE deliveries d SET
            told_version = CASE WHEN r.told THEN greatest(d.told_version, r.version) ELSE d.told_version END,
            told_at = CASE WHEN r.told THEN clock_timestamp() ELSE d.told_at END,
            tries = CASE
                WHEN r.id <> r.delivery THEN d.tries WHEN r.failed THEN d.tries + 1 WHEN r.told THEN 0 ELSE d.tries
            END,
            given_up_at = CASE WHEN r.id = r.delivery AND r.failed AND r.again_after IS NULL THEN clock_timestamp() END,
            lease_until = CASE WHEN d.lease_id = r.lease THEN NULL ELSE d.lease_until END,
            lease_id = CASE WHEN d.lease_id = r.lease THEN NULL ELSE d.lease_id END
        FROM rows r WHERE d.delivery_id = r.id
        """,
        [one.claimed.delivery for one in noted],
        [one.claimed.parent for one in noted],
        [one.claimed.lease for one in noted],
        [one.claimed.lease_until for one in noted],
        [one.claimed.endpoint.endpoint for one in noted],
        [one.again_after for one in noted],
        [one.told for one in noted],
        [one.version for one in noted],
        [one.failed for one in noted],
    )


async def _log(conn: Connection, tries: Sequence[Noted]) -> None:
    if not tries:
        return
    await conn.execute(
        """
        INSERT INTO attempts (delivery_id, endpoint_id, version, outcome, status, milliseconds, address)
        SELECT delivery, endpoint, version, outcome, status, milliseconds, address::inet
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::integer[], $6::integer[], $7::text[])
            AS g (delivery, endpoint, version, outcome, status, milliseconds, address)
        """,
        [one.claimed.delivery for one in tries],
        [one.claimed.endpoint.endpoint for one in tries],
        [one.version for one in tries],
        [one.outcome for one in tries],
        [one.status for one in tries],
        [one.milliseconds for one in tries],
        [one.address for one in tries],
    )


async def note_success(conn: Connection, endpoints: Sequence[int]) -> list[UUID]:
    """Close the breakers of these endpoints and make everything that waits for them due; return those that had failed."""
    if not endpoints:
        return []
    rows = await conn.fetch(
        """
        UPDATE endpoints SET failures = 0, degraded_at = NULL, probe_at = NULL
        WHERE endpoint_id = ANY($1::bigint[]) AND failures > 0 RETURNING endpoint_id, public_id
        """,
        endpoints,
    )
    if not rows:
        return []
    await conn.execute(
        "UPDATE tell SET due_at = clock_timestamp() WHERE endpoint_id = ANY($1::bigint[]) AND due_at > clock_timestamp()",
        [row["endpoint_id"] for row in rows],
    )
    return [row["public_id"] for row in rows]


async def resume_given_up(conn: Connection, endpoints: Sequence[int]) -> list[UUID]:
    """Tell endpoints that answer again what was given up while they did not; return those deliveries. Old news is not sent."""
    rows = await conn.fetch(
        """
        WITH again AS (
            UPDATE deliveries SET given_up_at = NULL, tries = 0
            WHERE endpoint_id = ANY($1::bigint[]) AND given_up_at IS NOT NULL
            RETURNING delivery_id, endpoint_id, public_id
        ),
        due AS (INSERT INTO tell (delivery_id, endpoint_id) SELECT delivery_id, endpoint_id FROM again)
        SELECT public_id FROM again
        """,
        endpoints,
    )
    return [row["public_id"] for row in rows]


async def note_failure(conn: Connection, endpoint: int, *, opens_at: int, probe_after: timedelta) -> bool:
    """Count a failure; from `opens_at` in a row the endpoint is only probed. Return whether the breaker opened now."""
    opened: bool | None = await conn.fetchval(
        """
        UPDATE endpoints SET failures = failures + 1,
            degraded_at = CASE WHEN failures + 1 >= $2 THEN coalesce(degraded_at, clock_timestamp()) END,
            probe_at = CASE WHEN failures + 1 >= $2 THEN clock_timestamp() + $3::interval END
        WHERE endpoint_id = $1 RETURNING failures = $2
        """,
        endpoint,
        opens_at,
        probe_after,
    )
    return bool(opened)


async def redrive(conn: Connection, limit: int) -> int:
    """Tell again whatever a standing alert's endpoint has not been told and nothing will tell; return how many.

    Nothing should ever be found: it would be a defect, or rows lost to a restore.
    """
    found: int = await conn.fetchval(
        """
        WITH stuck AS (
            SELECT d.delivery_id, d.endpoint_id
            FROM deliveries d JOIN alerts a USING (alert_id) JOIN alert_recipients p USING (alert_id, agency)
            JOIN endpoints e USING (endpoint_id)
            WHERE a.condition = 'standing' AND a.joined_to IS NULL AND p.told AND p.left_at IS NULL
            AND d.ring_id IS NULL AND d.given_up_at IS NULL AND e.removed_at IS NULL AND e.agency = d.agency
            AND coalesce(d.told_version, 0) < p.version
            AND d.lease_until IS NULL AND p.told_at < domain_now()
            AND NOT EXISTS (SELECT FROM tell t JOIN deliveries x USING (delivery_id)
                WHERE x.alert_id = d.alert_id AND x.endpoint_id = d.endpoint_id)
            LIMIT $1
        ),
        again AS (INSERT INTO tell (delivery_id, endpoint_id) SELECT * FROM stuck RETURNING 1)
        SELECT count(*) FROM again
        """,
        limit,
    )
    return found


async def make_partitions(conn: Connection) -> None:
    """Make the attempt log's partitions of this month and the next two."""
    await conn.execute(
        """
        SELECT make_attempts_partition((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
        FROM generate_series(0, 2) AS n
        """
    )
