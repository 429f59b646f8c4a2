"""A case file judged with identity taken as given: who is who comes from the cast, so that only the rules are on trial.

Every event goes through the real models, sealing and fact building. Cases are put together by services.chronology.around,
the clock runs through every receipt and every wake-up, and what changes from one evaluation to the next is the log.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deploy.cases import load as cases
from schemas import registry
from schemas.clocks import span
from schemas.sealing import seal
from services.calendar import LONDON
from services.chronology import around, build
from services.chronology.facts import Case, Fact, Interval, Join
from services.directory.model import Directory, from_form
from services.rules.evaluate import evaluate
from services.rules.findings import Disclosure, Finding, Judging, RecordPart
from services.rules.load import Rules
from services.rules.people import People

HORIZON = datetime(2100, 1, 1, tzinfo=UTC)


def token(kind: str, value: Any) -> dict[str, Any]:
    return {"token": hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()[:16]}


@dataclass
class World:
    """Facts so far and who everybody is."""

    directory: Directory
    rules: Rules
    facts: list[Fact] = field(default_factory=list)
    records: dict[tuple[object, ...], int] = field(default_factory=dict)
    person_of: dict[int, int] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    joins: list[Join] = field(default_factory=list)

    def add(self, posting: cases.Posting) -> Fact:
        envelope = registry.parse_envelope(posting.event)
        model = registry.parse(envelope.type, envelope.data, history=posting.lane == "history")
        body, _ = seal(type(model), envelope.data, token)
        name, _, version = envelope.type.rpartition(".v")
        occurred, known, recorded = build.clocks(body)
        agency = envelope.source.removeprefix("urn:tocsin:agency:")
        stored = build.Stored(
            len(self.facts) + 1, envelope.source, envelope.id, name, int(version), agency,
            posting.lane == "history", occurred, known, recorded, posting.at, posting.at,
        )  # fmt: skip
        fact = build.fact(
            stored, body, {person["ref"]: self.record(agency, person, stored.id) for person in body["people"]}
        )
        self.facts.append(fact)
        return fact

    def record(self, agency: str, person: Mapping[str, Any], event: str) -> int:
        ref, slot = person["ref"], "slot" in person
        written = repr(sorted((key, str(value)) for key, value in person.items() if key not in ("role", "children")))
        key = (agency, ref, event) if slot or person.get("unnamed_sender") else (agency, ref, written)
        record = self.records.setdefault(key, 1000 + len(self.records))
        who = f"{ref}@{event}" if slot else ref
        self.person_of[record] = self.persons.setdefault(who, len(self.persons) + 1)
        return record

    def case(self, subject: int) -> Case:
        people = People.of(Case(subject, self.facts, self.person_of, self.joins))
        report = self.rules.report_types
        first, second = set[int](), set[int]()
        for fact in self.facts:
            first |= around.neighbours(fact, subject, people.person, report=fact.type in report)
        linked = set[int]()
        for fact in self.facts:
            linked |= around.neighbours(fact, subject, people.person, report=False)
        for person in linked:
            for fact in self.facts:
                second |= around.neighbours(fact, person, people.person, report=False)
        near = {subject} | first
        kept = [
            fact
            for fact in self.facts
            if any(
                people.person(mention.record) in near
                or (people.person(mention.record) in second and "born" in mention.body)
                for mention in fact.mentions
            )
        ]
        records = {mention.record for fact in kept for mention in fact.mentions}
        joins = [join for join in self.joins if join.slot_record in records]
        known = records | {join.person_record for join in joins}
        return Case(subject, kept, {record: self.person_of[record] for record in known}, joins)

    def name(self, people: People, person: int) -> str:
        return next((name.split("@")[0] for name, number in self.persons.items() if number == person), str(person))


@dataclass(frozen=True)
class Change:
    """One line of the log."""

    at: datetime
    rule: str
    anchor: tuple[str, ...]
    what: str
    urgency: str
    to: Mapping[str, str]
    finding: Finding | None

    def __str__(self) -> str:
        local = self.at.astimezone(LONDON)
        to = " ".join(f"{agency}:{shown}" for agency, shown in self.to.items())
        return f"{local:%Y-%m-%d %H:%M} {self.rule} {'+'.join(self.anchor):14} {self.what:10} {self.urgency} {to}"


def run(name: str, label: str, rules: Rules, *, until: datetime | None = None) -> Iterator[Change]:
    """Replay one variant of a case file; yield what changed, minute by minute."""
    case = cases.load(name)
    world = World(from_form(case.directory, phone_token=lambda number: token("phone", number)["token"]), rules)
    short = {agency: ref for ref, agency in case.agencies.items()}
    joins = [join for join in case.identity.joined if join.in_ is None or label in join.in_]
    postings = cases.events(case, label)
    rows = {event: posting.row for posting in postings for event in [posting.event["id"]]}
    before: dict[tuple[object, ...], tuple[object, ...]] = {}
    wakes: dict[int, datetime] = {}
    end = until or case.ends
    while True:
        now = min([posting.at for posting in postings[:1]] + list(wakes.values()), default=HORIZON)
        if now >= end:
            return
        while postings and postings[0].at <= now:
            world.add(postings.pop(0))
        join_slots(world, joins, now)
        found: dict[tuple[object, ...], Finding] = {}
        wakes = {}
        for subject in set(world.person_of.values()):
            evaluation = evaluate(world.case(subject), rules, world.directory, Judging.at(now))
            assert not evaluation.incomplete, evaluation.incomplete
            if evaluation.wake_at is not None:
                assert evaluation.wake_at > now, (evaluation, now)
                wakes[subject] = evaluation.wake_at
            people = People.of(world.case(subject))
            for finding in evaluation.findings:
                key = (finding.rule, finding.anchor.key(people.person))
                assert key not in found, key
                found[key] = finding
        yield from _changes(world, now, found, before, short, rows)


def join_slots(world: World, joins: Sequence[Any], now: datetime) -> None:
    for join in joins:
        if join.at > now:
            continue
        held = {made.slot_record for made in world.joins}
        target = min(record for record, person in world.person_of.items() if person == world.persons[join.person])
        for fact in world.facts:
            for mention in fact.mentions:
                if mention.ref == join.slot and mention.record not in held:
                    at = max(join.at, fact.received_at)
                    world.joins.append(Join(mention.record, target, at, "as the case says", (fact.ref,)))


def _changes(world: World, now: datetime, found: Any, before: Any, short: Any, rows: Any) -> Iterator[Change]:
    people = People.of(Case(0, world.facts, world.person_of, world.joins))
    for key, finding in found.items():
        state = (finding.state, finding.urgency, finding.steps, tuple(finding.recipients), finding.until)
        was = before.get(key)
        if finding.history_only or was == state:
            continue
        what = _what(finding, was)
        before[key] = state
        to = {short[recipient.agency]: Disclosure(recipient.shown).name for recipient in finding.recipients}
        anchor = tuple(_part(world, people, part, rows) for part in finding.anchor.parts)
        yield Change(now, finding.rule, anchor, what, finding.urgency.name, to, finding)
    for key in [key for key in before if key not in found]:
        del before[key]
        yield Change(now, str(key[0]), tuple(map(str, key[1])), "gone", "", {}, None)


def _what(finding: Finding, was: Any) -> str:
    if was is None:
        return (
            f"{'silent ' if finding.ended_silently else ''}{'raised' if finding.state == 'standing' else finding.state}"
        )
    if finding.state != was[0]:
        return "reopened" if finding.state == "standing" else finding.state.value
    if finding.urgency != was[1]:
        return "risen" if finding.urgency < was[1] else "fallen"
    if finding.steps != was[2]:
        return "step"
    return "addressed" if tuple(finding.recipients) != was[3] else "until"


def _part(world: World, people: People, part: Any, rows: Mapping[str, str]) -> str:
    if isinstance(part, RecordPart):
        return world.name(people, people.person(part.record))
    return rows[part.event.id] if hasattr(part, "event") else part.term


if __name__ == "__main__":
    import sys

    from services.rules.load import load_catalogue

    for change in run("birmingham", sys.argv[1] if len(sys.argv) > 1 else "K+", load_catalogue()):
        print(change)  # noqa: T201
