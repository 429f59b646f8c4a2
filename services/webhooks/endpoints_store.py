"""Endpoints in PostgreSQL: where an agency wants its desks told. Alert topics are endpoints too, made when first needed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from services.db.connection import Connection
from services.webhooks import signing_keys
from services.webhooks.sign import new_secret

OVERLAP: Final = timedelta(days=1)
OVERLAP_MOST: Final = timedelta(days=14)
ENDPOINTS_MAX: Final = 100
"""Of one agency: a desk each, and a few for trying out."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A new endpoint, with the secret that is shown this once."""

    endpoint: UUID
    secret: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as its agency may see it."""

    endpoint: UUID
    desk: str | None
    url: str
    created_at: datetime
    degraded_at: datetime | None
    """It fails again and again, and is tried slowly until it answers."""
    failures: int


class TooManyEndpoints(ValueError):
    """The agency has as many endpoints as one may have."""


async def register(conn: Connection, agency: str, desk: str | None, url: str, *, master_key: bytes) -> Registered:
    """Add a webhook endpoint for a desk, or as the agency's default.

    Raises:
        TooManyEndpoints: remove one first.
    """
    public_id, secret = uuid4(), new_secret()
    made = await conn.fetchval(
        """
        INSERT INTO endpoints (public_id, agency, desk, kind, url, secret_sealed)
        SELECT $1, $2, $3, 'webhook', $4, $5
        WHERE (SELECT count(*) FROM endpoints WHERE agency = $2 AND kind = 'webhook' AND removed_at IS NULL) < $6
        RETURNING true
        """,
        public_id,
        agency,
        desk,
        url,
        signing_keys.seal(master_key, public_id, secret),
        ENDPOINTS_MAX,
    )
    if not made:
        raise TooManyEndpoints
    return Registered(public_id, secret)


async def listed(conn: Connection, agency: str) -> list[Endpoint]:
    """Return the agency's webhook endpoints, oldest first."""
    rows = await conn.fetch(
        """
        SELECT public_id, desk, url, created_at, degraded_at, failures FROM endpoints
        WHERE agency = $1 AND kind = 'webhook' AND removed_at IS NULL ORDER BY endpoint_id
        """,
        agency,
    )
    return [Endpoint(*row) for row in rows]


async def rotate(
    conn: Connection, agency: str, endpoint: UUID, *, master_key: bytes, overlap: timedelta = OVERLAP
) -> str | None:
    """Give the endpoint a new secret; both sign during the overlap. None: it is not there."""
    secret = new_secret()
    rotated = await conn.fetchval(
        """
        UPDATE endpoints SET secret_sealed = $3, previous_sealed = secret_sealed,
            previous_until = clock_timestamp() + $4::interval
        WHERE agency = $1 AND public_id = $2 AND kind = 'webhook' AND removed_at IS NULL RETURNING true
        """,
        agency,
        endpoint,
        signing_keys.seal(master_key, endpoint, secret),
        min(overlap, OVERLAP_MOST),
    )
    return secret if rotated else None


async def remove(conn: Connection, agency: str, endpoint: UUID) -> bool:
    """Stop telling an endpoint; False if it is not there. A person's act: nothing else ever disables one."""
    removed = await conn.fetchval(
        """
        WITH removed AS (
            UPDATE endpoints SET removed_at = clock_timestamp()
            WHERE agency = $1 AND public_id = $2 AND kind = 'webhook' AND removed_at IS NULL RETURNING endpoint_id
        ),
        waiting AS (DELETE FROM tell USING removed WHERE tell.endpoint_id = removed.endpoint_id)
        SELECT true FROM removed
        """,
        agency,
        endpoint,
    )
    return bool(removed)
