"""MAPPA: who is eligible, who was referred, and whether the level fits the risk (R19, R20)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.kinds.dates import DATE, dated
from services.rules.predicates.orders import long_sentence
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Holding, Situation
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import decisions, flags, licences, mappa, releases, times
from services.rules.words.times import Clock

CONTACT_CONDITIONS: Final = frozenset({"no-contact-children", "no-unsupervised-contact", "contact-approved-only"})
"""Licence conditions that say that children are at risk from him."""

_OUTCOME: Final = Types.of(["court.outcome.recorded"])
_REFERRED: Final = Types.of(["probation.mappa-referral.made"])
_LEVELS: Final = Types.of(["mappa.level.set", "mappa.meeting.held"])
NO_LEVEL: Final = "no-level"


@registry.states("mappa_eligible@1")
def mappa_eligible(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """Convicted of an offence with custody of twelve months or more, or registered or convicted as a risk to children.

    Category 2 needs a violent or sexual offence with such a sentence, category 3 a conviction and a risk of serious harm.
    """
    sentences = [fact for fact in _convictions(view, situation.subject) if long_sentence(fact)]
    if sentences:
        return Holding(max(at, sentences[0].known_at), sentences[0].received_at, (sentences[0],))
    risky = flags.held(view, situation.subject, at, (flags.ROSH_HIGH, flags.SCHEDULE_1), reach=True)
    convicted = _convictions(view, situation.subject)
    if risky is None or not convicted:
        return None
    start = max(at, risky.start, convicted[0].known_at)
    return Holding(start, max(risky.received, convicted[0].received_at), (*risky.facts, convicted[0]))


def _convictions(view: View, person: int) -> list[Fact]:
    return [
        fact
        for fact in view.facts(_OUTCOME)
        if fact.fields.get("outcome") == "convicted" and view.names(fact, person, "subject")
    ]


@registry.closings("referred_to_mappa@1")
def referred_to_mappa(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """He is referred for this release, or without saying for which."""
    for fact in view.facts(_REFERRED):
        this = fact.fields.get("release") in (None, situation.term)
        if this and view.names(fact, situation.subject, "subject"):
            yield answer(fact, clock)


@registry.sources("level_too_low@1")
def level_too_low(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """The latest level decision says level 1 or none of somebody convicted whose risk asks for more."""
    settings = [fact for fact in view.facts(_LEVELS) if _decides(view, fact)]
    for fact in settings:
        at = times.starts(fact, clock)
        risk = _risk(view, at) if (fact.fields.get("level") or 0) < mappa.HIGHER else None
        if risk is not None:
            raw = Raw(at, max(fact.received_at, risk.received), (fact,), grounds=risk.facts)
            yield Found(Situation(view.subject, term=f"{fact.agency}:level"), (raw,))


@registry.sources("no_level_before_release@1")
def no_level_before_release(view: View, _clock: Clock, _: object) -> Iterable[Found]:
    """A release comes near, and no level of 2 or 3 is set for somebody convicted whose risk asks for one."""
    for statements in releases.planned(view, view.subject).values():
        for found in dated(Situation(view.subject, term=NO_LEVEL), statements, live=True):
            moment = found.situation.note[DATE]
            if isinstance(moment, datetime) and _risk(view, moment) is not None:
                yield found


def _decides(view: View, fact: Fact) -> bool:
    return "level" in fact.fields and view.names(fact, view.subject, "subject")


def _risk(view: View, at: datetime) -> Holding | None:
    """High risk, abuse of a partner or a condition on contact with children; of the convicted only."""
    convicted = [fact for fact in (*_convictions(view, view.subject), *_categorised(view)) if fact.known_at <= at]
    if not convicted:
        return None
    held = flags.held(view, view.subject, at, (flags.ROSH_HIGH, flags.DA_PERPETRATOR))
    held = held or flags.holding(licences.conditions(view, view.subject, CONTACT_CONDITIONS), at)
    if held is None:
        return None
    return Holding(at, max(held.received, convicted[0].received_at), (*held.facts, convicted[0]))


def _categorised(view: View) -> list[Fact]:
    """Facts that put the subject in a MAPPA category: only offenders have one (Criminal Justice Act 2003, s.325 and s.327).

    The court that convicted may be on no feed, or have done so before the bus began: without this the rule would be silent
    on everybody whose sentence nobody sent.
    """
    return [
        fact
        for fact in view.facts(_LEVELS)
        if fact.fields.get("category") and view.names(fact, view.subject, "subject")
    ]


@registry.closings("level_decided@1")
def level_decided(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """A decision on the level, with reasons; of no level at all, any that sets 2 or 3, or that the other leg takes up."""
    yield from _decided(view, situation, clock)


def _decided(view: View, situation: Situation, clock: Clock) -> Iterator[Closer]:
    for fact in view.facts(_LEVELS | _REFERRED):
        if not view.names(fact, situation.subject, "subject") or "level" not in fact.fields:
            continue
        higher = (fact.fields.get("level") or 0) >= mappa.HIGHER and fact.type not in _REFERRED
        set_before = fact.type in _REFERRED and fact.fields.get("set_by") is not None
        # A level too low without reasons rings by itself: two alerts would ask the same of the same people.
        taken_up = fact.type not in _REFERRED and _risk(view, times.starts(fact, clock)) is not None
        if decisions.reasons(fact) or (situation.term == NO_LEVEL and (higher or set_before or taken_up)):
            yield answer(fact, clock)
