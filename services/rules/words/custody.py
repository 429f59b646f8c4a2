"""In custody, at large, dead: states of a person that end alerts or start them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules.situation import Span
from services.rules.view import Types, View
from services.rules.words import times

_IN: Final = Types.of(["prison.person.received", "police.arrest.made", "*.recall.executed"])
_OUT: Final = Types.of(["prison.person.released", "police.custody.ended"])
_COURT: Final = Types.of(["court.outcome.recorded"])
_DEATH: Final = Types.of(["*.death.recorded"])
_STAYS: Final = frozenset({"remanded", "transferred"})
"""Outcomes of police custody that lead to prison, not to freedom."""


def spans(view: View, person: int) -> Sequence[Span]:
    """Return when a person was in custody: arrested, remanded, sentenced to custody or recalled."""
    return view.memo(("custody", person), lambda: _spans(view, person))


def in_custody(view: View, person: int, at: datetime) -> bool:
    """Say whether a person was in custody at a moment."""
    return any(span.holds(at) for span in spans(view, person))


def sentence_began(view: View, person: int, at: datetime) -> datetime | None:
    """Return the start of the present sentence: of the first custody since the latest conviction to custody.

    A recall goes on with the sentence that was interrupted by a release on licence.
    """
    sentences = [
        times.starts(fact, "occurred")
        for fact in view.facts(_COURT)
        if view.names(fact, person, "subject") and _custodial(fact) and times.starts(fact, "occurred") <= at
    ]
    receptions = [span.start for span in spans(view, person) if span.start <= at]
    return max(sentences, default=max(receptions, default=None))


def deaths(view: View, person: int) -> list[Fact]:
    """Return the records of a person's death."""
    return [fact for fact in view.facts(_DEATH) if view.names(fact, person, "deceased")]


def _custodial(fact: Fact) -> bool:
    sentence = fact.fields.get("sentence")
    return (
        fact.fields.get("outcome") == "convicted" and isinstance(sentence, dict) and sentence.get("kind") == "custody"
    )


def _begins(fact: Fact) -> bool:
    if fact.type in _IN:
        return True
    return fact.type in _COURT and (fact.fields.get("outcome") == "remanded" or _custodial(fact))


def _ends(fact: Fact) -> bool:
    return fact.type in _OUT and fact.fields.get("outcome") not in _STAYS


def _spans(view: View, person: int) -> list[Span]:
    moves = sorted(
        (times.starts(fact, "occurred"), fact.ref, fact)
        for fact in view.facts(_IN | _OUT | _COURT)
        if view.names(fact, person, "subject") and (_begins(fact) or _ends(fact))
    )
    found: list[Span] = []
    start: Fact | None = None
    for at, _, fact in moves:
        if _ends(fact):
            if start is not None:
                found.append(_span(start, at, fact))
            start = None
        elif start is None:
            start = fact
    if start is not None:
        found.append(_span(start, None, None))
    return found


def _span(start: Fact, end: datetime | None, ended_by: Fact | None) -> Span:
    return Span(
        start=times.starts(start, "occurred"),
        end=end,
        received=start.received_at,
        ended_received=ended_by.received_at if ended_by else None,
        facts=(start,),
        ended_by=(ended_by,) if ended_by else (),
    )
