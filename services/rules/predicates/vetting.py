"""Vetting that searched too few names, or came after the work had begun (R46)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import times
from services.rules.words.times import Clock

VETTED: Final = frozenset({"children", "vulnerable-adults", "both"})

_ANSWERED: Final = Types.of(["police.vetting.answered"])
_REQUESTED: Final = Types.of(["*.vetting.requested"])
_STARTED: Final = Types.of(["*.employment.started"])
_SUSPENDED: Final = Types.of(["*.employment.suspended"])
_LEARNT: Final = Types.of(["*.alias.learnt"])
_DECLARED: Final = Types.of(["*.employment.application-received", "*.vetting.requested"])


@registry.sources("names_not_searched@1")
def names_not_searched(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """A vetting answer on the subject that left out a family name somebody knew of by then.

    By family name, for given names are written in many ways; an answer that does not say what it searched proves nothing.
    """
    for fact in view.facts(_ANSWERED):
        searched = _families(fact.fields.get("names_searched"))
        if fact.history or not searched or not view.names(fact, view.subject, "subject"):
            continue
        known = [(other, name) for other, name in _known(view) if other.known_at <= fact.known_at]
        missing = [other for other, name in known if name not in searched]
        if missing:
            first = min(missing, key=lambda other: (other.received_at, other.ref))
            grounds = (*_request(view, fact), first)
            raw = Raw(times.starts(fact, clock), max(fact.received_at, first.received_at), (fact,), grounds=grounds)
            yield Found(Situation(view.subject, fact), (raw,))


@registry.sources("work_before_the_answer@1")
def work_before_the_answer(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """The subject began work with children or vulnerable adults before the vetting asked for was answered.

    The employer says so; or says nothing of it, and the check it asked a force for that answers on the bus had no answer yet.
    """
    for fact in view.facts(_STARTED):
        if fact.history or not _on(view, fact):
            continue
        told = fact.fields.get("before_answer")
        if told is True or (told is None and _unanswered(view, fact)):
            raw = Raw(times.starts(fact, clock), fact.received_at, (fact,), grounds=tuple(_request(view, fact)))
            yield Found(Situation(view.subject, fact), (raw,))


def _unanswered(view: View, started: Fact) -> bool:
    """Whether the work began while a check that its employer had asked for was open."""
    at = times.starts(started, "occurred")
    named = _request(view, started)
    own = [fact for fact in view.facts(_REQUESTED) if fact.agency == started.agency and _on(view, fact)]
    return any(
        fact.known_at <= at and _would_answer(view, fact) and not _answered_by(view, fact, at) for fact in named or own
    )


def _on(view: View, fact: Fact) -> bool:
    """Whether it is of the subject, and of work with children or vulnerable adults."""
    return fact.fields.get("with_people") in VETTED and view.names(fact, view.subject, "subject")


def _would_answer(view: View, asked: Fact) -> bool:
    """Silence says something only of a force that sends its answers to the bus."""
    force = asked.fields.get("of_agency")
    return isinstance(force, str) and view.directory.covers(force, "police.vetting.answered", asked.known_at)


def _answered_by(view: View, asked: Fact, at: datetime) -> bool:
    answers = (fact for fact in view.facts(_ANSWERED) if fact.known_at <= at)
    return any(asked in _request(view, fact) for fact in answers)


@registry.closings("searched_in_full@1")
def searched_in_full(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The police answer again, and leave no name out that was known when the first answer was given."""
    event = situation.event
    if event is None:
        return
    known = {name for other, name in _known(view) if other.known_at <= event.known_at}
    for fact in view.facts(_ANSWERED):
        if (
            fact is not event
            and view.names(fact, situation.subject)
            and known <= _families(fact.fields["names_searched"])
        ):
            yield answer(fact, clock)


@registry.closings("answered_or_suspended@1")
def answered_or_suspended(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The vetting is answered, or the subject may not work until it is."""
    for fact in view.facts(_ANSWERED | _SUSPENDED):
        if view.names(fact, situation.subject, "subject"):
            yield answer(fact, clock)


def _known(view: View) -> Iterator[tuple[Fact, str]]:
    """Every family name of the subject, with the event that says so: how it was named, declared or learnt."""
    for fact, mention in view.mentions(view.subject):
        for name in _families(mention.body.get("names")):
            yield fact, name
    for fact in view.facts(_LEARNT | _DECLARED):
        if view.names(fact, view.subject, "subject"):
            alias = fact.fields.get("alias")
            for name in _families([alias] if alias else fact.fields.get("names_declared")):
                yield fact, name


def _families(names: Iterable[object] | None) -> set[str]:
    found = [name.get("family") for name in names or () if isinstance(name, Mapping)]
    return {name.casefold().strip() for name in found if isinstance(name, str)}


def _request(view: View, fact: Fact) -> list[Fact]:
    asked = fact.reference(fact.fields.get("request") or fact.fields.get("vetting"))
    return [other for other in view.facts(_REQUESTED) if other.ref == asked]


@registry.agencies("agencies that vet or employ")
def agencies_that_vet_or_employ(standing: Standing, value: Sequence[str]) -> Sequence[str]:
    """Of these sectors, those that asked for the check, were asked for it, answered it, or employ."""
    view, event = standing.view, standing.situation.event
    own = [event, *_request(view, event)] if event is not None else []
    asked = [fact.fields.get("of_agency") for fact in own]
    found = {fact.agency for fact in own} | {agency for agency in asked if isinstance(agency, str)}
    return sorted(agency for agency in found if view.directory.sector(agency) in value)
