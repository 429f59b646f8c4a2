"""Cases of high risk given to officers who are new to the work, or who were frightened (R21)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from services import calendar
from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import flags, times
from services.rules.words.times import Clock

_ALLOCATED: Final = Types.of(["probation.case.allocated"])
_CAPACITY: Final = Types.of(["*.capacity.reported"])
_INTIMIDATED: Final = Types.of(["probation.staff.intimidation-reported"])


@registry.sources("officer_alone_with_high_risk@1")
def officer_alone_with_high_risk(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """A case of high risk is allocated to a newly qualified officer with no supervisor named, or its officer was frightened."""
    by_officer: dict[str, list[Raw]] = {}
    for fact in view.facts(_ALLOCATED | _INTIMIDATED):
        alone = fact.type in _INTIMIDATED or (
            fact.fields.get("newly_qualified") is True and not fact.fields.get("supervisor")
        )
        at = times.starts(fact, clock)
        held = flags.held(view, view.subject, at, (flags.ROSH_HIGH,)) if alone else None
        if held is not None and view.names(fact, view.subject, "subject"):
            raw = Raw(at, max(fact.received_at, held.received), (fact,), grounds=held.facts)
            officer = fact.fields.get("officer") or fact.fields.get("staff")
            by_officer.setdefault(f"{fact.agency}:{officer}", []).append(raw)
    for officer, raws in by_officer.items():
        yield Found(Situation(view.subject, term=officer), tuple(raws))


@registry.sources("cases_over_the_limit@1")
def cases_over_the_limit(view: View, clock: Clock, value: int) -> Iterable[Found]:
    """The subject is an officer of whom their agency reports more cases than this; said on the Monday after, at nine.

    The agency counts them, for a case here is about one person: an event for each team or officer, naming the officer.
    """
    by_team: dict[str, list[Raw]] = {}
    for fact in _workload(view, view.subject):
        if _cases_each(fact) > value and not fact.history:
            at = times.starts(fact, clock)
            team = f"{fact.agency}:{fact.fields.get('team')}"
            by_team.setdefault(team, []).append(Raw(at, fact.received_at, (fact,), wake=_monday(at)))
    for team, raws in by_team.items():
        yield Found(Situation(view.subject, term=team), tuple(raws))


@registry.closings("cases_within_the_limit@1")
def cases_within_the_limit(
    view: View, situation: Situation, _each: object, clock: Clock, value: int
) -> Iterable[Closer]:
    """The agency reports that the officer has no more cases than this."""
    for fact in _workload(view, situation.subject):
        if _cases_each(fact) <= value and f"{fact.agency}:{fact.fields.get('team')}" == situation.term:
            yield answer(fact, clock)


def _workload(view: View, officer: int) -> list[Fact]:
    said = (fact for fact in view.facts(_CAPACITY) if view.names(fact, officer, "professional"))
    return [fact for fact in said if isinstance(fact.fields.get("cases"), int)]


def _cases_each(fact: Fact) -> float:
    officers = fact.fields.get("officers")
    return float(fact.fields["cases"]) / (officers if isinstance(officers, int) and officers > 0 else 1)


def _monday(at: datetime) -> datetime:
    """The first Monday 09:00 in London from a moment on."""
    day = calendar.london(at).date()
    monday = calendar.at_local(day + timedelta(days=-day.weekday() % 7), calendar.START_OF_WORK)
    return (
        monday
        if monday >= at
        else calendar.at_local(calendar.london(monday).date() + timedelta(days=7), calendar.START_OF_WORK)
    )


@registry.closings("supervisor_named_or_case_moved@1")
def supervisor_named_or_case_moved(
    view: View, situation: Situation, _each: object, clock: Clock, _: object
) -> Iterable[Closer]:
    """The case is allocated anew: to the same officer with a supervisor, or to another."""
    for fact in view.facts(_ALLOCATED):
        moved = f"{fact.agency}:{fact.fields.get('officer')}" != situation.term
        if (moved or fact.fields.get("supervisor")) and view.names(fact, situation.subject, "subject"):
            yield answer(fact, clock)
