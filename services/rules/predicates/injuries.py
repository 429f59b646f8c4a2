"""Injuries to children near somebody who is a risk to others, or that no doctor has seen (R25)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from services.chronology.around import CARING, NEVER_THROUGH
from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation, once
from services.rules.view import Claim, Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import decisions, flags, informants, relations, reports, times
from services.rules.words.times import Clock, Length

INJURY: Final = "injury"
_SPOKEN_OF: Final = frozenset({INJURY, "unexplained-injury"})
"""Classes of a report that speak of an injury."""
NEAR: Final = Length(30, "day")
"""How long before or after an injury somebody's presence still counts (domain A3b, R25)."""
AROUND: Final = frozenset({"parent", "carer", "lives-with", "contact", "cohabitant", "visitor", "kin"})

_INJURED: Final = Types.of(["health.injury.observed", "education.injury.seen"])
_SEEN_BY_HEALTH: Final = Types.of(
    ["health.injury.observed", "health.child.seen", "health.person.attended", "health.ambulance.attended"]
)
_EXAMINED: Final = Types.of(["health.injury.observed"])
_PLACED: Final = Types.of(["childrens-social-care.placement.changed"])
AWAY: Final = frozenset({"into-care", "moved", "adopted", "special-guardianship"})
"""Placements in which a child does not live with its parents. One that has left care may."""
SAME_INJURY: Final = Length(24, "hour")
"""How long after it has observed an injury what a health agency tells of one is taken to be of that one."""


def speaks_of_injury(fact: Fact) -> bool:
    """Say whether a record is of an injury, by its type or by what it says."""
    return fact.type in _INJURED or not _SPOKEN_OF.isdisjoint(fact.fields.get("classes") or ())


def injuries(view: View) -> Iterator[Fact]:
    """Yield the live records of an injury to the subject, a child."""
    for fact in view.facts(_INJURED | reports.REPORTS):
        if speaks_of_injury(fact) and not fact.history and not informants.suspected_false(fact.grade):
            own = ("subject", "child") if fact.type in _INJURED else ("child", "harmed")
            if view.names(fact, view.subject, *own):
                yield fact


