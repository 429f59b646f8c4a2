"""What one agency told another by word of mouth (R31)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import View
from services.rules.vocabulary.closings import answer
from services.rules.words import references
from services.rules.words.times import Clock


@registry.closings("the_one_told_has_it@1")
def the_one_told_has_it(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The agency that was told gives a receipt, or records something that cites the telling or what it was about."""
    event = situation.event
    if event is None:
        return
    told = set(_told(event))
    about = event.reference(event.fields.get("about"))
    for ref in (event.ref, *([about] if about is not None else [])):
        for fact in references.pointing(view).get(ref, ()):
            if fact.agency in told and fact is not event:
                yield answer(fact, clock, points=True)


@registry.answerers("the agency told")
def the_agency_told(_view: View, situation: Situation, _at: datetime, _: object) -> Sequence[str]:
    """The one that would have to say that it has it."""
    return list(_told(situation.event)) if situation.event is not None else []


@registry.agencies("both sides of the telling")
def both_sides_of_the_telling(standing: Standing, _: object) -> Sequence[str]:
    """The agency that told and the one that was told."""
    event = standing.situation.event
    return sorted({event.agency, *_told(event)}) if event is not None else []


def _told(event: Fact) -> Iterator[str]:
    agency = event.fields.get("to_agency")
    if isinstance(agency, str):
        yield agency
