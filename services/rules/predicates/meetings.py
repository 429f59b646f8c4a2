"""Statutory meetings, and the agencies that had to be there (R30)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Element, Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import areas, custody, references, reports, roles, times
from services.rules.words.times import Clock, Length

HEALTH: Final = "health"
STATUTORY: Final = frozenset({"mappa-level-2", "mappa-level-3", "strategy", "child-protection-conference"})
"""Kinds of meeting that certain agencies must attend. A professionals' meeting is none of them."""
KEY_SECTORS: Final = frozenset({"police", "probation", "prison", "childrens-social-care"})
"""Sectors whose absence, where a meeting lists it, is the absence of a key agency; at a strategy discussion that no
health provider attended, health too."""
SAME_MEETING: Final = Length(24, "hour")
"""An action its convener sets so soon after a meeting about the same person is the meeting's."""

_STRATEGY: Final = Types.of(["childrens-social-care.strategy-discussion.held"])
_MEETINGS: Final = Types.of(["*.meeting.held"]) | _STRATEGY
_ACTIONS: Final = Types.of(["*.action.set"])
_TAKEN: Final = Types.of(["*.action.accepted", "*.action.done"])


@registry.sources("statutory_meeting@1")
def statutory_meeting(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """A statutory meeting mainly about the subject that states who attended. What it does not state is not an absence."""
    for fact in view.facts(_MEETINGS):
        statutory = fact.type in _STRATEGY or fact.fields.get("kind") in STATUTORY
        live = not fact.history and fact.fields.get("attendance") is not None
        if statutory and live and reports.main_person(view, fact) == view.subject:
            raw = Raw(times.starts(fact, clock), fact.received_at, (fact,))
            yield Found(Situation(view.subject, fact), (raw,))


@registry.eachs("key_agencies_absent@1")
def key_agencies_absent(view: View, situation: Situation, _: object) -> Sequence[Element]:
    """Those that lead for police, probation and (in custody) prison, and social care where a child at risk lives.

    A strategy discussion needs health too. Whom the meeting itself lists as absent from these sectors counts as well.
    Left out is who was there, and who would not tell the bus that it confirms.
    """
    event = situation.event
    if event is None:
        return []
    there = set(event.fields.get("attendance") or ())
    absent = dict.fromkeys(agency for agency in _expected(view, event, there) if agency not in there)
    return [Element(agency) for agency in sorted(absent) if _publishes(view, agency, event.known_at)]


def _expected(view: View, event: Fact, there: set[str]) -> Iterator[str]:
    at, subjects = event.known_at, view.people_in(event, "subject")
    for person in subjects:
        for role in (roles.POLICE, roles.PROBATION, *([roles.PRISON] if custody.in_custody(view, person, at) else [])):
            found = roles.holders(view, person, role, at)
            if not there & set(found):  # of two that share a role one is enough
                yield from found
    needs_health = event.type in _STRATEGY and not any(view.directory.sector(agency) == HEALTH for agency in there)
    for child, _ in reports.children(view, event, at):
        yield from view.covering("csc-for-area", areas.home_area(view, child), at)
        if needs_health:
            yield from view.covering("health-for-area", areas.home_area(view, child), at)
    for agency in event.fields.get("absent") or ():
        sector = view.directory.sector(agency)
        if sector in KEY_SECTORS or (sector == HEALTH and needs_health):
            yield agency


def _publishes(view: View, agency: str, at: datetime) -> bool:
    sector = view.directory.sector(agency)
    return view.directory.covers(agency, f"{sector}.information.receipt-given", at)


@registry.closings("absent_agency_confirms@1")
def absent_agency_confirms(view: View, situation: Situation, each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The agency confirms: a receipt, an action of the meeting taken on, or a record that cites the meeting or an action."""
    event = situation.event
    if event is None:
        return
    actions = [fact for fact in view.facts(_ACTIONS) if _of_meeting(view, fact, event)]
    pointed = {event.ref, *(fact.ref for fact in actions)}
    names = {fact.fields.get("action") for fact in actions}
    confirming = {fact.ref: fact for ref in pointed for fact in references.pointing(view).get(ref, ())}
    for fact in view.facts(_TAKEN):
        if fact.fields.get("action") in names and (fact.fields.get("set_by") or fact.agency) == event.agency:
            confirming[fact.ref] = fact
    for fact in confirming.values():
        if fact.agency == each:
            yield answer(fact, clock, points=True)


def _of_meeting(view: View, action: Fact, meeting: Fact) -> bool:
    if action.agency != meeting.agency:
        return False
    soon = meeting.known_at <= action.known_at <= SAME_MEETING.after(meeting.known_at)
    about_same = bool(set(view.people_in(action, "subject")) & set(view.people_in(meeting)))
    return meeting.ref in action.cites or (soon and about_same)


@registry.agencies("absent agencies")
def absent_agencies(standing: Standing, _: object) -> Sequence[str]:
    """Those that were not there and have not confirmed."""
    return sorted({str(episode.part.each) for episode in standing.stretch.episodes if episode.part.each})