@registry.sources("injury_near_risk@1")
def injury_near_risk(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An injury, while somebody flagged lives with the child or had contact with it, within thirty days either way."""
    for fact in injuries(view):
        at = times.starts(fact, clock)
        for other, claims in (*_around(view, at), *((person, ()) for person in _named_with(view, fact))):
            held = flags.held(view, other, at, reach=True)
            said = tuple(claim.fact for claim in claims)
            if held is not None and not _assessed_knowing(fact, (*said, *held.facts)):
                received = max(fact.received_at, held.received, *(one.received_at for one in said))
                raw = Raw(at, received, (fact,), grounds=once((*said, *held.facts), besides=(fact,)))
                yield Found(Situation(view.subject, fact), (raw,), tag="near")


def _assessed_knowing(fact: Fact, known: Iterable[Fact]) -> bool:
    """Whether the record of the injury is its own answer: a paediatrician's assessment with reasons, later than all of these.

    What is learned afterwards, that he lives there or is flagged, nobody has weighed (domain A3a, Evidence).
    """
    return _assessed(fact) and all(each.known_at <= fact.recorded_at for each in known)


def _around(view: View, at: datetime) -> Iterator[tuple[int, tuple[Claim, ...]]]:
    """Who is with the child by a claim of its own, or is the partner of whoever looks after it."""
    for claim in view.claims(view.subject):
        if claim.relation.status not in relations.CLAIMING or claim.relation.kind not in AROUND:
            continue
        if _close(view, view.subject, claim, at) and not (claim.relation.kind == "parent" and _away(view, at)):
            yield claim.other, (claim,)
        if claim.relation.kind in CARING:
            for further in relations.partner_evidence(view, claim.other):
                if further.other != view.subject and _close(view, claim.other, further, at):
                    yield further.other, (claim, further)


def _close(view: View, person: int, claim: Claim, at: datetime) -> bool:
    known = times.starts(claim.fact, "occurred")
    ended = [end.known_at for end in relations.agency_ends(view, person, claim.other)]
    return known <= NEAR.after(at) and not any(NEAR.after(end) < at for end in ended)


def _away(view: View, at: datetime) -> bool:
    """Whether the child lived away from its parents, in care or adopted, as its newest placement says, longer than counts.

    That somebody is the parent of a child who was taken from them puts them near it no more: a visit or a contact does, or
    whatever else is claimed of the two.
    """
    placed = [
        fact
        for fact in view.facts(_PLACED)
        if fact.known_at <= at and view.names(fact, view.subject, "child", "subject")
    ]
    newest = max(placed, key=lambda fact: fact.order, default=None)
    if newest is None or newest.fields.get("placement") not in AWAY:
        return False
    return NEAR.after(times.ends(newest, "occurred")) < at


def _named_with(view: View, fact: Fact) -> list[int]:
    """Who was there, as the record of the injury itself says; whoever reports it or works there is not meant."""
    if fact.type not in _INJURED:
        return []
    there = [mention for mention in fact.mentions if mention.role not in NEVER_THROUGH]
    return list(
        dict.fromkeys(view.person(mention.record) for mention in there if view.person(mention.record) != view.subject)
    )


@registry.sources("injury_not_presented@1")
def injury_not_presented(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An injury that somebody other than health saw or was told of: it has a day to be shown to a doctor."""
    for fact in injuries(view):
        seen = _told_by_who_saw_it(view, fact) or _examined_the_day_before(view, fact)
        if fact.type not in _SEEN_BY_HEALTH and not seen:
            raw = Raw(times.starts(fact, clock), fact.received_at, (fact,))
            yield Found(Situation(view.subject, fact), (raw,), tag="not-presented")


def _told_by_who_saw_it(view: View, fact: Fact) -> bool:
    """Whether a health agency tells of what it observed itself the day before: a hospital that refers what it has seen.

    By its own record, or by that of the agency it told; of an injury that any other tells of nobody knows that it is the same.
    """
    tellers = {fact.agency, informants.informant(view, fact)[1]}
    told = times.starts(fact, "known")
    return any(
        seen.agency in tellers and seen.known_at <= told <= SAME_INJURY.after(seen.known_at)
        for seen in view.facts(_EXAMINED)
        if view.names(seen, view.subject, "subject", "child")
    )


def _examined_the_day_before(view: View, fact: Fact) -> bool:
    """Whether a paediatrician had examined an injury of the child the day before, and what was said of it fits.

    A nursery notes the bruise that the hospital has seen: by the day on which it notes it, it would come after.
    """
    at = times.starts(fact, "occurred")
    return any(
        _cleared(seen) and times.starts(seen, "occurred") <= at <= SAME_INJURY.after(times.starts(seen, "occurred"))
        for seen in view.facts(_EXAMINED)
        if view.names(seen, view.subject, "subject", "child")
    )


PATTERNED: Final = frozenset({"bite", "burn", "scald", "grip-marks", "loop-marks", "slap-marks", "patterned"})
INCONSISTENT: Final = "inconsistent"
UNEXPLAINED: Final = frozenset({"none", INCONSISTENT})


@registry.sources("injury_that_asks@1")
def injury_that_asks(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An injury that is unexplained, patterned, or on a child who cannot move (R44)."""
    for fact in injuries(view):
        asks = (
            fact.fields.get("explanation") in UNEXPLAINED
            or fact.fields.get("injury") in PATTERNED
            or fact.fields.get("mobility") == "non-mobile"
            or "unexplained-injury" in (fact.fields.get("classes") or ())
        )
        if asks and fact.fields.get("assessed") is not True:
            yield Found(Situation(view.subject, fact), (Raw(times.starts(fact, clock), fact.received_at, (fact,)),))


@registry.closings("examined_or_discussed@1")
def examined_or_discussed(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """A paediatrician has examined the child, or a strategy discussion about it was held."""
    for fact in view.facts(_EXAMINED | decisions.STRATEGY):
        if view.names(fact, situation.subject) and (
            fact.type in decisions.STRATEGY or fact.fields.get("assessed") is True
        ):
            yield answer(fact, clock)


@registry.closings("seen_by_health@1")
def seen_by_health(view: View, situation: Situation, _each: object, clock: Clock, value: str) -> Iterable[Closer]:
    """A health provider has seen the child within this time of the injury."""
    event = situation.event
    if event is None:
        return
    until = Length.parse(value).after(times.starts(event, clock))
    for fact in view.facts(_SEEN_BY_HEALTH):
        if view.names(fact, situation.subject, "subject", "child") and times.starts(fact, clock) <= until:
            yield answer(fact, clock)


@registry.closings("injury_decided@1")
def injury_decided(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """Social care decides on the child with reasons, or a paediatrician has examined it and says why that is enough.

    What does not fit the injury is not enough, whoever has examined it.
    """
    for fact in decisions.csc_decisions(view):
        if view.names(fact, situation.subject):
            yield answer(fact, clock)
    for fact in view.facts(_EXAMINED):
        if _cleared(fact) and view.names(fact, situation.subject):
            yield answer(fact, clock)


def _assessed(fact: Fact) -> bool:
    """A paediatrician's assessment, with reasons."""
    return fact.type in _EXAMINED and fact.fields.get("assessed") is True and decisions.reasons(fact)


def _cleared(fact: Fact) -> bool:
    """Such an assessment, of an injury that fits what is said of it."""
    return _assessed(fact) and fact.fields.get("explanation") != INCONSISTENT
