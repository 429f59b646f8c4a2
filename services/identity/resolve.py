"""Resolving: working out who the people of queued events and decisions are, under locks, in one transaction.

Two workers that each hold half of a person lock the same people; whoever comes second looks again and sees both halves.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.corrections import store as corrections
from services.db.connection import Connection, Pool, hot_transaction
from services.db.rerun import Kind, kind_of
from services.identity import store
from services.identity.corrections.carry import carry
from services.identity.counts.store import in_force
from services.identity.graph import store as graph
from services.identity.look import Concern, Look, Memory, glance, look, search, search_whole
from services.identity.people import Settled, settle
from services.identity.persons import store as persons
from services.identity.scoring import model
from services.identity.store import Claimed, Loaded
from services.identity.unnamed import store as unnamed
from services.identity.unnamed.facts import SLOT_KINDS
from services.intake.store import BACKFILL, LIVE, MARK, insert_due
from services.telemetry import Log, note
from services.tokens import Tokens

SPREAD: Final = 1
"""Lane of `due` for those whose person changed although no event names them."""

WIDENINGS: Final = 20
"""Looks that may each find more than the one before. More means that somebody feeds us faster than we can look."""


class _Grown(Exception):
    """Under the locks more people were found than are locked."""

    def __init__(self, persons: set[int]) -> None:
        super().__init__()
        self.persons = persons


class CountsChanged(RuntimeError):
    """Another count of names is in force than this process scores by: it has claimed nothing."""


class ResolveFailed(RuntimeError):
    """An error that no rerun cures; the rows of the queue are as they were."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(f"{len(rows)} rows of the queue could not be resolved")
        self.rows = rows


class NotSettling(RuntimeError):
    """The people concerned kept growing."""


