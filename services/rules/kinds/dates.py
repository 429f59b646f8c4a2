"""`deadline`: a date that events state comes near; steps lie before it, and a date stated anew replaces the old."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from services import calendar
from services.chronology.facts import EventRef, Fact
from services.rules import registry
from services.rules.findings import State
from services.rules.kinds.shape import Candidates, Shape, need
from services.rules.model import Date
from services.rules.patterns import word
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.view import Types, View
from services.rules.words import reports, times
from services.rules.words.times import Length

DATE: Final = "date"
"""Where a situation notes the date it runs to."""


def deadline(shape: Shape) -> Candidates:
    """Rings at the first step before each stated date; what was stated before the newest statement has lapsed."""
    leg = shape.leg
    need(leg.date or leg.date_from, leg, "date")
    need(leg.steps, leg, "steps")
    if leg.date_from is not None:
        name, value = word(leg.date_from)
        function = registry.sources.find(name)
        return lambda view: _stepped(function(view, shape.clock, value), leg.steps)
    date = leg.date
    assert date is not None  # noqa: S101 - `need` has seen to it
    types = reports.types_of(tuple(date.types))
    return lambda view: _stepped(_stated(view, date, types), leg.steps)


def dated(
    situation: Situation,
    statements: Sequence[tuple[datetime, Fact]],
    *,
    live: bool = False,
    spans: frozenset[EventRef] = frozenset(),
) -> list[Found]:
    """Make one strand for each date stated of one thing, in the order it became known; a changed date lapses the old.

    A last day is the moment at which it ends, so a step is reckoned from the moment just before. An answer may have
    been given long before the first step; `since` in the rule says how long. `spans`: events whose date is only a span.
    """
    runs: list[tuple[datetime, list[Fact]]] = []
    for moment, fact in statements:
        if runs and runs[-1][0] == moment:
            runs[-1][1].append(fact)
        else:
            runs.append((moment, [fact]))
    found = []
    replaced: list[tuple[datetime, list[Fact]] | None] = [*runs[1:], None]
    for (moment, said), after in zip(runs, replaced, strict=True):
        facts = [fact for fact in said if not (live and fact.history)]
        if not facts:
            continue
        closers = (_moved(after[1][0]),) if after is not None else ()
        first = min(facts, key=lambda fact: (fact.history, fact.received_at, fact.ref))
        others = tuple(fact for fact in facts if fact is not first)
        possible = all(fact.ref in spans for fact in facts)
        raw = Raw(moment, min(fact.received_at for fact in facts), (first, *others), possible)
        noted = replace(situation, note={**situation.note, DATE: moment})
        found.append(Found(noted, (raw,), closers=closers))
    return found


def _moved(statement: Fact) -> Closer:
    return Closer(statement.known_at, statement.received_at, State.LAPSED, (statement,))


def _stated(view: View, date: Date, types: Types) -> Iterable[Found]:
    by_term: dict[str, list[tuple[datetime, Fact]]] = {}
    for fact in view.facts(types):
        span, term = times.stated(fact.fields.get(date.field)), fact.fields.get(date.term)
        if span is None or span.latest is None or not isinstance(term, str):
            continue
        if view.names(fact, view.subject, "subject"):
            by_term.setdefault(term, []).append((_first_end(span.earliest, span.latest), fact))
    for term, statements in by_term.items():
        spans = {fact.ref for end, fact in statements if _is_span(fact, date, end)}
        yield from dated(Situation(view.subject, term=term), statements, live=date.live, spans=frozenset(spans))


def _first_end(earliest: datetime | None, latest: datetime) -> datetime:
    """Of a date known only as a month or a span, the end of its first day: it may be then."""
    if earliest is None:
        return latest
    return min(latest, calendar.add_days(earliest, 1))


def _is_span(fact: Fact, date: Date, end: datetime) -> bool:
    span = times.stated(fact.fields.get(date.field))
    return span is not None and span.latest is not None and end < span.latest


def _stepped(found: Iterable[Found], lengths: list[Length]) -> Iterable[Found]:
    """Turn the date each candidate runs to into its steps; it wakes at the first of them."""
    for each in found:
        for raw in each.raws:
            steps = tuple((str(length), _step(length, raw.start)) for length in lengths)
            wake = min(moment for _, moment in steps)
            stepped = Raw(times.LONG_AGO, raw.received, raw.facts, raw.possible, wake)
            yield Found(each.situation, (stepped,), each.tag, steps, each.closers)


def _step(length: Length, end: datetime) -> datetime:
    # A date is held as the moment its day ends: the day itself is the one just before that moment.
    local_end = end - times.INSTANT
    return length.step_before(local_end)
