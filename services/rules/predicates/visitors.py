"""Visitors and correspondents of somebody in prison (R03)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Element
from services.rules.situation import Closer, Situation
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import custody, decisions, relations, times
from services.rules.words.times import Clock

_SEEN: Final = Types.of(["prison.visit.held", "*.correspondence.noted", "prison.contact.approved"])
_ROLES: Final = ("visitor", "correspondent")


@registry.eachs("visitors_of_this_sentence@1")
def visitors_of_this_sentence(view: View, situation: Situation, _: object) -> Sequence[Element]:
    """Everybody who visited, wrote or was approved to since the sentence began, his own kin included.

    A time known only as a span counts if it may lie within the sentence.
    """
    subject = situation.subject
    began = custody.sentence_began(view, subject, view.now.clock)
    first: dict[int, Fact] = {}
    for person, fact in _contacts(view, subject):
        if began is not None and times.ends(fact, "occurred") < began:
            continue
        held = first.get(person)
        if held is None or (fact.received_at, fact.ref) < (held.received_at, held.ref):
            first[person] = fact
    return [Element(person, fact.received_at, (fact,)) for person, fact in sorted(first.items(), key=_by_fact)]


def _by_fact(item: tuple[int, Fact]) -> tuple[datetime, object, int]:
    return (item[1].received_at, item[1].ref, item[0])


def _contacts(view: View, subject: int) -> Iterable[tuple[int, Fact]]:
    for claim in relations.visits_and_letters(view, subject):
        yield claim.other, claim.fact
    for fact in view.facts(_SEEN):
        if view.names(fact, subject, "subject"):
            for person in view.people_in(fact, *_ROLES):
                yield person, fact


@registry.closings("visitor_considered@1")
def visitor_considered(view: View, situation: Situation, each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """A meeting about the subject went through this visitor, or a review of visitors did, with reasons."""
    for fact in view.facts(decisions.MEETINGS | decisions.VISITOR_REVIEWS):
        if each in decisions.considered(view, fact) and view.names(fact, situation.subject):
            yield answer(fact, clock)
