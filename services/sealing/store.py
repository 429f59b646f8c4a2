"""Sealed values of events, and the day keys of the bus, in PostgreSQL; every key wrapped by the master key.

Destroying an event's key erases its addresses, numbers and texts wherever they lie, backups included, and leaves the
audit chain as it is. Destroying a day's key does the same for Kafka. Both run on real time, whatever the domain clock says.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.clock import real_now
from services.db.connection import Connection
from services.sealing import cipher
from services.settings import Settings
from services.telemetry import Log, note

DAYS_AHEAD: Final = 1
"""Keys made before their day, so that the gateway can seal through a night without a database."""

DAYS_OF_GRACE: Final = 2
"""After retention: one for a message of a day's last minute, one for clocks and segments that lag."""


async def put(conn: Connection, events: Sequence[tuple[int, Mapping[str, Any]]], *, master_key: bytes) -> None:
    """Seal the values of new events, each a mapping from JSON pointer to value, in the caller's transaction.

    An event already sealed keeps what it has: the first taken in stands.
    """
    wrapping = cipher.derive(master_key, "event keys")
    rows = [_sealed_row(wrapping, event_key, values) for event_key, values in sorted(events) if values]
    if not rows:
        return
    event_keys, wrapped, sealed = zip(*rows, strict=True)
    await conn.execute(
        """
        WITH given AS (SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS given (event_key, wrapped, sealed)),
        fresh AS (
            INSERT INTO event_keys (event_key, wrapped) SELECT event_key, wrapped FROM given
            ON CONFLICT DO NOTHING RETURNING event_key
        )
        INSERT INTO sealed_parts (event_key, sealed) SELECT event_key, sealed FROM given JOIN fresh USING (event_key)
        """,
        event_keys,
        wrapped,
        sealed,
    )


def _sealed_row(wrapping: bytes, event_key: int, values: Mapping[str, Any]) -> tuple[int, bytes, bytes]:
    bound = event_key.to_bytes(8)
    key = cipher.new_key()
    return event_key, cipher.seal(wrapping, key, bound), cipher.seal(key, orjson.dumps(dict(values)), bound)


async def get(conn: Connection, event_key: int, *, master_key: bytes) -> dict[str, Any]:
    """Return the sealed values of an event by JSON pointer; empty if it has none.

    Nothing on the way of an event calls this: it is for a person with a reason, and the caller audits it.

    Raises:
        cipher.KeyDestroyed: they were erased.
        cipher.SealBroken: the row was altered, or the master key is another.
    """
    row = await conn.fetchrow(
        "SELECT wrapped, sealed FROM event_keys LEFT JOIN sealed_parts USING (event_key) WHERE event_key = $1",
        event_key,
    )
    if row is None:
        return {}
    if row["wrapped"] is None:
        raise cipher.KeyDestroyed("the event's key was destroyed")
    bound = event_key.to_bytes(8)
    key = cipher.unseal(cipher.derive(master_key, "event keys"), row["wrapped"], bound)
    values: dict[str, Any] = orjson.loads(cipher.unseal(key, row["sealed"], bound))
    return values


async def destroy(conn: Connection, event_keys: Iterable[int]) -> int:
    """Destroy the keys of these events and return how many there were: their sealed values are gone everywhere."""
    destroyed: int = await conn.fetchval(
        """
        WITH gone AS (
            UPDATE event_keys SET wrapped = NULL, destroyed_at = transaction_timestamp()
            WHERE event_key = ANY($1::bigint[]) AND wrapped IS NOT NULL RETURNING 1
        )
        SELECT count(*) FROM gone
        """,
        sorted(event_keys),
    )
    return destroyed


async def day_keys(conn: Connection, settings: Settings) -> dict[str, AESGCM]:
    """Return the ciphers of every living day key by id (`2013-04-02`), making those of today and tomorrow if missing.

    The gateway calls it at start and every few hours, consumers also when they meet an id they do not know.
    """
    wrapping = cipher.derive(settings.master_key_bytes, "day keys")
    held = await _day_rows(conn)
    today = real_now().date()
    missing = [day for n in range(DAYS_AHEAD + 1) if (day := today + timedelta(days=n)).isoformat() not in held]
    if missing:
        await _make_days(conn, wrapping, missing)
        held = await _day_rows(conn)
    return {key_id: AESGCM(cipher.unseal(wrapping, wrapped, key_id.encode())) for key_id, wrapped in held.items()}


async def _day_rows(conn: Connection) -> dict[str, bytes]:
    rows = await conn.fetch("SELECT key_id, wrapped FROM day_keys WHERE wrapped IS NOT NULL")
    return {row["key_id"]: row["wrapped"] for row in rows}


async def _make_days(conn: Connection, wrapping: bytes, days: Sequence[date]) -> None:
    # ON CONFLICT: two gateways that start together shall use one key; a destroyed day stays destroyed.
    made = await conn.fetch(
        """
        INSERT INTO day_keys (key_id, day, wrapped) SELECT * FROM unnest($1::text[], $2::date[], $3::bytea[])
        ON CONFLICT DO NOTHING RETURNING key_id
        """,
        [day.isoformat() for day in days],
        days,
        [cipher.seal(wrapping, cipher.new_key(), day.isoformat().encode()) for day in days],
    )
    for row in made:
        note(Log.BUS_KEY_MADE, key_id=row["key_id"])


async def destroy_old_day_keys(conn: Connection, settings: Settings) -> list[str]:
    """Destroy the keys of days whose events the bus no longer holds, and return their ids."""
    last = real_now().date() - timedelta(days=settings.bus_retention_days + DAYS_OF_GRACE)
    rows = await conn.fetch(
        """
        UPDATE day_keys SET wrapped = NULL, destroyed_at = transaction_timestamp()
        WHERE day < $1 AND wrapped IS NOT NULL RETURNING key_id
        """,
        last,
    )
    return sorted(row["key_id"] for row in rows)
