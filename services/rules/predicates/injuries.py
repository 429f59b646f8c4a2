"""Injuries to children near somebody who is a risk to others, or that no doctor has seen (R25)."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.view import Claim, Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import decisions, flags, informants, relations, reports, times
from services.rules.words.times import Clock, Length

INJURY: Final = "injury"
NEAR: Final = Length(30, "day")
"""How long before or after an injury somebody's presence still counts (domain A3b, R25)."""
AROUND: Final = frozenset({"parent", "carer", "lives-with", "contact", "cohabitant", "visitor", "kin"})

_INJURED: Final = Types.of(["health.injury.observed", "education.injury.seen"])
_SEEN_BY_HEALTH: Final = Types.of(
    ["health.injury.observed", "health.child.seen", "health.person.attended", "health.ambulance.attended"]
)
_EXAMINED: Final = Types.of(["health.injury.observed"])


def injuries(view: View) -> Iterator[Fact]:
    """Yield the live records of an injury to the subject, a child."""
    for fact in view.facts(_INJURED | reports.REPORTS):
        injury = fact.type in _INJURED or INJURY in (fact.fields.get("classes") or ())
        if injury and not fact.history and not informants.suspected_false(fact.grade):
            own = ("subject", "child") if fact.type in _INJURED else ("child", "harmed")
            if view.names(fact, view.subject, *own):
                yield fact


@registry.sources("injury_near_risk@1")
def injury_near_risk(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An injury, while somebody flagged lives with the child or had contact with it, within thirty days either way."""
    for fact in injuries(view):
        at = times.starts(fact, clock)
        for claim in _around(view):
            known = times.starts(claim.fact, "occurred")
            ended = [end.known_at for end in relations.agency_ends(view, view.subject, claim.other)]
            close = known <= NEAR.after(at) and not any(NEAR.after(end) < at for end in ended)
            held = flags.held(view, claim.other, at, reach=True) if close else None
            if held is not None:
                received = max(fact.received_at, claim.fact.received_at, held.received)
                raw = Raw(at, received, (fact,), grounds=(claim.fact, *held.facts))
                yield Found(Situation(view.subject, fact), (raw,), tag="near")


def _around(view: View) -> Iterator[Claim]:
    """Claims that put somebody with the child itself.

    A partner of its carer of whom nobody says that he is with the child is two hops away: a case does not hold his
    flags, and R01 is what tells of him.
    """
    for claim in view.claims(view.subject):
        if claim.relation.status in relations.CLAIMING and claim.relation.kind in AROUND:
            yield claim


@registry.sources("injury_not_presented@1")
def injury_not_presented(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An injury that somebody other than health saw or was told of: it has a day to be shown to a doctor."""
    for fact in injuries(view):
        if fact.type not in _SEEN_BY_HEALTH:
            raw = Raw(times.starts(fact, clock), fact.received_at, (fact,))
            yield Found(Situation(view.subject, fact), (raw,), tag="not-presented")


@registry.closings("seen_by_health@1")
def seen_by_health(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """A health provider has seen the child since."""
    for fact in view.facts(_SEEN_BY_HEALTH):
        if view.names(fact, situation.subject, "subject", "child"):
            yield answer(fact, clock)


@registry.closings("injury_decided@1")
def injury_decided(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """Social care decides on the child with reasons, or a paediatrician has examined it and says why that is enough."""
    for fact in decisions.csc_decisions(view):
        if view.names(fact, situation.subject):
            yield answer(fact, clock)
    for fact in view.facts(_EXAMINED):
        if fact.fields.get("assessed") is True and decisions.reasons(fact) and view.names(fact, situation.subject):
            yield answer(fact, clock)
