"""What would change if everybody were judged by the model installed now: looked at with the eyes of a resolve, nothing written.

Batch by batch, each in a snapshot of its own, so that it may be broken off and gone on with, and is in nobody's way. Whoever
hangs together is looked at as a whole from each of its batches, and counted in that of its lowest record.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.db.connection import Connection, Pool, hot_transaction
from services.identity import store as identities
from services.identity.compare import model_name
from services.identity.look import Concern, Look, Memory, look, search, search_whole
from services.identity.people import Settled, settle
from services.identity.rejudge import store
from services.identity.rejudge.store import Change, Rejudging
from services.identity.resolve import person_after
from services.identity.scoring.model import current
from services.identity.store import Loaded
from services.intake.read import blocking_keys
from services.tokens import Tokens

BATCH: Final = 200
"""Records looked at in one transaction: half a second of one core."""


async def begun(conn: Connection, *, anew: bool) -> Rejudging:
    """Return the report of the model installed here, as far as it is; begin one if there is none, or another is wanted."""
    last = await store.latest(conn)
    if anew or last is None or last.model != model_name() or last.applied_at is not None:
        return await store.begin(conn, model_name(), current().counts)
    return last


async def step(pool: Pool, tokens: Tokens, run: Rejudging) -> Rejudging:
    """Do the next batch of a report.

    First all records get the keys by which others look for them now; keys too many do no harm. Then they are compared.
    """
    if run.keyed_to < run.last_record:
        return await _key(pool, tokens, run)
    async with pool.acquire() as snapshot, snapshot.transaction(isolation="repeatable_read", readonly=True):
        batch = await store.records_after(snapshot, run.reported_to, run.last_record, BATCH)
        changes = await changes_of(snapshot, batch, tokens) if batch else set()
    async with hot_transaction(pool) as conn:
        if batch:
            return await store.keep_changes(conn, run.number, changes, max(batch))
        return await store.finish_report(conn, run.number)


async def _key(pool: Pool, tokens: Tokens, run: Rejudging) -> Rejudging:
    async with hot_transaction(pool) as conn:
        batch = await store.records_after(conn, run.keyed_to, run.last_record, BATCH)
        await store.add_keys(conn, keys_of(batch, tokens))
        return await store.note_keyed(conn, run.number, max(batch, default=run.last_record))


def keys_of(batch: Mapping[int, Loaded], tokens: Tokens) -> dict[int, frozenset[int]]:
    """The keys under which records are to be found."""
    return {record: frozenset(blocking_keys(one.held.standard, tokens)) for record, one in batch.items()}


async def changes_of(conn: Connection, batch: Mapping[int, Loaded], tokens: Tokens) -> set[Change]:
    """Return what would change about these records."""
    concern, held, memory = Concern(again=set(batch)), dict(batch), Memory()
    await search(conn, concern, held, memory, tokens)
    await search_whole(conn, concern, held, memory, tokens)
    seen = await look(conn, concern, memory, tokens)
    settled = settle(seen.facts, seen.verdicts, seen.fixed)
    open_now = await identities.open_reviews(conn, seen.moving)
    found = {*_moves(seen, settled), *_reviews(open_now, seen, settled)}
    return {change for change in found if change.record in batch}


def _moves(seen: Look, settled: Settled) -> Iterator[Change]:
    """Who becomes one, and who is parted, of those whom somebody has named."""
    before: dict[int, set[int]] = defaultdict(set)
    after: dict[int, set[int]] = defaultdict(set)
    for record in seen.core:
        if not seen.loaded[record].unnamed:
            before[seen.loaded[record].person].add(record)
            after[person_after(record, seen, settled)].add(record)
    for records in after.values():
        if len(persons := {seen.loaded[record].person for record in records}) > 1:
            yield Change("merge", min(records), tuple(sorted(persons)), 1)
    for person, records in before.items():
        if (parts := len({person_after(record, seen, settled) for record in records})) > 1:
            yield Change("split", min(records), (person,), parts)


def _reviews(open_now: Iterable[tuple[int, int]], seen: Look, settled: Settled) -> Iterator[Change]:
    """What people would be asked, and what they would no longer be asked, about those whom somebody has named."""
    wanted = {(one.record, one.candidate_record) for one in settled.reviews}
    for pair in wanted ^ set(open_now):
        known = [seen.loaded[record] for record in pair if record in seen.loaded]
        if not seen.moving.isdisjoint(pair) and not any(one.unnamed for one in known):
            persons = tuple(sorted({one.person for one in known}))
            yield Change("review-opened" if pair in wanted else "review-closed", min(pair), persons, 2)
