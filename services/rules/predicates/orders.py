"""Which orders somebody could be made subject to (R04)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.situation import Closer, Holding, Situation
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import decisions, flags, mappa
from services.rules.words.times import Clock

_OUTCOME: Final = Types.of(["court.outcome.recorded"])
TWELVE_MONTHS: Final = 12
"""Months of custody from which a violent offender order can be made (Criminal Justice and Immigration Act 2008, s98-99)."""


@registry.states("order_eligible@1")
def order_eligible(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The subject is high risk, or a perpetrator of domestic abuse, or at MAPPA 2 or 3, and an order could be made.

    A violent offender order needs a sentence of twelve months or more; a domestic abuse protection order needs
    somebody who abused a partner. Without either no decision is owed, and asking for one would ring for every licence.
    """
    subject = situation.subject
    abuser = flags.held(view, subject, at, (flags.DA_PERPETRATOR,), reach=True)
    if abuser is not None and abuser.start <= at:
        return abuser
    sentenced = [fact for fact in view.facts(_OUTCOME) if view.names(fact, subject, "subject") and long_sentence(fact)]
    risky = flags.held(view, subject, at, (flags.ROSH_HIGH,), reach=True) or flags.holding(
        mappa.at_higher_level(view, subject), at, reach=True
    )
    if not sentenced or risky is None:
        return abuser
    first = sentenced[0]
    start, received = max(risky.start, first.known_at), max(risky.received, first.received_at)
    return Holding(max(start, at), received, (*risky.facts, first))


def long_sentence(fact: Fact) -> bool:
    """Say whether an outcome is a conviction to custody of twelve months or more."""
    sentence = fact.fields.get("sentence")
    if fact.fields.get("outcome") != "convicted" or not isinstance(sentence, dict) or sentence.get("kind") != "custody":
        return False
    return sentence.get("over_12_months") is True or (sentence.get("months") or 0) >= TWELVE_MONTHS


@registry.closings("order_decided@1")
def order_decided(view: View, situation: Situation, _each: object, clock: Clock, _value: object) -> Iterable[Closer]:
    """A decision on an order against the subject, with reasons: sought, made, refused or not sought."""
    for fact in decisions.order_decisions(view, situation.subject):
        yield answer(fact, clock)
