"""Taking in a batch of events: one transaction, after which their offsets may be committed to Kafka.

Record, then resolve, then judge (design section 2): nothing here asks who anybody is. A mention that is a record already
held is that record; any other makes a record with a person of its own, and its event goes into `unresolved`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection
from services.identity.keys import number_key
from services.identity.protect import own_number
from services.identity.unnamed.facts import SLOT_KINDS
from services.intake import progress_store, store
from services.intake.progress_store import Partition
from services.intake.read import Claimed, Event, Named, blocking_keys
from services.intake.store import BACKFILL, LIVE, MARK
from services.judging import store as judging
from services.judging.store import SPREAD
from services.rules.load import Rules
from services.rules.reading import Matters
from services.sealing import store as sealing
from services.tokens import Tokens

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

MentionKey = tuple[int, str]
"""Event key and ref."""


class IntakeGap(RuntimeError):
    """An offset is missing: what the consumer holds does not follow on what was taken in.

    `expected` is None where nothing is known of the partition yet.
    """

    def __init__(self, place: Partition, expected: int | None, found: int) -> None:
        super().__init__(f"partition {place[1]} of {place[0]} goes on at {expected}, not at {found}")
        self.place = place
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Secrets:
    """What tokens are made with and values are sealed with."""

    tokens: Tokens
    master_key: bytes


@dataclass(slots=True)
class Taken:
    """What became of a batch, in numbers."""

    at: datetime = LONG_AGO
    """Domain time of the transaction."""
    new: int = 0
    duplicates: int = 0
    conflicts: int = 0
    new_records: int = 0
    unresolved: int = 0

    def add(self, other: "Taken") -> None:
        """Count another batch in."""
        self.at = other.at
        self.new += other.new
        self.duplicates += other.duplicates
        self.conflicts += other.conflicts
        self.new_records += other.new_records
        self.unresolved += other.unresolved


@dataclass(slots=True)
class _Batch:
    """New events of a batch with their keys, and the records their mentions are."""

    taken_at: datetime
    caught_up: Mapping[Partition, datetime]
    keys: dict[tuple[str, str], int]
    events: list[Event]
    record_of: dict[MentionKey, int] = field(default_factory=dict)
    restless: set[int] = field(default_factory=set)
    """Records that are new, unresolved, void or seen earlier: an event that names one must be resolved."""

    def key(self, event: Event) -> int:
        return self.keys[event.name]

    def record(self, event: Event, ref: str) -> int:
        return self.record_of[self.key(event), ref]

    def claim(self, event: Event, claim: Claimed) -> tuple[int, int, str, str]:
        return self.record(event, claim.from_ref), self.record(event, claim.to_ref), claim.kind, claim.status


async def take_in(
    conn: Connection,
    events: Sequence[Event],
    reached: Mapping[Partition, int],
    first: Mapping[Partition, int],
    secrets: Secrets,
    rules: Rules | None = None,
) -> Taken:
    """Store a batch and move its partitions forward, in the caller's transaction.

    `first` and `reached` are the first offset and the one after the last of each partition of the poll, poison included.
    `rules`: nobody is marked for judging by these rules because of an event that can change nothing they say (ADR 0024).
    None: all are marked.

    Raises:
        IntakeGap: the batch does not follow on what was taken in.
    """
    places = await progress_store.lock_progress(conn, reached.keys())
    taken_at = LONG_AGO
    for place, offset in sorted(first.items()):
        expected = places[place].next_offset if place in places else None
        if expected is None or offset > expected:
            raise IntakeGap(place, expected, offset)
        taken_at = places[place].now
    ahead = [event for event in events if event.arrived.offset >= places[_place(event)].next_offset]
    taken = Taken(taken_at)
    batch = await _store_events(conn, ahead, {place: at.caught_up_at for place, at in places.items()}, taken_at, taken)
    if batch.events:
        await _store_records(conn, batch, secrets.tokens, taken)
        await _store_facts(conn, batch)
        await _queue(conn, batch, taken, rules)
        await sealing.put(conn, [(batch.key(e), e.sealed) for e in batch.events], master_key=secrets.master_key)
        await audit.record(conn, [_audited(batch, event) for event in batch.events], at=taken_at)
    await progress_store.move_progress(conn, reached)
    return taken


def _place(event: Event) -> Partition:
    return event.arrived.topic, event.arrived.partition


async def _store_events(
    conn: Connection,
    events: Sequence[Event],
    caught_up: Mapping[Partition, datetime],
    taken_at: datetime,
    taken: Taken,
) -> _Batch:
    """Insert the events that are new; keep what contradicts one that stands."""
    first: dict[tuple[str, str], Event] = {}
    for event in events:
        first.setdefault(event.name, event)
    keys = await store.insert_events(conn, list(first.values()), taken_at) if first else {}
    again = [event for event in events if event.name not in keys or first[event.name] is not event]
    if again:
        standing = await store.standing_events(conn, {event.name for event in again})
        contrary = [(e, standing[e.name].event_key) for e in again if e.content_hash != standing[e.name].content_hash]
        if contrary:
            await store.insert_conflicts(conn, contrary, taken_at)
        taken.conflicts, taken.duplicates = len(contrary), len(again) - len(contrary)
    taken.new = len(keys)
    return _Batch(taken_at, caught_up, keys, [event for name, event in first.items() if name in keys])


async def _store_records(conn: Connection, batch: _Batch, tokens: Tokens, taken: Taken) -> None:
    """Find the record of every mention, or make it."""
    by_hash: dict[bytes, list[tuple[Event, Named]]] = {}
    for event in batch.events:
        for named in event.named:
            by_hash.setdefault(named.content_hash, []).append((event, named))
    reusable = {digest: uses[0][0].agency for digest, uses in by_hash.items() if uses[0][1].standard.reusable}
    known = await store.known_records(conn, reusable) if reusable else {}
    new = [_new_record(batch, uses) for digest, uses in by_hash.items() if digest not in known]
    records = await store.insert_records(conn, new, batch.taken_at) if new else {}
    beaten = {r.named.content_hash: r.agency for r in new if r.named.content_hash not in records}
    if beaten:  # another partition made them since we looked
        known |= await store.known_records(conn, beaten)
    fresh = [
        (key, records[r.named.content_hash])
        for r in new
        if r.named.content_hash in records
        for key in blocking_keys(r.named.standard, tokens)
    ]
    if fresh:
        await store.insert_keys(conn, fresh)
    protections = [
        (tokens.key(number_key(number)), records[r.named.content_hash])
        for r in new
        if r.named.standard.protected and r.named.content_hash in records
        if (number := own_number(r.named.standard))
    ]
    if protections:
        await store.insert_protections(conn, protections)
    batch.restless = set(records.values())
    taken.new_records = len(records)
    earlier: dict[int, datetime] = {}
    for digest, uses in by_hash.items():
        record = records.get(digest)
        if record is None:
            record, first_received_at = known[digest]
            received_at = min(event.received_at for event, _ in uses)
            if received_at < first_received_at:
                earlier[record] = received_at
        batch.record_of |= {(batch.key(event), named.ref): record for event, named in uses}
    if earlier:
        await store.seen_earlier(conn, earlier)
        batch.restless |= earlier.keys()


def _new_record(batch: _Batch, uses: Sequence[tuple[Event, Named]]) -> store.NewRecord:
    event, named = min(uses, key=lambda use: (use[0].received_at, use[0].name))
    return store.NewRecord(named, event.agency, batch.key(event), event.received_at)


async def _store_facts(conn: Connection, batch: _Batch) -> None:
    events = batch.events
    mentions = [(batch.key(e), n.ref, n.role, batch.record(e, n.ref)) for e in events for n in e.named]
    if mentions:
        await store.insert_mentions(conn, mentions)
    claims = [(batch.key(e), n, *batch.claim(e, claim)) for e in events for n, claim in enumerate(e.claims)]
    if claims:
        await store.insert_relationships(conn, claims)
    slots = [
        (batch.record(e, s.ref), batch.key(e), batch.record(e, s.subject_ref), s.relation)
        for e in events
        for s in e.slots
    ]
    if slots:
        await store.insert_slots(conn, slots)
    numbers = [
        (batch.key(e), batch.record(e, n.ref), number)
        for e in events
        for number in e.numbers
        for n in e.named
        if n.role == "subject"
    ]
    if numbers:
        await store.insert_numbers(conn, numbers)
    retractions = [(batch.key(e), e.retracts, e.received_at) for e in events if e.retracts is not None]
    if retractions:
        await store.insert_retractions(conn, retractions)


async def _queue(conn: Connection, batch: _Batch, taken: Taken, rules: Rules | None) -> None:
    """Queue for resolving what may change who is who; mark the people of the rest for judging at once."""
    replacing = await store.taken_back(conn, batch.keys.values())
    known = set(batch.record_of.values()) - batch.restless
    if known:
        batch.restless |= await store.not_yet_settled(conn, known)
    telling = await _telling_claims(conn, batch)
    plain = await _plain(conn, batch, rules)
    unresolved, marks = [], set()
    mattering: list[tuple[Event, Matters]] = []
    for event in batch.events:
        key, lane = batch.key(event), BACKFILL if event.history else LIVE
        records = {batch.record(event, named.ref) for named in event.named}
        telling_more = event.numbers or event.retracts is not None or key in replacing
        if key in telling or telling_more or not records.isdisjoint(batch.restless):
            topic, partition = place = _place(event)
            holds_at = None if event.history else max(event.received_at, batch.caught_up[place])
            unresolved.append((key, topic, partition, event.received_at, holds_at, lane))
        elif key in plain:
            mattering.append((event, plain[key]))
        else:
            marks |= {(record, lane, MARK) for record in records}
    if unresolved:
        await store.insert_unresolved(conn, unresolved)
    if mattering:
        marks |= await _mattering(conn, batch, mattering)
    if marks:
        await store.insert_due(conn, marks, batch.taken_at)
    taken.unresolved = len(unresolved)


async def _telling_claims(conn: Connection, batch: _Batch) -> set[int]:
    """Return the events whose claims may say who a placeholder is: new claims, and any that cite something."""
    telling = {
        batch.key(event)
        for event in batch.events
        if any(claim.cites and claim.kind in SLOT_KINDS for claim in event.claims)
    }
    asked = {
        batch.claim(event, claim): event.received_at
        for event in batch.events
        for claim in event.claims
        if claim.kind in SLOT_KINDS
    }
    if not asked:
        return telling
    before = await store.claimed_before(conn, asked.keys(), batch.keys.values())
    for event in batch.events:
        for claim in event.claims:
            if claim.kind in SLOT_KINDS:
                known_since = before.get(batch.claim(event, claim))
                if known_since is None or known_since > event.received_at:
                    telling.add(batch.key(event))
    return telling


async def _plain(conn: Connection, batch: _Batch, rules: Rules | None) -> dict[int, Matters]:
    """Return the plain events whose matter is known, with it: by the rules in force, and of no time to come.

    Rules that come into force have everybody judged; until we commit they wait for us, or we find them here.
    """
    if rules is None:
        return {}
    plain = {batch.key(e): rules.readings.matters(e) for e in batch.events if e.plain and _past(e, batch.taken_at)}
    return plain if plain and await store.release_in_force(conn) == rules.release else {}


def _past(event: Event, now: datetime) -> bool:
    """What is dated ahead is awaited, and a wait begins when it is judged."""
    return max(event.known_at, event.recorded_at, event.occurred.earliest or event.known_at) <= now


async def _mattering(
    conn: Connection, batch: _Batch, events: Sequence[tuple[Event, Matters]]
) -> set[tuple[int, int, int]]:
    """Return the marks for plain events: none where nothing can begin and nothing stands that they could end."""
    subject = {batch.key(event): batch.record(event, event.named[0].ref) for event, _ in events}
    ending = [(event, matters) for event, matters in events if matters.ends and not matters.begins]
    asked = {
        (subject[batch.key(event)], rule) for event, matters in ending if not matters.around for rule in matters.ends
    }
    idle = await judging.idle(conn, asked) if asked else set()
    marks = set()
    for event, matters in events:
        record = subject[batch.key(event)]
        waits = not matters.begins and not matters.around and all((record, rule) in idle for rule in matters.ends)
        if not (matters.nothing or waits):
            kind = MARK if matters.around else SPREAD
            marks.add((record, BACKFILL if event.history else LIVE, kind))
    return marks


def _audited(batch: _Batch, event: Event) -> Entry:
    details = {"type": event.type, "history": event.history}
    return Entry(
        f"agency:{event.agency}", Action.COLLECTION, event.purpose, event.basis, f"event:{batch.key(event)}", details
    )
