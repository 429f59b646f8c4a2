"""How far everything has been taken in and resolved: the time up to which silence means silence (design section 5).

The watermark is the least of all partitions' `caught_up_at` and of what each unresolved event holds it at: the later of
when it was received and of its partition's `caught_up_at` before it. It is kept, and never falls. Backfill holds nothing:
history may take hours to load, and answers no deadline.
"""

from collections.abc import Mapping
from datetime import datetime

from services.db.clock_store import Clock, read_clock
from services.db.connection import Pool, hot_transaction
from services.intake import progress_store
from services.intake.progress_store import Partition


async def clock(pool: Pool) -> Clock:
    """The domain clock, to be read before the ends of the logs are asked for."""
    async with hot_transaction(pool) as conn:
        return await read_clock(conn)


async def note_caught_up(pool: Pool, ends: Mapping[Partition, int], asked_at: datetime) -> bool:
    """Note which partitions were taken in to their ends as these were at `asked_at`, and move the watermark on.

    Returns whether the watermark has come to `asked_at`: until then there is more to note.

    Whoever took them in: the offsets are compared with what the database holds, so a consumer that has lost its
    partitions says nothing wrong.
    """
    async with hot_transaction(pool) as conn:
        if ends:
            await progress_store.note_caught_up(conn, ends, asked_at)
        return await progress_store.advance_watermark(conn) >= asked_at
