"""Somebody in danger is with a trusted professional today (R34)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from services import calendar
from services.chronology.facts import Fact
from services.rules import registry
from services.rules.findings import State, Urgency
from services.rules.predicates.threats import THREATENED
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Judged, Situation
from services.rules.view import Types, View
from services.rules.words import children, reports, times
from services.rules.words.times import Clock

_ATTENDED: Final = Types.of(
    ["health.child.seen", "*.person.attended", "health.ambulance.attended", "health.injury.observed"]
)
_WITH: Final = ("parent", "carer", "subject", "child")

registry.over_findings.add("in_danger_attends@1")


@registry.sources("in_danger_attends@1")
def in_danger_attends(view: View, clock: Clock, value: Mapping[str, Sequence[str]]) -> Iterable[Found]:
    """Somebody named by a corroborated U1 or U2 finding of these rules, or a child of theirs, attends while it stands."""
    danger = [each for each in view.judged if each.rule in value["rules"] and _grave(each)]
    for fact in view.facts(_ATTENDED) if danger else ():
        attender = reports.main_person(view, fact)
        if fact.history or attender is None:
            continue
        at = times.starts(fact, clock)
        there = set(view.people_in(fact, *_WITH))
        for each in danger:
            # An injury is no second alert to the desk that has just recorded it.
            own = each.situation.event is not None and each.situation.event.ref == fact.ref
            since = None if own else _stood(each, at)
            if since is not None and there & _named(view, each, at) and not _rings_for_the_child(view, each, there, at):
                raw = Raw(at, max(fact.received_at, since), (fact,))
                yield Found(Situation(view.subject, fact, attender), (raw,), tag=each.finding.urgency.name)


def _rings_for_the_child(view: View, own: Judged, there: set[int], at: datetime) -> bool:
    """Whether a child who is there has an alert of its own that names him and rings this desk as urgently.

    He may be a danger to its mother and to the child: that is two alerts, but one attendance, and one call to whoever has them.
    """
    return any(
        each.rule in ABOUT_A_CHILD
        and each.situation.subject in there
        and _grave(each)
        and each.finding.urgency <= own.finding.urgency
        and any(start < at and (end is None or at < end) for start, end in each.spans)
        for each in view.named
    )


def _grave(each: Judged) -> bool:
    return each.finding.corroborated and each.finding.urgency <= Urgency.U2


def _stood(each: Judged, at: datetime) -> datetime | None:
    """Since when it had rung by the end of that day, if it still stood when they attended."""
    day_over = _day_over(at)
    for start, end in each.spans:
        if start < day_over and (end is None or at < end):
            return start
    return None


def _named(view: View, each: Judged, at: datetime) -> set[int]:
    """Those in danger: the other of the pair and her children, whoever a threat names, or the child it is about."""
    situation = each.situation
    adults = [situation.other] if situation.other is not None else []
    if situation.event is not None:
        adults += view.people_in(situation.event, *THREATENED)
    own = {child for adult in adults for child in children.children(view, adult, at)}
    return {*adults, *own, *({situation.subject} if each.rule in ABOUT_A_CHILD else set())}


ABOUT_A_CHILD: Final = frozenset({"R25", "R26"})
"""Rules whose subject is the one in danger."""


@registry.closings("the_day_is_over@1")
def the_day_is_over(_view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The day on which they attended ends."""
    yield from _end(situation.event, clock)


def _end(event: Fact | None, clock: Clock) -> Iterator[Closer]:
    if event is not None:
        yield Closer(_day_over(times.starts(event, clock)), times.LONG_AGO, State.LAPSED, final=True, dated=True)


def _day_over(moment: datetime) -> datetime:
    return calendar.at_local(calendar.london(calendar.add_days(moment, 1)).date())
