"""Some people's stored history, and their cases as known at any moment of it. Pure.

Known at a moment is what the bus itself held then (design section 5): events taken in and resolved, retractions likewise,
records with whom they belonged to, joins of placeholders, reviews. The case itself is put together by the code that
serves the evaluator (services.chronology.store.assemble).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from services.alerts import named
from services.chronology.around import FLAGGING, neighbours
from services.chronology.facts import Join, Review
from services.chronology.store import Flags, Kept, Loaded, Rows, assemble, with_flags
from services.rules.findings import Finding
from services.rules.reading import Readings
from services.rules.situation import Judged


class Spell(NamedTuple):
    """Whose a record was over [since, until)."""

    person: int
    since: datetime
    until: datetime | None


class Joined(NamedTuple):
    """A join of a placeholder, over [since, until)."""

    join: Join
    since: datetime
    until: datetime | None


class Reviewed(NamedTuple):
    """A review item, open until `until`; or what a person decided, in force until then."""

    review: Review
    until: datetime | None


class Naming(NamedTuple):
    """What an alert was from a moment on that names somebody beside its owner."""

    at: datetime
    alert: int
    owner_record: int
    counts: bool
    """It may count in the case of whom it names: see services.alerts.named."""
    finding: Finding


@dataclass(slots=True)
class History:
    """Everything ever stored of some people and of those one hop from them."""

    facts: Mapping[int, Kept]
    """By event key."""
    events_of: Mapping[int, Sequence[int]]
    """Event keys by the record they name; of records whose people may belong to one of the cases."""
    seen: Mapping[int, datetime]
    """Event key -> from when on cases held it. Without an entry: never, it is still unresolved."""
    taken_back: Mapping[int, Sequence[int]]
    """Event key -> events that retract it; these may be retracted themselves."""
    spells: Mapping[int, Sequence[Spell]]
    """By record, in order of time."""
    beside: Mapping[int, Collection[int]] = field(default_factory=dict)
    """Record -> records it may ever have been one hop from."""
    joins: Sequence[Joined] = ()
    reviews: Sequence[Reviewed] = ()
    protected: Collection[int] = ()
    """Records of sealed identity."""
    named: Mapping[int, Sequence[Naming]] = field(default_factory=dict)
    """Alerts by the record of the other they name, as they were raised live: each version, in order."""
    _ever: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        """Note which records each person ever had."""
        for record, spells in self.spells.items():
            for spell in spells:
                self._ever[spell.person].add(record)

    def person(self, record: int, at: datetime) -> int:
        """Return whose a record was; the record itself before it was anybody's."""
        spells = self.spells.get(record, ())
        for spell in reversed(spells):
            if spell.since <= at:
                return spell.person if spell.until is None or at < spell.until else record
        return record

    def loaded(self, person: int, at: datetime) -> Loaded:
        """Return somebody's case as it was known; the alerts they own are the caller's business."""
        events = {person: self._events(person, at)}
        person_of: dict[int, int] = {}
        near = {person}
        for key in events[person]:
            kept = self.facts[key]
            near |= neighbours(kept.fact, person, lambda record: self._noted(record, at, person_of), report=kept.report)
        for other in near:
            if other not in events:
                events[other] = self._events(other, at)
            for key in events[other]:
                for mention in self.facts[key].fact.mentions:
                    self._noted(mention.record, at, person_of)
        reviews = self._doubts(person, at)
        rows = Rows(
            events=events,
            person_of=person_of,
            joins=[one.join for one in self.joins if _holds(one.since, one.until, at)],
            reviews={person: reviews},
            doubted={person: [other for other in self._sides(reviews, at) if other != person]},
            protected=frozenset(person_of[record] for record in self.protected if record in person_of),
        )
        loaded = assemble(person, rows, rows.small(), self.facts)
        return with_flags(loaded, {other: self._flags(other, at) for other in loaded.beyond})

    def of_others(self, person: int, at: datetime) -> list[Judged]:
        """Return what stood or had stood of others that names somebody, as it was known."""
        joins = [one.join for one in self.joins if _holds(one.since, one.until, at)]
        own = {record for record in self._ever.get(person, ()) if self.person(record, at) == person}
        own |= {join.slot_record for join in joins if join.person_record in own}
        found = []
        for record in sorted(own & self.named.keys()):
            newest = {one.alert: one for one in self.named[record] if one.at <= at}
            for one in newest.values():
                owner = self.person(one.owner_record, at)
                if one.counts and owner != person:
                    found.append(named.judged(one.finding, owner, person))
        return found

    def _flags(self, person: int, at: datetime) -> Flags:
        facts = [self.facts[key].fact for key in self._events(person, at)]
        own = frozenset(record for record in self._ever.get(person, ()) if self.person(record, at) == person)
        return Flags(tuple(fact for fact in facts if fact.type in FLAGGING), own)

    def marks(self, lineage: Collection[int], readings: Readings) -> list[tuple[datetime, int]]:
        """Return when news came that rules read, as (when, record): of a lineage's people and of those beside them.

        Live, what could change no answer of the rules then in force marked nobody. What came by backfill is judged when its turn comes.
        An alert of somebody else that names one of them is news as well.
        """
        own = set(lineage)
        events: dict[int, int] = {}
        for record in own:
            events.update(dict.fromkeys(self.events_of.get(record, ()), record))
        for record, others in self.beside.items():
            for other in own.intersection(others):
                events.update(dict.fromkeys(self.events_of.get(record, ()), other))
        naming = [(one.at, record) for record in own & self.named.keys() for one in self.named[record]]
        return naming + [
            (self.seen[event], record)
            for event, record in events.items()
            if event in self.seen and not self.facts[event].fact.history
            if not readings.matters(self.facts[event].fact).nothing
        ]

    def _doubts(self, person: int, at: datetime) -> list[Review]:
        """The items about somebody that were open, and what people had decided."""
        return [
            one.review
            for one in self.reviews
            if _holds(one.review.decided_at or one.review.opened_at, one.until, at)
            and person in self._sides([one.review], at)
        ]

    def _sides(self, reviews: Iterable[Review], at: datetime) -> set[int]:
        return {self.person(record, at) for review in reviews for record in review.sides()[0]}

    def _noted(self, record: int, at: datetime, person_of: dict[int, int]) -> int:
        found = person_of.get(record)
        if found is None:
            found = person_of[record] = self.person(record, at)
        return found

    def _events(self, person: int, at: datetime) -> list[int]:
        records = [record for record in self._ever.get(person, ()) if self.person(record, at) == person]
        keys = {key for record in records for key in self.events_of.get(record, ())}
        return sorted(key for key in keys if self._stood(key, at))

    def _stood(self, key: int, at: datetime) -> bool:
        seen = self.seen.get(key)
        return seen is not None and seen <= at and not any(self._stood(one, at) for one in self.taken_back.get(key, ()))


def _holds(since: datetime, until: datetime | None, at: datetime) -> bool:
    return since <= at and (until is None or at < until)