@dataclass(slots=True)
class _Attempt:
    """What one try leaves to the next."""

    rows: list[int] = field(default_factory=list)
    wanted: set[int] = field(default_factory=set)
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a resolve did, in numbers."""

    rows: int = 0
    moved: int = 0
    joins: int = 0
    reviews: int = 0


async def resolve(pool: Pool, tokens: Tokens, limit: int, avoid: Collection[int] = ()) -> Resolved:
    """Resolve the next rows of the queue that are free; nothing to do returns zeroes.

    Raises:
        ResolveFailed: one of the rows cannot be resolved. Conflicts and a server that is away are raised as they are.
        CountsChanged: another count of names is in force than this process scores by.
    """
    attempt = _Attempt()
    try:
        for _ in range(WIDENINGS):
            try:
                async with hot_transaction(pool) as conn:
                    return await _try(conn, attempt, tokens, limit, avoid)
            except _Grown as grown:
                attempt.wanted |= grown.persons
        raise NotSettling(f"after {WIDENINGS} looks")
    except Exception as error:
        if kind_of(error) is Kind.DATA and attempt.rows:
            raise ResolveFailed(attempt.rows) from error
        raise


async def _try(conn: Connection, attempt: _Attempt, tokens: Tokens, limit: int, avoid: Collection[int]) -> Resolved:
    counts = model.current().counts
    if attempt.rows:
        rows = await store.claim_again(conn, attempt.rows, SLOT_KINDS, counts)
    else:
        rows = await store.claim(conn, limit, avoid, SLOT_KINDS, counts)
    attempt.rows = [row.unresolved_id for row in rows]
    if rows:
        return await _resolve(conn, rows, attempt.wanted, attempt.memory, tokens)
    if (now := await in_force(conn)) != counts:
        raise CountsChanged(f"The count {now} of names is in force, and here scores are made by {counts}.")
    return Resolved()


async def _resolve(
    conn: Connection, rows: list[Claimed], wanted: Collection[int], memory: Memory, tokens: Tokens
) -> Resolved:
    concern, held = await _concern(conn, rows, tokens)
    await search(conn, concern, held, memory, tokens)
    await search_whole(conn, concern, held, memory, tokens)
    wanted = wanted or await glance(conn, concern, held, memory)
    await store.lock_persons(conn, wanted)
    seen = await look(conn, concern, memory, tokens)
    if not seen.persons <= set(wanted):
        raise _Grown(seen.persons | set(wanted))
    settled = settle(seen.facts, seen.verdicts, seen.fixed)
    for crowd in settled.crowds:
        note(Log.IDENTITY_CROWD, level=logging.WARNING, records=len(crowd), record=min(crowd))
    return await _write(conn, rows, concern, seen, settled)


# What it is about


async def _concern(conn: Connection, rows: Collection[Claimed], tokens: Tokens) -> tuple[Concern, dict[int, Loaded]]:
    """Work out what the claimed rows are about, and load the records; take back what they take back."""
    lane_of = {row.event_key: row.lane for row in rows if row.event_key is not None}
    targets = await _take_back(conn, {row.event_key for row in rows if row.event_key is not None and row.retracts})
    mentions = await store.mentioned(conn, lane_of.keys() | targets, lane_of.keys())
    held = {mention.record: mention.loaded for mention in mentions}
    concern = Concern(unsearched={mention.record for mention in mentions if mention.unsearched})
    urgent = min(row.lane for row in rows)
    for mention in mentions:
        lane = lane_of.get(mention.event_key, urgent)
        concern.named[mention.record] = min(lane, concern.named.get(mention.record, lane))
    if claiming := {row.event_key for row in rows if row.event_key is not None and row.claims} | targets:
        concern.claimants = await store.claimants(conn, claiming, SLOT_KINDS)
    if declaring := {row.event_key for row in rows if row.event_key is not None and row.declares} | targets:
        concern.numbers = await unnamed.numbers_declared_in(conn, declaring)
    pairs: set[int] = set()
    if decided := {row.decision_id for row in rows if row.decision_id is not None}:
        pairs = await store.decided_pairs(conn, decided)
        held |= await store.load_records(conn, pairs - held.keys())
        concern.named |= dict.fromkeys(pairs, LIVE)
        concern.reopened |= pairs
    if again := {row.record_id for row in rows if row.record_id is not None}:
        held |= await store.load_records(conn, again - held.keys())
        concern.again |= again
    concern.reopened |= {mention.record for mention in mentions if mention.event_key in targets}
    # An event that came late can make its record the oldest of its person, whose number the person then bears.
    concern.reopened |= {m.record for m in mentions if m.received_at <= m.loaded.held.received_at}
    doubtful = {m.record for m in mentions if m.retracted or m.event_key in targets or m.loaded.void}
    if changed := await _bury_and_raise(conn, held, doubtful):
        concern.reopened |= changed
        concern.turned = changed
        held |= await store.load_records(conn, changed)
    replacing = {mention.event_key for mention in mentions if mention.replaces}
    if changed or decided or replacing:
        carried = await carry(conn, changed | pairs, replacing)
        concern.reopened |= carried
        held |= await store.load_records(conn, carried - held.keys())
    told = {record: held[record].held.standard for record in concern.unsearched | changed}
    if shielded := await persons.shield(conn, told, tokens):
        concern.shielded |= shielded.keys()
        concern.reopened |= shielded.keys()
        # Who is no longer protected has nobody near yet: nothing was kept of whom they resemble.
        concern.unsearched |= {record for record, holds in shielded.items() if not holds}
        held |= await store.load_records(conn, shielded.keys())
    concern.reopened -= concern.unsearched
    return concern, held


async def _take_back(conn: Connection, events: Collection[int]) -> set[int]:
    """Mark what these events retract, or no longer do, and return it; a retraction may itself be retracted."""
    if not events:
        return set()
    await store.lock_take_in(conn)
    reached: set[int] = set()
    found = await store.retractions(conn, events)
    while found:
        targets = await store.mark_retracted(conn, [(one.source, one.id) for one in found]) - reached
        reached |= targets
        found = await store.retractions(conn, targets)
    return reached


async def _bury_and_raise(conn: Connection, held: Mapping[int, Loaded], doubtful: Collection[int]) -> set[int]:
    """Set which of these records only retracted events name; return those that changed."""
    dead = await store.dead(conn, doubtful)
    buried = {record for record in dead if not held[record].void}
    raised = {record for record in set(doubtful) - dead if held[record].void}
    if buried:
        await store.set_void(conn, buried, void=True)
    if raised:
        await store.set_void(conn, raised, void=False)
    return buried | raised


# What comes of it


async def _write(conn: Connection, rows: Sequence[Claimed], concern: Concern, seen: Look, settled: Settled) -> Resolved:
    now = rows[0].now
    if seen.fresh:
        await graph.write_edges(conn, seen.fresh)
    after = {record: person_after(record, seen, settled) for record in seen.loaded}
    moved = {record: after[record] for record in seen.moving if after[record] != seen.loaded[record].person}
    if moved:
        await store.move(conn, moved, now)
        await audit.record(
            conn, [_audited(record, seen.loaded[record].person, to) for record, to in moved.items()], at=now
        )
    sealed = await _seal(conn, concern, seen, after)
    # The newly born are no news: nobody knows their ids.
    known = moved.keys() - (concern.unsearched - concern.shielded)
    if news := known | concern.turned | {record for record in seen.core if after[record] in sealed}:
        await persons.note_news(conn, news, now)
    if split := _split(known, seen, after):
        theirs = [record for record, loaded in seen.loaded.items() if loaded.person in split]
        await corrections.note_split(conn, theirs, split, now)
    joined = await _write_joins(conn, seen, settled)
    reviewed = await _write_reviews(conn, concern, seen, settled, now)
    # Whoever lost a record and still is somebody is marked as well; a person id is a record of its person.
    losers = {loaded.person for record, loaded in seen.loaded.items() if record in moved}
    changed = (
        moved.keys()
        | joined
        | reviewed
        | concern.shielded
        | {person for person in losers if after.get(person) == person}
    )
    lanes = {row.lane for row in rows}
    marks = {(record, lane, MARK) for record, lane in concern.named.items()}
    # A case may hold two records of somebody two hops away: whoever facts name beside those that moved, and their
    # neighbours, must see that they are one now, or no longer. Records just born are only beside `concern.named`.
    changed |= await store.beside(conn, (moved.keys() | joined | concern.shielded) - concern.unsearched)
    # Of each person one record: a mark is for the person it belongs to when it is judged.
    one_each = {after.get(record, record): record for record in sorted(changed)}
    marks |= {(record, BACKFILL if lanes == {BACKFILL} else SPREAD, MARK) for record in one_each.values()}
    await insert_due(conn, marks, now)
    return Resolved(len(rows), len(moved), len(joined), len(reviewed))


async def _seal(conn: Connection, concern: Concern, seen: Look, after: Mapping[int, int]) -> set[int]:
    """Keep which of the people worked out are of sealed identity, and forget whom those records resemble.

    Return those that have just become so, or are no longer.
    """
    protected = {record for record in seen.core if seen.loaded[record].held.standard.protected}
    if not protected and not concern.shielded:
        return set()
    whole = {after[record] for record in seen.core} | {seen.loaded[record].person for record in seen.core}
    if protected:
        await persons.forget_edges(conn, protected)
    return await persons.seal(conn, whole, {after[record] for record in protected})


def _split(moved: Collection[int], seen: Look, after: Mapping[int, int]) -> set[int]:
    """The people whose records went to several, or who lost some."""
    went: dict[int, set[int]] = {seen.loaded[record].person: set() for record in moved}
    for record, loaded in seen.loaded.items():
        if loaded.person in went:
            went[loaded.person].add(after[record])
    return {person for person, others in went.items() if len(others) > 1}


def _audited(record: int, before: int, after: int) -> Entry:
    details = {"from": before, "to": after}
    return Entry("process:correlator", Action.COMBINATION, "safeguarding", "identity", f"record:{record}", details)


def person_after(record: int, seen: Look, settled: Settled) -> int:
    """Whose a record is now. One that only retracted events name is nobody's but its own."""
    if record not in seen.moving:
        return seen.loaded[record].person
    if seen.loaded[record].void:
        return record
    return settled.person_of.get(record, seen.loaded[record].person)


