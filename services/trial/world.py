"""All that a trial has taken in: facts, records and who is who. The stored pipeline's first two transactions, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from schemas import registry
from schemas.sealing import seal
from services.access import agency_of
from services.chronology import build
from services.chronology.around import FLAGGING, flags_wanted, neighbours, wanted_by
from services.chronology.facts import Case, EventRef, Fact, Review
from services.identity.cluster import Decision, Held
from services.identity.compare import Verdict, compare
from services.identity.keys import keys
from services.identity.people import Pair, Settled, settle
from services.identity.protect import shielded
from services.identity.standardise import Standard, content_hash, standardise
from services.identity.statements import facts_of
from services.tokens import Tokens

TRIAL_KEY = bytes(32)
"""Master key of a trial's tokens: nothing of a trial is stored, so nothing needs a secret."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One CloudEvent (structured, as posted) and when the gateway received it."""

    event: Mapping[str, Any]
    received_at: datetime
    history: bool = False


@dataclass(slots=True)
class World:
    """Everything taken in so far. `take_in` adds to it; all answers are worked out from it."""

    tokens: Tokens = field(default_factory=lambda: Tokens(TRIAL_KEY))
    facts: dict[EventRef, Fact] = field(default_factory=dict)
    retractions: dict[EventRef, set[EventRef]] = field(default_factory=dict)
    """By what they take back; these may be taken back themselves."""
    records: dict[int, Held] = field(default_factory=dict)
    verdicts: dict[Pair, Verdict] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    facts_of: dict[int, list[Fact]] = field(default_factory=dict)
    """By record."""
    reusable: dict[tuple[str, bytes], int] = field(default_factory=dict)
    """Records that a mention of the same content is again, by agency and content."""
    stored_keys: dict[str, list[int]] = field(default_factory=dict)
    """Records by the keys they can be found under."""
    _settled: Settled | None = None

    def decide(self, decisions: Sequence[Decision]) -> None:
        """Let these be all that people have decided."""
        self.decisions = list(decisions)
        self.forget_who_is_who()

    def forget_who_is_who(self) -> None:
        """Have it worked out again, because what it rests on has changed."""
        self._settled = None

    def standing(self) -> list[Fact]:
        """Return the facts that nobody has retracted."""
        return [fact for fact in self.facts.values() if not self.is_retracted(fact.ref)]

    def is_retracted(self, ref: EventRef, asking: frozenset[EventRef] = frozenset()) -> bool:
        """Whether a retraction of it stands. `asking`: whose answer waits for this; nonsense that goes in a circle ends."""
        if ref not in self.retractions:
            return False
        asked = asking | {ref}
        return any(not self.is_retracted(each, asked) for each in self.retractions[ref] if each not in asked)

    def settled(self) -> Settled:
        """Return who is who now."""
        if self._settled is None:
            facts = self.standing()
            named = {mention.record for fact in facts for mention in fact.mentions}
            records = {record: held for record, held in self.records.items() if record in named}
            self._settled = settle(facts_of(facts, shielded(records), self.decisions), self.verdicts)
        return self._settled


def take_in(world: World, arrival: Arrival) -> Fact | None:
    """Add an event; return its fact, or None if the world has it already (the first content stands)."""
    event = arrival.event
    ref = EventRef(event["source"], event["id"])
    if ref in world.facts:
        return None
    kind, version = registry.split_type(event["type"])
    body, _ = seal(registry.model_of(event["type"]), event["data"], world.tokens.tokenise)
    agency = agency_of(ref.source) or ref.source
    occurred, known_at, recorded_at = build.clocks(body, arrival.received_at)
    records = {
        person["ref"]: _record(world, standardise(person, agency), (ref, person["ref"]), arrival.received_at)
        for person in body.get("people", ())
    }
    stored = build.Stored(
        len(world.facts) + 1,
        ref.source,
        ref.id,
        kind,
        version,
        agency,
        arrival.history,
        occurred,
        known_at,
        recorded_at,
        arrival.received_at,
        arrival.received_at,
    )
    fact = build.fact(stored, body, records)
    world.facts[ref] = fact
    world.forget_who_is_who()
    for record in set(records.values()):
        world.facts_of.setdefault(record, []).append(fact)
    if (target := retracts(fact)) is not None:
        world.retractions.setdefault(target, set()).add(ref)
    return fact


