"""A case as the words look at it: facts by type and by person, claims by person, all worked out at most once."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from services.chronology.facts import Case, Fact, Mention, Relation
from services.directory.model import Directory
from services.rules.findings import Judging
from services.rules.people import People
from services.rules.situation import Judged

T = TypeVar("T")

EVERYTHING: Final = "*"

KEPT_MAX: Final = 20_000
"""Sets of types for which is kept what they are among: some 30 MB, and more than the cases of a city differ."""

LATE: Final = timedelta(days=1)
"""From known to recorded: less than this no register calls late, so what asks for late entries need not be shown it."""


class Only(StrEnum):
    """Of the events of a type, only those; decided by what stands on an event's outside."""

    TOLD = "told"
    """It says who told it."""
    LATE = "late"
    """It was recorded more than LATE after it was known."""
    TOGETHER = "together"
    """It names two people or more."""


class Seen(Protocol):
    """An event from outside: a fact, or one on its way in."""

    @property
    def type(self) -> str:
        """Of the event, without version."""

    @property
    def told(self) -> bool:
        """It says who told it."""

    @property
    def together(self) -> bool:
        """It names two people or more."""

    @property
    def known_at(self) -> datetime:
        """When the agency learned it."""

    @property
    def recorded_at(self) -> datetime:
        """When it entered the agency's system."""


