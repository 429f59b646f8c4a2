"""Applying what was reported: everybody goes through the queue of the resolve workers once more, behind all that is live.

So it is the path of what arrives: the same locks, audit, corrections, messages and marks for judging, in the same batches.
"""

from typing import Final

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection, Pool, hot_transaction
from services.identity.compare import model_name
from services.identity.counts import store as counts
from services.identity.rejudge import store
from services.identity.rejudge.outdated import made_here
from services.identity.rejudge.report import keys_of
from services.identity.rejudge.store import Rejudging
from services.tokens import Tokens

BATCH: Final = 1_000
"""Records queued at once."""
MOST_WAITING: Final = 2_000
"""Records in the queue beyond which no more are queued: some seconds of two workers, after which a stop is a stop."""


class NotReported(ValueError):
    """There is nothing to apply: no report, or not of this model."""


async def approved(conn: Connection, by: str) -> Rejudging:
    """Return the last report, approved by somebody; go on with it if it was approved before. Its count of names is in force from here on.

    Raises:
        NotReported: there is no whole report of the model installed here, or it is applied.
    """
    run = await store.latest(conn)
    if run is None or run.reported_at is None or run.model != model_name():
        raise NotReported(
            f"There is no whole report of the model {model_name()}: run tocsin identity rejudge --report."
        )
    if run.applied_at is not None:
        raise NotReported(f"Report {run.number} is applied: whoever came since is judged by this model already.")
    await counts.put_in_force(conn, run.counts)
    if run.approved_by is None:
        run = await store.approve(conn, run.number, by)
    found = await store.figures(conn, run.number)
    details = {
        "approved by": run.approved_by,
        "model": run.model,
        "counts": run.counts,
        "queued to": run.queued_to,
        **found.changes,
    }
    thing = f"rejudging:{run.number}"
    await audit.record(
        conn, [Entry(f"operator:{by}", Action.ADMINISTRATION, "safeguarding", "identity", thing, details)]
    )
    return run


async def step(pool: Pool, tokens: Tokens, run: Rejudging) -> tuple[Rejudging, int]:
    """Queue the next batch if the workers have room for it, or note that all is done.

    Returns how far it is now, and how many records wait for the workers.
    """
    async with hot_transaction(pool) as conn:
        waiting = await store.waiting(conn)
        if waiting > MOST_WAITING:
            return run, waiting
        batch = await store.records_after(conn, run.queued_to, run.last_record, BATCH)
        if batch:
            wanted = keys_of(batch, tokens)
            # Who came since the report may have been taken in by the old release, by whose keys nobody looks any more.
            await store.add_keys(conn, wanted)
            await store.drop_keys(conn, wanted)
            return await store.queue(conn, run.number, batch.keys()), waiting + len(batch)
        if waiting:
            return run, waiting
        await store.note_made_by(conn, made_here())
        return await store.finish(conn, run.number), waiting