async def _write_joins(conn: Connection, seen: Look, settled: Settled) -> set[int]:
    """Keep the joins that hold now, undo the others; return the placeholders and senders this concerns."""
    unnamed_records = {record for record in seen.moving if seen.loaded[record].unnamed}
    if not unnamed_records:
        return set()
    before = await unnamed.joins(conn, unnamed_records)
    found = {join.slot_record: join for join in settled.joins if join.slot_record in unnamed_records}
    changed = {record: join for record, join in found.items() if before.get(record) != join}
    undone = before.keys() - found.keys()
    await unnamed.write_joins(conn, list(changed.values()), undone)
    return changed.keys() | undone


async def _write_reviews(conn: Connection, concern: Concern, seen: Look, settled: Settled, now: datetime) -> set[int]:
    """Open what people should look at now, close what is settled; return the records this concerns."""
    wanted = {
        (review.record, review.candidate_record): review
        for review in settled.reviews
        if review.record in seen.moving or review.candidate_record in seen.moving
    }
    newborn = not wanted and seen.moving <= concern.unsearched
    before = {} if newborn else await store.open_reviews(conn, seen.moving)
    opened = [review for pair, review in wanted.items() if pair not in before]
    closed = [item for pair, item in before.items() if pair not in wanted]
    await store.write_reviews(conn, opened, closed, now)
    changed = {record for pair in wanted.keys() ^ before.keys() for record in pair}
    return changed & seen.loaded.keys()
