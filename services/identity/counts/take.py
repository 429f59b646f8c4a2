"""Counting who is held, for a version that scores nobody before a rejudging by it is approved."""

from collections.abc import Callable
from typing import Final

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Pool, hot_transaction, snapshot_transaction
from services.identity.counts import store
from services.identity.counts.count import Born, Counts, counts_of, note
from services.identity.store import standard_of

BATCH: Final = 5_000
"""Records read at once: some 10 MB."""


async def count(pool: Pool, read: Callable[[int], None]) -> Counts:
    """Count the names of everybody held at one moment and keep the count; nobody is scored by it yet. `read` hears of records read so far.

    Raises:
        TooFew: too few people are held.
    """
    born: Born = {}
    records = last = 0
    async with snapshot_transaction(pool) as conn:
        while batch := await store.said_after(conn, last, BATCH):
            for said in batch:
                note(standard_of(said.standard, protected=False), born)
            records, last = records + len(batch), batch[-1].record
            read(records)
    counts = counts_of(records, born)
    async with hot_transaction(pool) as conn:
        if await store.keep(conn, counts):
            details = {"version": counts.version, "records": records, "names": len(counts.names)}
            entry = Entry(
                "operator:command",
                Action.ADMINISTRATION,
                "safeguarding",
                "identity",
                f"counts:{counts.version}",
                details,
            )
            await audit.record(conn, [entry])
    return counts
