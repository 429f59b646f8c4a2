"""Places for vulnerable adults and for children at which somebody lives, works or spends time (R38)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer, lapse
from services.rules.words import areas, decisions, reports, times
from services.rules.words.times import Clock

HOME: Final = "home"
WORK: Final = "work"
PRESENT: Final = "present"
"""Tags: how the subject comes to be there."""
ADULTS: Final = "adults"
CHILDREN: Final = "children"
TOKEN_TAIL: Final = 8
"""Characters of a place's token that tell it from others in an anchor; the whole is shown to nobody."""

_HOMES: Final = Types.of(["*.residence.started", "*.address.changed", "probation.licence-address.declared"])
_LEFT: Final = Types.of(["*.residence.ended"])
_JOBS: Final = Types.of(["probation.licence-employment.declared", "employer.employment.started"])
_PRESENCE: Final = Types.of(["employer.presence.noted"])
_GIVEN: Final = Types.of(["probation.accommodation-risk-information.given"])
_RECEIVED: Final = Types.of(["*.information.received"])
_ASC: Final = Types.of(["adult-social-care.enquiry.decided"])
_PROVIDERS: Final = frozenset({"housing", "employer", "approved-premises", "education", "health"})


class Place(NamedTuple):
    """A setting of which an event says that the subject is there."""

    term: str
    setting: str
    tag: str


@registry.sources("at_vulnerable_setting@1")
def at_vulnerable_setting(view: View, clock: Clock, value: Mapping[str, Sequence[str]]) -> Iterable[Found]:
    """Each setting of these kinds at which the subject lives, works or is said to spend time. `value`: for whom -> kinds."""
    wanted = {setting: who for who, settings in value.items() for setting in settings}
    by_term: dict[tuple[str, str], list[Raw]] = {}
    for fact, place in _said(view):
        if place.setting in wanted:
            raw = Raw(times.starts(fact, clock), fact.received_at, (fact,))
            by_term.setdefault((place.term, place.tag), []).append(raw)
    for (term, tag), raws in by_term.items():
        who = {wanted[place.setting] for _, place in _said(view) if place.term == term and place.setting in wanted}
        yield Found(Situation(view.subject, term=term, note={"for": who}), tuple(raws), tag=tag)


def _said(view: View) -> Iterator[tuple[Fact, Place]]:
    for fact in view.facts(_HOMES):
        if view.names(fact, view.subject, "subject"):
            yield fact, Place(_provider(fact, fact.fields.get("address")), str(fact.fields.get("setting")), HOME)
    for fact in view.facts(_PRESENCE):
        if view.names(fact, view.subject, "subject"):
            yield fact, Place(_provider(fact, None), str(fact.fields.get("place")), PRESENT)
    for fact in view.facts(reports.REPORTS):
        there = fact.fields.get("present_at")
        if isinstance(there, Mapping) and view.names(fact, view.subject, "subject"):
            yield fact, Place(_provider(fact, there), str(there.get("setting")), PRESENT)
    for fact in view.facts(_JOBS):
        for mention in fact.mentions:
            if view.person(mention.record) == view.subject:
                yield fact, _job(fact, mention.body.get("workplace") or {})


def _job(fact: Fact, workplace: Mapping[str, Any]) -> Place:
    return Place(_provider(fact, workplace), str(workplace.get("setting") or fact.fields.get("setting")), WORK)


def _provider(fact: Fact, place: object) -> str:
    """The agency that runs the place, where it is on the bus; else a name made of the place's token."""
    provider = fact.fields.get("provider")
    if isinstance(provider, str):
        return provider
    if fact.type.partition(".")[0] in _PROVIDERS:
        return fact.agency
    token = areas.dwelling(place)
    return f"place-{token[-TOKEN_TAIL:]}" if token is not None else "place"


@registry.closings("provider_knows_the_risk@1")
def provider_knows_the_risk(
    view: View, situation: Situation, _each: object, clock: Clock, _: object
) -> Iterable[Closer]:
    """Risk information was given to the provider, or is recorded by it as received; or adult social care decided."""
    for fact in view.facts(_GIVEN | _RECEIVED):
        to = fact.fields.get("to_agency") if fact.type in _GIVEN else fact.agency
        if to == situation.term and view.names(fact, situation.subject, "subject"):
            yield answer(fact, clock, points=True)
    for fact in view.facts(_ASC):
        if decisions.reasons(fact) and view.names(fact, situation.subject):
            yield answer(fact, clock)


@registry.closings("no_longer_there@1")
def no_longer_there(view: View, situation: Situation, _each: object, _clock: Clock, _: object) -> Iterable[Closer]:
    """He has left the place, or has a new address elsewhere."""
    for fact in view.facts(_LEFT):
        if fact.agency == situation.term and view.names(fact, situation.subject, "subject"):
            yield lapse(fact, times.ends(fact, "occurred"))
    homes = {fact.ref for fact, place in _said(view) if place.term == situation.term and place.tag == HOME}
    for fact in view.facts(_HOMES) if homes else ():
        if fact.ref not in homes and view.names(fact, situation.subject, "subject"):
            yield lapse(fact, times.ends(fact, "occurred"))


@registry.agencies("social care of the setting")
def social_care_of_the_setting(standing: Standing, _: object) -> Sequence[str]:
    """Adult social care where the setting lies, or children's for a children's setting; by the setting's own area if known."""
    who = standing.situation.note.get("for")
    kinds = {ADULTS: "asc-for-area", CHILDREN: "csc-for-area"}
    wanted = [kinds[each] for each in sorted(who)] if isinstance(who, set) else []
    area = next((found for fact in standing.facts for found in [_area(fact)] if found), None)
    area = area or areas.area_of(standing.view, standing.situation.subject)
    return sorted({agency for kind in wanted for agency in standing.view.covering(kind, area, standing.at)})


def _area(fact: Fact) -> str | None:
    for place in (fact.fields.get("present_at"), fact.fields.get("address")):
        if isinstance(place, Mapping) and isinstance(place.get("area"), str):
            return str(place["area"])
    return None


@registry.agencies("provider of the setting")
def provider_of_the_setting(standing: Standing, _: object) -> Sequence[str]:
    """The agency that runs the place, if it is on the bus."""
    term = standing.situation.term or ""
    return [term] if standing.view.directory.agency(term) is not None else []
