"""Concerns about a child that were closed without anything following (R39), allegations nobody put together (R45)."""

from collections.abc import Iterable, Mapping
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.predicates.injuries import speaks_of_injury
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import ages, decisions, informants, references, reports, times
from services.rules.words.times import Clock

NOTHING_FOLLOWS: Final = frozenset({"no-further-action", "information-and-advice", "advice", "closed"})
YOUNG: Final = 5
"""Years: a child under five cannot tell anybody."""

_CLOSING: Final = Types.of(["childrens-social-care.contact.closed", "police.report.closed"])
_TAKEN_UP: Final = decisions.REFERRALS | decisions.CSC_OPENING | decisions.STRATEGY
_ALLEGED: Final = Types.of(["*.allegation.reported"])
_PATTERN: Final = Types.of(["*.meeting.held", "*.case-supervision.held"])


@registry.sources("concern_closed_without_more@1")
def concern_closed_without_more(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """A report that names the subject, a child, closed without a referral or an assessment: rings when it was closed."""
    raws = []
    for fact in view.facts(reports.REPORTS):
        if informants.suspected_false(fact.grade) or not view.names(fact, view.subject, "child", "subject"):
            continue
        pointing = references.pointing(view).get(fact.ref, ())
        if any(other.type in _TAKEN_UP and _dropped(view, other) is None for other in pointing):
            continue
        dropped = (_dropped(view, other) for other in pointing)
        closing = (other for other in pointing if other.type in _CLOSING and _nothing(other))
        closed = next((end for end in (*closing, *dropped) if end is not None), None)
        if closed is not None or _nothing(fact):
            end = closed or fact
            raws.append(Raw(times.starts(end, clock), max(fact.received_at, end.received_at), (fact,)))
    if raws:
        yield Found(Situation(view.subject), tuple(raws))


def _dropped(view: View, fact: Fact) -> Fact | None:
    """Return what closed a referral without anything following and without a reason, the decision itself included.

    Nobody has laid anything side by side then: it is one more contact closed, and takes nothing up. With reasons it is a
    decision like any other (domain A3a, "CSC decision").
    """
    if fact.type not in decisions.REFERRALS:
        return None
    ends = [fact, *references.pointing(view).get(fact.ref, ())]
    return next(
        (end for end in ends if end.type in decisions.REFERRALS and _nothing(end) and not decisions.reasons(end)), None
    )


def _nothing(fact: Fact) -> bool:
    return bool({fact.fields.get("outcome"), fact.fields.get("decision")} & NOTHING_FOLLOWS)


@registry.closings("taken_up_for_the_child@1")
def taken_up_for_the_child(
    view: View, situation: Situation, _each: object, clock: Clock, _: object
) -> Iterable[Closer]:
    """A referral, an assessment or a strategy discussion about this child; not a referral closed with nothing done."""
    for fact in view.facts(_TAKEN_UP):
        if view.names(fact, situation.subject) and _dropped(view, fact) is None:
            yield answer(fact, clock)


@registry.tests("young_or_injured@1")
def young_or_injured(standing: Standing, _: object) -> bool:
    """The subject is under five, or one of the reports speaks of an injury."""
    young = ages.under(standing.view, standing.situation.subject, YOUNG, standing.anchor_at) is True
    return young or any(speaks_of_injury(fact) for fact in standing.facts)


@registry.sources("allegation_of_one_class@1")
def allegation_of_one_class(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Allegations against the subject, by their class."""
    by_class: dict[str, list[Raw]] = {}
    for fact in view.facts(_ALLEGED):
        if informants.suspected_false(fact.grade) or not view.names(fact, view.subject, "subject"):
            continue
        for each in fact.fields.get("classes") or ():
            raw = Raw(times.starts(fact, clock), fact.received_at, (fact,))
            by_class.setdefault(str(each), []).append(raw)
    for term, raws in by_class.items():
        yield Found(Situation(view.subject, term=term), tuple(raws))


@registry.closings("pattern_reviewed@1")
def pattern_reviewed(
    view: View, situation: Situation, _each: object, clock: Clock, _: Mapping[str, str] | None
) -> Iterable[Closer]:
    """A meeting or a supervisor went through the subject's allegations together, with reasons."""
    for fact in view.facts(_PATTERN):
        if decisions.reasons(fact) and view.names(fact, situation.subject):
            yield answer(fact, clock)
    # A strategy discussion is about a child: only where it says that it went through him has anybody looked at the pattern.
    for fact in view.facts(decisions.STRATEGY):
        if decisions.reasons(fact) and situation.subject in decisions.considered(view, fact):
            yield answer(fact, clock)
