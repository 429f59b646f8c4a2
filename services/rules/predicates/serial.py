"""People who harm one partner after another without ever being registered (R36)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Holding, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import decisions, flags, times
from services.rules.words.times import Clock, Length

_INCIDENTS: Final = Types.of(["police.domestic-abuse-incident.recorded"])
_OUTCOMES: Final = Types.of(["court.outcome.recorded"])
_CONSIDERED: Final = Types.of(["*.risk-flag.considered"])


@registry.sources("domestic_abuse_by@1")
def domestic_abuse_by(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Domestic abuse incidents and outcomes with the subject, in any area, whatever came of them but an acquittal."""
    raws = []
    for fact in view.facts(_INCIDENTS | _OUTCOMES):
        outcome = fact.type not in _OUTCOMES or (
            fact.fields.get("domestic_abuse") is True and fact.fields.get("outcome") != "acquitted"
        )
        if outcome and view.names(fact, view.subject, "subject"):
            raws.append(Raw(times.starts(fact, clock), fact.received_at, (fact,)))
    if raws:
        yield Found(Situation(view.subject), tuple(raws))


@registry.states("never_registered@1")
def never_registered(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """No registration as a perpetrator of domestic abuse stands at the anchor. A conviction alone is none."""
    registered = flags.registered(view, situation.subject, flags.DA_PERPETRATOR)
    return None if any(span.holds(at) for span in registered) else Holding(at, times.LONG_AGO)


@registry.closings("registered_or_decided@1")
def registered_or_decided(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """He is registered, or it is decided, with reasons, that he is not."""
    for span in flags.registered(view, situation.subject, flags.DA_PERPETRATOR):
        yield answer(span.facts[0], clock)
    for fact in view.facts(_CONSIDERED):
        about = fact.fields.get("flag") == flags.DA_PERPETRATOR and view.names(fact, situation.subject, "subject")
        if about and decisions.reasons(fact):
            yield answer(fact, clock)


@registry.tests("one_is_recent@1")
def one_is_recent(standing: Standing, value: str) -> bool:
    """The newest of the evidence is younger than this."""
    newest = max((times.starts(fact, "occurred") for fact in standing.facts), default=times.LONG_AGO)
    until = Length.parse(value).after(newest)
    standing.again.append(until)
    return standing.at < until
