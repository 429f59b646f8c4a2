"""What a kind compiles to, and what several kinds share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.rules import registry
from services.rules.model import Leg, Of
from services.rules.patterns import Matcher, situations, word
from services.rules.registry import Found, Raw
from services.rules.situation import Situation, once
from services.rules.view import View
from services.rules.words.times import Clock

Candidates = Callable[[View], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Shape:
    """A leg on its way to closures: what the kind needs to know of the rule around it."""

    leg: Leg
    anchor: frozenset[str]
    clock: Clock

    @property
    def with_event(self) -> bool:
        """Whether each event is an alert of its own."""
        return "event" in self.anchor


def need(value: object, leg: Leg, name: str) -> None:
    """Refuse a leg that lacks what its kind cannot do without.

    Raises:
        LookupError: `name` is missing.
    """
    if not value:
        raise LookupError(f"kind {leg.kind or 'missing: it'} needs `{name}`")


def source(of: Of, shape: Shape) -> Candidates:
    """Compile what a leg watches: a source by its name, or events of some types.

    Raises:
        LookupError: an unknown word, or no `of`.
    """
    named = of.word if of.word is not None else of.predicate
    if named is not None:
        name, value = word(named)
        function = registry.sources.find(name)
        return lambda view: function(view, shape.clock, value)
    matcher = Matcher.of(of)
    return lambda view: _found(view, matcher, of, shape)


def _found(view: View, matcher: Matcher, of: Of, shape: Shape) -> Iterable[Found]:
    roles = () if of.role == "any" else (of.role,)
    for fact, raw in matcher.facts(view, shape.clock, roles):
        if shape.with_event and fact.history:
            continue  # an alert on one event of long ago could never ring; it is evidence for others
        for situation, more in situations(view, fact, of, raw.start, with_event=shape.with_event):
            received = max(raw.received, more.received)
            facts = once((*raw.facts, *more.facts))
            yield Found(situation, (Raw(raw.start, received, facts, raw.possible),))


def by_situation(found: Iterable[Found]) -> dict[object, tuple[Situation, list[Raw]]]:
    """Put the evidence of equal situations together."""
    groups: dict[object, tuple[Situation, list[Raw]]] = {}
    for each in found:
        groups.setdefault(each.situation.key, (each.situation, []))[1].extend(each.raws)
    return groups
