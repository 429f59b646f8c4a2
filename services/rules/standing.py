"""A finding in the making: its situation, the evidence of its present stretch, and the moment it is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from services.chronology.facts import Fact
from services.rules.episodes import Episode, Stretch
from services.rules.findings import Urgency
from services.rules.situation import Item, Situation
from services.rules.view import View
from services.rules.words import informants


def first_record(view: View, facts: Iterable[Fact], person: int) -> int | None:
    """Return the record of a person's earliest-received mention in these facts."""
    mentions = [
        ((fact.received_at, fact.ref, mention.ref), mention.record)
        for fact in facts
        for mention in fact.mentions
        if view.person(mention.record) == person
    ]
    return min(mentions)[1] if mentions else None


@dataclass
class Standing:
    """What conditions, recipients and texts of a rule are worked out from."""

    view: View
    situation: Situation
    stretch: Stretch
    at: datetime
    """The clock while it stands; the moment before its end once that has passed: it is then what it last was."""
    judged: datetime
    """The time by which deadlines are judged: the clock, unless the bus is behind."""
    known_by: datetime | None = None
    """Of one that has ended: when that was known. What came later changes nothing of it any more."""
    urgency: Urgency | None = None
    """Once it has been decided."""
    again: list[datetime] = field(default_factory=list)
    """Moments at which a condition of it may change by time alone: whoever asks for one notes its end here."""

    @cached_property
    def episodes(self) -> tuple[Episode, ...]:
        """Those that make it up: the standing ones while it stands."""
        return self.stretch.standing or self.stretch.episodes

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Evidence of the present stretch."""
        found = tuple(item for episode in self.episodes for item in episode.items)
        if self.known_by is None:
            return found
        return tuple(item for item in found if item.received <= self.known_by) or found

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Events that are the evidence, earliest known first; those of conditions are left out."""
        found = {fact.ref: fact for item in self.items for fact in item.facts}
        return tuple(sorted(found.values(), key=lambda fact: fact.order))

    @cached_property
    def steps(self) -> list[tuple[str, datetime]]:
        """Every step of the parts that make it up, by its name, earliest first."""
        steps = {step for episode in self.episodes for step in episode.part.steps}
        for episode in self.episodes:
            begins = min(item.begins for item in episode.items)
            steps |= {(str(length), length.after(begins)) for length in episode.part.after_steps}
        return sorted(steps, key=lambda step: step[1])

    @cached_property
    def anchor_at(self) -> datetime:
        """The moment the first evidence speaks of: ages and flags are taken as they were then."""
        return min(item.start for item in self.items)

    @cached_property
    def corroborated(self) -> bool:
        """Whether what it rests on is held up by more than one uncertain voice (domain A3a)."""
        subject = self.situation.subject
        return any(informants.corroborated(self.view, subject, graded) for graded in self._graded())

    def _graded(self) -> list[list[tuple[Fact, str | None]]]:
        """The evidence with its grades, apart for each counterpart that claims in it speak of.

        Without claims, what names both: that one of the two is registered, or was convicted, holds up nothing said of the two.
        """
        groups: dict[int | None, list[tuple[Fact, str | None]]] = {}
        refs = {fact.ref for fact in self.facts}
        subject, other = self.situation.subject, self.situation.other
        for claim in self.view.claims(subject):
            if claim.fact.ref in refs and other in (None, claim.other):
                groups.setdefault(claim.other, []).append((claim.fact, informants.grade_of(claim)))
        if groups:
            return list(groups.values())
        view = self.view
        both = [
            fact for fact in self.facts if other is not None and view.names(fact, subject) and view.names(fact, other)
        ]
        return [[(fact, fact.grade) for fact in both or self.facts]]
