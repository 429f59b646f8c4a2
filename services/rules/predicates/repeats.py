"""Reports about one subject, each voice and occasion counted once (R37)."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.findings import State
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import View
from services.rules.words import informants, reports, times
from services.rules.words.informants import Informant
from services.rules.words.times import Clock, Length

SAME_OCCASION: Final = Length(24, "hour")
"""The same informant within this time tells of the same thing again (domain A3b, R37)."""
SUPERVISED_SECTORS: Final = frozenset({"police", "childrens-social-care", "adult-social-care"})
"""Whose reports somebody above the one who took them looks at."""


@registry.sources("reports_counted_once@1")
def reports_counted_once(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Reports about the subject: one informant within a day, or a report that rests on another, counts once."""
    found = counted(view, clock)
    if found:
        raws = tuple(Raw(times.starts(fact, clock), fact.received_at, (fact,)) for fact in found)
        yield Found(Situation(view.subject), raws)


def counted(view: View, clock: Clock) -> Sequence[Fact]:
    """Return the reports about a view's subject that count, earliest first."""
    return view.memo(("reports counted", clock), lambda: _counted(view, clock))


def _counted(view: View, clock: Clock) -> list[Fact]:
    found: list[Fact] = []
    last: dict[Informant, Fact] = {}
    own = [
        fact
        for fact in view.facts(reports.REPORTS)
        if reports.is_report(view, fact)
        and not informants.suspected_false(fact.grade)
        and view.names(fact, view.subject, "subject")
    ]
    refs = {fact.ref for fact in own}
    for fact in sorted(own, key=lambda fact: (times.starts(fact, clock), fact.ref)):
        voice = informants.informant(view, fact)
        before = last.get(voice)
        again = before is not None and times.starts(fact, clock) <= SAME_OCCASION.after(times.starts(before, clock))
        last[voice] = fact
        if not again and not fact.cites & refs:
            found.append(fact)
    return found


@registry.closings("fewer_than_two_left@1")
def fewer_than_two_left(view: View, _situation: Situation, _each: object, clock: Clock, value: str) -> Iterable[Closer]:
    """So long after the last report but one, if none came since, fewer than two are left in the window."""
    found = counted(view, clock)
    window = Length.parse(value)
    for (before, _), after in zip(pairwise(found), [*found[2:], None], strict=True):
        end = window.after(times.starts(before, clock))
        if after is None or times.starts(after, clock) > end:
            yield Closer(end, times.LONG_AGO, State.LAPSED, dated=True)


@registry.agencies("agency of the latest report counted")
def agency_of_the_latest(standing: Standing, _: object) -> Sequence[str]:
    """The police, children's or adult social care that recorded the latest one counted."""
    own = [fact for fact in standing.facts if standing.view.directory.sector(fact.agency) in SUPERVISED_SECTORS]
    return [own[-1].agency] if own else []
