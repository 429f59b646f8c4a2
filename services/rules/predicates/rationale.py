"""Decisions that say no reasons (R29)."""

from collections.abc import Iterable, Sequence
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import decisions, reports, roles, times
from services.rules.words.times import Clock

NFA: Final = "no-further-action"
LEVEL: Final = "level"
RECALL: Final = "recall"

_CONSIDERED: Final = Types.of(["*.order.considered"])
_RECALL: Final = Types.of(["probation.recall.decided"])
_LEVEL: Final = Types.of(["mappa.level.set", "mappa.meeting.held"])
_CLOSED: Final = Types.of(
    [
        "childrens-social-care.contact.closed",
        "childrens-social-care.referral.decided",
        "childrens-social-care.assessment.closed",
        "childrens-social-care.s47.ended",
        "adult-social-care.enquiry.decided",
        "police.report.closed",
    ]
)
_AT_ONCE: Final = Types.of(["childrens-social-care.contact.recorded", "*.concern.reported"])
_DECISIONS: Final = _CONSIDERED | _RECALL | _LEVEL | _CLOSED | _AT_ONCE


@registry.sources("decision_without_reasons@1")
def decision_without_reasons(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """A decision on an order, a recall, a level or to take no further action that does not say why.

    To have something under consideration is no decision, and owes no reasons.
    """
    raws: dict[str, list[Raw]] = {}
    for fact in view.facts(_DECISIONS):
        kind = _kind(fact)
        if kind is not None and not decisions.reasons(fact) and reports.main_person(view, fact) == view.subject:
            raws.setdefault(kind, []).append(Raw(times.starts(fact, clock), fact.received_at, (fact,)))
    for kind, found in raws.items():
        yield Found(Situation(view.subject, term=kind), tuple(found))


def _kind(fact: Fact) -> str | None:
    outcome = fact.fields.get("outcome")
    if fact.type in _CONSIDERED:
        return None if outcome == decisions.UNDECIDED else str(fact.fields.get("order"))
    if fact.type in _RECALL:
        return RECALL
    if fact.type in _LEVEL:
        return LEVEL if "level" in fact.fields else None
    return NFA if NFA in (outcome, fact.fields.get("decision")) else None


@registry.closings("reasons_supplied@1")
def reasons_supplied(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """A record of such a decision that says why."""
    for fact in view.facts(_DECISIONS):
        reasoned = decisions.reasons(fact) and _kind(fact) == situation.term
        if reasoned and reports.main_person(view, fact) == situation.subject:
            yield answer(fact, clock)


@registry.agencies("chair at the decision")
def chair_at_the_decision(standing: Standing, _: object) -> Sequence[str]:
    """Who led MAPPA for the subject when each decision was made: whose minutes lack the reasons, whoever leads now."""
    view, subject = standing.view, standing.situation.subject
    found = [roles.holders(view, subject, roles.MAPPA, fact.known_at) for fact in standing.facts]
    return sorted({agency for agencies in found for agency in agencies})
