"""Dead letters in PostgreSQL. The dead-letter topic carries the same for those who watch it."""

import base64
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson

from services.bus.message import Headers
from services.db.connection import Connection
from services.intake.read import Arrived


class Refusal(NamedTuple):
    """A message that no retry can take in, and why."""

    arrived: Arrived
    reason: str
    """A code."""
    detail: str
    """Where, or which kind of error; never from the input."""


class DeadLetter(NamedTuple):
    """One dead letter, without its bytes."""

    dead_letter_id: int
    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    taken_at: datetime
    redrives: int
    redriven_at: datetime | None


class Kept(NamedTuple):
    """The bytes of a dead letter, as they stood on the bus."""

    dead_letter_id: int
    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


async def keep(conn: Connection, refusals: Sequence[Refusal], taken_at: datetime) -> None:
    """Keep dead letters; one already kept stays as it is."""
    ordered = sorted(refusals, key=lambda refusal: refusal.arrived[:3])
    await conn.execute(
        """
        INSERT INTO dead_letters
            (topic, partition, "offset", reason, detail, message_key, message_value, headers, taken_at)
        SELECT topic, partition, "offset", reason, detail, key, value, headers::json, $9
        FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::text[])
            AS given (topic, partition, "offset", reason, detail, key, value, headers)
        ON CONFLICT DO NOTHING
        """,
        [refusal.arrived.topic for refusal in ordered],
        [refusal.arrived.partition for refusal in ordered],
        [refusal.arrived.offset for refusal in ordered],
        [refusal.reason for refusal in ordered],
        [refusal.detail for refusal in ordered],
        [refusal.arrived.key for refusal in ordered],
        [refusal.arrived.value for refusal in ordered],
        [_written(refusal.arrived.headers) for refusal in ordered],
        taken_at,
    )


async def lately(conn: Connection, window: int, backfill_topic: str, *, history: bool) -> int:
    """Return how many of the last `window` events taken in are dead letters, of this consumer, that nobody has put back since.

    By when they were taken in, not by where each partition stands: the last hundred may all have come by one of many.
    """
    found: int = await conn.fetchval(
        """
        SELECT count(*) FILTER (WHERE bad) FROM (
            SELECT bad FROM (
                (SELECT taken_at, false AS bad FROM events ORDER BY event_key DESC LIMIT $1)
                UNION ALL
                (SELECT taken_at, true FROM dead_letters WHERE redrives = 0 AND (topic = $2) = $3
                    ORDER BY dead_letter_id DESC LIMIT $1)
            ) both_kinds ORDER BY taken_at DESC, bad DESC LIMIT $1
        ) last
        """,
        window,
        backfill_topic,
        history,
    )
    return found


def _written(headers: Headers) -> str:
    return orjson.dumps([[name, base64.b64encode(value).decode()] for name, value in headers]).decode()


async def page(conn: Connection, limit: int, after: int = 0) -> list[DeadLetter]:
    """Return dead letters in the order in which they came, behind `after`."""
    rows = await conn.fetch(
        """
        SELECT dead_letter_id, topic, partition, "offset", reason, detail, taken_at, redrives, redriven_at
        FROM dead_letters WHERE dead_letter_id > $2 ORDER BY dead_letter_id LIMIT $1
        """,
        limit,
        after,
    )
    return [DeadLetter(*row) for row in rows]


async def kept(conn: Connection, wanted: Collection[int]) -> list[Kept]:
    """Return the bytes of these dead letters."""
    rows = await conn.fetch(
        """
        SELECT dead_letter_id, topic, message_key, message_value, headers FROM dead_letters
        WHERE dead_letter_id = ANY($1::bigint[]) ORDER BY dead_letter_id
        """,
        list(wanted),
    )
    return [Kept(row[0], row[1], row[2], row[3], _read(row[4])) for row in rows]


def _read(headers: str) -> list[tuple[str, bytes]]:
    return [(name, base64.b64decode(value)) for name, value in orjson.loads(headers)]


async def count_redrive(conn: Connection, dead_letter_id: int) -> None:
    """Note that a dead letter was put back on the bus."""
    await conn.execute(
        """
        UPDATE dead_letters SET redrives = redrives + 1, redriven_at = transaction_timestamp()
        WHERE dead_letter_id = $1
        """,
        dead_letter_id,
    )
