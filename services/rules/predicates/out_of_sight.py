"""A child who drops out of sight (R42), and signs of neglect that add up (R43)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Holding, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.words import informants, reports, times
from services.rules.words.times import Clock, Length

ABSENT_SESSIONS: Final = 6
"""Half days: three days (R42)."""
CONCERN_STAYS: Final = Length(12, "month")
REFUSED: Final = frozenset({"refused", "access-denied"})
UNEXPLAINED: Final = frozenset({"none", "inconsistent"})
HUNGER: Final = "hunger"
_SPOKEN_OF: Final = {
    HUNGER: ("hunger", "hungry", "no-food", "takes-food", "begs-for-food", "food-seeking"),
    "weight": ("weight-loss", "losing-weight", "underweight", "faltering-growth", "failure-to-thrive"),
    "clothing": ("clothing", "poor-clothing", "dirty-clothing", "unkempt"),
    "injury": ("unexplained-injury",),
}
SIGNS_IN_CLASSES: Final = {each: sign for sign, classes in _SPOKEN_OF.items() for each in classes}
"""Classes of a concern -> the sign of neglect they are. An injury that is only called one may have been explained."""

_ABSENT: Final = Types.of(["education.attendance.recorded"])
_LEFT: Final = Types.of(["education.enrolment.ended"])
_HOME_EDUCATED: Final = Types.of(["education.elective-home-education.notified"])
_NOT_BROUGHT: Final = Types.of(["health.child.not-brought", "health.appointment.missed"])
_MOVED: Final = Types.of(["*.residence.changed"])
_VISITS: Final = Types.of(["*.home-visit.made"])
_FOOD: Final = Types.of(["education.food-concern.recorded"])
_INJURED: Final = Types.of(["education.injury.seen", "health.injury.observed"])


@registry.sources("dropping_out_of_sight@1")
def dropping_out_of_sight(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Signs that nobody outside the home sees the subject, a child, any more."""
    signs = [
        *_signs(view, clock, _ABSENT, "absent", _absent),
        *_signs(view, clock, _LEFT, "left the roll", lambda fact: fact.fields.get("destination") == "not-known"),
        *_signs(view, clock, _HOME_EDUCATED, "home education", lambda fact: fact.fields.get("child_seen") is not True),
        *_signs(view, clock, _NOT_BROUGHT, "not brought"),
        *_signs(view, clock, _MOVED, "moved", _nobody_knows_where),
        *_signs(view, clock, _VISITS, "refused", lambda fact: fact.fields.get("not_seen_because") in REFUSED),
    ]
    if signs:
        yield Found(Situation(view.subject), tuple(signs))


@registry.sources("sign_of_neglect@1")
def sign_of_neglect(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Hunger, loss of weight, poor clothing, unexplained injury, absence, not brought: signs about the subject, a child."""
    signs = [
        *_signs(view, clock, _ABSENT, "absent", _absent),
        *_signs(view, clock, _NOT_BROUGHT, "not brought"),
        *_signs(view, clock, _INJURED, "injury", lambda fact: fact.fields.get("explanation") in UNEXPLAINED),
    ]
    for fact in _about(view, reports.REPORTS):
        spoken_of = {SIGNS_IN_CLASSES[one] for one in _classes(fact) if one in SIGNS_IN_CLASSES}
        if fact.type in _FOOD:  # whatever its classes
            spoken_of.add(HUNGER)
        signs += [_raw(fact, clock, sign) for sign in sorted(spoken_of)]
    if signs:
        yield Found(Situation(view.subject), tuple(signs))


def _signs(
    view: View, clock: Clock, types: Types, sign: str, holds: Callable[[Fact], bool] = lambda _: True
) -> Iterator[Raw]:
    for fact in _about(view, types):
        if holds(fact):
            yield _raw(fact, clock, sign)


def _about(view: View, types: Types) -> Iterator[Fact]:
    for fact in view.facts(types):
        if view.names(fact, view.subject, "child", "subject") and not informants.suspected_false(fact.grade):
            yield fact


def _raw(fact: Fact, clock: Clock, sign: str) -> Raw:
    start, end = times.clock_of(fact, clock)
    return Raw(start, fact.received_at, (fact,), possible=start != end, sign=sign)


def _absent(fact: Fact) -> bool:
    missed = fact.fields.get("sessions_missed")
    return isinstance(missed, int) and missed >= ABSENT_SESSIONS


def _nobody_knows_where(fact: Fact) -> bool:
    return fact.fields.get("left") is True and not fact.fields.get("address")


def _classes(fact: Fact) -> Sequence[str]:
    found = fact.fields.get("classes")
    return [str(one) for one in found] if isinstance(found, list | tuple) else []


@registry.states("a_concern_in_the_last_year@1")
def a_concern_in_the_last_year(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """Somebody reported a concern about the subject less than twelve months before; the first to arrive is the one."""
    recent = [
        fact
        for fact in view.facts(reports.REPORTS)
        if fact.known_at <= at < CONCERN_STAYS.after(fact.known_at)
        and view.names(fact, situation.subject, "child", "subject")
        and not informants.suspected_false(fact.grade)
    ]
    if not recent:
        return None
    first = min(recent, key=lambda fact: (fact.received_at, fact.ref))
    return Holding(at, first.received_at, (first,))


@registry.agencies("agencies of the evidence")
def agencies_of_the_evidence(standing: Standing, value: Sequence[str]) -> Sequence[str]:
    """The agencies of these sectors whose records it rests on."""
    return sorted({fact.agency for fact in standing.facts if fact.type.partition(".")[0] in value})
