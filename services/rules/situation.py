"""What rules are judged on: situations, their evidence, and what closes them.

A *situation* is one candidate for a finding: a report and the person it is about, a couple, a licence and its end. Its
*items* each start a window; its *closers* are answers and lapses. `services.rules.episodes` sets the one against
the other. Words give states as *spans*, so that "holding at the anchor" and "no longer" come from one answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.chronology.facts import EventRef, Fact
from services.rules.findings import Finding, Spans, State
from services.rules.words.times import Length

NO_FACTS: tuple[Fact, ...] = ()


def once(facts: Iterable[Fact], besides: Iterable[Fact] = ()) -> tuple[Fact, ...]:
    """Return each fact once, in order, without those of `besides`; told apart by name, for a fact has no hash."""
    left = {fact.ref: fact for fact in facts}
    for fact in besides:
        left.pop(fact.ref, None)
    return tuple(left.values())


@dataclass(frozen=True, slots=True)
class Span:
    """A state that holds over [start, end), and when each side first could be known."""

    start: datetime
    end: datetime | None
    received: datetime
    """received_at of the last fact needed to know of the start."""
    ended_received: datetime | None = None
    facts: tuple[Fact, ...] = NO_FACTS
    ended_by: tuple[Fact, ...] = NO_FACTS

    def holds(self, at: datetime) -> bool:
        """Say whether the state holds at this moment."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Holding:
    """A condition found to hold: from when, since when that could be known, and on what evidence."""

    start: datetime
    received: datetime
    facts: tuple[Fact, ...] = NO_FACTS


@dataclass(frozen=True, slots=True)
class Situation:
    """What a finding would be about. Equal situations of one rule are one alert."""

    subject: int
    event: Fact | None = None
    other: int | None = None
    """The other person of the anchor."""
    term: str | None = None
    other_record: int | None = field(default=None, compare=False)
    """The record that stands for the other in the anchor, where it must be this one: a placeholder's own."""
    note: Mapping[str, object] = field(default_factory=dict, compare=False)
    """What the words of this rule know about it, e.g. the date a deadline runs to."""

    @property
    def key(self) -> tuple[EventRef | None, int | None, str | None]:
        """What is told apart: two situations with one key are judged together."""
        return (self.event.ref if self.event else None, self.other, self.term)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule of the first stratum found: all that a rule over findings may know of it."""

    situation: Situation
    finding: Finding

    @property
    def rule(self) -> str:
        """Return the rule that found it."""
        return self.finding.rule

    @property
    def spans(self) -> Spans:
        """Return when it rang and how long it stood, each time."""
        return self.finding.spans

    def stood(self, at: datetime) -> bool:
        """Say whether it stood at a moment."""
        return any(start <= at and (end is None or at < end) for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence. It rings at `wake` unless something closes it before."""

    start: datetime
    """Its own time by the rule's clock: what answers after this answers it."""
    begins: datetime
    """When the window begins: the start, or later, when the conditions came to hold."""
    wake: datetime
    received: datetime
    facts: tuple[Fact, ...]
    possible: bool = False
    """The clock is an interval, so the start is the earliest it can have been."""
    quiet: bool = False
    """It joins what stands and rings nobody itself."""
    anew: bool = False
    """It is the answer to what came before and begins the next window itself: a supervision, a contact."""
    grounds: tuple[Fact, ...] = NO_FACTS
    """Facts of conditions it needs (a flag, a child), evidence as well but not what is reported."""

    @property
    def rings_at(self) -> datetime:
        """Return the later of the wake and the moment the last fact needed was received."""
        return max(self.wake, self.received)


@dataclass(frozen=True, slots=True)
class Closer:
    """An answer or a lapse with its own clock."""

    at: datetime
    """Its own clock; the end of a finding it closes."""
    received: datetime
    state: State
    facts: tuple[Fact, ...] = NO_FACTS
    points: bool = False
    """It names the very thing it answers, so it counts even if its clock lies before the window began."""
    final: bool = False
    """Nothing later reopens what it closes: a death, a question that was answered."""
    dated: bool = False
    """Its moment was known in advance, so it is judged like a deadline: its postponement may lie unread."""
    over_at: datetime | None = None
    """When the state that it is the beginning of was over again: what begins after that, it never closed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One strand of a situation: it is closed on its own, and the finding stands while any strand does.

    Each element of `for_each` and each leg of `any_of` is one.
    """

    situation: Situation
    items: Sequence[Item]
    closers: Sequence[Closer]
    timed: bool
    """Its wakes are deadlines, judged at the watermark's time; else it rings at once."""
    steps: Sequence[tuple[str, datetime]] = ()
    """Moments that tell again while it stands, by the name the rule gives them."""
    after_steps: Sequence[Length] = ()
    """As `steps`, reckoned from the start of the first evidence."""
    each: object = None
    """The element of `for_each`."""
    tag: str = ""
    """What kind of evidence it is, where a rule tells kinds apart."""
