"""Licences: when they run, and which conditions are live when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules.situation import Span
from services.rules.view import Types, View
from services.rules.words import times
from services.rules.words.times import LONG_AGO

_PLANNED: Final = Types.of(["probation.licence.planned"])
_ACTIVATED: Final = Types.of(["probation.licence.activated"])
_EXPIRED: Final = Types.of(["probation.licence.expired", "probation.licence.inactivated"])
_SET: Final = Types.of(["probation.licence-conditions.set", "prison.person.released"])
_RELAXED: Final = Types.of(["probation.licence-condition.relaxed"])
_RECALL: Final = Types.of(["probation.recall.decided"])
_RELEASED: Final = Types.of(["prison.person.released"])


@dataclass(slots=True)
class _Licence:
    term: str
    starts: datetime | None = None
    ends: datetime | None = None
    end_fact: Fact | None = None
    facts: list[Fact] = field(default_factory=list)


def conditions(view: View, person: int, codes: frozenset[str]) -> Sequence[Span]:
    """Return when a licence condition of one of these codes was live for a person."""
    return view.memo(("conditions", person, codes), lambda: _conditions(view, person, codes))


def running(view: View, person: int, term: str | None = None) -> Sequence[Span]:
    """Return when a person was on licence: on the one of this name, if it is a licence's, else on any."""
    found = _licences(view, person)
    wanted = [found[term]] if term in found else list(found.values())
    return [
        Span(
            licence.starts,
            licence.ends,
            max((fact.received_at for fact in licence.facts), default=LONG_AGO),
            licence.end_fact.received_at if licence.end_fact else None,
            tuple(licence.facts),
            (licence.end_fact,) if licence.end_fact else (),
        )
        for licence in wanted
        if licence.starts is not None and (licence.ends is None or licence.starts < licence.ends)
    ]


def recalls(view: View, person: int) -> list[datetime]:
    """Return when a recall ended a licence that a person was on."""
    found = [(licence.ends, licence.end_fact) for licence in _licences(view, person).values()]
    return sorted(end for end, by in found if end is not None and by is not None and by.type in _RECALL)


def _conditions(view: View, person: int, codes: frozenset[str]) -> list[Span]:
    found = []
    licences = _licences(view, person)
    for fact in view.facts(_SET):
        if not view.names(fact, person, "subject"):
            continue
        licence = licences.get(str(fact.fields.get("licence")))
        for condition in fact.fields.get("conditions") or ():
            if licence is not None and condition.get("code") in codes:
                span = _condition(view, person, licence, fact, condition)
                if span is not None:
                    found.append(span)
    return sorted(found, key=lambda span: (span.start, span.received))


def _condition(view: View, person: int, licence: _Licence, fact: Fact, condition: dict[str, object]) -> Span | None:
    own_start = times.stated(condition.get("starts"))
    start = own_start.earliest if own_start and own_start.earliest else licence.starts
    start = max(start, times.starts(fact, "occurred")) if start else times.starts(fact, "occurred")
    end, by = licence.ends, licence.end_fact
    own_end = times.stated(condition.get("ends"))
    for moment, cause in ((own_end.latest if own_end else None, fact), *_removals(view, person, licence, condition)):
        if moment is not None and (end is None or moment < end):
            end, by = moment, cause
    if end is not None and end <= start:
        return None
    facts = (fact,)
    received = max(known.received_at for known in (fact, *licence.facts))
    return Span(start, end, received, by.received_at if by else None, facts, (by,) if by else ())


def _removals(
    view: View, person: int, licence: _Licence, condition: dict[str, object]
) -> list[tuple[datetime | None, Fact]]:
    found: list[tuple[datetime | None, Fact]] = []
    for fact in view.facts(_RELAXED):
        if fact.fields.get("licence") != licence.term or not view.names(fact, person, "subject"):
            continue
        for change in fact.fields.get("changes") or ():
            certain = change.get("removed") and not change.get("if_compliant")
            if change.get("code") == condition.get("code") and certain:
                since = times.stated(change.get("since"))
                found.append((since.earliest if since and since.earliest else times.ends(fact, "occurred"), fact))
    return found


def _licences(view: View, person: int) -> dict[str, _Licence]:
    return view.memo(("licences", person), lambda: _read(view, person))


def _read(view: View, person: int) -> dict[str, _Licence]:
    """What was said last of each licence stands; a release sets its start, a recall ends what runs."""
    found: dict[str, _Licence] = {}
    for fact in view.facts(_PLANNED | _SET | _ACTIVATED | _EXPIRED):
        term = fact.fields.get("licence")
        if not isinstance(term, str) or not view.names(fact, person, "subject"):
            continue
        licence = found.setdefault(term, _Licence(term))
        if fact.type in _PLANNED:
            _plan(licence, fact)
        elif fact.type in _EXPIRED and licence.ends is None:
            licence.ends, licence.end_fact = times.ends(fact, "occurred"), fact
    for licence in found.values():
        _begin(view, person, licence)
        _recall(view, person, licence)
    return found


def _plan(licence: _Licence, fact: Fact) -> None:
    starts, ends = times.stated(fact.fields.get("starts")), times.stated(fact.fields.get("ends"))
    if starts is not None and starts.earliest is not None:
        licence.starts = starts.earliest
    if ends is not None and ends.latest is not None:
        licence.ends, licence.end_fact = ends.latest, fact
    licence.facts = [fact]


def _begin(view: View, person: int, licence: _Licence) -> None:
    """On the day a licence begins it begins with the release, not at midnight; and on an earlier day with the release on it.

    Somebody let out before the day that was planned, by mistake or by a new rule, is on licence from then.
    """
    for fact in view.facts(_RELEASED | _ACTIVATED):
        if not view.names(fact, person, "subject"):
            continue
        released = times.starts(fact, "occurred")
        if fact.fields.get("licence") == licence.term and (licence.starts is None or released < licence.starts):
            licence.starts = released
            licence.facts.append(fact)
        elif fact.type in _RELEASED and licence.starts is not None:
            same_day = 0 <= (released - licence.starts).total_seconds() < 86_400  # noqa: PLR2004 - seconds of a day
            licence.starts = released if same_day else licence.starts


def _recall(view: View, person: int, licence: _Licence) -> None:
    for fact in view.facts(_RECALL):
        if fact.fields.get("outcome") != "recall" or not view.names(fact, person, "subject"):
            continue
        of_this = fact.fields.get("licence") in (None, licence.term)
        started = licence.starts is not None and licence.starts <= fact.known_at
        if of_this and started and (licence.ends is None or fact.known_at < licence.ends):
            licence.ends, licence.end_fact = fact.known_at, fact