def retracts(fact: Fact) -> EventRef | None:
    """Return the event this one takes back, if it is a retraction of the same agency's."""
    if fact.type.partition(".")[2] != "event.retracted":
        return None
    target = fact.fields["retracts"]
    source = target.get("source") or fact.ref.source
    return EventRef(source, target["id"]) if agency_of(source) == agency_of(fact.ref.source) else None


def undone(world: World, fact: Fact) -> list[Fact]:
    """What a retraction takes back; if that is itself a retraction, also what stands again, and so on."""
    found: list[Fact] = []
    while (target := retracts(fact)) in world.facts and world.facts[target] not in found:
        fact = world.facts[target]
        found.append(fact)
    return found


def _record(world: World, standard: Standard, named: tuple[EventRef, str], received_at: datetime) -> int:
    stored = standard.to_json()
    event, person_ref = named
    # As taken in for good: what may not be used again is its own record, by the event and ref that name it.
    own = f"{event.source}|{event.id}|{person_ref}".encode()
    content = content_hash(stored if standard.reusable else stored + b"|" + own)
    same = world.reusable.get((standard.agency, content)) if standard.reusable else None
    if same is not None:
        held = world.records[same]
        world.records[same] = replace(held, received_at=min(held.received_at, received_at))
        return same
    record = len(world.records) + 1
    world.records[record] = Held(record, standard, received_at, content)
    if standard.reusable:
        world.reusable[standard.agency, content] = record
    _compare(world, record, standard)
    return record


def _compare(world: World, record: int, standard: Standard) -> None:
    own = keys(standard)
    met = {other for key in own.searched for other in world.stored_keys.get(key, ())}
    for other in met:
        verdict = compare(world.records[other].standard, standard)
        if verdict.kind != "none":
            world.verdicts[other, record] = verdict
    for key in own.stored:
        world.stored_keys.setdefault(key, []).append(record)


def case_of(world: World, person: int) -> Case:
    """Return the case of a person as known now."""
    settled = world.settled()
    members = _members(settled)

    def person_of(record: int) -> int:
        return settled.person_of.get(record, record)

    own = _facts_of(world, members.get(person, (person,)))
    near = {person}
    for fact in own:
        near |= neighbours(fact, person, person_of, report=fact.type in registry.REPORTS)
    facts = {fact.ref: fact for other in near for fact in _facts_of(world, members.get(other, (other,)))}
    reviews = reviews_of(world, person)
    maybe = {person_of(record) for review in reviews for record in review.sides()[0]}
    beyond = flags_wanted(facts.values(), person, person_of)
    for other in (maybe | beyond) - {person}:
        flagging = (fact for fact in _facts_of(world, members.get(other, (other,))) if fact.type in FLAGGING)
        facts.update({fact.ref: fact for fact in flagging})
    named = {mention.record for fact in facts.values() for mention in fact.mentions}
    named |= {record for review in reviews for record in review.sides()[0]}
    return Case(
        subject=person,
        facts=tuple(facts.values()),
        person_of={record: person_of(record) for record in named},
        joins=tuple(join for join in settled.joins if join.slot_record in named),
        reviews=reviews,
    )


def reached_by_flags(world: World, person: int) -> set[int]:
    """Return whose cases hold what flags this person, though it is not one hop away."""
    settled = world.settled()

    def person_of(record: int) -> int:
        return settled.person_of.get(record, record)

    maybe = {person_of(record) for review in reviews_of(world, person) for record in review.sides()[0]}
    return (maybe | wanted_by(case_of(world, person).facts, person, person_of)) - {person}


def reviews_of(world: World, person: int) -> tuple[Review, ...]:
    """Return who the person may be, and what people have decided about that."""
    settled = world.settled()
    decided = [
        Review(a, b, max(world.records[a].received_at, world.records[b].received_at), "", at)
        for a, b, _, at, privileged in world.decisions
        if not privileged
    ]
    return tuple(
        review
        for review in (*settled.reviews, *decided)
        if person in {settled.person_of.get(record, record) for record in review.sides()[0]}
    )


def _members(settled: Settled) -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    for record, person in settled.person_of.items():
        members.setdefault(person, []).append(record)
    return members


def _facts_of(world: World, records: Sequence[int]) -> list[Fact]:
    found = {fact.ref: fact for record in records for fact in world.facts_of.get(record, ())}
    return [fact for ref, fact in found.items() if not world.is_retracted(ref)]
