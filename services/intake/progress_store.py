"""How far each partition has been taken in, and how far that is behind: the watermark. Statement by statement."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from services.db.connection import Connection

Partition = tuple[str, int]
"""Topic and partition."""


class Progress(NamedTuple):
    """How far a partition has been taken in."""

    next_offset: int
    caught_up_at: datetime
    now: datetime
    """Domain time of the transaction that asks."""


async def remember_cluster(conn: Connection, cluster_id: str) -> str:
    """Keep which Kafka cluster the offsets are of, if none is kept yet; return the one that is kept."""
    await conn.execute("INSERT INTO bus_cluster (cluster_id) VALUES ($1) ON CONFLICT DO NOTHING", cluster_id)
    kept: str = await conn.fetchval("SELECT cluster_id FROM bus_cluster")
    return kept


async def make_progress_rows(
    conn: Connection, starts: Mapping[Partition, int], long_ago: datetime, *, history: bool
) -> None:
    """Make the row of each partition that has none, at the offset where its log begins."""
    places = sorted(starts)
    await conn.execute(
        """
        INSERT INTO intake_progress (topic, partition, next_offset, caught_up_at, history)
        SELECT topic, partition, next_offset, $4, $5
        FROM unnest($1::text[], $2::int[], $3::bigint[]) AS given (topic, partition, next_offset)
        ON CONFLICT DO NOTHING
        """,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [starts[place] for place in places],
        long_ago,
        history,
    )


async def progress(conn: Connection, places: Collection[Partition]) -> dict[Partition, int]:
    """Return the next offset of each partition that has a row."""
    rows = await conn.fetch(
        """
        SELECT topic, partition, next_offset FROM intake_progress
        WHERE (topic, partition) IN (SELECT * FROM unnest($1::text[], $2::int[]))
        """,
        [topic for topic, _ in places],
        [partition for _, partition in places],
    )
    return {(topic, partition): next_offset for topic, partition, next_offset in rows}


async def lock_progress(conn: Connection, places: Collection[Partition]) -> dict[Partition, Progress]:
    """Lock the rows of these partitions, those that have one, until the transaction ends."""
    ordered = sorted(places)
    rows = await conn.fetch(
        """
        SELECT topic, partition, next_offset, caught_up_at, domain_now() AS now FROM intake_progress
        WHERE (topic, partition) IN (SELECT * FROM unnest($1::text[], $2::int[]))
        ORDER BY topic, partition FOR UPDATE
        """,
        [topic for topic, _ in ordered],
        [partition for _, partition in ordered],
    )
    return {
        (row["topic"], row["partition"]): Progress(row["next_offset"], row["caught_up_at"], row["now"]) for row in rows
    }


async def move_progress(conn: Connection, reached: Mapping[Partition, int]) -> None:
    """Move partitions forward; never back, whatever a consumer that lost its partition believes."""
    places = sorted(reached)
    await conn.execute(
        """
        UPDATE intake_progress p SET next_offset = greatest(p.next_offset, given.next_offset)
        FROM unnest($1::text[], $2::int[], $3::bigint[]) AS given (topic, partition, next_offset)
        WHERE (p.topic, p.partition) = (given.topic, given.partition)
        """,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [reached[place] for place in places],
    )


async def note_caught_up(conn: Connection, ends: Mapping[Partition, int], at: datetime) -> None:
    """Note that these partitions were taken in to their ends at that time, those that were."""
    places = sorted(ends)
    await conn.execute(
        """
        UPDATE intake_progress p SET caught_up_at = $4
        FROM unnest($1::text[], $2::int[], $3::bigint[]) AS given (topic, partition, log_end)
        WHERE (p.topic, p.partition) = (given.topic, given.partition)
        AND p.next_offset >= given.log_end AND p.caught_up_at < $4
        """,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [ends[place] for place in places],
        at,
    )


async def behind_by(conn: Connection) -> timedelta | None:
    """How far the watermark is behind the domain clock; None where nothing was ever taken in, or the clock is set by hand."""
    late: timedelta | None = await conn.fetchval(
        """
        SELECT domain_now() - w.at FROM watermark w, clock c
        WHERE c.mode = 'real' AND EXISTS (SELECT FROM intake_progress WHERE NOT history)
        """
    )
    return late


async def advance_watermark(conn: Connection) -> datetime:
    """Move the watermark on as far as it may go; return where it stands."""
    await conn.execute(
        """
        UPDATE watermark w SET at = reached.at
        FROM (
            SELECT least(
                (SELECT min(caught_up_at) FROM intake_progress WHERE NOT history),
                (SELECT min(holds_at) FROM unresolved)
            ) AS at
        ) AS reached
        WHERE reached.at > w.at AND EXISTS (SELECT FROM intake_progress WHERE NOT history)
        """
    )
    at: datetime = await conn.fetchval("SELECT at FROM watermark")
    return at
