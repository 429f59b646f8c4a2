"""What rules see: facts, mentions, relations and the case they make up.

All of it is frozen, compact and free of I/O. A fact is one event as taken in, with everything sealed
already replaced by tokens, so nothing a rule says can carry an address, a number or free text.
People appear as record ids; which person a record belongs to is the case's business, because identity
is a revisable opinion and a merge must rewrite nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

POINTERS: Final = ("report", "message", "about", "contact", "referral")
"""Fields by which an event names the one it answers."""


class Interval(NamedTuple):
    """A span [earliest, latest) in which something happened; None on a side means not known on that side.

    An instant has earliest == latest.
    """

    earliest: datetime | None
    latest: datetime | None


class EventRef(NamedTuple):
    """The world-wide name of an event: CloudEvents source and id."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A person nobody has named: who they are to whom, and over what period."""

    subject_ref: str
    relation: str
    period: Interval
    stated: Mapping[str, Any] = field(default_factory=dict)
    """Strong and weak attributes as stated, e.g. {"workplace": token, "children": 2}."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One person as one event names them."""

    ref: str
    role: str
    record: int
    body: Mapping[str, Any]
    """The mention as taken in: names, born, sex, identifiers, areas, tokens (never sealed values)."""
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A claim that two people of one event stand in a relation."""

    from_ref: str
    to_ref: str
    kind: str
    status: str
    since: Interval
    until: Interval
    grade: str | None
    body: Mapping[str, Any]
    """The claim as taken in: named, claimed_by, grounds, cites ..."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One event as rules see it."""

    key: int
    """Order-free number of the stored event; only for evidence lists, never for ordering by meaning."""
    ref: EventRef
    agency: str
    type: str
    """`sector.subject.happened` without the version."""
    version: int
    occurred: Interval
    known_at: datetime
    recorded_at: datetime
    received_at: datetime
    taken_at: datetime
    history: bool
    """Came by backfill: corroborates, never rings."""
    grade: str | None
    informant: Mapping[str, Any] | None
    fields: Mapping[str, Any]
    """The data beside people, relationships, grade and clocks; sealed values are tokens."""
    mentions: tuple[Mention, ...]
    relations: tuple[Relation, ...]
    held: bool = False
    """Handling code C: not to be passed on before its owner's conditions are met. Binds views, never rules."""
    order: tuple[datetime, datetime, EventRef] = field(init=False, repr=False, compare=False)
    """To order facts by what they say, never by arrival: known, received, then name."""
    ties: tuple[tuple[Relation, Mention, Mention], ...] = field(init=False, repr=False, compare=False)
    """Each of `relations` with the mentions it runs from and to, if the event has both. Worked out once: facts are kept."""

    cites: frozenset[EventRef] = field(init=False, repr=False, compare=False)
    """The events it cites, in its own list and in those of its claims; by its own source where none is given."""
    points_at: frozenset[EventRef] = field(init=False, repr=False, compare=False)
    """The events it cites or names in a field as the one it answers."""

    def __post_init__(self) -> None:
        by_ref = {mention.ref: mention for mention in self.mentions} if self.relations else {}
        ends = ((one, by_ref.get(one.from_ref), by_ref.get(one.to_ref)) for one in self.relations)
        tied = tuple((one, start, end) for one, start, end in ends if start is not None and end is not None)
        lists = (self.fields.get("cites"), *(relation.body.get("cites") for relation in self.relations))
        cites = frozenset(self._refs(value for cited in lists if isinstance(cited, list | tuple) for value in cited))
        points_at = cites.union(self._refs(self.fields[name] for name in POINTERS if name in self.fields))
        order = (self.known_at, self.received_at, self.ref)
        for name, value in (("order", order), ("ties", tied), ("cites", cites), ("points_at", points_at)):
            object.__setattr__(self, name, value)  # frozen for everybody else

    def _refs(self, values: Iterable[object]) -> Iterator[EventRef]:
        for value in values:
            if (found := self.reference(value)) is not None:
                yield found

    def reference(self, value: object) -> EventRef | None:
        """Read a reference, as its fields hold them, to another event; None if it is none."""
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            return None
        return EventRef(str(value.get("source") or self.ref.source), value["id"])

    @property
    def told(self) -> bool:
        """It says who told it."""
        return bool(self.informant)

    @property
    def together(self) -> bool:
        """It names two people or more."""
        return len(self.mentions) > 1

    def mention(self, ref: str) -> Mention:
        """Return the mention with this ref; KeyError if the event has none."""
        for mention in self.mentions:
            if mention.ref == ref:
                return mention
        raise KeyError(ref)


@dataclass(frozen=True, slots=True)
class Join:
    """A slot found to be a person: a fact with its own time."""

    slot_record: int
    person_record: int
    joined_at: datetime
    """The latest received_at of the facts that join it."""
    reason: str
    by: tuple[EventRef, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A record that is only possibly a person: an internal task, never evidence."""

    record: int
    candidate_record: int
    opened_at: datetime
    reason: str
    decided_at: datetime | None = None
    """When a person said whether they are one; None while nobody has."""

    def sides(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the two records, each first once: which of them is the known one the age of a record does not say."""
        return (self.record, self.candidate_record), (self.candidate_record, self.record)


@dataclass(frozen=True, slots=True)
class Case:
    """A subject and the people around them, as known at a time.

    `person_of` maps every record named in `facts` to its present person. Events still unresolved are not in it.
    """

    subject: int
    """Person id."""
    facts: Sequence[Fact]
    person_of: Mapping[int, int]
    joins: Sequence[Join] = ()
    reviews: Sequence[Review] = ()
    """Those about the subject. Of whoever the subject may be, `facts` holds what flags them and nothing else."""
