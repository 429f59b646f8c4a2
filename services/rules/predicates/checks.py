"""Who is named in a report, and who of them was searched for (R06)."""

from collections.abc import Iterable, Sequence
from typing import Final

from services.rules import registry
from services.rules.registry import Element
from services.rules.situation import Closer, Situation
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import references, reports, times
from services.rules.words.times import Clock

_CHECKS: Final = Types.of(["*.checks.completed"])


@registry.eachs("people_named@1")
def people_named(view: View, situation: Situation, _: object) -> Sequence[Element]:
    """Everybody the report names by family name or identifier, each once; the reporter too if a child is named."""
    event = situation.event
    if event is None:
        return []
    return [Element(person) for person, _ in reports.named(view, event, times.starts(event, "recorded"))]


@registry.closings("person_checked@1")
def person_checked(view: View, situation: Situation, each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The recording agency searched its systems for this person, for this report."""
    event = situation.event
    if event is None:
        return
    for fact in references.pointing(view).get(event.ref, ()):
        if fact.type in _CHECKS and fact.agency == event.agency:
            checked = fact.fields.get("persons_checked") or ()
            if any(view.person(mention.record) == each for mention in fact.mentions if mention.ref in checked):
                yield answer(fact, clock, points=True)