class Claim(NamedTuple):
    """A relation claim seen from one of its two people."""

    other: int
    fact: Fact
    relation: Relation
    own: Mention
    theirs: Mention
    outgoing: bool
    """The claim runs from this person to the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Types:
    """A set of event types: whole ones, `*.happened` for any sector, `*` for all."""

    whole: frozenset[str]
    any_sector: frozenset[str]
    only: Only | None = None
    """Of those, only such events."""
    answers: bool = False
    """A promise of whoever asks for these: one event more of them can end what others began or put it off, and never
    begin anything, bring it forward or make it more. Who is judged for a new event rests on it (ADR 0024); the tests
    of `services.rules.reading` hold rules to it."""
    own: bool = False
    """Of those, only the events that name the subject of the case: what is said of others is not shown at all. An event
    about one person that is only asked for like this changes nothing for anybody around them (ADR 0024)."""
    holds: dict[str, bool] = field(default_factory=dict, repr=False)
    """Types met so far, and whether they are among these."""

    @classmethod
    def of(cls, patterns: Iterable[str]) -> "Types":
        """Read type patterns."""
        patterns = tuple(patterns)
        return _types(
            frozenset(pattern for pattern in patterns if not pattern.startswith("*.")),
            frozenset(pattern[2:] for pattern in patterns if pattern.startswith("*.")),
        )

    def __contains__(self, event_type: str) -> bool:
        held = self.holds.get(event_type)
        if held is None:
            happened = event_type.partition(".")[2]
            held = event_type in self.whole or happened in self.any_sector or EVERYTHING in self.whole
            self.holds[event_type] = held
        return held

    def __or__(self, other: "Types") -> "Types":
        """Return both; of sets with different conditions all events."""
        return _types(
            self.whole | other.whole,
            self.any_sector | other.any_sector,
            self.only if self.only is other.only else None,
            answers=self.answers and other.answers,
            own=self.own and other.own,
        )

    def answering(self) -> "Types":
        """Return the same types under the promise of `answers`."""
        return _types(self.whole, self.any_sector, self.only, answers=True, own=self.own)

    def if_(self, only: Only) -> "Types":
        """Return the events of these types that are such."""
        return _types(self.whole, self.any_sector, only, answers=self.answers, own=self.own)

    def of_subject(self) -> "Types":
        """Return the events of these types that name the subject of the case."""
        return _types(self.whole, self.any_sector, self.only, answers=self.answers, own=True)

    def shows(self, event: Seen) -> bool:
        """Say whether whoever asks for these is shown this event."""
        return event.type in self and (self.only is None or such(event, self.only))


@cache
def _types(
    whole: frozenset[str],
    any_sector: frozenset[str],
    only: Only | None = None,
    *,
    answers: bool = False,
    own: bool = False,
) -> Types:
    """Make each set once: equal sets are one object, for they are looked up thousands of times a second."""
    return Types(whole, any_sector, only, answers, own)


def such(event: Seen, only: Only) -> bool:
    """Say whether an event is such."""
    match only:
        case Only.TOLD:
            return event.told
        case Only.TOGETHER:
            return event.together
        case Only.LATE:
            return event.recorded_at - event.known_at > LATE


class View:
    """One case, one directory, one judging time. Lives for one evaluation."""

    __slots__ = (
        "_among",
        "_by_type",
        "_claims",
        "_memo",
        "_mentions",
        "_of_types",
        "case",
        "directory",
        "judged",
        "named",
        "now",
        "ordered",
        "people",
        "person",
    )

    def __init__(self, case: Case, directory: Directory, now: Judging) -> None:
        self.case = case
        self.directory = directory
        self.now = now
        self.people = People.of(case)
        self.person: Callable[[int], int] = self.people.person
        self.ordered: Sequence[Fact] = sorted(case.facts, key=attrgetter("order"))
        """All facts, earliest known first."""
        self._by_type: dict[str, list[Fact]] = {}
        for fact in self.ordered:
            self._by_type.setdefault(fact.type, []).append(fact)
        self._among = _among(frozenset(self._by_type))
        self._of_types: dict[Types, Sequence[Fact]] = {}
        self._mentions: dict[int, list[tuple[Fact, Mention]]] | None = None
        self._claims: dict[int, list[Claim]] | None = None
        self._memo: dict[Hashable, Any] = {}
        self.judged: list[Judged] = []
        """What the first stratum found, for rules of the second. Empty until then."""
        self.named: list[Judged] = []
        """What it found of others, in their cases, that names the subject: for rules of the second as well."""

    @property
    def subject(self) -> int:
        """Return the person the case is about; a slot found to be somebody is nobody's subject any more."""
        return self.case.subject

    def about(self) -> Sequence[Judged]:
        """Return what the first stratum found about the subject, whoever's case it was found in: theirs, or that of somebody else."""
        return [*self.judged, *self.named]

    def types(self) -> Iterable[str]:
        """Return the types of event in the case."""
        return self._by_type

    def facts(self, types: Types) -> Sequence[Fact]:
        """Return the facts of these types, earliest known first."""
        found = self._of_types.get(types)
        if found is None:
            found = self._of_types[types] = self._find(types)
        return found

    def _find(self, types: Types) -> Sequence[Fact]:
        names = self._among.get(types)
        if names is None:
            names = self._among[types] = tuple(name for name in self._by_type if name in types)
        if not names:
            return ()
        found = self._by_type[names[0]] if len(names) == 1 else [one for one in self.ordered if one.type in names]
        if types.only is not None:
            found = [fact for fact in found if such(fact, types.only)]
        if types.own:
            found = [fact for fact in found if self.names(fact, self.subject)]
        return found

    def mentions(self, person: int) -> Sequence[tuple[Fact, Mention]]:
        """Return every mention of a person, slots found to be that person included."""
        if self._mentions is None:
            self._mentions = self._index_mentions()
        return self._mentions.get(person, ())

    def names(self, fact: Fact, person: int, *roles: str) -> bool:
        """Say whether the event mentions this person (in one of these roles, if any are given)."""
        for mention in fact.mentions:
            if self.person(mention.record) == person and (not roles or mention.role in roles):
                return True
        return False

    def people_in(self, fact: Fact, *roles: str) -> list[int]:
        """Return the people an event mentions (in one of these roles, if any are given), each once, in its order."""
        found = [self.person(mention.record) for mention in fact.mentions if not roles or mention.role in roles]
        return list(dict.fromkeys(found))

    def claims(self, person: int) -> Sequence[Claim]:
        """Return every relation claim that touches a person, from their side, earliest known first."""
        if self._claims is None:
            self._claims = self._index_claims()
        return self._claims.get(person, ())

    def as_of(self, moment: datetime) -> "View":
        """Return the case as it was known at a moment: what was received, and who was known to be whom, by then."""
        case = self.case
        facts = [fact for fact in case.facts if fact.received_at <= moment]
        joins = [join for join in case.joins if join.joined_at <= moment]
        if len(facts) == len(case.facts) and len(joins) == len(case.joins):
            return self
        return self.memo(
            ("as of", moment), lambda: View(replace(case, facts=facts, joins=joins), self.directory, self.now)
        )

    def covering(self, kind: str, area: str | None, at: datetime) -> Sequence[str]:
        """Return the agencies that hold `<kind>-for-area` of an area at a moment."""
        return self.memo(("covering", kind, area, at), lambda: self.directory.covering(kind, area, at))

    def memo(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what `work` gives, working it out once for each key."""
        if key not in self._memo:
            self._memo[key] = work()
        found: T = self._memo[key]
        return found

    def _index_mentions(self) -> dict[int, list[tuple[Fact, Mention]]]:
        index: dict[int, list[tuple[Fact, Mention]]] = {}
        person = self.person
        for fact in self.ordered:
            for mention in fact.mentions:
                index.setdefault(person(mention.record), []).append((fact, mention))
        return index

    def _index_claims(self) -> dict[int, list[Claim]]:
        index: dict[int, list[Claim]] = {}
        person = self.person
        for fact in self.ordered:
            for relation, one, other in fact.ties:
                first, second = person(one.record), person(other.record)
                if first != second:
                    index.setdefault(first, []).append(Claim(second, fact, relation, one, other, True))
                    index.setdefault(second, []).append(Claim(first, fact, relation, other, one, False))
        return index


@lru_cache(maxsize=KEPT_MAX)
def _among(_: frozenset[str]) -> dict[Types, tuple[str, ...]]:
    """Where the answers are kept of which types in a case are among those asked for: cases of the same types share them."""
    return {}
