"""Patterns of events and field tests, compiled to closures once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.model import Of, Pattern, Word
from services.rules.registry import Raw
from services.rules.situation import Holding, Situation, once
from services.rules.view import Types, View
from services.rules.words import flags, informants, reports, times
from services.rules.words.times import Clock

FieldTest = Callable[[Fact], bool]
Bound = Callable[[View, Fact, datetime], Holding | None]


def word(value: Word) -> tuple[str, Any]:
    """Split a word into its name and its value.

    Raises:
        LookupError: a mapping of several words; each needs an entry of its own.
    """
    if isinstance(value, str):
        return value, None
    if len(value) != 1:
        raise LookupError(f"write one word an entry, not {', '.join(value)}")
    return next(iter(value.items()))


def field_tests(where: Mapping[str, Any]) -> FieldTest:
    """Compile `where` to one test of a fact's fields."""
    tests = [_field_test(path.split("."), expected) for path, expected in where.items()]
    return lambda fact: all(test(fact) for test in tests)


def _field_test(path: Sequence[str], expected: object) -> FieldTest:
    test = _value_test(expected)

    def holds(fact: Fact) -> bool:
        value: object = fact.fields
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        return test(value)

    return holds


def _value_test(expected: object) -> Callable[[object], bool]:
    if isinstance(expected, list):
        return lambda value: value in expected
    if not isinstance(expected, Mapping):
        return lambda value: value == expected
    match dict(expected):
        case {"not": unwanted, **rest} if not rest:
            test = _value_test(unwanted)
            return lambda value: not test(value)
        case {"present": bool(wanted), **rest} if not rest:
            return lambda value: (value is not None) is wanted
        case {"has": item, **rest} if not rest:
            return lambda value: isinstance(value, list | tuple) and item in value
        case {"has_any": list(items), **rest} if not rest:
            return lambda value: isinstance(value, list | tuple) and any(item in value for item in items)
        case {"at_least": least, **rest} if not rest:
            return lambda value: isinstance(value, int | float) and value >= least
        case _:
            raise LookupError(
                f"unknown field test {expected!r}: write a value, a list, not, present, has, has_any or at_least"
            )


@dataclass(frozen=True, slots=True)
class Matcher:
    """A compiled pattern of events."""

    types: Types
    matches: FieldTest
    which: tuple[Bound, ...]
    reports_only: bool

    @classmethod
    def of(cls, pattern: Pattern) -> "Matcher":
        """Compile a pattern that names types.

        Raises:
            LookupError: a word in `which` or a field test is unknown.
        """
        bound = tuple(_bind_event_word(each) for each in pattern.which)
        families = tuple(pattern.types)
        return cls(reports.types_of(families), field_tests(pattern.where), bound, "report" in families)

    def facts(self, view: View, clock: Clock, roles: Sequence[str]) -> Iterator[tuple[Fact, Raw]]:
        """Find the events that match and name the view's subject in one of these roles (in any, if none are given)."""
        for fact in view.facts(self.types):
            if not view.names(fact, view.subject, *roles):  # first: a case holds many reports of those around
                continue
            if informants.suspected_false(fact.grade) or not self.matches(fact):
                continue
            if self.reports_only and reports.by_lead(view, fact):
                continue
            raw = self._raw(view, fact, clock)
            if raw is not None:
                yield fact, raw

    def _raw(self, view: View, fact: Fact, clock: Clock) -> Raw | None:
        start, end = times.clock_of(fact, clock)
        received, facts = fact.received_at, once([fact])
        for condition in self.which:
            held = condition(view, fact, start)
            if held is None:
                return None
            received = max(received, held.received)
            facts = once((*facts, *held.facts))
        return Raw(start, received, facts, possible=start != end)


def _bind_event_word(value: Word) -> Bound:
    name, parameter = word(value)
    function = registry.of_event.find(name)
    return lambda view, fact, at: function(view, fact, at, parameter)


def situations(view: View, fact: Fact, of: Of, at: datetime, *, with_event: bool) -> Iterator[tuple[Situation, Raw]]:
    """Yield each situation that an event naming the view's subject makes for them, with what that adds to the evidence."""
    event = fact if with_event else None
    term = str(fact.fields.get(of.term)) if of.term and fact.fields.get(of.term) is not None else None
    if of.other is None:
        yield Situation(view.subject, event, None, term), Raw(at, fact.received_at, ())
        return
    for other in view.people_in(fact, *of.other.role):
        if other == view.subject or (of.other.relation and not _tied(view, fact, other, of.other.relation)):
            continue
        held = flags.held(view, other, at, tuple(of.other.flagged)) if of.other.flagged else None
        if of.other.flagged and held is None:
            continue
        received, facts = (held.received, held.facts) if held else (fact.received_at, ())
        yield Situation(view.subject, event, other, term), Raw(at, max(received, fact.received_at), facts)


def _tied(view: View, fact: Fact, other: int, kinds: list[str]) -> bool:
    return any(
        claim.fact is fact and claim.other == other and claim.relation.kind in kinds
        for claim in view.claims(view.subject)
    )
