"""The sealer: moves committed audit rows into the chain, signs checkpoints, and destroys keys whose time is over.

Only the lock on the chain's end keeps two sealers apart; a second one merely takes turns. Nothing waits for it: audit
rows are safe, if not yet chained, from the commit of what they tell of.
"""

import asyncio
import contextlib
from typing import Final

from services.audit import chain, store
from services.clock import monotonic, real_now
from services.db.connection import Pool, hot_transaction, wait_for_pool
from services.db.rerun import rerun_on_conflict
from services.sealing import store as keys
from services.settings import Settings
from services.telemetry import Log, note

BATCH_ROWS: Final = 2_000
IDLE_SECONDS: Final = 0.5
"""Between two looks when nothing is left: larger batches cost less, and nobody waits for them."""
CHECKPOINT_SECONDS: Final = 300.0
"""How much of the chain's end rests on the database alone, at most."""
HOUSEKEEPING_SECONDS: Final = 3_600.0


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Seal until told to stop; then seal what is left and sign it."""
    settings = settings.with_keys()
    pool = await wait_for_pool(settings, size=1, task="sealer")
    try:
        tidied = -HOUSEKEEPING_SECONDS
        while not stop.is_set():
            if monotonic() - tidied >= HOUSEKEEPING_SECONDS:
                await rerun_on_conflict(lambda: tidy(pool, settings))
                tidied = monotonic()
            if await rerun_on_conflict(lambda: seal(pool)) < BATCH_ROWS:
                await rerun_on_conflict(lambda: sign(pool, settings, every_seconds=CHECKPOINT_SECONDS))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
        while await rerun_on_conflict(lambda: seal(pool)) == BATCH_ROWS:
            pass
        await rerun_on_conflict(lambda: sign(pool, settings, every_seconds=0))
    finally:
        await pool.close()


async def seal(pool: Pool, limit: int = BATCH_ROWS) -> int:
    """Chain one batch and return its size."""
    async with hot_transaction(pool) as conn:
        head = await store.lock_head(conn)
        end = await store.seal_batch(conn, head, limit)
    return end.position - head.position


async def sign(pool: Pool, settings: Settings, *, every_seconds: float) -> bool:
    """Sign where the chain stands, if it moved and the last checkpoint is old enough; say whether one was signed."""
    async with hot_transaction(pool) as conn:
        head = await store.lock_head(conn)
        position, signed_at = await store.last_checkpoint(conn)
        now = real_now()
        if head.position == position or (signed_at and (now - signed_at).total_seconds() < every_seconds):
            return False
        await store.save_checkpoint(conn, chain.sign(head, now, chain.signing_key(settings.master_key_bytes)))
    note(Log.AUDIT_SEALED, position=head.position)
    return True


async def tidy(pool: Pool, settings: Settings) -> None:
    """Make the partitions of coming months and destroy the day keys under which nothing can remain."""
    async with hot_transaction(pool) as conn:
        await store.make_partitions(conn)
        destroyed = await keys.destroy_old_day_keys(conn, settings)
    for key_id in destroyed:
        note(Log.BUS_KEY_DESTROYED, key_id=key_id)
